"""Convert source files of Civil Comments to canonical gzip TFRecords in the splits train, validation and eval.

In: Kaggle CSV, raw or processed TFRecords (`data.comments.readers`). Out, in one folder that appears only when it is complete:

    Split-train/train-00000-of-0000N.tfrecord.gz    canonical examples, in the order of the sources, cut into N files
    Split-validation/validation-00000-of-0000N.tfrecord.gz    only where train has 20,000 rows or more
    Split-eval/eval-00000-of-0000N.tfrecord.gz
    quarantine.jsonl                          {"file", "row", "reason"} of each malformed row, without its text
    conversion.json                           a `ConversionReport`, written last

    convert(Sources(train=("train.csv",)), Path("converted"))

Beam reads and converts the sources in blocks and writes portions to the local disk, so memory does not grow with the rows. The
portions are then joined in the order of the sources, so equal sources and options give equal bytes, and another number of
files the same examples in the same order.
"""

import errno
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import apache_beam as beam
import numpy as np
from apache_beam.metrics import Metrics
from apache_beam.options.pipeline_options import PipelineOptions

from data.comments.cells import quoted
from data.comments.conversion_blocks import (
    RowTally,
    TextHash,
    convert_block,
    read_blocks,
    read_tallies,
    write_portion,
)
from data.comments.conversion_checks import (
    SAME,
    ConversionOptions,
    SharedTexts,
    check_complete,
    check_rows,
    check_shared,
    needed_splits,
)
from data.comments.conversion_plan import ConversionPlan, Sources, absent_groups, absent_identities, make_plan
from data.comments.conversion_splits import JoinedPortions, settle_validation
from data.comments.group_names import unknown_values
from data.comments.labels import THRESHOLD
from data.comments.row_facts import split_report
from data.comments.tagging import taggable
from data.conversion_report import REPORT_NAME, ConversionReport, SourceReport, SplitReport, is_clustered
from data.folders import check_apart, check_replaceable, whole_folder
from data.label_report import LabelReport
from fairgate.errors import InputError
from fairgate.names import ALL_SPLITS, EVAL, TRAIN, VALIDATION
from fairgate.text import plural

__all__ = ["ConversionOptions", "ConversionReport", "Sources", "convert"]

QUARANTINE_NAME = "quarantine.jsonl"


@dataclass
class ConvertSources(beam.PTransform):
    """Convert planned sources, write the examples to portions in `folder`, and return one tally per block."""

    folder: Path
    text_hash: TextHash

    def expand(self, sources: beam.PCollection) -> beam.PCollection:
        """Read, convert, write and count, block by block."""
        return (
            sources
            | "Spread files" >> beam.Reshuffle()
            | "Read blocks" >> beam.FlatMap(read_blocks)
            | "Convert rows" >> beam.Map(convert_block, self.text_hash)
            | "Write portions" >> beam.Map(write_portion, self.folder)
            | "Count rows" >> beam.Map(count_rows)
        )


def count_rows(tally: RowTally) -> RowTally:
    """Add a block's tally to the counters that Beam shows."""
    for name, rows in (("kept", tally.kept), ("dropped_empty", tally.empty), ("malformed", len(tally.malformed))):
        Metrics.counter("conversion", name).inc(rows)
    return tally


def convert(sources: Sources, output: Path, *, options: ConversionOptions | None = None) -> ConversionReport:
    """Convert the sources into the folder `output`, replacing an earlier conversion there.

    Returns:
        The report, also in `output/conversion.json`.

    Raises:
        InputError: a source cannot be read, too many rows are malformed, a split stays empty, or `output` is another kind of
            folder. Nothing is left behind and an earlier conversion stays as it was.
    """
    options = options or ConversionOptions()
    check_replaceable(output)
    plan = make_plan(sources)
    check_apart(output, [source.file.path for source in plan.sources])
    try:
        with whole_folder(output) as folder:
            return _convert(plan, folder, options)
    except Exception as error:  # Beam may have wrapped a disk error
        if os.strerror(errno.ENOSPC) in str(error):
            raise InputError(f"{output}: no space left on the disk; free some or name a folder on another one") from error
        raise


def _convert(plan: ConversionPlan, folder: Path, options: ConversionOptions) -> ConversionReport:
    portions = folder / "portions"
    portions.mkdir()
    text_hash = TextHash(options.eval_fraction if plan.by_hash else 0.0, options.seed, options.validation_fraction)
    _run_beam(plan, portions, text_hash, options.beam_args)
    tallies = settle_validation(read_tallies(portions))
    check_complete(plan, tallies)
    check_rows(plan, tallies, options, needed_splits(plan, options))
    joined = _without_shared(JoinedPortions.join(portions, text_hash, tallies), options.shared_texts)
    joined.write(folder, options.shards)
    _write_quarantine(plan, tallies, folder / QUARANTINE_NAME)
    report = _report(plan, tallies, joined, options)
    shutil.rmtree(portions)
    (folder / REPORT_NAME).write_text(report.to_json())
    return report


def _without_shared(joined: JoinedPortions, shared_texts: SharedTexts) -> JoinedPortions:
    """Return the portions without what train shares with eval, if that is to be removed.

    Raises:
        InputError: there are shared texts, and that is refused, or nothing of train would be left.
    """
    shared = joined.shared_of_eval()
    if not shared or shared_texts == "keep":
        return joined
    kept = joined.without_shared()
    check_shared(shared, joined.hashes(EVAL).size, kept.hashes(TRAIN).size, shared_texts)
    return kept


