"""Rows that views and history draw, derived from the tidy metrics.

In: `metrics` with the columns of metrics.parquet (model, slice, metric, threshold, value, low, high, n). Out: the same with
comparisons as columns; lists of slices, metrics and thresholds; both models in one row.
"""

from typing import Any

import numpy as np
import pandas as pd

from fairgate.metrics.classes import ACCURACY
from fairgate.metrics.rates import POSITIVE_RATE
from fairgate.names import BASELINE, CANDIDATE, OVERALL, feature_of, is_pair, value_of
from fairgate.report.words import known_metrics
from fairgate.statistics import intervals
from fairgate.table import GAP_SUFFIX, RATIO_SUFFIX

_OF_ALL_EXAMPLES = (POSITIVE_RATE.name, ACCURACY.name)
_KEYS = ["model", "slice", "metric", "threshold"]


def with_comparisons(metrics: pd.DataFrame) -> pd.DataFrame:
    """Put every metric of every slice into one row together with how far it lies from the rest and from overall.

    Args:
        metrics: columns of metrics.parquet.

    Returns:
        the plain metrics with the columns difference_to_rest, ratio_to_rest, difference_to_overall and ratio_to_overall, each
        also with `_low` and `_high`; NaN where undefined, unbounded or where no interval is known.
    """
    plain, compared = _split(metrics)
    for suffix, name in ((GAP_SUFFIX, "difference_to_rest"), (RATIO_SUFFIX, "ratio_to_rest")):
        part = compared[compared["metric"].str.endswith(suffix)]
        part = part.assign(metric=part["metric"].str.removesuffix(suffix))[[*_KEYS, "value", "low", "high"]]
        plain = plain.merge(
            part.rename(columns={"value": name, "low": f"{name}_low", "high": f"{name}_high"}), on=_KEYS, how="left"
        )
    return _against_overall(plain)


def _split(metrics: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = set(metrics["metric"])
    compared = {
        name
        for name in names
        for suffix in (GAP_SUFFIX, RATIO_SUFFIX)
        if name.endswith(suffix) and name.removesuffix(suffix) in names
    }
    is_compared = metrics["metric"].isin(compared)
    return metrics[~is_compared], metrics[is_compared]


def _against_overall(rows: pd.DataFrame) -> pd.DataFrame:
    keys = ["model", "metric", "threshold"]
    whole = rows.loc[rows["slice"] == OVERALL, [*keys, "value", "n"]].rename(columns={"value": "whole", "n": "whole_n"})
    joined = rows.merge(whole, on=keys, how="left")
    share = np.minimum(joined["n"] / joined["whole_n"].where(joined["whole_n"] > 0), 1.0)
    alike = (joined["value"] == 0) & (joined["whole"] == 0)  # where nobody is wronged there is no gap
    ratio = (joined["value"] / joined["whole"].where(joined["whole"] != 0)).mask(alike, 1.0)
    joined = joined.assign(difference_to_overall=joined["value"] - joined["whole"], ratio_to_overall=ratio)
    for end in ("_low", "_high"):
        difference, ratios = joined[f"difference_to_rest{end}"], joined[f"ratio_to_rest{end}"]
        joined[f"difference_to_overall{end}"] = intervals.difference_to_whole(difference, share)
        joined[f"ratio_to_overall{end}"] = intervals.ratio_to_whole(ratios, share)
    return joined.drop(columns=["whole", "whole_n"])


def slices_of(metrics: pd.DataFrame) -> pd.DataFrame:
    """List every slice once, overall first, then as they come.

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
    """List the metrics that were measured, the best-known first."""
    measured = set(metrics["metric"])
    known = [name for name in known_metrics() if name in measured]
    return known + sorted(measured.difference(known))


def thresholds_of(metrics: pd.DataFrame) -> tuple[float, ...]:
    """List the decision thresholds, rising; empty when no metric has any."""
    return tuple(sorted(float(threshold) for threshold in metrics["threshold"].dropna().unique()))


def at_threshold(metrics: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Return the rows of one threshold together with those of metrics that have none."""
    return metrics[metrics["threshold"].isna() | (metrics["threshold"] == threshold)]


def side_by_side(here: pd.DataFrame) -> pd.DataFrame:
    """Put both models into one row.

    Args:
        here: metric rows of one threshold.

    Returns:
        columns slice, metric, n (the candidate's where it is there), and for baseline and candidate `<model>`, `<model>_low`,
        `<model>_high` (NaN where not measured), and change (candidate - baseline).
    """
    keys = ["slice", "metric"]
    table = here[keys].drop_duplicates()
    for model in (BASELINE, CANDIDATE):
        part = here.loc[here["model"] == model, [*keys, "value", "low", "high"]]
        names = {"value": model, "low": f"{model}_low", "high": f"{model}_high"}
        table = table.merge(part.rename(columns=names), on=keys, how="left")
    table = table.merge(judged(here)[[*keys, "n"]], on=keys, how="left")
    return table.assign(change=table[CANDIDATE] - table[BASELINE])


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the candidate, or of the only model when it is another one."""
    return rows[rows["model"] == (CANDIDATE if (rows["model"] == CANDIDATE).any() else rows["model"].iloc[0])]


def row_dicts(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the rows as dictionaries, for templates; none for a table that is absent."""
    return [] if table is None else [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
