"""Slices of three values, or of two of one feature, are judged where a policy names them: as a discovery writes them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import fairgate
from fairgate.discovery.rules import policy_of
from fairgate.errors import InputError
from fairgate.measurement import MetricKey

FLAGS = {"identity": ["male", "black", "gay"]}


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """6,000 rows; errors are four times as frequent where all three flags meet in the city "x"."""
    random = np.random.default_rng(11)
    flags = {name: random.random(6_000) < 0.6 for name in FLAGS["identity"]}
    city = random.choice(["x", "y"], 6_000)
    bad = flags["male"] & flags["black"]
    wrong = random.random(6_000) < np.where(bad & flags["gay"] & (city == "x"), 0.6, np.where(bad, 0.3, 0.1))
    label = random.random(6_000) < 0.3
    score = np.where(label | wrong, 0.6, 0.1) + random.random(6_000) / 4
    return pd.DataFrame({"y": label, "p": score, "city": city, **flags})


def _judged(rows: pd.DataFrame, slices: list[str]) -> Any:
    rule = {"id": "r", "kind": "gap", "metric": "false_positive_rate", "thresholds": [0.5], "slices": slices, "limit": 1.25}
    return fairgate.evaluate(
        rows, label="y", scores="p", slices=["city"], groups=FLAGS, policy={"rules": [{**rule, "against": "rest"}]}
    )


def test_the_rules_of_a_discovery_judge_its_slices(rows: pd.DataFrame) -> None:
    """Without a complaint of the lint; a confirmed slice that much worse is refused, with the counts of all rows."""
    found = fairgate.discover(rows, label="y", scores="p", slices=["city"], groups=FLAGS)
    policy = policy_of(found)
    assert policy is not None
    judged = fairgate.evaluate(rows, label="y", scores="p", slices=["city"], groups=FLAGS, policy=policy)
    lines = {line.slice: line for line in judged.verdict.rules if line.id == policy.rules[0].id}
    own = [each for each in found.confirmed if not each.echo_of]
    assert set(lines) == {each.slice for each in own}
    assert {line.outcome for line in lines.values()} == {"failed"}
    sizes = {each.slice: each.n + each.first_n for each in own}
    assert {name: line.n for name, line in lines.items()} == pytest.approx(sizes)
    assert judged.verdict.outcome == "refused"


def test_a_slice_of_three_values_is_counted_as_pandas_does(rows: pd.DataFrame) -> None:
    """In any order of its parts; no other slice of so many is measured."""
    judged = _judged(rows, ["identity:male × city:x × identity:black"])
    metrics = judged.counted.evaluation.models["candidate"]
    crossed = [name for name in metrics if " × " in name]
    assert crossed == ["city:x × identity:black × identity:male"]
    rate = metrics[crossed[0]].rates[MetricKey("false_positive_rate", 0.5)]
    inside = rows[(rows["city"] == "x") & rows["male"] & rows["black"] & ~rows["y"]]
    assert (rate.successes, rate.trials) == ((inside["p"] > 0.5).sum(), len(inside))
    assert [line.slice for line in judged.verdict.rules if line.id == "r"] == crossed


@pytest.mark.parametrize(
    "name", ["identity:* × identity:*", "identity:male × city:x × town:y", "city:* × identity:a × identity:b"]
)
def test_what_cannot_be_counted_is_refused(rows: pd.DataFrame, name: str) -> None:
    """Stars over more than two features, and a feature that there is not."""
    with pytest.raises(InputError, match="no slice matches"):
        _judged(rows, [name])


def test_a_conjunction_that_no_row_meets_is_not_measured(rows: pd.DataFrame) -> None:
    """It blesses nothing."""
    judged = _judged(rows, ["city:x × city:y"])
    assert judged.verdict.outcome == "inconclusive"


def test_a_conjunction_of_a_group_that_nobody_is_in_is_not_measured(rows: pd.DataFrame) -> None:
    assert _judged(rows, ["identity:male × city:x × identity:nobody"]).verdict.outcome == "inconclusive"


def test_a_group_without_members_whose_column_is_there_is_known(rows: pd.DataFrame) -> None:
    """The verdict says what is missing."""
    judged = _judged(rows.assign(gay=False), ["identity:gay"])
    assert judged.verdict.outcome == "inconclusive"
