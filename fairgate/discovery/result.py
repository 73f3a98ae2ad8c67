"""Hold what a discovery found, as plain values: what discovery.json and the report's facts hold."""

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from fairgate.discovery.events import HarmfulRate
from fairgate.discovery.power import detectable_rate
from fairgate.discovery.procedure import FIRST, LEVEL, NONE, REST, SECOND, Chosen, Found, choose
from fairgate.discovery.rate_tests import design_effect
from fairgate.discovery.rows import Condition, PackedRows
from fairgate.discovery.search import CountedSlices, count_conjunctions, num_conjunctions
from fairgate.names import spell
from fairgate.statistics.intervals import rate_ratio

RATE = 0.1  # the false discovery rate that is aimed at
DEPTH = 3
MIN_EXAMPLES = 100  # that a policy asks for by default too
_EXAMPLES = 1_000  # a slice of so many is what a reader compares with


class DiscoveryPart(BaseModel):
    """Frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DiscoveredSlice(DiscoveryPart):
    """A slice that was kept on the first half.

    Attributes:
        slice: its name.
        against: the slice that it lies in and is worse than; "" for all examples outside of it.
        threshold: decision threshold; None of several classes.
        n, rate: examples that the metric rests on, and the metric, on the second half.
        other_n, other_rate: likewise, of the examples of `against` outside of the slice.
        ratio, low, high: of both rates with its 95 % interval (Koopman), on the second half; None where unbounded.
        p: of the second half, Holm's adjusted p-value.
        confirmed: whether that is at most `Discovery.level`.
        first_n, first_rate, first_p: of the first half, which chose the slice: its rate is too extreme on average.
        ranges: whether a condition is a range of numbers, for which a table has no column.
        echo_of: the confirmed slice within it without whose examples it is not worse than the rest; "" where there is none.
    """

    slice: str
    against: str
    threshold: float | None
    n: int
    rate: float
    other_n: int
    other_rate: float | None
    ratio: float | None
    low: float | None
    high: float | None
    p: float
    confirmed: bool
    first_n: int
    first_rate: float
    first_p: float
    ranges: bool = False
    echo_of: str = ""

    @property
    def excess(self) -> float:
        """Return how many examples more than at the other rate count against the model, on the second half."""
        return self.n * abs(self.rate - (self.rate if self.other_rate is None else self.other_rate))


class Detectable(DiscoveryPart):
    """The least metric of a slice of n examples that would have been found and confirmed in 80 % of cases; None for none."""

    n: int
    rate: float | None


class Discovery(DiscoveryPart):
    """What was looked at, and what was found.

    Attributes:
        schema_version: of the file; rises when its keys change their meaning.
        metric, worse, thresholds: what makes a slice bad.
        rows: read.
        trials: of them, those that the metric rests on, in both halves.
        invalid: of them, those without a valid score, left out.
        overall: the metric on all of them, at the first threshold.
        depth, min_examples: how many conditions a slice may have, and how many examples it must have.
        rate, level: the false discovery rate that the first half aims at, and the level of the second.
        clusters: the column whose values are independent, "equal rows" of a duplicated table, or "" where all rows are.
        possible: conjunctions of the groups that there are; those that are in none of the next three have too few examples.
        tested: of them, those that could be tested.
        same: of them, those with the rows of a larger slice.
        few_clusters: of them, those with too few clusters.
        explained: slices that are worse than the rest only as a kept parent is.
        edges: numeric column -> where its ranges end.
        unknown: feature -> rows without a value.
        detectable: what could have been found.
        slices: those that the first half kept; confirmed ones first, by the number of examples that they have in excess.
    """

    schema_version: Literal[1] = 1
    metric: str
    worse: Literal["higher", "lower"]
    thresholds: tuple[float, ...]
    rows: int
    trials: tuple[int, int]
    invalid: int = 0
    overall: float | None
    depth: int
    min_examples: int
    rate: float = RATE
    level: float = LEVEL
    clusters: str = ""
    possible: int
    tested: int
    same: int
    few_clusters: int
    explained: int
    edges: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    unknown: dict[str, int] = Field(default_factory=dict)
    detectable: tuple[Detectable, ...] = ()
    slices: tuple[DiscoveredSlice, ...] = ()

    @property
    def too_small(self) -> int:
        """Return how many conjunctions have too few examples."""
        return self.possible - self.tested - self.same - self.few_clusters

    def __repr__(self) -> str:
        """Return what the terminal prints: the confirmed slices, at most 12 of them, and what was looked at."""
        from fairgate.discovery.words import plain  # which knows this module

        return plain(self)

    __str__ = __repr__

    @property
    def confirmed(self) -> tuple[DiscoveredSlice, ...]:
        """Return the slices that the second half confirmed."""
        return tuple(found for found in self.slices if found.confirmed)

    @property
    def own(self) -> tuple[DiscoveredSlice, ...]:
        """Return the confirmed slices that are no echoes: those that are shown first, and limited by the policy."""
        return tuple(found for found in self.confirmed if not found.echo_of)


class Gathered(DiscoveryPart):
    """What is known of a table beside its packed rows.

    Attributes:
        question: what makes a slice bad.
        rows, invalid, clusters, edges, unknown: see `Discovery`.
        conditions: values that occur, of each feature.
        exclusive: features of which a row has at most one value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    question: HarmfulRate
    rows: int
    invalid: int = 0
    clusters: str = ""
    edges: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    unknown: dict[str, int] = Field(default_factory=dict)
    conditions: tuple[Condition, ...]
    exclusive: frozenset[str]


