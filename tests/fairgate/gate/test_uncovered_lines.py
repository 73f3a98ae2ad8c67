"""Which slices without a rule are listed, in which order, and what the lines say of them: the cases at the edges."""

import math
from dataclasses import replace
from typing import Any

import pytest

from fairgate.gate.decision import decide
from fairgate.gate.outcome import NotJudged
from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics

TPR, FPR, FNR = (MetricKey(name, 0.5) for name in ("true_positive_rate", "false_positive_rate", "false_negative_rate"))
POSITIVE = MetricKey("positive_rate", 0.5)
GAP: dict[str, Any] = {
    "id": "gap", "kind": "gap", "metric": "false_positive_rate", "thresholds": [0.5], "slices": ["g:*"], "limit": 1.25,
}  # fmt: skip
GUARD: dict[str, Any] = {"id": "guard", "kind": "guard", "metric": "false_negative_rate", "thresholds": [0.5], "margin": 0.1}


def on(called: float, missed: float = 0.2, n: int = 1000) -> SliceMetrics:
    """A slice of n negatives and n positives by its error rates at 0.5."""
    rates = {FPR: Rate(called * n, n), FNR: Rate(missed * n, n), TPR: Rate((1 - missed) * n, n)}
    return SliceMetrics(2 * n, n, n, rates=rates)


WHOLE = on(0.2, n=10_000)


def listed(candidate: dict[str, SliceMetrics], *rules: dict[str, Any], baseline: Any = None) -> list[NotJudged]:
    """What the gate lists; both models get the same overall."""
    models = {"candidate": {"overall": WHOLE, **candidate}}
    if baseline is not None:
        models["baseline"] = {"overall": WHOLE, **baseline}
    return list(decide(Policy.model_validate({"rules": rules}), Evaluation(models)).not_judged)


def names(lines: list[NotJudged]) -> list[tuple[str, str]]:
    return [(line.slice, line.because) for line in lines]


def test_order_is_proven_then_harm_then_p() -> None:
    """The favoured slice is much larger, so that its p-value is the smallest."""
    slices = {"race:c": on(0.26, n=100), "g:a": on(0.02, n=5000), "race:b": on(0.4, n=300), "race:d": on(0.4, n=500)}
    assert names(listed(slices, GAP)) == [
        ("race:d", "breaks a limit"),
        ("race:b", "breaks a limit"),
        ("g:a", "favoured"),
        ("race:c", "breaks a limit"),
    ]


def test_line_of_a_broken_limit() -> None:
    (line,) = listed({"race:b": on(0.4)}, GAP)
    assert (line.metric, line.threshold, line.rule, line.limit) == ("false_positive_rate", 0.5, "gap", 1.25)
    assert line.reason == (
        "False positive rate of race:b at 0.5 is 0.4, 2 times the overall 0.2 (95 % interval 1.86–2.14, n = 1,000); "
        "the limit is 1.25."
    )


def test_line_of_a_favoured_slice() -> None:
    (line,) = listed({"g:a": on(0.02)}, GAP)
    assert (line.threshold, line.limit, line.rule) == (0.5, 0.8, "gap")
    assert line.reason == (
        "False positive rate of g:a at 0.5 is 0.02, 0.1 times the overall 0.2 (95 % interval 0.065–0.153, n = 1,000); "
        "provably below 0.8, which would be the limit on the other side; the rule sets none there."
    )


def test_line_of_a_favoured_slice_by_a_metric_that_is_better_when_higher() -> None:
    whole = on(0.2, missed=0.6, n=10_000)
    policy = Policy.model_validate({"rules": [{**GAP, "metric": "true_positive_rate"}]})
    models = {"candidate": {"overall": whole, "g:a": on(0.2, missed=0.1)}}
    (line,) = decide(policy, Evaluation(models)).not_judged
    assert (line.because, line.limit) == ("favoured", 1.25)
    assert line.reason.endswith("; provably above 1.25, which would be the limit on the other side; the rule sets none there.")
    before = {"overall": whole, "g:a": on(0.2, missed=0.05)}  # as much and more, by the baseline
    assert decide(policy, Evaluation({**models, "baseline": before})).not_judged == ()


def test_value_without_an_interval_has_none() -> None:
    ceiling = {"id": "ceiling", "kind": "quality", "metric": "mean_score", "max": 0.5}
    (line,) = listed({"g:a": replace(on(0.2), scalars={MetricKey("mean_score"): Scalar(0.9)})}, ceiling)
    assert (line.slice, line.value, line.interval, line.proven) == ("g:a", 0.9, None, False)


def test_line_of_a_slice_that_became_worse_names_no_rule() -> None:
    (line,) = listed({"g:a": on(0.2, missed=0.26)}, GUARD, baseline={"g:a": on(0.2)})
    assert (line.rule, line.because) == ("", "worse than the baseline")


def test_slice_that_may_have_become_worse_by_chance_is_not_listed() -> None:
    assert listed({"g:a": on(0.2, missed=0.21)}, GUARD, baseline={"g:a": on(0.2)}) == []


def test_slice_is_not_listed_as_worse_by_a_rule_that_compares_slices() -> None:
    shrinks = {"id": "shrinks", "kind": "improvement", "metric": "false_positive_rate", "thresholds": [0.5], "slices": ["g:*"]}
    slices, before = {"g:a": on(0.2), "race:b": on(0.4)}, {"g:a": on(0.25), "race:b": on(0.2)}
    assert listed(slices, shrinks, baseline=before) == []


