"""Compute the intervals of all changes from baseline to candidate at once: what `paired.change` returns one by one.

In: the metrics of both models, and their joint counts. Out: one `Interval` of arrays. Rates of independent examples are computed
in one pass; what is left, scalars and rates of clustered examples, is asked for one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairgate.measurement import MetricKey, Paired, PairedRate, Rate, SliceMetrics
from fairgate.statistics import intervals
from fairgate.statistics.comparison import weight_scale
from fairgate.statistics.effective import Effective, Weighed, effective
from fairgate.statistics.intervals import Array, Interval
from fairgate.statistics.paired import change, difference_influence, effective_sizes, tango


@dataclass(frozen=True)
class ModelChange:
    """A metric of one slice under both models.

    Attributes:
        slice: its name.
        key: of the metric.
        candidate, baseline: the slice under each.
    """

    slice: str
    key: MetricKey
    candidate: SliceMetrics
    baseline: SliceMetrics

    @property
    def plain_rates(self) -> tuple[Rate, Rate] | None:
        """Return the candidate's and the baseline's rate of independent examples; None for scalars and clustered rates."""
        both = self.candidate.rates.get(self.key), self.baseline.rates.get(self.key)
        return (both[0], both[1]) if both[0] and both[1] and both[0].buckets is None and both[1].buckets is None else None


def change_intervals(changes: Sequence[ModelChange], paired: Mapping[str, Paired], confidence: float) -> Interval:
    """Return the interval of candidate - baseline of every change, float64[len(changes)]; NaN where none is known.

    Args:
        changes: metrics that both models have.
        paired: slice name -> its joint counts; a slice without any is compared as if the models were independent.
        confidence: level.
    """
    plain = {at: both for at, each in enumerate(changes) if (both := each.plain_rates) is not None}
    joint = {at: pair for at in plain if (pair := _joint_counts(changes[at], paired)) is not None}
    ends = np.full((2, len(changes)), np.nan)
    for at, each in enumerate(changes):
        if at not in plain:
            ends[:, at] = change(each.candidate, each.baseline, each.key, paired.get(each.slice)).interval(confidence)
    if plain:
        ours, theirs = _effective(changes, plain, "candidate"), _effective(changes, plain, "baseline")
        counts = (ours.successes, ours.trials, theirs.successes, theirs.trials)
        ends[:, list(plain)] = intervals.rate_difference(*counts, confidence)
        unusable = np.isnan(ours.trials) | np.isnan(theirs.trials)
        places = [place for place, without in zip(plain, unusable, strict=True) if place in joint and not without]
        ends[:, places] = _of_pairs([joint[place] for place in places], confidence)
    return Interval(*ends)


def _effective(changes: Sequence[ModelChange], plain: Mapping[int, tuple[Rate, Rate]], model: str) -> Effective:
    """Return the effective counts of the plain rates under one model, "candidate" or "baseline"."""
    rates = [both[model == "baseline"] for both in plain.values()]
    return effective(Weighed.of(rates, [weight_scale(getattr(changes[at], model)) for at in plain]))


def _joint_counts(each: ModelChange, paired: Mapping[str, Paired]) -> PairedRate | None:
    of_slice = paired.get(each.slice)
    return None if of_slice is None else of_slice.rates.get(each.key)


def _of_pairs(pairs: Sequence[PairedRate], confidence: float) -> Array:
    """Return float64[2, R]: Tango's interval of every pair of rates, see `paired.difference`."""
    weights, squares = (np.array([getattr(pair, name) for pair in pairs]).reshape(-1, 4).T for name in ("weights", "squares"))
    with np.errstate(all="ignore"):
        total = weights.sum(axis=0)
        shares = np.where(total > 0, weights / total, np.nan)
        kish, size = effective_sizes(shares, total, squares, difference_influence(shares[2] - shares[1]))
        usable = np.isfinite(size) & (size > 0) & np.isfinite(kish)
    cells = np.where(usable, shares * size, np.nan)
    return np.array(tango(cells[2], cells[1], cells.sum(axis=0), confidence))
