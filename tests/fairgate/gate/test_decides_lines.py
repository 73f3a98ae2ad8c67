"""What the lines of the check hold: place, numbers and the whole sentence; and where an evaluation lacks something."""

import math
from typing import Any

import numpy as np
import pytest

from fairgate.gate import decides
from fairgate.gate.evidence import Evidence
from fairgate.gate.outcome import RuleLine
from fairgate.gate.policy import Policy
from fairgate.measurement import Buckets, Evaluation, MetricKey, Rate, Scalar, SliceMetrics

TPR, FPR, FNR = (MetricKey(name, 0.5) for name in ("true_positive_rate", "false_positive_rate", "false_negative_rate"))
ACCURACY, RECALL, PRECISION = map(MetricKey, ("accuracy", "recall", "precision"))
QUALITY = {"id": "q", "kind": "quality", "metric": "auc", "min": 0.1}


def on(found: tuple[float, float], called: tuple[float, float]) -> SliceMetrics:
    """A slice by how many positives are found and how many negatives are called positive."""
    positives, negatives = round(found[1]), round(called[1])
    return SliceMetrics(positives + negatives, positives, negatives, rates={TPR: Rate(*found), FPR: Rate(*called)})


def lines(slices: dict[str, SliceMetrics], thresholds: tuple[float, ...] = (0.5,), **settings: Any) -> list[RuleLine]:
    """What the check yields with every slice guarded."""
    evidence = Evidence(Evaluation({"candidate": slices}), Policy.model_validate({"rules": [QUALITY], **settings}))
    return list(decides.check(evidence, list(slices), thresholds))


def on_part(whole: SliceMetrics, part: SliceMetrics, **settings: Any) -> RuleLine:
    """The line of g:a after that of overall."""
    _, line = lines({"overall": whole, "g:a": part}, **settings)
    assert line.slice == "g:a"
    return line


WHOLE = on((1600, 2000), (1600, 8000))


@pytest.mark.parametrize(
    ("found", "called", "outcome", "proven", "n"),
    [
        ((200, 200), (800, 800), "failed", True, 200),
        ((40, 200), (400, 800), "failed", True, 200),
        ((160, 200), (80, 800), "passed", True, 200),
        ((105, 200), (400, 800), "unproven", False, 200),
        ((160, 200), (0, 0), "unproven", False, 0),
        ((0, 0), (0, 0), "unproven", False, 0),
    ],
)
def test_line_of_overall(found: tuple[float, float], called: tuple[float, float], outcome: str, proven: bool, n: float) -> None:
    (line,) = lines({"overall": on(found, called)})
    assert (line.id, line.kind, line.slice, line.threshold) == ("decides", "check", "overall", 0.5)
    assert (line.outcome, line.proven, line.n) == (outcome, proven, n)
    assert (line.interval is None) == (n == 0)


@pytest.mark.parametrize(
    ("part", "outcome"),
    [
        (on((60, 60), (240, 240)), "failed"),
        (on((10, 100), (150, 300)), "failed"),
        (on((0, 0), (0, 300)), "passed"),
        (on((0, 1), (0, 23)), "unproven"),
    ],
)
def test_line_of_a_slice(part: SliceMetrics, outcome: str) -> None:
    rest = WHOLE if outcome != "passed" else on((2000, 2000), (0, 8000))
    line = on_part(rest, part, min_examples=10)
    assert (line.threshold, line.outcome, line.proven) == (0.5, outcome, outcome != "unproven")


@pytest.mark.parametrize(
    ("whole", "reason"),
    [
        (
            on((40, 200), (400, 800)),
            "The candidate is no better than chance on overall: at 0.5 it calls 0.2 of the positives and 0.5 of the negatives of "
            "overall positive (difference −0.3, 95 % interval −0.36 to −0.23). "
            "It calls negatives positive at least as often as positives; are label or score inverted?",
        ),
        (
            on((1602, 2000), (6400, 8000)),
            "That the candidate decides is not proven: at 0.5 it calls 0.801 of the positives and 0.8 of the negatives of "
            "overall positive (difference 0.001, 95 % interval −0.019 to 0.0201). "
            "About 7,830,000 more examples decide this at 80% power (there are 10,000).",
        ),
        (
            on((1000, 2000), (4000, 8000)),
            "That the candidate decides is not proven: at 0.5 it calls 0.5 of the positives and 0.5 of the negatives of overall "
            "positive (difference 0, 95 % interval −0.0245 to 0.0245). At these rates no number of examples proves it.",
        ),
        (
            on((4002, 10_000), (4001, 10_000)),
            "That the candidate decides is not proven: at 0.5 it calls 0.4002 of the positives and 0.4001 of the negatives of "
            "overall positive (difference 0.0001, 95 % interval −0.0135 to 0.0137). "
            "About 754,000,000 more examples decide this at 80% power (there are 20,000).",
        ),
        (
            on((0, 0), (0, 0)),
            "No decision at 0.5 has a valid score and weight, so whether the candidate decides cannot be judged.",
        ),
    ],
)
def test_sentence_of_overall(whole: SliceMetrics, reason: str) -> None:
    (line,) = lines({"overall": whole})
    assert line.reason == reason


