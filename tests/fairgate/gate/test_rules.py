"""Every kind of rule on numbers that can be checked by hand: value, interval, limit, n and sentence."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from fairgate.gate import measuring
from fairgate.gate.decision import decide
from fairgate.gate.evidence import Evidence
from fairgate.gate.outcome import RuleOutcome
from fairgate.gate.policy import Policy, RuleBase
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.statistics import intervals

MakeSlice = Callable[..., SliceMetrics]
FPR: dict[str, Any] = {"metric": "false_positive_rate", "thresholds": [0.5]}


def outcomes(evaluation: Evaluation, *rules: dict[str, Any], **settings: Any) -> list[RuleOutcome]:
    """What the gate finds by some rules."""
    named = [{"id": f"rule-{number}", **rule} for number, rule in enumerate(rules)]
    return list(decide(Policy.model_validate({"rules": named, **settings}), evaluation).rules)


def outcome(evaluation: Evaluation, rule: dict[str, Any], **settings: Any) -> RuleOutcome:
    """The only thing that the gate finds."""
    (found,) = outcomes(evaluation, rule, **settings)
    return found


def of_models(candidate: SliceMetrics, baseline: SliceMetrics) -> Evaluation:
    """Both models on overall alone."""
    return Evaluation({"candidate": {"overall": candidate}, "baseline": {"overall": baseline}})


def test_quality_of_a_rate(practicum: Evaluation) -> None:
    """Value, Wilson's interval, limit and number of trials, as numbers and as a sentence."""
    found = outcome(practicum, {"kind": "quality", **FPR, "slices": ["gender:male"], "max": 0.25})
    assert (found.id, found.kind, found.slice, found.metric, found.threshold) == (
        "rule-0",
        "quality",
        "gender:male",
        FPR["metric"],
        0.5,
    )
    assert (found.value, found.limit, found.n, found.outcome) == (0.28, 0.25, 1000, "failed")
    assert (found.low, found.high) == pytest.approx(intervals.wilson(280, 1000))
    assert found.reason == (
        "False positive rate of gender:male at 0.5 is 0.28 (95 % interval 0.253–0.309, n = 1,000); the limit is 0.25."
    )


def test_quality_of_a_scalar(practicum: Evaluation) -> None:
    """An AUC with its normal interval; n is the number of examples, the threshold NaN."""
    found = outcome(practicum, {"kind": "quality", "metric": "auc", "min": 0.85})
    assert (found.outcome, found.value, found.limit, found.n) == ("passed", 0.87, 0.85, 20_000)
    assert math.isnan(found.threshold)
    assert found.reason == "AUC of overall is 0.87 (95 % interval 0.864–0.876, n = 20,000); at least 0.85 is required."


@pytest.mark.parametrize(
    ("limits", "result"), [({"max": 0.23}, "passed"), ({"min": 0.23}, "passed"), ({"max": 0.2299999}, "unproven")]
)
def test_a_limit_that_is_exactly_met_is_kept(practicum: Evaluation, limits: dict[str, float], result: str) -> None:
    """3,680 of 16,000 is 0.23."""
    assert outcome(practicum, {"kind": "quality", **FPR, **limits}).outcome == result


def test_quality_at_several_thresholds_and_slices() -> None:
    """One outcome for each, in the order of thresholds and then of names."""
    rates = {MetricKey("recall", threshold): Rate(90, 100) for threshold in (0.3, 0.7)}
    slices = {name: SliceMetrics(n=100, rates=rates) for name in ("overall", "class:b", "class:a")}
    rule = {"kind": "quality", "metric": "recall", "thresholds": [0.3, 0.7], "slices": ["class:*"], "min": 0.5}
    found = outcomes(Evaluation({"candidate": slices}), rule)
    assert [(each.threshold, each.slice) for each in found] == [
        (0.3, "class:a"),
        (0.3, "class:b"),
        (0.7, "class:a"),
        (0.7, "class:b"),
    ]


