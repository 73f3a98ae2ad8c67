"""Published results beside the run's own."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from fairgate.report import content as contents
from fairgate.report import document
from fairgate.report.content import ReportContent
from fairgate.report.sections import published
from fairgate.report.view import build_view

KEYS = {"model": "candidate", "slice": "overall", "metric": "false_positive_rate", "threshold": 0.5}


def figures(*values: float, slice_name: str = "overall") -> pd.DataFrame:
    """Published figures of one rate."""
    return pd.DataFrame([{**KEYS, "slice": slice_name, "value": value, "source": "A paper."} for value in values])


def own(value: float, low: float, high: float) -> pd.DataFrame:
    """The run's own rate."""
    return pd.DataFrame([{**KEYS, "value": value, "low": low, "high": high, "n": 100}])


def test_difference_is_ours_minus_the_published_one_with_its_interval() -> None:
    (row,) = published.compared(figures(0.25), own(0.5, 0.375, 0.625)).to_dict("records")
    assert [row[name] for name in ("difference", "difference_low", "difference_high")] == [0.25, 0.125, 0.375]
    assert row["apart"]


@pytest.mark.parametrize(
    ("low", "high", "apart"), [(0.24, 0.26, False), (0.2549, 0.3, False), (0.2551, 0.3, True), (0.2, 0.2449, True)]
)
def test_rounding_of_the_published_figure_is_no_difference(low: float, high: float, apart: bool) -> None:
    (row,) = published.compared(figures(0.25), own(0.25, low, high)).to_dict("records")
    assert row["apart"] == apart


def test_figure_of_a_slice_that_the_run_lacks_is_shown_as_not_measured(binary_content: ReportContent) -> None:
    view = build_view(replace(binary_content, published=figures(0.25, slice_name="gender:absent")))
    parts = published.parts(view)
    assert parts is not None
    (row,) = parts.values["rows"]
    assert (row["apart"], parts.values["apart"]) == ("not measured", 0)
    assert math.isnan(row["difference"])


def test_report_without_published_figures_has_no_such_section(binary_content: ReportContent) -> None:
    assert published.parts(build_view(binary_content)) is None


def test_section_says_what_differs_and_why(binary_content: ReportContent) -> None:
    """The source of the figures, the notes of the models, and that the comments are generated."""
    verdict = binary_content.verdict
    models = {name: info.model_copy(update={"notes": ("Another embedding.",)}) for name, info in verdict.models.items()}
    made = verdict.model_copy(update={"models": models, "data": verdict.data.model_copy(update={"generated": True})})
    view = build_view(replace(binary_content, verdict=made, published=figures(0.0)))
    parts = published.parts(view)
    assert parts is not None
    assert parts.values["reasons"] == [
        "The comments of this run are generated, those of the publication are real.",
        "Another embedding.",
    ]
    html = document.fill(published.TEMPLATE, view=view, verdict=view.verdict, figures={}, **parts.values)
    assert "A paper." in html
    assert "1 of 1 differ by more than chance" in html


def test_published_figures_survive_saving(binary_content: ReportContent, tmp_path: Path) -> None:
    replace(binary_content, published=figures(0.25)).save(tmp_path)
    found = contents.load(tmp_path).published
    assert found is not None
    pd.testing.assert_frame_equal(found, figures(0.25))
