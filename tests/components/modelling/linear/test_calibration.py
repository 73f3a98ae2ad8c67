import numpy as np
import numpy.typing as npt
import pytest
from sklearn.linear_model import LogisticRegression

from components.modelling.linear.calibration import balanced_weights, folded, platt, prevalence_logit
from components.modelling.linear.folds import out_of_fold
from components.modelling.linear.solver import fit, logits
from fairgate.errors import InputError
from tests.components.modelling.linear.made import examples


def draw(rows: int, prevalence: float, seed: int = 0) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8]]:
    """Logits that are as good for either label, but off in scale and place."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(rows) < prevalence).astype(np.uint8)
    return 3 + 0.7 * (2.0 * labels - 1 + rng.normal(scale=1.5, size=rows)), labels


def twin(scores: npt.NDArray[np.float64], labels: npt.NDArray[np.uint8]) -> tuple[float, float]:
    weights = balanced_weights(labels).astype(np.float64)
    model = LogisticRegression(C=1e6, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    model.fit(scores[:, np.newaxis], labels, sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def test_balanced_weights_give_each_label_half_of_the_total() -> None:
    weights = balanced_weights(np.array([1, 0, 0, 0], np.uint8))
    assert weights.tolist() == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3])
    assert weights.dtype == np.float32


@pytest.mark.parametrize(("labels", "absent"), [([0, 0], 1), ([1, 1, 1], 0), ([], 1)])
def test_weights_of_one_label_alone_cannot_be_balanced(labels: list[int], absent: int) -> None:
    with pytest.raises(InputError, match=rf"none of the {len(labels)} examples has label {absent}.*--train FILES"):
        balanced_weights(np.array(labels, np.uint8))


@pytest.mark.parametrize("prevalence", [0.02, 0.3, 0.9])
def test_platt_scaling_is_that_of_scikit_learn(prevalence: float) -> None:
    scores, labels = draw(2000, prevalence)
    found = platt(scores, labels)
    assert (found.slope, found.intercept) == pytest.approx(twin(scores, labels), rel=1e-6, abs=1e-6)
    assert found.has_signal


def test_platt_scaling_of_separable_labels_is_finite_and_that_of_scikit_learn() -> None:
    scores, labels = np.array([-2.0, -1.5, -1.0, 1.0, 1.5]), np.array([0, 0, 0, 1, 1], np.uint8)
    found = platt(scores, labels)
    assert (found.slope, found.intercept) == pytest.approx(twin(scores, labels), rel=1e-4, abs=1e-4)


def test_platt_scaling_of_logits_far_from_zero_is_that_of_scikit_learn() -> None:
    scores, labels = draw(500, 0.4)
    found, reference = platt(1000 + 50 * scores, labels), twin(scores, labels)
    assert (50 * found.slope, found.intercept + 1000 * found.slope) == pytest.approx(reference, rel=1e-4)


def test_logits_against_the_labels_keep_their_ranking() -> None:
    scores, labels = draw(2000, 0.3)
    found = platt(-scores, labels)
    assert (found.slope, found.has_signal) == (1.0, False)
    weights = balanced_weights(labels)
    assert weights @ (1 / (1 + np.exp(-found(-scores)))) == pytest.approx(weights @ labels, rel=1e-6)


def test_equal_logits_have_no_signal() -> None:
    found = platt(np.full(4, 0.5), np.array([0, 1, 0, 1], np.uint8))
    assert (found.slope, found.has_signal) == (1.0, False)
    assert found.intercept == pytest.approx(-0.5)


def test_a_folded_model_answers_calibrated_logits() -> None:
    made = examples(300)
    model = fit(made.shards(), np.ones(300, np.float32), vector_scale=0.3)
    calibrated = logits(folded(model, 1.7, -0.4), made.shards())
    assert calibrated == pytest.approx(1.7 * logits(model, made.shards()) - 0.4, abs=1e-5)
    assert np.argsort(calibrated).tolist() == np.argsort(logits(model, made.shards())).tolist()


def test_the_prevalence_turns_a_balanced_score_into_a_probability() -> None:
    assert prevalence_logit(np.array([1, 0, 0, 0], np.uint8)) == pytest.approx(np.log(1 / 3))


@pytest.mark.parametrize("prevalence", [0.06, 0.11, 0.33, 0.53, 0.83])
def test_half_means_about_equal_error_rates_at_every_prevalence(prevalence: float) -> None:
    scores, labels = draw(20_000, prevalence)
    positive = platt(scores, labels)(scores) > 0
    assert positive[labels == 0].mean() == pytest.approx((~positive)[labels == 1].mean(), abs=0.02)


@pytest.mark.parametrize("prevalence", [0.06, 0.5, 0.83])
def test_a_model_with_its_out_of_fold_calibration_errs_equally(prevalence: float) -> None:
    made = examples(3000, prevalence)
    found = out_of_fold(made.shards(3000), balanced_weights(made.labels))
    positive = platt(found, made.labels)(found) > 0
    assert positive[made.labels == 0].mean() == pytest.approx((~positive)[made.labels == 1].mean(), abs=0.05)


def test_probabilities_agree_with_the_share_of_positives() -> None:
    scores, labels = draw(20_000, 0.1)
    calibrated = platt(scores, labels)(scores) + prevalence_logit(labels)
    assert (1 / (1 + np.exp(-calibrated))).mean() == pytest.approx(labels.mean(), abs=0.005)