def discover_packed(rows: PackedRows, gathered: Gathered, depth: int = DEPTH, min_examples: int = MIN_EXAMPLES) -> Discovery:
    """Discover the slices of packed rows.

    Raises:
        InputError: there are too many slices.
    """
    counted = count_conjunctions(rows, gathered.exclusive, depth, min_examples)
    chosen = choose(counted, RATE)
    asked = gathered.question
    first, second = counted.all_trials.sum(axis=1).tolist()
    events, trials = int(counted.all_events[0].sum()), first + second
    rate = events / trials if trials else None
    described = [_described(found, counted, rows, gathered) for found in chosen.found]
    return Discovery(
        metric=asked.metric,
        worse=asked.worse,
        thresholds=asked.thresholds,
        rows=gathered.rows,
        trials=(first, second),
        invalid=gathered.invalid,
        overall=None if rate is None else asked.value(rate),
        depth=depth,
        min_examples=min_examples,
        clusters=gathered.clusters,
        possible=num_conjunctions(gathered.conditions, gathered.exclusive, depth),
        tested=chosen.tested,
        same=chosen.same,
        few_clusters=chosen.few_clusters,
        explained=chosen.explained,
        edges=gathered.edges,
        unknown=gathered.unknown,
        detectable=_detectable(asked, chosen, rate, min_examples),
        slices=tuple(sorted(described, key=lambda each: (not each.confirmed, -each.excess))),
    )


def _detectable(asked: HarmfulRate, chosen: Chosen, rate: float | None, min_examples: int) -> tuple[Detectable, ...]:
    if rate is None or not chosen.tested:
        return ()
    found = {n: detectable_rate(n, rate, RATE / chosen.tested, LEVEL) for n in sorted({min_examples, _EXAMPLES})}
    return tuple(Detectable(n=n, rate=None if least is None else asked.value(least)) for n, least in found.items())


def _described(found: Found, counted: CountedSlices, rows: PackedRows, gathered: Gathered) -> DiscoveredSlice:
    asked, at = gathered.question, found.slice
    own = [(counted.events[at, found.threshold, half], counted.trials[at, half]) for half in (FIRST, SECOND)]
    whole_events = counted.all_events[found.threshold] if found.parent == REST else counted.events[found.parent, found.threshold]
    whole_trials = counted.all_trials if found.parent == REST else counted.trials[found.parent]
    (first_events, first_n), (events, n) = ((int(x.sum()), int(y.sum())) for x, y in own)
    other = whole_events[SECOND] - own[SECOND][0], whole_trials[SECOND] - own[SECOND][1]
    other_events, other_n = int(other[0].sum()), int(other[1].sum())
    effect = float(design_effect(*own[SECOND], *other)[0]) if rows.buckets > 1 else 1.0
    counts = (events, n, other_events, other_n) if asked.worse == "higher" else (n - events, n, other_n - other_events, other_n)
    low, high = rate_ratio(*(count / effect for count in counts))

    def name(other: int) -> str:
        return spell([rows.conditions[place] for place in counted.slices[other]])

    return DiscoveredSlice(
        slice=name(at),
        against="" if found.parent == REST else name(found.parent),
        threshold=asked.thresholds[found.threshold] or None,
        n=n,
        rate=counts[0] / n,
        other_n=other_n,
        other_rate=counts[2] / other_n if other_n else None,
        ratio=_finite(counts[0] * other_n / (n * counts[2])) if counts[2] else None,
        low=_finite(float(low)),
        high=_finite(float(high)),
        p=found.confirmed_p,
        confirmed=found.confirmed_p <= LEVEL,
        first_n=first_n,
        first_rate=asked.value(first_events / first_n),
        first_p=found.p,
        ranges=any(rows.conditions[place].feature in gathered.edges for place in counted.slices[at]),
        echo_of="" if found.child == NONE else name(found.child),
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
