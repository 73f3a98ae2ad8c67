"""Rows derived from the tidy metrics."""

import math

import pandas as pd
import pytest

from fairgate.frame import Frame
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from fairgate.metrics.registry import COMPARISONS, Better
from fairgate.names import CANDIDATE, OVERALL
from fairgate.report.rows import gain, slices_of, with_comparisons
from fairgate.statistics.comparison import against_overall
from tests.reading import metrics_of

KEY = MetricKey("false_positive_rate", 0.5)


def one_slice(part: Rate, whole: Rate) -> pd.DataFrame:
    """metrics.parquet of a candidate with overall and one slice."""
    slices = {OVERALL: SliceMetrics(1000, rates={KEY: whole}), "gender:male": SliceMetrics(200, rates={KEY: part})}
    return metrics_of(Evaluation(models={CANDIDATE: slices}), 0.95)


def test_comparisons_with_overall_equal_those_of_the_gate() -> None:
    """Value and interval of the difference and of the ratio are what the gate computes from the counts."""
    part, whole = Rate(50, 100), Rate(200, 800)
    row = with_comparisons(one_slice(part, whole)).pandas().query("slice == 'gender:male'").iloc[0]
    slices = (SliceMetrics(200, rates={KEY: part}), SliceMetrics(1000, rates={KEY: whole}))
    for measure, column in (("difference", "difference_to_overall"), ("ratio", "ratio_to_overall")):
        expected = against_overall(*slices, KEY, measure)  # type: ignore[arg-type]
        assert row[column] == pytest.approx(expected.value)
        assert (row[f"{column}_low"], row[f"{column}_high"]) == pytest.approx(expected.interval(0.95))


def test_comparisons_with_the_rest_are_the_rows_of_the_table() -> None:
    """difference_to_rest and ratio_to_rest hold 50/100 against the other 150/700."""
    row = with_comparisons(one_slice(Rate(50, 100), Rate(200, 800))).pandas().query("slice == 'gender:male'").iloc[0]
    assert row["difference_to_rest"] == pytest.approx(0.5 - 150 / 700)
    assert row["ratio_to_rest"] == pytest.approx(0.5 / (150 / 700))


@pytest.mark.parametrize(
    ("part", "whole", "ratio"),
    [(Rate(0, 10), Rate(0, 100), 1.0), (Rate(0, 0), Rate(5, 100), math.nan), (Rate(2, 10), Rate(2, 100), 10.0)],
)
def test_ratio_of_degenerate_rates(part: Rate, whole: Rate, ratio: float) -> None:
    """Two rates of 0 are alike; a slice without trials has no ratio."""
    row = with_comparisons(one_slice(part, whole)).pandas().query("slice == 'gender:male'").iloc[0]
    assert row["ratio_to_overall"] == pytest.approx(ratio, nan_ok=True)


def test_every_metric_stays_once() -> None:
    """Comparisons become columns, so that only the plain metrics remain as rows."""
    metrics = one_slice(Rate(5, 10), Rate(20, 100))
    assert set(metrics["metric"]) == {KEY.name, *(f"{KEY.name}_{how}" for how in COMPARISONS)}
    assert with_comparisons(metrics).pandas()[["slice", "metric"]].values.tolist() == [
        [OVERALL, KEY.name],
        ["gender:male", KEY.name],
    ]


def test_train_test_accuracy_difference_is_a_metric_of_its_own() -> None:
    """A metric that merely ends like a comparison stays a row."""
    rows = pd.DataFrame(
        [(CANDIDATE, OVERALL, "train_test_accuracy_difference", math.nan, 0.03, math.nan, math.nan, 10.0)],
        columns=list(one_slice(Rate(1, 2), Rate(1, 2)).columns),
    )
    assert with_comparisons(rows)["metric"].tolist() == ["train_test_accuracy_difference"]


def test_overall_is_like_itself() -> None:
    """Its difference to itself is 0, its ratio 1; it has no rest."""
    row = with_comparisons(one_slice(Rate(5, 10), Rate(20, 100))).pandas().query("slice == 'overall'").iloc[0]
    assert (row["difference_to_overall"], row["ratio_to_overall"]) == (0.0, 1.0)
    assert math.isnan(row["difference_to_rest"])


def test_ratio_to_a_rate_of_zero_is_undefined() -> None:
    """The table has an infinite ratio, which no chart can draw."""
    metrics = one_slice(Rate(2, 10), Rate(2, 100))
    ratios = metrics["metric"] == f"{KEY.name}_ratio_to_overall"
    rows = with_comparisons(metrics.assign(value=metrics["value"].mask(ratios, math.inf))).pandas()
    assert rows.loc[rows["slice"] == "gender:male", "ratio_to_overall"].isna().all()


def test_slices_put_overall_first() -> None:
    """Overall leads, the others keep their order; n is the largest count behind any metric."""
    metrics = one_slice(Rate(5, 10), Rate(20, 100)).iloc[::-1]
    slices = slices_of(Frame.of(metrics)).pandas()
    assert slices[["slice", "feature", "label", "pair", "n"]].values.tolist() == [
        [OVERALL, OVERALL, OVERALL, False, 100.0],
        ["gender:male", "gender", "male", False, 10.0],
    ]


def test_examples_of_a_slice_are_those_of_the_evaluation() -> None:
    """Not those that a model was trained on, nor those that it calls by a class's name."""
    counts = {
        ("accuracy", OVERALL): 180,
        ("train_accuracy", OVERALL): 1617,
        ("accuracy", "class:4"): 18,
        ("precision", "class:4"): 20,
    }
    rows = [(CANDIDATE, name, metric, math.nan, 0.5, 0.4, 0.6, float(n)) for (metric, name), n in counts.items()]
    table = pd.DataFrame(rows, columns=["model", "slice", "metric", "threshold", "value", "low", "high", "n"])
    assert slices_of(Frame.of(table))["n"].tolist() == [180, 18]


@pytest.mark.parametrize(
    ("better", "low", "high", "expected"),
    [
        ("lower", -0.2, -0.1, "good"),
        ("lower", 0.1, 0.2, "bad"),
        ("higher", 0.1, 0.2, "good"),
        ("higher", -0.2, -0.1, "bad"),
        ("higher", -0.1, 0.2, "muted"),
        ("neither", 0.1, 0.2, "muted"),
        ("higher", float("nan"), float("nan"), "muted"),
    ],
)
def test_a_change_is_coloured_beyond_its_interval(better: Better, low: float, high: float, expected: str) -> None:
    assert gain(better, low, high) == expected
