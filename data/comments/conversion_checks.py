"""Decide from the counts of rows whether a conversion may go on, and look at the first rows before Beam is imported.

In: a plan, the tallies of its blocks and the options. Out: nothing, or an `InputError` that names rows, reasons and what to type.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from data.comments.conversion_blocks import BLOCK_ROWS, Portion, RowTally, TextHash, convert_block, read_blocks
from data.comments.conversion_plan import ConversionPlan
from data.comments.conversion_splits import settle_validation
from fairgate.errors import InputError
from fairgate.names import EVAL, TRAIN, VALIDATION
from fairgate.text import plural

SharedTexts = Literal["remove", "keep", "refuse"]
REMOVE: SharedTexts = "remove"
SAME = "up to case, white space and Unicode's forms"
_SHOWN_ROWS = 3  # malformed rows in an error message
_FIRST_ROWS = BLOCK_ROWS  # of all files together
_FIRST_CELLS = 1_000_000
_MOSTLY = 0.5


@dataclass(frozen=True)
class ConversionOptions:
    """Options of a conversion.

    Attributes:
        eval_fraction: share of the texts that goes to eval if neither files nor a column determine the split.
        seed: seed of the hash that chooses them.
        validation_fraction: share of the texts that the same hash takes from train for the split "validation": of all texts
            where it also chooses eval, else of those of train. There is none where train has fewer than 20,000 rows.
        max_malformed_fraction: the conversion fails if a larger share of the rows is malformed. In a file of fewer than 100
            rows, the default does not allow a single one.
        shared_texts: what happens where train or validation has a row of the same text as a row of eval: "remove" leaves those
            rows out and counts them, "keep" counts them, "refuse" fails.
        shards: number of files of each split, at most one per example; None for files of `data.records.SHARD_BYTES`.
        beam_args: pipeline options for Apache Beam; they follow `--direct_running_mode=in_memory` and override it. The
            runner's workers must share this machine's disk.
    """

    eval_fraction: float = 0.25
    seed: int = 0
    validation_fraction: float = 0.1
    max_malformed_fraction: float = 0.01
    shared_texts: SharedTexts = REMOVE
    shards: int | None = None
    beam_args: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.eval_fraction < 1:
            raise InputError(f"eval_fraction is {self.eval_fraction}; give a share from 0 to below 1")
        if not 0 <= self.validation_fraction < 1:
            raise InputError(f"validation_fraction is {self.validation_fraction}; give a share from 0 to below 1")
        if not 0 <= self.max_malformed_fraction <= 1:
            raise InputError(f"max_malformed_fraction is {self.max_malformed_fraction}; give a share from 0 to 1")
        if self.shards is not None and self.shards < 1:
            raise InputError(f"shards is {self.shards}; give at least 1")


def check_first_rows(plan: ConversionPlan, options: ConversionOptions) -> None:
    """Raise InputError if the first rows of the sources show that the conversion would fail; of small files, these are all.

    Nothing is written. Which rows a hash divides is left to the conversion, which knows the seed.

    Args:
        plan: of the conversion.
        options: of the conversion; the seed does not matter.
    """
    share = max(1, _FIRST_ROWS // len(plan.sources))
    text_hash = TextHash(0.0, options.seed)
    portions, ended = [], True
    for source in plan.sources:
        rows = max(2, min(share, _FIRST_CELLS // max(1, len(source.file.header))))
        blocks = [block for block in islice(read_blocks(source, rows), 2) if block.total is None]  # the end is none
        portions += [convert_block(block, text_hash) for block in blocks[:1]]
        ended = ended and len(blocks) < 2
        if len(blocks) > 1:
            _check_most([portions[-1].tally], plan, options)
    tallies = [portion.tally for portion in portions]
    if not ended:
        _check_faults(tallies)
        return
    check_rows(plan, settle_validation(tallies), options, (TRAIN,) if plan.by_hash else (TRAIN, EVAL))
    if not plan.by_hash:
        _check_shared_hashes(portions, options)
    elif len({value for portion in portions for value in portion.hashes[TRAIN]}) < 2 and options.eval_fraction:
        said = "all rows have the same text, so there is no row for train beside those of eval"
        raise InputError(f"{plan.sources[0].file.path}: {said}; give more rows, or --eval FILES")


def _check_most(tallies: Sequence[RowTally], plan: ConversionPlan, options: ConversionOptions) -> None:
    """Raise InputError if more than half of the first rows of a source are malformed, and that is more than is allowed."""
    read, malformed = sum(tally.read for tally in tallies), sum(len(tally.malformed) for tally in tallies)
    if malformed > max(_MOSTLY, options.max_malformed_fraction) * read:
        allowed = f"--set input.max_malformed_fraction={_rounded_up(malformed / read):g}"
        first = f"of the first rows, more than half are malformed: {_describe(plan, tallies)}"
        raise InputError(f"{first}; fix the rows, or leave them out with {allowed}")


def _check_faults(tallies: Sequence[RowTally]) -> None:
    if faults := [tally.fault for tally in tallies if tally.fault]:
        more = f" (and {plural(len(faults) - 1, 'more damaged file')})" if len(faults) > 1 else ""
        raise InputError(f"{faults[0]}{more}")


def check_complete(plan: ConversionPlan, tallies: Sequence[RowTally]) -> None:
    """Raise InputError unless every block that a source was cut into has come back, with all its rows.

    Args:
        plan: of the conversion.
        tallies: of all blocks that came back, the ends of the sources among them.
    """
    _check_faults(tallies)
    for source in plan.sources:
        own = [tally for tally in tallies if tally.source == source.index]
        blocks, rows = sum(tally.total is None for tally in own), sum(tally.read for tally in own)
        back = f"{plural(blocks, 'block')} with {plural(rows, 'row')} came back"
        remedy = "run again, with a --root that every worker sees under the same path and can write"
        ends = [(tally.number, tally.total) for tally in own if tally.total is not None]
        if not ends:
            raise InputError(f"{source.file.path}: its end did not come back from the workers, {back}; {remedy}")
        (number, total) = ends[0]
        if (number, total) != (blocks, rows):
            cut = f"the workers cut it into {plural(number, 'block')} with {plural(total or 0, 'row')}"
            raise InputError(f"{source.file.path}: {cut}, and {back}; {remedy}")


def check_rows(plan: ConversionPlan, tallies: Sequence[RowTally], options: ConversionOptions, needed: Sequence[str]) -> None:
    """Raise InputError for problems that only reading the rows can show.

    Args:
        plan: of the conversion.
        tallies: of all rows, settled.
        options: of the conversion.
        needed: the splits that must have rows.
    """
    _check_faults(tallies)
    for source in plan.sources:
        own = [tally for tally in tallies if tally.source == source.index]
        if not any(tally.read for tally in own):
            raise InputError(
                f"{source.file.path}: no usable row; 0 rows read, so there is none below the header; export it again"
            )
        if not any(tally.kept for tally in own):
            raise InputError(f"{source.file.path}: no usable row; {_describe(plan, own)}")
    read, malformed = sum(tally.read for tally in tallies), sum(len(tally.malformed) for tally in tallies)
    if malformed > options.max_malformed_fraction * read:
        limit = f"more than input.max_malformed_fraction = {options.max_malformed_fraction:g} of them"
        allowed = f"--set input.max_malformed_fraction={_rounded_up(malformed / read):g}"
        raise InputError(f"{_describe(plan, tallies)}; {limit}: fix the rows, or leave them out with {allowed}")
    for split in needed:
        if not any(tally.rows.get(split) for tally in tallies):
            option = "--train FILES" if split == TRAIN else "--eval FILES"
            lower = (
                ", or set none aside: --set input.validation_fraction=0"
                if any(tally.rows[VALIDATION] for tally in tallies)
                else ""
            )
            raise InputError(f"{plan.sources[0].file.path}: no row for {split}; give more rows, or {option}{lower}")


def needed_splits(plan: ConversionPlan, options: ConversionOptions) -> tuple[str, ...]:
    """Return the splits that must have rows."""
    return (TRAIN, EVAL) if options.eval_fraction or not plan.by_hash else (TRAIN,)


def check_shared(shared: int, rows: int, left: int, shared_texts: SharedTexts) -> None:
    """Raise InputError if eval shares texts with train and that is refused, or would leave train without a row.

    Args:
        shared: rows of eval with a text of train.
        rows: of eval.
        left: rows of train whose text eval has not.
        shared_texts: as of `ConversionOptions`.
    """
    if not shared or shared_texts == "keep":
        return
    has = f"{shared:,} of {plural(rows, 'row')} of eval have a text that train has too ({SAME})"
    if shared_texts == "refuse":
        raise InputError(f"{has}; remove them from train with --set input.shared_texts=remove, or --set input.shared_texts=keep")
    if not left:
        raise InputError(f"{has}, and without them train has no row; give other files, or --set input.shared_texts=keep")


def _check_shared_hashes(portions: Sequence[Portion], options: ConversionOptions) -> None:
    """Check what the rows share where the files or a column divide them."""
    train, held_out = ([value for portion in portions for value in portion.hashes[split]] for split in (TRAIN, EVAL))
    both = set(train).intersection(held_out)
    check_shared(
        sum(value in both for value in held_out), len(held_out), sum(value not in both for value in train), options.shared_texts
    )


def _rounded_up(share: float) -> float:
    """Return the share in two digits, or a little more."""
    scale = 10.0 ** (1 - math.floor(math.log10(share)))
    return min(1.0, math.ceil(round(share * scale, 6)) / scale)


def _describe(plan: ConversionPlan, tallies: Sequence[RowTally]) -> str:
    """Return a sentence with the summed tallies and the first malformed rows."""
    malformed = [(tally.source, row, reason) for tally in tallies for row, reason in tally.malformed]
    read, empty = (sum(getattr(tally, name) for tally in tallies) for name in ("read", "empty"))
    first = "; ".join(f"{plan.sources[index].file.path} row {row}: {reason}" for index, row, reason in malformed[:_SHOWN_ROWS])
    return f"{plural(read, 'row')} read, {empty:,} with empty text, {len(malformed):,} malformed{f' ({first})' if first else ''}"
