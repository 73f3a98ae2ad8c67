"""Predictions in arrays against enumeration with pandas: rates, pairs, buckets, ranges."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fairgate.errors import InputError
from fairgate.measurement import Evaluation, MetricKey, PairedRate
from fairgate.predictions import evaluate_predictions

Array = npt.NDArray[Any]
ROWS = 400
THRESHOLDS = (0.25, 0.5, 0.75)
CLASSES = ("a", "b", "c")


class Rows:
    """Examples whose groups overlap, and whose weights go with the label."""

    def __init__(self, seed: int = 0, classes: int = 2) -> None:
        random = np.random.default_rng(seed)
        self.labels = random.integers(0, classes, ROWS)
        latent = random.random(ROWS)
        if classes == 2:
            self.baseline = np.round(latent * 0.7 + 0.3 * self.labels, 2)  # ties at the thresholds
            self.candidate = np.round(np.clip(self.baseline + random.normal(0, 0.2, ROWS), 0, 1), 2)
        else:
            self.baseline, self.candidate = random.dirichlet(np.ones(classes), (2, ROWS))
        self.weights = np.where(self.labels == 1, 5.0, 1.0) * random.choice([0.0, 0.5, 2.0], ROWS)
        self.groups = [[name for name in ("x", "y") if random.random() < 0.4] for _ in range(ROWS)]
        self.users = random.integers(0, 60, ROWS).tolist()

    def mask(self, name: str) -> Array:
        """bool[N]: the rows of a slice."""
        if name == "overall":
            return np.ones(ROWS, bool)
        return np.array([name.removeprefix("group:") in groups for groups in self.groups])

    def evaluation(self, **options: Any) -> Evaluation:
        scores = {"candidate": self.candidate, "baseline": self.baseline}
        options = {"thresholds": THRESHOLDS, "weights": self.weights} | options
        return evaluate_predictions(self.labels, scores, {"group": self.groups}, **options)


# Trials and successes of each rate, of labels and decisions.
RATES: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "false_positive_rate": (lambda label: label == 0, lambda accepted: accepted),
    "false_negative_rate": (lambda label: label == 1, lambda accepted: ~accepted),
    "true_positive_rate": (lambda label: label == 1, lambda accepted: accepted),
    "true_negative_rate": (lambda label: label == 0, lambda accepted: ~accepted),
    "positive_rate": (lambda label: label >= 0, lambda accepted: accepted),
}


def same_pair(found: PairedRate, trials: Array, first: Array, second: Array, weights: Array) -> None:
    """Asserts that a paired rate is the enumeration of bool[N] trials and successes."""
    for at, (one, other) in enumerate([(first, second), (first, ~second), (~first, second), (~first, ~second)]):
        chosen = trials & one & other
        assert found.rows[at] == chosen.sum()
        assert found.weights[at] == pytest.approx(weights[chosen].sum(), abs=1e-9)
        assert found.squares[at] == pytest.approx((weights[chosen] ** 2).sum(), abs=1e-9)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", ["overall", "group:x", "group:y"])
@pytest.mark.parametrize("weighted", [True, False])
def test_pairs_are_enumerated(rate: str, name: str, weighted: bool) -> None:
    """Of rows that overlapping slices share, at every threshold, with scores that equal thresholds."""
    rows = Rows()
    weights = rows.weights if weighted else np.ones(ROWS)
    found = rows.evaluation(weights=weights if weighted else None).paired[name].rates
    trials, succeeds = RATES[rate]
    inside = rows.mask(name) & trials(rows.labels)
    for threshold in THRESHOLDS:
        first, second = (succeeds(scores > threshold) for scores in (rows.baseline, rows.candidate))
        same_pair(found[MetricKey(rate, threshold)], inside, first, second, weights)


@pytest.mark.parametrize("models", [("reference", "candidate"), ("candidate", "baseline", "reference")])
def test_pairs_with_the_reference_are_enumerated(models: tuple[str, ...]) -> None:
    """With a baseline beside it as without."""
    rows = Rows(4)
    scores = {"candidate": rows.candidate, "baseline": rows.candidate, "reference": rows.baseline}
    found = evaluate_predictions(rows.labels, {model: scores[model] for model in models}, {"group": rows.groups})
    for name in ("overall", "group:x"):
        pair = found.paired_with_reference[name].rates[MetricKey("false_positive_rate", 0.5)]
        inside = rows.mask(name) & (rows.labels == 0)
        same_pair(pair, inside, rows.baseline > 0.5, rows.candidate > 0.5, np.ones(ROWS))
    assert set(found.paired) == ({"overall", "group:x", "group:y"} if "baseline" in models else set())
    assert set(found.models) == set(found.invalid_scores) == set(found.out_of_range) == set(found.score_ranges) == set(models)


def test_a_reference_without_a_candidate_is_measured_alone() -> None:
    found = evaluate_predictions([0, 1], {"reference": [0.2, 0.8]})
    assert (set(found.models), found.paired_with_reference) == ({"reference"}, {})


@pytest.mark.parametrize("name", ["overall", "class:b", "group:x"])
def test_pairs_of_classes_are_enumerated(name: str) -> None:
    """Accuracy of every slice, recall of the slice of a class."""
    rows = Rows(classes=3)
    found = rows.evaluation(classes=CLASSES).paired[name].rates
    inside = rows.labels == 1 if name == "class:b" else rows.mask(name)
    first, second = (scores.argmax(axis=1) == rows.labels for scores in (rows.baseline, rows.candidate))
    same_pair(found[MetricKey("accuracy")], inside, first, second, rows.weights)
    assert (MetricKey("recall") in found) == (name == "class:b")
    if name == "class:b":
        same_pair(found[MetricKey("recall")], inside, first, second, rows.weights)


def test_five_hundred_thresholds() -> None:
    """The most that can be evaluated."""
    rows = Rows()
    thresholds = tuple((np.arange(500) + 0.5) / 500)
    found = rows.evaluation(thresholds=thresholds).paired["group:x"].rates
    inside = rows.mask("group:x") & (rows.labels == 0)
    for threshold in thresholds[::50]:
        pair = found[MetricKey("false_positive_rate", threshold)]
        same_pair(pair, inside, rows.baseline > threshold, rows.candidate > threshold, rows.weights)


# Of labels and decisions together: trials and successes.
OF_ALL: dict[str, Callable[[Array, Array], tuple[Array, Array]]] = {
    "false_positive_rate": lambda y, p: (y == 0, p),
    "false_negative_rate": lambda y, p: (y == 1, ~p),
    "true_positive_rate": lambda y, p: (y == 1, p),
    "true_negative_rate": lambda y, p: (y == 0, ~p),
    "positive_rate": lambda y, p: (y >= 0, p),
    "precision": lambda y, p: (p, y == 1),
    "false_discovery_rate": lambda y, p: (p, y == 0),
    "false_omission_rate": lambda y, p: (~p, y == 1),
}


@pytest.mark.parametrize("rate", OF_ALL)
@pytest.mark.parametrize("name", ["overall", "group:y"])
def test_squares_are_those_of_successes_and_failures(rate: str, name: str) -> None:
    """Of every rate, with one model as with two."""
    rows = Rows(1)
    slices = {"group": rows.groups}
    found = evaluate_predictions(rows.labels, {"candidate": rows.candidate}, slices, thresholds=THRESHOLDS, weights=rows.weights)
    assert found.paired == {}
    for threshold in THRESHOLDS:
        trials, success = OF_ALL[rate](rows.labels, rows.candidate > threshold)
        chosen = rows.mask(name) & trials
        measured = found.models["candidate"][name].rates[MetricKey(rate, threshold)]
        squares = rows.weights**2
        assert measured.squares == pytest.approx((squares[chosen & success].sum(), squares[chosen & ~success].sum()))
        assert measured.trials == pytest.approx(rows.weights[chosen].sum())
        assert measured.buckets is None


@pytest.mark.parametrize("rate", OF_ALL)
def test_clusters_give_every_rate_its_buckets(rate: str) -> None:
    """All rows of a user are in one bucket, so a table by user, added up by bucket, is what was counted."""
    rows = Rows(2)
    evaluation = rows.evaluation(clusters=rows.users)
    assert evaluation.clustered
    trials, success = OF_ALL[rate](rows.labels, rows.candidate > 0.5)
    chosen = rows.mask("group:x") & trials
    buckets = evaluation.models["candidate"]["group:x"].rates[MetricKey(rate, 0.5)].buckets
    assert buckets is not None
    assert buckets.least_effect == 1
    used = buckets_of(rows.users)
    for found, mask in ((buckets.trials, chosen), (buckets.successes, chosen & success)):
        np.testing.assert_allclose(found, np.bincount(used[mask], rows.weights[mask], 50))


def buckets_of(users: list[int]) -> Array:
    """int64[N]: CRC-32 of the written value, modulo 50."""
    import zlib

    return np.array([zlib.crc32(str(user).encode()) % 50 for user in users])


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", ["overall", "group:x"])
def test_pairs_have_buckets(rate: str, name: str) -> None:
    """Trials and the successes of each model; a user's rows are in one bucket, in every slice."""
    rows = Rows(3)
    found = rows.evaluation(clusters=rows.users).paired[name].rates[MetricKey(rate, 0.5)].buckets
    assert found is not None
    trials, succeeds = RATES[rate]
    inside, used = rows.mask(name) & trials(rows.labels), buckets_of(rows.users)
    masks = (inside, inside & succeeds(rows.baseline > 0.5), inside & succeeds(rows.candidate > 0.5))
    for values, mask in zip((found.trials, found.baseline, found.candidate), masks, strict=True):
        np.testing.assert_allclose(values, np.bincount(used[mask], rows.weights[mask], 50), atol=1e-12)


