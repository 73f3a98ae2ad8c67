"""Derive the rows that views and history draw from the tidy metrics.

In: `metrics` with the columns of metrics.parquet (model, slice, metric, threshold, value, low, high, n). Out: the same with
comparisons as columns; lists of slices, metrics and thresholds; both models in one row.
"""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from fairgate.frame import Frame, Tabular, joined
from fairgate.metrics import registry
from fairgate.metrics.classes import ACCURACY
from fairgate.metrics.rates import POSITIVE_RATE
from fairgate.metrics.registry import COMPARISONS, Better, split_compared
from fairgate.metrics.words import metric_words
from fairgate.names import BASELINE, CANDIDATE, OVERALL, REFERENCE, feature_of, is_pair, value_of

_OF_ALL_EXAMPLES = (POSITIVE_RATE.name, ACCURACY.name)
_KEYS = ["model", "slice", "metric", "threshold"]


def with_comparisons(metrics: Tabular) -> Frame:
    """Put every metric of every slice into one row together with how far it lies from overall and from the rest.

    Args:
        metrics: columns of metrics.parquet, comparisons among the rows.

    Returns:
        the rows that are no comparisons, with the columns difference_to_overall, ratio_to_overall, difference_to_rest and
        ratio_to_rest, each also with `_low` and `_high`; NaN where undefined, unbounded or where no interval is known. Overall
        compared with itself has the difference 0 and the ratio 1.
    """
    metrics = Frame.of(metrics)
    kinds = {name: split_compared(name) for name in metrics.distinct("metric")}
    hows = np.array([kinds[name][1] or "" for name in metrics["metric"]], object)
    compared = metrics.assign(metric=[kinds[name][0] for name in metrics["metric"]])
    plain = metrics.where(hows == "")
    for how in COMPARISONS:
        names = {"value": how, "low": f"{how}_low", "high": f"{how}_high"}
        plain = joined(plain, compared.where(hows == how), _KEYS, names)
    itself = (plain["slice"] == OVERALL) & ~np.isnan(plain["value"])
    levels = {"difference_to_overall": 0.0, "ratio_to_overall": 1.0}
    bounded = {how: np.where(itself, value, plain[how]) for how, value in levels.items()}
    return plain.assign(**{how: np.where(values == math.inf, math.nan, values) for how, values in bounded.items()})


def without_reference(metrics: Tabular) -> Frame:
    """Return the rows of the models that are drawn side by side; of a reference only where there is no other model."""
    metrics = Frame.of(metrics)
    others = metrics["model"] != REFERENCE
    return metrics.where(others) if others.any() else metrics


def slices_of(metrics: Frame) -> Frame:
    """List every slice once, overall first, then as they come.

    Returns:
        columns slice, feature, label (what a reader sees, see `labels_of`), order (int from 0), pair (bool), n (examples: the
        trials of the metric that all of them take part in, else the largest count of any metric).
    """
    names = sorted(metrics.distinct("slice"), key=lambda name: name != OVERALL)
    labels = labels_of(names)
    of_all = metrics.where(np.isin(metrics["metric"], _OF_ALL_EXAMPLES))
    counts = _largest(metrics) | _largest(of_all)
    return Frame(
        {
            "slice": names,
            "feature": [feature_of(name) for name in names],
            "label": [labels[name] for name in names],
            "order": np.arange(len(names)),
            "pair": np.array([is_pair(name) for name in names], np.bool_),
            "n": np.array([counts.get(name, math.nan) for name in names], np.float64),
        }
    )


def _largest(metrics: Frame) -> dict[str, float]:
    """Return the largest n of each slice; none of a slice without any."""
    counts: dict[str, float] = {}
    for name, n in zip(metrics["slice"], metrics["n"].tolist(), strict=True):
        if n == n:
            counts[name] = max(n, counts.get(name, n))
    return counts


def labels_of(names: Iterable[str]) -> dict[str, str]:
    """Return what a chart writes for each slice: its values, or its whole name where another slice has the same values."""
    values = {name: value_of(name) for name in names}
    counts = Counter(values.values())
    return {name: value if counts[value] == 1 else name for name, value in values.items()}


