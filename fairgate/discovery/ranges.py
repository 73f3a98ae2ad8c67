"""Cut a numeric feature into ranges that hold about equally many examples."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fairgate.discovery.rate_tests import Floats

_WHOLE = 1e15  # from here a whole number is as long as its powers of ten are short


def edges_of(values: Floats, num: int) -> tuple[float, ...]:
    """Return the rising inner edges of at most `num` ranges: quantiles, which are values that occur.

    Args:
        values: float64[N] without NaN.
        num: ranges, at least 2. Where one value has more than its share there are fewer.
    """
    if not values.size:
        return ()
    inner = np.quantile(values, np.arange(1, num) / num, method="inverted_cdf")
    return tuple(edge + 0.0 for edge in np.unique(inner).tolist() if edge < values.max())  # + 0.0 makes one zero of the two


def ends_of(edges: Sequence[float]) -> list[str]:
    """Return the edges in words: whole numbers in full, others in six digits, or in all where six do not tell them apart."""
    ends = [f"{edge:.0f}" if edge.is_integer() and abs(edge) < _WHOLE else f"{edge:g}" for edge in edges]
    return ends if len(set(ends)) == len(ends) else list(map(repr, edges))


def range_names(edges: Sequence[float]) -> list[str]:
    """Return the names of the ranges between the edges, from the lowest: "to 25", "over 25 to 40", "over 40"."""
    ends = ends_of(edges)
    if not ends:
        return ["any"]
    return [f"to {ends[0]}", *(f"over {low} to {high}" for low, high in pairwise(ends)), f"over {ends[-1]}"]
