"""Against DeLong's covariance as the paper writes it: every positive against every negative, without bins."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fairgate.counting.cells import ScoreCells
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.joint import NO_CELLS
from fairgate.counting.ranks import NO_RANKS, RankCells, bins_of
from fairgate.counting.settings import CountSettings
from fairgate.evaluation import evaluate_counts
from fairgate.measurement import Evaluation, MetricKey
from fairgate.metrics.counted import Scores
from fairgate.metrics.paired_auc import ComparedSide, binned_aucs
from fairgate.prediction_counter import WEIGHT
from fairgate.predictions import LABEL, count_predictions, evaluate_predictions

Array = npt.NDArray[Any]
MODELS = ("baseline", "candidate")


def delong(scores: Array, positive: Array, negative: Array) -> Array:
    """float64[2, 2]: the covariance of the AUCs of two models, scores float[2, N], in O(positives × negatives)."""
    above, below = [], []
    for of_model in scores:
        wins = np.greater.outer(of_model[positive], of_model[negative]) + 0.5 * np.equal.outer(
            of_model[positive], of_model[negative]
        )
        above.append(wins.mean(axis=1))
        below.append(wins.mean(axis=0))
    return np.asarray(np.cov(above) / len(positive) + np.cov(below) / len(negative))


def make(seed: int, correlation: float, rows: int = 2000, width: Any = np.float64) -> tuple[Array, Array, Array]:
    """Labels, scores of both models and whether an example is in the group."""
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < 0.25).astype(np.int64)
    first, noise = random.normal(size=(2, rows))
    second = correlation * first + np.sqrt(1 - correlation**2) * noise
    scores = 1 / (1 + np.exp(-(np.stack([first, second]) + 1.2 * labels - 1.5)))
    return labels, scores.astype(width), random.random(rows) < 0.4


def evaluated(labels: Array, scores: Array, inside: Array, **options: Any) -> Evaluation:
    return evaluate_counts(counted(labels, scores, inside, **options))


def counted(labels: Array, scores: Array, inside: Array, **options: Any) -> EvaluationCounts:
    """In bins, as the pipeline counts; `test_exact_auc` holds the examples in arrays to the exact values."""
    groups = [["x"] if each else [] for each in inside]
    weights, classes = options.get("weights"), options.get("classes", ("0", "1"))
    kind, weight_key = ("binary" if len(classes) == 2 else "multiclass"), (None if weights is None else WEIGHT)
    settings = CountSettings(LABEL, classes, kind, weight_key, auc_slices=options.get("auc_slices", ("group:*",)))
    settings = replace(settings, score_bins=options.get("score_bins", settings.score_bins))
    both = dict(zip(MODELS, scores, strict=True))
    return count_predictions(labels, both, {"group": groups}, settings, weights)


def variance_of_difference(evaluation: Evaluation, name: str, metric: str) -> float:
    """As an interval of the difference takes it."""
    errors = [evaluation.models[model][name].scalars[MetricKey(metric)].standard_error for model in MODELS]
    return float(errors[0] ** 2 + errors[1] ** 2 - 2 * evaluation.paired[name].covariances[MetricKey(metric)])


@pytest.mark.parametrize("correlation", [0.0, 0.8, 0.95, 0.99])
@pytest.mark.parametrize("metric", ["auc", "subgroup_auc", "bpsn_auc", "bnsp_auc"])
def test_the_error_of_a_difference_is_delongs(metric: str, correlation: float) -> None:
    """Within 0.05 %, of all examples and of the group against its background: they are so few that no bits are dropped."""
    labels, scores, inside = make(3, correlation)
    evaluation = evaluated(labels, scores, inside)
    name = "overall" if metric == "auc" else "group:x"
    positive = {"auc": inside | True, "subgroup_auc": inside, "bpsn_auc": ~inside, "bnsp_auc": inside}[metric]
    negative = {"auc": inside | True, "subgroup_auc": inside, "bpsn_auc": inside, "bnsp_auc": ~inside}[metric]
    exact = delong(scores, np.flatnonzero(positive & (labels == 1)), np.flatnonzero(negative & (labels == 0)))
    expected = exact[0, 0] + exact[1, 1] - 2 * exact[0, 1]
    assert variance_of_difference(evaluation, name, metric) ** 0.5 == pytest.approx(expected**0.5, rel=0.0005)


@pytest.mark.parametrize("metric", ["auc", "bpsn_auc", "bnsp_auc"])
@pytest.mark.parametrize(("of_slice", "of_all", "within"), [(20, 20, 0.001), (0, 20, 0.001), (25, 25, 0.01), (0, 25, 0.01)])
def test_coarse_ranks_have_nearly_the_same_error(metric: str, of_slice: int, of_all: int, within: float) -> None:
    """2^9 bins of both models; 2^7 of the baseline and 2^6 of the candidate; the slice may have finer ranks than all."""
    labels, scores, inside = make(3, 0.8)
    counts = counted(labels, scores, inside)
    levels = {"overall": of_all, "group:x": of_slice}
    coarse = replace(counts, ranks={name: ranks.coarser(levels[name]) for name, ranks in counts.ranks.items()})
    errors = [variance_of_difference(evaluate_counts(each), "group:x", metric) ** 0.5 for each in (counts, coarse)]
    assert errors[1] == pytest.approx(errors[0], rel=within)
    assert errors[1] != errors[0] or (metric, of_slice) == ("auc", 0)


@pytest.mark.parametrize("metric", ["bpsn_auc", "bnsp_auc"])
def test_a_small_slice_against_coarse_scores_of_nearly_equal_models(metric: str) -> None:
    """80 examples among 20,000 in some 400 cells: within 2 %, where cells taken as points were 12 to 16 % off."""
    labels, scores, _ = make(11, 1.0, 20_000)
    scores[1] += np.random.default_rng(12).normal(0, 0.003, labels.size)
    inside = np.arange(labels.size) < 80
    counts = counted(labels, scores, inside, score_bins=50)
    coarse = replace(counts, ranks={**counts.ranks, "overall": counts.ranks["overall"].coarser(21)})
    positive, negative = (inside, ~inside) if metric == "bnsp_auc" else (~inside, inside)
    exact = delong(scores, np.flatnonzero(positive & (labels == 1)), np.flatnonzero(negative & (labels == 0)))
    expected = (exact[0, 0] + exact[1, 1] - 2 * exact[0, 1]) ** 0.5
    assert variance_of_difference(evaluate_counts(coarse), "group:x", metric) ** 0.5 == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(
    ("heavy", "level", "below"),
    [
        (1.0, 8, [10.75, 32.75]),  # linear from the middle of a cell to the next
        (1.0, 0, [11.0, 33.0]),  # a cell is a single score
        (193.0, 8, [10.75, 225.0]),  # beside a cell that may hold equal scores
    ],
)
def test_shares_between_cells_of_scores(heavy: float, level: int, below: list[float]) -> None:
    """64 cells of weight 1 at multiples of 1/64, that at .5 heavier; a quarter of the way behind two of them."""
    weights = np.where(np.arange(64) == 32, heavy, 1.0)
    scores = Scores(ScoreCells(np.arange(64), weights, weights * np.arange(64) / 64, level), float(weights.sum()))
    first = bins_of(np.array([10.25, 32.25]) / 64)
    found = ComparedSide(RankCells(NO_CELLS, 20), (scores, scores)).shares_below(first, first + 1, 0)
    assert found * weights.sum() == pytest.approx(below, abs=0.001)


def test_the_error_against_a_reference_is_delongs() -> None:
    """On all examples, whatever AUCs are compared with the baseline; the baseline's own pair stays what it is."""
    labels, scores, inside = make(3, 0.9)
    three = {"baseline": scores[1], "reference": scores[0], "candidate": scores[1]}
    evaluation = evaluate_predictions(labels, three, {"group": [["x"] if each else [] for each in inside]})
    key = MetricKey("auc")
    measured = [evaluation.models[model]["overall"].scalars[key] for model in ("reference", "candidate")]
    exact = delong(scores, np.flatnonzero(labels == 1), np.flatnonzero(labels == 0))
    covariance = evaluation.paired_with_reference["overall"].covariances[key]
    variance = measured[0].standard_error ** 2 + measured[1].standard_error ** 2 - 2 * covariance
    assert variance**0.5 == pytest.approx((exact[0, 0] + exact[1, 1] - 2 * exact[0, 1]) ** 0.5, rel=0.005)
    assert evaluation.paired["overall"].covariances == {}


