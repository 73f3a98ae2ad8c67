"""Cut a numeric feature into ranges that hold about equally many examples."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fairgate.discovery.rate_tests import Floats


def edges_of(values: Floats, num: int) -> tuple[float, ...]:
    """Return the rising inner edges of at most `num` ranges: quantiles, which are values that occur.

    Args:
        values: float64[N] without NaN.
        num: ranges, at least 2. Where one value has more than its share there are fewer.
    """
    if not values.size:
        return ()
    inner = np.quantile(values, np.arange(1, num) / num, method="inverted_cdf")
    return tuple(edge for edge in np.unique(inner).tolist() if edge < values.max())


def range_names(edges: Sequence[float]) -> list[str]:
    """Return the names of the ranges between the edges, from the lowest: "to 25", "over 25 to 40", "over 40"."""
    ends = [f"{edge:g}" for edge in edges]
    if len(set(ends)) < len(ends):
        ends = [repr(edge) for edge in edges]
    if not ends:
        return ["any"]
    return [f"to {ends[0]}", *(f"over {low} to {high}" for low, high in pairwise(ends)), f"over {ends[-1]}"]
