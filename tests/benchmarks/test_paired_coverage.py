"""The simulation behind docs/paired-intervals.md, with few draws."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks.paired_coverage import Population, Result, by_error, by_label, cases, main, page, unweighted, weighted

PAGE = Path(__file__).parents[2] / "docs" / "paired-intervals.md"


def test_cases_have_the_rates_difference_and_correlation_that_they_name() -> None:
    """And are those of the grid that exist: a correlation of .95 needs nearly equal rates."""
    for case in cases():
        both, lost, gained, neither = case.cells
        assert both + lost == pytest.approx(case.rate)
        assert gained - lost == pytest.approx(case.difference)
        assert both + lost + gained + neither == pytest.approx(1)
    assert Population(0.05, 0.1, 0.95) not in set(cases())
    assert len(list(cases())) == 48


@pytest.mark.parametrize("simulate", [unweighted, weighted])
def test_paired_intervals_cover(simulate: Callable[[np.random.Generator, int], list[Result]]) -> None:
    """400 draws per case: the mean over cases with enough discordant pairs, from 500 (effective) examples on."""
    results = simulate(np.random.default_rng(1), 400)
    covered = [result.coverage for result in results if result.n >= 500 and result.discordant >= 10]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.01)


def test_rates_of_unequal_weights_cover() -> None:
    """Weights by the error, from 150 effective examples on; weights by the label, where the count of the slice fails."""
    rng = np.random.default_rng(2)
    assert min(mean for size, mean, _ in by_error(rng, 300) if size >= 150) > 0.92
    for _, now, before in by_label(rng, 300):
        assert now > 0.92 > 0.89 > before


def test_the_page_in_docs_is_of_this_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to its numbers; written where it is asked for."""
    monkeypatch.setattr("benchmarks.paired_coverage.page", once := cache(page))  # takes a few seconds
    monkeypatch.setattr("sys.argv", ["paired_coverage", "--draws", "2", "--to", str(tmp_path / "page.md")])
    main()
    written = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert written == once(2)
    without_numbers = [re.sub(r"[0-9.,|: -]+", "", text) for text in (written, PAGE.read_text(encoding="utf-8"))]
    assert without_numbers[0] == without_numbers[1]