@pytest.mark.parametrize(("now", "expected"), [(0.1, [("g:a", "worse than the baseline")]), (0.3, [])])
def test_direction_that_the_rule_gives_tells_what_is_worse(now: float, expected: list[tuple[str, str]]) -> None:
    """The policy says that fewer positive decisions are worse; the metric itself has no direction."""
    guard = {**GUARD, "metric": "positive_rate", "worse": "lower", "margin": 0.5}

    def deciding(rate: float) -> SliceMetrics:
        return replace(on(0.2), rates={**on(0.2).rates, POSITIVE: Rate(rate * 2000, 2000)})

    models = {model: {"overall": deciding(0.2), "g:a": deciding(rate)} for model, rate in (("candidate", now), ("baseline", 0.2))}
    assert names(list(decide(Policy.model_validate({"rules": [guard]}), Evaluation(models)).not_judged)) == expected


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (0.1, 0.02, True),  # the candidate favours it more than the baseline did
        (0.02, 0.1, False),
        (0.02, 0.0, True),  # without any error
        (0.0, 0.0, False),
        (0.38, 0.12, True),  # the baseline harmed it, by more
        (0.2, 0.14, False),  # not proven to lie below 1 / 1.25
    ],
)
def test_favoured_by_the_candidate(*, before: float, now: float, expected: bool) -> None:
    found = listed({"g:a": on(now)}, GAP, baseline={"g:a": on(before)})
    assert [line for line in names(found) if line[1] == "favoured"] == [("g:a", "favoured")] * expected


def test_each_favoured_slice_is_compared_with_itself() -> None:
    """Both are favoured now; the baseline favoured g:a as much, and not g:b. The first slice is not favoured."""
    slices = {"g:c": on(0.2), "g:a": on(0.02), "g:b": on(0.02)}
    assert names(listed(slices, GAP, baseline={"g:c": on(0.2), "g:a": on(0.02), "g:b": on(0.2)})) == [("g:b", "favoured")]


def test_favoured_slice_that_the_baseline_was_not_measured_on() -> None:
    assert names(listed({"g:a": on(0.02)}, GAP, baseline={})) == [("g:a", "favoured")]


def test_favoured_beside_the_rest() -> None:
    assert names(listed({"g:a": on(0.02)}, {**GAP, "against": "rest"})) == [("g:a", "favoured")]


def at_two_thresholds(low: float, high: float, n: int = 1000) -> SliceMetrics:
    """A slice by its false positive rates at 0.3 and at 0.5."""
    rates = {MetricKey("false_positive_rate", 0.3): Rate(low * n, n), FPR: Rate(high * n, n)}
    return SliceMetrics(2 * n, n, n, rates={**on(0.2, n=n).rates, **rates})


def two_thresholds(*rules: dict[str, Any], now: SliceMetrics, before: SliceMetrics) -> list[tuple[str, float | None, str]]:
    """What is listed of g:a, with the threshold."""
    models = {
        model: {"overall": at_two_thresholds(0.2, 0.2, 10_000), "g:a": part}
        for model, part in (("candidate", now), ("baseline", before))
    }
    found = decide(Policy.model_validate({"rules": rules}), Evaluation(models)).not_judged
    return [(line.slice, line.threshold, line.because) for line in found]


def test_favoured_at_one_threshold() -> None:
    """The baseline favoured the group as much at 0.3, and not at 0.5."""
    gap = {**GAP, "thresholds": [0.3, 0.5]}
    assert two_thresholds(gap, now=at_two_thresholds(0.02, 0.02), before=at_two_thresholds(0.02, 0.2)) == [
        ("g:a", 0.5, "favoured")
    ]


def test_slice_that_is_judged_at_one_threshold_is_not_listed_there() -> None:
    """A generous rule judges g:a at 0.5; the ceiling of overall is broken there, and kept at 0.3."""
    generous = {**GAP, "limit": 10.0}
    ceiling = {"id": "ceiling", "kind": "quality", "metric": "false_positive_rate", "thresholds": [0.3, 0.5], "max": 0.3}
    part = at_two_thresholds(0.2, 0.4)
    assert two_thresholds(generous, ceiling, now=part, before=part) == []


@pytest.mark.parametrize(("positives", "proven"), [(20, True), (19, False)])
def test_auc_needs_twenty_examples_of_either_label(*, positives: int, proven: bool) -> None:
    floor = {"id": "floor", "kind": "quality", "metric": "auc", "min": 0.7}
    metrics = {n: SliceMetrics(1000, n, 1000 - n, scalars={MetricKey("auc"): Scalar(0.4, 0.01)}) for n in (positives, 500)}
    models = {"candidate": {"overall": metrics[500], "g:a": metrics[positives]}}
    (line,) = decide(Policy.model_validate({"rules": [floor]}), Evaluation(models)).not_judged
    assert (line.slice, line.proven) == ("g:a", proven)


def test_without_a_candidate_every_known_group_is_absent() -> None:
    decision = decide(Policy.model_validate({"rules": [GAP]}), Evaluation({}, expected={"g": ("a",)}))
    assert (decision.outcome, decision.not_judged, decision.absent_groups) == ("refused", (), ("g:a",))


def test_undefined_value_is_not_listed() -> None:
    floor = {"id": "floor", "kind": "quality", "metric": "false_positive_rate", "thresholds": [0.5], "max": 0.3}
    empty = replace(on(0.2), n_negative=0, n=1000, rates={**on(0.2).rates, FPR: Rate(0, 0)})
    assert listed({"g:a": empty}, floor) == []
    assert math.isnan(empty.rates[FPR].value)
