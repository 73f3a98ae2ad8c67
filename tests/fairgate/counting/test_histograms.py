from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.counting.cells import ScoreCells, group, keys_of
from fairgate.counting.histograms import histogram


def cells(labels: list[int], scores: list[float]) -> ScoreCells:
    """A table of examples of weight 1."""
    found: npt.NDArray[Any] = np.array(scores, np.float32)
    return group(keys_of(np.array(labels), found, ()), np.ones(len(labels)), found.astype(np.float64))


def test_a_bin_includes_its_upper_edge() -> None:
    """Scores at edges, at 0 and 1, and outside."""
    drawn = histogram(cells([0, 0, 0, 1, 1, 1], [0, 0.25, 0.26, 0.5, 1, 1.5]), 4)
    np.testing.assert_array_equal(drawn.edges, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_array_equal(drawn.weights, [[2, 1, 0, 0], [0, 1, 0, 2]])
