"""What a conversion counted, read from the folder of its examples."""

from pathlib import Path

import pytest

from components.artifacts.facts import FACTS, counted, read_rows
from components.validation.decision import DataFacts, SplitFacts
from components.validation.facts import write
from data.conversion_report import REPORT_NAME, ConversionReport, SplitReport
from fairgate.errors import InputError


def test_examples_and_distinct_ones_of_each_split(tmp_path: Path) -> None:
    splits = {"train": SplitReport(10, 5, 0, {}), "eval": SplitReport(100, 50, 90, {})}
    (tmp_path / REPORT_NAME).write_text(ConversionReport((), 110, 110, 0, 0, 0, splits, ()).to_json())
    assert counted(tmp_path) == {"train": (10, 10), "eval": (100, 10)}


def test_examples_that_no_conversion_made_are_not_counted(tmp_path: Path) -> None:
    assert counted(tmp_path) == counted(tmp_path / "absent") == counted(None) == {}


def test_a_damaged_report_is_an_error(tmp_path: Path) -> None:
    (tmp_path / REPORT_NAME).write_text("{")
    with pytest.raises(InputError, match="convert the sources again"):
        counted(tmp_path)


def test_rows_of_each_split(tmp_path: Path) -> None:
    write(DataFacts({"train": SplitFacts(3), "eval": SplitFacts(2)}), tmp_path)
    assert (tmp_path / FACTS).is_file()
    assert read_rows(str(tmp_path)) == {"train": 3, "eval": 2}
