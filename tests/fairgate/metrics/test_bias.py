import math
from dataclasses import astuple
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import roc_auc_score

from fairgate.counting.cells import group, keys_of, merge
from fairgate.measurement import Rate, Scalar
from fairgate.metrics import bias
from fairgate.metrics.bias import Scores

Array = npt.NDArray[Any]


def scores_of(labels: Array, scores: Array, weights: Array | None = None, limit: int = 10**6) -> tuple[Scores, Scores]:
    """Negative and positive scores of raw arrays."""
    weights = np.ones(len(labels)) if weights is None else weights
    cells = merge([group(keys_of(labels, scores, (0.5,)), weights, scores.astype(np.float64))], limit)
    squares = [float((weights[labels == label] ** 2).sum()) for label in (0, 1)]
    return Scores(cells.one_label(0), squares[0]), Scores(cells.one_label(1), squares[1])


def drawn(rows: int, seed: int, spread: float = 0.2) -> tuple[Array, Array, Array, Array]:
    """Labels, float32 scores that tell them apart somewhat, weights, and membership of a group."""
    generator = np.random.default_rng(seed)
    labels = (generator.random(rows) < 0.3).astype(np.int64)
    scores = (1 / (1 + np.exp(-(generator.normal(-1, 1, rows) + labels) * spread))).astype(np.float32)
    return labels, scores, generator.choice([0.5, 1.0, 4.0], rows), generator.random(rows) < 0.1


@pytest.mark.parametrize("rows", [20, 300, 30_000])
@pytest.mark.parametrize("spread", [3.0, 0.2, 0.001], ids=["wide", "narrow", "very narrow"])
@pytest.mark.parametrize("limit", [10**6, 16_000, 2_000])
def test_auc_is_that_of_the_raw_scores(rows: int, spread: float, limit: int) -> None:
    """Weighted AUC, also where the table had to become coarser, and however close together the scores are."""
    labels, scores, weights, _ = drawn(rows, 1, spread)
    negative, positive = scores_of(labels, scores, weights, limit)
    expected = roc_auc_score(labels, scores, sample_weight=weights)
    assert bias.auc(positive, negative).value == pytest.approx(expected, abs=1e-9 if rows < limit else 2e-4)


def test_auc_counts_ties_half() -> None:
    """Equal scores of both labels."""
    labels, scores, _, _ = drawn(5000, 2, 3)
    rounded = scores.round(1)
    negative, positive = scores_of(labels, rounded)
    assert bias.auc(positive, negative).value == pytest.approx(roc_auc_score(labels, rounded), abs=1e-12)


def test_auc_error_is_that_of_repeated_samples() -> None:
    """The standard error agrees with the spread over 300 samples within a tenth."""
    values, errors = [], []
    for seed in range(300):
        labels, scores, _, _ = drawn(200, seed, 3)
        negative, positive = scores_of(labels, scores)
        scalar = bias.auc(positive, negative)
        values.append(scalar.value)
        errors.append(scalar.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.1)


def test_auc_of_one_label_is_undefined() -> None:
    """NaN, and so is the error of a label's only example."""
    negative, positive = scores_of(np.zeros(5, np.int64), np.linspace(0, 1, 5, dtype=np.float32))
    assert math.isnan(bias.auc(positive, negative).value)
    negative, positive = scores_of(np.array([0, 0, 1]), np.array([0.1, 0.2, 0.3], np.float32))
    assert bias.auc(positive, negative).value == 1
    assert math.isnan(bias.auc(positive, negative).standard_error)


@pytest.mark.parametrize("limit", [10**6, 16_000])
def test_bias_aucs_are_those_of_the_raw_scores(limit: int) -> None:
    """Subgroup, BPSN and BNSP against scikit-learn on the rows that Borkan et al. name."""
    labels, scores, _, inside = drawn(30_000, 3, 2)
    overall, of_group = scores_of(labels, scores, limit=limit), scores_of(labels[inside], scores[inside], limit=limit)
    chosen = (inside, np.where(labels == 1, ~inside, inside), np.where(labels == 0, ~inside, inside))
    for scalar, rows in zip(bias.bias_aucs(of_group, overall), chosen, strict=True):
        assert scalar.value == pytest.approx(roc_auc_score(labels[rows], scores[rows]), abs=5e-5)
        assert 0 < scalar.standard_error < 0.05


def test_final_score_is_the_competition_formula() -> None:
    """0.25·overall + 0.25·Σ of the power means with p = -5, groups with an undefined AUC left out."""
    aucs = [tuple(Scalar(value, 0.01) for value in of_group) for of_group in ((0.9, 0.8, 0.7), (0.6, 0.95, 0.85))]
    undefined = (Scalar(0.9), Scalar(math.nan), Scalar(0.9))
    final = bias.final_score(Scalar(0.92, 0.01), [*aucs, undefined])  # type: ignore[list-item]
    means = [(((first**-5) + (second**-5)) / 2) ** (-1 / 5) for first, second in ((0.9, 0.6), (0.8, 0.95), (0.7, 0.85))]
    assert final.value == pytest.approx(0.25 * 0.92 + 0.25 * sum(means))
    assert math.isnan(bias.final_score(Scalar(0.92, 0.01), [undefined]).value)
    assert math.isnan(bias.final_score(Scalar(math.nan), aucs).value)  # type: ignore[arg-type]


