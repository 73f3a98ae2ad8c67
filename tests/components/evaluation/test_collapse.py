"""The whole path through TFMA and Beam, against stock TFMA and against numpy, on the same files and models."""

import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from components.evaluation.eval_config import eval_config, reference_config
from components.evaluation.reading import read_counts, read_evaluation
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.counting.histograms import confusion
from fairgate.errors import InputError
from fairgate.evaluation import with_reference
from fairgate.measurement import MetricKey
from fairgate.metrics.splits import with_train
from fairgate.predictions import evaluate_predictions

pytestmark = pytest.mark.slow

FEATURES = ("gender", "religion", "race")
TOXICITY = LabelSpec("toxicity", ("ok", "toxic"), "binary", weight_key="weight")
THIRDS = LabelSpec("third", ("low", "middle", "high"), "multiclass")
EXACT = EvaluationConfig(slice_features=FEATURES, intersections=(("gender", "race"),), min_intersection=1)
SMALL = EvaluationConfig(slice_features=("gender", "never_seen"), intersections=(("gender", "race"),), min_intersection=25)


def tfma_values(output: Path) -> dict[tuple[Any, str, str], float]:
    """(slice key, model, metric) -> value, as TFMA wrote it."""
    import tensorflow_model_analysis as tfma
    from tensorflow_model_analysis.slicer import slicer_lib

    return {
        (slicer_lib.deserialize_slice_key(one.slice_key), item.key.model_name, item.key.name): item.value.double_value.value
        for one in tfma.load_metrics(str(output))
        for item in one.metric_keys_and_values
        if item.value.HasField("double_value") and not item.key.is_diff
    }


@pytest.fixture(scope="module")
def binary_models(models: dict[str, Path]) -> dict[str, Path]:
    """By model name."""
    return {"candidate": models["square"], "baseline": models["tenths"]}


