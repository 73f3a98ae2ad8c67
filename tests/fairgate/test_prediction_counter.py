"""Test that rows that are held and counted at once have the counts of the same rows batch by batch."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from fairgate import prediction_counter
from fairgate.counting.counts import Counts
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.joint import JointCells
from fairgate.counting.settings import CountSettings
from fairgate.measurement import MetricKey
from fairgate.prediction_counter import PredictionCounter

ROWS = 3000
SETTINGS = CountSettings("label", ("0", "1"), "binary", thresholds=(0.2, 0.3, 0.5, 0.75), score_bins=50, auc_slices=("*",))
Array = npt.NDArray[Any]


@pytest.fixture(autouse=True)
def _tables_of_one_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prediction_counter, "LONG_BINS", SETTINGS.score_bins)


def _lists(values: list[list[Any]], kind: pa.DataType) -> pa.Array:
    return pa.array(values, pa.list_(kind))


def _counter(kind: str, exact_auc: bool | None) -> PredictionCounter:
    """A counter that has seen rows of one kind: scores with ties and at thresholds, some negative, some above 1."""
    rng = np.random.default_rng(5)
    labels = (rng.random(ROWS) < 0.2).astype(np.int64)
    scores = {model: np.round(rng.normal(0.3 + 0.3 * labels, 0.3), 3) for model in ("candidate", "baseline", "reference")}
    scores["baseline"][rng.random(ROWS) < 0.3] = 0.0
    settings, width = SETTINGS, "f8"
    columns = {"label": _lists([[label] for label in labels.tolist()], pa.int64())}
    columns["group"] = _lists([[name for name in "ab" if rng.random() < 0.4] for _ in range(ROWS)], pa.string())
    columns["site"] = _lists([["x" if at % 7 else "y"] if at % 50 else [] for at in range(ROWS)], pa.string())
    if kind == "weighted":
        settings = replace(settings, weight_key="weight")
        columns["weight"] = _lists([[weight] for weight in rng.choice([0.0, 0.5, 3.0], ROWS)], pa.float64())
    if kind == "invalid":
        scores["candidate"][::11], scores["baseline"][::13] = np.nan, np.inf
    if kind == "float32":
        width = "f4"
    if kind == "many thresholds":
        settings = replace(settings, thresholds=tuple(np.linspace(0.001, 0.999, 200).tolist()))
    if kind == "close thresholds":
        settings = replace(settings, thresholds=(0.3, 0.3 + 1e-12, 0.5))
        scores["candidate"][:50] = 0.3 + 1e-12
    settings = replace(settings, exact_auc=exact_auc)
    counter = PredictionCounter(settings, list(scores), ["group", "site"], [("group", "site")])
    batch = pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
    buckets = np.arange(ROWS) * 7 % 50
    for at in range(0, ROWS, 1000):
        part = slice(at, at + 1000)
        counter.add(batch.slice(at, 1000), {name: of[part].astype(width) for name, of in scores.items()}, buckets[part])
    return counter


def _same_cells(one: JointCells, other: JointCells) -> None:
    for of_cells in ("keys", "rows", "weights", "squares"):
        np.testing.assert_allclose(getattr(one, of_cells), getattr(other, of_cells), rtol=1e-12)


def _same_counts(one: Counts, other: Counts) -> None:
    np.testing.assert_allclose(one.totals, other.totals, rtol=1e-12)
    _same_cells(one.decisions, other.decisions)
    assert (one.least, one.greatest) == (other.least, other.greatest)
    (first,), (second,) = one.series, other.series
    assert first.level == second.level
    assert first.keys.tolist() == second.keys.tolist()
    np.testing.assert_allclose(first.weights, second.weights, rtol=1e-12)
    np.testing.assert_allclose(first.squared(), second.squared(), rtol=1e-12)
    np.testing.assert_allclose(first.sums, second.sums, rtol=1e-9, atol=1e-9)


def _same(one: EvaluationCounts, other: EvaluationCounts) -> None:
    assert list(one.keys.items()) == list(other.keys.items())
    assert one.unknown == other.unknown
    assert one.counts.keys() == other.counts.keys()
    for model, slices in one.counts.items():
        for name, counts in slices.items():
            _same_counts(counts, other.counts[model][name])
    for name, cells in one.joint.items():
        _same_cells(cells, other.joint[name])
    assert one.joint.keys() == other.joint.keys()


KINDS = ["plain", "weighted", "invalid", "float32", "many thresholds", "close thresholds"]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_counted_at_once_have_the_counts_of_batches(kind: str) -> None:
    """The same tables of decisions and of scores, to the last key; the sums up to rounding."""
    held, streamed = _counter(kind, True), _counter(kind, False)
    assert len(held.counts().keys) == 9
    _same(held.counts(), streamed.counts())


def test_scores_that_do_not_fit_their_table_lose_the_same_bits() -> None:
    levels = [of_slice.series[0].level for of_slice in _counter("plain", True).counts().counts["candidate"].values()]
    assert max(levels) > min(levels) == 0


@pytest.mark.parametrize("limit", [{"EXACT_ROWS": 1500}, {"PAIRS_PER_ROW": 0.0005}])
@pytest.mark.parametrize("kind", KINDS)
def test_too_many_rows_go_on_batch_by_batch(kind: str, limit: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that were held are counted as if they never had been; what they need of memory no longer grows."""
    for name, most in limit.items():
        monkeypatch.setattr(prediction_counter, name, most)
    beyond = _counter(kind, None).counts()
    _same(beyond, _counter(kind, False).counts())
    assert not beyond.aucs
    assert beyond.ranks


@pytest.mark.parametrize("kind", ["plain", "weighted", "invalid"])
def test_exact_areas_are_near_those_of_the_tables(kind: str) -> None:
    """Of all models and slices; those of binned scores are within the width of a bin."""
    held, streamed = (_counter(kind, exact).evaluation() for exact in (True, False))
    for model, slices in held.models.items():
        for name, metrics in slices.items():
            for key, scalar in metrics.scalars.items():
                other = streamed.models[model][name].scalars[key]
                np.testing.assert_allclose(scalar.value, other.value, atol=2e-3)
                np.testing.assert_allclose(scalar.standard_error, other.standard_error, rtol=0.02, atol=1e-9)


def test_rows_that_one_model_did_not_answer_are_left_out_of_the_covariance() -> None:
    evaluation = _counter("invalid", True).evaluation()
    assert 0 < evaluation.paired["overall"].covariances[MetricKey("auc")] < 1e-3
