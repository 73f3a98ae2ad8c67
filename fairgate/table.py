"""Write an evaluation as a tidy table, with intervals on everything; `metrics.parquet` is this table.

In: an `Evaluation`. Out: one row per model, slice, metric and threshold, in this order:

    model      slice        metric                                 threshold  value  low   high  n
    candidate  gender:male  false_positive_rate                    0.5        0.28   0.25  0.31  820.0
    candidate  gender:male  false_positive_rate_difference_to_rest 0.5        0.05   0.02  0.08  820.0

Everything is a column from the start, and all intervals of a kind are computed in one call: 200 slices × 9 thresholds × 8 rates
× 2 models take less than a second.
"""

import itertools
import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fairgate.counting.cells import Ints
from fairgate.errors import InputError, UnknownNameError
from fairgate.measurement import Evaluation, MetricKey, SliceMetrics
from fairgate.metrics import registry
from fairgate.metrics.registry import How
from fairgate.names import OVERALL
from fairgate.statistics import intervals
from fairgate.statistics.comparison import complements, ratios, standard_error, weight_scale
from fairgate.statistics.intervals import Array, Interval

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class MetricRow:
    """One metric of one model on one slice.

    Attributes:
        metric: a name of the registry, or of a comparison, see `registry.compared`.
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


_WHOLE = ["model", "metric", "threshold"]  # what a row has in common with that of all examples
Columns = dict[str, Any]  # by field of MetricRow: text as lists, numbers as float64 arrays


@dataclass(frozen=True, eq=False)
class _Numbers:
    """All rates, or all other metrics, of an evaluation: R of them.

    Attributes:
        models, slices, keys: where each was measured.
        whole: int64[R]: the position of the same metric of all examples; -1 where there is none, and on overall itself.
        values, n: float64[R].
        interval: float64[R] each end.
        weighed: float64[3, R]: weighted successes and trials of the rates, and the `weight_scale` of their slices; else None.
    """

    models: list[str]
    slices: list[str]
    keys: list[MetricKey]
    whole: Ints
    values: Array
    n: Array
    interval: Interval
    weighed: Array | None = None

    def rows(self) -> Columns:
        """Return the metrics themselves as columns."""
        return self._columns([key.name for key in self.keys], range(len(self.keys)), self.values, self.interval)

    def compared(self, how: How, at: Ints, values: Array, interval: Interval) -> Columns:
        """Return comparisons of the metrics at the positions `at` as columns."""
        names = {name: registry.compared(registry.get(name), how).name for name in {key.name for key in self.keys}}
        return self._columns([names[self.keys[position].name] for position in at], at.tolist(), values, interval)

    def _columns(self, metrics: list[str], at: Sequence[int], values: Array, interval: Interval) -> Columns:
        thresholds = [self.keys[position].threshold for position in at]
        return {
            "model": [self.models[position] for position in at],
            "slice": [self.slices[position] for position in at],
            "metric": metrics,
            "threshold": np.array(thresholds, np.float64),  # None becomes NaN
            "value": values,
            "low": interval.low,
            "high": interval.high,
            "n": self.n[at],
        }


def metric_rows(evaluation: Evaluation, confidence: float = 0.95) -> list[MetricRow]:
    """Return every metric as it was measured, with its interval: Wilson's for rates."""
    return _as_rows([_rates(evaluation, confidence).rows(), _scalars(evaluation, confidence).rows()])


def compared_rows(evaluation: Evaluation, confidence: float = 0.95) -> list[MetricRow]:
    """Return every metric of every slice compared with overall, and every rate compared with its complement, the rest.

    A metric that overall lacks (subgroup AUC) has no such rows; a rate whose trials are no part of overall's has no complement.
    """
    return _as_rows(_comparisons(_rates(evaluation, confidence), _scalars(evaluation, confidence), confidence))