def test_gap_as_a_ratio(practicum: Evaluation) -> None:
    """Slice over overall; the interval is that against the complement, translated."""
    found = outcome(practicum, {"kind": "gap", **FPR, "slices": ["gender:male"], "limit": 1.25})
    assert (found.value, found.limit, found.n) == pytest.approx((0.28 / 0.23, 1.25, 1000))
    ends = intervals.rate_ratio(280, 1000, 3400, 15_000)
    assert (found.low, found.high) == pytest.approx([intervals.ratio_to_whole(end, 1 / 16) for end in ends])
    assert found.outcome == "passed"
    assert found.reason == (
        "False positive rate of gender:male at 0.5 is 0.28, 1.22 times the overall 0.23 (95 % interval 1.1–1.34, n = 1,000); "
        "the limit is 1.25. The limit is kept, but the interval reaches beyond it."
    )


def test_gap_as_a_difference(practicum: Evaluation) -> None:
    """Slice minus overall."""
    rule = {"kind": "gap", **FPR, "slices": ["gender:male"], "measure": "difference", "limit": 0.02}
    found = outcome(practicum, rule)
    assert (found.value, found.limit) == pytest.approx((0.05, 0.02))
    ends = intervals.rate_difference(280, 1000, 3400, 15_000)
    assert (found.low, found.high) == pytest.approx([end * 15 / 16 for end in ends])
    assert found.outcome == "failed"
    assert "is 0.28, 0.05 above the overall 0.23 (95 % interval" in found.reason


def test_gap_leaves_the_better_direction_alone(of: MakeSlice) -> None:
    """A slice far below overall is no gap, unless both directions are limited."""
    evaluation = Evaluation({"candidate": {"overall": of(fpr=(300, 1000)), "gender:male": of(fpr=(10, 200))}})
    rule = {"kind": "gap", **FPR, "slices": ["gender:*"], "limit": 1.25}
    assert outcome(evaluation, rule).outcome == "passed"
    both = outcome(evaluation, {**rule, "direction": "both"})
    assert (both.outcome, both.limit) == ("failed", 0.8)
    better = outcome(evaluation, {**rule, "measure": "difference", "limit": 0.1})
    assert (better.outcome, better.limit) == ("passed", 0.1)
    difference = outcome(evaluation, {**rule, "direction": "both", "measure": "difference", "limit": 0.1})
    assert (difference.outcome, difference.limit) == ("failed", -0.1)


def test_gap_of_a_metric_that_is_better_when_higher() -> None:
    """A true positive rate may fall to 1 / 1.25 of overall, or by the difference; it may rise."""
    key = MetricKey("true_positive_rate", 0.5)
    slices = {"overall": Rate(900, 1000), "gender:low": Rate(100, 200), "gender:high": Rate(200, 200)}
    evaluation = Evaluation({"candidate": {name: SliceMetrics(n=200, rates={key: rate}) for name, rate in slices.items()}})
    rule = {"kind": "gap", "metric": "true_positive_rate", "thresholds": [0.5], "slices": ["gender:*"], "limit": 1.25}
    high, low = outcomes(evaluation, rule)
    assert (high.outcome, low.outcome, low.limit) == ("passed", "failed", 0.8)
    assert low.reason.endswith("at least 0.8 is required.")
    high, low = outcomes(evaluation, {**rule, "measure": "difference", "limit": 0.1})
    assert (high.outcome, low.outcome, low.limit) == ("passed", "failed", -0.1)


def test_gap_of_a_metric_without_direction_is_limited_in_both() -> None:
    """A positive rate is neither good nor bad; a policy may say which it is."""
    key = MetricKey("positive_rate", 0.5)
    slices = {"overall": Rate(300, 1000), "gender:male": Rate(10, 200)}
    evaluation = Evaluation({"candidate": {name: SliceMetrics(n=200, rates={key: rate}) for name, rate in slices.items()}})
    rule = {"kind": "gap", "metric": "positive_rate", "thresholds": [0.5], "slices": ["gender:*"], "limit": 1.25}
    assert outcome(evaluation, rule).outcome == "failed"
    assert outcome(evaluation, {**rule, "worse": "higher"}).outcome == "passed"
    assert outcome(evaluation, {**rule, "worse": "lower"}).outcome == "failed"


def test_no_errors_anywhere_are_no_gap(of: MakeSlice) -> None:
    """A rate of 0 overall and in the slice: ratio 1."""
    evaluation = Evaluation({"candidate": {"overall": of(fpr=(0, 1000)), "gender:male": of(fpr=(0, 200))}})
    found = outcome(evaluation, {"kind": "gap", **FPR, "slices": ["gender:*"], "limit": 1.25})
    assert (found.outcome, found.value) == ("passed", 1.0)


