"""The element functions of the conversion, block by block, without Beam.

In: planned source files. Out: portions on disk, each with the canonical examples of a few thousand rows and a tally of the
rows. Portions are named by source and block, so equal sources give equal portions, however Beam bundles the work.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.comments.civil_comments import PLAIN_CELLS, SPLIT, CellRules, Comment, MalformedRowError, parse_comment
from data.comments.examples import encode_comment
from data.comments.readers import SourceFile, SourceRow, read_rows, require_unchanged
from data.comments.row_facts import NAMED_VALIDATION, Facts, facts_of
from data.records import write_records
from data.text.same_text import normal_form
from fairgate.errors import InputError
from fairgate.names import EVAL, SPLITS, TRAIN, VALIDATION

BY_COLUMN = "column"
BY_HASH = "hash"
NAMED = "named validation"  # of rows whose column says so, until it is known whether others are named eval

BLOCK_ROWS = 4096
_HASH_BYTES = 8
_LONGEST_VALUE = 100  # characters of a value that is no known group
_HASHES = 1 << 8 * _HASH_BYTES


@dataclass(frozen=True)
class PlannedSource:
    """A source file, its place among the sources, and which split its rows go to (a split, BY_COLUMN or BY_HASH).

    Attributes:
        rules: how its cells are read; they tag by word the features of which the file has no column.
    """

    index: int
    file: SourceFile
    split: str
    rules: CellRules = PLAIN_CELLS


@dataclass(frozen=True)
class TextHash:
    """A seeded hash of texts that also chooses a share of them for eval and validation: the same texts always go the same way.

    Texts are the same up to case, white space and Unicode's forms (`data.text.same_text`).

    Attributes:
        eval_fraction: share of all texts that goes to eval, 0 where files or a column choose it.
        seed: another one divides otherwise.
        validation_fraction: share of all texts that goes to validation, none of them chosen for eval.
    """

    eval_fraction: float
    seed: int
    validation_fraction: float = 0.0

    def __call__(self, text: str) -> int:
        """Return the hash of the text, an integer of 64 bits."""
        return int.from_bytes(
            blake2b(normal_form(text).encode(), digest_size=_HASH_BYTES, key=str(self.seed).encode()).digest(), "little"
        )

    def split(self, value: int) -> str:
        """Return the split of the texts with this hash; "train" includes those of validation."""
        return EVAL if value < self.eval_fraction * _HASHES else TRAIN

    def chooses(self, value: int) -> bool:
        """Return whether a text of train with this hash belongs to validation."""
        first, end = self.eval_fraction, self.eval_fraction + self.validation_fraction
        return first * _HASHES <= value < end * _HASHES


@dataclass(frozen=True)
class CommentBlock:
    """Consecutive rows of a source, or its end, which has none.

    Attributes:
        number: counts the blocks of the source, from 0.
        total: number of rows of all its blocks, at its end.
        fault: why the source could not be read further.
    """

    source: PlannedSource
    number: int
    rows: tuple[SourceRow, ...]
    total: int | None = None
    fault: str = ""

    @property
    def name(self) -> str:
        """Return a name that sorts as source and block do."""
        return f"{self.source.index:05d}-{self.number:07d}"


@dataclass
class RowTally:
    """Counts of what happened to the rows of a block, and the error that ended the source, if any.

    Attributes:
        source: the index of the block's source.
        number, total: as of the `CommentBlock`.
        read, empty: number of rows, and of rows dropped because their text is empty.
        malformed: [row number, reason] of each malformed row.
        columns: known columns that at least one row has.
        rows: number of examples by split: "validation" has the rows of train that the hash chooses, "train" the others, and
            `NAMED` those whose column says validation.
        labels: label column -> the way in which rows write it -> number of examples.
        unknown: feature -> value that is no known group -> number of examples.
        missing: identity or feature -> word that says nothing, such as "NA" -> number of examples.
        fault: why the source could not be read further; empty if it could.
    """

    source: int = 0
    number: int = 0
    total: int | None = None
    read: int = 0
    empty: int = 0
    malformed: list[tuple[int, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter[str])
    labels: dict[str, Counter[str]] = field(default_factory=dict)
    unknown: dict[str, Counter[str]] = field(default_factory=dict)
    missing: dict[str, Counter[str]] = field(default_factory=dict)
    fault: str = ""

    @property
    def kept(self) -> int:
        """Return the number of rows that became examples."""
        return self.rows.total()


@dataclass
class Portion:
    """A converted block, by split: serialized examples, hashes of their texts, and what is counted of them.

    The rows of validation are still in train, or in eval where their column names them.
    """

    name: str
    tally: RowTally
    examples: dict[str, list[bytes]] = field(default_factory=lambda: {split: [] for split in SPLITS})
    hashes: dict[str, list[int]] = field(default_factory=lambda: {split: [] for split in SPLITS})
    facts: dict[str, list[int]] = field(default_factory=lambda: {split: [] for split in SPLITS})


def read_blocks(source: PlannedSource, block_rows: int = 0) -> Iterator[CommentBlock]:
    """Yield the source's rows in blocks, and its end; a read error becomes the `fault` of the end, since Beam may wrap it.

    A worker that sees another file of that name, or an older state of it, says so there.

    Args:
        source: the file.
        block_rows: how many rows a block has, 0 for the usual number (Beam knows no optional arguments of other types).
    """
    rows = read_rows(source.file)
    number = total = 0
    try:
        require_unchanged(source.file)
        while block := tuple(islice(rows, block_rows or BLOCK_ROWS)):
            yield CommentBlock(source, number, block)
            number, total = number + 1, total + len(block)
        require_unchanged(source.file)  # nor while it was read
        yield CommentBlock(source, number, (), total)
    except (InputError, OSError) as error:
        yield CommentBlock(source, number, (), fault=str(error))


def convert_block(block: CommentBlock, text_hash: TextHash) -> Portion:
    """Convert the block's rows to canonical examples, each in its split."""
    columns = frozenset[str]().union(*(row.cells for row in block.rows))
    read = len(block.rows)
    tally = RowTally(block.source.index, block.number, block.total, read, columns=sorted(columns), fault=block.fault)
    portion = Portion(block.name, tally)
    for row in block.rows:
        try:
            _add_row(portion, row, block.source, text_hash)
        except MalformedRowError as error:
            tally.malformed.append((row.number, str(error)))
    return portion


