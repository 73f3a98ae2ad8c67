"""Write an evaluation as a tidy table, with intervals on everything; `metrics.parquet` is this table.

In: an `Evaluation`. Out: one row per model, slice, metric and threshold, in this order:

    model      slice        metric                                 threshold  value  low   high  n
    candidate  gender:male  false_positive_rate                    0.5        0.28   0.25  0.31  820.0
    candidate  gender:male  false_positive_rate_difference_to_rest 0.5        0.05   0.02  0.08  820.0

`statistics.columns` computes them.
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fairgate import parquet
from fairgate.errors import UnknownNameError
from fairgate.files import replace_file
from fairgate.frame import Frame
from fairgate.measurement import Evaluation
from fairgate.metrics import registry
from fairgate.metrics.registry import How
from fairgate.names import OVERALL
from fairgate.run_files import refuse
from fairgate.statistics import columns, intervals
from fairgate.statistics.comparison import ratios
from fairgate.statistics.intervals import Array

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


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


def metric_rows(evaluation: Evaluation, confidence: float = 0.95) -> list[MetricRow]:
    """Return every metric as it was measured, with its interval: Wilson's for rates."""
    return _as_rows([columns.rates_of(evaluation, confidence).rows(), columns.scalars_of(evaluation, confidence).rows()])


def write_table(evaluation: Evaluation, path: Path, confidence: float = 0.95) -> None:
    """Write metrics.parquet with all rows: to a temporary name, then renamed. Columns are the fields of `MetricRow`."""
    import pyarrow.parquet as pq  # here, so that the gate can use the rows without Arrow

    replace_file(path, partial(pq.write_table, metric_table(evaluation, confidence)))


def metric_table(evaluation: Evaluation, confidence: float = 0.95) -> "pa.Table":
    """Return the table of metrics.parquet as Arrow's; see `metric_frame`."""
    import pyarrow as pa

    frame = metric_frame(evaluation, confidence)
    kinds = {field.name: pa.string() if field.type is str else pa.float64() for field in fields(MetricRow)}
    return pa.table({name: pa.array(frame[name], kind) for name, kind in kinds.items()})


def metric_frame(evaluation: Evaluation, confidence: float = 0.95) -> Frame:
    """Return the table of metrics.parquet: every metric of `metric_rows`, and its comparisons with overall and the rest."""
    rates, scalars = columns.rates_of(evaluation, confidence), columns.scalars_of(evaluation, confidence)
    parts = [rates.rows(), scalars.rows(), *columns.comparisons(rates, scalars, confidence)]
    whole: dict[str, Any] = {}
    for field in fields(MetricRow):
        found = [part[field.name] for part in parts]
        whole[field.name] = list(itertools.chain(*found)) if field.type is str else np.concatenate(found).astype(np.float64)
    return Frame(whole)


def read_table(path: Path) -> "pd.DataFrame":
    """Read metrics.parquet of this or an older version.

    In an older one, former names of metrics become the present ones, and the comparisons with overall are added.

    Raises:
        InputError: the file is absent or damaged, or not such a table.
    """
    table = parquet.read(path, {field.name: "text" if field.type is str else "number" for field in fields(MetricRow)})
    table = table.assign(metric=table["metric"].map(present_names(table["metric"].unique())))
    if table.duplicated(["slice", *_WHOLE]).any():
        refuse(path, "two rows are about one model, slice, metric and threshold")
    if not (table["threshold"].isna() | table["threshold"].between(0, 1, inclusive="neither")).all():
        refuse(path, "a threshold does not lie between 0 and 1")
    if not (table["n"].isna() | table["n"].between(0, np.finfo(np.float64).max)).all():
        refuse(path, "an n is no number of examples")
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
    if own.empty:
        return table
    share = np.minimum(own["n"] / own["n_whole"].where(own["n_whole"] > 0), 1.0)
    parts = [table]
    compared: tuple[tuple[Any, How, How, Callable[..., Array]], ...] = (
        (own["value"] - own["value_whole"], "difference_to_overall", "difference_to_rest", intervals.difference_to_whole),
        (ratios(own["value"], own["value_whole"]), "ratio_to_overall", "ratio_to_rest", intervals.ratio_to_whole),
    )
    for values, how, other, moved in compared:
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


def _as_rows(parts: Iterable[columns.Columns]) -> list[MetricRow]:
    return [
        MetricRow(*row)
        for part in parts
        for row in zip(*(column.tolist() if isinstance(column, np.ndarray) else column for column in part.values()), strict=True)
    ]
