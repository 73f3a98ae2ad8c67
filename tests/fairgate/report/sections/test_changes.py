"""What the candidate fixes and breaks."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
import vl_convert

from fairgate.gate.verdict import ChangeLine
from fairgate.report import vega
from fairgate.report.charts import Chart, ChartState
from fairgate.report.content import ReportContent
from fairgate.report.sections import changes
from fairgate.report.theme import GREEN, VERMILLION
from fairgate.report.view import ReportView, build_view


def viewed(content: ReportContent, *lines: tuple[str, float | None, int, int, int], **others: Any) -> ReportView:
    """The view of a report with these changes: slice, threshold, examples, fixed, broken."""
    names = ("slice", "threshold", "n", "fixed", "broken")
    made = tuple(ChangeLine.model_validate(dict(zip(names, line, strict=True))) for line in lines)
    return build_view(
        dataclasses.replace(content, verdict=content.verdict.model_copy(update={"changes": made, **others})).printable()
    )


def test_without_a_baseline_there_is_no_section(binary_content: ReportContent) -> None:
    assert changes.parts(viewed(binary_content)) is None


def test_numbers_are_those_at_the_thresholds_of_the_policy(binary_content: ReportContent) -> None:
    """Overall first, then the most breaks; slices that no rule judges among them."""
    lines = [("race:black", 0.5, 40, 5, 1), ("gender:male", 0.5, 90, 2, 7), ("overall", 0.5, 900, 8, 0)]
    parts = changes.parts(viewed(binary_content, *lines, ("overall", 0.7, 900, 50, 60)))
    assert parts is not None
    assert [row.slice for row in parts.values["rows"]] == ["overall", "gender:male", "race:black"]
    assert parts.values["timed"]


def test_a_policy_without_a_threshold_shows_the_opening_one(binary_content: ReportContent) -> None:
    lines = [("overall", 0.3, 900, 8, 0), ("overall", 0.5, 900, 9, 0)]
    parts = changes.parts(viewed(binary_content, *lines, rules=()))
    assert parts is not None
    assert [row.threshold for row in parts.values["rows"]] == [0.5]


def test_a_task_without_thresholds_has_one_row_per_slice(image_content: ReportContent) -> None:
    parts = changes.parts(viewed(image_content, ("overall", None, 900, 8, 3)))
    assert parts is not None
    assert not parts.values["timed"]
    assert [row.fixed for row in parts.values["rows"]] == [8]


def test_names_of_slices_are_cleaned_for_the_chart(binary_content: ReportContent) -> None:
    """A control character would end the program that measures the text."""
    assert viewed(binary_content, ("race:\x07", 0.5, 40, 5, 1)).tables["changes"]["slice"].tolist() == ["race:\ufffd"]


def bars(spec: dict[str, Any]) -> list[tuple[str, float, bool]]:
    """The bars of a chart from top to bottom: colour, length relative to the longest, whether it lies right of zero."""
    graph = vl_convert.vega_to_scenegraph(spec)["scenegraph"]
    items = [item for item in _items(graph) if item.get("fill") in (GREEN, VERMILLION) and item.get("height", 0) > 1]
    longest = max(item["width"] for item in items)
    zero = max(item["x"] for item in items if item["fill"] == GREEN)
    drawn = sorted(items, key=lambda item: (item["y"], item["fill"] != GREEN))
    return [(item["fill"], round(item["width"] / longest, 3), item["x"] >= zero) for item in drawn if item["width"]]


def _items(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for child in node.get("items", ()):
        yield child
        yield from _items(child)


@pytest.mark.parametrize(
    ("threshold", "chosen", "expected"),
    [
        (0.5, (), [(0.08, 0.02), (0.02, 0.1), (0.05, 0.05)]),
        (0.5, ("race:black",), [(0.08, 0.02), (0.05, 0.05)]),
        (0.7, (), [(0.5, 0.6)]),
    ],
)
def test_bars_are_shares_of_the_slice_at_the_chosen_threshold(
    threshold: float, chosen: tuple[str, ...], expected: list[tuple[float, float]]
) -> None:
    """Fixed to the right, broken to the left; overall first, then the most broken; only chosen slices, none without examples."""
    rows = [
        ("race:black", 0.5, 20, 1, 1),
        ("gender:male", 0.5, 100, 2, 10),
        ("overall", 0.5, 1000, 80, 20),
        ("overall", 0.7, 1000, 500, 600),
        ("race:asian", 0.5, 0, 0, 0),
    ]
    table = pd.DataFrame(rows, columns=["slice", "threshold", "n", "fixed", "broken"])
    state = ChartState(metric="auc", threshold=threshold, slices=chosen)
    spec = vega.with_rows(vega.filled(Chart("changes", state.signals), 400), {"changes": table})
    longest = max(max(pair) for pair in expected)
    wanted = [
        bar
        for fixed, broken in expected
        for bar in ((GREEN, round(fixed / longest, 3), True), (VERMILLION, round(broken / longest, 3), False))
    ]
    assert bars(spec) == wanted
