"""Sum up what DataGate and conversion counted, and which files the examples are, for the data sheet of a report.

In: the artifact `data_blessing` and the folder of raw examples. Out: `DataSummary`. Imports no TensorFlow.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from components.artifacts.facts import conversion_of, read_facts
from components.artifacts.splits import split_folder, splits_in
from data.conversion_report import ConversionReport, SplitReport
from fairgate.counting.config import LabelSpec
from fairgate.files import hex_digest
from fairgate.names import place
from fairgate.report.data_summary import DataSummary, ListedFile, SplitCount


def data_summary(facts_uri: str, examples_uri: str, labels: LabelSpec) -> DataSummary:
    """Return what was counted in the data of a run.

    Args:
        facts_uri: artifact `data_blessing` of the DataGate.
        examples_uri: of the raw examples; the report of their conversion lies beside them, where they were converted.
        labels: of the task.
    """
    facts = read_facts(facts_uri)
    report = conversion_of(Path(examples_uri))
    splits = {
        name: _split(known, labels, facts["shared_rows"].get(name), report.splits.get(name) if report else None)
        for name, known in facts["splits"].items()
    }
    absent = tuple(facts["absent_columns"])
    files = tuple(_files(examples_uri))
    return DataSummary(splits=splits, files=files, absent_columns=absent, **(_converted(report) if report else {}))


def _split(known: Mapping[str, Any], labels: LabelSpec, shared: int | None, converted: SplitReport | None) -> SplitCount:
    classes = dict(enumerate(labels.classes))
    return SplitCount(
        rows=known["rows"],
        labels={classes.get(int(float(value)), value): rows for value, rows in known["labels"].items()},
        distinct=known["distinct"],
        shared=shared,
        unannotated=known["unannotated"] or {},
        groups=_groups(converted) if converted else {},
    )


def _groups(split: SplitReport) -> dict[str, tuple[int, int]]:
    return {
        place(feature, value): (rows, split.toxic[feature].get(value, 0))
        for feature, values in split.identities.items()
        if feature in split.toxic  # absent in reports of earlier versions
        for value, rows in values.items()
    }


def _converted(report: ConversionReport) -> dict[str, Any]:
    sources = tuple(
        ListedFile(name=Path(source.file).name, sha256=source.sha256.removeprefix("sha256:"), kind=source.kind, rows=source.rows)
        for source in report.sources
    )
    counts = {name: getattr(report, name) for name in ("rows_read", "rows_empty", "rows_malformed", "rows_removed")}
    return {"sources": sources, "statements": report.notes, **counts}


def _files(uri: str) -> Iterator[ListedFile]:
    for split in splits_in(uri):
        for path in sorted(path for path in split_folder(uri, split).glob("*") if path.is_file()):
            yield ListedFile(name=f"{path.parent.name}/{path.name}", sha256=hex_digest(path), kind="tfrecord")