def write_table(evaluation: Evaluation, path: Path, confidence: float = 0.95) -> None:
    """Write metrics.parquet with all rows: to a temporary name, then renamed. Columns are the fields of `MetricRow`."""
    import pyarrow as pa  # here, so that the gate can use the rows without Arrow
    import pyarrow.parquet as pq

    rates, scalars = _rates(evaluation, confidence), _scalars(evaluation, confidence)
    parts = [rates.rows(), scalars.rows(), *_comparisons(rates, scalars, confidence)]
    kinds = {field.name: pa.string() if field.type is str else pa.float64() for field in fields(MetricRow)}
    table = pa.table({name: pa.chunked_array([pa.array(part[name], kind) for part in parts]) for name, kind in kinds.items()})
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    try:
        pq.write_table(table, temporary)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_table(path: Path) -> "pd.DataFrame":
    """Read metrics.parquet of this or an older version.

    In an older one, former names of metrics become the present ones, and the comparisons with overall are added.

    Raises:
        InputError: the file is absent or damaged.
    """
    import pandas as pd  # here, so that the gate can use the rows without pandas

    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        raise InputError(f"Cannot read the table {path}: {error}. Run the pipeline again, or name another report.") from error
    table = table.assign(metric=table["metric"].map(present_names(table["metric"].unique())))
    hows = {registry.split_compared(name)[1] for name in table["metric"].unique()}
    return table if "difference_to_overall" in hows else with_overall(table)


def with_overall(table: "pd.DataFrame") -> "pd.DataFrame":
    """Add the comparisons with overall to a table of a version that wrote only those with the rest.

    Their intervals follow from those with the rest; there are none for metrics that are no rates.
    """
    import pandas as pd

    known = {metric.name for metric in registry.known()}
    whole = table.loc[(table["slice"] == OVERALL) & table["metric"].isin(known), [*_WHOLE, "value", "n"]]
    own = table[table["slice"] != OVERALL].merge(whole, on=_WHOLE, suffixes=("", "_whole"))
    share = np.minimum(own["n"] / own["n_whole"].where(own["n_whole"] > 0), 1.0)
    parts = [table]
    for values, how, other, moved in (
        (own["value"] - own["value_whole"], "difference_to_overall", "difference_to_rest", intervals.difference_to_whole),
        (ratios(own["value"], own["value_whole"]), "ratio_to_overall", "ratio_to_rest", intervals.ratio_to_whole),
    ):
        rest = own[["slice", *_WHOLE]].assign(metric=own["metric"] + f"_{other}")
        ends = rest.merge(table, on=["slice", *_WHOLE], how="left")
        names = {name: registry.compared(registry.get(name), how).name for name in own["metric"].unique()}
        low, high = moved(ends["low"], share), moved(ends["high"], share)
        parts.append(own.assign(metric=own["metric"].map(names), value=values, low=low, high=high)[list(table.columns)])
    return pd.concat(parts, ignore_index=True)


def present_names(written: Iterable[str]) -> dict[str, str]:
    """Return the present name of every metric that a file names; a name that is not registered stays as it is."""
    names = {}
    for name in written:
        try:
            names[name] = registry.get_written(name).name
        except UnknownNameError:
            names[name] = name
    return names


def _rates(evaluation: Evaluation, confidence: float) -> _Numbers:
    models, slices, keys, whole = _places(evaluation, "rates")
    weighed = np.array(
        [
            (rate.successes, rate.trials, scale)
            for metrics in _every_slice(evaluation)
            for scale in [weight_scale(metrics)]
            for rate in map(metrics.rates.__getitem__, _keys_in_order(metrics.rates))
        ],
        np.float64,
    )
    weighed = weighed.reshape(-1, 3).T
    successes, trials = _effective(weighed)
    interval = intervals.wilson(successes, trials, confidence)
    return _Numbers(models, slices, keys, whole, _quotient(successes, trials), trials, interval, weighed)


def _scalars(evaluation: Evaluation, confidence: float) -> _Numbers:
    models, slices, keys, whole = _places(evaluation, "scalars")
    numbers = np.array(
        [
            (metrics.scalars[key].value, standard_error(metrics, key), metrics.n / metrics.design_effect)
            for metrics in _every_slice(evaluation)
            for key in _keys_in_order(metrics.scalars)
        ],
        np.float64,
    )
    values, errors, n = numbers.reshape(-1, 3).T
    bounds = {name: registry.get(name).bounds for name in {key.name for key in keys}}
    least, most = np.array([bounds[key.name] for key in keys], np.float64).reshape(-1, 2).T
    low, high = intervals.normal(values, errors, confidence)
    return _Numbers(models, slices, keys, whole, values, n, Interval(np.maximum(low, least), np.minimum(high, most)))


