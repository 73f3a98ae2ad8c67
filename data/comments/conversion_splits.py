"""Join the portions of a conversion into its splits: eval, train, and validation where train is large enough to spare one.

In: portions on disk, whose train rows still include those of validation, and their tallies. Out: `Split-<name>/` folders, in the
order of the sources, and the text hashes of each split.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, compress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.comments.conversion_blocks import RowTally, TextHash, read_hashes
from data.records import read_records, write_split
from fairgate.names import ALL_SPLITS, EVAL, TRAIN, VALIDATION

LEAST_TRAIN_ROWS = 20_000  # that train has before any go to validation; below that, all rows train


def settle_validation(tallies: Sequence[RowTally]) -> list[RowTally]:
    """Return the tallies, with the rows chosen for validation counted in train if train is too small to spare them."""
    rows = sum(tally.rows[TRAIN] + tally.rows[VALIDATION] for tally in tallies)
    return list(tallies) if rows >= LEAST_TRAIN_ROWS else [_without_validation(tally) for tally in tallies]


def _without_validation(tally: RowTally) -> RowTally:
    return replace(
        tally,
        rows=_merged(tally.rows),
        positive=_merged(tally.positive),
        identities=_merged_by_name(tally.identities),
        toxic=_merged_by_name(tally.toxic),
        unannotated=_merged_by_name(tally.unannotated),
    )


def _merged(counts: Mapping[str, int]) -> Counter[str]:
    return Counter({TRAIN: counts[TRAIN] + counts[VALIDATION], EVAL: counts[EVAL]})


def _merged_by_name(counts: Mapping[str, Mapping[str, int]]) -> dict[str, Counter[str]]:
    none = Counter[str]()
    return {TRAIN: Counter(counts[TRAIN]) + Counter(counts[VALIDATION]), VALIDATION: none, EVAL: Counter(counts[EVAL])}


@dataclass(frozen=True)
class JoinedPortions:
    """The portions in `folder` as one sequence of rows per split.

    Attributes:
        folder: of the portions.
        chosen: bool[rows of the train portions], whether each goes to validation.
    """

    folder: Path
    chosen: npt.NDArray[np.bool_]

    @classmethod
    def join(cls, folder: Path, text_hash: TextHash, tallies: Sequence[RowTally]) -> "JoinedPortions":
        """Return the portions divided as the settled tallies count them."""
        hashes = read_hashes(folder, TRAIN)
        if not any(tally.rows[VALIDATION] for tally in tallies):
            return cls(folder, np.zeros(hashes.size, bool))
        return cls(folder, np.fromiter(map(text_hash.chooses, hashes.tolist()), bool, hashes.size))

    def hashes(self, split: str) -> npt.NDArray[np.uint64]:
        """Return the text hashes of a split, uint64[rows], in the order of its examples."""
        if split == EVAL:
            return read_hashes(self.folder, EVAL)
        return read_hashes(self.folder, TRAIN)[self._kept(split)]

    def write(self, output: Path, rows_per_shard: int) -> None:
        """Write the examples of each split that has any below `output`."""
        for split in ALL_SPLITS:
            rows = self.hashes(split).size
            if rows:
                write_split(output, split, self._examples(split), math.ceil(rows / rows_per_shard))

    def _kept(self, split: str) -> npt.NDArray[np.bool_]:
        return self.chosen if split == VALIDATION else ~self.chosen

    def _examples(self, split: str) -> Iterator[bytes]:
        portions = EVAL if split == EVAL else TRAIN
        examples = chain.from_iterable(map(read_records, sorted(self.folder.glob(f"*.{portions}"))))
        return examples if split == EVAL else compress(examples, self._kept(split).tolist())