def test_equal_models_have_no_error_of_their_difference() -> None:
    labels, scores, inside = make(4, 0.5)
    evaluation = evaluated(labels, scores[[0, 0]], inside)
    for metric in ("auc", "subgroup_auc", "bpsn_auc", "bnsp_auc"):
        assert variance_of_difference(evaluation, "group:x", metric) == pytest.approx(0, abs=1e-18)


def test_only_named_slices_have_covariances() -> None:
    """Overall is counted too, for the background of a group."""
    labels, scores, inside = make(5, 0.5, 500)
    assert evaluated(labels, scores, inside, auc_slices=()).paired["overall"].covariances == {}
    found = evaluated(labels, scores, inside, auc_slices=("overall",)).paired
    assert {key.name for key in found["overall"].covariances} == {"auc"}
    assert found["group:x"].covariances == {}


def test_classes_have_no_auc() -> None:
    labels, _, inside = make(5, 0.5, 300)
    scores = np.random.default_rng(0).dirichlet(np.ones(3), (2, 300))
    found = evaluated(labels, scores, inside, classes=("a", "b", "c")).paired
    assert found["overall"].covariances == {}


def test_where_bins_say_too_little_there_is_no_covariance() -> None:
    """Scores in percent lie in one bin; scores around 0.0005 here in two."""
    labels, scores, inside = make(6, 0.5)
    for changed in (scores * 100 + 2, 0.0005 + scores * 2e-6):
        assert evaluated(labels, changed, inside).paired["overall"].covariances == {}


