"""Coverage against accuracy: how right a model is on what it still decides, under each kind of decision rule.

In: probabilities float[N, C] and labels. Out: a point for each kind of rule and each of its limits. Pure numpy.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.tasks.images.decision import DECIDED, DecisionRule, Decisions, Probabilities, decide

LIMITS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99, 0.995, 0.999)

CONFIDENCE = "confidence"
MARGIN = "margin"
DRAW = "draw of a tie"
LAST_LISTED = "shortlist, one class left"
LISTED_DRAW = "shortlist, then a draw"
SECOND_MODEL = "shortlist, then the other model"

# What a limit is of each kind: what a class, its lead or a class on the shortlist must at least have; how near ties are.
_KINDS: Mapping[str, Callable[[float], DecisionRule]] = {
    CONFIDENCE: lambda limit: DecisionRule(min_confidence=limit),
    MARGIN: lambda limit: DecisionRule(min_margin=limit),
    DRAW: lambda limit: DecisionRule(near_tie=limit),
    LAST_LISTED: lambda limit: DecisionRule(shortlist_min=limit, min_margin=1),
    LISTED_DRAW: lambda limit: DecisionRule(shortlist_min=limit, near_tie=1),
}
_SHORTLISTS = (LAST_LISTED, LISTED_DRAW, SECOND_MODEL)


@dataclass(frozen=True)
class CoveragePoint:
    """Coverage and accuracy under one limit.

    Attributes:
        rule: the kind of rule.
        limit: from 0 to 1.
        coverage: share of the rows that is decided.
        accuracy: among them; of rows that are drawn, the expected one; NaN when there are none.
        n: their number.
        abstained: how many are not decided, by reason: "12 margin too small"; "" for none.
    """

    rule: str
    limit: float
    coverage: float
    accuracy: float
    n: int
    abstained: str


def coverage_curve(
    probabilities: Probabilities,
    labels: NDArray[np.integer[Any]],
    limits: Sequence[float] = LIMITS,
    second: Probabilities | None = None,
) -> list[CoveragePoint]:
    """Return coverage against accuracy for each kind of rule at each limit.

    Args:
        probabilities: float[N, C]; rows that are not finite are never decided.
        labels: int[N].
        limits: from 0 to 1; 0 is none for a shortlist, and left out.
        second: float[N, C] of the model that decides among the shortlist of the first; without it there is no such rule.

    Raises:
        ValueError: there are no rows, or as many labels as rows there are not.
    """
    kinds = [(name, make, None) for name, make in _KINDS.items()]
    by_two = [] if second is None else [(SECOND_MODEL, lambda limit: DecisionRule(shortlist_min=limit), second)]
    return [
        coverage_of(name, limit, decide(probabilities, make(limit), second=other), labels)
        for name, make, other in [*kinds, *by_two]
        for limit in limits
        if limit or name not in _SHORTLISTS
    ]


def coverage_of(rule: str, limit: float, decisions: Decisions, labels: NDArray[np.integer[Any]]) -> CoveragePoint:
    """Return the point of decisions on rows with labels int[N].

    Raises:
        ValueError: as above.
    """
    rows = len(decisions)
    if len(labels) != rows or not rows:
        raise ValueError(f"{len(labels)} labels for {rows} rows of probabilities; give as many, at least one")
    counted = Counter(decisions.reasons.tolist())
    n = sum(counted.pop(reason, 0) for reason in DECIDED)
    right = float(decisions.chances[np.arange(rows), labels].sum())
    return CoveragePoint(rule, limit, n / rows, right / n if n else float("nan"), n, counts_in_words(counted))


def counts_in_words(counted: Mapping[str, int]) -> str:
    """Return "12 margin too small, 1 confidence too low", the most frequent first; "" for none."""
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{number:,} {reason}" for reason, number in ordered)
