"""The report of a conversion: the content of `conversion.json`, stored beside the converted splits.

Written by `data.comments.conversion.convert`, read for verdicts and reports. Imports nothing heavy.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from data.label_report import LabelReport, statements
from fairgate.errors import InputError
from fairgate.names import LEAST_DISTINCT

REPORT_NAME = "conversion.json"
_VERSION = 1


def is_clustered(rows: int, distinct: int) -> bool:
    """Return whether so many examples are copies that intervals must not take them as independent."""
    return distinct < LEAST_DISTINCT * rows


@dataclass(frozen=True)
class SourceReport:
    """Report on one source file.

    Attributes:
        file: path as given, or as found by a glob.
        kind: "csv" or "tfrecord".
        split: split of the rows: "train", "eval", "column" (decided by the column `split`) or "hash" (by a hash of the text).
        sha256: digest of the file.
        rows: number of rows read from it.
    """

    file: str
    kind: str
    split: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class SplitReport:
    """Report on one split.

    Attributes:
        rows: number of examples written.
        positive: number of toxic examples.
        duplicates: number of examples whose text occurred before in this split (of comments, `data.text.same_text`).
        identities: feature -> identity -> number of examples that list it.
        unannotated: feature -> number of examples of which the source does not say whether they list any of its identities.
        toxic: feature -> identity -> number of toxic examples that list it; empty in reports of earlier versions.
    """

    rows: int
    positive: int
    duplicates: int
    identities: Mapping[str, Mapping[str, int]]
    unannotated: Mapping[str, int] = field(default_factory=dict)
    toxic: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def distinct(self) -> int:
        """Return the number of different texts."""
        return self.rows - self.duplicates


@dataclass(frozen=True)
class ConversionReport:
    """Counts of rows read, kept and dropped: rows_read = rows_kept + rows_empty + rows_malformed + rows_removed.

    Attributes:
        rows_empty: number of rows dropped because the text is empty.
        rows_malformed: number of rows dropped and listed in `quarantine.jsonl`.
        rows_removed: number of rows of train or validation that were left out, because eval has their text.
        shared_rows: number of eval examples whose text is also in train or validation.
        splits: split reports by name.
        warnings: sentences for the user.
        eval_fraction: the share of texts that a hash assigned to eval; None if files or a column determined the split.
        seed: seed of the hash that assigned rows to eval or validation; None if it assigned none.
        validation_fraction: the share of texts that the hash took from train for validation; None if there is no such split.
        absent_columns: known groups for which no source of eval has a column, "gender:transgender".
        tagged_features: features that no people annotated in some source: they are tagged by word there.
        labels: how each label column was read.
        unknown_groups: feature -> value of its column that is no known group -> number of rows; they count as not annotated.
        missing_cells: identity or feature -> word that says nothing, such as "NA" -> number of rows; likewise.
    """

    sources: tuple[SourceReport, ...]
    rows_read: int
    rows_kept: int
    rows_empty: int
    rows_malformed: int
    shared_rows: int
    splits: Mapping[str, SplitReport]
    warnings: tuple[str, ...]
    eval_fraction: float | None = None
    seed: int | None = None
    absent_columns: tuple[str, ...] = ()
    validation_fraction: float | None = None
    tagged_features: tuple[str, ...] = ()
    labels: tuple[LabelReport, ...] = ()
    unknown_groups: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    rows_removed: int = 0
    missing_cells: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what was taken as positive, in sentences."""
        positive, rows = (sum(getattr(split, name) for split in self.splits.values()) for name in ("positive", "rows"))
        return tuple(statements(self.labels, positive, rows))

    def to_json(self) -> str:
        """Return the report as indented JSON with a `schema_version`."""
        return json.dumps({"schema_version": _VERSION, **asdict(self)}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "ConversionReport":
        """Return the report that `to_json` wrote.

        Raises:
            InputError: the text is not a report, or has another version.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
            version = fields.pop("schema_version")
            if version != _VERSION:
                raise InputError(f"{REPORT_NAME}: schema_version is {version!r}, not {_VERSION}; convert the sources again")
            fields["sources"] = tuple(SourceReport(**source) for source in fields["sources"])
            fields["splits"] = {name: SplitReport(**split) for name, split in fields["splits"].items()}
            fields["warnings"] = tuple(fields["warnings"])
            fields["absent_columns"] = tuple(fields.get("absent_columns", ()))
            fields["tagged_features"] = tuple(fields.get("tagged_features", ()))
            fields["labels"] = tuple(
                LabelReport(**{**label, "scale": tuple(label.get("scale", ()))}) for label in fields.get("labels", ())
            )
            return cls(**fields)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"{REPORT_NAME}: not the report of a conversion ({error}); convert the sources again") from None

    @classmethod
    def read(cls, folder: Path) -> "ConversionReport":
        """Return the report of the conversion in `folder`.

        Raises:
            InputError: the folder has no report.
        """
        try:
            text = (folder / REPORT_NAME).read_text(encoding="utf-8", errors="replace")
        except OSError:
            raise InputError(f"{folder}: no {REPORT_NAME}, so no finished conversion; convert the sources first") from None
        return cls.from_json(text)
