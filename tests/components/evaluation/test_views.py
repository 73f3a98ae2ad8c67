from typing import Any

import numpy as np
import numpy.typing as npt

from components.evaluation.cells import ScoreCells, group, keys_of
from components.evaluation.views import coverage, histogram, reliability


def cells(labels: list[int], scores: list[float]) -> ScoreCells:
    """A table of examples of weight 1."""
    found: npt.NDArray[Any] = np.array(scores, np.float32)
    return group(keys_of(np.array(labels), found, ()), np.ones(len(labels)), found.astype(np.float64))


def test_a_bin_includes_its_upper_edge() -> None:
    """Scores at edges, at 0 and 1, and outside."""
    drawn = histogram(cells([0, 0, 0, 1, 1, 1], [0, 0.25, 0.26, 0.5, 1, 1.5]), 4)
    np.testing.assert_array_equal(drawn.edges, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_array_equal(drawn.weights, [[2, 1, 0, 0], [0, 1, 0, 2]])


def test_reliability_compares_score_and_share() -> None:
    """Per bin that has examples."""
    found = reliability(cells([0, 1, 1], [0.25, 0.75, 1.0]), 2)
    np.testing.assert_allclose(found.score, [0.25, 0.875])
    np.testing.assert_allclose(found.share, [0, 1])
    np.testing.assert_allclose(found.weight, [1, 2])


def test_coverage_falls_as_the_minimum_rises() -> None:
    """At least the minimum is answered; nothing answered has no accuracy."""
    found = coverage(cells([0, 1, 1, 0], [0.25, 0.5, 0.75, 0.75]), np.array([0, 0.5, 0.75, 0.9]))
    np.testing.assert_allclose(found.coverage, [1, 0.75, 0.5, 0])
    np.testing.assert_allclose(found.accuracy, [0.5, 2 / 3, 0.5, np.nan])
