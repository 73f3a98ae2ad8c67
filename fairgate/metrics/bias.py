"""Register the metrics of bias between identity groups: AUCs of a group against its background, and summaries over all groups.

Sources:
    Borkan, Dixon, Sorensen, Thain, Vasserman (2019), "Nuanced Metrics for Measuring Unintended Bias with Real Data for Text
    Classification". Dixon, Li, Sorensen, Thain, Vasserman (2018), "Measuring and Mitigating Unintended Bias in Text
    Classification". Jigsaw Unintended Bias in Toxicity Classification (Kaggle, 2019), page "Evaluation".
"""

import math
from collections.abc import Sequence

import numpy as np

from fairgate.counting.cells import Floats
from fairgate.measurement import Scalar
from fairgate.metrics.counted import Counted, Rates, Scalars
from fairgate.metrics.rates import FALSE_NEGATIVE_RATE, FALSE_POSITIVE_RATE
from fairgate.metrics.registry import Metric, register
from fairgate.metrics.scores import AUC, auc

JIGSAW_POWER = -5.0
JIGSAW_WEIGHT = 0.25  # of the overall AUC and of each of the three bias AUCs


def jigsaw_score(overall: Scalar, aucs: Sequence[tuple[Scalar, Scalar, Scalar]]) -> Scalar:
    """Return the final score of the Jigsaw challenge: 0.25·AUC + 0.25·Σ M(a) over the three bias AUCs a.

    M is the power mean over the groups, with p = -5. Groups in which one of the AUCs is undefined are left out. (The challenge
    moreover left out groups of 500 examples or fewer.)

    Args:
        overall: AUC of all examples.
        aucs: subgroup, BPSN and BNSP AUC of every group.

    Returns:
        The score; its standard error by the delta method, as if the AUCs were independent. NaN without any group.
    """
    defined = [group for group in aucs if not any(math.isnan(one.value) for one in group)]
    if not defined or math.isnan(overall.value):
        return Scalar(math.nan)
    value, variance = JIGSAW_WEIGHT * overall.value, (JIGSAW_WEIGHT * overall.standard_error) ** 2
    for kind in zip(*defined, strict=True):
        values = np.array([one.value for one in kind])
        mean = power_mean(values, JIGSAW_POWER)
        slopes = (values / mean) ** (JIGSAW_POWER - 1) / len(values) if mean > 0 else np.zeros(len(values))
        value += JIGSAW_WEIGHT * mean
        variance += float(np.sum((JIGSAW_WEIGHT * slopes * np.array([one.standard_error for one in kind])) ** 2))
    return Scalar(value, math.sqrt(variance))


def power_mean(values: Floats, power: float) -> float:
    """Return the generalised mean ((1/N) Σ vᵖ)^(1/p) of values in [0, 1]; with p = -5 the lowest weigh most; a 0 makes it 0."""
    if power < 0 and (values <= 0).any():
        return 0.0
    return float(np.mean(values**power) ** (1 / power))


def equality_difference(overall: Rates, groups: Sequence[Rates]) -> Scalars:
    """Return Σ over groups of |overall rate - group rate| (Dixon et al. 2018), at every threshold.

    Groups without trials add nothing.

    Returns:
        The sums; their standard errors from the groups' binomial errors alone, as if the groups were disjoint. NaN where no
        group, or overall, has trials.
    """
    total, variance = np.zeros_like(overall.trials), np.zeros_like(overall.trials)
    defined = np.zeros(overall.trials.shape, bool)
    for group in groups:
        has_trials, value = group.trials > 0, group.values()
        with np.errstate(invalid="ignore", divide="ignore"):
            total += np.where(has_trials, np.abs(overall.values() - value), 0.0)
            variance += np.where(has_trials, value * (1 - value) / group.trials, 0.0)
        defined |= has_trials
    defined &= overall.trials > 0
    return Scalars(np.where(defined, total, np.nan), np.where(defined, np.sqrt(variance), np.nan))


def _jigsaw_score(counted: Counted) -> Scalar:
    aucs = [(group.scalar(SUBGROUP_AUC), group.scalar(BPSN_AUC), group.scalar(BNSP_AUC)) for group in counted.groups]
    return jigsaw_score(counted.scalar(AUC), aucs)


def _equality_difference(rate: Metric) -> Metric:
    def compute(counted: Counted) -> Scalars:
        return equality_difference(counted.rates(rate), [group.rates(rate) for group in counted.groups])

    return Metric(
        f"{rate.name}_equality_difference",
        f"{rate.label} equality difference",
        f"Sum over the groups of the distance between their {rate.label.lower()} and the overall one.",
        "lower",
        bounds=(0.0, math.inf),
        task="binary",
        on="overall",
        at_thresholds=True,
        needs=frozenset({"groups", "labels"}),
        compute=compute,
    )


# The background of a group is everyone outside of it. BPSN is low when the group's negatives are scored too high, BNSP when its
# positives are scored too low.
SUBGROUP_AUC = register(
    Metric(
        "subgroup_auc",
        "Subgroup AUC",
        "AUC among the examples of the slice.",
        "higher",
        task="binary",
        on="groups",
        needs=frozenset({"labels", "scores"}),
        compute=lambda c: c.scalar(AUC),
    )
)
BPSN_AUC = register(
    Metric(
        "bpsn_auc",
        "BPSN AUC",
        "AUC of positives outside the slice against negatives inside it.",
        "higher",
        task="binary",
        on="groups",
        needs=frozenset({"labels", "scores"}),
        compute=lambda c: auc(c.overall.positive.without(c.positive), c.negative),
    )
)
BNSP_AUC = register(
    Metric(
        "bnsp_auc",
        "BNSP AUC",
        "AUC of negatives outside the slice against positives inside it.",
        "higher",
        task="binary",
        on="groups",
        needs=frozenset({"labels", "scores"}),
        compute=lambda c: auc(c.positive, c.overall.negative.without(c.negative)),
    )
)
JIGSAW_SCORE = register(
    Metric(
        "jigsaw_score",
        "Jigsaw score",
        "Overall AUC and the generalised means of the three bias AUCs, averaged.",
        "higher",
        task="binary",
        on="overall",
        needs=frozenset({"groups", "labels", "scores"}),
        compute=_jigsaw_score,
        formerly=("final_score",),
    )
)
EQUALITY_DIFFERENCES = tuple(register(_equality_difference(rate)) for rate in (FALSE_POSITIVE_RATE, FALSE_NEGATIVE_RATE))
