"""Which run is compared with, and what becomes of the report; test_drift.py tests the distances themselves."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from components.validation.drift import DriftLimits
from fairgate import manifest, run_folder
from fairgate.gate import markdown
from fairgate.gate import verdict as verdicts
from fairgate.gate.verdict import DataInfo, Provenance, Verdict
from fairgate.report import content, write
from fairgate.report.content import ReportContent
from pipeline import continuity

NUMBERS = {"threshold": [math.nan], "value": [0.9], "low": [0.8], "high": [0.95], "n": [9.0]}
METRICS = pd.DataFrame({"model": ["candidate"], "slice": ["overall"], "metric": ["auc"], **NUMBERS})


def verdict(outcome: str, rate: float, task: str = "digits") -> Verdict:
    """A verdict with one positive rate that a rule looks at."""
    rule = {"id": "r", "kind": "absolute", "slice": "overall", "metric": "positive_rate", "threshold": 0.5, "measure": "value"}
    line = {"slice": "overall", "model": "candidate", "threshold": 0.5, "n": 9, "n_positive": 4, "n_negative": 5, "interval": {}}
    return Verdict.model_validate(
        {
            "task": task,
            "outcome": outcome,
            "summary": "",
            "models": {},
            "overall": {},
            "rules": [{**rule, "value": rate, "limit": 1, "n": 9, "outcome": "passed", "reason": ""}],
            "slices": [{**line, "positive_rate": rate}],
            "omitted": {},
            "invalid_scores": {},
            "confidence": 0.95,
            "data": DataInfo(source="files"),
            "provenance": Provenance(),
        }
    )


def finished(root: Path, run: str, found: Verdict, statistics: Path | None = None) -> Path:
    """The report of a run, with its manifest."""
    report = root / "reports" / run
    report.mkdir(parents=True)
    verdicts.write(found, report / "verdict.json")
    manifest.write(root, report, run, {"statistics": [statistics] if statistics else []})
    return report


@pytest.fixture
def statistics(tmp_path: Path) -> Path:
    """What stands for statistics."""
    folder = tmp_path / "artifacts" / "statistics" / "1"
    folder.mkdir(parents=True)
    (folder / "x").write_text("")
    return folder


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither TFDV nor a page: a report is its tables and its text."""

    def write_tables(shown: ReportContent, folder: Path, text: bool) -> None:
        assert text
        shown.save(folder)
        markdown.write(shown.verdict, folder / run_folder.VERDICT_TEXT)

    monkeypatch.setattr(write, "write_report", write_tables)
    monkeypatch.setattr(continuity, "of_data", lambda *_: iter([]))


def compare(root: Path, found: Verdict, drift: pd.DataFrame | None = None) -> ReportContent:
    """The report of a run that ends now, after the comparison."""
    partial = root / "reports" / ".now"
    write.write_report(ReportContent(verdict=found, metrics=METRICS, drift=drift), partial, text=True)
    continuity.compare(continuity.Run(root, partial, root, (), with_text=True), DriftLimits())
    return content.load(partial)


def section(root: Path) -> str:
    """What verdict.md ends with."""
    return (root / "reports" / ".now" / "verdict.md").read_text().partition("## Since the last blessed run\n\n")[2]


def test_last_blessed_is_the_newest_of_its_task(tmp_path: Path, statistics: Path) -> None:
    """Neither refused ones nor those of another task; a damaged report is passed over."""
    for run, outcome, task in (
        ("1", "blessed", "digits"),
        ("2", "blessed", "digits"),
        ("3", "blessed", "x"),
        ("4", "refused", "digits"),
    ):
        finished(tmp_path, run, verdict(outcome, 0.5, task), statistics)
    (tmp_path / "reports" / "5").mkdir()
    (tmp_path / "reports" / "5" / "verdict.json").write_text("{")
    found = continuity.last_blessed(tmp_path, "digits")
    assert found
    assert (found.run, found.statistics) == ("2", statistics)


def test_first_run_says_so(tmp_path: Path) -> None:
    """Its report is otherwise as it was."""
    assert compare(tmp_path, verdict("refused", 0.5)).drift is None
    assert section(tmp_path) == "There is no earlier blessed run in this root.\n"


def test_later_run_is_compared(tmp_path: Path, statistics: Path) -> None:
    """Rows are added to those of the report; the text counts them."""
    finished(tmp_path, "1", verdict("blessed", 0.5), statistics)
    known = {"feature": ["f"], "measure": ["L-infinity"], "between": ["train → eval"], "value": [0.0], "limit": [0.05]}
    found = compare(tmp_path, verdict("refused", 0.75), pd.DataFrame({**known, "drifted": [False]})).drift
    assert found is not None
    assert found["feature"].tolist() == ["f", "overall"]
    assert found.to_dict("records")[1] == {
        "feature": "overall",
        "measure": "positive rate at 0.5 (0.500 → 0.750)",
        "between": "1 → this run",
        "value": 0.25,
        "limit": 0.05,
        "drifted": True,
    }
    assert section(tmp_path).startswith("Compared with 1. 1 of 1 distances lie beyond their limits.")


@pytest.mark.parametrize("fault", ["statistics", "manifest"])
def test_lost_statistics_leave_the_decisions(fault: str, tmp_path: Path, statistics: Path) -> None:
    """The text says what was not compared."""
    report = finished(tmp_path, "1", verdict("blessed", 0.5), statistics)
    if fault == "statistics":
        (statistics / "x").unlink()
        statistics.rmdir()
    else:
        (report / run_folder.MANIFEST).write_text("{}")
    assert compare(tmp_path, verdict("blessed", 0.5)).drift is not None
    assert section(tmp_path).startswith("Compared with 1, whose statistics were deleted: only the decisions. 0 of 1")


def test_comparison_that_fails_leaves_the_run_alone(
    tmp_path: Path, statistics: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; the report is as it was."""

    def spoilt(*_: Any) -> Any:
        raise ValueError("no statistics in here")

    finished(tmp_path, "1", verdict("blessed", 0.5), statistics)
    monkeypatch.setattr(continuity, "of_data", spoilt)
    assert compare(tmp_path, verdict("blessed", 0.5)).drift is None
    assert section(tmp_path) == ""
    assert caplog.messages == ["The run was not compared with the last blessed one."]


@pytest.mark.parametrize("drawn", [True, False])
def test_what_the_text_says_beside_the_verdict_stays(
    tmp_path: Path, statistics: Path, monkeypatch: pytest.MonkeyPatch, drawn: bool
) -> None:
    """What the report lacks, also where the page cannot be drawn again."""
    finished(tmp_path, "1", verdict("blessed", 0.5), statistics)
    write_tables = write.write_report

    def write_again(shown: ReportContent, folder: Path, text: bool) -> None:
        write_tables(shown, folder, text=text)
        if shown.drift is not None and not drawn:
            raise ValueError("no page")
        if shown.drift is None:
            with (folder / run_folder.VERDICT_TEXT).open("a") as file:
                file.write("\nMissing: the examples.\n")

    monkeypatch.setattr(write, "write_report", write_again)
    compare(tmp_path, verdict("refused", 0.75))
    text = (tmp_path / "reports" / ".now" / "verdict.md").read_text()
    assert text.count("Missing: the examples.\n\n## Since the last blessed run\n\nCompared with 1. 1 of 1 distances") == 1
