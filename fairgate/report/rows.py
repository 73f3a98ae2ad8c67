"""Derive the rows that views and history draw from the tidy metrics.

In: `metrics` with the columns of metrics.parquet (model, slice, metric, threshold, value, low, high, n). Out: the same with
comparisons as columns; lists of slices, metrics and thresholds; both models in one row.
"""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pandas as pd

from fairgate.metrics import registry
from fairgate.metrics.classes import ACCURACY
from fairgate.metrics.rates import POSITIVE_RATE
from fairgate.metrics.registry import COMPARISONS, Better, split_compared
from fairgate.metrics.words import metric_words
from fairgate.names import BASELINE, CANDIDATE, OVERALL, REFERENCE, feature_of, is_pair, value_of

_OF_ALL_EXAMPLES = (POSITIVE_RATE.name, ACCURACY.name)
_KEYS = ["model", "slice", "metric", "threshold"]


def with_comparisons(metrics: pd.DataFrame) -> pd.DataFrame:
    """Put every metric of every slice into one row together with how far it lies from overall and from the rest.

    Args:
        metrics: columns of metrics.parquet, comparisons among the rows.

    Returns:
        the rows that are no comparisons, with the columns difference_to_overall, ratio_to_overall, difference_to_rest and
        ratio_to_rest, each also with `_low` and `_high`; NaN where undefined, unbounded or where no interval is known. Overall
        compared with itself has the difference 0 and the ratio 1.
    """
    kinds = {name: split_compared(name) for name in metrics["metric"].unique()}
    hows = metrics["metric"].map({name: how for name, (_, how) in kinds.items()})
    bases = metrics["metric"].map({name: base for name, (base, _) in kinds.items()})
    plain = metrics[hows.isna()]
    for how in COMPARISONS:
        part = metrics.assign(metric=bases)[hows == how]
        names = {"value": how, "low": f"{how}_low", "high": f"{how}_high"}
        plain = plain.merge(part[[*_KEYS, *names]].rename(columns=names), on=_KEYS, how="left")
    itself = (plain["slice"] == OVERALL) & plain["value"].notna()
    compared = {"difference_to_overall": 0.0, "ratio_to_overall": 1.0}
    return plain.assign(**{how: plain[how].mask(itself, value).replace(math.inf, math.nan) for how, value in compared.items()})


def without_reference(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the models that are drawn side by side; of a reference only where there is no other model."""
    others = metrics["model"] != REFERENCE
    return metrics[others] if others.any() else metrics


def slices_of(metrics: pd.DataFrame) -> pd.DataFrame:
    """List every slice once, overall first, then as they come.

    Returns:
        columns slice, feature, label (what a reader sees, see `labels_of`), order (int from 0), pair (bool), n (examples: the
        trials of the metric that all of them take part in, else the largest count of any metric).
    """
    names = sorted(metrics["slice"].unique(), key=lambda name: name != OVERALL)
    labels = labels_of(names)
    counts = metrics.groupby("slice")["n"].max()
    counts.update(metrics[metrics["metric"].isin(_OF_ALL_EXAMPLES)].groupby("slice")["n"].max())
    return pd.DataFrame(
        {
            "slice": names,
            "feature": [feature_of(name) for name in names],
            "label": [labels[name] for name in names],
            "order": range(len(names)),
            "pair": [is_pair(name) for name in names],
            "n": [float(counts[name]) for name in names],
        }
    )


def labels_of(names: Iterable[str]) -> dict[str, str]:
    """Return what a chart writes for each slice: its values, or its whole name where another slice has the same values."""
    values = {name: value_of(name) for name in names}
    counts = Counter(values.values())
    return {name: value if counts[value] == 1 else name for name, value in values.items()}


def metric_names(metrics: pd.DataFrame) -> list[str]:
    """List the metrics that were measured, the best-known first."""
    measured = set(metrics["metric"])
    known = [metric.name for metric in registry.known() if metric.name in measured]
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
        `<model>_high` (NaN where not measured), change (candidate - baseline) with change_low and change_high, and gain, see
        `gain`.
    """
    keys = ["slice", "metric"]
    table = here[keys].drop_duplicates()
    for model in (BASELINE, CANDIDATE):
        part = here.loc[here["model"] == model, [*keys, "value", "low", "high"]]
        names = {"value": model, "low": f"{model}_low", "high": f"{model}_high"}
        table = table.merge(part.rename(columns=names), on=keys, how="left")
    ends = ["change_low", "change_high"]
    table = table.merge(judged(here)[[*keys, "n", *ends]], on=keys, how="left")
    directions = {name: metric_words(name).better for name in table["metric"].unique()}
    lines = table[["metric", *ends]].itertuples(index=False, name=None)
    gains = [gain(directions[name], low, high) for name, low, high in lines]
    return table.assign(change=table[CANDIDATE] - table[BASELINE], gain=gains)


def with_changes(rows: pd.DataFrame, changes: pd.DataFrame | None) -> pd.DataFrame:
    """Add the intervals of candidate - baseline to the candidate's rows.

    Args:
        rows: metric rows.
        changes: slice, metric, threshold, low, high of the paired changes; None where they were not measured.

    Returns:
        the rows with the columns change_low and change_high; NaN for other models, and where no interval is known.
    """
    if changes is None:
        return rows.assign(change_low=math.nan, change_high=math.nan)
    own = changes.rename(columns={"low": "change_low", "high": "change_high"}).assign(model=CANDIDATE)
    ends = own[[*_KEYS, "change_low", "change_high"]].drop_duplicates(_KEYS)
    return rows.merge(ends, on=_KEYS, how="left")


def gain(better: Better, low: float, high: float) -> str:
    """Return what a change is beyond chance: "good", "bad", or "muted" where its interval holds 0, or is not known.

    Args:
        better: the direction in which the metric improves.
        low: end of the interval of the change.
        high: its other end.
    """
    rises, falls = low > 0, high < 0
    if better == "neither" or not (rises or falls):
        return "muted"
    return "good" if rises == (better == "higher") else "bad"


def truths(examples: pd.DataFrame) -> list[float]:
    """Return of each example of a binary task whether it is positive, 1 or 0; NaN where there are several classes.

    The label says it by its name alone, which may be any: it is positive if its scores are the more wrong the lower they are.
    """
    if "predicted" in examples:
        return [math.nan] * len(examples)
    low, high = examples["candidate"], 1 - examples["candidate"]
    misses = pd.DataFrame(
        {"label": examples["label"], 0.0: (examples["wrong"] - low).abs(), 1.0: (examples["wrong"] - high).abs()}
    )
    positive = misses.groupby("label").sum()
    truth = (positive[1.0] < positive[0.0]).astype(float)
    return [float(value) for value in examples["label"].map(truth)]


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the candidate, or of the only model when it is another one."""
    return rows[rows["model"] == (CANDIDATE if (rows["model"] == CANDIDATE).any() else rows["model"].iloc[0])]


def row_dicts(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the rows as dictionaries, for templates; none for a table that is absent."""
    return [] if table is None else [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
