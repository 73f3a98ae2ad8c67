"""The simulation of intervals over strata."""

import pytest

from benchmarks import strata_coverage


def test_the_table_has_a_row_for_every_case(capsys: pytest.CaptureFixture[str]) -> None:
    """With shares that add up, of three tables each."""
    strata_coverage.main(["--draws", "3"])
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == [case.name for case in strata_coverage.CASES]
    assert sum(strata_coverage.measured(strata_coverage.CASES[0], "ratio", 3)) == pytest.approx(1)