def metric_names(metrics: Frame) -> list[str]:
    """List the metrics that were measured, the best-known first."""
    measured = set(metrics["metric"])
    known = [metric.name for metric in registry.known() if metric.name in measured]
    return known + sorted(measured.difference(known))


def thresholds_of(metrics: Tabular) -> tuple[float, ...]:
    """List the decision thresholds, rising; empty when no metric has any."""
    return tuple(sorted({threshold for threshold in metrics["threshold"].tolist() if not math.isnan(threshold)}))


def at_threshold(metrics: Frame, threshold: float) -> Frame:
    """Return the rows of one threshold together with those of metrics that have none."""
    return metrics.where(np.isnan(metrics["threshold"]) | (metrics["threshold"] == threshold))


def side_by_side(here: Frame) -> Frame:
    """Put both models into one row.

    Args:
        here: metric rows of one threshold.

    Returns:
        columns slice, metric, n (the candidate's where it is there), and for baseline and candidate `<model>`, `<model>_low`,
        `<model>_high` (NaN where not measured), change (candidate - baseline) with change_low and change_high, and gain, see
        `gain`.
    """
    keys = ["slice", "metric"]
    table = Frame.of_rows(dict.fromkeys(here.keys(keys)), keys)
    for model in (BASELINE, CANDIDATE):
        names = {"value": model, "low": f"{model}_low", "high": f"{model}_high"}
        table = joined(table, here.where(here["model"] == model), keys, names)
    ends = ["change_low", "change_high"]
    table = joined(table, judged(here), keys, {name: name for name in ["n", *ends]})
    directions = {name: metric_words(name).better for name in table.distinct("metric")}
    gains = [
        gain(directions[name], low, high) for name, low, high in zip(*(table[name] for name in ["metric", *ends]), strict=True)
    ]
    with np.errstate(invalid="ignore"):  # infinite values of a damaged file
        change = table[CANDIDATE] - table[BASELINE]
    return table.assign(change=change, gain=gains)


def with_changes(rows: Frame, changes: Frame | None) -> Frame:
    """Add the intervals of candidate - baseline to the candidate's rows.

    Args:
        rows: metric rows.
        changes: slice, metric, threshold, low, high of the paired changes; None where they were not measured.

    Returns:
        the rows with the columns change_low and change_high; NaN for other models, and where no interval is known.
    """
    if changes is None:
        return rows.assign(**dict.fromkeys(("change_low", "change_high"), np.full(len(rows), math.nan)))
    own = changes.assign(model=[CANDIDATE] * len(changes))
    return joined(rows, own, _KEYS, {"low": "change_low", "high": "change_high"})


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


def truths(examples: Tabular) -> list[float]:
    """Return of each example of a binary task whether it is positive, 1 or 0; NaN where there are several classes.

    The label says it by its name alone, which may be any: it is positive if its scores are the more wrong the lower they are.
    """
    if "predicted" in examples:
        return [math.nan] * len(examples)
    examples = Frame.of(examples)
    labels, score, wrong = examples["label"], examples["candidate"], examples["wrong"]
    as_positive, as_negative = np.abs(wrong - (1 - score)), np.abs(wrong - score)
    own = {label: np.array([each == label for each in labels]) for label in set(labels)}
    positive = {label: np.nansum(as_positive[rows]) < np.nansum(as_negative[rows]) for label, rows in own.items()}
    return [float(positive[label]) for label in labels]


def judged(rows: Frame) -> Frame:
    """Return the rows of the candidate, or of the only model when it is another one."""
    models = rows["model"]
    return rows.where(models == (CANDIDATE if (models == CANDIDATE).any() else models[0]))


def row_dicts(table: Tabular | None) -> list[dict[str, Any]]:
    """Return the rows as dictionaries, for templates; none for a table that is absent."""
    return [] if table is None else Frame.of(table).rows()