def test_inverted_slice_is_named() -> None:
    assert on_part(WHOLE, on((10, 100), (150, 300))).reason == (
        "The candidate is no better than chance on g:a: at 0.5 it calls 0.1 of the positives and 0.5 of the negatives of g:a "
        "positive (difference −0.4, 95 % interval −0.472 to −0.307). "
        "It calls negatives positive at least as often as positives; are label or score inverted?"
    )


@pytest.mark.parametrize(("n", "judged"), [(100, True), (99, False)])
def test_slice_with_exactly_as_many_examples_as_the_policy_asks_for_is_judged(*, n: int, judged: bool) -> None:
    """Once of one label that is decided rightly, once of constant decisions that may be chance."""
    sound = on((2000, 2000), (0, 8000))
    assert len(lines({"overall": sound, "g:a": on((0, 0), (0, n))})) == 1 + judged
    cautious = on((60, 800), (20, 9200))
    assert len(lines({"overall": cautious, "g:a": on((0, 8), (0, n - 8))})) == 1 + judged


def test_slice_of_positives_that_are_found_throughout() -> None:
    """The rest is called negative in 1,600 of 2,000 cases, so that 300 of 300 found positives are strange."""
    line = on_part(on((700, 2300), (1600, 8000)), on((300, 300), (0, 0)))
    assert line.outcome == "unproven"
    assert line.reason == (
        "The candidate calls all 300 examples of g:a positive at 0.5, which they are; without negatives it cannot be judged "
        "whether it decides there. By its decisions on the rest this is less likely than 0.001; "
        "at least 100 negatives of g:a tell."
    )
    assert line.needed
    assert (line.needed.label, line.needed.examples, line.needed.have, line.needed.power) == ("negative", 100, 0, None)


def test_chance_of_a_slice_that_is_called_positive_throughout() -> None:
    """The rest is called positive in 95 of 100 cases: 60 and 40 decisions have a chance of .95^100, about .006."""
    line = on_part(on((1900 + 60, 2000 + 60), (7599 + 40, 8000 + 40)), on((60, 60), (40, 40)))
    chance = (1900.5 / 2001) ** 60 * (7599.5 / 8001) ** 40
    assert line.outcome == "unproven"
    assert line.needed
    assert line.needed.examples == math.ceil(100 * (math.log(0.001) / math.log(chance) - 1))
    assert line.reason == (
        "The candidate calls every example of g:a positive at 0.5, which may be chance; "
        f"about {line.needed.examples} more examples of it decide this (there are 100)."
    )
    assert line.needed.power == 0.8


def test_number_for_one_of_several_slices_counts_the_others() -> None:
    rest, part = on((1900 + 60, 2000 + 60), (7599 + 40, 8000 + 40)), on((60, 60), (40, 40))
    found = lines({"overall": rest, "g:a": part, "g:b": on((95, 100), (90, 100))})
    chance = (1900.5 / 2001) ** 60 * (7599.5 / 8001) ** 40
    assert found[1].needed
    assert found[1].needed.examples == math.ceil(100 * (math.log(0.001 / 2) / math.log(chance) - 1))


def test_one_more_example_is_the_least_that_is_asked_for() -> None:
    line = on_part(WHOLE, on((0, 1), (0, 23)), min_examples=10)
    assert line.needed
    assert line.needed.examples == 1


def test_no_number_of_examples_has_no_power() -> None:
    (line,) = lines({"overall": on((1000, 2000), (4000, 8000))})
    assert line.needed
    assert (line.needed.examples, line.needed.power, line.needed.have) == (None, None, 10_000)


def test_rest_of_one_example_counts() -> None:
    """One negative outside of the slice, called positive: its rate is taken for (1 + 1/2) / (1 + 1)."""
    line = on_part(on((100, 200), (1, 81)), on((0, 20), (0, 80)))
    chance = (1 - 100.5 / 181) ** 20 * (1 - 1.5 / 2) ** 80
    assert chance < 0.001
    assert line.outcome == "failed"
    assert on_part(on((1, 21), (1, 81)), on((0, 20), (0, 80))).outcome == "failed"


@pytest.mark.parametrize(
    "rates", [{}, {FPR: Rate(80, 800)}, {FNR: Rate(40, 200)}, {TPR: Rate(160, 200)}], ids=["none", "fpr", "fnr", "tpr"]
)
def test_errors_of_one_label_do_not_tell_whether_it_decides(rates: dict[MetricKey, Rate]) -> None:
    (line,) = lines({"overall": SliceMetrics(1000, 200, 800, rates=rates)})
    assert (line.outcome, line.threshold) == ("unproven", 0.5)
    assert line.reason == "The errors at 0.5 were not measured, so whether the candidate decides cannot be judged."


@pytest.mark.parametrize(("accepted", "outcome"), [(0, "failed"), (300, "passed")])
def test_decisions_without_labels_name_their_threshold(accepted: int, outcome: str) -> None:
    (line,) = lines({"overall": SliceMetrics(1000, rates={MetricKey("positive_rate", 0.5): Rate(accepted, 1000)})})
    assert (line.threshold, line.outcome) == (0.5, outcome)


