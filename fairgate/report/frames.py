"""Tables that charts and pages need, derived from the tidy metrics. Imports pandas, not TensorFlow.

In: `metrics` with the columns of metrics.parquet (model, slice, metric, threshold, value, low, high, n).
Out: the same with the slice's place, gap and ratio; lists of slices, metrics and thresholds; a compact form for JSON.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from fairgate.metrics.classes import ACCURACY
from fairgate.metrics.rates import POSITIVE_RATE
from fairgate.metrics.registry import COMPARISONS
from fairgate.names import CANDIDATE, OVERALL, feature_of, is_pair, value_of
from fairgate.report.words import known_metrics
from fairgate.statistics import intervals

_OF_ALL_EXAMPLES = (POSITIVE_RATE.name, ACCURACY.name)
_COMPARED = tuple(f"_{how}" for how in COMPARISONS)
_KEYS = ["model", "slice", "metric", "threshold"]
_DIGITS = 7  # significant digits of a value in a page; the exact numbers are in metrics.parquet
_FEW_DIGITS = 4  # of interval ends and comparisons, which are only drawn and shown with three decimals
_COARSE = ("low", "high", "gap", "ratio")


def with_gaps(metrics: pd.DataFrame) -> pd.DataFrame:
    """Every metric of every slice in one row together with how far it lies from the rest and from overall.

    The rows `<metric>_difference_to_rest` and `<metric>_ratio_to_rest` compare a slice with its complement, the examples outside
    of it; they become the columns `rest_gap` and `rest_ratio`. `gap` (value - overall) and `ratio` (value / overall) take
    their intervals from these, since the slice is itself a part of overall.

    Returns:
        the plain metrics with the columns gap, ratio, rest_gap, rest_ratio, each also with `_low` and `_high`; NaN where
        undefined, unbounded or where no interval is known.
    """
    plain, compared = _split(metrics)
    for suffix, name in (("_difference_to_rest", "rest_gap"), ("_ratio_to_rest", "rest_ratio")):
        part = compared[compared["metric"].str.endswith(suffix)]
        part = part.assign(metric=part["metric"].str.removesuffix(suffix))[[*_KEYS, "value", "low", "high"]]
        plain = plain.merge(
            part.rename(columns={"value": name, "low": f"{name}_low", "high": f"{name}_high"}), on=_KEYS, how="left"
        )
    return _against_overall(plain)


def plain_metrics(metrics: pd.DataFrame) -> pd.DataFrame:
    """The rows of metrics themselves, without those that compare a slice with the rest."""
    return _split(metrics)[0]


def _split(metrics: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = set(metrics["metric"])
    compared = {name for name in names for suffix in _COMPARED if name.endswith(suffix) and name.removesuffix(suffix) in names}
    is_compared = metrics["metric"].isin(compared)
    return metrics[~is_compared], metrics[is_compared]


def _against_overall(rows: pd.DataFrame) -> pd.DataFrame:
    keys = ["model", "metric", "threshold"]
    whole = rows.loc[rows["slice"] == OVERALL, [*keys, "value", "n"]].rename(columns={"value": "whole", "n": "whole_n"})
    joined = rows.merge(whole, on=keys, how="left")
    share = np.minimum(joined["n"] / joined["whole_n"].where(joined["whole_n"] > 0), 1.0)
    alike = (joined["value"] == 0) & (joined["whole"] == 0)  # where nobody is wronged there is no gap
    ratio = (joined["value"] / joined["whole"].where(joined["whole"] != 0)).mask(alike, 1.0)
    joined = joined.assign(gap=joined["value"] - joined["whole"], ratio=ratio)
    for end in ("_low", "_high"):
        joined[f"gap{end}"] = intervals.difference_to_whole(joined[f"rest_gap{end}"], share)
        joined[f"ratio{end}"] = intervals.ratio_to_whole(joined[f"rest_ratio{end}"], share)
    return joined.drop(columns=["whole", "whole_n"])


def slices_of(metrics: pd.DataFrame) -> pd.DataFrame:
    """Every slice once, overall first, then as they come.

    Returns:
        columns slice, feature, label (what a reader sees), order (int from 0), pair (bool), n (examples: the trials of the
        metric that all of them take part in, else the largest count of any metric).
    """
    names = sorted(metrics["slice"].unique(), key=lambda name: name != OVERALL)
    counts = metrics.groupby("slice")["n"].max()
    counts.update(metrics[metrics["metric"].isin(_OF_ALL_EXAMPLES)].groupby("slice")["n"].max())
    return pd.DataFrame(
        {
            "slice": names,
            "feature": [feature_of(name) for name in names],
            "label": [value_of(name) for name in names],
            "order": range(len(names)),
            "pair": [is_pair(name) for name in names],
            "n": [float(counts[name]) for name in names],
        }
    )


def metric_names(metrics: pd.DataFrame) -> list[str]:
    """The metrics that were measured, the best-known first."""
    measured = set(metrics["metric"])
    known = [name for name in known_metrics() if name in measured]
    return known + sorted(measured.difference(known))


def thresholds_of(metrics: pd.DataFrame, metric: str | None = None) -> list[float]:
    """The decision thresholds, rising; empty when the metric (or every metric) has none."""
    rows = metrics if metric is None else metrics[metrics["metric"] == metric]
    return sorted(float(threshold) for threshold in rows["threshold"].dropna().unique())


def main_threshold(metrics: pd.DataFrame) -> float:
    """The threshold that a page opens with: the one nearest to 0.5; NaN when there is none."""
    thresholds = thresholds_of(metrics)
    return min(thresholds, key=lambda threshold: abs(threshold - 0.5)) if thresholds else math.nan


def at_threshold(metrics: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """The rows of one threshold together with those of metrics that have none."""
    return metrics[metrics["threshold"].isna() | (metrics["threshold"] == threshold)]


def side_by_side(metrics: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Both models in one row.

    Returns:
        columns slice, metric, and for each model present `<model>`, `<model>_low`, `<model>_high`, plus n (the candidate's
        where it is there).
    """
    rows = at_threshold(metrics, threshold)
    keys = ["slice", "metric"]
    table = rows[keys].drop_duplicates()
    for model in sorted(rows["model"].unique()):
        part = rows.loc[rows["model"] == model, [*keys, "value", "low", "high"]]
        names = {"value": model, "low": f"{model}_low", "high": f"{model}_high"}
        table = table.merge(part.rename(columns=names), on=keys, how="left")
    judged = CANDIDATE if (rows["model"] == CANDIDATE).any() else rows["model"].iloc[0]
    return table.merge(rows.loc[rows["model"] == judged, [*keys, "n"]], on=keys, how="left")


