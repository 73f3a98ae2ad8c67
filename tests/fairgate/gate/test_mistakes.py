"""Mistakes that several kinds of rules share, at the edges; the messages themselves are tested by kind."""

import math

import pytest

from fairgate.gate import mistakes

DIFFERENCE = "train_test_accuracy_difference"  # between -1 and 1


@pytest.mark.parametrize(
    ("metric", "floor", "ceiling", "says"),
    [
        ("auc", 0.0, None, ["min 0 is kept by every auc, which is at least 0"]),
        ("auc", 5e-7, None, ["min 5e-07 is kept by every auc"]),
        ("auc", 2e-6, None, []),
        ("auc", None, 1.0, ["max 1 is kept by every auc, which is at most 1"]),
        ("auc", None, 1 - 5e-7, ["max 1 is kept by every auc"]),
        ("auc", None, 1 - 2e-6, []),
        ("auc", 1.0, None, []),
        ("auc", 1.1, None, ["min 1.1 is beyond every auc"]),
        ("auc", None, 0.0, []),
        ("auc", None, -0.1, ["max -0.1 is beyond every auc"]),
        ("auc", 0.5, 0.5, []),
        ("auc", 0.6, 0.5, ["min 0.6 lies above max 0.5"]),
        (DIFFERENCE, -1.0, None, [f"min -1 is kept by every {DIFFERENCE}, which is at least -1"]),
        (DIFFERENCE, -1 + 1.5e-6, None, ["min -0.999999 is kept"]),
        (DIFFERENCE, -0.5, 0.5, []),
        ("loss", 0.1, 0.5, []),
        ("loss", 5e-7, None, ["min 5e-07 is kept by every loss"]),
    ],
)
def test_floor_and_ceiling(metric: str, floor: float | None, ceiling: float | None, says: list[str]) -> None:
    """A limit within a millionth of the range from its end limits nothing."""
    found = list(mistakes.in_floor_and_ceiling(metric, floor, ceiling))
    assert len(found) == len(says)
    assert all(message.startswith(text) for message, text in zip(found, says, strict=True))


@pytest.mark.parametrize(("metric", "width"), [("auc", 1.0), (DIFFERENCE, 2.0), ("loss", 1e6)])
def test_width(metric: str, width: float) -> None:
    assert mistakes.width(metric) == pytest.approx(width, rel=2e-6)
    assert mistakes.width(metric) < width


@pytest.mark.parametrize(
    ("size", "metric", "measure", "says"),
    [
        (1.0, "auc", "ratio", []),
        (0.9, "auc", "ratio", ["limit 0.9 is below 1, which is a ratio without any gap"]),
        (10.0, "auc", "ratio", []),
        (10.1, "auc", "ratio", ["limit 10.1 is kept by nearly every ratio"]),
        (math.inf, "auc", "ratio", ["limit is infinite"]),
        (1.25, DIFFERENCE, "ratio", [f"{DIFFERENCE} may be negative, so it has no ratio"]),
        (1.25, DIFFERENCE, "difference", []),
        (2.0, DIFFERENCE, "difference", [f"limit 2 allows any difference of {DIFFERENCE}"]),
        (0.0, "auc", "difference", []),
        (-0.1, "auc", "difference", ["limit -0.1 is below 0, which is a difference without any gap"]),
        (1.0, "auc", "difference", ["limit 1 allows any difference of auc"]),
    ],
)
def test_size_of_a_gap(size: float, metric: str, measure: str, says: list[str]) -> None:
    found = list(mistakes.in_size("limit", size, metric, "ratio" if measure == "ratio" else "difference"))
    assert len(found) == len(says)
    assert all(message.startswith(text) for message, text in zip(found, says, strict=True))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], "none"),
        (["a"], "a"),
        ([0.25, 0.5], "0.25, 0.5"),
        (list("abcdefghijkl"), "a, b, c, d, e, f, g, h, i, j, k, l"),
        (list("abcdefghijklmn"), "a, b, c, d, e, f, g, h, i, j, k, l, 2 more"),
    ],
)
def test_twelve_values_are_listed(values: list[str] | list[float], text: str) -> None:
    assert mistakes.listed(values) == text
