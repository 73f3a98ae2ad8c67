"""The parts of a report: all of them, or at least the reasons."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from components.reporting.gathering import gather, write_reasons
from fairgate.gate import verdict as verdicts
from fairgate.report import write
from fairgate.report.content import ReportContent
from tests.pipeline.published import HELD, verdict_on

REFUSED = verdict_on(
    "sha256:a", outcome="refused", summary="Refused: <any>.", rules=(HELD.model_copy(update={"outcome": "failed"}),)
)
METRICS = pd.DataFrame({"model": ["candidate"], "slice": ["overall"], "metric": ["auc"], "threshold": [0.5], "value": [0.7]})


def broken() -> dict[str, Any]:
    raise ValueError("the model cannot be loaded\nat all")


def test_parts_are_put_together() -> None:
    parts = {"the curves": lambda: {"curves": 1}, "the rest": lambda: {"drift": 2, "examples": 3}}
    assert gather(parts, complete=True) == ({"curves": 1, "drift": 2, "examples": 3}, [])


def test_part_that_fails_is_named_and_the_others_stay() -> None:
    parts = {"the examples": broken, "the curves": lambda: {"curves": 1}}
    sentence = "The examples could not be made (ValueError: the model cannot be loaded)."
    assert gather(parts, complete=False) == ({"curves": 1}, [sentence])


def test_part_of_a_complete_report_may_not_fail() -> None:
    with pytest.raises(ValueError, match="cannot be loaded"):
        gather({"the examples": broken}, complete=True)


def test_reasons_are_written_where_the_page_cannot_be_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdict, table and text as ever; the page holds the text alone."""

    def fail(*_: object, **__: object) -> None:
        raise KeyError

    monkeypatch.setattr(write, "write_report", fail)
    folder = tmp_path / "report"
    write_reasons(ReportContent(REFUSED, METRICS), folder, True, ["The examples could not be made (ValueError)."])
    assert verdicts.read(folder / "verdict.json") == REFUSED
    assert pd.read_parquet(folder / "metrics.parquet").equals(METRICS)
    text = (folder / "verdict.md").read_text()
    assert text.endswith(
        "## Missing from this report\n\n* The examples could not be made (ValueError).\n"
        "* The page could not be made (KeyError).\n"
    )
    page = (folder / "report.html").read_text()
    assert "Refused: &lt;any&gt;." in page
    assert "It holds." in page
    assert "<any>" not in page


def test_nothing_is_added_to_a_whole_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text ends as the verdict's does."""

    def only_text(_: object, folder: Path, text: bool) -> None:
        folder.mkdir()
        (folder / "verdict.md").write_text(f"with text: {text}\n")

    monkeypatch.setattr(write, "write_report", only_text)
    write_reasons(ReportContent(REFUSED, METRICS), tmp_path / "report", False, [])
    assert (tmp_path / "report" / "verdict.md").read_text() == "with text: False\n"
