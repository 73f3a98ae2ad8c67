"""Whether the candidate decides: of all examples, on guarded slices, and of several classes."""

from typing import Any

import numpy as np
import pytest

from fairgate.gate.decides import DECIDES
from fairgate.gate.decision import decide
from fairgate.gate.outcome import Decision, RuleLine
from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics

TPR, FPR, FNR, POSITIVE = (
    MetricKey(name, 0.5) for name in ("true_positive_rate", "false_positive_rate", "false_negative_rate", "positive_rate")
)
CEILING = {"id": "ceiling", "kind": "quality", "metric": "false_positive_rate", "thresholds": [0.5], "max": 1.0}


def on(found: tuple[float, float], called: tuple[float, float]) -> SliceMetrics:
    """A slice by how many positives are found and how many negatives are called positive."""
    positives, negatives = round(found[1]), round(called[1])
    return SliceMetrics(
        positives + negatives,
        positives,
        negatives,
        rates={TPR: Rate(*found), FPR: Rate(*called)},
        scalars={MetricKey("auc"): Scalar(0.8)},
    )


def decided(slices: dict[str, SliceMetrics], *rules: dict[str, Any], **settings: Any) -> Decision:
    policy = Policy.model_validate({"rules": rules or [CEILING], "uncovered_harm": "report", **settings})
    return decide(policy, Evaluation({"candidate": slices}))


def line(decision: Decision, name: str = "overall") -> RuleLine | None:
    return next((each for each in decision.rules if each.id == DECIDES and each.slice == name), None)


@pytest.mark.parametrize(
    ("found", "called", "outcome", "says"),
    [
        ((200, 200), (800, 800), "refused", "The candidate calls every example positive at 0.5: it does not decide."),
        ((0, 200), (0, 800), "refused", "The candidate calls every example negative at 0.5: it does not decide."),
        (
            (40, 200),
            (400, 800),
            "refused",
            "The candidate is no better than chance on overall: at 0.5 it calls 0.2 of the positives",
        ),
        (
            (160, 200),
            (80, 800),
            "blessed",
            "The candidate decides: at 0.5 it calls 0.8 of the positives and 0.1 of the negatives",
        ),
        (
            (105, 200),
            (400, 800),
            "inconclusive",
            "That the candidate decides is not proven: at 0.5 it calls 0.525 of the positives",
        ),
        ((100, 200), (400, 800), "inconclusive", "At these rates no number of examples proves it."),
        ((160, 200), (0, 0), "inconclusive", "Every label is positive, so whether the candidate decides cannot be judged"),
        ((0, 0), (80, 800), "inconclusive", "Every label is negative, so whether the candidate decides cannot be judged"),
        ((200, 200), (0, 0), "refused", "The candidate calls every example positive at 0.5"),
    ],
)
def test_overall(found: tuple[float, float], called: tuple[float, float], outcome: str, says: str) -> None:
    decision = decided({"overall": on(found, called)})
    answered = line(decision)
    assert answered
    assert decision.outcome == outcome
    assert says in answered.reason


def test_interval_is_newcombes() -> None:
    """Worked by Newcombe (1998), table II, example (a): 56/70 - 48/80 has the interval 0.0524 to 0.3339."""
    answered = line(decided({"overall": on((56, 70), (48, 80))}))
    assert answered
    assert answered.interval == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert answered.value == pytest.approx(0.2)


def test_number_of_examples_decides_with_the_power_it_states() -> None:
    answered = line(decided({"overall": on((110, 200), (400, 800))}))
    assert answered
    assert answered.needed
    assert answered.needed.examples
    factor = 1 + answered.needed.examples / 1000
    generator = np.random.default_rng(17)
    found, called = (generator.binomial(round(n * factor), rate, 4000) for n, rate in ((200, 0.55), (800, 0.5)))
    proven = [
        (answer := line(decided({"overall": on((one, round(200 * factor)), (other, round(800 * factor)))})))
        and answer.outcome == "passed"
        for one, other in zip(found[:400].tolist(), called[:400].tolist(), strict=True)
    ]
    assert sum(map(bool, proven)) / 400 == pytest.approx(0.8, abs=0.06)


GUARDED = {"id": "gap", "kind": "gap", "metric": "false_positive_rate", "thresholds": [0.5], "slices": ["g:*"], "limit": 1e6}


