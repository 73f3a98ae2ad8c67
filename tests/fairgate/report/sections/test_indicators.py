"""Fairness Indicators: every metric on every slice."""

from fairgate.report.content import ReportContent
from fairgate.report.sections import indicators
from fairgate.report.view import build_view


def test_table_is_of_the_opening_metric_and_threshold(binary_content: ReportContent) -> None:
    """One row per slice, overall first, with both models and the comparison of the candidate with overall."""
    view = build_view(binary_content)
    table = indicators.parts(view).values["table"]
    assert [row["slice"] for row in table] == view.slices["slice"].tolist()
    assert {row["metric"] for row in table} == {view.start.metric}
    assert (table[0]["difference_to_overall"], table[0]["ratio_to_overall"]) == (0.0, 1.0)
    row = next(row for row in table if row["slice"] == "gender:male")
    assert row["difference_to_overall"] == row["candidate"] - table[0]["candidate"]
    assert row["change"] == row["candidate"] - row["baseline"]


def test_without_thresholds_it_has_another_title(image_content: ReportContent) -> None:
    """Nor is there a chart over thresholds."""
    parts = indicators.parts(build_view(image_content))
    assert parts.title == "Metrics per slice"
    assert list(parts.figures) == ["indicators"]


def test_still_picture_holds_what_it_draws(binary_content: ReportContent) -> None:
    """The opening metric at the opening threshold; the curve needs the slice in focus at all of them."""
    view = build_view(binary_content)
    figures = indicators.parts(view).figures
    bars, curve = figures["indicators"].still["metrics"], figures["thresholds"].still["metrics"]
    assert set(bars["metric"]) == {view.start.metric}
    assert set(bars["threshold"]) == {view.start.threshold}
    assert set(curve["slice"]) == {"overall", view.start.focus}
    assert set(curve.pandas()["threshold"].dropna()) == set(view.thresholds)
