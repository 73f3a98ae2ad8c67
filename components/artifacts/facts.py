"""Read what the conversion and the DataGate counted, without importing how they count and judge."""

import json
from pathlib import Path
from typing import Any

from data.conversion_report import REPORT_NAME, ConversionReport

FACTS = "facts.json"  # in the artifact `data_blessing`


def read_facts(uri: str) -> dict[str, Any]:
    """Return the `DataFacts` of an artifact `data_blessing` as JSON values."""
    facts: dict[str, Any] = json.loads(Path(uri, FACTS).read_text(encoding="utf-8"))
    return facts


def read_rows(uri: str) -> dict[str, int]:
    """Return split -> number of examples."""
    return {split: known["rows"] for split, known in read_facts(uri)["splits"].items()}


def conversion_of(folder: Path) -> ConversionReport | None:
    """Return the report of the conversion that made a folder of examples; None if no conversion did.

    Raises:
        InputError: there is a report, but it cannot be read.
    """
    return ConversionReport.read(folder) if (folder / REPORT_NAME).is_file() else None


def counted(folder: Path | None) -> dict[str, tuple[int, int]]:
    """Return split -> (examples, distinct examples) of a folder of examples; empty where nobody counted them."""
    report = conversion_of(folder) if folder else None
    return {split: (known.rows, known.distinct) for split, known in report.splits.items()} if report else {}