def _run_beam(plan: ConversionPlan, portions: Path, text_hash: TextHash, beam_args: Sequence[str]) -> None:
    arguments = ["--direct_running_mode=in_memory", *beam_args]
    with beam.Pipeline(options=PipelineOptions(arguments)) as root:
        _ = root | "Name sources" >> beam.Create(plan.sources) | "Convert sources" >> ConvertSources(portions, text_hash)


def _write_quarantine(plan: ConversionPlan, tallies: Iterable[RowTally], path: Path) -> None:
    with path.open("w") as file:
        for tally in tallies:
            for row, reason in tally.malformed:
                place = {"file": str(plan.sources[tally.source].file.path), "row": row}
                file.write(json.dumps({**place, "reason": reason}) + "\n")


def _report(
    plan: ConversionPlan, tallies: Sequence[RowTally], joined: JoinedPortions, options: ConversionOptions
) -> ConversionReport:
    read, empty, malformed = (
        sum(counts) for counts in zip(*((tally.read, tally.empty, len(tally.malformed)) for tally in tallies), strict=True)
    )
    hashes = {split: joined.hashes(split) for split in ALL_SPLITS}
    splits = {split: split_report(joined.facts(split), np.unique(each).size) for split, each in hashes.items() if each.size}
    shared = joined.shared_of_eval()
    chooses = VALIDATION in splits and not joined.is_named
    columns = _columns(plan, tallies)
    labels, unknown = _labels(plan, tallies), _summed(tally.unknown for tally in tallies)
    missing = _summed(tally.missing for tally in tallies)
    return ConversionReport(
        sources=tuple(_source_reports(plan, tallies)),
        rows_read=read,
        rows_kept=read - empty - malformed - joined.removed,
        rows_empty=empty,
        rows_malformed=malformed,
        rows_removed=joined.removed,
        shared_rows=shared,
        splits=splits,
        warnings=(
            *plan.warnings,
            *(unknown_values(feature, plan.column_of(feature), counts) for feature, counts in unknown.items()),
            *_missing(missing),
            *_named_as_eval(joined),
            *_tagging(plan),
            *_absence(columns),
            *_duplication(splits),
            *_sharing(joined, shared),
            *chain.from_iterable(label.warnings() for label in labels),
        ),
        eval_fraction=options.eval_fraction if plan.by_hash else None,
        seed=options.seed if plan.by_hash or chooses else None,
        validation_fraction=options.validation_fraction if chooses else None,
        absent_columns=absent_groups((source.split, columns[source.file.path]) for source in plan.sources),
        tagged_features=plan.tagged_features,
        labels=labels,
        unknown_groups=unknown,
        missing_cells=missing,
    )


def _labels(plan: ConversionPlan, tallies: Sequence[RowTally]) -> tuple[LabelReport, ...]:
    rules = plan.sources[0].rules
    scales = {column: (scale.least, scale.most) for column, scale in rules.scales.items()}
    return tuple(
        LabelReport(column, rules.thresholds.get(column, THRESHOLD), counts, scales.get(column, ()))
        for column, counts in _summed(tally.labels for tally in tallies).items()
    )


def _summed(counts: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """Return the sums of counts by name."""
    sums: dict[str, Counter[str]] = {}
    for each in counts:
        for name, values in each.items():
            sums.setdefault(name, Counter()).update(values)
    return {name: dict(counter) for name, counter in sums.items()}


def _source_reports(plan: ConversionPlan, tallies: Sequence[RowTally]) -> Iterator[SourceReport]:
    for source in plan.sources:
        rows = sum(tally.read for tally in tallies if tally.source == source.index)
        yield SourceReport(str(source.file.path), source.file.kind, source.split, source.file.sha256, rows)


def _columns(plan: ConversionPlan, tallies: Sequence[RowTally]) -> dict[Path, frozenset[str]]:
    """Return the known columns that at least one row of each source has, and the identities for which words were looked up."""
    return {
        source.file.path: taggable(source.rules.tagged).union(
            *(tally.columns for tally in tallies if tally.source == source.index)
        )
        for source in plan.sources
    }


def _missing(missing: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    if missing:
        cells = ", ".join(f"{name} {quoted(word)} {rows:,}" for name, words in missing.items() for word, rows in words.items())
        yield f"cells that say nothing count as not annotated, in so many rows: {cells}"


def _named_as_eval(joined: JoinedPortions) -> Iterator[str]:
    if rows := joined.named_as_eval:
        yield f"eval: {plural(rows, 'row')} named valid… in the column split, because no row is named test or eval"


def _tagging(plan: ConversionPlan) -> Iterator[str]:
    if plan.tagged_features:
        yield f"identities tagged by word, not by people: {', '.join(plan.tagged_features)}"


def _absence(columns: Mapping[Path, frozenset[str]]) -> list[str]:
    warning = absent_identities(columns)
    return [warning] if warning else []


def _sharing(joined: JoinedPortions, shared: int) -> Iterator[str]:
    if joined.removed:
        yield (
            f"{plural(joined.removed, 'row')} of train removed, because eval has the same texts ({SAME}); "
            "to keep them: --set input.shared_texts=keep"
        )
    if shared:
        yield (
            f"{shared:,} of {plural(joined.hashes(EVAL).size, 'row')} of eval have a text that train has too ({SAME}); "
            "to remove them from train: --set input.shared_texts=remove"
        )


def _duplication(splits: Mapping[str, SplitReport]) -> Iterator[str]:
    for split, known in splits.items():
        if is_clustered(known.rows, known.distinct):
            yield f"{split}: {known.distinct:,} of {known.rows:,} texts are distinct; equal ones are not independent evidence"
