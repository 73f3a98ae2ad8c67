"""Whoever wrote a run folder: each reader answers in time, with what is there or with exit code 3 that names the file."""

import contextlib
import dataclasses
import io
import shutil
import signal
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

import fairgate
from fairgate.cli import main as cli
from fairgate.errors import InputError
from fairgate.gate.presets import binary_fairness
from tests import odd_files
from tests.fairgate.finished_run import RUN, write_run
from tests.fairgate.report.conftest import make_binary_content

pytestmark = pytest.mark.slow

SECONDS = 120  # on a busy machine; an answer takes one to three
GROUPS: dict[str, tuple[str, ...]] = {"gender": ("male", "female"), "religion": ("christian", "jewish")}


def _read(root: Path) -> None:
    found = fairgate.load(root)
    assert isinstance(found.run, str)
    _ = (found.verdict, found.metrics, found.rules, found.evaluation, found._repr_html_())


def _draw(root: Path) -> None:
    charts = fairgate.load(root).charts
    charts.draw(charts.names()[0]).svg()


def _compare(root: Path) -> None:
    fairgate.compare(fairgate.load(root), fairgate.load(root, RUN))


def _command(*arguments: str) -> Callable[[Path], object]:
    """A command whose message is raised; it ends with 0 or 3."""

    def run(root: Path) -> None:
        told = io.StringIO()
        with contextlib.redirect_stderr(told):
            code = cli.main([*arguments, str(root)])
        assert code in (0, 3), told.getvalue()
        if code == 3:
            raise InputError(told.getvalue())

    return run


READERS: Mapping[str, Callable[[Path], object]] = {
    "verify": _command("verify"),
    "check": _command("check"),
    "report": _command("report"),
    "report --history": _command("report", "--history"),
    "load": _read,
    "runs": lambda root: fairgate.runs(root),
    "compare": _compare,
    "charts": _draw,
    "history": lambda root: fairgate.history(root).svg(),
}
# Who reads a file; what others do with it is the same.
OF_FILE = {
    odd_files.VERDICT: ("verify", "report", "load", "runs"),
    odd_files.METRICS: ("check", "report", "report --history", "load", "compare"),
    odd_files.MANIFEST: ("verify", "report", "report --history"),
    odd_files.CONFIG: ("check",),
}
EVERY = list(odd_files.every())
# A report without any of the facts; a configuration of which the policy alone is read.
ALLOWED = {(odd_files.FACTS, "an empty object"), (odd_files.CONFIG, "an unknown key")}
REMEDIES = ("again", "name ", "Name ", "estore", "; ", "policy error", "Policy error")


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a finished run, small enough to be drawn in a second."""
    root = tmp_path_factory.mktemp("honest") / "root"
    content = dataclasses.replace(make_binary_content(300, GROUPS), evaluation="artifacts/Evaluator/evaluation/8")
    write_run(root, content, binary_fairness(("gender",)))
    return root


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Fails when the body takes longer, also one that waits for ever."""

    def late(_: int, __: types.FrameType | None) -> None:
        pytest.fail(f"no answer after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _answers(root: Path, names: Iterable[str]) -> dict[str, str]:
    """Return reader -> the message of its error, "" where it answered; another exception fails, and so does no answer."""
    answers = {}
    for name in names:
        try:
            with within(SECONDS):
                READERS[name](root)
        except InputError as error:
            answers[name] = str(error)
        else:
            answers[name] = ""
    return answers


def test_an_honest_run_is_read_by_all(honest: Path, tmp_path: Path) -> None:
    """But for the source in its manifest, which is not this project's."""
    root = tmp_path / "root"
    shutil.copytree(honest, root, symlinks=True)
    assert [name for name, message in _answers(root, READERS).items() if message] == ["verify"]


@pytest.mark.parametrize(("file", "name", "spoil"), EVERY, ids=[f"{file}: {name}" for file, name, _ in EVERY])
def test_an_odd_file_is_an_answer(file: str, name: str, spoil: odd_files.Spoil, honest: Path, tmp_path: Path) -> None:
    """Without a manifest that would give it away, unless the manifest is what is odd."""
    root = tmp_path / "a" / "root"
    shutil.copytree(honest, root, symlinks=True)
    report = root / "reports" / RUN
    spoil(report / file)
    if file != odd_files.MANIFEST:
        (report / odd_files.MANIFEST).unlink()
    answers = _answers(root, OF_FILE.get(file, ("report", "load")))
    told = {reader: message for reader, message in answers.items() if message}
    if file != odd_files.MANIFEST:
        told.pop("verify", None)  # the manifest is what it misses
    if name in odd_files.ANY_FILE or (name in odd_files.ANY_JSON and (file, name) not in ALLOWED):
        assert told, "no reader has noticed"
    for reader, message in told.items():
        where = (Path(file).name, "There is no report in", "rule '")  # the last: what the policy asks for was not measured
        assert any(words in message for words in where), (reader, message)
        assert any(words in message for words in REMEDIES), (reader, message)