def test_worst_against_best(practicum: Evaluation) -> None:
    """Within gender male is worst and female best; the slice with too few examples takes no part."""
    rule = {"kind": "gap", **FPR, "slices": ["gender:*"], "against": "best", "limit": 1.1}
    few, found = outcomes(practicum, rule)
    assert (few.outcome, few.slice, few.n) == ("not enough data", "gender:other_gender", 16)
    assert (found.slice, found.outcome, found.n) == ("gender:male", "unproven", 1000)
    assert found.value == pytest.approx(0.28 / 0.24)
    assert (found.low, found.high) == pytest.approx(intervals.rate_ratio(280, 1000, 288, 1200))
    assert "is 0.28, 1.17 times that of gender:female, 0.24 (95 %" in found.reason


def test_worst_against_best_of_a_metric_that_is_better_when_higher() -> None:
    """The lowest is the worst."""
    key = MetricKey("recall")
    slices = {"overall": 0.7, "class:a": 0.9, "class:b": 0.45, "class:c": 0.8}
    evaluation = Evaluation(
        {"candidate": {name: SliceMetrics(500, rates={key: Rate(500 * value, 500)}) for name, value in slices.items()}}
    )
    found = outcome(evaluation, {"kind": "gap", "metric": "recall", "slices": ["class:*"], "against": "best", "limit": 1.25})
    assert (found.slice, found.limit, found.outcome) == ("class:b", 0.8, "failed")
    assert found.value == pytest.approx(0.5)
    difference = {
        "kind": "gap",
        "metric": "recall",
        "slices": ["class:*"],
        "against": "best",
        "measure": "difference",
        "limit": 0.5,
    }
    assert outcome(evaluation, difference).value == pytest.approx(-0.45)


def test_worst_against_best_compares_within_each_feature(of: MakeSlice) -> None:
    """Two features are two comparisons; a feature with a single slice has nothing to compare."""
    slices = {
        "overall": of(fpr=(300, 1000)),
        "gender:a": of(fpr=(30, 100)),
        "gender:b": of(fpr=(40, 100)),
        "race:a": of(fpr=(90, 100)),
    }
    gender, race = outcomes(
        Evaluation({"candidate": slices}), {"kind": "gap", **FPR, "slices": ["gender:*", "race:*"], "against": "best", "limit": 2}
    )
    assert (gender.slice, gender.outcome) == ("gender:b", "passed")
    assert gender.value == pytest.approx(4 / 3)
    assert (race.slice, race.outcome, race.n) == ("race:*", "not enough data", 100)
    (pair,) = outcomes(
        Evaluation({"candidate": slices}), {"kind": "gap", **FPR, "slices": ["race:a × age:b"], "against": "best", "limit": 2}
    )
    assert pair.outcome == "unproven"
    assert "Fewer than two slices of race:*" in race.reason


def test_an_equality_difference_is_worse_when_higher() -> None:
    """It has no words of its own that say so."""
    key = MetricKey("false_positive_rate_equality_difference", 0.5)
    model = {value: SliceMetrics(n=1000, scalars={key: Scalar(value, 0.01)}) for value in (0.2, 0.3)}
    rule = {"kind": "guard", "metric": key.name, "thresholds": [0.5], "margin": 0.05}
    assert outcome(of_models(model[0.3], model[0.2]), rule).outcome == "failed"
    assert outcome(of_models(model[0.2], model[0.3]), rule).outcome == "passed"


def test_guard(practicum: Evaluation) -> None:
    """Candidate minus baseline: 0.34 after 0.27 is within a margin of 0.1 and beyond one of 0.04."""
    rule = {"kind": "guard", "metric": "false_negative_rate", "thresholds": [0.5], "margin": 0.1}
    found = outcome(practicum, rule)
    assert (found.outcome, found.limit, found.n) == ("passed", 0.1, 4000)
    assert found.value == pytest.approx(0.07)
    assert (found.low, found.high) == pytest.approx(intervals.rate_difference(1360, 4000, 1080, 4000))
    assert found.reason == (
        "False negative rate of overall at 0.5 is 0.34, 0.07 above the baseline's 0.27 (95 % interval 0.0498–0.0901, n = 4,000); "
        "at most 0.1 worse is allowed."
    )
    assert outcome(practicum, {**rule, "margin": 0.04}).outcome == "failed"
    assert outcome(practicum, {**rule, "margin": 0.06}).outcome == "unproven"


