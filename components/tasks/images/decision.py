"""Decisions beyond the most probable class: when to abstain, which classes tie, and who decides among a shortlist.

In: probabilities float[N, C] of a model, and of a second one where it decides among the first one's shortlist. Out: a class or an
abstention for each row, with its reason. Pure numpy.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgate.errors import InputError

Probabilities = NDArray[np.floating[Any]]

ABSTAINS = -1

MOST_PROBABLE = "most probable"
DRAWN = "drawn from a tie"
BY_SECOND = "by the second model"
LOW_CONFIDENCE = "confidence too low"
SMALL_MARGIN = "margin too small"
NOT_LISTED = "no class on the shortlist"
NOTHING_LISTED = "shortlist of probability 0"
NOT_FINITE = "probabilities not finite"
DECIDED = (MOST_PROBABLE, DRAWN, BY_SECOND)

_EXAMPLES = {"min_confidence": 0.9, "min_margin": 0.2, "near_tie": 0.05, "shortlist_min": 0.1}


@dataclass(frozen=True)
class DecisionRule:
    """What a model decides, and what it leaves open.

    With a shortlist, the classes that are not on it get the probability 0 and the others are scaled to a sum of 1, whoever's
    probabilities they are; the other limits are about these. So a shortlist of one class has the confidence and the margin 1.

    Attributes:
        min_confidence: it abstains when the most probable class has less than this probability.
        min_margin: it abstains when the most probable class leads the second by less than this.
        near_tie: all classes that lie behind the most probable by less than this tie, and one of them is drawn, each as likely as
            the others; 0 never draws.
        shortlist_top: this many classes are on the shortlist, and those that tie with the last of them; 0 for all.
        shortlist_min: so are only classes with at least this probability; 0 for all.

    Raises:
        InputError: a probability is outside 0..1, a shortlist has fewer than two places, or near_tie can never apply because
            min_margin abstains before.
    """

    min_confidence: float = 0.0
    min_margin: float = 0.0
    near_tie: float = 0.0
    shortlist_top: int = 0
    shortlist_min: float = 0.0

    def __post_init__(self) -> None:
        for name, example in _EXAMPLES.items():
            if not 0 <= getattr(self, name) <= 1:
                option = f"--{name.replace('_', '-')} {example}"
                raise InputError(f"{name} is {getattr(self, name)}; give a number from 0 to 1, such as {option}")
        if self.shortlist_top < 0 or self.shortlist_top == 1:
            raise InputError(f"shortlist_top is {self.shortlist_top}; give at least two classes: --shortlist-top 2")
        if 0 < self.near_tie <= self.min_margin:
            raise InputError(
                f"near_tie {self.near_tie:g} never applies: min_margin {self.min_margin:g} abstains from those; give one of them"
            )

    @property
    def lists(self) -> bool:
        """Return whether there is a shortlist."""
        return self.shortlist_top > 0 or self.shortlist_min > 0


@dataclass(frozen=True)
class Decisions:
    """One decision per row.

    Attributes:
        classes: int64[N], a column of the probabilities or ABSTAINS.
        confidence: float64[N], the probability of the most probable class, among the shortlist if there is one; NaN where
            probabilities are not finite or nothing is on the shortlist.
        margin: float64[N], its lead over the second; NaN likewise.
        reasons: N of DECIDED, or of the reasons to abstain.
        shortlist: bool[N, C], the classes that could be decided for.
        chances: float64[N, C], how likely each class was to be decided for: 1 for one class, 1/k for each of k that tie, 0 for
            all where the rule abstains.
    """

    classes: NDArray[np.int64]
    confidence: NDArray[np.float64]
    margin: NDArray[np.float64]
    reasons: NDArray[np.str_]
    shortlist: NDArray[np.bool_]
    chances: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.classes)


def decide(probabilities: Probabilities, rule: DecisionRule, seed: int = 0, second: Probabilities | None = None) -> Decisions:
    """Decide each row by the rule.

    Args:
        probabilities: float[N, C], C at least 2.
        rule: the shortlist comes first, then confidence, then the margin, then the draw.
        seed: of the draws; that of a row depends on the seed and its place alone.
        second: float[N, C] of the model that decides among the first one's shortlist; None for the first one itself.

    Raises:
        InputError: the shortlist has more places than there are classes, or there is a second model and no shortlist.
        ValueError: the probabilities have another shape.
    """
    first = _checked(probabilities, rule, second)
    deciding = first if second is None else second.astype(np.float64)
    finite = np.isfinite(first).all(axis=1) & np.isfinite(deciding).all(axis=1)
    listed = _shortlist(first, rule) & finite[:, None]
    judged = _among(np.where(finite[:, None], deciding, 0), listed) if rule.lists else np.where(listed, deciding, np.nan)
    ordered = np.sort(judged, axis=1)
    confidence, margin = ordered[:, -1], ordered[:, -1] - ordered[:, -2]
    best = np.argmax(judged, axis=1)
    tied = listed & (confidence[:, None] - judged < rule.near_tie)
    several = listed.sum(axis=1) > 1
    reasons = np.select(
        [
            ~finite,
            ~listed.any(axis=1),
            np.isnan(confidence),
            confidence < rule.min_confidence,
            margin < rule.min_margin,
            tied.sum(axis=1) > 1,
            several & (second is not None),
        ],
        [NOT_FINITE, NOT_LISTED, NOTHING_LISTED, LOW_CONFIDENCE, SMALL_MARGIN, DRAWN, BY_SECOND],
        MOST_PROBABLE,
    )
    alone = np.arange(first.shape[1]) == best[:, None]
    among = np.where((reasons == DRAWN)[:, None], tied, alone)
    decided = np.isin(reasons, DECIDED)
    chosen = draw(among, np.random.default_rng(seed).random(len(first)))
    chances = np.where(decided[:, None], among / among.sum(axis=1, keepdims=True), 0)
    return Decisions(np.where(decided, chosen, ABSTAINS), confidence, margin, reasons, listed, chances)


def draw(among: NDArray[np.bool_], uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each row one of the k classes that are marked: the first if the number lies below 1/k, and so on.

    Args:
        among: bool[N, C], at least one in each row.
        uniform: float64[N], from 0 to below 1.
    """
    place = np.floor(uniform * among.sum(axis=1))
    drawn: NDArray[np.int64] = np.argmax(np.cumsum(among, axis=1) > place[:, None], axis=1)
    return drawn


