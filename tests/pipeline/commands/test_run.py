"""`fairgate run` as a person sees it, with a runner that only pretends."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from fairgate.errors import InputError
from fairgate.gate.junit import Inconclusive, JUnitFile
from fairgate.gate.verdict import DataInfo, Provenance, Verdict
from pipeline import webhook
from pipeline.alerts import Alerts, Ending
from pipeline.commands import run
from pipeline.config import Overrides, RunConfig, load
from pipeline.engines.choice import EngineChoice
from pipeline.progress import StepLog


def verdict(outcome: str) -> Verdict:
    """A verdict without rules and slices."""
    return Verdict.model_validate(
        {
            "task": "civil-comments",
            "outcome": outcome,
            "summary": "One sentence.",
            "models": {},
            "overall": {},
            "rules": (),
            "slices": (),
            "omitted": {},
            "invalid_scores": {},
            "confidence": 0.95,
            "data": DataInfo(source="files"),
            "provenance": Provenance(),
        }
    )


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands in for `pipeline.local`, which would import TFX."""
    found = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "pipeline.local", found)
    monkeypatch.setattr("pipeline.local", found, raising=False)
    return found


def answering(outcome: str, pushed: Path | None) -> Callable[..., Any]:
    """A run of two steps, the second from cache."""

    def run(config: RunConfig, root: Path, beam_args: tuple[str, ...], steps: StepLog, _: object) -> Any:
        assert (config.task, beam_args) == ("civil-comments", ("--save_main_session",))
        steps.begin("Prepare")
        steps.end("Prepare", warnings=("column [male] is absent",))
        steps.begin("Transform")
        steps._cached = True
        steps.end("Transform")
        os.write(1, b"noise of a library\n")
        return SimpleNamespace(verdict=verdict(outcome), pushed=pushed, report=root / "reports" / "one")

    return run


@pytest.mark.parametrize(("outcome", "code"), [("blessed", 0), ("refused", 1), ("inconclusive", 2)])
def test_exit_code_is_the_outcome(runner: SimpleNamespace, tmp_path: Path, outcome: str, code: int) -> None:
    """As documented."""
    runner.run = answering(outcome, None)
    assert run.run(load("civil-comments"), tmp_path, EngineChoice(("--save_main_session",))) == code


