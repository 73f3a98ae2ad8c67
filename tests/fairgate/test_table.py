"""The tidy table: one row per model, slice, metric and threshold, with intervals on everything."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fairgate.errors import InputError
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.metrics import registry
from fairgate.statistics import intervals
from fairgate.statistics.comparison import Measure, against_overall
from fairgate.table import MetricRow, metric_rows, read_table, write_table
from tests.reading import metrics_of

FPR, PRECISION, AUC = MetricKey("false_positive_rate", 0.5), MetricKey("precision"), MetricKey("auc")


@pytest.fixture
def evaluation() -> Evaluation:
    """One model on overall and two slices, one of them without trials."""
    overall = SliceMetrics(n=1500, rates={FPR: Rate(280, 1000), PRECISION: Rate(9, 10)}, scalars={AUC: Scalar(0.9, 0.01)})
    male = SliceMetrics(n=150, rates={FPR: Rate(51, 100), PRECISION: Rate(30, 40)}, scalars={AUC: Scalar(0.8)})
    nobody = SliceMetrics(n=0, rates={FPR: Rate(0, 0)}, scalars={})
    return Evaluation({"candidate": {"overall": overall, "gender:male": male, "gender:nobody": nobody}})


def row(rows: list[MetricRow], slice_name: str, metric: str) -> MetricRow:
    """The only row of a slice and metric."""
    (found,) = [row for row in rows if (row.slice, row.metric) == (slice_name, metric)]
    return found


def compared_rows(evaluation: Evaluation, confidence: float = 0.95) -> list[MetricRow]:
    """The rows of the file that compare slices, in their order."""
    rows = [MetricRow(*values) for values in metrics_of(evaluation, confidence).itertuples(index=False)]
    return [row for row in rows if registry.split_compared(row.metric)[1] is not None]


def test_rates_have_wilson_intervals(evaluation: Evaluation) -> None:
    """The value, its interval and its trials."""
    found = row(metric_rows(evaluation, 0.9), "gender:male", "false_positive_rate")
    assert (found.model, found.threshold, found.value, found.n) == ("candidate", 0.5, 0.51, 100)
    assert (found.low, found.high) == pytest.approx(intervals.wilson(51, 100, 0.9))


def test_scalars_have_intervals_or_none(evaluation: Evaluation) -> None:
    """As n the number of examples; a metric without threshold has NaN there."""
    rows = metric_rows(evaluation)
    overall, male = row(rows, "overall", "auc"), row(rows, "gender:male", "auc")
    assert (overall.low, overall.high, overall.n) == pytest.approx((*intervals.area(0.9, 0.01, math.nan), 1500))
    assert math.isnan(overall.threshold)
    assert (male.value, math.isnan(male.low), math.isnan(male.high)) == (0.8, True, True)


def test_undefined_rates_stay_in_the_table(evaluation: Evaluation) -> None:
    """A slice without trials has a row of NaN with n = 0."""
    found = row(metric_rows(evaluation), "gender:nobody", "false_positive_rate")
    assert [math.isnan(number) for number in (found.value, found.low, found.high)] == [True] * 3
    assert found.n == 0


def test_every_metric_has_one_row(evaluation: Evaluation) -> None:
    """Five rates and two scalars."""
    assert len(metric_rows(evaluation)) == 7


def test_rows_are_in_the_order_of_names_and_thresholds() -> None:
    """A metric without threshold stands before those with one; rates before scalars; each row names its model."""
    b, a = "false_positive_rate", "auc"
    keys = [MetricKey(b, 0.5), MetricKey(b, 0.25), MetricKey(a, 0.0), MetricKey(a)]
    scalars = {key: Scalar(0.5) for key in keys}
    rates = {key: Rate(1, 2) for key in keys}
    rows = metric_rows(Evaluation({"candidate": {"overall": SliceMetrics(n=2, rates=rates, scalars=scalars)}}))
    expected = [(a, None), (a, 0.0), (b, 0.25), (b, 0.5)] * 2
    assert [(row.metric, None if math.isnan(row.threshold) else row.threshold) for row in rows] == expected
    assert {row.model for row in rows} == {"candidate"}


def test_comparisons_have_the_confidence_that_is_asked_for(evaluation: Evaluation) -> None:
    """Also when it is not the usual one."""
    rows = compared_rows(evaluation, 0.8)
    difference, ratio = (
        row(rows, "gender:male", "false_positive_rate_difference_to_rest"),
        row(rows, "gender:male", "false_positive_rate_ratio_to_rest"),
    )
    assert (difference.low, difference.high) == pytest.approx(intervals.rate_difference(51, 100, 229, 900, 0.8))
    assert (ratio.low, ratio.high) == pytest.approx(intervals.rate_ratio(51, 100, 229, 900, 0.8))


def test_rates_are_compared_with_the_complement(evaluation: Evaluation) -> None:
    """51 of 100 against 229 of 900, as a difference and as a ratio; overall itself is not compared."""
    rows = compared_rows(evaluation)
    difference, ratio = (
        row(rows, "gender:male", "false_positive_rate_difference_to_rest"),
        row(rows, "gender:male", "false_positive_rate_ratio_to_rest"),
    )
    assert (difference.value, ratio.value) == pytest.approx((0.51 - 229 / 900, 0.51 / (229 / 900)))
    assert (difference.low, difference.high) == pytest.approx(intervals.rate_difference(51, 100, 229, 900))
    assert (ratio.low, ratio.high) == pytest.approx(intervals.rate_ratio(51, 100, 229, 900))
    assert (difference.threshold, difference.n, difference.model) == (0.5, 100, "candidate")
    assert not [found for found in rows if found.slice == "overall"]


def test_rates_without_complement_have_no_rest(evaluation: Evaluation) -> None:
    """The precision of the slice has more trials than overall's; it is still compared with overall."""
    compared = {found.metric for found in compared_rows(evaluation) if found.slice == "gender:male"}
    assert {name for name in compared if name.endswith("_to_rest")} == {
        "false_positive_rate_difference_to_rest",
        "false_positive_rate_ratio_to_rest",
    }
    assert {name for name in compared if name.endswith("_to_overall")} == {
        f"{metric}_{measure}_to_overall"
        for metric in ("false_positive_rate", "precision", "auc")
        for measure in ("difference", "ratio")
    }


