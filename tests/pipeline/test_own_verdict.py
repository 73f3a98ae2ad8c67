"""A verdict is its own run's: real runs of the digits in one root, changed between runs as an accident or a hand might do it."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from components.steps import fairness_gate
from fairgate import manifest, run_folder
from fairgate.cli import main as cli
from fairgate.errors import InputError
from fairgate.files import folder_digest
from pipeline import config as configuration
from pipeline import local
from pipeline.local import RUN_ID, RunResult
from pipeline.progress import StepEnd, StepLog
from pipeline.serving import orphans
from tests.faults.harness import SMALL
from tests.serving import served_here

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

DAY = timedelta(days=1)
OTHER_CANDIDATE = {"baseline": {"epochs": 3}, "candidate": {"epochs": 2}}


def policy(least: float) -> dict[str, Any]:
    """Return a policy with one rule, on the accuracy."""
    return {"rules": [{"id": "any", "kind": "quality", "metric": "accuracy", "min": least}]}


def run(root: Path, least: float = 0.001, **values: Any) -> RunResult:
    """Run the digits; any candidate is blessed, unless more is asked for."""
    return logged_run(root, least, **values)[0]


def logged_run(root: Path, least: float = 0.001, **values: Any) -> tuple[RunResult, list[StepEnd]]:
    """Run the digits; return the steps too."""
    steps: list[StepEnd] = []
    config = configuration.load("digits", configuration.Overrides(values={**SMALL, "policy": policy(least), **values}))
    with served_here():
        return local.run(config, root, (), StepLog(lambda _: None, steps.append)), steps


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a root with one blessed run; every test leaves its artifacts as they were."""
    folder = tmp_path_factory.mktemp("digits")
    assert run(folder).verdict.outcome == "blessed"
    return folder


def newest_artifact(root: Path, step: str, output: str) -> Path:
    """Return the folder of a step's last output, by its number."""
    return max((root / "artifacts" / step / output).iterdir(), key=lambda path: int(path.name))


@contextmanager
def edited(file: Path, change: Callable[[bytes], bytes]) -> Iterator[None]:
    """Change a file for the time of a block."""
    before = file.read_bytes()
    assert change(before) != before
    file.write_bytes(change(before))
    try:
        yield
    finally:
        file.write_bytes(before)


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def as_blessed(content: bytes) -> bytes:
    return content.replace(b'"outcome": "refused"', b'"outcome": "blessed"').replace(b'"failed"', b'"passed"')


def set_ahead(root: Path) -> None:
    """Let everything that ran so far have run a day later, as it looks after the clock was set back by a day."""
    with closing(sqlite3.connect(root / "metadata.sqlite")) as connection, connection:
        for table in ("Context", "Execution"):
            connection.execute(f"UPDATE {table} SET create_time_since_epoch = create_time_since_epoch + 86400000")  # noqa: S608
    for report in sorted((root / "reports").iterdir(), reverse=True):
        later = datetime.strptime(report.name, RUN_ID).replace(tzinfo=timezone.utc) + DAY
        report.rename(report.with_name(later.strftime(RUN_ID)))
    newest = run_folder.run_ids(root)[-1]
    (root / "latest").unlink()
    (root / "latest").symlink_to(f"reports/{newest}")


def test_run_after_the_clock_was_set_back_has_its_own_verdict(root: Path) -> None:
    """Terminal, link and order are those of the runs, not of the clock; and back again."""
    set_ahead(root)
    before = run_folder.run_ids(root)
    refused = run(root, 0.9999)
    assert (refused.verdict.outcome, refused.pushed) == ("refused", None)
    assert run_folder.run_ids(root) == [*before, refused.run_id]
    assert (root / "latest").resolve() == refused.report
    assert f"Compared with {before[-1]}." in (refused.report / "verdict.md").read_text()
    again = run(root)
    assert (again.verdict.outcome, run_folder.run_ids(root)[-1]) == ("blessed", again.run_id)


@pytest.mark.parametrize(("step", "output"), [("Reporter", "report"), ("FairnessGate", "verdict")])
def test_verdict_that_was_edited_in_the_cache_is_never_the_outcome(root: Path, step: str, output: str) -> None:
    """In the gate's artifact as in the Reporter's copy; and the same command goes on when the folder is removed."""
    assert run(root, 0.9998).verdict.outcome == "refused"
    reports = run_folder.run_ids(root)
    folder = newest_artifact(root, step, output)
    with (
        edited(folder / "verdict.json", as_blessed),
        pytest.raises(InputError, match=rf"{step}/{output}/\d+: changed since the step wrote it"),
    ):
        run(root, 0.9998)
    assert run_folder.run_ids(root) == reports
    shutil.rmtree(folder)
    result, steps = logged_run(root, 0.9998)
    assert result.verdict.outcome == "refused"
    assert step in {each.step for each in steps if not each.cached}