def test_guard_of_a_metric_that_is_better_when_higher(practicum: Evaluation) -> None:
    """An AUC may fall by the margin, exactly, and may rise by any amount."""
    falls = outcome(practicum, {"kind": "guard", "metric": "auc", "margin": 0.01})
    assert (falls.outcome, falls.limit) == ("passed", -0.01)
    swapped = Evaluation({"baseline": practicum.models["candidate"], "candidate": practicum.models["baseline"]})
    assert outcome(swapped, {"kind": "guard", "metric": "auc", "margin": 0.0}).outcome == "passed"
    assert outcome(practicum, {"kind": "guard", "metric": "auc", "margin": 0.001}).outcome == "failed"


def test_not_worse_counts_proven_losses_alone(of: MakeSlice) -> None:
    """A loss within the interval passes, one beyond it fails, a gain passes."""
    rule = {"kind": "not_worse", "metric": "auc"}
    before = of(auc=0.90, error=0.01, n=1000)
    slight, great, gain = (of_models(of(auc=value, error=0.01, n=1000), before) for value in (0.88, 0.86, 0.95))
    assert outcome(slight, rule).outcome == "passed"
    assert outcome(slight, rule).reason.endswith(
        "it must not be worse. The limit is broken, but the interval reaches back within it."
    )
    assert outcome(great, rule).outcome == "failed"
    assert outcome(gain, rule).outcome == "passed"
    assert outcome(great, rule).limit == 0


def test_improvement_of_the_largest_gap(practicum: Evaluation) -> None:
    """The largest gap shrinks from 1.82 to 1.22 times overall; slices with too few examples take no part."""
    few, found = outcomes(practicum, {"kind": "improvement", **FPR, "slices": ["gender:*"]})
    assert few.outcome == "not enough data"
    assert (found.slice, found.outcome, found.limit, found.n) == ("gender:male", "passed", 0, 1000)
    assert found.value == pytest.approx(0.28 / 0.23 - 0.51 / 0.28)
    assert found.high < 0
    assert found.reason.startswith(
        "False positive rate of gender:male at 0.5 is worse than overall by a factor of 1.22, "
        "the baseline's false positive rate of gender:male by a factor of 1.82: a change of −0.604 (95 % interval"
    )


def test_improvement_in_the_wrong_direction_fails(practicum: Evaluation) -> None:
    """With the models exchanged the gap grows, which the interval proves."""
    swapped = Evaluation({"baseline": practicum.models["candidate"], "candidate": practicum.models["baseline"]})
    assert [found.outcome for found in outcomes(swapped, {"kind": "improvement", **FPR, "slices": ["gender:male"]})] == ["failed"]


def test_a_gap_that_stays_the_same_has_not_shrunk(practicum: Evaluation) -> None:
    """The candidate is the baseline: the change is 0, which is not less than 0."""
    same = Evaluation({"baseline": practicum.models["baseline"], "candidate": practicum.models["baseline"]})
    for measure in ("ratio", "difference"):
        rule = {"kind": "improvement", **FPR, "slices": ["gender:male"], "measure": measure, "unproven_violation": "refuse"}
        found = outcome(same, rule)
        assert (found.outcome, found.value) == ("failed", 0)


@pytest.mark.parametrize("small", ["candidate", "baseline"])
def test_improvement_needs_enough_examples_of_both_models(of: MakeSlice, small: str) -> None:
    """A gap of a few examples is no gap to shrink from, nor to."""
    model = {"overall": of(fpr=(300, 1000)), "gender:male": of(fpr=(90, 200))}
    models = {"candidate": model, "baseline": model, small: {**model, "gender:male": of(fpr=(4, 10))}}
    found = outcome(Evaluation(models), {"kind": "improvement", **FPR, "slices": ["gender:*"]})
    assert (found.slice, found.outcome, found.n) == ("gender:male", "not enough data", 10)