def test_pairs_of_classes_have_buckets() -> None:
    rows = Rows(3, classes=3)
    found = rows.evaluation(classes=CLASSES, clusters=rows.users)
    pair = found.paired["class:c"].rates[MetricKey("recall")].buckets
    alone = found.models["candidate"]["class:c"].rates[MetricKey("recall")].buckets
    assert pair is not None
    assert alone is not None
    inside = rows.labels == 2
    right = inside & (rows.candidate.argmax(axis=1) == 2)
    used = buckets_of(rows.users)
    np.testing.assert_allclose(pair.trials, np.bincount(used[inside], rows.weights[inside], 50))
    np.testing.assert_allclose(pair.candidate, np.bincount(used[right], rows.weights[right], 50))
    np.testing.assert_allclose(alone.trials, pair.trials)
    np.testing.assert_allclose(alone.successes, pair.candidate)


def test_rows_that_one_model_did_not_answer_are_in_no_pair() -> None:
    """They stay in the counts of the other model; the pairs have no buckets, which would be of other rows."""
    rows = Rows(4)
    rows.candidate[:7] = math.nan
    evaluation = rows.evaluation()
    assert evaluation.invalid_scores == {"candidate": 7, "baseline": 0}
    assert evaluation.models["baseline"]["overall"].n == ROWS
    pair = evaluation.paired["overall"].rates[MetricKey("positive_rate", 0.5)]
    answered = np.arange(ROWS) >= 7
    same_pair(pair, answered, rows.baseline > 0.5, rows.candidate > 0.5, rows.weights)
    assert pair.buckets is None


