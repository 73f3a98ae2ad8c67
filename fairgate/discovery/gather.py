"""Gather examples batch by batch, and discover slices among them at the end.

In: labels, scores and groups of a batch, whoever read them. Out: `Discovery`. Of every example that the metric rests on a bit per
group is kept, and a hash or two.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.counting.joint import BUCKETS
from fairgate.discovery.events import Bools, HarmfulRate
from fairgate.discovery.ranges import edges_of, range_names
from fairgate.discovery.rate_tests import Floats
from fairgate.discovery.result import DEPTH, MIN_EXAMPLES, Discovery, Gathered, discover_packed
from fairgate.discovery.rows import Condition, Hashes, Ints, RowGatherer

EQUAL_ROWS = "equal rows"
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class ExampleBatch:
    """N examples.

    Attributes:
        label: bool[N], whether the label is positive; of several classes, whether the model is right.
        scores: float64[N]; NaN is an invalid score, and its example is left out.
        members: condition -> ascending positions of the examples that meet it.
        numbers: numeric feature -> float64[N]; NaN where there is none.
        clusters: uint64[N], a hash that is equal for examples that are not independent; None where all are.
        features: of which the examples have values, or none.
    """

    label: Bools
    scores: Floats
    members: Mapping[Condition, Ints]
    numbers: Mapping[str, Floats] = field(default_factory=dict)
    clusters: Hashes | None = None
    features: Sequence[str] = ()


class ExampleGatherer:
    """Gathers the examples that a metric rests on."""

    def __init__(self, question: HarmfulRate, bins: Mapping[str, int] | None = None) -> None:
        """Start.

        Args:
            question: what makes a slice bad.
            bins: numeric feature -> number of ranges with about equally many examples.
        """
        self._question, self._bins = question, dict(bins or {})
        self._rows = RowGatherer(len(question.thresholds))
        self._seen, self._invalid, self._kept = 0, 0, 0
        self._features: dict[str, int] = {}  # feature -> examples with a value
        self._several: set[str] = set()  # features of which an example has several values
        self._numbers: dict[str, list[Floats]] = {name: [] for name in self._bins}
        self._clusters: list[Hashes] = []
        self._contents: list[Hashes] = []

    @property
    def conditions(self) -> int:
        """Return how many groups there are so far."""
        return self._rows.conditions

    def add(self, batch: ExampleBatch) -> Hashes:
        """Add examples, at most `rows.BATCH`; return uint64[N], a hash of everything in them, equal where all of that is."""
        valid = np.isfinite(batch.scores)
        decisions = np.stack([batch.scores > threshold for threshold in self._question.thresholds])
        kept: Bools = self._question.trials(batch.label, decisions) & valid
        contents = _contents(batch)
        place = np.cumsum(kept) - 1
        members = {condition: place[rows[kept[rows]]] for condition, rows in batch.members.items()}
        self._rows.add(members, list(self._question.events(batch.label, decisions)[:, kept]))
        self._features = dict.fromkeys(batch.features, 0) | self._features
        self._note_features(members, int(kept.sum()))
        for name in self._bins:
            self._numbers[name].append(batch.numbers[name][kept])
        numbers = np.arange(self._seen, self._seen + kept.size, dtype=np.uint64)
        self._clusters.append((numbers if batch.clusters is None else batch.clusters)[kept])
        self._contents.append(contents[kept])
        self._seen += kept.size
        self._invalid += int((~valid).sum())
        self._kept += int(kept.sum())
        return contents

    def discovery(self, clusters: str = "", depth: int = DEPTH, min_examples: int = MIN_EXAMPLES) -> Discovery:
        """Discover slices among everything that was added.

        Args:
            clusters: name of what the clusters of the batches are; `EQUAL_ROWS` where equal rows are one; "" for none, where
                their hashes, if there are any, only divide the examples into halves.
            depth: conditions of a slice at most.
            min_examples: that a slice must have.

        Raises:
            InputError: there are too many slices.
        """
        edges = self._cut()
        keys = np.concatenate([*(self._contents if clusters == EQUAL_ROWS else self._clusters), np.zeros(0, np.uint64)])
        buckets = BUCKETS if clusters else 1
        mixed = _mixed(keys)
        halves = (mixed >> np.uint64(63)).astype(np.int64)
        spread = (mixed % np.uint64(buckets)).astype(np.int64)
        rows = self._rows.packed(halves * buckets + spread, buckets, min_examples)
        gathered = Gathered(
            question=self._question,
            rows=self._seen,
            invalid=self._invalid,
            clusters=clusters,
            edges=edges,
            unknown={name: self._kept - known for name, known in self._features.items() if known < self._kept},
            conditions=tuple(self._rows.met),
            exclusive=frozenset(self._features) - self._several,
        )
        return discover_packed(rows, gathered, depth, min_examples)

    def _note_features(self, members: Mapping[Condition, Ints], size: int) -> None:
        counts: dict[str, Ints] = {}
        for condition, rows in members.items():
            counts.setdefault(condition.feature, np.zeros(size, np.int64))[rows] += 1
        for feature, values in counts.items():
            self._features[feature] = self._features.get(feature, 0) + int((values > 0).sum())
            if (values > 1).any():
                self._several.add(feature)

    def _cut(self) -> dict[str, tuple[float, ...]]:
        """Return the edges of all numeric features, after their ranges were added as groups."""
        edges = {}
        for name, parts in self._numbers.items():
            values = np.concatenate([*parts, np.zeros(0)])
            edges[name] = edges_of(values[~np.isnan(values)], self._bins[name])
            names = range_names(edges[name])
            for batch, part in enumerate(parts):
                known = np.flatnonzero(~np.isnan(part))
                codes = np.searchsorted(np.array(edges[name]), part[known], side="left")
                ranges = {Condition(name, of_range): known[codes == code] for code, of_range in enumerate(names)}
                self._rows.extend(batch, {condition: rows for condition, rows in ranges.items() if rows.size})
                self._note_features(ranges, part.size)
        return edges


def labels_of_classes(labels: Ints, probabilities: npt.NDArray[np.floating[Any]]) -> tuple[Bools, Floats]:
    """Return bool[N], whether the class of the greatest probability is the label, and float64[N] that is NaN where none is valid.

    They are `label` and `scores` of the examples of several classes, for the metric "accuracy".
    """
    valid = np.isfinite(probabilities).all(axis=1)
    return probabilities.argmax(axis=1) == labels, np.where(valid, 1.0, np.nan)


def _contents(batch: ExampleBatch) -> Hashes:
    mixed = _mixed(np.ascontiguousarray(batch.scores).view(np.uint64)) + batch.label.astype(np.uint64)
    for numbers in batch.numbers.values():
        mixed = _mixed(mixed ^ np.ascontiguousarray(numbers).view(np.uint64))
    for condition, rows in batch.members.items():
        mixed[rows] += hash_of(f"{condition.feature}\0{condition.value}")  # in any order, as the groups of an example have none
    return mixed


def hash_of(content: str | bytes) -> np.uint64:
    """Return a hash of a text, or of bytes, that is the same in every process."""
    held = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return np.uint64(int.from_bytes(hashlib.blake2b(held, digest_size=8).digest(), "little"))


def _mixed(hashes: Hashes) -> Hashes:
    """Return the hashes with every bit of each depending on all of its bits (the finalizer of SplitMix64)."""
    mixed = hashes + _ODD
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