def test_improvement_slice_by_slice(practicum: Evaluation) -> None:
    """As differences: female from 0.19 to 0.01, male from 0.23 to 0.05."""
    rule = {"kind": "improvement", **FPR, "slices": ["gender:*male"], "across": "each", "measure": "difference"}
    female, male = outcomes(practicum, rule)
    assert (female.slice, male.slice) == ("gender:female", "gender:male")
    assert (female.value, male.value) == pytest.approx((-0.18, -0.18))
    assert "is worse than overall by 0.05, the baseline's false positive rate of gender:male by 0.23" in male.reason


def test_where_no_gap_is_left_nothing_need_shrink(of: MakeSlice) -> None:
    """A slice that is better than overall has no gap, in the candidate as in the baseline."""
    better = {"overall": of(fpr=(300, 1000)), "gender:male": of(fpr=(20, 200))}
    evaluation = Evaluation({"candidate": better, "baseline": better})
    for measure, none in (("ratio", 0), ("difference", 0)):
        found = outcome(evaluation, {"kind": "improvement", **FPR, "slices": ["gender:*"], "measure": measure})
        assert (found.outcome, found.value) == ("passed", none)


def test_a_gap_in_the_better_direction_counts_as_none(of: MakeSlice) -> None:
    """From half of overall to 0.9 of it nothing got worse; from there to 1.2 times overall something did."""
    rates = {"far": 30, "near": 54, "above": 72}
    model = {name: {"overall": of(fpr=(300, 1000)), "gender:male": of(fpr=(count, 200))} for name, count in rates.items()}
    for measure, change in (("ratio", 0.2), ("difference", 0.06)):
        rule = {"kind": "improvement", **FPR, "slices": ["gender:*"], "measure": measure}
        near = outcome(Evaluation({"candidate": model["near"], "baseline": model["far"]}), rule)
        assert (near.outcome, near.value, "is not worse than overall" in near.reason) == ("passed", 0, True)
        above = outcome(Evaluation({"candidate": model["above"], "baseline": model["far"]}), rule)
        assert above.outcome == "failed"
        assert above.value == pytest.approx(change)


def test_an_undefined_gap_is_not_overlooked() -> None:
    """Among slices with a gap one has none that could be computed: open, whichever comes first."""
    losses = {"overall": math.inf, "class:a": math.inf, "class:b": 1.0}
    slices = {name: SliceMetrics(n=500, scalars={MetricKey("loss"): Scalar(loss)}) for name, loss in losses.items()}
    for order in (["class:a", "class:b"], ["class:b", "class:a"]):
        named = {name: slices[name] for name in ["overall", *order]}
        rule = {"kind": "improvement", "metric": "loss", "slices": ["class:*"]}
        found = outcome(Evaluation({"candidate": named, "baseline": named}), rule)
        assert (found.slice, found.outcome) == ("class:a", "unproven")


def test_a_gap_that_is_small_enough_need_not_shrink(of: MakeSlice) -> None:
    """1.05 after 1.02 passes where up to 1.1 is small enough, and not where only 1.04 is."""
    before = {"overall": of(fpr=(3000, 10_000)), "gender:male": of(fpr=(306, 1000))}
    after = {"overall": of(fpr=(3000, 10_000)), "gender:male": of(fpr=(315, 1000))}
    evaluation = Evaluation({"candidate": after, "baseline": before})
    rule = {"kind": "improvement", **FPR, "slices": ["gender:*"]}
    found = outcome(evaluation, {**rule, "small_enough": 1.1})
    assert (found.outcome, found.limit) == ("passed", 1.1)
    assert found.value == pytest.approx(1.05)
    assert "up to 1.1 it need not shrink" in found.reason
    assert outcome(evaluation, {**rule, "small_enough": 1.04}).outcome == "unproven"


def test_improvement_of_a_metric_that_is_better_when_higher() -> None:
    """The gap is how far the slice lies below overall: a factor of 2 shrinks to 1.25."""
    key = MetricKey("recall")

    def model(value: float) -> dict[str, SliceMetrics]:
        rates = {"overall": Rate(900, 1000), "class:a": Rate(200 * value, 200)}
        return {name: SliceMetrics(n=200, rates={key: rate}) for name, rate in rates.items()}

    evaluation = Evaluation({"candidate": model(0.72), "baseline": model(0.45)})
    difference = outcome(evaluation, {"kind": "improvement", "metric": "recall", "slices": ["class:*"], "measure": "difference"})
    assert difference.value == pytest.approx(0.18 - 0.45)
    assert difference.low < difference.value < difference.high < 0
    found = outcome(evaluation, {"kind": "improvement", "metric": "recall", "slices": ["class:*"]})
    assert found.outcome == "passed"
    assert found.value == pytest.approx(-0.75)
    assert found.low < -0.75 < found.high < 0