def _checked(probabilities: Probabilities, rule: DecisionRule, second: Probabilities | None) -> NDArray[np.float64]:
    """Return the probabilities in double precision: limits are compared with them as they are."""
    if probabilities.ndim != 2 or probabilities.shape[1] < 2:
        raise ValueError(f"probabilities of shape {probabilities.shape}; expected [N, C] with at least two classes")
    if second is not None and second.shape != probabilities.shape:
        raise ValueError(f"probabilities of shapes {probabilities.shape} and {second.shape}; expected the same of both models")
    classes = probabilities.shape[1]
    if rule.shortlist_top > classes:
        raise InputError(f"shortlist_top is {rule.shortlist_top}, of {classes} classes; give at most --shortlist-top {classes}")
    if second is not None and not rule.lists:
        raise InputError("a second model decides among a shortlist; give one, such as --shortlist-top 3 or --shortlist-min 0.1")
    return probabilities.astype(np.float64)


def _shortlist(probabilities: NDArray[np.float64], rule: DecisionRule) -> NDArray[np.bool_]:
    """Return the classes that can be decided for, bool[N, C]."""
    listed = np.full(probabilities.shape, True)
    if rule.shortlist_min:
        listed &= probabilities >= rule.shortlist_min
    if rule.shortlist_top:
        last = np.sort(probabilities, axis=1)[:, -rule.shortlist_top]
        listed &= probabilities >= last[:, None]
    return listed


def _among(probabilities: NDArray[np.float64], listed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the probabilities of each class if it is one of those listed; NaN where these have none."""
    kept = np.where(listed, probabilities, 0)
    total = kept.sum(axis=1, keepdims=True)
    return np.divide(kept, total, out=np.full(kept.shape, np.nan), where=total > 0)