@pytest.mark.parametrize("metric", [FPR, PRECISION, AUC], ids=str)
@pytest.mark.parametrize("measure", ["difference", "ratio"])
def test_rows_to_overall_are_what_the_gate_computes(evaluation: Evaluation, metric: MetricKey, measure: Measure) -> None:
    """One slice after the other by `against_overall`: value, ends and n; an unknown end is NaN in both."""
    slices = evaluation.models["candidate"]
    expected = against_overall(slices["gender:male"], slices["overall"], metric, measure)
    found = row(compared_rows(evaluation, 0.9), "gender:male", f"{metric.name}_{measure}_to_overall")
    assert (found.value, found.n) == pytest.approx((expected.value, expected.n))
    assert (found.low, found.high) == pytest.approx(expected.interval(0.9), nan_ok=True)


def test_a_difference_to_overall_covers_the_true_one() -> None:
    """Drawn 2,000 times: 300 of 1,000 examples in the slice, rates of 0.4 inside and 0.2 outside, so 0.4 - 0.26 = 0.14."""
    random = np.random.default_rng(11)
    inside, outside = random.binomial(300, 0.4, 2000), random.binomial(700, 0.2, 2000)
    models = {
        f"model {number}": {
            "overall": SliceMetrics(n=1000, rates={FPR: Rate(int(part + rest), 1000)}),
            "gender:male": SliceMetrics(n=300, rates={FPR: Rate(int(part), 300)}),
        }
        for number, (part, rest) in enumerate(zip(inside, outside, strict=True))
    }
    rows = [found for found in compared_rows(Evaluation(models), 0.9) if found.metric.endswith("to_overall")]
    for measure, truth in (("difference", 0.14), ("ratio", 0.4 / 0.26)):
        of_measure = [found for found in rows if f"_{measure}_" in found.metric]
        covered = np.mean([found.low <= truth <= found.high for found in of_measure])
        assert len(of_measure) == 2000
        assert covered == pytest.approx(0.9, abs=0.02)  # three standard errors of 2,000 draws


def test_two_rates_of_zero_are_equal_to_overall() -> None:
    """Where no errors are made, the ratio is 1, as the gate judges it; nothing bounds that to the rest from above."""
    slices = {"overall": SliceMetrics(n=100, rates={FPR: Rate(0, 100)}), "g:a": SliceMetrics(n=10, rates={FPR: Rate(0, 10)})}
    rows = compared_rows(Evaluation({"candidate": slices}))
    assert row(rows, "g:a", "false_positive_rate_ratio_to_overall").value == 1
    to_rest = row(rows, "g:a", "false_positive_rate_ratio_to_rest")
    assert (to_rest.value, to_rest.low, to_rest.high) == (1, 0, math.inf)


def test_overall_may_stand_last(evaluation: Evaluation) -> None:
    """Rows follow the order of the slices, and are the same numbers."""
    slices = dict(reversed(list(evaluation.models["candidate"].items())))
    expected = {(found.slice, found.metric): found for found in compared_rows(evaluation)}
    rows = compared_rows(Evaluation({"candidate": slices}))
    assert {(found.slice, found.metric): str(found) for found in rows} == {place: str(found) for place, found in expected.items()}


def test_weighted_counts_are_effective() -> None:
    """Counts are divided by mean weight and design effect."""
    weighted = SliceMetrics(n=200, rates={FPR: Rate(40, 100)}, mean_weight=0.5, design_effect=1.25)
    found = row(metric_rows(Evaluation({"candidate": {"overall": weighted}})), "overall", "false_positive_rate")
    assert (found.value, found.n) == pytest.approx((0.4, 160))
    assert (found.low, found.high) == pytest.approx(intervals.wilson(64, 160))


