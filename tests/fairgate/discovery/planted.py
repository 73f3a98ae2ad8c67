"""A small table with overlapping flags, one feature of three values, and everything that can be counted in it by brute force."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from fairgate.discovery.rows import Condition, PackedRows, RowGatherer

Bools = npt.NDArray[np.bool_]
FLAGS = ("a", "b", "c", "d")


@dataclass(frozen=True, eq=False)
class Table:
    """N rows: which conditions each meets, its errors at two thresholds, its half and bucket."""

    members: dict[Condition, Bools]
    events: tuple[Bools, Bools]
    keys: npt.NDArray[np.int64]
    buckets: int

    def packed(self, size: int, least: int = 1) -> PackedRows:
        """Return the rows, gathered in batches of a size."""
        gatherer = RowGatherer(2)
        for at in range(0, self.keys.size, size):
            rows = slice(at, at + size)
            members = {condition: np.flatnonzero(flags[rows]) for condition, flags in self.members.items()}
            gatherer.add(members, [events[rows] for events in self.events])
        return gatherer.packed(self.keys, self.buckets, least)

    def counts(self, flags: Bools) -> npt.NDArray[np.int64]:
        """Return int64[2, B] by a loop over rows."""
        found = np.zeros(2 * self.buckets, np.int64)
        for row in np.flatnonzero(flags):
            found[self.keys[row]] += 1
        return found.reshape(2, -1)

    def conjunctions(self, depth: int) -> dict[tuple[Condition, ...], Bools]:
        """Return every conjunction and its rows, also empty ones; of the values of "kind" one at most."""
        found = {}
        for size in range(1, depth + 1):
            for chosen in combinations(sorted(self.members), size):
                if sum(condition.feature == "kind" for condition in chosen) < 2:
                    found[chosen] = np.logical_and.reduce([self.members[condition] for condition in chosen])
        return found


def table(rows: int = 700, buckets: int = 1, seed: int = 3) -> Table:
    """Return random rows; "d" is rare, and whoever has "c" has "b" too."""
    random = np.random.default_rng(seed)
    flags = {name: random.random(rows) < share for name, share in zip(FLAGS, (0.5, 0.4, 0.3, 0.02), strict=True)}
    flags["c"] &= flags["b"]
    kind = random.integers(0, 4, rows)  # 3: unknown
    members = {Condition("flag", name): of_flag for name, of_flag in flags.items()}
    members |= {Condition("kind", name): kind == code for code, name in enumerate("xyz")}
    events = (random.random(rows) < 0.2 + 0.3 * flags["a"], random.random(rows) < 0.1)
    return Table(members, events, random.integers(0, 2 * buckets, rows), buckets)
