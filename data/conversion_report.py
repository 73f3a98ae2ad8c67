"""The report of a conversion: the content of `conversion.json`, stored beside the converted splits.

Flows out of `data.conversion.convert`, into verdicts and reports. Imports nothing heavy.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from data.errors import InputError

REPORT_NAME = "conversion.json"
_VERSION = 1


@dataclass(frozen=True)
class SourceReport:
    """Report on one source file.

    Attributes:
        file: its path as given (or as a glob found it).
        kind: "csv" or "tfrecord".
        split: which rows go where: "train", "eval", "column" (the column `split` says) or "hash" (a hash of the text does).
        sha256: of the file.
        rows: read from it.
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
        rows: examples written.
        positive: of them, toxic.
        duplicates: of them, examples whose text came before in this split.
        identities: feature -> identity -> examples that list it.
    """

    rows: int
    positive: int
    duplicates: int
    identities: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class ConversionReport:
    """Counts of rows read, kept and dropped: rows_read = rows_kept + rows_empty + rows_malformed.

    Attributes:
        rows_empty: dropped because the text is empty.
        rows_malformed: left out and listed in `quarantine.jsonl`.
        shared_rows: examples of eval whose text is also in train.
        splits: by name.
        warnings: sentences for the user.
        eval_fraction: the share of texts that a hash put into eval; None when files or a column said what is eval.
        seed: of that hash; None likewise.
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

    def to_json(self) -> str:
        """Return the report as indented JSON with a `schema_version`."""
        return json.dumps({"schema_version": _VERSION, **asdict(self)}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "ConversionReport":
        """Return the report that `to_json` wrote.

        Raises:
            InputError: the text is none, or one of another version.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
            version = fields.pop("schema_version")
            if version != _VERSION:
                raise InputError(f"{REPORT_NAME}: schema_version is {version!r}, not {_VERSION}; convert the sources again")
            fields["sources"] = tuple(SourceReport(**source) for source in fields["sources"])
            fields["splits"] = {name: SplitReport(**split) for name, split in fields["splits"].items()}
            fields["warnings"] = tuple(fields["warnings"])
            return cls(**fields)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"{REPORT_NAME}: not the report of a conversion ({error}); convert the sources again") from None

    @classmethod
    def read(cls, folder: Path) -> "ConversionReport":
        """Return the report of the conversion in `folder`.

        Raises:
            InputError: there is none.
        """
        try:
            text = (folder / REPORT_NAME).read_text(encoding="utf-8", errors="replace")
        except OSError:
            raise InputError(f"{folder}: no {REPORT_NAME}, so no finished conversion; convert the sources first") from None
        return cls.from_json(text)
