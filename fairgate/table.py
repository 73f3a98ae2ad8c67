"""An evaluation as a tidy table, with intervals on everything; `metrics.parquet` is this table.

In: an `Evaluation`. Out: one row per model, slice, metric and threshold, in this order:

    model      slice        metric                   threshold  value  low   high  n
    candidate  gender:male  false_positive_rate      0.5        0.28   0.25  0.31  820.0
    candidate  gender:male  false_positive_rate_gap  0.5        0.05   0.02  0.08  820.0

Rates are columns from the start, and all intervals of a kind are computed in one call: 25 slices × 9 thresholds × 8 rates ×
2 models take milliseconds.
"""

import itertools
import math
import os
import tempfile
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from fairgate.measurement import Evaluation, MetricKey
from fairgate.names import OVERALL
from fairgate.statistics import intervals
from fairgate.statistics.comparison import Weighed, complements, estimate, weight_scale
from fairgate.statistics.intervals import Interval

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


Place = tuple[str, str, MetricKey]  # model, slice, metric
Columns = dict[str, list[Any]]  # by field of Row

_NOWHERE = (math.nan, math.nan, math.nan)


@dataclass(frozen=True, eq=False)
class _Rates:
    """Every rate of an evaluation.

    Attributes:
        places: where it was measured, R of them.
        own: float64[2, R]: effective successes and trials.
        rest: float64[2, R]: those of the complement; NaN where there is none.
    """

    places: list[Place]
    own: intervals.Array
    rest: intervals.Array


def metric_rows(evaluation: Evaluation, confidence: float = 0.95) -> list[Row]:
    """Every metric as it was measured, with its interval (Wilson for rates)."""
    return _rows(_metrics(evaluation, _rates(evaluation), confidence))


def comparison_rows(evaluation: Evaluation, confidence: float = 0.95) -> list[Row]:
    """Every rate of every slice against its complement, as metrics `<metric>_gap` and `<metric>_ratio`.

    Rates without a complement (the trials of a class's precision are its predictions) have no such rows.
    """
    return _rows(_comparisons(_rates(evaluation), confidence))


def write_table(evaluation: Evaluation, path: Path, confidence: float = 0.95) -> None:
    """Writes metrics.parquet with all rows: to a temporary name, then renamed. Columns are the fields of `Row`."""
    import pyarrow as pa  # here, so that the gate can use the rows without Arrow
    import pyarrow.parquet as pq

    rates = _rates(evaluation)
    measured, compared = _metrics(evaluation, rates, confidence), _comparisons(rates, confidence)
    table = pa.table(
        {
            field.name: pa.array(measured[field.name] + compared[field.name], pa.string() if field.type is str else pa.float64())
            for field in fields(Row)
        }
    )
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    try:
        pq.write_table(table, temporary)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _rates(evaluation: Evaluation) -> _Rates:
    places: list[Place] = []
    own: list[Weighed] = []
    outer: list[Weighed] = []
    for model, slices in evaluation.models.items():
        whole = slices.get(OVERALL)
        for name, metrics in slices.items():
            scale = weight_scale(metrics)
            around, scale_around = ({}, math.nan) if whole is None or name == OVERALL else (whole.rates, weight_scale(whole))
            for key in sorted(metrics.rates, key=_in_order):
                rate, other = metrics.rates[key], around.get(key)
                places.append((model, name, key))
                own.append((rate.successes, rate.trials, scale))
                outer.append((other.successes, other.trials, scale_around) if other else _NOWHERE)
    part, whole_of = (np.array(weighed, np.float64).reshape(-1, 3).T for weighed in (own, outer))
    return _Rates(places, part[:2] / part[2], complements(part, whole_of))


def _metrics(evaluation: Evaluation, rates: _Rates, confidence: float) -> Columns:
    columns = _columns(
        rates.places, "", _quotient(*rates.own), intervals.wilson(rates.own[0], rates.own[1], confidence), rates.own[1]
    )
    scalars = [astuple(row) for row in _scalar_rows(evaluation, confidence)]
    if not scalars:
        return columns
    return {name: column + list(more) for (name, column), more in zip(columns.items(), zip(*scalars, strict=True), strict=True)}


def _comparisons(rates: _Rates, confidence: float) -> Columns:
    compared = ~np.isnan(rates.rest[1])
    places = list(itertools.compress(rates.places, compared))
    own, rest = rates.own[:, compared], rates.rest[:, compared]
    counts = own[0], own[1], rest[0], rest[1]
    first, second = _quotient(*own), _quotient(*rest)
    gap = _columns(places, GAP_SUFFIX, first - second, intervals.rate_difference(*counts, confidence), own[1])
    ratio = _columns(places, RATIO_SUFFIX, _quotient(first, second), intervals.rate_ratio(*counts, confidence), own[1])
    return {name: gap[name] + ratio[name] for name in gap}


def _columns(places: list[Place], suffix: str, values: intervals.Array, found: Interval, trials: intervals.Array) -> Columns:
    return {
        "model": [model for model, _, _ in places],
        "slice": [name for _, name, _ in places],
        "metric": [key.name + suffix for _, _, key in places],
        "threshold": [_threshold(key) for _, _, key in places],
        "value": values.tolist(),
        "low": found.low.tolist(),
        "high": found.high.tolist(),
        "n": trials.tolist(),
    }


def _rows(columns: Columns) -> list[Row]:
    return list(itertools.starmap(Row, zip(*columns.values(), strict=True)))


def _quotient(numerator: intervals.Array, denominator: intervals.Array) -> intervals.Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return numerator / denominator


def _scalar_rows(evaluation: Evaluation, confidence: float) -> Iterator[Row]:
    for model, slices in evaluation.models.items():
        for name, metrics in slices.items():
            for key in sorted(metrics.scalars, key=_in_order):
                measured = estimate(metrics, key)
                low, high = measured.interval(confidence)
                yield Row(model, name, key.name, _threshold(key), measured.value, low, high, measured.n)


def _threshold(key: MetricKey) -> float:
    return math.nan if key.threshold is None else key.threshold


def _in_order(key: MetricKey) -> tuple[str, float]:
    return key.name, -1.0 if key.threshold is None else key.threshold
