"""Finding where falling functions cross zero."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from fairgate.statistics.roots import Array, crossing


def _line(at: Array, root: Array) -> Array:
    return root - at


@pytest.mark.parametrize(
    ("function", "root"),
    [
        (_line, 0.3),
        (lambda at, root: np.exp(-at) - np.exp(-root), 2.0),
        (lambda at, root: (root - at) ** 3, -1.5),  # flat at the root, where secants crawl
        (lambda at, root: np.sign(root - at), 0.7),  # no secant has a slope
        (lambda at, root: np.where(at < root, np.inf, -np.inf), 0.7),
    ],
)
def test_root_is_found_to_thirteen_digits(function: Callable[..., Array], root: float) -> None:
    found = crossing(function, np.array([0.0]), np.array([1.0]), (np.array([root]),), (-4.0, 4.0))
    assert found == pytest.approx(root, abs=1e-13)


def test_each_element_has_its_own_root() -> None:
    roots = np.array([[0.1, 2.0, -3.0], [0.5, 0.25, 1.0]])
    found = crossing(_line, np.zeros((2, 3)), np.ones(3), (roots,), (-4.0, 4.0))
    assert found == pytest.approx(roots, abs=1e-13)


@pytest.mark.parametrize(("root", "bound"), [(-9.0, -4.0), (9.0, 4.0)])
def test_root_outside_the_bounds_gives_the_nearer_one(root: float, bound: float) -> None:
    assert crossing(_line, np.array([0.0]), np.array([1.0]), (np.array(root),), (-4.0, 4.0)) == pytest.approx(bound, abs=1e-13)


def test_nothing_is_sought_where_the_start_is_nan() -> None:
    found = crossing(_line, np.array([math.nan, 0.0]), np.zeros(2), (np.array([1.0, 2.0]),), (-4.0, 4.0))
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(2.0, abs=1e-13)


def test_few_evaluations_find_a_smooth_root() -> None:
    calls: list[int] = []

    def counted(at: Array) -> Array:
        calls.append(at.size)
        return np.asarray(np.cos(at) - at)

    assert crossing(counted, np.array([0.7]), np.array([0.8]), (), (0.0, 1.0)) == pytest.approx(0.7390851332151607, abs=1e-13)
    assert len(calls) <= 8