def test_an_evaluation_without_rates_has_no_comparisons() -> None:
    """Nothing to compare is no error."""
    assert compared_rows(Evaluation({"candidate": {"overall": SliceMetrics(n=3)}})) == []


def test_without_overall_there_is_no_complement(evaluation: Evaluation) -> None:
    """Slices alone have rows of their own and no comparisons."""
    slices = {name: metrics for name, metrics in evaluation.models["candidate"].items() if name != "overall"}
    alone = Evaluation({"candidate": slices})
    assert (len(metric_rows(alone)), compared_rows(alone)) == (4, [])


def test_the_file_holds_all_rows(evaluation: Evaluation, tmp_path: Path) -> None:
    """The columns of the contract, text and float64; nothing else is left in the folder."""
    write_table(evaluation, tmp_path / "metrics.parquet")
    table = pq.read_table(tmp_path / "metrics.parquet")
    assert table.column_names == ["model", "slice", "metric", "threshold", "value", "low", "high", "n"]
    assert [str(kind) for kind in table.schema.types] == ["string"] * 3 + ["double"] * 5
    assert table.num_rows == len(metric_rows(evaluation)) + len(compared_rows(evaluation))
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.parquet"]
    assert (tmp_path / "metrics.parquet").stat().st_mode & 0o777 == 0o644


def test_a_failed_write_leaves_nothing_behind(evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while writing keeps the old file and removes the temporary one."""
    (tmp_path / "metrics.parquet").write_text("old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(pq, "write_table", fail)
    with pytest.raises(OSError, match="disk full"):
        write_table(evaluation, tmp_path / "metrics.parquet")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("metrics.parquet", "old")]


def test_an_old_file_is_read_under_present_names(tmp_path: Path) -> None:
    """Former names of metrics and of comparisons; a name of which nothing is known stays."""
    former = ["final_score", "false_positive_rate_gap", "auc_ratio", "auc", "of_my_own"]
    numbers = {name: [0.5] * 5 for name in ("threshold", "value", "low", "high", "n")}
    columns = {"model": ["candidate"] * 5, "slice": ["overall"] * 5, "metric": former, **numbers}
    pq.write_table(pa.table(columns), tmp_path / "metrics.parquet")
    table = read_table(tmp_path / "metrics.parquet")
    present = ["jigsaw_score", "false_positive_rate_difference_to_rest", "auc_ratio_to_rest", "auc", "of_my_own"]
    assert table["metric"].tolist() == present
    assert table["value"].tolist() == [0.5] * 5


def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    """Absent or no Parquet."""
    (tmp_path / "metrics.parquet").write_text("no table")
    for name in ("metrics.parquet", "absent.parquet"):
        with pytest.raises(InputError, match=rf"^Cannot read .*{name}: .*run the pipeline again"):
            read_table(tmp_path / name)


def test_an_old_file_of_overall_alone_is_read(tmp_path: Path) -> None:
    """There is nothing to compare with overall."""
    numbers = {name: [0.5] for name in ("threshold", "value", "low", "high", "n")}
    pq.write_table(
        pa.table({"model": ["candidate"], "slice": ["overall"], "metric": ["auc"], **numbers}), tmp_path / "metrics.parquet"
    )
    assert read_table(tmp_path / "metrics.parquet")[["metric", "value"]].values.tolist() == [["auc", 0.5]]


@pytest.mark.parametrize("absent", [("low",), ("model", "n")])
def test_a_table_that_lacks_columns_is_an_error_that_names_them(absent: tuple[str, ...], tmp_path: Path) -> None:
    """As when another table was put in its place."""
    columns = ["model", "slice", "metric", "threshold", "value", "low", "high", "n"]
    pq.write_table(pa.table({name: ["x"] for name in columns if name not in absent}), tmp_path / "metrics.parquet")
    with pytest.raises(InputError, match=f"the table lacks the columns {', '.join(absent)}. .*run the pipeline again"):
        read_table(tmp_path / "metrics.parquet")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"metric": ["auc", "auc"]}, "two rows are about one model, slice, metric and threshold"),
        ({"threshold": [0.5, 1.5]}, "a threshold does not lie between 0 and 1"),
        ({"n": [5.0, -1.0]}, "an n is no number of examples"),
        ({"n": [5.0, math.inf]}, "an n is no number of examples"),
    ],
)
def test_numbers_that_cannot_be_are_an_error(changes: dict[str, list[Any]], problem: str, tmp_path: Path) -> None:
    columns: dict[str, list[Any]] = {"model": ["candidate"] * 2, "slice": ["overall"] * 2, "metric": ["auc", "precision"]}
    numbers = {name: [0.5, 0.5] for name in ("threshold", "value", "low", "high", "n")}
    pq.write_table(pa.table({**columns, **numbers, **changes}), tmp_path / "metrics.parquet")
    with pytest.raises(InputError, match=problem):
        read_table(tmp_path / "metrics.parquet")
