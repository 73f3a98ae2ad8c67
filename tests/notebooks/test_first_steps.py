"""The notebook of one neuron reaches the published answers, and each is what gradient descent must give.

The mean and the standard deviation of five seeds are those of the notebook's own table (`make notebooks NAME=first_steps`).
"""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow
LINE = (18.9826, 0.0027)
HOUSE = (4.2276, 0.0867)


@pytest.fixture(scope="module")
def figures(notebook_figures: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return notebook_figures("first_steps.ipynb")


def descended(points: list[tuple[float, float]], start: list[float], steps: int) -> tuple[float, float]:
    """Weight and bias after steps of gradient descent on the mean squared error, at a rate of 0.01, without any library."""
    weight, bias = start
    for _ in range(steps):
        errors = [weight * x + bias - y for x, y in points]
        by_weight = 2 * sum(error * x for error, (x, _) in zip(errors, points, strict=True)) / len(points)
        by_bias = 2 * sum(errors) / len(points)
        weight, bias = weight - 0.01 * by_weight, bias - 0.01 * by_bias
    return weight, bias


@pytest.mark.parametrize(("name", "measured", "published"), [("line", LINE, 18.98), ("house", HOUSE, 4.1)])
def test_answer_and_published_one_lie_within_three_standard_deviations(
    figures: dict[str, Any], name: str, measured: tuple[float, float], published: float
) -> None:
    mean, deviation = measured
    assert abs(figures[name] - mean) <= 3 * deviation
    assert abs(published - mean) <= 3 * deviation


@pytest.mark.parametrize(("column", "measured"), [("line at x = 10", LINE), ("seven bedrooms", HOUSE)])
def test_five_seeds_give_the_stated_mean_and_deviation(
    figures: dict[str, Any], column: str, measured: tuple[float, float]
) -> None:
    assert (figures["mean"][column], figures["std"][column]) == pytest.approx(measured, abs=2e-4)


def test_line_is_what_gradient_descent_gives(figures: dict[str, Any]) -> None:
    weight, bias = descended([(x, 2 * x - 1) for x in range(-1, 5)], figures["line_start"], 500)
    assert figures["line_learned"] == pytest.approx([weight, bias], abs=1e-4)
    assert figures["line"] == pytest.approx(10 * weight + bias, abs=1e-3)


def test_price_is_what_gradient_descent_gives(figures: dict[str, Any]) -> None:
    weight, bias = descended([(x, 0.5 + 0.5 * x) for x in range(1, 7)], figures["house_start"], 50)
    assert figures["house"] == pytest.approx(7 * weight + bias, abs=1e-3)


def test_price_approaches_the_true_one_with_more_epochs(figures: dict[str, Any]) -> None:
    answers = figures["house_by_epochs"]
    assert answers["50"] > answers["500"] > answers["5000"]
    assert answers["5000"] == pytest.approx(4.0, abs=1e-4)


def test_adam_moves_its_weights_by_half_at_most(figures: dict[str, Any]) -> None:
    """Which is why it is far from 19 after 500 steps of 0.001."""
    start = 10 * figures["line_start"][0] + figures["line_start"][1]
    assert abs(figures["line_adam"] - start) <= 0.5 * 11
    assert figures["line_adam"] < 17
