"""Signs of leakage: planted ones are found, and examples drawn alike show none."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from components.validation.leakage import Example, area_under_curve, distinct, feature_sign, signs, splits_sign
from fairgate.counting.config import LabelSpec

LABELS = LabelSpec("label", ("no", "yes"), "binary")
WORDS = [f"word{number}" for number in range(60)]
Generator = np.random.Generator


def comments(random: Generator, rows: int) -> list[dict[str, Any]]:
    """Draw comments of eight words; no word is about the label."""
    return [
        {
            "text": [" ".join(random.choice(WORDS, 8)).encode()],
            "group": [f"g{random.integers(3)}".encode()],
            "size": [float(random.normal())],
            "label": [float(random.integers(2))],
        }
        for _ in range(rows)
    ]


def features(rows: list[dict[str, Any]]) -> list[Example]:
    return [{name: values for name, values in row.items() if name != "label"} for row in rows]


def classes(rows: list[dict[str, Any]]) -> Any:
    return np.array([int(row["label"][0]) for row in rows])


def test_splits_drawn_alike_are_not_told_apart() -> None:
    """Of 20 pairs of samples, the 95 % interval holds 0.5 in 16 or more: fewer have a probability below 0.003."""
    held = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        rows = features(comments(random, 160))
        found = splits_sign(rows[:80], rows[80:], ["text"])
        assert found is not None
        held += found.low <= 0.5 <= found.high
    assert held >= 16


@pytest.mark.parametrize("name", ["text", "group", "size"])
def test_splits_that_differ_in_one_feature_are_told_apart(name: str) -> None:
    random = np.random.default_rng(1)
    train, evaluated = features(comments(random, 200)), features(comments(random, 200))
    marks: dict[str, Any] = {"text": [b"word1 from the archive"], "group": [b"other"], "size": [9.0]}
    moved = [{**row, name: marks[name]} for row in evaluated[:100]] + evaluated[100:]
    moved = [{**row, "id": [number]} for number, row in enumerate(moved)]
    plain = [{**row, "id": [number]} for number, row in enumerate(train)]
    found = splits_sign([*plain], [*moved], ["text"])
    assert found is not None
    assert found.low > 0.6


def test_area_is_that_of_scikit_learn() -> None:
    """Ties count half; the standard error is near that of 2,000 samples drawn anew."""
    random = np.random.default_rng(0)

    def drawn() -> tuple[Any, Any]:
        labels = np.repeat([0, 1], [60, 40])
        return np.round(random.normal(size=100) + 0.7 * labels, 1), labels

    scores, labels = drawn()
    area, variance = area_under_curve(scores, labels)
    assert area == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    spread = np.std([area_under_curve(*drawn())[0] for _ in range(2000)])
    assert np.sqrt(variance) == pytest.approx(spread, rel=0.2)


@pytest.mark.parametrize(
    ("name", "leak", "kind", "said"),
    [
        ("text", lambda label: [b"word1 leaks" if label else b"word1 word2"], "word", "text: leaks"),
        ("group", lambda label: [b"a", b"paid" if label else b"a"], "category", "group=paid"),
        ("size", lambda label: [100.0 * label], "number", "size"),
        ("pixels", lambda label: [7, 255 * label, 3], "number", "pixels[1]"),
    ],
)
def test_feature_that_holds_the_label_is_named(name: str, leak: Any, kind: str, said: str) -> None:
    random = np.random.default_rng(2)
    rows = [{**row, name: leak(int(row["label"][0]))} for row in comments(random, 300)]
    found = feature_sign(features(rows), classes(rows), ["text"])
    assert found is not None
    assert (found.kind, found.value, found.n) == (kind, 1.0, 150)
    assert found.name == said
    assert 0.95 < found.low < 1.0
    assert found.high == 1.0


def test_no_feature_holds_a_label_that_is_drawn() -> None:
    """The best of hundreds of words on one half guesses on the other."""
    rows = comments(np.random.default_rng(3), 1000)
    found = feature_sign(features(rows), classes(rows), ["text"])
    assert found is not None
    assert found.low < 0.5 < found.high


def test_rule_of_many_classes_is_found() -> None:
    """A number with a value for each class; guessing would have one in four."""
    random = np.random.default_rng(4)
    rows = [
        {"a": [float(random.normal())], "b": [float(label)], "label": [label]} for label in random.integers(0, 4, 200).tolist()
    ]
    found = feature_sign(features(rows), classes(rows), [])
    assert found is not None
    assert (found.name, found.value) == ("b", 1.0)


@pytest.mark.parametrize("rows", [10, 60])
def test_too_few_examples_or_one_class_say_nothing(rows: int) -> None:
    made = [{**row, "label": [0.0]} for row in comments(np.random.default_rng(5), rows)]
    assert feature_sign(features(made), classes(made), ["text"]) is None
    assert splits_sign(features(made)[:10], features(made), ["text"]) is None


def test_examples_without_any_feature_say_nothing_of_the_label() -> None:
    made: list[Example] = [{} for _ in range(100)]
    assert feature_sign(made, np.arange(100) % 2, []) is None


def test_copies_are_looked_at_once() -> None:
    """In another fold, a copy would be known by heart; here 200 rows are two texts."""
    rows: list[Example] = [{"text": [b"a"]}, {"text": [b"b"]}] * 100
    assert distinct(rows) == rows[:2]
    assert splits_sign(distinct(rows), distinct(rows), ["text"]) is None


def test_label_is_no_feature() -> None:
    """Else it would give itself away, and tell splits of different labels apart."""
    random = np.random.default_rng(6)
    train = [{**row, "label": [float(at % 2)]} for at, row in enumerate(comments(random, 200))]
    evaluated = [{**row, "label": [1.0]} for row in comments(random, 200)]
    found = {sign.sign: sign for sign in signs({"train": train, "eval": evaluated}, LABELS, ["text"])}
    assert found["splits"].low < 0.5 < found["splits"].high
    assert found["feature"].value < 0.75
