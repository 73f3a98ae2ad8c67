"""Test the exact AUCs against scikit-learn, and their covariances against DeLong's as the paper writes them."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import roc_auc_score

from fairgate.counting import order
from fairgate.measurement import Evaluation, MetricKey
from fairgate.predictions import evaluate_predictions

Array = npt.NDArray[Any]
MODELS = ("baseline", "candidate")
ROWS = 500
RNG = np.random.default_rng(1)
LABELS = (RNG.random(ROWS) < 0.3).astype(np.int64)
INSIDE = RNG.random(ROWS) < 0.4
GROUPS = {"smaller than its background": INSIDE, "larger": RNG.random(ROWS) < 0.8, "tiny": np.arange(ROWS) % 25 == 0}
CLOSE = 0.5 + 1e-12 * RNG.integers(0, 200, (2, ROWS)) + 5e-11 * LABELS  # float32 would make them one
SCORES = {
    "ties": np.round(RNG.normal(0.3 + 0.2 * LABELS, 0.2, (2, ROWS)), 2),
    "float32": RNG.normal(0.3 + 0.2 * LABELS, 0.2, (2, ROWS)).astype(np.float32),
    "differing beyond float32": CLOSE,
    "mostly positive": RNG.normal(0.3 + 0.2 * LABELS, 0.2, (2, ROWS)),
}
WEIGHTS = {"equal": None, "weighted": RNG.choice([0.0, 0.3, 1.0, 6.0], ROWS)}


def _evaluated(scores: Array, labels: Array, weights: Array | None, inside: Array = INSIDE) -> Evaluation:
    groups = [["x"] if each else [] for each in inside]
    both = dict(zip(MODELS, scores, strict=True))
    return evaluate_predictions(labels, both, {"group": groups}, weights=weights, auc_slices=("*",))


def _delong(scores: Array, positive: Array, negative: Array, weights: Array) -> Array:
    """float64[2, 2]: the covariance of both models' AUCs, in O(positives × negatives)."""
    covariance = np.zeros((2, 2))
    wins = [np.greater.outer(of[positive], of[negative]) + 0.5 * np.equal.outer(of[positive], of[negative]) for of in scores]
    for own, other, placements in (
        (weights[positive], weights[negative], np.array(wins)),
        (weights[negative], weights[positive], np.array(wins).transpose(0, 2, 1)),
    ):
        values = placements @ other / other.sum()
        share, effective = own / own.sum(), own.sum() ** 2 / (own @ own)
        distance = share * (values - (values @ share)[:, None])
        covariance += distance @ distance.T * effective / (effective - 1)
    return covariance


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("size", GROUPS)
@pytest.mark.parametrize("weighted", WEIGHTS)
@pytest.mark.parametrize("kind", SCORES)
def test_areas_are_those_of_scikit_learn_and_errors_those_of_delong(
    monkeypatch: pytest.MonkeyPatch, kind: str, weighted: str, size: str, long: bool
) -> None:
    """To 1e-12, of all examples, of a group, and of a group against its background, whatever the scores' width."""
    if long:  # of long tables less is held
        monkeypatch.setattr(order, "LONG", 0)
    labels = 1 - LABELS if kind == "mostly positive" else LABELS
    scores, weights, inside = SCORES[kind], WEIGHTS[weighted], GROUPS[size]
    evaluation = _evaluated(scores, labels, weights, inside)
    own = np.ones(ROWS) if weights is None else weights
    sides = {"auc": (inside, inside), "bpsn_auc": (~inside, inside), "bnsp_auc": (inside, ~inside)}
    sides |= {"subgroup_auc": sides["auc"], "overall": (inside | True, inside | True)}
    for metric, (of_positives, of_negatives) in sides.items():
        name, key = ("overall", MetricKey("auc")) if metric == "overall" else ("group:x", MetricKey(metric))
        chosen = (of_positives & (labels == 1)) | (of_negatives & (labels == 0))
        positive, negative = np.flatnonzero(chosen & (labels == 1)), np.flatnonzero(chosen & (labels == 0))
        expected = _delong(scores, positive, negative, own)
        for at, model in enumerate(MODELS):
            found = evaluation.models[model][name].scalars[key]
            area = roc_auc_score(labels[chosen], scores[at][chosen], sample_weight=own[chosen])
            assert found.value == pytest.approx(area, abs=1e-12)
            assert found.standard_error == pytest.approx(expected[at, at] ** 0.5, abs=1e-12)
        assert evaluation.paired[name].covariances[key] == pytest.approx(expected[0, 1], abs=1e-12)