def test_threshold_that_was_not_measured_does_not_hide_the_others() -> None:
    found = lines({"overall": on((160, 200), (80, 800))}, thresholds=(0.3, 0.5))
    assert [(line.threshold, line.outcome) for line in found] == [(0.3, "unproven"), (0.5, "passed")]


def test_slice_that_was_not_measured_at_the_threshold_is_left_out() -> None:
    auc_alone = SliceMetrics(300, 100, 200, scalars={MetricKey("auc"): Scalar(0.7, 0.01)})
    assert [line.slice for line in lines({"overall": WHOLE, "g:a": auc_alone})] == ["overall"]


@pytest.mark.parametrize("models", [{}, {"candidate": {}}])
def test_candidate_that_was_not_measured_is_another_checks_affair(models: dict[str, dict[str, SliceMetrics]]) -> None:
    evidence = Evidence(Evaluation(models), Policy.model_validate({"rules": [QUALITY]}))
    assert list(decides.check(evidence, [], [0.5])) == []


def test_labels_are_taken_from_the_rates_where_the_slice_does_not_count_them() -> None:
    """All of g:a is negative and called so: no wrong decision."""
    part = SliceMetrics(300, rates={TPR: Rate(0, 0), FPR: Rate(0, 300)})
    assert on_part(on((2000, 2000), (0, 8000)), part).outcome == "passed"


def test_labels_of_the_slice_count_where_no_positive_has_a_valid_decision() -> None:
    (line,) = lines({"overall": SliceMetrics(1000, 200, 800, rates={TPR: Rate(0, 0), FPR: Rate(80, 800)})})
    assert line.reason.startswith("No decision at 0.5 has a valid score and weight")


@pytest.mark.parametrize(
    ("key", "what"),
    [
        (MetricKey("false_positive_rate", 0.5), "Informedness at 0.5"),
        (MetricKey("positive_rate", 0.5), "Positive rate of overall at 0.5"),
        (ACCURACY, "Accuracy of overall"),
    ],
)
def test_too_few_clusters_are_no_missing_scores(key: MetricKey, what: str) -> None:
    """Every row has a score and a weight; what cannot be told is how much the rate varies between ten clusters."""
    spread = Buckets(np.full(10, 10.0), np.full(10, 30.0), 1.0)
    rates = {key: Rate(100, 300, buckets=spread), **({TPR: Rate(90, 100)} if key == FPR else {})}
    (line,) = lines({"overall": SliceMetrics(300, rates=rates, scalars={MetricKey("trivial_accuracy"): Scalar(0.4)})})
    assert line.outcome == "unproven"
    assert line.reason == (
        f"{what} rests on fewer than 20 buckets of clustered examples, too few for an interval, "
        "so whether the candidate decides cannot be judged."
    )


def of_classes(right: float, n: int = 1000, **scalars: float) -> SliceMetrics:
    named = {MetricKey(name): Scalar(value) for name, value in scalars.items()}
    return SliceMetrics(n, rates={ACCURACY: Rate(right, n)}, scalars=named)


def test_sentence_of_several_classes_has_the_digits_that_distinguish() -> None:
    (line,) = lines({"overall": of_classes(5002, 10_000, trivial_accuracy=0.5001)})
    assert line.reason.startswith(
        "That the candidate decides is not proven. Accuracy of overall is 0.5002 (95 % interval 0.49–0.51); "
        "naming the most frequent class alone has 0.5. "
    )


def test_share_of_the_most_frequent_class_that_is_unknown_proves_nothing() -> None:
    (line,) = lines({"overall": of_classes(900)})
    assert line.outcome == "unproven"
    assert "naming the most frequent class alone has undefined." in line.reason


@pytest.mark.parametrize(("end", "outcome"), [(0, "unproven"), (1, "failed")])
def test_interval_that_ends_at_the_share_of_the_most_frequent_class(end: int, outcome: str) -> None:
    (line,) = lines({"overall": of_classes(700, trivial_accuracy=0.5)})
    assert line.interval
    trivial = line.interval[end]
    assert trivial is not None
    (line,) = lines({"overall": of_classes(700, trivial_accuracy=trivial)})
    assert line.outcome == outcome


def never(n: int, predicted: int = 0) -> SliceMetrics:
    return SliceMetrics(n, rates={RECALL: Rate(0, n), PRECISION: Rate(0, predicted)})


def test_only_classes_can_be_left_out() -> None:
    """A class whose precision was not measured is not, nor one that was named once, nor another slice."""
    slices = {
        "overall": of_classes(900, trivial_accuracy=0.5),
        "g:a": never(400),
        "class:a": SliceMetrics(400, rates={RECALL: Rate(0, 400)}),
        "class:b": never(400, predicted=1),
        "class:c": never(2),
        "class:d": never(400),
    }
    _, line = lines(slices)
    assert line.slice == "class:d"
    assert line.reason == (
        "The candidate never predicts class:d, of which there are 400 examples; "
        "a policy may allow that by `allow_never_predicted: true`."
    )