def columnar(frame: pd.DataFrame) -> dict[str, Any]:
    """The table as plain lists, small enough to embed in a page.

    A column of text becomes {"values": distinct texts, "codes": index per row, -1 for missing}; a column of lists of text
    becomes {"values", "lists": lists of indices}. Numbers keep 7 significant digits, ends of intervals, gaps and ratios 4;
    what is not finite becomes None.
    """
    return {"rows": len(frame), "columns": {str(name): _column(frame[name]) for name in frame.columns}}


def _column(column: "pd.Series[Any]") -> Any:
    if pd.api.types.is_bool_dtype(column):
        return [bool(value) for value in column]
    if pd.api.types.is_numeric_dtype(column):
        digits = _FEW_DIGITS if str(column.name).endswith(_COARSE) else _DIGITS
        return [_rounded(value, digits) for value in column.to_numpy(dtype=np.float64)]
    if len(column) and isinstance(column.iloc[0], (list, tuple, np.ndarray)):
        values, codes = _codes(name for names in column for name in names)
        return {"values": values, "lists": [[codes[name] for name in names] for names in column]}
    values, codes = _codes(value for value in column if isinstance(value, str))
    return {"values": values, "codes": [codes[value] if isinstance(value, str) else -1 for value in column]}


def _codes(names: Iterable[str]) -> tuple[list[str], dict[str, int]]:
    codes: dict[str, int] = {}
    for name in names:
        codes.setdefault(name, len(codes))
    return list(codes), codes


def _rounded(value: float, digits: int) -> float | int | None:
    if not math.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