def _add_row(portion: Portion, row: SourceRow, source: PlannedSource, text_hash: TextHash) -> None:
    if row.fault:
        raise MalformedRowError(row.fault)
    comment = parse_comment(row.cells, source.rules)
    if comment is None:
        portion.tally.empty += 1
        return
    value = text_hash(comment.text)
    rule = source.split
    named = _split_of_column(row) if rule == BY_COLUMN else text_hash.split(value) if rule == BY_HASH else rule
    split = EVAL if named == NAMED else named
    portion.examples[split].append(encode_comment(comment))
    portion.hashes[split].append(value)
    portion.facts[split].append(facts_of(comment) | (NAMED_VALIDATION if named == NAMED else 0))
    _count(portion.tally, VALIDATION if named == TRAIN and text_hash.chooses(value) else named, comment)


def _split_of_column(row: SourceRow) -> str:
    """Return the split that the row names, NAMED for validation."""
    named = row.cells.get(SPLIT, "")
    if named == TRAIN:
        return TRAIN
    if named in ("test", EVAL):
        return EVAL
    if isinstance(named, str) and named.startswith("valid"):
        return NAMED
    raise MalformedRowError(f"{SPLIT} is {str(named)[:40]!r}, not train, test, eval or valid…")


def _count(tally: RowTally, split: str, comment: Comment) -> None:
    tally.rows[split] += 1
    for column, word in comment.labels.items():
        tally.labels.setdefault(column, Counter())[word] += 1
    for feature, values in comment.unknown.items():
        tally.unknown.setdefault(feature, Counter()).update(value[:_LONGEST_VALUE] for value in values)
    for name, word in comment.missing.items():
        tally.missing.setdefault(name, Counter())[word] += 1


def write_portion(portion: Portion, folder: Path) -> RowTally:
    """Save the portion in `folder`, its tally last, and return the tally."""
    for split in SPLITS:
        write_records(folder / f"{portion.name}.{split}", portion.examples[split])
        np.array(portion.hashes[split], dtype="<u8").tofile(folder / f"{portion.name}.{split}.hashes")
        np.array(portion.facts[split], dtype="<u4").tofile(folder / f"{portion.name}.{split}.facts")
    (folder / f"{portion.name}.json").write_text(json.dumps(vars(portion.tally)))
    return portion.tally


def read_tallies(folder: Path) -> list[RowTally]:
    """Return the tallies of all portions, in the order of sources and rows."""
    return [_read_tally(path) for path in sorted(folder.glob("*.json"))]


def _read_tally(path: Path) -> RowTally:
    fields = json.loads(path.read_text())
    fields["rows"] = Counter(fields["rows"])
    return RowTally(**fields)


def read_hashes(folder: Path, split: str) -> npt.NDArray[np.uint64]:
    """Return the text hashes of a split, uint64[rows], in the order of its examples."""
    paths = sorted(folder.glob(f"*.{split}.hashes"))
    return np.concatenate([np.array([], dtype="<u8"), *(np.fromfile(path, dtype="<u8") for path in paths)])


def read_facts(folder: Path, split: str) -> Facts:
    """Return what is counted of each row of a split, uint32[rows], in the order of its examples."""
    paths = sorted(folder.glob(f"*.{split}.facts"))
    return np.concatenate([np.array([], dtype="<u4"), *(np.fromfile(path, dtype="<u4") for path in paths)])