def test_worst_slice() -> None:
    """The floor is held against the lowest, the ceiling against the highest; one line that names it."""
    recall = {"class:a": 90, "class:b": 55, "class:c": 70}
    slices = {name: SliceMetrics(n=100, rates={MetricKey("recall"): Rate(count, 100)}) for name, count in recall.items()}
    evaluation = Evaluation({"candidate": {"overall": SliceMetrics(n=300), **slices}})
    found = outcome(evaluation, {"kind": "worst_slice", "metric": "recall", "slices": ["class:*"], "min": 0.7})
    assert (found.slice, found.value, found.limit, found.outcome) == ("class:b", 0.55, 0.7, "failed")
    assert found.reason == (
        "Recall of class:b is 0.55, the lowest of 3 (95 % interval 0.452–0.644, n = 100); at least 0.7 is required."
    )
    highest = outcome(evaluation, {"kind": "worst_slice", "metric": "recall", "slices": ["class:*"], "max": 0.95})
    assert (highest.slice, highest.outcome, highest.limit) == ("class:a", "passed", 0.95)
    assert "the highest of 3" in highest.reason
    too_high = outcome(evaluation, {"kind": "worst_slice", "metric": "recall", "slices": ["class:*"], "max": 0.8})
    assert (too_high.slice, too_high.outcome, too_high.limit) == ("class:a", "failed", 0.8)


def test_numbers_have_the_digits_that_tell_them_from_the_limit() -> None:
    """Three, and more where the value would read as the limit that it misses; of every kind of rule."""
    key = MetricKey("recall")

    def model(overall: int, of_slice: int) -> dict[str, SliceMetrics]:
        counts = {"overall": overall, "class:a": of_slice}
        return {name: SliceMetrics(n=100_000, rates={key: Rate(count, 100_000)}) for name, count in counts.items()}

    evaluation = Evaluation({"candidate": model(90_000, 70_001), "baseline": model(90_000, 70_001)})
    floor = {"metric": "recall", "slices": ["class:a"], "min": 0.7}
    assert outcome(evaluation, {"kind": "quality", **floor}).reason.startswith("Recall of class:a is 0.70001 (95 %")
    worst = outcome(evaluation, {"kind": "worst_slice", **floor})
    assert worst.reason.startswith("Recall of class:a is 0.70001, the lowest of 1 (95 %")
    trivial = {"kind": "beats_trivial", "metric": "recall", "slices": ["class:a"], "reference": 0.7}
    assert outcome(evaluation, trivial).reason.startswith("Recall of class:a is 0.70001 (95 %")


def test_an_improvement_tells_both_gaps(practicum: Evaluation) -> None:
    """Which slice, by how much, from which to which, and what the rule asks."""
    rule = {"kind": "improvement", **FPR, "slices": ["gender:*male"]}
    found = outcome(practicum, rule)
    assert found.reason == (
        "False positive rate of gender:male at 0.5 is worse than overall by a factor of 1.22, the baseline's false positive rate "
        "of gender:male by a factor of 1.82: a change of −0.604 (95 % interval −0.76 to −0.444, n = 1,000); the gap must shrink."
    )
    small = outcome(practicum, {**rule, "small_enough": 1.3})
    assert (small.slice, small.limit, small.outcome) == ("gender:male", 1.3, "passed")
    assert small.reason.startswith("False positive rate of gender:male at 0.5 is worse than overall by a factor of 1.22 (95 %")


def test_a_gap_of_exactly_the_small_size_need_not_shrink(of: MakeSlice) -> None:
    """0.25 above overall, before as after."""
    model = {"overall": of(fpr=(25, 100)), "gender:male": of(fpr=(125, 250))}
    rule = {"kind": "improvement", **FPR, "slices": ["gender:*"], "measure": "difference", "min_examples": 1}
    found = outcome(Evaluation({"candidate": model, "baseline": model}), {**rule, "small_enough": 0.25})
    assert (found.value, found.limit) == (0.25, 0.25)


