"""Numbers and intervals in words."""

import math

import pytest

from fairgate.gate import sentences
from fairgate.measurement import MetricKey


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.51, "0.51"),
        (1.8317, "1.83"),
        (0.3125, "0.312"),
        (0.3125 + 1e-15, "0.312"),
        (1.0, "1"),
        (0.0, "0"),
        (-0.0, "0"),
        (-0.605, "−0.605"),
        (0.000191, "0.000191"),
        (0.0000123, "0.0000123"),
        (1234.5, "1,234"),
        (0.000000123456, "0.000000123"),
        (1e15, "1e+15"),
        (math.nan, "undefined"),
        (math.inf, "unbounded"),
        (-math.inf, "unbounded"),
        (-1234.5, "−1,234"),
        (1e-12, "0"),
        (1e308, "1e+308"),
        (999_999_999_999_999.0, "999,999,999,999,999"),
    ],
)
def test_number(value: float, text: str) -> None:
    """Three significant digits, an exponent only where nobody could read the digits, a real minus."""
    assert sentences.number(value) == text


@pytest.mark.parametrize(
    ("value", "limit", "text"),
    [(1.2504, 1.25, "1.2504"), (1.25, 1.25, "1.25"), (0.88496, 0.885, "0.88496"), (2.0, 1.25, "2"), (1.25 + 1e-13, 1.25, "1.25")],
)
def test_number_apart_from_a_limit(value: float, limit: float, text: str) -> None:
    """As many digits as tell a value from its limit."""
    assert sentences.number(value, limit) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (1.7, 2.0, "95 % interval 1.7–2"),
        (-0.1, 0.2, "95 % interval −0.1 to 0.2"),
        (0.0, math.inf, "95 % interval 0 to unbounded"),
    ],
)
def test_interval(low: float, high: float, text: str) -> None:
    """A dash between positive numbers, words otherwise."""
    assert sentences.interval(low, high, 0.95) == text


def test_interval_names_its_confidence() -> None:
    """A level with a fraction keeps it."""
    assert sentences.interval(0.1, 0.2, 0.995).startswith("99.5 % interval")


def test_of_names_metric_slice_and_threshold() -> None:
    """The threshold only where there is one."""
    assert sentences.of(MetricKey("false_positive_rate", 0.5), "gender:male") == "False positive rate of gender:male at 0.5"
    assert sentences.of(MetricKey("auc"), "overall") == "AUC of overall"


def test_label_inside_a_sentence() -> None:
    """Lower case, but not for abbreviations."""
    assert sentences.label(MetricKey("false_positive_rate", 0.5)) == "false positive rate"
    assert sentences.label(MetricKey("auc")) == "AUC"


@pytest.mark.parametrize(
    ("gap", "measure", "limit", "text"),
    [
        (1.8317, "ratio", 1.25, "1.83 times the rest"),
        (1.2504, "ratio", 1.25, "1.2504 times the rest"),
        (0.23, "difference", 0.1, "0.23 above the rest"),
        (-0.23, "difference", 0.1, "0.23 below the rest"),
        (-0.10004, "difference", -0.1, "0.10004 below the rest"),
        (0.0, "difference", 0.1, "equal to the rest"),
    ],
)
def test_distance(gap: float, measure: str, limit: float, text: str) -> None:
    """Ratios multiply, differences lie above or below."""
    assert sentences.distance(gap, "the rest", measure, limit) == text  # type: ignore[arg-type]  # parametrized literals


@pytest.mark.parametrize(
    ("lower", "upper", "text"),
    [
        (-math.inf, 1.25, "the limit is 1.25"),
        (0.8, math.inf, "at least 0.8 is required"),
        (0.8, 1.25, "0.8 to 1.25 is allowed"),
    ],
)
def test_between(lower: float, upper: float, text: str) -> None:
    """What limits demand."""
    assert sentences.between(lower, upper) == text


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_listed(names: list[str], text: str) -> None:
    """A list as a sentence has it, cut after the third."""
    assert sentences.listed(names, 3) == text


def test_count() -> None:
    """Thousands are separated, fractions rounded."""
    assert sentences.count(12345.6) == "12,346"


@pytest.mark.parametrize(
    ("limit", "text"),
    [(0.9999, "0.9999"), (1.0004, "1.0004"), (1 / 1.25, "0.8"), (-0.03, "−0.03"), (0.1 + 0.2, "0.3"), (1e-7, "0.0000001")],
)
def test_limits_are_not_rounded(limit: float, text: str) -> None:
    assert sentences.exact(limit) == text


def test_plural() -> None:
    assert [sentences.plural(number, "slice") for number in (0, 1, 1200)] == ["0 slices", "1 slice", "1,200 slices"]


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.0, 0.1, "0–0.1"), (0.5, 0.75, "0.5–0.75"), (-0.1, 0.2, "−0.1 to 0.2"), (0.5, math.inf, "0.5 to unbounded")],
)
def test_ends_of_an_interval(low: float, high: float, text: str) -> None:
    assert sentences.interval(low, high, 0.95) == f"95 % interval {text}"


def test_nine_names_are_eight_and_one_more() -> None:
    assert sentences.listed(list("abcdefgh")) == "a, b, c, d, e, f, g and h"
    assert sentences.listed(list("abcdefghi")) == "a, b, c, d, e, f, g, h and 1 more"
