"""The largest difference between two runs' metrics, and which number it is."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pandas as pd
import pytest

from tests.engines.runs import Difference, largest_difference

Compared = Callable[[list[float], list[float]], Difference]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Compared:
    """Compare two tables that differ in the upper ends of two slices."""

    def metrics(high: list[float]) -> Mock:
        key = {"model": "candidate", "slice": ["overall", "group:x"], "metric": "auc", "threshold": float("nan")}
        return Mock(metrics=pd.DataFrame({**key, "value": [0.5, 0.5], "high": high}))

    def compare(ours: list[float], theirs: list[float]) -> Difference:
        found = {Path("ours"): metrics(ours), Path("theirs"): metrics(theirs)}
        monkeypatch.setattr("tests.engines.runs.run_folder.newest", lambda folder: folder)
        monkeypatch.setattr("tests.engines.runs.content.load", found.__getitem__)
        return largest_difference(Path("ours"), Path("theirs"))

    return compare


def test_equal_metrics_differ_by_nothing(compared: Compared) -> None:
    assert compared([0.75, float("inf")], [0.75, float("inf")]) == Difference(0.0, "")


def test_the_number_that_differs_most_is_named(compared: Compared) -> None:
    found = compared([0.75, 0.625], [0.75, 0.5])
    assert found.value == 0.125
    assert str(found) == "0.125 (high of candidate, group:x, auc, nan)"


def test_a_number_beyond_1_differs_by_its_share(compared: Compared) -> None:
    assert compared([0.75, 1001.0], [0.75, 1000.0]).value == 0.001


def test_a_number_instead_of_an_infinite_one_is_no_small_difference(compared: Compared) -> None:
    assert compared([0.75, 1.0], [0.75, float("inf")]).value == float("inf")
