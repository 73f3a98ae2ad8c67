"""Join the portions of a conversion into its splits: eval, train, and validation where train is large enough to spare one.

In: portions on disk, in which the rows of validation are still among those of train, or of eval where a column names them, and
their tallies. Out: `Split-<name>/` folders, in the order of the sources, and the text hashes of each split.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, compress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.comments.conversion_blocks import NAMED, RowTally, TextHash, read_facts, read_hashes
from data.comments.row_facts import NAMED_VALIDATION, Facts
from data.records import even_sizes, read_records, write_split
from fairgate.names import ALL_SPLITS, EVAL, TRAIN, VALIDATION

LEAST_TRAIN_ROWS = 20_000  # that train has before any go to validation; below that, all rows train


def settle_validation(tallies: Sequence[RowTally]) -> list[RowTally]:
    """Return the tallies with validation settled.

    Rows that their column names so are it, and the hash takes none; where no row is named eval, they are eval instead. The rows
    that the hash chooses count in train if it is too small to spare them.
    """
    if any(tally.rows[NAMED] for tally in tallies):
        if any(tally.rows[EVAL] for tally in tallies):
            return [_with_rows(tally, {VALIDATION: TRAIN, NAMED: VALIDATION}) for tally in tallies]
        tallies = [_with_rows(tally, {NAMED: EVAL}) for tally in tallies]
    rows = sum(tally.rows[TRAIN] + tally.rows[VALIDATION] for tally in tallies)
    return list(tallies) if rows >= LEAST_TRAIN_ROWS else [_with_rows(tally, {VALIDATION: TRAIN}) for tally in tallies]


def _with_rows(tally: RowTally, moved: Mapping[str, str]) -> RowTally:
    """Return the tally with the rows of some splits counted in others."""
    rows = Counter[str]()
    for split, count in tally.rows.items():
        rows[moved.get(split, split)] += count
    return replace(tally, rows=rows)


@dataclass(frozen=True)
class JoinedPortions:
    """The portions in `folder` as one sequence of rows per split.

    Attributes:
        folder: of the portions.
        chosen: bool[rows of the train portions], whether each goes to validation.
        shared: bool[rows of the train portions], whether eval has a row of the same text.
        named: bool[rows of the eval portions], whether each goes to validation, because its column says so.
        removes: whether rows of train and validation with a text of eval are left out.
    """

    folder: Path
    chosen: npt.NDArray[np.bool_]
    shared: npt.NDArray[np.bool_]
    named: npt.NDArray[np.bool_]
    removes: bool = False

    @classmethod
    def join(cls, folder: Path, text_hash: TextHash, tallies: Sequence[RowTally]) -> "JoinedPortions":
        """Return the portions divided as the settled tallies count them, with all their rows."""
        hashes, held_out = read_hashes(folder, TRAIN), read_hashes(folder, EVAL)
        named = (read_facts(folder, EVAL) & NAMED_VALIDATION) != 0
        if named.all():  # no row is named eval
            named = np.zeros(held_out.size, bool)
        shared = np.isin(hashes, held_out[~named])
        if named.any() or not any(tally.rows[VALIDATION] for tally in tallies):
            return cls(folder, np.zeros(hashes.size, bool), shared, named)
        return cls(folder, np.fromiter(map(text_hash.chooses, hashes.tolist()), bool, hashes.size), shared, named)

    @property
    def is_named(self) -> bool:
        """Return whether validation has the rows that their column names so."""
        return bool(self.named.any())

    @property
    def named_as_eval(self) -> int:
        """Return the number of rows that their column names validation and that are eval, since no row is named so."""
        return 0 if self.is_named else int(np.count_nonzero(read_facts(self.folder, EVAL) & NAMED_VALIDATION))

    @property
    def removed(self) -> int:
        """Return the number of rows that are left out."""
        if not self.removes:
            return 0
        return int(np.count_nonzero(self.shared) + np.count_nonzero(self._shared_named()))

    def without_shared(self) -> "JoinedPortions":
        """Return the same portions without the rows of train and validation whose text eval has too."""
        return replace(self, removes=True)

    def shared_of_eval(self) -> int:
        """Return the number of rows of eval whose text train or validation has too."""
        return int(np.isin(self.hashes(EVAL), np.concatenate([self.hashes(TRAIN), self.hashes(VALIDATION)])).sum())

    def hashes(self, split: str) -> npt.NDArray[np.uint64]:
        """Return the text hashes of a split, uint64[rows], in the order of its examples."""
        portions, kept = self._rows(split)
        return read_hashes(self.folder, portions)[kept]

    def facts(self, split: str) -> Facts:
        """Return what is counted of each row of a split, uint32[rows], in the order of its examples."""
        portions, kept = self._rows(split)
        return read_facts(self.folder, portions)[kept]

    def write(self, output: Path, shards: int | None) -> None:
        """Write the examples of each split that has any below `output`, to so many files, or to files by size."""
        for split in ALL_SPLITS:
            rows = int(np.count_nonzero(self._rows(split)[1]))
            if rows:
                write_split(output, split, self._examples(split), even_sizes(rows, shards) if shards else ())

    def _rows(self, split: str) -> tuple[str, npt.NDArray[np.bool_]]:
        """Return which portions the rows of a split are in, and bool[rows of these portions], whether each is of the split."""
        if split == EVAL:
            return EVAL, ~self.named
        if split == VALIDATION and self.is_named:
            return EVAL, self.named & ~self._shared_named() if self.removes else self.named
        own = self.chosen if split == VALIDATION else ~self.chosen
        return TRAIN, own & ~self.shared if self.removes else own

    def _shared_named(self) -> npt.NDArray[np.bool_]:
        """Return bool[rows of the eval portions], whether each is of validation and has a text of eval."""
        hashes = read_hashes(self.folder, EVAL)
        return self.named & np.isin(hashes, hashes[~self.named])

    def _examples(self, split: str) -> Iterator[bytes]:
        portions, kept = self._rows(split)
        examples = chain.from_iterable(map(read_records, sorted(self.folder.glob(f"*.{portions}"))))
        return compress(examples, kept.tolist())