@pytest.mark.parametrize(
    ("found", "called", "outcome", "says"),
    [
        (
            (60, 60),
            (240, 240),
            "failed",
            "The candidate calls all 300 examples of g:a positive at 0.5; by its decisions on the rest",
        ),
        ((10, 100), (150, 300), "failed", "The candidate is no better than chance on g:a"),
        ((0, 10), (0, 110), "failed", "The candidate calls all 120 examples of g:a negative at 0.5"),
        ((0, 0), (105, 105), "failed", "The candidate calls all 105 examples of g:a positive"),
        ((0, 0), (0, 5), None, ""),
        ((52, 100), (150, 300), None, ""),
    ],
)
def test_guarded_slice(found: tuple[float, float], called: tuple[float, float], outcome: str | None, says: str) -> None:
    answered = line(decided({"overall": on((1600, 2000), (1600, 8000)), "g:a": on(found, called)}, GUARDED), "g:a")
    assert (answered and answered.outcome) == outcome
    assert says in (answered.reason if answered else "")


@pytest.mark.parametrize(("wrong", "outcome"), [(0, "passed"), (1600, "unproven")])
def test_slice_of_one_label_on_which_every_decision_is_right(wrong: int, outcome: str) -> None:
    """A perfect model calls 300 negatives negative, as all others; where the others are often called positive it is strange."""
    whole = on((2000, 2000), (wrong, 8000))
    answered = line(decided({"overall": whole, "g:a": on((0, 0), (0, 300))}, GUARDED), "g:a")
    assert answered
    assert answered.outcome == outcome
    assert answered.reason.startswith(
        "The candidate calls all 300 examples of g:a negative at 0.5, which they are; "
        "without positives it cannot be judged whether it decides there."
    )
    assert (answered.needed and (answered.needed.examples, answered.needed.label)) == (
        (100, "positive") if outcome == "unproven" else None
    )


def test_slice_without_positive_decisions_of_a_sound_model_is_no_reason_to_refuse() -> None:
    """At a high threshold few examples are called positive anywhere; how many more would tell is said."""
    answered = line(decided({"overall": on((60, 800), (20, 9200)), "g:a": on((0, 52), (0, 548))}, GUARDED), "g:a")
    assert answered
    assert answered.outcome == "unproven"
    assert answered.needed
    chance = (1 - (60 + 0.5) / (748 + 1)) ** 52 * (1 - (20 + 0.5) / (8652 + 1)) ** 548
    assert answered.needed.examples == int(np.ceil(600 * (np.log(0.001) / np.log(chance) - 1)))


def test_slices_that_no_rule_names_are_not_asked_to_decide() -> None:
    slices = {"overall": on((1600, 2000), (1600, 8000)), "g:a": on((60, 60), (240, 240))}
    assert line(decided(slices, CEILING), "g:a") is None


def test_improbable_is_corrected_for_the_number_of_slices() -> None:
    """A chance of 1 in 2,000 refuses alone, and is left open among twenty slices."""
    rest = on((1600, 2000), (1600, 8000))
    constant = on((0, 1), (0, 27))  # .2 × .8^27 = 1 in 2,068
    alone = decided({"overall": rest, "g:a": constant}, GUARDED, min_examples=10)
    many = {f"g:{number}": on((16, 20), (16, 80)) for number in range(20)}
    among = decided({"overall": rest, "g:a": constant, **many}, GUARDED, min_examples=10)
    assert [(answer and answer.outcome) for answer in (line(alone, "g:a"), line(among, "g:a"))] == ["failed", "unproven"]


def test_rest_that_is_decided_alike_tells_nothing() -> None:
    """All that is not in the slice is in it: there is no rest to compare with."""
    whole = on((0, 20), (5, 180))
    answered = line(
        decided({"overall": whole, "g:a": on((0, 20), (0, 0)), "g:b": on((0, 0), (5, 180))}, GUARDED, min_examples=10), "g:a"
    )
    assert answered
    assert answered.outcome == "unproven"
    assert answered.reason.endswith("no number of examples tells, for the rest is decided alike.")


def test_false_negatives_stand_for_true_positives() -> None:
    metrics = SliceMetrics(1000, 200, 800, rates={FNR: Rate(40, 200), FPR: Rate(80, 800)})
    answered = line(decided({"overall": metrics}))
    assert answered
    assert answered.outcome == "passed"
    assert answered.value == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("accepted", "outcome", "says"),
    [
        (300, "blessed", "The decisions at 0.5 differ; without labels it is not known whether they are right."),
        (0, "refused", "The candidate calls every example negative at 0.5: it does not decide."),
        (1000, "refused", "The candidate calls every example positive at 0.5: it does not decide."),
    ],
)
def test_without_labels_the_decisions_must_differ(accepted: int, outcome: str, says: str) -> None:
    metrics = SliceMetrics(1000, rates={POSITIVE: Rate(accepted, 1000)})
    selection = {"id": "selection", "kind": "quality", "metric": "positive_rate", "thresholds": [0.5], "max": 1.0}
    decision = decided({"overall": metrics}, selection)
    answered = line(decision)
    assert answered
    assert (decision.outcome, answered.reason) == (outcome, says)
    assert "usefulness not judged: no labels" in decision.summary


