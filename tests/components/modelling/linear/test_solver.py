import gc
import tracemalloc
import weakref
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.linear_model import LogisticRegression

from components.modelling.linear.solver import LinearModel, fit, kept, log_count_priors, logits
from data.text.feature_shards import FeatureShard
from data.text.ngrams import CHARACTER_BUCKETS, WORD_BUCKETS
from fairgate.errors import InputError
from tests.components.modelling.linear.made import Example, dense, examples

MADE = examples(600)
WEIGHTS = np.random.default_rng(1).uniform(0.5, 2, 600).astype(np.float32)


def twin(
    design: npt.NDArray[np.float64], labels: npt.NDArray[np.uint8], weights: npt.NDArray[np.float32], c: float = 2.0
) -> LogisticRegression:
    """scikit-learn's model, at the minimum of the same objective."""
    return LogisticRegression(C=c, tol=1e-10, max_iter=10_000).fit(design, labels, sample_weight=weights.astype(np.float64))


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Go as near to the minimum as float32 allows."""
    monkeypatch.setattr("components.modelling.linear.solver.TOLERANCE", 1e-6)


def coefficients(model: LinearModel) -> npt.NDArray[np.float64]:
    return np.concatenate([dense(model.words), dense(model.characters)]).astype(np.float64)


def objective(at: npt.NDArray[np.float64], bias: float, made: Example, weights: npt.NDArray[np.float32], c: float = 2.0) -> float:
    scores = made.design() @ at + bias
    return float(c * weights.astype(np.float64) @ (np.logaddexp(0, scores) - made.labels * scores) + at @ at / 2)


@pytest.mark.usefixtures("tight")
def test_the_minimum_is_that_of_scikit_learn() -> None:
    model = fit(MADE.shards(300), WEIGHTS)
    reference = twin(MADE.design(), MADE.labels, WEIGHTS)
    at, best = coefficients(model), reference.coef_[0]
    assert at == pytest.approx(best, abs=1e-3)
    assert model.bias == pytest.approx(reference.intercept_[0], abs=1e-3)
    assert objective(at, model.bias, MADE, WEIGHTS) == pytest.approx(
        objective(best, reference.intercept_[0], MADE, WEIGHTS), rel=1e-6
    )


def test_the_default_tolerance_comes_near_to_the_minimum() -> None:
    model, reference = fit(MADE.shards(300), WEIGHTS), twin(MADE.design(), MADE.labels, WEIGHTS)
    assert objective(coefficients(model), model.bias, MADE, WEIGHTS) == pytest.approx(
        objective(reference.coef_[0], reference.intercept_[0], MADE, WEIGHTS), rel=1e-5
    )


@pytest.mark.parametrize("c", [0.1, 20.0])
@pytest.mark.usefixtures("tight")
def test_c_is_the_inverse_of_the_penalty(c: float) -> None:
    model, reference = fit(MADE.shards(300), WEIGHTS, c=c), twin(MADE.design(), MADE.labels, WEIGHTS, c)
    assert objective(coefficients(model), model.bias, MADE, WEIGHTS, c) == pytest.approx(
        objective(reference.coef_[0], reference.intercept_[0], MADE, WEIGHTS, c), rel=1e-6
    )


@pytest.mark.usefixtures("tight")
def test_the_logits_are_those_of_scikit_learn() -> None:
    found = logits(fit(MADE.shards(300), WEIGHTS), MADE.shards(300))
    assert found.dtype == np.float64
    assert found == pytest.approx(twin(MADE.design(), MADE.labels, WEIGHTS).decision_function(MADE.design()), abs=1e-3)


@pytest.mark.usefixtures("tight")
def test_a_model_of_words_alone_has_no_characters() -> None:
    model = fit(MADE.shards(300), WEIGHTS, blocks=("words",))
    assert (len(model.words), len(model.characters), len(model.vectors)) == (WORD_BUCKETS, 0, 0)
    reference = twin(MADE.words.astype(np.float64), MADE.labels, WEIGHTS)
    assert dense(model.words) == pytest.approx(reference.coef_[0], abs=1e-3)


@pytest.mark.usefixtures("tight")
def test_vectors_count_times_their_scale() -> None:
    model = fit(MADE.shards(300), WEIGHTS, vector_scale=0.1)
    reference = twin(np.hstack([MADE.design(), 0.1 * MADE.vectors]), MADE.labels, WEIGHTS)
    assert model.vectors == pytest.approx(0.1 * reference.coef_[0][-4:], abs=1e-3)
    assert len(model.characters) == CHARACTER_BUCKETS


def test_the_prior_of_an_n_gram_is_the_smoothed_log_ratio_of_its_counts() -> None:
    """Of 40 n-grams a quarter occurs with label 1: by 4 examples, 1 and 3 are added to the counts."""
    positive, negative = np.array([9.0, 1, 0, 0]), np.array([0.0, 3, 0, 27])
    expected = [np.log(10 / 3 / (1 / 3)), np.log(2 / 6 / (1 / 3)), np.log(1 / 3 / (1 / 3)), -np.log(1 / 30 / (1 / 3))]
    assert log_count_priors(positive, negative) == pytest.approx(np.array(expected) + 0.5, abs=1e-12)
    assert log_count_priors(positive, negative)[1:3] == pytest.approx([0.5, 0.5], abs=1e-12)


def test_the_priors_do_not_depend_on_which_label_is_called_positive() -> None:
    positive, negative = np.array([5.0, 1, 0, 7]), np.array([0.0, 1, 9, 2])
    assert log_count_priors(positive, negative) == pytest.approx(log_count_priors(negative, positive), abs=1e-12)


def priors_of(dense_block: npt.NDArray[np.float32], labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """The priors of the buckets of a block, each row counted once."""
    counts = [(dense_block[labels == label] > 0).sum(axis=0).astype(np.float64) for label in (1, 0)]
    return log_count_priors(*counts)


@pytest.mark.parametrize("used", [np.ones(600, bool), np.arange(600) % 3 > 0], ids=["all rows", "some rows"])
@pytest.mark.usefixtures("tight")
def test_a_fit_by_ratio_is_that_of_scikit_learn_on_features_times_their_prior(used: npt.NDArray[np.bool_]) -> None:
    """The vectors have no prior. Rows of weight 0 are not counted; the weights of the others do not change the counts."""
    model = fit(MADE.shards(300), np.where(used, WEIGHTS, np.float32(0)), vector_scale=0.1, by_ratio=True)
    priors = np.concatenate([priors_of(block[used], MADE.labels[used]) for block in (MADE.words, MADE.characters)])
    design = np.hstack([MADE.design() * priors, 0.1 * MADE.vectors])[used]
    reference = twin(design, MADE.labels[used], WEIGHTS[used])
    assert coefficients(model) == pytest.approx(priors * reference.coef_[0][:-4], abs=2e-3)
    assert model.vectors == pytest.approx(0.1 * reference.coef_[0][-4:], abs=1e-3)
    assert model.bias == pytest.approx(reference.intercept_[0], abs=1e-3)


def test_a_fit_by_ratio_of_rows_without_n_grams_is_the_plain_one() -> None:
    empty = replace(MADE, words=np.zeros_like(MADE.words), characters=np.zeros_like(MADE.characters))
    plain, by_ratio = (fit(empty.shards(300), WEIGHTS, vector_scale=1.0, by_ratio=by_ratio) for by_ratio in (False, True))
    assert by_ratio.vectors.tobytes() == plain.vectors.tobytes()
    assert not by_ratio.words.any()


@pytest.mark.usefixtures("tight")
def test_by_ratio_is_a_ridge_on_features_times_their_log_count_priors() -> None:
    priors = []
    for block in (MADE.words, MADE.characters):
        positive, negative = (np.sum(block[MADE.labels == label] > 0, axis=0).astype(np.float64) for label in (1, 0))
        priors.append(log_count_priors(positive, negative))
    loosened = np.concatenate(priors)
    model = fit(MADE.shards(300), WEIGHTS, by_ratio=True)
    reference = twin(MADE.design() * loosened, MADE.labels, WEIGHTS)
    assert coefficients(model) == pytest.approx(loosened * reference.coef_[0], abs=2e-3)


@pytest.mark.usefixtures("tight")
def test_rows_of_weight_zero_are_not_seen() -> None:
    used = np.arange(600) % 3 > 0
    model = fit(MADE.shards(300), np.where(used, WEIGHTS, np.float32(0)))
    reference = twin(MADE.design()[used], MADE.labels[used], WEIGHTS[used])
    assert coefficients(model) == pytest.approx(reference.coef_[0], abs=1e-3)


@pytest.mark.usefixtures("tight")
def test_a_shard_whose_first_rows_alone_have_weight_gives_the_model_of_these() -> None:
    used = np.arange(600) < 350
    model = fit(MADE.shards(300), np.where(used, WEIGHTS, np.float32(0)))
    reference = twin(MADE.design()[used], MADE.labels[used], WEIGHTS[used])
    assert coefficients(model) == pytest.approx(reference.coef_[0], abs=1e-3)


def test_buckets_that_no_row_has_keep_the_weight_zero() -> None:
    model = fit(MADE.shards(300), WEIGHTS)
    assert np.flatnonzero(model.words).tolist() == [1000 * column for column in range(60)]


def test_two_fits_are_byte_identical() -> None:
    one, other = fit(MADE.shards(300), WEIGHTS), fit(MADE.shards(300), WEIGHTS)
    assert (one.words.tobytes(), one.characters.tobytes(), one.bias) == (
        other.words.tobytes(),
        other.characters.tobytes(),
        other.bias,
    )


def test_the_size_of_the_shards_changes_the_rounding_alone() -> None:
    small, whole = fit(MADE.shards(37), WEIGHTS), fit(MADE.shards(600), WEIGHTS)
    assert coefficients(small) == pytest.approx(coefficients(whole), abs=1e-4)


@pytest.mark.usefixtures("tight")
def test_a_start_leads_to_the_same_minimum() -> None:
    start = fit(MADE.shards(300), np.ones(600, np.float32), c=1)
    model, cold = fit(MADE.shards(300), WEIGHTS, start=start), fit(MADE.shards(300), WEIGHTS)
    assert coefficients(model) == pytest.approx(coefficients(cold), abs=1e-3)


def test_a_start_with_vectors_is_at_its_own_minimum() -> None:
    start = fit(MADE.shards(300), WEIGHTS, vector_scale=0.1)
    model = fit(MADE.shards(300), WEIGHTS, vector_scale=0.1, start=start)
    assert model.vectors == pytest.approx(start.vectors, abs=1e-4)


@pytest.mark.parametrize("label", [0, 1])
def test_an_absent_label_is_named(label: int) -> None:
    made = examples(50)
    weights = np.where(made.labels == label, 0, 1).astype(np.float32)
    with pytest.raises(InputError, match=rf"none of the {int(weights.sum())} examples has label {label}.*--train FILES"):
        fit(made.shards(), weights)


def test_no_rows_at_all_are_an_error_of_the_input() -> None:
    with pytest.raises(InputError, match="none of the 0 examples"):
        fit(lambda: iter(()), np.zeros(0, np.float32))


def test_weights_of_another_number_of_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="599 weights for 600 rows"):
        fit(MADE.shards(300), WEIGHTS[:-1])


def test_a_fit_that_stops_early_warns(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("components.modelling.linear.solver.MAX_ITERATIONS", 2)
    fit(MADE.shards(300), WEIGHTS)
    assert "stopped before it converged, after 2 iterations" in caplog.text


def test_a_fit_holds_no_shard_when_it_ends() -> None:
    references = []

    def read() -> Iterator[FeatureShard]:
        for shard in MADE.shards(300)():
            references.append(weakref.ref(shard))
            yield shard

    gc.disable()
    try:
        fit(read, WEIGHTS)
        assert [reference() for reference in references] == [None, None]
    finally:
        gc.enable()


@pytest.mark.parametrize(("limit", "passes"), [(1 << 29, 1), (0, 3)])
def test_small_sets_of_shards_are_opened_once(limit: int, passes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.modelling.linear.solver.MAX_KEPT_BYTES", limit)
    opened: list[int] = []

    def read() -> Iterator[FeatureShard]:
        opened.append(len(opened))
        return MADE.shards(300)()

    shards = kept(read)
    assert [len(shard.labels) for shard in shards()] == [300, 300]
    assert [len(shard.labels) for shard in shards()] == [300, 300]
    assert len(opened) == passes


def test_memory_does_not_grow_with_the_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the shards take no more than the few bytes a row of weights and labels."""
    monkeypatch.setattr("components.modelling.linear.solver.MAX_ITERATIONS", 1)
    shard, peaks = next(MADE.shards(600)()), []
    for repeats in (1, 10):
        tracemalloc.start()
        fit(lambda repeats=repeats: iter([shard] * repeats), np.tile(WEIGHTS, repeats))  # type: ignore[misc]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.05 * peaks[0]
