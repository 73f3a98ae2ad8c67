"""Scored examples of a run as a discovery takes them."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from components.reporting import discovery
from components.reporting.discovery import asked_by, discovered, example_batch
from fairgate.counting.config import LabelSpec
from fairgate.discovery.events import HarmfulRate
from fairgate.discovery.rows import Condition

BINARY = LabelSpec("toxic", ("fine", "toxic"), "binary")
CLASSES = LabelSpec("kind", ("a", "b", "c"), "multiclass")


def _line(metric: str, threshold: float | None) -> Any:
    return SimpleNamespace(metric=metric, threshold=threshold)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([_line("auc", None), _line("false_negative_rate", 0.3), _line("precision", 0.5)], ("false_negative_rate", 0.3)),
        ([_line("positive_rate", 0.3)], ("false_positive_rate", 0.5)),
        ([], ("false_positive_rate", 0.5)),
    ],
)
def test_the_first_rate_of_a_rule_is_asked(rules: list[Any], expected: tuple[str, float]) -> None:
    """Or the usual one, where no rule has a rate with a bad side."""
    asked = asked_by(rules, BINARY)
    assert (asked.metric, asked.thresholds) == (expected[0], (expected[1],))


def test_of_several_classes_it_is_accuracy() -> None:
    assert asked_by([_line("recall", None)], CLASSES) == HarmfulRate("accuracy", "lower", (0.0,))


def _scored(rows: int) -> pd.DataFrame:
    """Every second example is about men, every fifth about two groups; men are called toxic."""
    slices = [
        ["overall", *(["gender:male"] if row % 2 else []), *(["race:a", "race:b"] if row % 5 == 0 else [])] for row in range(rows)
    ]
    return pd.DataFrame({"slices": slices, "label": "fine", "candidate": np.where(np.arange(rows) % 2, 0.9, 0.1), "wrong": 0.0})


def test_slices_become_conditions() -> None:
    """Those of features; all examples, and classes, are none."""
    contents = np.arange(10, dtype=np.uint64)
    batch = example_batch(_scored(10), BINARY, contents)
    assert {condition: rows.tolist() for condition, rows in batch.members.items()} == {
        Condition("gender", "male"): [1, 3, 5, 7, 9],
        Condition("race", "a"): [0, 5],
        Condition("race", "b"): [0, 5],
    }
    assert (batch.label.tolist(), batch.clusters) == ([False] * 10, contents)
    named = pd.DataFrame({"slices": [["overall", "class:a"]] * 2, "label": ["a", "b"], "predicted": ["a", "a"], "candidate": 0.4})
    batch = example_batch(named, CLASSES, contents[:2])
    assert (batch.label.tolist(), dict(batch.members)) == ([True, False], {})


def _batches(copies: int) -> Any:
    def read(_uri: str, models: dict[str, str], *_: Any) -> Iterator[tuple[list[bytes], pd.DataFrame]]:
        assert models == {"candidate": "folder"}
        for at in range(0, 4_000, 1_000):
            yield [str((at + row) // copies).encode() for row in range(1_000)], _scored(1_000)

    return read


def test_examples_are_scored_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted slice is confirmed; no more examples are scored than the limit."""
    monkeypatch.setattr(discovery, "scored_batches", _batches(1))
    monkeypatch.setattr(discovery, "MOST_ROWS", 3_000)
    models = {"candidate": "folder", "baseline": "other"}
    found = discovered("uri", models, BINARY, ("gender", "race"), asked_by([], BINARY))
    assert found is not None
    assert (found.rows, found.clusters) == (3_000, "")
    assert [each.slice for each in found.confirmed] == ["gender:male"]


def test_copies_are_one_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in one half."""
    monkeypatch.setattr(discovery, "scored_batches", _batches(2))
    found = discovered("uri", {"candidate": "folder"}, BINARY, ("gender",), asked_by([], BINARY))
    assert found is not None
    assert (found.clusters, [size % 2 for size in found.trials]) == ("content", [0, 0])


def test_without_features_nothing_is_sought() -> None:
    """Of a task of images."""
    assert discovered("uri", {}, CLASSES, (), asked_by([], CLASSES)) is None
