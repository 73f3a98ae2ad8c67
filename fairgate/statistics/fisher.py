"""Compute Fisher's exact test of two proportions. Needs the standard library alone."""

import math

_SAME = 1e-7  # relative: tables as probable as the one that was seen count as such, in spite of rounding


def fisher_exact(successes: tuple[int, int], trials: tuple[int, int]) -> float:
    """Return the two-sided p-value of Fisher's exact test that two proportions are equal.

    With both margins fixed, the successes of the first sample are hypergeometric; the p-value is the probability of all counts
    that are at most as probable as the one that was seen (Fisher 1935; as R's `fisher.test` and SciPy's `fisher_exact`).

    Args:
        successes: of both samples.
        trials: of both samples, at least as many as the successes.

    Returns:
        NaN where a sample has no trials.
    """
    first, second = trials
    total = sum(successes)
    if not (first and second):
        return math.nan
    least, most = max(0, total - second), min(total, first)
    whole = _log_choose(first + second, total)
    seen = _log_choose(first, successes[0]) + _log_choose(second, successes[1]) - whole
    chances = [_log_choose(first, k) + _log_choose(second, total - k) - whole for k in range(least, most + 1)]
    return min(1.0, math.fsum(math.exp(chance) for chance in chances if chance <= seen + _SAME))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
