"""Join the portions of a conversion into its splits: eval, train, and validation where train is large enough to spare one.

In: portions on disk, whose train rows still include those of validation, and their tallies. Out: `Split-<name>/` folders, in the
order of the sources, and the text hashes of each split.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, compress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.comments.conversion_blocks import RowTally, TextHash, read_facts, read_hashes
from data.comments.row_facts import Facts
from data.records import read_records, write_split
from fairgate.names import ALL_SPLITS, EVAL, TRAIN, VALIDATION

LEAST_TRAIN_ROWS = 20_000  # that train has before any go to validation; below that, all rows train


def settle_validation(tallies: Sequence[RowTally]) -> list[RowTally]:
    """Return the tallies, with the rows chosen for validation counted in train if train is too small to spare them."""
    rows = sum(tally.rows[TRAIN] + tally.rows[VALIDATION] for tally in tallies)
    return list(tallies) if rows >= LEAST_TRAIN_ROWS else [_without_validation(tally) for tally in tallies]


def _without_validation(tally: RowTally) -> RowTally:
    rows = Counter({TRAIN: tally.rows[TRAIN] + tally.rows[VALIDATION], EVAL: tally.rows[EVAL]})
    return replace(tally, rows=rows)


@dataclass(frozen=True)
class JoinedPortions:
    """The portions in `folder` as one sequence of rows per split.

    Attributes:
        folder: of the portions.
        chosen: bool[rows of the train portions], whether each goes to validation.
        shared: bool[rows of the train portions], whether eval has a row of the same text.
        removes: whether those are left out.
    """

    folder: Path
    chosen: npt.NDArray[np.bool_]
    shared: npt.NDArray[np.bool_]
    removes: bool = False

    @classmethod
    def join(cls, folder: Path, text_hash: TextHash, tallies: Sequence[RowTally]) -> "JoinedPortions":
        """Return the portions divided as the settled tallies count them, with all their rows."""
        hashes = read_hashes(folder, TRAIN)
        shared = np.isin(hashes, read_hashes(folder, EVAL))
        if not any(tally.rows[VALIDATION] for tally in tallies):
            return cls(folder, np.zeros(hashes.size, bool), shared)
        return cls(folder, np.fromiter(map(text_hash.chooses, hashes.tolist()), bool, hashes.size), shared)

    @property
    def removed(self) -> int:
        """Return the number of rows that are left out."""
        return int(np.count_nonzero(self.shared)) if self.removes else 0

    def without_shared(self) -> "JoinedPortions":
        """Return the same portions without the rows of train and validation whose text eval has too."""
        return replace(self, removes=True)

    def shared_of_eval(self) -> int:
        """Return the number of rows of eval whose text train or validation has too."""
        return int(np.isin(self.hashes(EVAL), np.concatenate([self.hashes(TRAIN), self.hashes(VALIDATION)])).sum())

    def hashes(self, split: str) -> npt.NDArray[np.uint64]:
        """Return the text hashes of a split, uint64[rows], in the order of its examples."""
        return read_hashes(self.folder, EVAL) if split == EVAL else read_hashes(self.folder, TRAIN)[self._kept(split)]

    def facts(self, split: str) -> Facts:
        """Return what is counted of each row of a split, uint32[rows], in the order of its examples."""
        return read_facts(self.folder, EVAL) if split == EVAL else read_facts(self.folder, TRAIN)[self._kept(split)]

    def write(self, output: Path, rows_per_shard: int) -> None:
        """Write the examples of each split that has any below `output`."""
        for split in ALL_SPLITS:
            rows = self.hashes(split).size
            if rows:
                write_split(output, split, self._examples(split), math.ceil(rows / rows_per_shard))

    def _kept(self, split: str) -> npt.NDArray[np.bool_]:
        own = self.chosen if split == VALIDATION else ~self.chosen
        return own & ~self.shared if self.removes else own

    def _examples(self, split: str) -> Iterator[bytes]:
        portions = EVAL if split == EVAL else TRAIN
        examples = chain.from_iterable(map(read_records, sorted(self.folder.glob(f"*.{portions}"))))
        return examples if split == EVAL else compress(examples, self._kept(split).tolist())
