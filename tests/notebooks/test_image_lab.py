"""The notebook of the image lab on the digits gives the figures that five seeds give.

Means and standard deviations are of seeds 1 to 5: `.venv/bin/python -m benchmarks.image_lab --preset digits-lab`.
"""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow
# Figure -> mean and standard deviation. Without dropout, every training image is right in the last epoch of every seed.
MEASURED = {
    "without dropout: train accuracy": (1.0, 0.0),
    "without dropout: train loss": (0.00103, 0.00009),
    "without dropout: test accuracy": (0.9767, 0.0046),
    "without dropout: test loss": (0.0943, 0.0084),
    "with dropout: train accuracy": (0.9988, 0.0012),
    "with dropout: train loss": (0.0052, 0.0027),
    "with dropout: test accuracy": (0.9700, 0.0084),
    "with dropout: test loss": (0.0993, 0.0347),
}


@pytest.fixture(scope="module")
def figures(notebook_figures: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return notebook_figures("image_lab.ipynb")


@pytest.mark.parametrize("name", MEASURED)
def test_the_table_lies_within_three_standard_deviations(figures: dict[str, Any], name: str) -> None:
    mean, deviation = MEASURED[name]
    assert abs(figures[name] - mean) <= 3 * deviation


def test_the_network_is_the_published_one(figures: dict[str, Any]) -> None:
    assert figures["weights"] == 784 * 128 + 128 + 128 * 64 + 64 + 64 * 32 + 32 + 32 * 10 + 10 == 111_146


def test_the_goal_of_the_loss_ends_training(figures: dict[str, Any]) -> None:
    """Long before the last of 50 epochs."""
    assert figures["goal_loss"] < 0.25
    assert 1 < figures["goal_epochs"] < 50


def test_ten_probabilities_sum_to_one(figures: dict[str, Any]) -> None:
    assert figures["sum"] == pytest.approx(1, abs=1e-6)


def test_one_unit_cannot_tell_ten_classes_apart(figures: dict[str, Any]) -> None:
    """It is better than chance, and far from the network of three layers."""
    assert 0.05 < figures["one_unit"] < 0.6 < figures["without dropout: test accuracy"]
