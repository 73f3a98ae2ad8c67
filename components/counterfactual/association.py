"""The bias of a text embedding before anything is trained. Pure numpy.

In: sentence vectors float[N, d] of neutral templates that differ in an identity term alone, and of pleasant and unpleasant
sentences. Out: `TermPair` per pair of terms.

The test is the Word Embedding Association Test (Caliskan, Bryson, Narayanan 2017, "Semantics derived automatically from language
corpora contain human-like biases") on sentences, as the Sentence Encoder Association Test does (May et al. 2019, "On Measuring
Social Biases in Sentence Encoders"). A finding shows bias; no finding does not prove its absence.

Of a word that the embedding does not know nothing can be measured: its sentences are those of any other unknown word.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from components.counterfactual.plan import CounterfactualPlan
from components.counterfactual.probes import Probe, neutral_probes
from components.counterfactual.terms import ADJECTIVE
from fairgate.counterfactual import TermPair
from fairgate.statistics.intervals import shift_interval, standard_error

PERMUTATIONS = 9999
NONSENSE = ("qxzvjk", "zzyqwf", "vkxqpj")  # words that no embedding has learned
_ROUNDING = 1e-9  # relative: sums of the same numbers in another order are the same sum; absolute for cosines that cancel

Vectors = npt.NDArray[np.floating[Any]]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Association:
    """The answer of the test.

    Attributes:
        effect_size: in [-2, 2]; NaN when all sentences lie equally near to both sides.
        p_value: of "the two sets of sentences are exchangeable", two-sided, at least 1 / (PERMUTATIONS + 1).
    """

    effect_size: float
    p_value: float


def examine(plan: CounterfactualPlan, embed: Callable[[Sequence[str]], Vectors], confidence: float, seed: int) -> list[TermPair]:
    """Measure every pair of terms of a group in an embedding.

    Args:
        plan: terms and sentences.
        embed: N sentences -> float[N, d].
        confidence: level of the intervals.
        seed: of the permutations.
    """
    wanted = sentences(plan)
    words = [word for group in plan.groups.values() for word in group.forms.get(ADJECTIVE, {}).values()]
    unknown = unknown_words(words, embed) if words else frozenset[str]()
    return measure_embedding(plan, dict(zip(wanted, embed(wanted), strict=True)), confidence, seed, unknown)


def unknown_words(words: Sequence[str], embed: Callable[[Sequence[str]], Vectors]) -> frozenset[str]:
    """Return the words whose vector is zero, or that of a word that nobody uses.

    An embedding that hashes unknown words gives each a vector of its own; there none is found.

    Args:
        words: N of them.
        embed: N texts -> float[N, d].
    """
    vectors = np.asarray(embed([*words, *NONSENSE]), np.float64)
    own, invented = vectors[: len(words)], vectors[len(words) :]
    close = [np.isclose(own, vector, rtol=0, atol=_ROUNDING).all(axis=1) for vector in (np.zeros(own.shape[1]), *invented)]
    return frozenset(word for word, unknown in zip(words, np.any(close, axis=0), strict=True) if unknown)


def sentences(plan: CounterfactualPlan) -> list[str]:
    """Return the sentences whose vectors `measure_embedding` needs, each once."""
    return list(dict.fromkeys([*(probe.text for probe in neutral_probes(plan)), *plan.pleasant, *plan.unpleasant]))


def measure_embedding(
    plan: CounterfactualPlan,
    vectors: Mapping[str, Vectors],
    confidence: float,
    seed: int,
    unknown: Collection[str] = (),
) -> list[TermPair]:
    """Measure every pair of terms of a group from vectors that are already there.

    Args:
        plan: terms and sentences.
        vectors: sentence -> float[d], of all `sentences`.
        confidence: level of the intervals.
        seed: of the permutations.
        unknown: words that the embedding does not know; a pair with one of them is named, and not measured.
    """
    units = {sentence: _unit(vector) for sentence, vector in vectors.items()}
    pleasant, unpleasant = (np.array([units[text] for text in texts]) for texts in (plan.pleasant, plan.unpleasant))
    by_term: dict[tuple[str, str], list[Probe]] = {}
    for probe in neutral_probes(plan):
        by_term.setdefault((probe.group, probe.term), []).append(probe)
    found = []
    for (first, own), (second, others) in combinations(by_term.items(), 2):
        if first[0] != second[0]:
            continue
        absent = [word for word in (_word(plan, *first), _word(plan, *second)) if word in unknown]
        if absent:
            found.append(_unmeasured((*first, second[1]), len(own), absent))
        else:
            x, y = (np.array([units[probe.text] for probe in probes]) for probes in (own, others))
            tested = association_test(nearness(x, pleasant, unpleasant), nearness(y, pleasant, unpleasant), seed)
            found.append(_pair((*first, second[1]), np.clip(1 - (x * y).sum(axis=1), 0, 2), tested, confidence))
    return found


def nearness(targets: Array, pleasant: Array, unpleasant: Array) -> Array:
    """Return s(w, A, B) of Caliskan et al.: mean cosine similarity to the pleasant minus that to the unpleasant sentences.

    Args:
        targets: float64[n, d], of length 1 or 0.
        pleasant: float64[a, d], likewise.
        unpleasant: float64[b, d], likewise.

    Returns:
        float64[n].
    """
    return np.asarray((targets @ pleasant.T).mean(axis=1) - (targets @ unpleasant.T).mean(axis=1))


def association_test(first: Array, second: Array, seed: int) -> Association:
    """Compute effect size and permutation test of Caliskan et al.

    The effect size is (mean of `first` - mean of `second`) / standard deviation of both together. The p-value is the share of
    random partitions into sets of these sizes whose difference of means is as large in either direction, counting the partition
    that was found (Phipson, Smyth 2010), so that it is never 0.

    Args:
        first: float64[n], what `nearness` gives for the sentences of a term.
        second: the same for another term.
        seed: of the partitions.
    """
    both = np.concatenate([first, second])
    difference, spread = first.mean() - second.mean(), both.std(ddof=1)
    if spread <= _ROUNDING * max(1.0, np.abs(both).max()):
        return Association(math.nan, 1.0)
    shuffled = np.random.default_rng(seed).permuted(np.tile(both, (PERMUTATIONS, 1)), axis=1)
    partitions = shuffled[:, : len(first)].mean(axis=1) - shuffled[:, len(first) :].mean(axis=1)
    as_large = int((np.abs(partitions) >= abs(difference) * (1 - _ROUNDING)).sum())
    return Association(float(difference / spread), (as_large + 1) / (PERMUTATIONS + 1))


def _unit(vector: Vectors) -> Array:
    """Scale vectors to length 1; a vector of zeros (a sentence without known words) stays zero and is similar to nothing."""
    wide = np.asarray(vector, np.float64)
    length = float(np.linalg.norm(wide))
    return wide / length if length else wide


def _word(plan: CounterfactualPlan, group: str, term: str) -> str:
    return plan.groups[group].forms[ADJECTIVE][term]


def _unmeasured(names: tuple[str, str, str], n: int, unknown: Sequence[str]) -> TermPair:
    nothing = {"distance": math.nan, "low": math.nan, "high": math.nan, "effect_size": math.nan, "p_value": math.nan}
    return TermPair(group=names[0], term=names[1], other=names[2], n=n, unknown=tuple(unknown), **nothing)


def _pair(names: tuple[str, str, str], distances: Array, tested: Association, confidence: float) -> TermPair:
    mean = float(distances.mean())
    low, high = shift_interval(mean, standard_error(distances), len(distances), confidence)
    return TermPair(
        group=names[0],
        term=names[1],
        other=names[2],
        n=len(distances),
        distance=mean,
        low=max(low, 0.0),
        high=high,
        effect_size=tested.effect_size,
        p_value=tested.p_value,
    )
