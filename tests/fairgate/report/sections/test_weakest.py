"""The weakest slices."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from fairgate.frame import Frame
from fairgate.metrics.registry import Better
from fairgate.report import document
from fairgate.report.content import ReportContent
from fairgate.report.sections import weakest
from fairgate.report.view import build_view

COLUMNS = ["slice", "value", "low", "high", "difference_to_overall", "difference_to_overall_low", "difference_to_overall_high"]
ROWS = pd.DataFrame(
    [
        ("overall", 0.3, 0.29, 0.31, 0.0, math.nan, math.nan),
        ("a:many", 0.5, 0.45, 0.55, 0.2, 0.15, 0.25),
        ("a:few", 0.9, 0.2, 0.99, 0.6, -0.1, 0.69),
        ("a:low", 0.1, 0.05, 0.15, -0.2, -0.25, -0.15),
        ("a:bare", 0.8, math.nan, math.nan, 0.5, math.nan, math.nan),
        ("a:undefined", math.nan, math.nan, math.nan, math.nan, math.nan, math.nan),
    ],
    columns=COLUMNS,
)


@pytest.mark.parametrize(
    ("better", "order"),
    [
        ("lower", ["a:many", "a:few", "a:low", "a:bare"]),
        ("higher", ["a:low", "a:many", "a:few", "a:bare"]),
        ("neither", ["a:many", "a:low", "a:few", "a:bare"]),
    ],
)
def test_order_is_that_of_the_end_that_speaks_for_the_slice(better: Better, order: list[str]) -> None:
    """Few examples do not lead by chance; a value without an interval is last, an undefined one nowhere."""
    assert [row["slice"] for row in weakest.weakest(Frame.of(ROWS), better)] == order


def test_only_the_worst_are_listed() -> None:
    assert [row["slice"] for row in weakest.weakest(Frame.of(ROWS), "lower", most=1)] == ["a:many"]


def test_left_out_where_only_overall_was_measured(binary_content: ReportContent) -> None:
    view = build_view(binary_content)
    assert weakest.parts(view) is not None
    alone = ReportContent(binary_content.verdict, binary_content.metrics.query("slice == 'overall'"))
    assert weakest.parts(build_view(alone)) is None


def test_intersections_are_named_where_there_are_some(binary_content: ReportContent) -> None:
    alone = binary_content.metrics[~binary_content.metrics["slice"].str.contains(" × ")]
    for metrics, said in ((binary_content.metrics, True), (alone, False)):
        view = build_view(replace(binary_content, metrics=metrics))
        parts = weakest.parts(view)
        assert parts is not None
        html = document.fill(weakest.TEMPLATE, view=view, verdict=view.verdict, figures={}, **parts.values)
        assert ("intersections among them" in html) is said
