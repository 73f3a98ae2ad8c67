"""A rule of kind `improvement`: what it measures, by numbers that can be checked by hand, and its lint."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fairgate.measurement import Buckets, Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from tests.fairgate.gate.judging import FPR, FPR_KEY, Cells, MakeSlice, ends_of, outcome, outcomes, paired
from tests.fairgate.gate.linting import messages_of


def test_improvement_of_the_largest_gap(practicum: Evaluation) -> None:
    """The largest gap shrinks from 1.82 to 1.22 times overall; slices with too few examples take no part."""
    few, found = outcomes(practicum, {"kind": "improvement", **FPR, "slices": ["gender:*"]})
    assert few.outcome == "not enough data"
    assert (found.slice, found.outcome, found.limit, found.n) == ("gender:male", "passed", 0, 1000)
    assert found.value == pytest.approx(0.28 / 0.23 - 0.51 / 0.28)
    assert ends_of(found)[1] < 0
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
    low, high = ends_of(difference)
    assert low < -0.27 < high < 0
    found = outcome(evaluation, {"kind": "improvement", "metric": "recall", "slices": ["class:*"]})
    assert found.outcome == "passed"
    assert found.value == pytest.approx(-0.75)
    low, high = ends_of(found)
    assert low < -0.75 < high < 0


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


MODELS: dict[str, Cells] = {
    "overall": (1000, 200, 150, 3650),
    "gender:male": (200, 80, 30, 490),
    "gender:female": (150, 20, 25, 605),
}


def test_a_paired_improvement_is_narrower() -> None:
    """Per slice, from joint counts; the value is the same as without them."""
    rule = {"kind": "improvement", **FPR, "slices": ["gender:male"], "across": "each"}
    evaluation = paired(MODELS)
    joint, apart = outcome(evaluation, rule), outcome(Evaluation(evaluation.models), rule)
    assert joint.value == apart.value
    widths = [high - low for low, high in map(ends_of, (joint, apart))]
    assert widths[0] < 0.7 * widths[1]
    assert joint.outcome == "passed"


def test_the_largest_gap_is_drawn_from_buckets() -> None:
    """All slices jointly, so that no Bonferroni factor is due; without buckets the models count as independent."""
    rule = {"kind": "improvement", **FPR, "slices": ["gender:*"]}
    with_buckets, without = paired(MODELS, buckets=50), paired(MODELS)
    found = outcome(without, rule)
    assert found.interval == outcome(Evaluation(without.models), rule).interval
    assert outcome(with_buckets, rule).value == found.value
    low, high = ends_of(outcome(with_buckets, rule))
    assert high - low < 1e-6  # every bucket is like every other


def test_models_that_agree_leave_an_improvement_open() -> None:
    """The gap has not shrunk; that it never will is not proven."""
    agreeing: dict[str, Cells] = {"overall": (1000, 0, 0, 4000), "gender:male": (300, 0, 0, 700)}
    for across in ("each", "worst"):
        for buckets in (None, 50):
            rule = {"kind": "improvement", **FPR, "slices": ["gender:*"], "across": across}
            found = outcome(paired(agreeing, buckets), rule)
            assert (found.outcome, found.value) == ("unproven", 0)
            low, high = ends_of(found)
            assert -0.05 < low < 0 < high < 0.05


def test_clustered_examples_are_drawn_by_bucket() -> None:
    """Also slice by slice; with few buckets the rule stays open and says so."""
    for filled, result in ((50, "passed"), (19, "unproven")):
        evaluation = paired(MODELS, buckets=filled)
        models = {}
        for model, slices in evaluation.models.items():
            overall = slices["overall"].rates[FPR_KEY]
            buckets = Buckets(np.full(50, overall.successes / 50), np.full(50, overall.trials / 50))
            models[model] = {**slices, "overall": replace(slices["overall"], rates={FPR_KEY: replace(overall, buckets=buckets)})}
        rule = {"kind": "improvement", **FPR, "slices": ["gender:male"], "across": "each"}
        found = outcome(replace(evaluation, models=models), rule)
        assert found.outcome == result
        assert ("The change of the gap of gender:male rests on fewer than 20" in found.reason) == (filled == 19)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"kind": "improvement", **FPR, "slices": ["gender:*"], "small_enough": 0.02}, "small_enough 0.02 is below 1"),
        ({"kind": "improvement", **FPR, "slices": ["overall"]}, "a gap is that of a slice"),
    ],
)
def test_bad_rules_are_found(rule: dict[str, Any], message: str) -> None:
    """Each alone, by one message that names the rule, the value and the remedy."""
    (found,) = messages_of(rule)
    assert found.startswith("policy, rule 'a': ")
    assert message in found


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "improvement", **FPR, "slices": ["gender:*"], "small_enough": 1.1},
    ],
)
def test_good_rules_are_left_alone(rule: dict[str, Any]) -> None:
    """No false alarm."""
    assert messages_of(rule) == []


@pytest.mark.parametrize("measure", ["ratio", "difference"])
@pytest.mark.parametrize("selected", [24, 30, 31, 40])
def test_a_gap_without_a_worse_side_is_as_large_as_the_farther_end_of_its_interval(measure: str, selected: int) -> None:
    """Of 100 in the slice 24 to 40 are selected, of all 30 %: what is proven small must be so on both sides."""
    rate = MetricKey("positive_rate", 0.5)
    model = {
        "overall": SliceMetrics(10_000, rates={rate: Rate(3_000, 10_000)}),
        "g:a": SliceMetrics(100, rates={rate: Rate(selected, 100)}),
    }
    rule = {"metric": "positive_rate", "thresholds": [0.5], "slices": ["g:a"], "measure": measure}
    both = Evaluation({"candidate": model, "baseline": model})
    low, high = ends_of(outcome(both, {"kind": "gap", "limit": 1.0, **rule}))
    none, below = (1.0, (1 / high, 1 / low)) if measure == "ratio" else (0.0, (-high, -low))
    found = outcome(both, {"kind": "improvement", "across": "each", "small_enough": 9.0, **rule})
    assert ends_of(found) == pytest.approx((max(low, below[0], none), max(high, below[1])))