def test_scores_out_of_range_are_counted() -> None:
    """Percentages; NaN is no such score, and neither is the rounding of float32."""
    labels = np.array([0, 1, 0, 1, 0])
    scores = {"candidate": np.array([0.0, 1.0, -3.0, 87.5, math.nan]), "baseline": np.array([0.0, 1 + 1e-7, 0.5, 0.5, 0.5])}
    found = evaluate_predictions(labels, scores)
    assert found.out_of_range == {"candidate": 2, "baseline": 0}
    assert found.score_ranges == {"candidate": (-3.0, 87.5), "baseline": (0.0, 1 + 1e-7)}
    assert found.rows == 5


def test_probabilities_out_of_range_are_counted() -> None:
    """A row with any of them; the range is that of all probabilities."""
    scores = np.array([[0.1, 0.2, 0.7], [1.5, -0.5, 0.0], [0.4, 0.3, 0.3]])
    found = evaluate_predictions([0, 1, 2], {"candidate": scores}, classes=CLASSES)
    assert found.out_of_range == {"candidate": 1}
    assert found.score_ranges == {"candidate": (-0.5, 1.5)}


def test_a_model_without_a_valid_score_has_no_range() -> None:
    found = evaluate_predictions([0, 1], {"candidate": [math.nan, math.inf]})
    assert (found.score_ranges, found.invalid_scores, found.rows) == ({}, {"candidate": 2}, 2)