def exchange_models(content: bytes) -> bytes:
    return content.replace(b"candidate", b"CANDIDATE").replace(b"baseline", b"candidate")


def test_evaluation_that_was_changed_in_the_cache_is_a_mistake_with_a_remedy(root: Path) -> None:
    """Cut off, or with the models exchanged: the gate judges nothing. With the file restored, the same command goes on."""
    (metrics,) = newest_artifact(root, "Evaluator", "evaluation").glob("metrics*")
    for change in (half, exchange_models):
        with edited(metrics, change), pytest.raises(InputError, match=r"changed since the step wrote it.*run again") as raised:
            run(root, 0.9997)
        assert f"`rm -r {metrics.parent}`" in str(raised.value)
    assert run(root, 0.9997).verdict.outcome == "refused"


def test_facts_of_the_data_that_were_changed_are_a_mistake(root: Path) -> None:
    facts = newest_artifact(root, "DataGate", "data_blessing") / "facts.json"
    with edited(facts, lambda content: content.replace(b"1", b"2")), pytest.raises(InputError, match=r"data_blessing/.* changed"):
        run(root, 0.9996)


def test_damaged_candidate_is_refused_and_keeps_its_reasons(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its parts of the report are absent, which is said; the rest is there, and verifies."""
    model = newest_artifact(root, "TrainerCandidate", "model") / "Format-Serving"
    (weights,) = model.glob("variables/*.data*")
    with edited(weights, half):
        refused = run(root, 0.002)
        assert cli.main(("verify", str(refused.report))) == 0
    assert (refused.verdict.outcome, refused.pushed) == ("refused", None)
    assert {"artifacts", "export", "serving"} <= {rule.id for rule in refused.verdict.rules if rule.outcome == "failed"}
    assert "unchanged since the run" in capsys.readouterr().out
    text = (refused.report / "verdict.md").read_text()
    assert "The candidate is not the model that was trained" in text
    assert "The examples could not be made (InputError: " in text.partition("## Missing from this report")[2]
    assert "The candidate is not the model that was trained" in (refused.report / "report.html").read_text()
    assert (refused.report / "content" / "curves.parquet").is_file()


def test_candidate_damaged_before_the_evaluation_is_a_mistake(root: Path) -> None:
    """Nothing is measured on it."""
    model = newest_artifact(root, "TrainerCandidate", "model") / "Format-Serving"
    others = {"splits": ["eval"], "score_bins": 500}
    with edited(model / "saved_model.pb", half), pytest.raises(InputError, match="not the model that was trained") as raised:
        run(root, evaluation=others)
    assert f"rm -r {model.parent}" in str(raised.value)


def test_gate_that_crashes_leaves_no_verdict(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    before = run_folder.run_ids(root), (root / "latest").resolve()
    monkeypatch.setattr(fairness_gate, "decide", crash)
    with pytest.raises(ZeroDivisionError):
        run(root, 0.003)
    assert (run_folder.run_ids(root), (root / "latest").resolve()) == before


def test_run_that_is_stopped_between_push_and_report_leaves_nothing_to_serve(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another command removes the version; the same one publishes it again."""
    blessed = run(root)
    with monkeypatch.context() as patch:
        patch.setattr(local, "collect", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(root, training=OTHER_CANDIDATE)
    (orphan,) = orphans(root)
    digest = folder_digest(orphan)
    assert cli.main(("predict", "digits", str(orphan), "--root", str(root))) == 3
    other, steps = logged_run(root, 0.9995)
    assert steps[0].warnings[0].startswith(f"{orphan}: removed; its run was stopped")
    assert (other.verdict.outcome, orphan.exists(), orphans(root)) == ("refused", False, [])
    assert cli.main(("verify", str(root))) == 0
    again = run(root, training=OTHER_CANDIDATE)
    assert again.pushed is not None
    assert (folder_digest(again.pushed), int(again.pushed.name) > int((blessed.pushed or root).name)) == (digest, True)
    assert list(manifest.contradictions(manifest.read(again.report), again.report)) == []