@pytest.mark.parametrize("label", [0, 1])
def test_without_examples_of_a_label_there_is_no_covariance(label: int) -> None:
    labels, scores, inside = make(7, 0.5, 100)
    labels[inside] = label
    found = evaluated(labels, scores, inside).paired["group:x"].covariances
    assert MetricKey("auc") not in found


def test_a_single_positive_has_no_variance() -> None:
    found = evaluated(np.array([1, 0, 0, 0]), np.array([[0.9, 0.1, 0.5, 0.6]] * 2), np.ones(4, bool))
    assert found.paired["overall"].covariances == {}


def test_no_examples_have_no_auc() -> None:
    nothing = ComparedSide(NO_RANKS, ())
    found = binned_aucs(nothing, nothing)
    assert all(np.isnan([found.baseline, found.candidate, found.variance]))


@pytest.mark.slow
def test_weights_that_go_with_label_and_score_are_taken_into_account() -> None:
    """The errors of the AUC and of the difference are those of the estimates in 400 draws, within 12 %."""
    metric = MetricKey("auc")
    values, errors, differences = [], [], []
    for seed in range(400):
        labels, scores, inside = make(seed, 0.8, 600)
        hard = (scores[0] > 0.4) != (labels == 1)
        weights = np.where(hard, 6.0, 1.0) * np.where(labels == 1, 3.0, 1.0)
        found = evaluated(labels, scores, inside, weights=weights)
        one, other = (found.models[model]["overall"].scalars[metric] for model in MODELS)
        values.append((one.value, one.value - other.value))
        errors.append(one.standard_error)
        differences.append(variance_of_difference(found, "overall", "auc"))
    spread = np.std(values, axis=0)
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(spread[0], rel=0.12)
    assert np.sqrt(np.mean(differences)) == pytest.approx(spread[1], rel=0.12)
