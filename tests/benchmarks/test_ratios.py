import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks import ratios
from benchmarks.ratios import Goal
from fairgate.errors import InputError

ENTRY: dict[str, Any] = {"ratio": 1.5, "goal": "<= 2", "runs": [{"ours": 3.0, "bare": 2.0}]}


@pytest.mark.parametrize(
    ("goal", "ratio", "met"),
    [
        (">= 10", 10.0, True),
        (">= 10", 9.99, False),
        ("<= 1.3", 1.3, True),
        ("<= 1.3", 1.31, False),
        (">= 10", math.nan, False),
        ("<= 1.3", math.nan, False),
    ],
)
def test_goal_is_met_at_its_bound(goal: str, ratio: float, met: bool) -> None:
    """At least, at most, and never by NaN; a goal reads as it is written."""
    assert Goal.parse(goal).met_by(ratio) is met
    assert str(Goal.parse(goal)) == goal


def test_another_relation_is_an_error() -> None:
    """It is quoted."""
    with pytest.raises(InputError, match="'about 3'"):
        Goal.parse("about 3")


def test_ratio_is_the_median_of_the_pairs() -> None:
    """Not the ratio of the medians: that would be 2."""
    runs = [{"a": 10.0, "b": 1.0}, {"a": 4.0, "b": 2.0}, {"a": 2.0, "b": 4.0}]
    assert ratios.median_ratio(runs, "a", "b") == 2.0
    assert ratios.median_ratio([{"a": 3.0, "b": 1.0}, {"a": 8.0, "b": 8.0}, {"a": 1.0, "b": 9.0}], "a", "b") == 1.0


def test_newer_results_replace_older_ones_and_the_others_stay() -> None:
    """In the given order, the machine last, names that are no longer measured dropped."""
    old = {"_machine": {"cores": 1}, "first": {"ratio": 1}, "gone": {"ratio": 1}, "second": {"ratio": 1}}
    found = ratios.merged(
        old, {"third": {"ratio": 2}, "second": {"ratio": 2}, "_machine": {"cores": 2}}, ("second", "first", "third")
    )
    assert list(found) == ["second", "first", "third", "_machine"]
    assert (found["first"], found["second"], found["_machine"]) == ({"ratio": 1}, {"ratio": 2}, {"cores": 2})


def test_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """JSON, nothing else left in the folder; a file that is not there holds nothing."""
    file = tmp_path / "new" / "latest.json"
    assert ratios.read(file) == {}
    ratios.write({"some": ENTRY}, file)
    assert ratios.read(file) == json.loads(file.read_text()) == {"some": ENTRY}
    assert list(file.parent.iterdir()) == [file]


def test_broken_file_is_an_error(tmp_path: Path) -> None:
    """Results are never overwritten because they could not be read."""
    file = tmp_path / "latest.json"
    file.write_text('{"some": ')
    with pytest.raises(InputError, match=str(file)):
        ratios.read(file)


def test_table_says_what_is_met() -> None:
    """A line per benchmark with ratio, goal and verdict; the machine is none."""
    written = io.StringIO()
    results = {"some": ENTRY, "other": {**ENTRY, "ratio": 2.126}, "_machine": {"cores": 2}}
    Console(file=written, width=100).print(ratios.table(results))
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in written.getvalue().splitlines() if line.startswith("│")]
    assert lines == [["some", "1.50", "<= 2", "met", "1"], ["other", "2.13", "<= 2", "missed", "1"]]