def test_final_score_has_the_error_of_the_delta_method() -> None:
    """The slopes are those of small differences: moving one AUC at a time by a millionth."""
    values = np.array([[0.9, 0.8, 0.7], [0.6, 0.95, 0.85]])
    errors = np.array([[0.01, 0.02, 0.03], [0.04, 0.05, 0.06]])

    def score(moved: Array) -> Scalar:
        rows = [tuple(Scalar(*pair) for pair in zip(*row, strict=True)) for row in zip(moved, errors, strict=True)]
        return bias.final_score(Scalar(0.92, 0.07), rows)  # type: ignore[arg-type]

    variance = (0.25 * 0.07) ** 2
    for place in np.ndindex(values.shape):
        moved = values.copy()
        moved[place] += 1e-6
        variance += ((score(moved).value - score(values).value) / 1e-6 * errors[place]) ** 2
    assert score(values).standard_error == pytest.approx(math.sqrt(variance), rel=1e-4)


def test_final_score_of_a_group_that_is_ranked_wrong() -> None:
    """A bias AUC of 0 makes its power mean 0, and adds no error."""
    final = bias.final_score(Scalar(0.8, 0.04), [(Scalar(0.0, 0.01), Scalar(0.0, 0.01), Scalar(0.0, 0.01))])
    assert astuple(final) == pytest.approx((0.2, 0.01))


def test_power_mean_with_a_zero_is_zero() -> None:
    """The limit of the formula, not a division by zero."""
    assert bias.power_mean(np.array([0.0, 0.9]), -5) == 0
    assert bias.power_mean(np.array([0.0, 0.9]), 1) == pytest.approx(0.45)


def test_calibration_error_is_the_weighted_gap() -> None:
    """Two bins: mean score 0.23 with a share of 0.5, mean score 0.9 with a share of 1.0."""
    labels = np.array([0, 1, 1, 1])
    scores = np.array([0.21, 0.25, 0.9, 0.9], np.float32)
    cells = group(keys_of(labels, scores, ()), np.array([1.0, 1.0, 2.0, 4.0]), scores.astype(np.float64))
    found = bias.calibration_error(cells, 4)
    assert found.value == pytest.approx((2 * 0.27 + 6 * 0.1) / 8, abs=1e-6)
    assert found.standard_error == pytest.approx((2 / 8 * 0.25 / 4) ** 0.5)
    assert math.isnan(bias.calibration_error(cells, 0).standard_error)


def test_calibration_bins_are_fifteenths_closed_above() -> None:
    """One example per bin, at its upper end, and one just beyond: it belongs to the next bin; 0 belongs to the first."""
    ends = np.arange(1, 16) / 15
    scores = np.array([0.0, *ends, np.nextafter(1 / 15, 1)])
    labels = np.array([0, *np.arange(15) % 2, 1])
    cells = group(keys_of(labels, scores, ()), np.full(17, 0.25), scores)
    bins = np.array([0, *range(15), 1])
    gaps = [abs((labels - scores)[bins == number].sum()) for number in range(15)]
    assert bias.calibration_error(cells, 17).value == pytest.approx(sum(gaps) / 17)


def test_a_proportion_has_a_binomial_error() -> None:
    """0.2·0.8 over the effective number, which may be below 1; NaN without examples."""
    assert astuple(bias.proportion(0.2, 40)) == pytest.approx((0.2, 0.4 / 40**0.5))
    assert bias.proportion(0.2, 0.5).standard_error == pytest.approx(0.4 / 0.5**0.5)
    assert math.isnan(bias.proportion(0.2, 0).value)


def test_the_error_of_an_auc_is_exact_for_four_examples() -> None:
    """Positives at 0.2 and 0.6 against negatives at 0.1 and 0.4: placements 0.5 and 1, 1 and 0.5, each with variance 0.125."""
    negative, positive = scores_of(np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.4, 0.6], np.float32))
    assert astuple(bias.auc(positive, negative)) == pytest.approx((0.75, 0.125**0.5))


def test_mean_has_the_error_of_a_mean() -> None:
    """Mean score and its standard error against numpy."""
    labels, scores, _, _ = drawn(1000, 4)
    cells = group(keys_of(labels, scores, ()), np.ones(1000), scores.astype(np.float64))
    scalar = bias.mean(cells, 1000)
    assert scalar.value == pytest.approx(scores.mean(), abs=1e-6)
    assert scalar.standard_error == pytest.approx(scores.std() / math.sqrt(1000), rel=1e-3)


def test_equality_difference_sums_the_gaps() -> None:
    """Over groups with trials; NaN when there is none."""
    overall = Rate(30, 100)
    assert bias.equality_difference(overall, [Rate(5, 10), Rate(1, 10), Rate(0, 0)]).value == pytest.approx(0.4)
    assert math.isnan(bias.equality_difference(overall, [Rate(0, 0)]).value)
    assert math.isnan(bias.equality_difference(Rate(0, 0), [Rate(5, 10)]).value)
    assert bias.equality_difference(Rate(1, 1), [Rate(1, 2)]).value == pytest.approx(0.5)


def test_equality_difference_has_the_errors_of_its_groups() -> None:
    """Binomial: 0.5·0.5/10 and 0.1·0.9/20."""
    difference = bias.equality_difference(Rate(30, 100), [Rate(5, 10), Rate(2, 20)])
    assert difference.standard_error == pytest.approx(math.sqrt(0.025 + 0.0045))
