"""An evaluation as a tidy table, with intervals on everything; `metrics.parquet` is this table.

In: an `Evaluation`. Out: one row per model, slice, metric and threshold, in this order:

    model      slice        metric                   threshold  value  low   high  n
    candidate  gender:male  false_positive_rate      0.5        0.28   0.25  0.31  820.0
    candidate  gender:male  false_positive_rate_gap  0.5        0.05   0.02  0.08  820.0

All intervals of a kind are computed in one vectorised call: 25 slices × 9 thresholds × 8 rates × 2 models take milliseconds.
"""

import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from components.evaluation import intervals
from components.evaluation.comparison import complement, estimate, weight_scale
from components.evaluation.intervals import Interval
from components.evaluation.measurement import OVERALL, Evaluation, MetricKey, Rate, SliceMetrics

GAP_SUFFIX = "_gap"  # slice - complement
RATIO_SUFFIX = "_ratio"  # slice / complement


@dataclass(frozen=True)
class Row:
    """One metric of one model on one slice.

    Attributes:
        threshold: NaN for metrics without one.
        value: NaN where undefined.
        low, high: NaN where no interval is known; infinite where nothing bounds an end.
        n: trials of the rate, examples for another metric; effective ones where examples are weighted.
    """

    model: str
    slice: str
    metric: str
    threshold: float
    value: float
    low: float
    high: float
    n: float


@dataclass(frozen=True)
class _RateAt:
    model: str
    slice: str
    key: MetricKey
    counts: Rate
    rest: Rate | None


def metric_rows(evaluation: Evaluation, confidence: float = 0.95) -> list[Row]:
    """Every metric as it was measured, with its interval (Wilson for rates)."""
    rates = list(_rates(evaluation))
    found = intervals.wilson(*_columns(rate.counts for rate in rates), confidence)
    rows = [
        Row(
            rate.model,
            rate.slice,
            rate.key.name,
            _threshold(rate.key),
            rate.counts.value,
            float(low),
            float(high),
            rate.counts.trials,
        )
        for rate, low, high in zip(rates, *found, strict=True)
    ]
    return rows + list(_scalar_rows(evaluation, confidence))


def comparison_rows(evaluation: Evaluation, confidence: float = 0.95) -> list[Row]:
    """Every rate of every slice against its complement, as metrics `<metric>_gap` and `<metric>_ratio`.

    Rates without a complement (the trials of a class's precision are its predictions) have no such rows.
    """
    rates = [rate for rate in _rates(evaluation) if rate.rest is not None]
    counts = _columns(rate.counts for rate in rates) + _columns(rate.rest for rate in rates if rate.rest is not None)
    with np.errstate(invalid="ignore", divide="ignore"):
        own, rest = counts[0] / counts[1], counts[2] / counts[3]
        gaps, ratios = own - rest, own / rest
    return [
        *_comparison_rows(rates, GAP_SUFFIX, gaps, intervals.rate_difference(*counts, confidence)),
        *_comparison_rows(rates, RATIO_SUFFIX, ratios, intervals.rate_ratio(*counts, confidence)),
    ]


def write_table(evaluation: Evaluation, path: Path, confidence: float = 0.95) -> None:
    """Writes metrics.parquet with all rows: to a temporary name, then renamed. Columns are the fields of `Row`."""
    import pyarrow as pa  # here, so that the gate can use the rows without Arrow
    import pyarrow.parquet as pq

    rows = metric_rows(evaluation, confidence) + comparison_rows(evaluation, confidence)
    columns = {field.name: [getattr(row, field.name) for row in rows] for field in fields(Row)}
    types = {field.name: pa.string() if field.type is str else pa.float64() for field in fields(Row)}
    table = pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    try:
        pq.write_table(table, temporary)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _rates(evaluation: Evaluation) -> Iterator[_RateAt]:
    for model, slices in evaluation.models.items():
        for name, metrics in slices.items():
            weight = weight_scale(metrics)
            for key in sorted(metrics.rates, key=_in_order):
                rate = metrics.rates[key]
                counts = Rate(rate.successes / weight, rate.trials / weight)
                yield _RateAt(model, name, key, counts, _rest(slices, name, metrics, key))


def _rest(slices: Mapping[str, SliceMetrics], name: str, metrics: SliceMetrics, key: MetricKey) -> Rate | None:
    whole = slices.get(OVERALL)
    return None if name == OVERALL or whole is None or key not in whole.rates else complement(metrics, whole, key)


def _scalar_rows(evaluation: Evaluation, confidence: float) -> Iterator[Row]:
    for model, slices in evaluation.models.items():
        for name, metrics in slices.items():
            for key in sorted(metrics.scalars, key=_in_order):
                measured = estimate(metrics, key)
                low, high = measured.interval(confidence)
                yield Row(model, name, key.name, _threshold(key), measured.value, low, high, measured.n)


def _comparison_rows(rates: list[_RateAt], suffix: str, values: intervals.Array, found: Interval) -> Iterator[Row]:
    for rate, value, low, high in zip(rates, values, *found, strict=True):
        metric = rate.key.name + suffix
        yield Row(rate.model, rate.slice, metric, _threshold(rate.key), float(value), float(low), float(high), rate.counts.trials)


def _columns(counts: Iterable[Rate]) -> tuple[intervals.Array, intervals.Array]:
    pairs = np.array([(count.successes, count.trials) for count in counts], np.float64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _threshold(key: MetricKey) -> float:
    return math.nan if key.threshold is None else key.threshold


def _in_order(key: MetricKey) -> tuple[str, float]:
    return key.name, -1.0 if key.threshold is None else key.threshold
