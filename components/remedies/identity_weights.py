"""Raise the weight of harmless comments that mention an identity, by the least strength that treats the groups alike enough.

In flow shards of features, out flow the remedy with its strength, and the out-of-fold logits that calibrate the model. Imports no
TensorFlow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from components.modelling.linear.calibration import balanced_weights, platt
from components.modelling.linear.folds import fold_models, held_out_logits
from components.modelling.linear.operating_point import BALANCED, choose_operating_point
from components.modelling.linear.rows import Rows, read_rows
from components.modelling.linear.solver import BOTH, Array, Doubles, Shards, kept
from fairgate.model_facts import Remedy

NAME = "identity weights"
STRENGTHS = (1.0, 2.0, 4.0, 8.0)
MIN_HARMLESS = 100
"""A group is compared if at least that many harmless examples belong to it, and as many do not."""


@dataclass(frozen=True, eq=False)
class ChosenStrength:
    """The strength of the remedy, and what was computed on the way.

    Attributes:
        remedy: for the model's metadata, with a sentence for people.
        strength: the chosen one.
        logits: float64[n], out of fold, not calibrated, of the chosen strength.
        baseline_logits: the same of strength 1; None where 1 was not tried.
        worst_ratios: strength -> greatest ratio of a group's FPR to the rest's, of those tried; empty without a group to compare.
    """

    remedy: Remedy
    strength: float
    logits: Doubles
    baseline_logits: Doubles | None
    worst_ratios: dict[float, float]


@dataclass(frozen=True, eq=False)
class _Trial:
    """One strength: its out-of-fold logits, and the group with the greatest ratio; "" without a group to compare."""

    strength: float
    logits: Doubles
    group: str
    ratio: float


def raised_weights(rows: Rows, strength: float) -> Array:
    """Return the balanced weights, times the strength for rows with label 0 and any group; float32[n].

    Raises:
        InputError: a label is absent.
    """
    raised = (rows.labels == 0) & (rows.groups != 0)
    return balanced_weights(rows.labels) * np.where(raised, strength, 1).astype(np.float32)


def fpr_ratios(logits: Doubles, rows: Rows, groups: Sequence[str]) -> dict[str, float]:
    """Compare the false positive rate of each group with that of all other examples.

    Args:
        logits: float64[n], calibrated; a logit above 0 is a positive decision.
        rows: the same rows.
        groups: names of the groups, by bit.

    Returns:
        group -> its false positive rate / that of the rest. 1 where both are 0, infinity where the rest's alone is 0. Groups with
        fewer than `MIN_HARMLESS` examples of label 0, inside or outside of them, are left out.
    """
    harmless = rows.labels == 0
    called, bits = (logits > 0)[harmless], rows.groups[harmless]
    ratios = {}
    for bit, group in enumerate(groups):
        member = (bits >> np.uint64(bit)) & np.uint64(1) == 1
        if min(member.sum(), (~member).sum()) >= MIN_HARMLESS:
            ratios[group] = _ratio(float(called[member].mean()), float(called[~member].mean()))
    return ratios


def choose_strength(
    shards: Shards,
    groups: Sequence[str],
    ratio_limit: float,
    *,
    strengths: Sequence[float] = STRENGTHS,
    operating_point: str | float = BALANCED,
    c: float = 2.0,
    blocks: tuple[str, ...] = BOTH,
    vector_scale: float = 0.0,
    by_ratio: bool = False,
) -> ChosenStrength:
    """Choose the least strength whose out-of-fold scores keep the ratio limit in every group.

    Where none does, the strength with the smallest worst ratio is chosen and named as a miss. A single strength is taken as
    configured, and the sentence says whether it keeps the limit.

    Args:
        shards: the training split.
        groups: names of the groups, by bit.
        ratio_limit: greatest ratio of a group's false positive rate to that of all other examples, at a score of 0.5.
        strengths: to try, in rising order.
        operating_point: what a score of 0.5 means, as for `choose_operating_point`.
        c: as for `fit`.
        blocks: as for `fit`.
        vector_scale: as for `fit`.
        by_ratio: as for `fit`.

    Raises:
        InputError: a label is absent, or outside of a fold.
    """
    shards = kept(shards)
    rows, starts, trials = read_rows(shards), None, list[_Trial]()
    for strength in sorted(strengths):
        starts = fold_models(
            shards,
            raised_weights(rows, strength),
            c=c,
            blocks=blocks,
            vector_scale=vector_scale,
            by_ratio=by_ratio,
            starts=starts,
        )
        logits = held_out_logits(starts, shards)
        calibrated = platt(logits, rows.labels)(logits)
        shift, _ = choose_operating_point(operating_point, calibrated, rows.labels, "out-of-fold scores of train")
        trials.append(_trial(strength, logits, fpr_ratios(calibrated + shift, rows, groups)))
        if trials[-1].ratio <= ratio_limit:
            break
    chosen = min(trials, key=lambda trial: trial.ratio)
    return ChosenStrength(
        _remedy(chosen, trials, ratio_limit, configured=len(strengths) == 1),
        chosen.strength,
        chosen.logits,
        next((trial.logits for trial in trials if trial.strength == 1), None),
        {trial.strength: trial.ratio for trial in trials if trial.group},
    )


def _trial(strength: float, logits: Doubles, ratios: Mapping[str, float]) -> _Trial:
    """Find the group with the greatest ratio; "" and 0 without a group to compare."""
    group = max(ratios, key=ratios.__getitem__, default="")
    return _Trial(strength, logits, group, ratios.get(group, 0.0))


def _remedy(chosen: _Trial, trials: Sequence[_Trial], limit: float, configured: bool) -> Remedy:
    """Say in a sentence which strength was chosen and why."""
    strength, kept, ratio = chosen.strength, chosen.ratio <= limit, _ratio_in_words(chosen)
    does = f"Harmless comments that mention an identity weigh {strength:g} times as much in training"
    if strength == 1:
        does = "Harmless comments that mention an identity weigh no more than others in training"
    tried = ", ".join(f"{trial.strength:g}" for trial in trials)
    if not chosen.group:
        why = f"no group has {MIN_HARMLESS} harmless comments in train, too few to compare false positive rates"
        sentence = f"{does}, as configured; {why}." if configured else f"No remedy was chosen: {why}."
        return Remedy(name=NAME, strength=strength, sentence=sentence)
    if configured:
        sentence = f"{does}, as configured, which {'keeps' if kept else 'misses'} the limit of {limit:g} out of fold: {ratio}."
    elif kept and strength == 1:
        sentence = f"No remedy needed: out of fold the baseline keeps the limit of {limit:g}: {ratio}."
    elif kept:
        sentence = f"{does}, the least of the strengths tried ({tried}) that keeps the limit of {limit:g} out of fold: {ratio}."
    else:
        sentence = (
            f"{does}. None of the strengths tried ({tried}) keeps the limit of {limit:g} out of fold; at this one, {ratio}."
        )
    return Remedy(name=NAME, strength=strength, sentence=sentence, reached=kept)


def _ratio_in_words(trial: _Trial) -> str:
    if np.isinf(trial.ratio):
        return f"{trial.group} has false positives and all other comments have none"
    return f"{trial.group} has the greatest ratio of a group's false positive rate to that of all others, {trial.ratio:.2f}"


def _ratio(rate: float, rest: float) -> float:
    if rest == 0:
        return 1.0 if rate == 0 else float("inf")
    return rate / rest
