"""Compute which rate could have been found: the power of both halves together."""

import math

import numpy as np

from fairgate.discovery.rate_tests import Floats

POWER = 0.8
_STEPS = 40


def detectable_rate(trials: int, rate: float, first_level: float, second_level: float) -> float | None:
    """Return the least rate of a slice that both halves prove to exceed `rate` with a probability of 80 %.

    Args:
        trials: rows of the slice, half of them in each half; the rest is so large that its rate is known.
        rate: of the rest.
        first_level: of the test on the first half, the cutoff at which a single slice would be kept.
        second_level: of that on the second half.

    Returns:
        None where not even a rate of 1 would be found.
    """
    half = trials // 2
    log_ways = np.array([math.lgamma(half + 1) - math.lgamma(k + 1) - math.lgamma(half - k + 1) for k in range(half + 1)])
    least = [int(np.argmax(np.append(_tails(log_ways, rate), 0.0) <= level)) for level in (first_level, second_level)]
    if max(least) > half:
        return None

    low, high = rate, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        tails = _tails(log_ways, middle)
        low, high = (low, middle) if tails[least[0]] * tails[least[1]] >= POWER else (middle, high)
    return high


def _tails(log_ways: Floats, rate: float) -> Floats:
    """Return float64[n + 1], P(X >= k) of the binomial distribution for each k."""
    k = np.arange(log_ways.size)
    if rate <= 0:
        return np.asarray(k == 0, np.float64)
    if rate >= 1:
        return np.ones(k.size)
    log_terms = log_ways + k * math.log(rate) + (k.size - 1 - k) * math.log1p(-rate)
    return np.asarray(np.minimum(np.exp(log_terms)[::-1].cumsum()[::-1], 1.0))
