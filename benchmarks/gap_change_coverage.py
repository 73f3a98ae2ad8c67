"""Measure by simulation how often intervals of the change of a gap, and of clustered or weighted metrics, hold the true value.

    .venv/bin/python -m benchmarks.gap_change_coverage            # 3 minutes; writes docs/gap-changes.md
    .venv/bin/python -m benchmarks.gap_change_coverage --draws 20 --to /tmp/table.md

In: nothing; the seeds are fixed. Out: a Markdown page. The cases were chosen to break the intervals: gaps that vanish or appear,
several gaps that are equally large, small and unequal slices, slices that share examples, weights that go with the error,
clusters.
"""

import argparse
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fairgate.measurement import MetricKey, PairedBuckets, PairedRate, Rate, SliceMetrics
from fairgate.predictions import evaluate_predictions
from fairgate.statistics import paired
from fairgate.statistics.comparison import Estimate, estimate, informedness
from fairgate.statistics.gap_changes import Gap, of_each, of_largest
from fairgate.statistics.intervals import Array

BUCKETS = 50
HEAVY = 5.0
BY_ERROR = (0.5, 0.8, 0.8, 0.1)  # shares of weight 5 among examples that both, one, the other, neither get wrong
DRAWS = 500
SEED = 90_210
PAGE = Path(__file__).parents[1] / "docs" / "gap-changes.md"

Drawn = Callable[[np.random.Generator], Estimate]


@dataclass(frozen=True)
class GroupShare:
    """Disjoint examples: their expected number, the error rates of baseline and candidate, and the correlation of errors."""

    n: int
    baseline: float
    candidate: float
    correlation: float = 0.6

    @property
    def cells(self) -> Array:
        """Return float64[4]: the true shares of both wrong, the baseline alone, the candidate alone, neither."""
        one, other = self.baseline, self.candidate
        both = one * other + self.correlation * float(np.sqrt(one * (1 - one) * other * (1 - other)))
        both = min(both, one, other)
        return np.array([both, one - both, other - both, 1 - one - other + both])


