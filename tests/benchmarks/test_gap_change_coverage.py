"""The simulation behind docs/gap-changes.md, with few draws."""

import re
from functools import cache
from pathlib import Path

import pytest

from benchmarks.gap_change_coverage import cases, main, page, simulate

PAGE = Path(__file__).parents[2] / "docs" / "gap-changes.md"


def test_the_true_change_is_that_of_the_rates() -> None:
    """One slice of 1,000 whose rate falls from .25 to .20, among 9,000 others of .12: two ratios to overall."""
    case = next(cases())
    overall = [(1000 * rate + 9000 * 0.12) / 10_000 for rate in (0.25, 0.20)]
    assert case.true == pytest.approx(0.20 / overall[1] - 0.25 / overall[0])


def test_intervals_miss_a_value_that_is_not_the_true_one() -> None:
    """All lie below a change of 2."""
    case = next(cases())
    result = simulate(case.name, 2.0, case.estimate, 3, 1)
    assert (result.coverage, result.above, result.below) == (0, 0, 1)


def test_the_page_in_docs_is_of_this_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to its numbers; written where it is asked for."""
    monkeypatch.setattr("benchmarks.gap_change_coverage.page", once := cache(page))  # takes a few seconds
    monkeypatch.setattr("sys.argv", ["gap_change_coverage", "--draws", "2", "--to", str(tmp_path / "page.md")])
    main()
    written = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert written == once(2)
    without_numbers = [re.sub(r"[0-9.,|: -]+", "", text) for text in (written, PAGE.read_text(encoding="utf-8"))]
    assert without_numbers[0] == without_numbers[1]
