"""Compute what baseline and candidate do on the same examples: the rates whose trials do not depend on the model."""

from collections.abc import Iterable, Mapping

import numpy as np

from fairgate.counting.cells import Floats, Ints
from fairgate.counting.joint import JointCells, split_pair_keys
from fairgate.measurement import MetricKey, PairedBuckets, PairedRate
from fairgate.metrics.classes import ACCURACY, RECALL
from fairgate.metrics.counted import Bools, Counted, DecisionTable, Part
from fairgate.metrics.rates import (
    FALSE_NEGATIVE_RATE,
    FALSE_POSITIVE_RATE,
    POSITIVE_RATE,
    TRUE_NEGATIVE_RATE,
    TRUE_POSITIVE_RATE,
)

ACCEPTED, REJECTED = (0, 1, 2, 3), (3, 2, 1, 0)  # where (both, baseline alone, candidate alone, neither) of a success are

# Of each binary rate: the labels of its trials, its quadrants, and its successes and trials by bucket.
_BINARY: Mapping[str, tuple[tuple[int, ...], tuple[int, ...], Part, Part]] = {
    FALSE_POSITIVE_RATE.name: ((0,), ACCEPTED, lambda d: d.fp, lambda d: d.negatives),
    FALSE_NEGATIVE_RATE.name: ((1,), REJECTED, lambda d: d.fn, lambda d: d.positives),
    TRUE_POSITIVE_RATE.name: ((1,), ACCEPTED, lambda d: d.tp, lambda d: d.positives),
    TRUE_NEGATIVE_RATE.name: ((0,), REJECTED, lambda d: d.tn, lambda d: d.negatives),
    POSITIVE_RATE.name: ((0, 1), ACCEPTED, lambda d: d.fp + d.tp, lambda d: d.negatives + d.positives),
}


def paired_rates(joint: JointCells, baseline: Counted, candidate: Counted) -> dict[MetricKey, PairedRate]:
    """Return the paired rates of one slice.

    Args:
        joint: the decisions of both models on the examples that both answered, see `joint.pair_keys`.
        baseline: the slice under that model.
        candidate: likewise. Where one model answered other examples than the other, the rates have no buckets.
    """
    same = baseline.examples == candidate.examples == round(float(joint.rows.sum()))
    if baseline.binary:
        return dict(_binary(joint, baseline.settings.thresholds, (baseline.by_bucket, candidate.by_bucket) if same else None))
    return dict(_classes(joint, baseline, candidate, same))


def _binary(
    joint: JointCells, thresholds: tuple[float, ...], by_bucket: tuple[DecisionTable, DecisionTable] | None
) -> Iterable[tuple[MetricKey, PairedRate]]:
    sums = [_quadrants(joint, values, len(thresholds)) for values in (joint.rows, joint.weights, joint.squares)]
    empty = sums[0] == 0  # what rounding leaves of weights where there is no row is none
    sums[1:] = [np.where(empty, 0.0, np.maximum(values, 0.0)) for values in sums[1:]]
    for name, (labels, order, successes, trials) in _BINARY.items():
        rows, weights, squares = (
            [tuple(column) for column in values[list(labels)].sum(axis=0)[list(order)].T.tolist()] for values in sums
        )
        buckets: list[PairedBuckets | None] = [None] * len(thresholds)
        if by_bucket:
            baseline, candidate = by_bucket
            columns = (trials(baseline).T, successes(baseline).T, successes(candidate).T)
            buckets = [PairedBuckets(*each) for each in zip(*columns, strict=True)]
        for at, threshold in enumerate(thresholds):
            yield MetricKey(name, threshold), PairedRate(rows[at], weights[at], squares[at], buckets[at])


def _quadrants(joint: JointCells, values: Floats, thresholds: int) -> Floats:
    """Return float64[2, 4, T]: by label and threshold, where both, the baseline alone, the candidate alone or neither accept."""
    label, baseline, candidate = split_pair_keys(joint.keys)
    width = thresholds + 1

    def upto(decisions: Ints, chosen: Bools) -> Floats:
        """Return float64[2, T]: by label, the sum over the chosen whose decision lies at most at each threshold."""
        table = np.bincount((label * width + decisions)[chosen], values[chosen], 2 * width).reshape(2, width)
        return np.asarray(table.cumsum(axis=1)[:, :thresholds])

    every = np.ones(joint.keys.shape, bool)
    whole = np.bincount(label, values, 2)[:, None]
    one, other = baseline > candidate, candidate > baseline
    return np.stack(
        [
            whole - upto(np.minimum(baseline, candidate), every),
            upto(candidate, one) - upto(baseline, one),
            upto(baseline, other) - upto(candidate, other),
            upto(np.maximum(baseline, candidate), every),
        ],
        axis=1,
    )


def _classes(joint: JointCells, baseline: Counted, candidate: Counted, same: bool) -> Iterable[tuple[MetricKey, PairedRate]]:
    """Yield accuracy, and of the slice of a class its recall: of the class's examples in the slice, which are all of them."""
    label, of_baseline, of_candidate = split_pair_keys(joint.keys)
    first, second = of_baseline == label, of_candidate == label
    masks = (first & second, first & ~second, ~first & second, ~first & ~second)
    rows, weights, squares = (
        tuple(float(values[mask].sum()) for mask in masks) for values in (joint.rows, joint.weights, joint.squares)
    )
    buckets = None
    if same:
        tables = [counted.by_bucket.by_interval for counted in (baseline, candidate)]
        right = [np.trace(table, axis1=1, axis2=2) for table in tables]
        buckets = PairedBuckets(tables[0].sum(axis=(1, 2)), *right)
    rate = PairedRate(rows, weights, squares, buckets)  # type: ignore[arg-type]
    yield MetricKey(ACCURACY.name), rate
    if baseline.label is not None:
        yield MetricKey(RECALL.name), rate
