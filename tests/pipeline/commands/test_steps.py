"""`fairgate prepare`, `step` and `collect` as a person or a scheduler sees them, with steps that only pretend."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fairgate.cli import main as cli
from pipeline import prepared
from pipeline.config import RunConfig
from pipeline.engines.choice import EngineChoice
from pipeline.prepared import PreparedRun
from pipeline.progress import StepLog
from tests.pipeline.commands.test_run import verdict


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands in for the modules that would import TFX."""
    found = SimpleNamespace()
    for name in ("local", "stepwise"):
        monkeypatch.setitem(sys.modules, f"pipeline.{name}", found)
        monkeypatch.setattr(f"pipeline.{name}", found, raising=False)
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a root with a prepared run of one step."""
    prepared.write(PreparedRun("one", str(tmp_path), prepared.source(), {}, {}, {"Pusher": 0}, {}), tmp_path)
    return tmp_path


def test_prepare_takes_the_options_of_run_and_prints_the_commands(
    steps: SimpleNamespace, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def prepare(config: RunConfig, _: Path, choice: EngineChoice, __: StepLog) -> tuple[str, ...]:
        assert (config.task, config.seed, choice) == ("digits", 3, EngineChoice(("--x",)))
        return ("ImportExamples", "Pusher")

    steps.prepare = prepare
    assert cli.main(["prepare", "digits", "--seed", "3", "--beam-arg=--x", "--root", str(tmp_path)]) == 0
    assert [line.strip() for line in capfd.readouterr().out.splitlines()[-4:]] == [
        "2 steps are prepared; each needs those before it that it reads from:",
        f"fairgate step {tmp_path} ImportExamples",
        f"fairgate step {tmp_path} Pusher",
        f"fairgate collect {tmp_path}",
    ]


@pytest.mark.parametrize("ran", [True, False])
def test_step_says_whether_it_had_anything_to_do(
    steps: SimpleNamespace, root: Path, capfd: pytest.CaptureFixture[str], ran: bool
) -> None:
    steps.step = lambda *_: ran
    assert cli.main(["step", str(root), "Pusher"]) == 0
    assert ("Pusher has finished in this run already.\n" in capfd.readouterr().out) == (not ran)


def test_crash_of_a_step_names_its_log(steps: SimpleNamespace, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def crash(*_: Any) -> bool:
        raise ValueError("out of luck")

    steps.step = crash
    assert cli.main(["step", str(root), "Pusher"]) == 70
    (log,) = (root / "logs").glob("*-Pusher.log")
    assert f"The run crashed (ValueError: out of luck). The log is in {log}." in capfd.readouterr().err
    assert "Traceback" in log.read_text()


@pytest.mark.parametrize(("outcome", "code"), [("blessed", 0), ("refused", 1), ("inconclusive", 2)])
def test_collect_ends_with_the_verdict_s_code(steps: SimpleNamespace, root: Path, outcome: str, code: int) -> None:
    steps.collect = lambda _: SimpleNamespace(verdict=verdict(outcome), pushed=None, report=root / "reports" / "one")
    assert cli.main(["collect", str(root)]) == code


def test_unknown_step_is_an_error_before_anything_is_written(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nor is its name made a part of a path."""
    assert cli.main(["step", str(root), "../Pusher"]) == 3
    assert "there is no step '../Pusher'; did you mean 'Pusher'? known: Pusher." in capfd.readouterr().err
    assert not (root / "logs").exists()
