import math
from dataclasses import astuple

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from fairgate.counting.cells import group, keys_of
from fairgate.counting.histograms import bins_of
from fairgate.metrics.counted import proportion
from fairgate.metrics.scores import auc, calibration_error, mean
from tests.fairgate.metrics.samples import drawn, scores_of


@pytest.mark.parametrize("rows", [20, 300, 30_000])
@pytest.mark.parametrize("spread", [3.0, 0.2, 0.001], ids=["wide", "narrow", "very narrow"])
@pytest.mark.parametrize("limit", [10**6, 16_000, 2_000])
def test_auc_is_that_of_the_raw_scores(rows: int, spread: float, limit: int) -> None:
    """Weighted AUC, also where the table had to become coarser, and however close together the scores are."""
    labels, scores, weights, _ = drawn(rows, 1, spread)
    negative, positive = scores_of(labels, scores, weights, limit)
    expected = roc_auc_score(labels, scores, sample_weight=weights)
    assert auc(positive, negative).value == pytest.approx(expected, abs=1e-9 if rows < limit else 2e-4)


def test_auc_counts_ties_half() -> None:
    """Equal scores of both labels."""
    labels, scores, _, _ = drawn(5000, 2, 3)
    rounded = scores.round(1)
    negative, positive = scores_of(labels, rounded)
    assert auc(positive, negative).value == pytest.approx(roc_auc_score(labels, rounded), abs=1e-12)


def test_auc_error_is_that_of_repeated_samples() -> None:
    """The standard error agrees with the spread over 300 samples within a tenth."""
    values, errors = [], []
    for seed in range(300):
        labels, scores, _, _ = drawn(200, seed, 3)
        negative, positive = scores_of(labels, scores)
        scalar = auc(positive, negative)
        values.append(scalar.value)
        errors.append(scalar.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.1)


def test_auc_of_one_label_is_undefined() -> None:
    """NaN, and so is the error of a label's only example."""
    negative, positive = scores_of(np.zeros(5, np.int64), np.linspace(0, 1, 5, dtype=np.float32))
    assert math.isnan(auc(positive, negative).value)
    negative, positive = scores_of(np.array([0, 0, 1]), np.array([0.1, 0.2, 0.3], np.float32))
    assert auc(positive, negative).value == 1
    assert math.isnan(auc(positive, negative).standard_error)


def test_calibration_error_is_the_weighted_distance() -> None:
    """Two bins: mean score 0.23 with a share of 0.5, mean score 0.9 with a share of 1.0."""
    labels = np.array([0, 1, 1, 1])
    scores = np.array([0.21, 0.25, 0.9, 0.9], np.float32)
    cells = group(keys_of(labels, scores, ()), np.array([1.0, 1.0, 2.0, 4.0]), scores.astype(np.float64))
    found = calibration_error(cells)
    assert found.value == pytest.approx((2 * 0.27 + 6 * 0.1) / 8, abs=1e-6)
    assert found.standard_error == pytest.approx((2 * 0.25) ** 0.5 / 8)


def test_calibration_bins_are_fifteenths_closed_above() -> None:
    """One example per bin, at its upper end, and one beyond that: it belongs to the next bin; 0 belongs to the first."""
    ends = np.arange(1, 16) / 15
    scores = np.array([0.0, *ends, 1 / 15 + 2e-7])
    labels = np.array([0, *np.arange(15) % 2, 1])
    cells = group(keys_of(labels, scores, ()), np.full(17, 0.25), scores)
    bins = np.array([0, *range(15), 1])
    gaps = [abs((labels - scores)[bins == number].sum()) for number in range(15)]
    assert calibration_error(cells).value == pytest.approx(sum(gaps) / 17)


@pytest.mark.parametrize("width", [np.float32, np.float64])
def test_a_score_at_the_edge_of_a_bin_stays_there_in_any_width_and_order(width: type) -> None:
    """.2 is the third edge: float32 writes .2000000030, and the weighted mean of many is now more, now less than .2."""
    score = np.float64(width(0.2))
    labels, weights = np.array([0, 0, 0, 1, 1, 1, 1]), np.array([0.1, 0.7, 1.3, 0.3, 0.6, 1.1, 2.9])
    for order in ([0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [3, 1, 6, 0, 5, 2, 4]):
        scores = np.full(7, score)
        cells = group(keys_of(labels[order], scores, ()), weights[order], scores)
        assert bins_of(cells.means(), 15).tolist() == [2, 2]
        assert calibration_error(cells).value == pytest.approx(4.9 / 7 - 0.2)


def test_a_proportion_has_a_binomial_error() -> None:
    """√(0.2·0.8 / 40) of equal weights, whatever their unit; NaN without examples."""
    assert astuple(proportion(8, 40, (8, 32)))[:2] == pytest.approx((0.2, 0.4 / 40**0.5))
    assert astuple(proportion(0.8, 4, (0.08, 0.32)))[:2] == pytest.approx((0.2, 0.4 / 40**0.5))
    assert math.isnan(proportion(0, 0, (0, 0)).value)


def test_the_error_of_an_auc_is_exact_for_four_examples() -> None:
    """Positives at 0.2 and 0.6 against negatives at 0.1 and 0.4: placements 0.5 and 1, 1 and 0.5, each with variance 0.125."""
    negative, positive = scores_of(np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.4, 0.6], np.float32))
    assert astuple(auc(positive, negative))[:2] == pytest.approx((0.75, 0.125**0.5))


def test_mean_has_the_error_of_a_mean() -> None:
    """Mean score and its standard error against numpy."""
    labels, scores, _, _ = drawn(1000, 4)
    cells = group(keys_of(labels, scores, ()), np.ones(1000), scores.astype(np.float64))
    scalar = mean(cells)
    assert scalar.value == pytest.approx(scores.mean(), abs=1e-6)
    assert scalar.standard_error == pytest.approx(scores.std() / math.sqrt(1000), rel=1e-3)