def _comparisons(rates: _Numbers, scalars: _Numbers, confidence: float) -> list[Columns]:
    """Return all comparisons; their intervals are those of `comparison.against_whole`, which compares one slice with overall."""
    weighed = rates.weighed
    if weighed is None:
        raise ValueError("Rates have counts.")
    rest = complements(weighed, np.where(rates.whole < 0, math.nan, weighed[:, rates.whole]))
    has_rest = ~np.isnan(rest[1])
    apart = np.flatnonzero((rates.whole >= 0) & ~has_rest)
    counts = *_effective(weighed[:, apart]), *_effective(weighed[:, rates.whole[apart]])
    return [
        *_with_rest(rates, weighed, rest[:, has_rest], np.flatnonzero(has_rest), confidence),
        *_as_independent(rates, apart, intervals.rate_ratio(*counts, confidence)),
        *_as_independent(scalars, np.flatnonzero(scalars.whole >= 0)),
    ]


def _with_rest(rates: _Numbers, weighed: Array, rest: Array, at: Ints, confidence: float) -> list[Columns]:
    """Compare the rates at the positions `at` with their complements, and so with overall, which is made of both.

    Args:
        rates: all of them.
        weighed: their counts, float64[3, R].
        rest: float64[2, len(at)]: the effective counts of the complements.
        at: which rates.
        confidence: level of the intervals.
    """
    whole, counts = rates.whole[at], (*_effective(weighed[:, at]), *rest)
    own, other, overall = rates.values[at], _quotient(*rest), rates.values[whole]
    share = _quotient(weighed[1, at], weighed[1, whole])
    difference, ratio = intervals.rate_difference(*counts, confidence), intervals.rate_ratio(*counts, confidence)
    return [
        rates.compared("difference_to_rest", at, own - other, difference),
        rates.compared("ratio_to_rest", at, _quotient(own, other), ratio),
        rates.compared(
            "difference_to_overall",
            at,
            own - overall,
            Interval(*(intervals.difference_to_whole(end, share) for end in difference)),
        ),
        rates.compared(
            "ratio_to_overall", at, ratios(own, overall), Interval(*(intervals.ratio_to_whole(end, share) for end in ratio))
        ),
    ]


def _as_independent(numbers: _Numbers, at: Ints, ratio: Interval | None = None) -> list[Columns]:
    """Compare the metrics at the positions `at` with overall as if the two were independent; see `comparison.contrast`."""
    whole = numbers.whole[at]
    own, overall = numbers.values[at], numbers.values[whole]
    ends, others = (Interval(numbers.interval.low[part], numbers.interval.high[part]) for part in (at, whole))
    return [
        numbers.compared("difference_to_overall", at, own - overall, intervals.difference_of(own, ends, overall, others)),
        numbers.compared("ratio_to_overall", at, ratios(own, overall), ratio or intervals.ratio_of(own, ends, overall, others)),
    ]


def _places(evaluation: Evaluation, kind: Literal["rates", "scalars"]) -> tuple[list[str], list[str], list[MetricKey], Ints]:
    """Return model, slice and key of every number of an evaluation, and the positions of the same of all examples."""
    models: list[str] = []
    slices: list[str] = []
    keys: list[MetricKey] = []
    whole: list[int] = []
    for model, of_model in evaluation.models.items():
        ordered = {name: _keys_in_order(getattr(metrics, kind)) for name, metrics in of_model.items()}
        start: dict[str, int] = {}
        for name, own in ordered.items():
            start[name] = len(keys)
            keys += own
            models += [model] * len(own)
            slices += [name] * len(own)
        of_all = ordered.get(OVERALL, [])
        position = {key: start[OVERALL] + at for at, key in enumerate(of_all)}
        for name, own in ordered.items():
            if name == OVERALL:
                whole += [-1] * len(own)
            elif own == of_all:
                whole += position.values()  # as a rule; looking up every key takes longer than everything else here
            else:
                whole += [position.get(key, -1) for key in own]
    return models, slices, keys, np.array(whole, np.int64)


def _every_slice(evaluation: Evaluation) -> Iterator[SliceMetrics]:
    return itertools.chain.from_iterable(slices.values() for slices in evaluation.models.values())


def _keys_in_order(keys: Iterable[MetricKey]) -> list[MetricKey]:
    """Return the keys by name and threshold; a metric without threshold comes first."""
    return sorted(keys, key=lambda key: (key.name, -1.0 if key.threshold is None else key.threshold))


def _as_rows(parts: Iterable[Columns]) -> list[MetricRow]:
    return [
        MetricRow(*row)
        for part in parts
        for row in zip(*(column.tolist() if isinstance(column, np.ndarray) else column for column in part.values()), strict=True)
    ]


def _effective(weighed: Array) -> Array:
    """Return float64[2, R]: the effective successes and trials."""
    return weighed[:2] / weighed[2]


def _quotient(numerator: Array, denominator: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return numerator / denominator