@pytest.mark.parametrize("label", [0, 1])
def test_without_examples_of_a_label_there_is_no_area(label: int) -> None:
    labels = np.where(INSIDE, label, LABELS)
    evaluation = _evaluated(SCORES["ties"], labels, None)
    scalars = evaluation.models["candidate"]["group:x"].scalars
    assert np.isnan([scalars[MetricKey("auc")].value, scalars[MetricKey("auc")].standard_error]).all()
    assert np.isnan(scalars[MetricKey(("bnsp_auc", "bpsn_auc")[label])].value) != np.isnan(
        scalars[MetricKey(("bpsn_auc", "bnsp_auc")[label])].value
    )
    assert MetricKey("auc") not in evaluation.paired["group:x"].covariances


def test_a_group_of_everybody_has_no_background() -> None:
    groups = [["x"]] * ROWS
    scores = dict(zip(MODELS, SCORES["ties"], strict=True))
    evaluation = evaluate_predictions(LABELS, scores, {"group": groups}, auc_slices=("*",))
    scalars = evaluation.models["candidate"]["group:x"].scalars
    assert np.isnan([scalars[MetricKey(metric)].value for metric in ("bpsn_auc", "bnsp_auc")]).all()
    assert scalars[MetricKey("auc")].value == evaluation.models["candidate"]["overall"].scalars[MetricKey("auc")].value


def test_a_single_positive_has_an_area_without_error() -> None:
    evaluation = evaluate_predictions([1, 0, 0, 0], {"candidate": [0.5, 0.1, 0.5, 0.6]})
    found = evaluation.models["candidate"]["overall"].scalars[MetricKey("auc")]
    assert found.value == 0.5
    assert np.isnan(found.standard_error)


def test_a_perfect_order_has_an_area_of_one_whatever_the_weights() -> None:
    """Sums of weights round."""
    weights = np.random.default_rng(0).random(ROWS)
    scores = np.stack([LABELS + 0.1, LABELS + 0.2])
    found = _evaluated(scores, LABELS, weights).models["candidate"]["overall"].scalars[MetricKey("auc")]
    assert found.value == 1.0


@pytest.mark.parametrize("seed", [1, 3, 5, 6])
def test_a_variance_that_is_nothing_but_rounding_is_none(seed: int) -> None:
    """Of a small group that is ordered perfectly, among many others: weights add up to a variance just below zero."""
    draw = np.random.default_rng(seed)
    labels, small = draw.integers(0, 2, 6000), np.arange(6000) >= 5880
    scores = np.clip(0.5 + 0.4 * (2 * labels - 1) + draw.normal(0, 0.15, 6000), 0, 1)
    labels[small] = np.arange(120) % 2
    scores[small] = np.where(labels[small] == 1, 0.9, 0.1) + draw.uniform(-0.05, 0.05, 120)
    weights, order = draw.random(6000) + 0.1, draw.permutation(6000)
    names = [["small"] if each else ["other"] for each in small[order]]
    found = evaluate_predictions(labels[order], {"candidate": scores[order]}, {"group": names}, weights=weights[order])
    scalar = found.models["candidate"]["group:small"].scalars[MetricKey("auc")]
    assert (scalar.value, scalar.standard_error) == pytest.approx((1.0, 0.0), abs=1e-7)


def test_a_vast_weight_inside_of_a_group_loses_nothing_of_the_others() -> None:
    """What is left of all weights, and of their squares, without the group's is that of the others."""
    weights = np.ones(ROWS)
    weights[np.flatnonzero(INSIDE & (LABELS == 0))[0]] = 1e12
    found, alike = (_evaluated(SCORES["float32"], LABELS, of).models["candidate"]["group:x"] for of in (weights, np.ones(ROWS)))
    key = MetricKey("bnsp_auc")  # of the group's positives and the others' negatives
    assert found.scalars[key].standard_error == pytest.approx(alike.scalars[key].standard_error, rel=1e-3)


@pytest.mark.parametrize("weight", [0.3, 0.7, 1.1])
def test_a_single_example_outside_of_a_group_has_no_error_whatever_rounding_leaves_of_its_weight(weight: float) -> None:
    """DeLong's variance divides by n - 1, and what is left of all weights without the group's is 1.0000000000000147 examples."""
    labels = np.array([0] * 40 + [1] * 21)
    groups = [["x"] if at < 60 else [] for at in range(61)]
    scores = {"candidate": np.linspace(0.01, 0.99, 61)[::-1]}
    slices = evaluate_predictions(labels, scores, {"group": groups}, weights=np.full(61, weight)).models["candidate"]
    assert np.isnan(slices["group:x"].scalars[MetricKey("bpsn_auc")].standard_error)
    assert slices["overall"].scalars[MetricKey("auc")].standard_error >= 0
