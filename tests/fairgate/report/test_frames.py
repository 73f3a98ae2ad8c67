"""Tables derived from the tidy metrics."""

import math

import pandas as pd
import pytest

from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from fairgate.names import CANDIDATE, OVERALL
from fairgate.report import content, frames
from fairgate.statistics.comparison import against_whole

KEY = MetricKey("false_positive_rate", 0.5)


def one_slice(part: Rate, whole: Rate) -> pd.DataFrame:
    """metrics.parquet of a candidate with overall and one slice."""
    slices = {OVERALL: SliceMetrics(1000, rates={KEY: whole}), "gender:male": SliceMetrics(200, rates={KEY: part})}
    return content.metrics_of(Evaluation(models={CANDIDATE: slices}), 0.95)


def test_gaps_to_overall_equal_those_of_the_gate() -> None:
    """Value and interval of the gap and of the ratio are what the gate computes from the counts."""
    part, whole = Rate(50, 100), Rate(200, 800)
    row = frames.with_gaps(one_slice(part, whole)).query("slice == 'gender:male'").iloc[0]
    slices = (SliceMetrics(200, rates={KEY: part}), SliceMetrics(1000, rates={KEY: whole}))
    for measure, column in (("difference", "gap"), ("ratio", "ratio")):
        expected = against_whole(*slices, KEY, measure)  # type: ignore[arg-type]
        assert row[column] == pytest.approx(expected.value)
        assert (row[f"{column}_low"], row[f"{column}_high"]) == pytest.approx(expected.interval(0.95))


def test_gaps_to_the_rest_are_the_rows_of_the_table() -> None:
    """rest_gap and rest_ratio hold 50/100 against the other 150/700."""
    row = frames.with_gaps(one_slice(Rate(50, 100), Rate(200, 800))).query("slice == 'gender:male'").iloc[0]
    assert row["rest_gap"] == pytest.approx(0.5 - 150 / 700)
    assert row["rest_ratio"] == pytest.approx(0.5 / (150 / 700))


@pytest.mark.parametrize(
    ("part", "whole", "ratio"),
    [(Rate(0, 10), Rate(0, 100), 1.0), (Rate(0, 0), Rate(5, 100), math.nan), (Rate(2, 10), Rate(2, 100), 10.0)],
)
def test_ratio_of_degenerate_rates(part: Rate, whole: Rate, ratio: float) -> None:
    """Two rates of 0 are alike; a slice without trials has no ratio."""
    row = frames.with_gaps(one_slice(part, whole)).query("slice == 'gender:male'").iloc[0]
    assert row["ratio"] == pytest.approx(ratio, nan_ok=True)


def test_every_metric_stays_once() -> None:
    """Comparisons become columns, so that only the plain metrics remain as rows."""
    metrics = one_slice(Rate(5, 10), Rate(20, 100))
    assert set(metrics["metric"]) == {"false_positive_rate", "false_positive_rate_gap", "false_positive_rate_ratio"}
    assert frames.with_gaps(metrics)[["slice", "metric"]].values.tolist() == [[OVERALL, KEY.name], ["gender:male", KEY.name]]


def test_train_test_accuracy_difference_is_a_metric_of_its_own() -> None:
    """A metric that merely ends like a comparison stays a row."""
    rows = pd.DataFrame(
        [(CANDIDATE, OVERALL, "train_test_accuracy_difference", math.nan, 0.03, math.nan, math.nan, 10.0)],
        columns=list(one_slice(Rate(1, 2), Rate(1, 2)).columns),
    )
    assert frames.plain_metrics(rows)["metric"].tolist() == ["train_test_accuracy_difference"]


def test_slices_put_overall_first() -> None:
    """Overall leads, the others keep their order; n is the largest count behind any metric."""
    metrics = one_slice(Rate(5, 10), Rate(20, 100)).iloc[::-1]
    slices = frames.slices_of(metrics)
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
    assert frames.slices_of(table)["n"].tolist() == [180, 18]


@pytest.mark.parametrize(("thresholds", "main"), [((0.1, 0.4, 0.9), 0.4), ((0.5,), 0.5)])
def test_main_threshold_is_nearest_to_half(thresholds: tuple[float, ...], main: float) -> None:
    """A page opens at the threshold nearest to 0.5."""
    assert frames.main_threshold(pd.DataFrame({"threshold": [*thresholds, math.nan], "metric": "auc"})) == main


def test_columnar_reads_back() -> None:
    """Text is coded, lists are lists of codes, what is not finite is null, values keep 7 digits, ends of intervals 4."""
    table = pd.DataFrame(
        {
            "slice": ["a", None, "a"],
            "value": [1 / 3, math.nan, math.inf],
            "low": [1 / 3, 2.0, 3.0],
            "slices": [["x"], [], ["y", "x"]],
            "pair": [True, False, True],
        }
    )
    assert frames.columnar(table) == {
        "rows": 3,
        "columns": {
            "slice": {"values": ["a"], "codes": [0, -1, 0]},
            "value": [0.3333333, None, None],
            "low": [0.3333, 2, 3],
            "slices": {"values": ["x", "y"], "lists": [[0], [], [1, 0]]},
            "pair": [True, False, True],
        },
    }
