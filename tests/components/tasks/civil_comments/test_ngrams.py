"""What decides an n-gram model: recipe, strength, calibration, operating point, scale of the vectors."""

import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from components.modelling.linear.calibration import balanced_weights, folded, platt
from components.modelling.linear.folds import out_of_fold
from components.modelling.linear.solver import LinearModel, fit, logits
from components.remedies.identity_weights import choose_strength
from components.tasks.base import Recipe
from components.tasks.civil_comments.config import CommentsTraining, TargetRate
from components.tasks.civil_comments.ngrams import NgramModel, train
from data.text.feature_shards import BLOCKS, FeatureIndex, read_columns, read_shards
from fairgate.names import TRAIN, VALIDATION
from tests.components.tasks.civil_comments.made import comments, write_features

FAIR = comments(700)
UNFAIR = comments(700, toxic_mentions=0.9)
HELD = comments(150, seed=1)
POINTS = ["balanced", "max_f1", TargetRate(target_fpr=0.05), TargetRate(target_fpr=0.3)]


@pytest.fixture(scope="module")
def fair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features with a validation split, of comments whose mentions say nothing of their label."""
    return write_features(tmp_path_factory.mktemp("fair"), FAIR, HELD)


@pytest.fixture(scope="module")
def unfair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features without a validation split, of comments that mention men where they are toxic."""
    return write_features(tmp_path_factory.mktemp("unfair"), UNFAIR)


@pytest.fixture(scope="module")
def baseline(fair: Path) -> NgramModel:
    return train(fair, CommentsTraining(), "baseline")


def as_bytes(model: LinearModel) -> tuple[bytes, bytes, bytes, float]:
    return model.words.tobytes(), model.characters.tobytes(), model.vectors.tobytes(), model.bias


def error_rates(model: NgramModel, folder: Path, split: str) -> tuple[float, float]:
    """FPR and FNR at a score of 0.5."""
    labels = read_columns(folder, split).labels
    called = logits(model.weights, lambda: read_shards(folder, split)) + model.score_shift > 0
    return float(called[labels == 0].mean()), float((~called)[labels == 1].mean())


def test_a_model_is_the_calibrated_fit_with_balanced_weights(fair: Path, baseline: NgramModel) -> None:
    shards, labels = partial(read_shards, fair, TRAIN), read_columns(fair, TRAIN).labels
    weights = balanced_weights(labels)
    scaling = platt(out_of_fold(shards, weights, by_ratio=True), labels)
    expected = folded(fit(shards, weights, by_ratio=True), scaling.slope, scaling.intercept)
    assert as_bytes(baseline.weights) == as_bytes(expected)
    assert baseline.score_shift == 0
    assert baseline.probability_shift == pytest.approx(math.log(labels.mean() / (1 - labels.mean())))


def test_the_reference_is_a_plain_ridge_on_words_alone(fair: Path) -> None:
    """scikit-learn's logistic regression with balanced classes, calibrated by that of its out-of-fold logits."""
    model = train(fair, CommentsTraining(), "reference")
    assert (len(model.weights.words), len(model.weights.characters), len(model.weights.vectors)) == (BLOCKS["words"], 0, 0)
    assert model.metadata.recipe == "reference"
    labels = read_columns(fair, TRAIN).labels
    words = next(read_shards(fair, TRAIN)).words.matrix(BLOCKS["words"])
    occurring = np.unique(words.indices)
    words = words[:, occurring]
    twin = LogisticRegression(C=2, tol=1e-8, max_iter=1000).fit(words, labels, sample_weight=balanced_weights(labels))
    found, expected = words @ model.weights.words[occurring] + model.weights.bias, twin.decision_function(words)
    slope, intercept = np.polyfit(expected, found, 1)
    assert slope > 0
    np.testing.assert_allclose(found, slope * expected + intercept, atol=0.01)


@pytest.mark.parametrize("point", POINTS)
def test_the_error_rates_that_the_model_names_are_those_on_validation(fair: Path, point: object) -> None:
    model = train(fair, CommentsTraining.model_validate({"operating_point": point}), "baseline")
    said = model.metadata.operating_point
    assert said is not None
    assert (said.chosen_on, said.rows, said.threshold) == (VALIDATION, 150, 0.5)
    assert (said.false_positive_rate, said.false_negative_rate) == error_rates(model, fair, VALIDATION)
    if isinstance(point, TargetRate):
        assert said.name == f"target_fpr: {point.target_fpr:g}"
        assert said.false_positive_rate is not None
        assert point.target_fpr - 0.05 <= said.false_positive_rate <= point.target_fpr
    else:
        assert said.name == point