def test_rows_of_no_group_are_counted() -> None:
    """Per feature; that the same rows have another feature does not matter."""
    rows = Rows(5)
    found = evaluate_predictions(rows.labels, {"candidate": rows.candidate}, {"group": rows.groups, "all": ["z"] * ROWS})
    assert found.unknown_groups == {"group": sum(not groups for groups in rows.groups), "all": 0}


def test_a_row_may_have_one_value_or_several() -> None:
    """Of one feature, in any mixture."""
    found = evaluate_predictions([0, 1, 0], {"candidate": [0.1, 0.9, 0.8]}, {"group": ["x", ("x", "y"), []]})
    assert {name: metrics.n for name, metrics in found.models["candidate"].items()} == {"overall": 3, "group:x": 2, "group:y": 1}


def test_blocks_of_rows_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in blocks of seven rows as at once; buckets and all."""
    rows = Rows(9)
    whole = rows.evaluation(clusters=rows.users).paired
    monkeypatch.setattr("fairgate.predictions.COUNTED_ROWS", 7)
    blocks = rows.evaluation(clusters=rows.users).paired
    for name, paired in whole.items():
        for key, rate in paired.rates.items():
            other = blocks[name].rates[key]
            assert other.rows == rate.rows
            assert other.squares == pytest.approx(rate.squares)
            assert rate.buckets is not None
            assert other.buckets is not None
            np.testing.assert_allclose(other.buckets.candidate, rate.buckets.candidate)


def test_labels_are_no_group() -> None:
    rows = Rows(5, classes=3)
    assert rows.evaluation(classes=CLASSES).unknown_groups == {"group": sum(not groups for groups in rows.groups)}


@pytest.mark.parametrize(
    ("feature", "classes"), [("labels", ("no", "yes")), ("weights", ("no", "yes")), ("class", ("a", "b", "c"))]
)
def test_a_feature_may_not_take_a_name_that_is_used(feature: str, classes: tuple[str, ...]) -> None:
    """Else it would hide the labels or the weights, or be one of the classes."""
    scores = np.full((2, len(classes)), 0.3)[:, : 1 if len(classes) == 2 else None]
    with pytest.raises(InputError, match=f"slices has a feature '{feature}'"):
        evaluate_predictions([0, 1], {"candidate": scores}, {feature: ["x", "y"]}, classes=classes)


@pytest.mark.parametrize("feature", ["label", "weight", "class"])
def test_a_feature_may_be_called_as_its_users_like(feature: str) -> None:
    evaluation = evaluate_predictions([0, 1, 1], {"candidate": [0.2, 0.9, 0.4]}, {feature: ["x", "y", "y"]}, weights=[1, 2, 1])
    assert evaluation.models["candidate"][f"{feature}:y"].n_positive == 2


def test_classes_of_one_name_are_an_error() -> None:
    with pytest.raises(InputError, match="'a' is the name of two classes"):
        evaluate_predictions([0, 1], {"candidate": np.full((2, 3), 0.3)}, classes=("a", "b", "a"))


def test_values_that_hold_the_signs_of_a_name_are_slices_of_their_own() -> None:
    """Their examples are counted under their own names, and no intersection takes them."""
    cities = ["Halle × Saale", "Halle", "A*", "A* × b:c"]
    evaluation = evaluate_predictions([0, 1, 0, 1], {"candidate": [0.1, 0.9, 0.7, 0.8]}, {"city": cities})
    sizes = {name: metrics.n for name, metrics in evaluation.models["candidate"].items()}
    assert sizes == {"overall": 4, r"city:Halle \× Saale": 1, "city:Halle": 1, r"city:A\*": 1, r"city:A\* \× b:c": 1}


@pytest.mark.parametrize("weight", [0.0, 1e-50, 1e50])
def test_any_weight_can_be_counted(weight: float) -> None:
    """Without an exception or a warning; rates of weights of zero are undefined."""
    rows = Rows(6)
    found = rows.evaluation(weights=np.full(ROWS, weight))
    rate = found.models["candidate"]["overall"].rates[MetricKey("false_positive_rate", 0.5)]
    negative = rows.labels == 0
    if weight:
        assert rate.value == pytest.approx((rows.candidate[negative] > 0.5).mean())
    else:
        assert math.isnan(rate.value)
    assert found.paired["overall"].rates[MetricKey("false_positive_rate", 0.5)].rows[0] > 0
    assert found.models["candidate"]["overall"].n == ROWS


@pytest.mark.parametrize(("weight", "written"), [(1e-200, "1e-200"), (1e200, r"1e\+200")])
def test_a_weight_whose_square_is_no_number_is_an_error(weight: float, written: str) -> None:
    """With the remedy: only ratios of weights count."""
    with pytest.raises(InputError, match=f"weights has the value {written}; .* multiply all by one number"):
        Rows().evaluation(weights=np.full(ROWS, weight))


def test_small_intersections_are_left_out_and_listed() -> None:
    rows = Rows(7)
    slices: dict[str, Any] = {"group": rows.groups, "place": ["here"] * (ROWS - 3) + ["there"] * 3}
    found = evaluate_predictions(
        rows.labels,
        {"candidate": rows.candidate, "baseline": rows.baseline},
        slices,
        intersections=(("group", "place"),),
        min_intersection=4,
    )
    assert set(found.omitted) <= {"group:x × place:there", "group:y × place:there"}
    assert "group:x × place:here" in found.models["candidate"]
    assert set(found.paired) == set(found.models["candidate"])


def test_every_example_needs_its_cluster() -> None:
    with pytest.raises(InputError, match=r"^clusters has 2 values for 3 examples; give one for every example.$"):
        evaluate_predictions([0, 1, 0], {"candidate": [0.1, 0.2, 0.3]}, clusters=["a", "b"])


def test_without_clusters_rows_are_spread_over_the_buckets() -> None:
    """So that gaps of two overlapping slices can be compared."""
    rows = Rows(8)
    evaluation = rows.evaluation(weights=None)
    buckets = evaluation.paired["overall"].rates[MetricKey("positive_rate", 0.5)].buckets
    assert buckets is not None
    assert (buckets.trials > 0).all()
    assert not evaluation.clustered


def test_no_examples_are_an_error() -> None:
    with pytest.raises(InputError, match=r"^labels is empty, so nothing can be evaluated; give at least one example.$"):
        evaluate_predictions([], {"candidate": []}, {"gender": []})
