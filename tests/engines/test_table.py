"""The table of `make engines`: what the runs printed, and what makes it fail."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from tests.engines.runs import Difference, Run, StepTime
from tests.engines.table import EngineResult, faults, main, table

PRINTED = """digits in runs/digits
  ✓          Prepare                  0.6 s    0:09
  ✓  3 of 13 StatisticsGen           14.4 s    0:14  1,797 rows
  ✓  4 of 13 Transform                0.0 s    0:14  1,797 rows, from cache
Error: a fault
"""


WITH_WORKERS = "  ✓          Workers                  8.0 s    0:08\n" + PRINTED


@pytest.fixture
def printed(tmp_path: Path) -> Run:
    (tmp_path / "out").write_text(PRINTED)
    return Run(Mock(), tmp_path / "out")


def test_steps_and_message_of_a_run_are_those_that_it_printed(printed: Run) -> None:
    assert printed.steps == {
        "Prepare": StepTime(0.6, 0, cached=False),
        "StatisticsGen": StepTime(14.4, 1797, cached=False),
        "Transform": StepTime(0.0, 1797, cached=True),
    }
    assert printed.message == "Error: a fault"


def test_table_has_a_row_per_step_and_a_column_per_engine(printed: Run, tmp_path: Path) -> None:
    (tmp_path / "flink").write_text(WITH_WORKERS)
    on_flink = EngineResult("Flink", Run(Mock(), tmp_path / "flink"), Difference(1e-12, "value of auc"), "2 jobs", even=True)
    found = [EngineResult("memory", printed, Difference(0.0, ""), "", even=True), on_flink]
    assert table("digits", found).splitlines() == [
        "## digits",
        "",
        "| step | rows | memory, s | Flink, s |",
        "|---|---|---|---|",
        "| Workers |  |  | 8.0 |",
        "| Prepare |  | 0.6 | 0.6 |",
        "| StatisticsGen | 1797 | 14.4 | 14.4 |",
        "| Transform | 1797 | 0.0 | 0.0 |",
        "| **all** | | **15** | **23** |",
        "",
        "* Flink: largest difference to memory 1e-12 (value of auc); 2 jobs.",
    ]
    assert faults({"digits": found}) == []


@pytest.mark.parametrize(
    ("difference", "even", "message"),
    [
        (2e-9, True, "digits on Flink: differs by 2e-09 (low of auc)"),
        (float("nan"), True, "digits on Flink: differs by nan (low of auc)"),
        (0.0, False, "digits on Flink: a worker had no work: one alone"),
    ],
)
def test_other_numbers_and_an_idle_worker_are_faults(printed: Run, difference: float, even: bool, message: str) -> None:
    assert faults({"digits": [EngineResult("Flink", printed, Difference(difference, "low of auc"), "one alone", even)]}) == [
        message
    ]


def test_tables_are_made_before_the_logs_are_removed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def results(_: str, folder: Path) -> list[EngineResult]:
        folder.mkdir()
        (folder / "out").write_text(PRINTED)
        return [EngineResult("memory", Run(Mock(), folder / "out"), Difference(0.0, ""), "", even=True)]

    monkeypatch.setattr("tests.engines.table.run", Mock())
    monkeypatch.setattr("tests.engines.table.results", results)
    assert main(["digits"]) == 0
    assert "| StatisticsGen | 1797 | 14.4 |" in capsys.readouterr().out