def test_the_operating_point_moves_the_score_alone(fair: Path, baseline: NgramModel) -> None:
    model = train(fair, CommentsTraining(operating_point=TargetRate(target_fpr=0.05)), "baseline")
    assert as_bytes(model.weights) == as_bytes(baseline.weights)
    assert model.score_shift != baseline.score_shift
    assert model.probability_shift == baseline.probability_shift


def test_without_validation_the_out_of_fold_scores_choose(unfair: Path) -> None:
    point = train(unfair, CommentsTraining(operating_point=TargetRate(target_fpr=0.2)), "baseline").metadata.operating_point
    assert point is not None
    assert (point.chosen_on, point.rows) == ("out-of-fold scores of train", 700)
    assert point.false_positive_rate == pytest.approx(0.2, abs=0.01)


def test_a_candidate_that_needs_no_remedy_is_the_baseline(fair: Path, baseline: NgramModel) -> None:
    model = train(fair, CommentsTraining(), "remediated")
    assert as_bytes(model.weights) == as_bytes(baseline.weights)
    assert (model.score_shift, model.probability_shift) == (baseline.score_shift, baseline.probability_shift)
    remedy = model.metadata.remedy
    assert remedy is not None
    assert (remedy.strength, remedy.reached) == (1, True)
    assert remedy.sentence.startswith("No remedy needed: out of fold the baseline keeps the limit of 1.25: gender:male has")
    assert model.metadata == baseline.metadata.model_copy(update={"recipe": "remediated", "remedy": remedy})


def test_the_strength_is_the_least_that_keeps_the_ratio(unfair: Path) -> None:
    groups = FeatureIndex.read(unfair).groups
    ratios = choose_strength(lambda: read_shards(unfair, TRAIN), groups, 1.0, strengths=(1, 2), by_ratio=True).worst_ratios
    model = train(unfair, CommentsTraining(ratio_limit=ratios[2] + 0.001), "remediated")
    remedy = model.metadata.remedy
    assert remedy is not None
    assert ratios[2] < ratios[1]
    assert (remedy.strength, remedy.reached) == (2, True)
    configured = train(unfair, CommentsTraining(strength=remedy.strength), "remediated")
    np.testing.assert_allclose(configured.weights.words, model.weights.words, atol=1e-2)
    assert configured.metadata.remedy is not None
    assert "as configured" in configured.metadata.remedy.sentence


def test_the_remedy_lowers_the_false_positive_rate_of_mentions(unfair: Path) -> None:
    columns = read_columns(unfair, TRAIN)
    mentioned = (columns.labels == 0) & (columns.groups != 0)
    rates = [
        (logits(train(unfair, CommentsTraining(strength=strength), "remediated").weights, lambda: read_shards(unfair, TRAIN)) > 0)
        for strength in (1.0, 8.0)
    ]
    weak, strong = (called[mentioned].mean() for called in rates)
    assert strong < weak


@pytest.mark.parametrize("recipe", ["baseline", "reference"])
def test_only_the_candidate_has_a_remedy(fair: Path, recipe: Recipe) -> None:
    model = train(fair, CommentsTraining(strength=8.0), recipe)
    assert model.metadata.remedy is None
    assert as_bytes(model.weights) == as_bytes(train(fair, CommentsTraining(), recipe).weights)


def test_the_number_of_files_does_not_change_a_bit_of_the_weights(tmp_path: Path) -> None:
    """Of examples in 1, 3 and 7 files, of which none ends where a shard does."""
    rows = comments(200, seed=5)
    folders = [write_features(tmp_path / str(files), rows, shard_rows=32, files=files) for files in (1, 3, 7)]
    one, three, seven = (train(folder, CommentsTraining(), "reference") for folder in folders)
    assert as_bytes(one.weights) == as_bytes(three.weights) == as_bytes(seven.weights)
    assert one.metadata == three.metadata == seven.metadata


def test_the_number_of_shards_changes_the_rounding_alone(baseline: NgramModel, tmp_path: Path) -> None:
    folder = write_features(tmp_path, FAIR, HELD, shard_rows=250)
    assert len(list(read_shards(folder, TRAIN))) == 3
    model = train(folder, CommentsTraining(), "baseline")
    for name in ("words", "characters"):
        np.testing.assert_allclose(getattr(model.weights, name), getattr(baseline.weights, name), atol=2e-3)
    assert model.weights.bias == pytest.approx(baseline.weights.bias, abs=2e-3)
