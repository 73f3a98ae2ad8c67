"""Find where falling functions cross zero, many at once: what the ends of score intervals take. Pure numpy."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_SECANTS = 16  # steps; eight are usual
_NEAR = 1e-13


def crossing(
    function: Callable[..., Array], start: Array, other: Array, given: tuple[Array, ...], bounds: tuple[float, float]
) -> Array:
    """Return where falling functions cross zero: by secants within a bracket, and by halving it where they do not end.

    Args:
        function: float64[K], and of each of `given` the K entries that belong to these -> float64[K]; falls with the first
            argument, may be infinite.
        start: float64[...], near the roots; NaN where none is sought.
        other: a second place, the nearer the better.
        given: broadcast to the shape of `start`, as `other` does.
        bounds: between which the roots are.

    Returns:
        float64[...] to 1e-13; the nearer bound where there is no root between them, NaN where none is sought.
    """
    at, last, *arguments = (each.ravel() for each in np.broadcast_arrays(start, other, *given))
    sought = ~np.isnan(at)
    at, last = np.clip(at, *bounds), np.clip(last, *bounds)
    lows, highs = (np.full(at.shape, bound) for bound in bounds)
    last_value = function(last, *arguments)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for _ in range(_SECANTS):
            value = function(at, *arguments)
            is_low = value > 0
            lows, highs = np.where(is_low, at, lows), np.where(is_low, highs, at)
            if not (sought & (highs - lows > 2 * _NEAR)).any():
                break
            move = value * (last - at) / (value - last_value)
            last, last_value = at, value
            at = at + np.where(is_low, np.maximum(move, _NEAR), np.minimum(move, -_NEAR))  # beyond a root that is reached
            at = np.where((lows < at) & (at < highs), at, (lows + highs) / 2)
        (left,) = np.nonzero(sought & (highs - lows > 2 * _NEAR))
        arguments = [each[left] for each in arguments]
        while (highs[left] - lows[left] > 2 * _NEAR).any():
            middle = (lows[left] + highs[left]) / 2
            is_low = function(middle, *arguments) > 0
            lows[left], highs[left] = np.where(is_low, middle, lows[left]), np.where(is_low, highs[left], middle)
    return np.where(sought, (lows + highs) / 2, np.nan).reshape(np.broadcast_shapes(start.shape, other.shape))
