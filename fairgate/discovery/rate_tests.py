"""Test whether one group of rows has a higher rate than another that shares no row with it: one-sided, vectorised.

Rows are independent, or equal in their cluster: then every cluster lies in one of B buckets, and the spread between the buckets
shows how much less the rows say than independent ones.
"""

import math

import numpy as np
import numpy.typing as npt

from fairgate.discovery.rows import Ints

Floats = npt.NDArray[np.float64]

LEAST_BUCKETS = 20  # with fewer that hold a row, the spread between them is not known
_NEGLIGIBLE = 1e-17


def fisher_p(events: npt.ArrayLike, trials: npt.ArrayLike, all_events: npt.ArrayLike, all_trials: npt.ArrayLike) -> Floats:
    """Return P(X >= events) of the hypergeometric distribution: Fisher's exact test, one-sided (Fisher 1935).

    Args:
        events: of the group; all shapes broadcast. Effective counts may be fractions.
        trials: of the group.
        all_events: of the group and of what it is compared with.
        all_trials: likewise.

    Returns:
        float64, to about eight digits; 1 where there are no trials.
    """
    counts = (np.asarray(each, np.float64) for each in (events, trials, all_events, all_trials))
    x, n, big_x, big_n = (each.astype(np.float64) for each in np.broadcast_arrays(*counts))
    with np.errstate(invalid="ignore", divide="ignore"):
        upper = x * big_n > n * big_x
        upper_tail = _tail(x, n, big_x, big_n, upwards=True)
        lower_tail = _tail(x - 1, n, big_x, big_n, upwards=False)
    return np.asarray(np.where(upper, np.minimum(upper_tail, 1), np.clip(1 - lower_tail, 0, 1)))


def _tail(x: Floats, n: Floats, big_x: Floats, big_n: Floats, *, upwards: bool) -> Floats:
    """Sum the probabilities from x on in one direction, away from the mean, where they fall faster than a geometric series."""
    beyond = (x < np.maximum(0, n + big_x - big_n)) | (x > np.minimum(n, big_x))
    if upwards:
        beyond |= x * big_n <= n * big_x  # not asked for: the terms would rise first
    else:
        beyond |= (x + 1) * big_n > n * big_x
    k = np.where(beyond, 0, x)
    term = np.where(beyond, 0, np.exp(_log_probability(k, n, big_x, big_n)))
    total = term.copy()
    while np.any(term > _NEGLIGIBLE * total):
        if upwards:
            term = term * (big_x - k) * (n - k) / ((k + 1) * (big_n - big_x - n + k + 1))
            k = k + 1
        else:
            term = term * k * (big_n - big_x - n + k) / ((big_x - k + 1) * (n - k + 1))
            k = k - 1
        term = np.where(term > 0, term, 0)
        total += term
    return np.asarray(total)


def _log_probability(k: Floats, n: Floats, big_x: Floats, big_n: Floats) -> Floats:
    k = np.clip(k, np.maximum(0, n + big_x - big_n), np.minimum(n, big_x))
    return np.asarray(_log_choose(big_x, k) + _log_choose(big_n - big_x, n - k) - _log_choose(big_n, n))


def _log_choose(n: Floats, k: Floats) -> Floats:
    return np.asarray(_log_gamma(n + 1) - _log_gamma(k + 1) - _log_gamma(n - k + 1))


_log_gamma = np.vectorize(math.lgamma, otypes=[float])


def higher_rate_p(events: Ints, trials: Ints, other_events: Ints, other_trials: Ints) -> Floats:
    """Return the p-value of "the rate of the first group is not higher than that of the other".

    Args:
        events: int64[..., B] of the first group in B buckets; B is 1 where rows are independent.
        trials: likewise.
        other_events: int64[..., B] of other rows.
        other_trials: likewise.

    Returns:
        float64[...]. Of clustered rows the greatest of Fisher's p-values of the rows and of their effective number (rows by
        `design_effect`), and that of Student's t: the one of rows, few errors and few buckets each make another one too small.
    """
    x, n, y, m = (each.sum(axis=-1) for each in (events, trials, other_events, other_trials))
    exact = fisher_p(x, n, x + y, n + m)
    if trials.shape[-1] == 1:
        return exact
    from scipy.special import stdtr  # here, because only clustered rows need it

    effect, buckets = design_effect(events, trials, other_events, other_trials)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = (x + y) / (n + m)
        z = (x / n - y / m) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m) * effect)
        clustered = stdtr(np.maximum(buckets - 1, 1), -z)
    effective = fisher_p(x / effect, n / effect, (x + y) / effect, (n + m) / effect)
    return np.asarray(np.where(np.isnan(clustered), 1.0, np.maximum(np.maximum(exact, effective), clustered)))


def design_effect(events: Ints, trials: Ints, other_events: Ints, other_trials: Ints) -> tuple[Floats, Ints]:
    """Return by how much the variance of a difference of two rates exceeds that of independent rows, at least 1.

    The variance between buckets is that of a ratio estimate (Kish 1965): B / (B - 1) times the sum of the squared residuals of
    the buckets; both groups may lie in one bucket, so their covariance counts.

    Args:
        events: int64[..., B], see `higher_rate_p`.
        trials: likewise.
        other_events: likewise.
        other_trials: likewise.

    Returns:
        float64[...], 1 where a group has no rows or neither has events; and int64[...], the buckets that hold a row.
    """
    x, n, y, m = (each.sum(axis=-1, keepdims=True) for each in (events, trials, other_events, other_trials))
    buckets = ((trials + other_trials) > 0).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate, other = x / n, y / m
        residuals = (events - rate * trials) / n - (other_events - other * other_trials) / m
        between = buckets / (buckets - 1) * (residuals**2).sum(axis=-1)
        independent = (rate * (1 - rate) / n + other * (1 - other) / m)[..., 0]
        effect = between / independent
    return np.where(np.isfinite(effect), np.maximum(effect, 1.0), 1.0), np.asarray(buckets)


def simes(p_values: Floats) -> Floats:
    """Return the p-value of "all of the hypotheses are true" (Simes 1986), along the last axis.

    Args:
        p_values: float64[..., T].
    """
    num = p_values.shape[-1]
    return np.asarray(np.minimum(1.0, (np.sort(p_values, axis=-1) * num / np.arange(1, num + 1)).min(axis=-1)))