def test_decisions_that_were_not_measured_are_open() -> None:
    decision = decided(
        {"overall": SliceMetrics(1000, scalars={MetricKey("auc"): Scalar(0.9, 0.01)})},
        {"id": "a", "kind": "quality", "metric": "auc", "min": 0.8},
    )
    answered = line(decision)
    assert answered
    assert (decision.outcome, answered.outcome) == ("inconclusive", "unproven")
    assert answered.reason == "The errors at 0.5 were not measured, so whether the candidate decides cannot be judged."


def test_policy_without_thresholds_is_judged_at_the_models_own_or_wherever_it_was_measured() -> None:
    floor = {"id": "a", "kind": "quality", "metric": "auc", "min": 0.1}
    policy = Policy.model_validate({"rules": [floor]})
    sound, constant = (Rate(160, 200), Rate(80, 800)), (Rate(200, 200), Rate(800, 800))
    keys = {threshold: [MetricKey(key.name, threshold) for key in (TPR, FPR)] for threshold in (0.3, 0.7)}
    rates = dict(zip([*keys[0.3], *keys[0.7]], [*constant, *sound], strict=True))
    metrics = SliceMetrics(1000, 200, 800, rates=rates, scalars={MetricKey("auc"): Scalar(0.9, 0.01)})
    outcomes = {
        threshold: decide(policy, Evaluation({"candidate": {"overall": metrics}}), threshold=threshold).outcome
        for threshold in (0.3, 0.7, 0.5)
    }
    assert outcomes == {0.3: "refused", 0.7: "blessed", 0.5: "refused"}


ACCURACY = {"id": "floor", "kind": "quality", "metric": "accuracy", "min": 0.1}


def of_classes(right: int, trivial: float = 0.5, predicted: int = 400, of_class: int = 400) -> dict[str, SliceMetrics]:
    """A model of two classes: right of 1,000 examples, and how often it names the class "b"."""
    hits = min(predicted, of_class)
    return {
        "overall": SliceMetrics(
            1000, rates={MetricKey("accuracy"): Rate(right, 1000)}, scalars={MetricKey("trivial_accuracy"): Scalar(trivial)}
        ),
        "class:b": SliceMetrics(
            of_class, rates={MetricKey("recall"): Rate(hits, of_class), MetricKey("precision"): Rate(hits, predicted)}
        ),
    }


@pytest.mark.parametrize(
    ("right", "outcome", "says"),
    [
        (900, "blessed", "The candidate decides. Accuracy of overall is 0.9"),
        (520, "inconclusive", "That the candidate decides is not proven. Accuracy of overall is 0.52"),
        (450, "refused", "The candidate does not decide. Accuracy of overall is 0.45"),
    ],
)
def test_several_classes_must_beat_the_most_frequent(right: int, outcome: str, says: str) -> None:
    decision = decided(of_classes(right), ACCURACY)
    answered = line(decision)
    assert answered
    assert (decision.outcome, says in answered.reason) == (outcome, True)


@pytest.mark.parametrize(
    ("right", "says"), [(520, "About 3,910 more examples"), (498, "At these rates no number of examples proves it.")]
)
def test_how_many_examples_prove_several_classes(right: int, says: str) -> None:
    """520 of 1,000 against a half: n = (1.96·√.25 + .842·√(.52·.48))² / .02² is 4,903."""
    answered = line(decided(of_classes(right), ACCURACY))
    assert answered
    assert answered.needed
    assert answered.reason.endswith(answered.needed.sentence)
    assert says in answered.needed.sentence
    if right == 520:
        assert answered.needed.examples == pytest.approx(4903 - 1000, abs=60)


@pytest.mark.parametrize(
    ("of_class", "settings", "outcome"),
    [
        (400, {}, "failed"),
        (400, {"allow_never_predicted": True}, None),
        (2, {}, None),
        (2, {"min_examples": 2}, "unproven"),
        (3, {}, "failed"),  # at an accuracy of .9 three misses in a row have a chance of .001, less its rounding
        (0, {}, None),
    ],
)
def test_no_class_is_left_out(of_class: int, settings: dict[str, Any], outcome: str | None) -> None:
    answered = line(decided(of_classes(901, predicted=0, of_class=of_class), ACCURACY, **settings), "class:b")
    assert (answered and answered.outcome) == outcome
    if answered:
        assert "never predicts class:b" in answered.reason
