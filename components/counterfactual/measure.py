"""From scores to results: how often decisions flip and how far scores move when a term is swapped. Pure numpy.

In: swaps and probes, and the score of every text. Out: `TermResult` per term. A text whose score is not finite takes no part.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from components.counterfactual.probes import Probe
from components.counterfactual.swap import Swap
from fairgate.counterfactual import FlipRate, ScoreShift, TermResult, TestKind
from fairgate.statistics.intervals import flip_interval, shift_interval, standard_error

Scores = Mapping[str, float]
Array = npt.NDArray[np.float64]
Pair = tuple[float, Sequence[float]]  # the score of a text, and those that it is compared with
Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class DecisionSettings:
    """How scores become decisions.

    Attributes:
        thresholds: a score above one is a positive decision.
        confidence: level of the intervals.
    """

    thresholds: tuple[float, ...]
    confidence: float


@dataclass(frozen=True)
class TermEffects:
    """Effects of a term on the texts that hold it.

    Attributes:
        flips: float64[texts, thresholds], share of a text's swaps that flip the decision.
        shifts: float64[texts], score with the term minus mean score with the others.
    """

    flips: Array
    shifts: Array


def measure_swaps(model: str, swaps: Iterable[Swap], scores: Scores, decisions: DecisionSettings) -> list[TermResult]:
    """Return a result per term that has a swap with finite scores."""
    found = []
    for named, own in _grouped(swaps, lambda swap: (swap.group, swap.term)):
        pairs = [
            (scores[text], [scores[swap.swapped] for swap in of_text if math.isfinite(scores[swap.swapped])])
            for text, of_text in _grouped(own, lambda swap: swap.original)
            if math.isfinite(scores[text])
        ]
        compared = [(score, others) for score, others in pairs if others]
        if compared:
            found.append(_result("swaps", model, named, _effects(compared, decisions.thresholds), decisions))
    return found


def measure_probes(model: str, probes: Iterable[Probe], scores: Scores, decisions: DecisionSettings) -> list[TermResult]:
    """Return a result per term: each template against the mean of the group in the same template."""
    usable = [probe for probe in probes if math.isfinite(scores[probe.text])]
    means = {
        key: float(np.mean([scores[probe.text] for probe in same]))
        for key, same in _grouped(usable, lambda probe: (probe.group, probe.template))
    }
    return [
        _result("probes", model, named, _effects(_against(means, own, scores), decisions.thresholds), decisions)
        for named, own in _grouped(usable, lambda probe: (probe.group, probe.term))
    ]


def invalid_scores(scores: Scores) -> int:
    """Count scores that are NaN or infinite."""
    return sum(not math.isfinite(score) for score in scores.values())


def _against(means: Mapping[tuple[str, str], float], probes: Iterable[Probe], scores: Scores) -> list[Pair]:
    return [(scores[probe.text], [means[probe.group, probe.template]]) for probe in probes]


def _effects(pairs: Sequence[Pair], thresholds: tuple[float, ...]) -> TermEffects:
    """Compute flips and shifts from the score of each text and the scores that it is compared with."""
    at = np.array(thresholds)
    flips = [((original > at) != (np.array(others)[:, None] > at)).mean(axis=0) for original, others in pairs]
    return TermEffects(np.array(flips), np.array([original - np.mean(others) for original, others in pairs]))


def _result(test: TestKind, model: str, named: tuple[str, str], effects: TermEffects, decisions: DecisionSettings) -> TermResult:
    n, confidence = len(effects.shifts), decisions.confidence
    rates = effects.flips.mean(axis=0).tolist()
    ends = [flip_interval(rate, n, confidence) for rate in rates]
    flips = tuple(
        FlipRate(threshold=threshold, value=rate, low=low, high=high)
        for threshold, rate, (low, high) in zip(decisions.thresholds, rates, ends, strict=True)
    )
    mean, error = float(effects.shifts.mean()), standard_error(effects.shifts)
    low, high = shift_interval(mean, error, n, confidence)
    shift = ScoreShift(value=mean, standard_error=error, low=low, high=high)
    return TermResult(test=test, model=model, group=named[0], term=named[1], n=n, flips=flips, shift=shift)


def _grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> Iterator[tuple[Key, list[Item]]]:
    """Group items by key, in the order in which keys first occur."""
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return iter(groups.items())