def test_a_missing_slice_does_not_hide_the_next(of: MakeSlice) -> None:
    """What one slice lacks is said, and the others are judged; each outcome names its own slice."""
    slices = {"overall": of(fpr=(300, 1000)), "gender:a": of(fnr=(9, 100)), "gender:b": of(fpr=(40, 100))}
    rule = {"kind": "worst_slice", **FPR, "slices": ["gender:*"], "max": 0.2}
    lacking, found = outcomes(Evaluation({"candidate": slices}), rule)
    assert (lacking.slice, lacking.outcome, lacking.kind) == ("gender:a", "unproven", "worst_slice")
    assert (found.slice, found.outcome) == ("gender:b", "failed")


def test_slices_of_features_that_alternate_are_compared_within_each(of: MakeSlice) -> None:
    """The order in which patterns name them does not matter."""
    rates = {"gender:a": 30, "gender:b": 40, "race:a": 60, "race:b": 90}
    slices = {"overall": of(fpr=(300, 1000)), **{name: of(fpr=(count, 100)) for name, count in rates.items()}}
    rule = {"kind": "gap", **FPR, "against": "best", "limit": 2, "slices": ["race:a", "gender:a", "race:b", "gender:b"]}
    found = outcomes(Evaluation({"candidate": slices}), rule)
    assert [each.slice for each in found] == ["gender:b", "race:b"]
    assert found[0].reason.startswith("False positive rate of gender:b at 0.5 is 0.4, 1.33 times that of gender:a, 0.3 (95 %")
    assert found[1].reason.endswith("the limit is 2.")


def test_a_feature_without_any_sound_slice_has_no_examples(of: MakeSlice) -> None:
    """Nothing to compare rests on nothing."""
    slices = {"overall": of(fpr=(300, 1000)), "gender:a": of(fpr=(3, 10))}
    few, nothing = outcomes(
        Evaluation({"candidate": slices}), {"kind": "gap", **FPR, "against": "best", "limit": 2, "slices": ["gender:*"]}
    )
    assert (few.n, nothing.slice, nothing.outcome, nothing.n) == (10, "gender:*", "not enough data", 0)


@pytest.mark.parametrize("value", [2.3, 0.4])
def test_a_trivial_loss_must_be_beaten_not_met(value: float) -> None:
    """As large as that of a trivial model, exactly, is not below it."""
    evaluation = Evaluation({"candidate": {"overall": SliceMetrics(n=1000, scalars={MetricKey("loss"): Scalar(value, 0.0)})}})
    found = outcome(evaluation, {"kind": "beats_trivial", "metric": "loss", "reference": value})
    assert (found.slice, found.outcome) == ("overall", "failed")


@pytest.mark.parametrize("kind", [{"kind": "guard", "margin": 0.1}, {"kind": "not_worse"}])
def test_a_guard_names_its_slice(practicum: Evaluation, kind: dict[str, Any]) -> None:
    """Also where there are too few examples."""
    found = outcomes(practicum, {**kind, **FPR, "slices": ["gender:*"]})
    assert [each.slice for each in found] == ["gender:female", "gender:male", "gender:other_gender"]
    assert found[2].reason.startswith("False positive rate of gender:other_gender at 0.5 rests on 16 examples")


def test_a_rule_of_no_known_kind_is_an_error(practicum: Evaluation) -> None:
    """Of the program, not of the policy, which cannot hold one."""
    evidence = Evidence(practicum, Policy.model_validate({"rules": []}))
    with pytest.raises(TypeError, match="no way to measure a rule of type RuleBase"):
        measuring.measure(RuleBase(id="r", metric="auc", slices=("overall",)), evidence)


def test_a_rule_without_slices_finds_nothing(practicum: Evaluation) -> None:
    """And says so, under no slice's name."""
    found = outcome(practicum, {"kind": "quality", "metric": "auc", "min": 0.1, "slices": []})
    assert (found.slice, found.outcome, found.reason) == ("", "unproven", "The rule rule-0 names no slice.")