@dataclass(frozen=True)
class GapSetting:
    """A change of the largest gap of some slices.

    Attributes:
        name: what it is.
        gap: how it is measured.
        groups: all examples.
        slices: by slice, which groups it is made of.
        heavy: shares of examples of weight 5, by joint cell.
        cluster: examples of one cluster; 1 where examples are independent.
        correlation: within clusters.
    """

    name: str
    gap: Gap
    groups: tuple[GroupShare, ...]
    slices: tuple[tuple[int, ...], ...] = ((0,),)
    heavy: tuple[float, float, float, float] = (0, 0, 0, 0)
    cluster: int = 1
    correlation: float = 0.0

    def draw(self, random: np.random.Generator) -> Array:
        """Return float64[2, groups, buckets, 4]: numbers of examples of weight 1 and of weight 5 in every bucket and cell."""
        sizes, cells = np.array([group.n for group in self.groups]), np.array([group.cells for group in self.groups])
        total, shares = int(sizes.sum()), sizes / sizes.sum()
        if self.cluster == 1:
            heavy = np.array(self.heavy)
            split = np.stack([cells * (1 - heavy), cells * heavy]) * shares[:, None] / BUCKETS
            split = np.repeat(split[:, :, None], BUCKETS, axis=2)
            return random.multinomial(total, split.ravel() / split.sum()).reshape(split.shape).astype(np.float64)
        counts = np.zeros((2, len(sizes), BUCKETS, 4))
        for group, number in enumerate(random.multinomial(total // self.cluster, shares)):
            own = random.dirichlet(cells[group] * (1 - self.correlation) / self.correlation, number)
            np.add.at(counts[0, group], random.integers(0, BUCKETS, number), random.multinomial(self.cluster, own))
        return counts

    def change(self, weights: list[Array]) -> float:
        """Return the change of the largest gap from weights of the joint cells, float64[4], by group."""
        slices, whole = [np.sum([weights[at] for at in groups], axis=0) for groups in self.slices], np.sum(weights, axis=0)
        theirs, ours = (
            self.gap.sizes(
                np.array([(cells[0] + cells[model]) / cells.sum() for cells in slices]),
                np.array((whole[0] + whole[model]) / whole.sum()),
            ).max()
            for model in (1, 2)
        )
        return float(ours - theirs)

    @property
    def true(self) -> float:
        """Return the change in the population."""
        return self.change([group.n * group.cells * (1 + np.array(self.heavy) * (HEAVY - 1)) for group in self.groups])

    def estimate(self, random: np.random.Generator) -> Estimate:
        """Draw examples and return the change as the gate estimates it."""
        counts = self.draw(random)
        pairs, whole = [_pair(counts[:, list(groups)]) for groups in self.slices], _pair(counts)
        weights = counts[0] + HEAVY * counts[1]
        value = self.change(list(weights.sum(axis=1)))
        if len(pairs) == 1 and self.cluster == 1:
            return of_each(pairs[0], whole, self.gap, value, 1)
        return of_largest(pairs, whole, self.gap, value, 1)


def _pair(counts: Array) -> PairedRate:
    light, heavy = counts.sum(axis=(1, 2))
    both, lost, gained, neither = (counts[0] + HEAVY * counts[1]).sum(axis=0).T
    buckets = PairedBuckets(both + lost + gained + neither, both + lost, both + gained)
    rows, weights, squares = ((light + HEAVY**power * heavy).tolist() for power in (0, 1, 2))
    return PairedRate(rows, weights, squares, buckets)


HIGHER, BOTH, LOWER = Gap("ratio", "higher"), Gap("difference", None), Gap("difference", "lower")
REST = GroupShare(9000, 0.12, 0.12)
NO_GAP = GroupShare(500, 0.12, 0.12)


def _each(name: str, own: GroupShare, gap: Gap = HIGHER, rest: GroupShare = REST) -> GapSetting:
    return GapSetting(name, gap, (own, rest))


def _largest(name: str, *groups: GroupShare, gap: Gap = HIGHER, rest: GroupShare = REST) -> GapSetting:
    return GapSetting(name, gap, (*groups, rest), tuple((at,) for at in range(len(groups))))


def cases() -> Iterator[GapSetting]:
    """Yield the cases; those of a single slice first."""
    own = GroupShare(1000, 0.25, 0.20)
    yield _each("a gap shrinks", own)
    yield _each("… of 200 examples", GroupShare(200, 0.25, 0.20))
    yield _each("a small gap vanishes", GroupShare(1000, 0.125, 0.12))
    yield _each("a gap vanishes, 300 examples", GroupShare(300, 0.15, 0.12))
    yield _each("a gap appears", GroupShare(600, 0.12, 0.15))
    yield _each("no gap in either", GroupShare(600, 0.12, 0.12))
    yield _each("from above to below overall, both directions", GroupShare(800, 0.15, 0.09), BOTH)
    yield _each("rare errors", GroupShare(1000, 0.03, 0.02), HIGHER, GroupShare(9000, 0.01, 0.01))
    yield _each("accuracy", GroupShare(500, 0.80, 0.85), LOWER, GroupShare(5000, 0.9, 0.9))
    yield _each("nearly the same model", GroupShare(1000, 0.25, 0.245, 0.97), HIGHER, GroupShare(9000, 0.12, 0.12, 0.98))
    yield GapSetting("weights 5 : 1 that go with the error", HIGHER, (own, REST), heavy=BY_ERROR)
    yield GapSetting("clusters of 10, correlation .3", HIGHER, (GroupShare(1500, 0.25, 0.20), REST), cluster=10, correlation=0.3)
    yield _largest(
        "largest of 3: one shrinks", GroupShare(500, 0.3, 0.2), GroupShare(500, 0.15, 0.15), GroupShare(500, 0.14, 0.14)
    )
    yield _largest("3 equal gaps shrink equally", *[GroupShare(500, 0.25, 0.2)] * 3)
    yield _largest("5 slices without gaps", *[NO_GAP] * 5)
    yield _largest("the only gap of 10 vanishes", GroupShare(500, 0.24, 0.12), *[NO_GAP] * 9)
    yield _largest("the only gap of 10 appears", GroupShare(500, 0.12, 0.24), *[NO_GAP] * 9)
    moved = GroupShare(500, 0.16, 0.141), *[GroupShare(500, 0.16, 0.10)] * 23
    yield _largest("of 24 equal gaps 23 vanish", *moved, gap=Gap("difference", "higher"), rest=GroupShare(15_000, 0.088, 0.10))
    yield _largest("20 small slices, one gap shrinks", GroupShare(200, 0.3, 0.2), *[GroupShare(200, 0.12, 0.12)] * 19)
    yield _largest(
        "150, 1,000 and 5,000 examples", GroupShare(150, 0.2, 0.15), GroupShare(1000, 0.18, 0.15), GroupShare(5000, 0.12, 0.12)
    )
    yield GapSetting(
        "three slices that share examples",
        HIGHER,
        (GroupShare(600, 0.2, 0.15), GroupShare(600, 0.18, 0.15), GroupShare(300, 0.3, 0.2), REST),
        ((0, 2), (1, 2), (2,)),
    )
    three = (GroupShare(1500, 0.25, 0.2), GroupShare(1500, 0.2, 0.2), GroupShare(1500, 0.15, 0.15), REST)
    yield GapSetting("3 slices, weights 5 : 1", HIGHER, three, ((0,), (1,), (2,)), BY_ERROR)
    yield GapSetting("3 slices, clusters of 10, correlation .3", HIGHER, three, ((0,), (1,), (2,)), cluster=10, correlation=0.3)


@dataclass(frozen=True)
class GapCoverage:
    """How often intervals of 95 % lay wholly above the true value, wholly below it, and wholly below 0; and their mean width."""

    name: str
    true: float
    above: float
    below: float
    shrinks: float
    width: float

    @property
    def coverage(self) -> float:
        """Return the share of intervals that held the true value."""
        return 1 - self.above - self.below

    def row(self, *more: str) -> str:
        """Return a row of a table."""
        return (
            f"| {self.name} | {self.true:.3f} | {self.coverage:.3f} | {self.above:.3f} | {self.below:.3f} | {' | '.join(more)} |"
        )


def simulate(name: str, true: float, drawn: Drawn, draws: int, seed: int) -> GapCoverage:
    """Return what `draws` intervals of 95 % hold."""
    random = np.random.default_rng(seed)
    low, high = np.array([drawn(random).interval(0.95) for _ in range(draws)]).T
    above, below, shrinks = (float(missed.mean()) for missed in (low > true + 1e-12, high < true - 1e-12, high < 0))
    return GapCoverage(name, true, above, below, shrinks, float((high - low).mean()))


def others() -> Iterator[tuple[str, float, Drawn]]:
    """Yield metrics of clustered and of weighted examples: name, true value, how to draw an estimate."""
    for size, correlation in ((5, 0.1), (10, 0.3)):
        name = f"clusters of {size}, correlation {correlation:g}"
        case = GapSetting(name, HIGHER, (GroupShare(2000, 0.2, 0.17),), cluster=size, correlation=correlation)
        yield f"difference of two models, {name}", -0.03, functools.partial(_paired, case)
        yield f"AUC, {name}", TRUE_AUC, functools.partial(_auc, size, correlation)
    for number in (300, 1000, 5000):
        yield f"informedness, weights 5 : 1, {number:,} examples", *_informedness(number)


TRUE_AUC = 0.760250  # of scores that are normal with variance 1 and means 0 and 1: the normal distribution at 1 / √2


def _paired(case: GapSetting, random: np.random.Generator) -> Estimate:
    return paired.difference(_pair(case.draw(random)), 1.0)


def _auc(size: int, correlation: float, random: np.random.Generator) -> Estimate:
    """Draw 2,000 scores in clusters of which each has one label and a shift of its own."""
    number = 2000 // size
    labels = np.repeat(random.random(number) < 0.3, size)
    shift = np.repeat(random.normal(size=number), size) * np.sqrt(correlation)
    latent = labels + shift + random.normal(size=labels.size) * np.sqrt(1 - correlation)
    scores = 1 / (1 + np.exp(-latent))
    clusters = np.repeat(np.arange(number), size).tolist()
    evaluation = evaluate_predictions(labels.astype(int), {"candidate": scores}, thresholds=(0.5, 0.7), clusters=clusters)
    return estimate(evaluation.models["candidate"]["overall"], MetricKey("auc"))


def _informedness(number: int) -> tuple[float, Drawn]:
    """Return the true J of decisions whose errors weigh 5, and how to draw it: 30 % positives, hit rate .7, false alarms .2."""

    def drawn(random: np.random.Generator) -> Estimate:
        positives = int(random.binomial(number, 0.3))
        hits, alarms = int(random.binomial(positives, 0.7)), int(random.binomial(number - positives, 0.2))
        misses, rejections = positives - hits, number - positives - alarms
        weights, squares = (hits + rejections + HEAVY**power * (misses + alarms) for power in (1, 2))
        rates = {
            MetricKey("true_positive_rate", 0.5): Rate(hits, hits + HEAVY * misses, (hits, HEAVY**2 * misses)),
            MetricKey("false_positive_rate", 0.5): Rate(
                HEAVY * alarms, HEAVY * alarms + rejections, (HEAVY**2 * alarms, rejections)
            ),
        }
        effect, mean = number * squares / weights**2, weights / number
        metrics = SliceMetrics(number, positives, number - positives, rates, design_effect=effect, mean_weight=mean)
        return informedness(metrics, 0.5)

    return 0.7 / (0.7 + HEAVY * 0.3) - HEAVY * 0.2 / (HEAVY * 0.2 + 0.8), drawn


def page(draws: int) -> str:
    """Return the page as Markdown."""
    changes = [simulate(case.name, case.true, case.estimate, draws, SEED + at) for at, case in enumerate(cases())]
    rest = [simulate(*other, draws, SEED + 100 + at) for at, other in enumerate(others())]
    error = 100 * (0.95 * 0.05 / draws) ** 0.5
    lines = [
        "# Changes of a gap, clustered and weighted metrics: intervals, measured",
        "",
        f"Written by `.venv/bin/python -m benchmarks.gap_change_coverage`: {draws:,} draws per case, seeds from {SEED}.",
        f"Nominal coverage is .95; a measured one has a standard error of {error:.1f} points.",
        "[Which interval is used where](statistics.md).",
        "",
        "## Changes of a gap",
        "",
        '"Too high" and "too low" are the shares of intervals that lie wholly above or below the true change.',
        '"Shrinks" is the share that proves that the gap shrank:',
        "power where the true change is below 0, else an error, which should be at most .025.",
        "",
        "| case | true | coverage | too high | too low | shrinks | width |",
        "|---|--:|--:|--:|--:|--:|--:|",
        *(result.row(f"{result.shrinks:.3f}", f"{result.width:.3f}") for result in changes),
        "",
        "The bounds of the largest gap are conservative where several slices have about the same gap.",
        "They hold for all of them at once, and prove a shrinking less often there.",
        "",
        "## Clustered and weighted metrics",
        "",
        "| case | true | coverage | too high | too low | width |",
        "|---|--:|--:|--:|--:|--:|",
        *(result.row(f"{result.width:.3f}") for result in rest),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=DRAWS, help="Draws per case.")
    parser.add_argument("--to", type=Path, default=PAGE, help="File to write (default: docs/gap-changes.md).")
    arguments = parser.parse_args()
    arguments.to.write_text(page(arguments.draws), encoding="utf-8")


if __name__ == "__main__":
    main()