@pytest.fixture(scope="module")
def binary_run(
    comment_files: Path, binary_models: dict[str, Path], evaluate: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Two models on weighted, multi-valued, intersecting slices."""
    config = eval_config(TOXICITY, EXACT, auc_slices=("gender:*",), content_keys=("comment_text",), rows=100, distinct=50)
    return evaluate(comment_files, binary_models, config, tmp_path_factory.mktemp("ours"))


def test_tfma_writes_what_it_writes_without_us(
    binary_run: Path, comment_files: Path, binary_models: dict[str, Path], evaluate: Callable[..., Path], tmp_path: Path
) -> None:
    """The same slices, and every rate, weighted count and calibration within 1e-9 of stock TFMA's."""
    stock = tfma_values(evaluate(comment_files, binary_models, eval_config(TOXICITY, EXACT), tmp_path, counting=False))
    ours = tfma_values(binary_run)
    assert len(stock) > 1000
    assert {key for key in ours if not key[2].startswith("fairgate/") and key[2] != "auc"} == set(stock)
    for key, value in stock.items():
        assert ours[key] == pytest.approx(value, abs=1e-9, nan_ok=True), key


@pytest.mark.no_cover
def test_many_rows_have_the_rates_of_stock_tfma(
    many_comment_files: Path, binary_models: dict[str, Path], evaluate: Callable[..., Path], tmp_path: Path
) -> None:
    """20,000 rows in many batches and bundles: every number within 1e-9."""
    config = EvaluationConfig(slice_features=("gender",))
    ours, stock = (
        tfma_values(
            evaluate(
                many_comment_files, binary_models, eval_config(TOXICITY, config), tmp_path / str(counting), counting=counting
            )
        )
        for counting in (True, False)
    )
    rates = [key for key in stock if key[2].startswith("fairness_indicators_metrics/")]
    assert len(rates) == 2 * 5 * 5 * 10
    assert [ours[key] for key in stock] == pytest.approx(list(stock.values()), abs=1e-9, nan_ok=True)


def test_rates_are_read_back(binary_run: Path, comments: Any) -> None:
    """Counts behind a rate, ties at thresholds included, against a direct count."""
    found = read_evaluation(binary_run).models["baseline"]["race:black"]
    scores = np.round(comments.latent.astype(np.float32) * np.float32(10)) / np.float32(10)
    negative = comments.mask("race", "black") & (comments.labels == 0)
    for threshold in EXACT.thresholds:
        rate = found.rates[MetricKey("false_positive_rate", threshold)]
        above = scores.astype(np.float64) > threshold
        assert rate.successes == pytest.approx(comments.weights[negative & above].sum())
        assert rate.trials == pytest.approx(comments.weights[negative].sum())
    assert (found.n, found.n_negative) == (comments.mask("race", "black").sum(), negative.sum())


def buckets(comments: Any) -> Any:
    """int64[N]: the bucket of every comment, by its text alone."""
    return np.array([zlib.crc32(f"{latent:.4f} words".encode()) % 50 for latent in comments.latent])


@pytest.mark.parametrize("name", ["overall", "race:black", "gender:male × race:white"])
def test_both_models_are_counted_together(binary_run: Path, comments: Any, name: str) -> None:
    """Their decisions on the same examples, weighted; by bucket, where an example is in the same one in every slice."""
    evaluation = read_evaluation(binary_run)
    # TensorFlow multiplies by the inverse of a constant that it should divide by.
    scores = [np.round(comments.latent.astype(np.float32) * np.float32(10)) * np.float32(0.1)]
    scores += [np.square(comments.latent.astype(np.float32))]
    inside = comments.labels == 1
    for part in name.split(" × ") if name != "overall" else []:
        inside &= comments.mask(*part.split(":"))
    for threshold in EXACT.thresholds:
        baseline, candidate = (inside & (of_model.astype(np.float64) > threshold) for of_model in scores)
        pair = evaluation.paired[name].rates[MetricKey("true_positive_rate", threshold)]
        chosen = (baseline & candidate, baseline & ~candidate, candidate & ~baseline, inside & ~baseline & ~candidate)
        assert pair.rows == tuple(mask.sum() for mask in chosen)
        assert pair.weights == pytest.approx([comments.weights[mask].sum() for mask in chosen])
        assert pair.squares == pytest.approx([(comments.weights[mask] ** 2).sum() for mask in chosen])
        assert pair.buckets is not None
        for found, mask in zip((pair.buckets.baseline, pair.buckets.candidate), (baseline, candidate), strict=True):
            np.testing.assert_allclose(found, np.bincount(buckets(comments)[mask], comments.weights[mask], 50))
        rate = evaluation.models["candidate"][name].rates[MetricKey("true_positive_rate", threshold)]
        assert rate.buckets is not None
        assert rate.buckets.least_effect == len(comments.labels) / 50


def test_an_evaluation_says_what_it_rests_on(binary_run: Path, comments: Any) -> None:
    """Rows, copies, ranges of scores, and examples of no known group."""
    found = read_evaluation(binary_run)
    assert (found.rows, found.distinct, found.clustered) == (len(comments.labels), 50, True)
    assert found.out_of_range == {"candidate": 0, "baseline": 0}
    squares = np.square(comments.latent.astype(np.float32))
    assert found.score_ranges["candidate"] == (squares.min(), squares.max())
    assert found.unknown_groups == {name: sum(not values for values in comments.groups[name]) for name in FEATURES}


def test_named_slices_have_the_covariance_of_their_aucs(binary_run: Path) -> None:
    """Of the groups that a rule names, and of all examples."""
    found = read_evaluation(binary_run).paired
    aucs = {MetricKey(name) for name in ("auc", "subgroup_auc", "bpsn_auc", "bnsp_auc")}
    assert set(found["gender:male"].covariances) == aucs
    assert set(found["overall"].covariances) == {MetricKey("auc")}
    assert found["race:black"].covariances == {}


def test_a_reference_is_paired_as_in_a_table(
    binary_run: Path, comments: Any, comment_files: Path, models: dict[str, Path], evaluate: Callable[..., Path], tmp_path: Path
) -> None:
    """An evaluation of its own through TFMA, added to the other, against the same scores in arrays."""
    config = reference_config(TOXICITY, EXACT, content_keys=("comment_text",), rows=100, distinct=50)
    beside = evaluate(comment_files, {"candidate": models["square"], "reference": models["tenths"]}, config, tmp_path / "beside")
    found = with_reference(read_evaluation(binary_run), read_evaluation(beside))
    latent = comments.latent.astype(np.float32)
    scores = {"reference": np.round(latent * np.float32(10)) * np.float32(0.1), "candidate": np.square(latent)}
    expected = evaluate_predictions(comments.labels, scores, thresholds=EXACT.thresholds, weights=comments.weights)
    assert list(found.models["reference"]) == list(found.paired_with_reference) == ["overall"]
    ours, theirs = (each.paired_with_reference["overall"] for each in (found, expected))
    assert list(ours.covariances) == [MetricKey("auc")]
    assert ours.covariances[MetricKey("auc")] == pytest.approx(theirs.covariances[MetricKey("auc")], rel=1e-3)  # of cells
    assert set(ours.rates) == set(theirs.rates)
    for key, pair in ours.rates.items():
        assert pair.rows == theirs.rates[key].rows
        assert pair.weights == pytest.approx(theirs.rates[key].weights)
    auc = found.models["reference"]["overall"].scalars[MetricKey("auc")]
    assert auc.value == pytest.approx(roc_auc_score(comments.labels, scores["reference"], sample_weight=comments.weights))


def test_a_first_run_has_no_pairs(spoilt_run: Path) -> None:
    found = read_evaluation(spoilt_run)
    assert found.paired == {}
    rate = found.models["candidate"]["overall"].rates[MetricKey("positive_rate", 0.5)]
    assert rate.squares == (rate.successes, rate.trials - rate.successes)
    assert rate.buckets is None


def test_aucs_are_those_of_the_raw_scores(binary_run: Path, comments: Any) -> None:
    """AUC, subgroup, BPSN and BNSP AUC of every identity against scikit-learn; the final score against the formula."""
    found = read_evaluation(binary_run).models["candidate"]
    scores, labels = np.square(comments.latent.astype(np.float32)), comments.labels

    def auc(rows: Any) -> float:
        return float(roc_auc_score(labels[rows], scores[rows], sample_weight=comments.weights[rows]))

    expected = {"subgroup_auc": [], "bpsn_auc": [], "bnsp_auc": []}  # type: dict[str, list[float]]
    for name in (name for name in found if ":" in name and "×" not in name):
        inside = comments.mask(*name.split(":"))
        rows = (inside, np.where(labels == 1, ~inside, inside), np.where(labels == 0, ~inside, inside))
        for (metric, values), chosen in zip(expected.items(), rows, strict=True):
            values.append(auc(chosen))
            assert found[name].value(MetricKey(metric)) == pytest.approx(values[-1], abs=1e-6)
    overall = auc(np.ones(len(labels), bool))
    means = [np.mean(np.power(values, -5)) ** (-1 / 5) for values in expected.values()]
    assert found["overall"].value(MetricKey("auc")) == pytest.approx(overall, abs=1e-6)
    assert found["overall"].value(MetricKey("jigsaw_score")) == pytest.approx(0.25 * (overall + sum(means)), abs=1e-6)


def test_tfmas_own_reader_works(binary_run: Path) -> None:
    """`load_eval_result` and the validation result of TFMA."""
    import tensorflow_model_analysis as tfma

    result = tfma.load_eval_result(str(binary_run), model_name="candidate")
    assert (("gender", "male"),) in [key for key, _ in result.slicing_metrics]
    assert tfma.load_validation_result(str(binary_run)).missing_thresholds


@pytest.fixture(scope="module")
def spoilt_run(
    comment_files: Path, models: dict[str, Path], evaluate: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """One model that answers NaN now and then, without example weights, with a slice feature that no example has."""
    labels = LabelSpec("toxicity", ("ok", "toxic"), "binary")
    config = eval_config(labels, SMALL, models=("candidate",))
    return evaluate(comment_files, {"candidate": models["spoilt"]}, config, tmp_path_factory.mktemp("spoilt"))


def test_invalid_scores_are_counted_apart(spoilt_run: Path, comments: Any) -> None:
    """They are reported, and in no other count."""
    found = read_evaluation(spoilt_run)
    spoilt = comments.latent.astype(np.float32) > np.float32(0.6)
    assert found.invalid_scores == {"candidate": spoilt.sum()}
    assert found.models["candidate"]["overall"].n == (~spoilt).sum()
    assert found.models["candidate"]["overall"].design_effect == pytest.approx(1)


def test_small_intersections_are_left_out_and_listed(spoilt_run: Path, comments: Any) -> None:
    """Pairs of identities with fewer examples than the minimum; single identities stay whatever their size."""
    found = read_evaluation(spoilt_run)
    pairs = {}
    for gender in {value for values in comments.groups["gender"] for value in values}:
        for race in {value for values in comments.groups["race"] for value in values}:
            together = int((comments.mask("gender", gender) & comments.mask("race", race)).sum())
            pairs[f"gender:{gender} × race:{race}"] = together
    small = {name: size for name, size in pairs.items() if 0 < size < 25}
    assert small
    assert found.omitted == small
    assert set(found.models["candidate"]) == {
        "overall",
        *(f"gender:{name}" for name in ("male", "female", "transgender", "other_gender")),
    } | {name for name, size in pairs.items() if size >= 25}


def test_a_changed_artifact_is_noticed(spoilt_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TFMA's rates have to agree with the counts."""
    monkeypatch.setattr("components.evaluation.reading.TOLERANCE", -1.0)
    with pytest.raises(ValueError, match="TFMA wrote"):
        read_evaluation(spoilt_run)


def test_a_folder_without_evaluation_is_an_error(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(InputError, match=str(tmp_path)):
        read_evaluation(tmp_path)


@pytest.fixture(scope="module")
def class_run(
    comment_files: Path, models: dict[str, Path], evaluate: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Two models of three classes, sliced by class and by gender."""
    config = eval_config(THIRDS, EvaluationConfig(slice_features=("gender",)))
    chosen = {"candidate": models["sharp classes"], "baseline": models["soft classes"]}
    return evaluate(comment_files, chosen, config, tmp_path_factory.mktemp("classes"))


def probabilities(comments: Any, sharpness: float) -> Any:
    """float32[N, 3]: what the class models answer."""
    distance = np.abs(comments.latent[:, None] - np.array([[0, 0.5, 1]]))
    raw = np.exp(-sharpness * distance)
    return (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)


def test_class_metrics_are_those_of_the_predictions(class_run: Path, comments: Any) -> None:
    """Accuracy, loss, recall and precision per class, trivial accuracy, confusion matrix."""
    detail = read_counts(class_run)
    slices = read_evaluation(class_run).models["candidate"]
    answers, labels = probabilities(comments, 9.0), comments.thirds
    predicted = answers.argmax(axis=1)
    overall = slices["overall"]
    assert overall.value(MetricKey("accuracy")) == pytest.approx((predicted == labels).mean())
    assert overall.value(MetricKey("loss")) == pytest.approx(-np.log(answers[np.arange(len(labels)), labels]).mean(), rel=1e-5)
    assert overall.value(MetricKey("trivial_accuracy")) == pytest.approx(np.bincount(labels).max() / len(labels))
    assert slices["class:high"].value(MetricKey("recall")) == pytest.approx((predicted[labels == 2] == 2).mean())
    assert slices["class:high"].value(MetricKey("precision")) == pytest.approx((labels[predicted == 2] == 2).mean())
    assert slices["gender:male"].n == comments.mask("gender", "male").sum()
    table = confusion(detail.counts["candidate"]["overall"], detail.settings)
    np.testing.assert_array_equal(
        table, np.array([[((labels == row) & (predicted == column)).sum() for column in range(3)] for row in range(3)])
    )


def test_tfma_draws_the_same_confusion_matrix(class_run: Path) -> None:
    """The plot of TFMA, made from one weighted row per label and predicted class."""
    import tensorflow_model_analysis as tfma

    detail = read_counts(class_run)
    plots = [one for one in tfma.load_plots(str(class_run)) if not one.slice_key.single_slice_keys]
    for item in plots[0].plot_keys_and_values:
        table = np.zeros((3, 3))
        for entry in item.value.multi_class_confusion_matrix_at_thresholds.matrices[0].entries:
            table[entry.actual_class_id, entry.predicted_class_id] = entry.num_weighted_examples
        np.testing.assert_allclose(table, confusion(detail.counts[item.key.model_name]["overall"], detail.settings))


def test_the_difference_is_training_minus_test_accuracy(class_run: Path) -> None:
    """With an error; here the same evaluation twice, so that the difference is 0."""
    test = read_evaluation(class_run)
    difference = with_train(test, test).models["candidate"]["overall"].scalars[MetricKey("train_test_accuracy_difference")]
    assert difference.value == 0
    assert difference.standard_error > 0
    assert not math.isnan(difference.standard_error)