@pytest.mark.parametrize(
    ("policy", "result", "reason"),
    [
        ("skip", "not applicable", "There is no baseline to compare with; the other rules decide."),
        ("inconclusive", "unproven", "There is no baseline to compare with, and the policy asks for one."),
    ],
)
@pytest.mark.parametrize("slices", [["overall"], []])
def test_without_a_baseline(practicum: Evaluation, policy: str, result: str, reason: str, slices: list[str]) -> None:
    """Rules that compare with it say so, once, under the first slice's name."""
    alone = Evaluation({"candidate": practicum.models["candidate"]})
    found = outcome(alone, {"kind": "not_worse", "metric": "auc", "slices": slices}, without_baseline=policy)
    assert (found.slice, found.outcome, found.reason) == ("".join(slices), result, reason)


@pytest.mark.parametrize(
    ("value", "result"), [(0.6, "passed"), (0.52, "unproven"), (0.5, "failed"), (0.45, "failed"), (0.3, "failed")]
)
def test_beats_trivial(of: MakeSlice, value: float, result: str) -> None:
    """With an error of 0.02: proven, not proven, exactly trivial, seemingly worse, worse."""
    evaluation = Evaluation({"candidate": {"overall": of(auc=value, error=0.02, n=1000)}})
    found = outcome(evaluation, {"kind": "beats_trivial", "metric": "auc"})
    assert (found.outcome, found.limit) == (result, 0.5)


def test_beats_trivial_by_another_metric() -> None:
    """A constant model has the trivial accuracy, exactly, and is refused."""

    def evaluation(correct: int) -> Evaluation:
        scalars = {MetricKey("trivial_accuracy"): Scalar(0.1)}
        overall = SliceMetrics(n=180, rates={MetricKey("accuracy"): Rate(correct, 180)}, scalars=scalars)
        return Evaluation({"candidate": {"overall": overall}})

    rule = {"kind": "beats_trivial", "metric": "accuracy", "reference": "trivial_accuracy"}
    assert outcome(evaluation(18), rule).outcome == "failed"
    assert outcome(evaluation(170), rule).outcome == "passed"
    assert outcome(evaluation(18), rule).reason == (
        "Accuracy of overall is 0.1 (95 % interval 0.0642–0.153, n = 180); more than the 0.1 of a trivial model is required. "
        "The limit is broken, but the interval reaches back within it; the policy refuses that."
    )


def test_beats_trivial_where_lower_is_better() -> None:
    """A loss beats a trivial one from below."""
    evaluation = Evaluation({"candidate": {"overall": SliceMetrics(n=1000, scalars={MetricKey("loss"): Scalar(0.5, 0.01)})}})
    found = outcome(evaluation, {"kind": "beats_trivial", "metric": "loss", "reference": 2.3})
    assert found.outcome == "passed"
    assert "less than the 2.3 of a trivial model" in found.reason
    assert outcome(evaluation, {"kind": "beats_trivial", "metric": "loss", "reference": 0.4}).outcome == "failed"


@pytest.mark.parametrize("scalars", [{}, {MetricKey("trivial_accuracy"): Scalar(math.nan)}])
def test_beats_trivial_without_reference_is_open(scalars: dict[MetricKey, Scalar]) -> None:
    """A reference that was not measured, or is undefined, proves nothing."""
    overall = SliceMetrics(n=180, rates={MetricKey("accuracy"): Rate(170, 180)}, scalars=scalars)
    found = outcome(
        Evaluation({"candidate": {"overall": overall}}),
        {"kind": "beats_trivial", "metric": "accuracy", "reference": "trivial_accuracy"},
    )
    assert (found.outcome, "rivial accuracy of overall" in found.reason) == ("unproven", True)


def test_counterfactual_slices_are_slices_like_others() -> None:
    """A flip rate per term, by a quality rule with a pattern."""
    key = MetricKey("flip_rate", 0.5)
    slices = {
        f"counterfactual:{term}": SliceMetrics(n=400, rates={key: Rate(count, 400)})
        for term, count in (("gay", 60), ("straight", 4))
    }
    evaluation = Evaluation({"candidate": {"overall": SliceMetrics(n=1000), **slices}})
    rule = {"kind": "quality", "metric": "flip_rate", "thresholds": [0.5], "slices": ["counterfactual:*"], "max": 0.05}
    assert [(found.slice, found.outcome) for found in outcomes(evaluation, rule)] == [
        ("counterfactual:gay", "failed"),
        ("counterfactual:straight", "passed"),
    ]
