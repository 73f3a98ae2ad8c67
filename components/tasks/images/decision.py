"""Decisions beyond the most probable class: when to abstain, and how to break a near tie.

In: probabilities float[N, C] of a model. Out: a class or an abstention for each row, with its reason; and how accuracy rises as
less is decided. Pure numpy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairgate.errors import InputError

Probabilities = NDArray[np.floating[Any]]

ABSTAINS = -1

MOST_PROBABLE = "most probable"
COIN_FLIP = "coin flip"
LOW_CONFIDENCE = "confidence too low"
SMALL_MARGIN = "margin too small"
NOT_FINITE = "probabilities not finite"

CONFIDENCE = "confidence"
MARGIN = "margin"
LIMITS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99, 0.995, 0.999)


@dataclass(frozen=True)
class DecisionRule:
    """The limits within which a model decides.

    Attributes:
        min_confidence: it abstains when the most probable class has less than this probability.
        min_margin: it abstains when the most probable class leads the second by less than this.
        near_tie: with a lead of less than this, a coin chooses between the two classes; 0 never flips a coin.

    Raises:
        InputError: a value is outside 0..1, or near_tie can never apply because min_margin abstains before.
    """

    min_confidence: float = 0.0
    min_margin: float = 0.0
    near_tie: float = 0.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value <= 1:
                raise InputError(f"{name} is {value}; give a number from 0 to 1")
        if 0 < self.near_tie <= self.min_margin:
            raise InputError(
                f"near_tie {self.near_tie:g} never applies: min_margin {self.min_margin:g} abstains from those; give one of them"
            )


@dataclass(frozen=True)
class Decisions:
    """One decision per row.

    Attributes:
        classes: int64[N], a column of the probabilities or ABSTAINS.
        confidence: float64[N], the probability of the most probable class; NaN where the probabilities are not finite.
        margin: float64[N], its lead over the second; NaN likewise.
        reasons: N of MOST_PROBABLE, COIN_FLIP (decided), LOW_CONFIDENCE, SMALL_MARGIN, NOT_FINITE (abstained).
    """

    classes: NDArray[np.int64]
    confidence: NDArray[np.float64]
    margin: NDArray[np.float64]
    reasons: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.classes)


@dataclass(frozen=True)
class CoveragePoint:
    """Coverage and accuracy under one limit.

    Attributes:
        rule: CONFIDENCE or MARGIN, what must reach the limit.
        limit: from 0 to 1.
        coverage: share of the rows that is decided.
        accuracy: among them; NaN when there are none.
        n: their number.
    """

    rule: str
    limit: float
    coverage: float
    accuracy: float
    n: int


def decide(probabilities: Probabilities, rule: DecisionRule, seed: int = 0) -> Decisions:
    """Decide each row by the rule.

    Args:
        probabilities: float[N, C], C at least 2.
        rule: confidence is looked at first, then the margin, then the coin.
        seed: of the coins; that of a row depends on the seed and its place alone.

    Raises:
        ValueError: the probabilities have another shape.
    """
    best, second, confidence, margin = _leaders(probabilities)
    finite = np.isfinite(confidence)
    tie = margin < rule.near_tie
    heads = np.random.default_rng(seed).random(len(best)) < 0.5
    reasons = np.select(
        [~finite, confidence < rule.min_confidence, margin < rule.min_margin, tie],
        [NOT_FINITE, LOW_CONFIDENCE, SMALL_MARGIN, COIN_FLIP],
        MOST_PROBABLE,
    )
    decided = (reasons == MOST_PROBABLE) | (reasons == COIN_FLIP)
    classes = np.where(decided, np.where(tie & heads, second, best), ABSTAINS)
    return Decisions(classes, confidence, margin, reasons)


def coverage_curve(
    probabilities: Probabilities, labels: NDArray[np.integer[Any]], limits: Sequence[float] = LIMITS
) -> list[CoveragePoint]:
    """Return coverage against accuracy at each limit of confidence, then of margin.

    Args:
        probabilities: float[N, C]; rows that are not finite are never decided.
        labels: int[N].
        limits: what confidence or margin must at least be.

    Raises:
        ValueError: there are no rows, or as many labels as rows there are not.
    """
    if len(labels) != len(probabilities) or not len(labels):
        raise ValueError(f"{len(labels)} labels for {len(probabilities)} rows of probabilities; give as many, at least one")
    best, _, confidence, margin = _leaders(probabilities)
    right = best == labels
    return [
        _point(name, limit, right, measure >= limit)
        for name, measure in ((CONFIDENCE, confidence), (MARGIN, margin))
        for limit in limits
    ]


def _point(rule: str, limit: float, right: NDArray[np.bool_], decided: NDArray[np.bool_]) -> CoveragePoint:
    n = int(decided.sum())
    return CoveragePoint(rule, limit, n / len(right), int((right & decided).sum()) / n if n else float("nan"), n)


def _leaders(
    probabilities: Probabilities,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the most probable class, the second, the first's probability and its lead; ties go to the lowest class."""
    if probabilities.ndim != 2 or probabilities.shape[1] < 2:
        raise ValueError(f"probabilities of shape {probabilities.shape}; expected [N, C] with at least two classes")
    order = np.argsort(-probabilities, axis=1, kind="stable")
    best, second = order[:, 0], order[:, 1]
    rows = np.arange(len(probabilities))
    confidence, runner_up = (probabilities[rows, column].astype(np.float64) for column in (best, second))
    finite = np.isfinite(probabilities).all(axis=1)
    confidence = np.where(finite, confidence, np.nan)
    return best, second, confidence, np.where(finite, confidence - runner_up, np.nan)
