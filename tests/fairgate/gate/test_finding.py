"""Bounds: what keeps a limit, what proves that it is kept, what proves that it is broken."""

import math
from typing import Literal

import pytest

from fairgate.gate.finding import Bounds, NotMeasuredError


@pytest.mark.parametrize(
    ("bounds", "value", "kept"),
    [
        (Bounds(upper=1.25), 1.25, True),
        (Bounds(upper=1.25), 1.25 + 5e-10, True),
        (Bounds(upper=1.25), 1.25 + 2e-9, False),
        (Bounds(lower=0.8), 0.8, True),
        (Bounds(lower=0.8), 0.8 - 5e-10, True),
        (Bounds(lower=0.8), 0.8 - 2e-9, False),
        (Bounds(0.8, 1.25), 1.0, True),
        (Bounds(0.8, 1.25), 0.7, False),
        (Bounds(0.8, 1.25), 1.3, False),
        (Bounds(lower=0.5, strict=True), 0.5, False),
        (Bounds(lower=0.5, strict=True), 0.5 + 5e-10, False),
        (Bounds(lower=0.5, strict=True), 0.5 + 2e-9, True),
        (Bounds(upper=0.0, strict=True), 0.0, False),
        (Bounds(upper=0.0, strict=True), -2e-9, True),
        (Bounds(), math.nan, False),
    ],
)
def test_kept_by(bounds: Bounds, value: float, kept: bool) -> None:
    """A limit that is exactly met is kept, rounding aside, unless it is strict; NaN keeps nothing."""
    assert bounds.kept_by(value) is kept


@pytest.mark.parametrize(
    ("bounds", "ends", "contained", "excluded"),
    [
        (Bounds(upper=1.25), (1.0, 1.25), True, False),
        (Bounds(upper=1.25), (1.25 + 1e-16, 1.25 + 5e-10), True, False),
        (Bounds(upper=1.25), (1.25 + 2e-9, 1.3), False, True),
        (Bounds(lower=0.5, strict=True), (0.5 - 1e-16, 0.5 + 1e-16), False, True),
        (Bounds(lower=0.5, strict=True), (0.5 + 1e-16, 0.5 + 2e-16), False, True),
        (Bounds(lower=0.5, strict=True), (0.5 + 2e-9, 0.6), True, False),
        (Bounds(upper=1.25), (1.0, 1.26), False, False),
        (Bounds(upper=1.25), (1.25, 1.5), False, False),
        (Bounds(upper=1.25), (1.26, 1.5), False, True),
        (Bounds(lower=0.8), (0.8, 1.0), True, False),
        (Bounds(lower=0.8), (0.79, 1.0), False, False),
        (Bounds(lower=0.8), (0.7, 0.8), False, False),
        (Bounds(lower=0.8), (0.7, 0.79), False, True),
        (Bounds(lower=0.5, strict=True), (0.5, 0.9), False, False),
        (Bounds(lower=0.5, strict=True), (0.51, 0.9), True, False),
        (Bounds(lower=0.5, strict=True), (0.4, 0.5), False, True),
        (Bounds(upper=0.5, strict=True), (0.1, 0.5), False, False),
        (Bounds(upper=0.5, strict=True), (0.1, 0.49), True, False),
        (Bounds(upper=0.5, strict=True), (0.5, 0.6), False, True),
    ],
)
def test_contains_and_excludes(bounds: Bounds, ends: tuple[float, float], contained: bool, excluded: bool) -> None:
    """An interval that touches a limit is still within, and not yet beyond; the other way round for strict ones."""
    assert (bounds.contains(*ends), bounds.excludes(*ends)) == (contained, excluded)


@pytest.mark.parametrize(
    ("bounds", "value", "limit"),
    [
        (Bounds(upper=1.25), 9.0, 1.25),
        (Bounds(lower=0.8), 9.0, 0.8),
        (Bounds(0.8, 1.25), 1.1, 1.25),
        (Bounds(0.8, 1.25), 0.9, 0.8),
        (Bounds(0.8, 1.25), 0.1, 0.8),
        (Bounds(0.5, 1.5), 1.0, 1.5),
        (Bounds(0.8, 1.25), 2.0, 1.25),
        (Bounds(upper=1.25), math.inf, 1.25),
    ],
)
def test_limit_for(bounds: Bounds, value: float, limit: float) -> None:
    """The only limit, the one that is broken, or the nearer one."""
    assert bounds.limit_for(value) == limit


@pytest.mark.parametrize(
    ("worse", "expected"),
    [("higher", Bounds(upper=0.1)), ("lower", Bounds(lower=-0.1)), (None, Bounds(-0.1, 0.1))],
)
def test_limit_on_the_side_on_which_a_metric_gets_worse(worse: Literal["higher", "lower"] | None, expected: Bounds) -> None:
    assert Bounds.worse_side(worse, -0.1, 0.1) == expected


def test_slice_that_was_not_measured_is_unproven_on_no_examples() -> None:
    error = NotMeasuredError("It was not measured.")
    assert (str(error), error.result, error.n, error.least) == ("It was not measured.", "unproven", 0.0, 0)
    few = NotMeasuredError("Too few.", "not enough data", 12.0, 20)
    assert (few.result, few.n, few.least) == ("not enough data", 12.0, 20)