def test_terminal_shows_steps_warnings_and_where_things_are(
    runner: SimpleNamespace, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """No noise, and no path that is broken by the width of the terminal."""
    root = tmp_path / ("long" * 20)
    runner.run = answering("blessed", root / "serving" / "1")
    run.run(load("civil-comments"), root, EngineChoice(("--save_main_session",)))
    printed, errors = capfd.readouterr()
    lines = [" ".join(line.split()) for line in printed.replace(str(root), "ROOT").splitlines() if line.strip()]
    assert lines[0] == "civil-comments in ROOT"
    assert [line.split()[1] for line in lines[1:3]] == ["Load", "Prepare"]
    assert lines[3] == "! column [male] is absent"
    assert lines[4].startswith("✓ Transform")
    assert lines[4].endswith("from cache")
    assert lines[5] == "BLESSED One sentence."
    assert lines[-3:-1] == ["Model: ROOT/serving/1", "Report: ROOT/reports/one"]
    assert lines[-1].startswith("Time: ")
    assert errors == ""


def test_model_that_was_not_blessed_is_not_published(
    runner: SimpleNamespace, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The terminal says so."""
    runner.run = answering("refused", None)
    run.run(load("civil-comments"), tmp_path, EngineChoice(("--save_main_session",)))
    assert "Model:  not published\n" in capfd.readouterr().out


def raising(error: Exception) -> Callable[..., Any]:
    """A run that fails."""

    def run(*_: Any) -> Any:
        raise error

    return run


@pytest.mark.parametrize(
    ("outcome", "inconclusive", "counts"),
    [
        ("blessed", "failure", ("0", "0", "0")),
        ("refused", "skipped", ("1", "0", "0")),
        ("inconclusive", "failure", ("1", "0", "0")),
        ("inconclusive", "skipped", ("0", "0", "1")),
    ],
)
def test_junit_file_is_written_whatever_the_outcome(
    runner: SimpleNamespace, tmp_path: Path, outcome: str, inconclusive: Inconclusive, counts: tuple[str, ...]
) -> None:
    runner.run = answering(outcome, None)
    path = tmp_path / "junit.xml"
    run.run(load("civil-comments"), tmp_path, EngineChoice(("--save_main_session",)), JUnitFile(path, inconclusive))
    root = ElementTree.parse(path).getroot()  # noqa: S314  # our own XML
    assert tuple(root.get(key) for key in ("failures", "errors", "skipped")) == counts


@pytest.mark.parametrize("error", [InputError("a.csv is empty"), ValueError("out of luck")])
def test_run_without_a_verdict_leaves_a_junit_file_with_an_error(
    runner: SimpleNamespace, tmp_path: Path, error: Exception
) -> None:
    """And not that of an earlier run."""
    runner.run = raising(error)
    path = tmp_path / "junit.xml"
    path.write_text("<testsuites/>")
    with pytest.raises((InputError, RuntimeError)):
        run.run(load("civil-comments"), tmp_path, EngineChoice(), JUnitFile(path))
    (told,) = ElementTree.parse(path).getroot().iter("error")  # noqa: S314  # our own XML
    assert told.attrib == {"message": str(error), "type": type(error).__name__}


def test_junit_file_that_cannot_be_written_stops_the_run_before_it_starts(runner: SimpleNamespace, tmp_path: Path) -> None:
    runner.run = raising(ValueError("it ran"))
    with pytest.raises(InputError, match="the file cannot be written"):
        run.run(load("civil-comments"), tmp_path, EngineChoice(), JUnitFile(tmp_path / "nowhere" / "junit.xml"))


def test_mistake_of_the_user_is_passed_on(runner: SimpleNamespace, tmp_path: Path) -> None:
    """The command knows what to do with it."""
    runner.run = raising(InputError("a.csv is empty"))
    with pytest.raises(InputError, match="csv is empty"):
        run.run(load("civil-comments"), tmp_path, EngineChoice())


def test_crash_names_the_log_and_the_log_has_the_traceback(runner: SimpleNamespace, tmp_path: Path) -> None:
    """One line for the person, everything for whoever fixes it."""
    runner.run = raising(ValueError("out of luck"))
    (tmp_path / "logs").mkdir()
    with pytest.raises(RuntimeError, match=r"The run crashed \(ValueError: out of luck\)\. The log is in ") as caught:
        run.run(load("civil-comments"), tmp_path, EngineChoice())
    (log,) = (tmp_path / "logs").iterdir()
    assert str(log) in str(caught.value)
    assert "ERROR pipeline.commands.run: The run failed." in log.read_text()
    assert "Traceback" in log.read_text()


def test_failed_run_does_not_leave_an_earlier_report_as_its_own(
    runner: SimpleNamespace, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runner.run = raising(InputError("The gate stopped."))
    (tmp_path / "reports" / "20260302T080000Z").mkdir(parents=True)
    (tmp_path / "latest").symlink_to("reports/20260302T080000Z")
    with pytest.raises(InputError):
        run.run(load("civil-comments"), tmp_path, EngineChoice())
    words = f"Report: none of this run; {tmp_path}/latest is still that of the run 20260302T080000Z\n"
    assert words in capfd.readouterr().out


def test_failed_run_in_a_new_root_has_nothing_to_confuse(
    runner: SimpleNamespace, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runner.run = raising(InputError("The gate stopped."))
    with pytest.raises(InputError):
        run.run(load("civil-comments"), tmp_path, EngineChoice())
    assert "Report:" not in capfd.readouterr().out


ALERTS: dict[str, Any] = {"alerts": {"url_variable": "FAIRGATE_TEST_WEBHOOK", "on": ["blessed", "refused", "failed"]}}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Ending]:
    """Every ending that is sent, to a receiver that is down."""
    endings: list[Ending] = []

    def send(_: Alerts, ending: Ending) -> str:
        endings.append(ending)
        return "not sent (no connection)"

    monkeypatch.setattr(webhook, "send", send)
    return endings


@pytest.mark.parametrize(("outcome", "code"), [("blessed", 0), ("refused", 1), ("inconclusive", 2)])
def test_end_is_told_once_and_a_lost_alert_changes_nothing(
    runner: SimpleNamespace, sent: list[Ending], tmp_path: Path, capfd: pytest.CaptureFixture[str], outcome: str, code: int
) -> None:
    """The exit code stays the outcome's; the terminal says what became of the alert."""
    runner.run = answering(outcome, None)
    assert run.run(load("civil-comments", Overrides(values=ALERTS)), tmp_path, EngineChoice(("--save_main_session",))) == code
    assert [(ending.event, ending.summary) for ending in sent] == [(outcome, "One sentence.")]
    assert "Alert:  not sent (no connection)\n" in capfd.readouterr().out


@pytest.mark.parametrize("error", [InputError("a.csv is empty"), ValueError("out of luck")], ids=str)
def test_failed_run_is_told_once(runner: SimpleNamespace, sent: list[Ending], tmp_path: Path, error: Exception) -> None:
    """With the log, and the error goes its way."""
    runner.run = raising(error)
    with pytest.raises((InputError, RuntimeError), match=str(error)):
        run.run(load("civil-comments", Overrides(values=ALERTS)), tmp_path, EngineChoice())
    (ending,) = sent
    assert (ending.event, ending.details.parent) == ("failed", tmp_path / "logs")


def test_verdict_that_cannot_be_shown_is_a_failure_told_once(
    runner: SimpleNamespace, sent: list[Ending], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a refusal and a failure."""
    runner.run = answering("refused", None)
    monkeypatch.setattr(run, "print_verdict", raising(BrokenPipeError()))
    with pytest.raises(RuntimeError):
        run.run(load("civil-comments"), tmp_path, EngineChoice(("--save_main_session",)))
    assert [ending.event for ending in sent] == ["failed"]


def test_settings_without_effect_are_named_before_the_run_begins(
    runner: SimpleNamespace, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runner.run = answering("blessed", None)
    run.run(load("civil-comments", Overrides(settings=["training.steps=7"])), tmp_path, EngineChoice(("--save_main_session",)))
    lines = capfd.readouterr().out.splitlines()
    assert lines[1] == "    ! training.steps: without effect on the model ngrams; leave it out, or add --set training.model=dnn."
