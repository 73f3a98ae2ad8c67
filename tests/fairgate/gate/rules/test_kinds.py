"""What every kind of rule does alike: one slice that cannot be judged stops no other, and limits are compared for strictness."""

from typing import Any

import pytest
from pydantic import ValidationError

from fairgate.gate.evidence import Evidence
from fairgate.gate.finding import Finding, Unjudged
from fairgate.gate.policy import Policy
from fairgate.gate.rule import Rule
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from tests.fairgate.gate.judging import FPR, FPR_KEY, outcome, outcomes, paired
from tests.fairgate.gate.linting import messages_of

AUC = MetricKey("auc")
SLICES = {"slices": ["g:a", "g:b"]}


def rule(**written: Any) -> Rule:
    (found,) = Policy.model_validate({"rules": [{"id": "a", **written}]}).rules
    return found


def of_auc(value: float, positives: int = 500) -> SliceMetrics:
    """1,000 examples."""
    return SliceMetrics(1000, positives, 1000 - positives, scalars={AUC: Scalar(value, 0.01)})


EVERY_KIND: list[dict[str, Any]] = [
    {"kind": "quality", "min": 0.1},
    {"kind": "beats_trivial"},
    {"kind": "guard", "margin": 0.1},
    {"kind": "not_worse"},
    {"kind": "gap", "limit": 2.0},
    {"kind": "worst_slice", "min": 0.1},
    {"kind": "improvement", "across": "each"},
]


@pytest.mark.parametrize("written", EVERY_KIND, ids=[each["kind"] for each in EVERY_KIND])
def test_slice_of_too_few_positives_stops_no_other(written: dict[str, Any]) -> None:
    """An AUC needs 20 examples of either label; g:a has 5 positives."""
    slices = {"overall": of_auc(0.9), "g:a": of_auc(0.7, positives=5), "g:b": of_auc(0.8)}
    one = rule(metric="auc", **SLICES, **written)
    evidence = Evidence(Evaluation({"candidate": slices, "baseline": slices}), Policy(rules=(one,)))
    few, judged = one.apply(evidence)
    assert isinstance(few, Unjudged)
    assert (few.slice, few.key, few.result, few.n, few.least) == ("g:a", AUC, "not enough data", 5, 20)
    assert few.reason == "AUC of g:a rests on 5 positives; 20 are needed."
    assert isinstance(judged, Finding)
    assert judged.slice == "g:b"


@pytest.mark.parametrize(
    ("mine", "other", "key", "expected"),
    [
        ({"kind": "gap", "limit": 1.25}, {"kind": "gap", "limit": 1.25}, "limit", True),
        ({"kind": "gap", "limit": 1.2}, {"kind": "gap", "limit": 1.25}, "limit", True),
        ({"kind": "gap", "limit": 1.3}, {"kind": "gap", "limit": 1.25}, "limit", False),
        ({"kind": "gap", "limit": 1.3, "direction": "both"}, {"kind": "gap", "limit": 1.25}, "direction", True),
        ({"kind": "gap", "limit": 1.3}, {"kind": "gap", "limit": 1.25, "direction": "both"}, "direction", False),
        ({"kind": "gap", "limit": 1.3}, {"kind": "gap", "limit": 1.25}, "slices", None),
        ({"kind": "gap", "limit": 1.3}, {"kind": "guard", "margin": 0.1}, "limit", None),
        ({"kind": "guard", "margin": 0.1}, {"kind": "guard", "margin": 0.1}, "margin", True),
        ({"kind": "guard", "margin": 0.2}, {"kind": "guard", "margin": 0.1}, "margin", False),
        ({"kind": "guard", "margin": 0.1}, {"kind": "guard", "margin": 0.1}, "metric", None),
        ({"kind": "guard", "margin": 0.1}, {"kind": "not_worse", "margin": 0.1}, "margin", None),
        ({"kind": "not_worse", "margin": 0.1}, {"kind": "not_worse", "margin": 0.1}, "margin", True),
        ({"kind": "not_worse", "margin": 0.1}, {"kind": "not_worse"}, "margin", False),
        ({"kind": "not_worse"}, {"kind": "not_worse", "margin": 0.1}, "margin", False),
        ({"kind": "quality", "min": 0.1}, {"kind": "quality", "min": 0.1}, "min", True),
        ({"kind": "quality", "min": 0.1}, {"kind": "quality", "min": 0.2}, "min", False),
        ({"kind": "quality", "min": 0.1}, {"kind": "quality", "max": 0.2}, "min", True),
        ({"kind": "quality", "max": 0.1}, {"kind": "quality", "min": 0.1, "max": 0.1}, "min", False),
        ({"kind": "quality", "max": 0.1}, {"kind": "quality", "max": 0.1}, "max", True),
        ({"kind": "quality", "max": 0.2}, {"kind": "quality", "max": 0.1}, "max", False),
        ({"kind": "quality", "min": 0.1}, {"kind": "quality", "max": 0.1}, "max", False),
        ({"kind": "quality", "min": 0.1}, {"kind": "quality", "min": 0.1}, "metric", None),
        ({"kind": "quality", "min": 0.1}, {"kind": "worst_slice", "min": 0.1}, "min", None),
        ({"kind": "worst_slice", "min": 0.1}, {"kind": "worst_slice", "min": 0.1}, "min", True),
        ({"kind": "worst_slice", "min": 0.1}, {"kind": "worst_slice", "min": 0.2}, "min", False),
        ({"kind": "worst_slice", "max": 0.1}, {"kind": "worst_slice", "max": 0.1}, "max", True),
        ({"kind": "worst_slice", "max": 0.2}, {"kind": "worst_slice", "max": 0.1}, "max", False),
        ({"kind": "worst_slice", "max": 0.2}, {"kind": "quality", "max": 0.1}, "max", None),
        ({"kind": "beats_trivial", "reference": 0.5}, {"kind": "beats_trivial", "reference": 0.5}, "reference", True),
        ({"kind": "beats_trivial", "reference": 0.6}, {"kind": "beats_trivial", "reference": 0.5}, "reference", True),
        ({"kind": "beats_trivial", "reference": 0.5}, {"kind": "beats_trivial", "reference": 0.6}, "reference", False),
        ({"kind": "beats_trivial", "reference": "a"}, {"kind": "beats_trivial", "reference": "a"}, "reference", True),
        ({"kind": "beats_trivial", "reference": 0.5}, {"kind": "beats_trivial", "reference": "a"}, "reference", False),
        ({"kind": "improvement", "small_enough": 1.1}, {"kind": "improvement", "small_enough": 1.1}, "small_enough", True),
        ({"kind": "improvement", "small_enough": 1.2}, {"kind": "improvement", "small_enough": 1.1}, "small_enough", False),
        ({"kind": "improvement", "small_enough": 1.2}, {"kind": "improvement"}, "small_enough", False),
        ({"kind": "improvement"}, {"kind": "improvement", "small_enough": 1.2}, "small_enough", True),
        ({"kind": "beats_trivial"}, {"kind": "beats_trivial"}, "metric", None),
        ({"kind": "beats_trivial"}, {"kind": "guard", "margin": 0.1}, "reference", None),
    ],
)
def test_strictness(mine: dict[str, Any], other: dict[str, Any], key: str, *, expected: bool | None) -> None:
    """Equal limits are as strict; what is no limit of the kind is not compared."""
    assert rule(metric="auc", **mine).is_as_strict(key, rule(metric="auc", **other)) is expected


@pytest.mark.parametrize(("mine", "other", "expected"), [(2.0, 2.0, True), (1.9, 2.0, True), (2.1, 2.0, False)])
def test_strictness_of_a_trivial_loss(mine: float, other: float, *, expected: bool) -> None:
    """A loss must lie below the reference, so that the smaller one is stricter."""
    one, two = (rule(kind="beats_trivial", metric="loss", reference=each) for each in (mine, other))
    assert one.is_as_strict("reference", two) is expected


def of_fpr(rates: dict[str, float], thresholds: tuple[float, ...] = (0.5,)) -> dict[str, SliceMetrics]:
    """Slices of 1,000 negatives by their false positive rate."""
    return {
        name: SliceMetrics(1000, rates={MetricKey(FPR_KEY.name, each): Rate(rate * 1000, 1000) for each in thresholds})
        for name, rate in rates.items()
    }


def test_best_slices_are_compared_at_every_threshold() -> None:
    evaluation = Evaluation({"candidate": of_fpr({"overall": 0.2, "g:a": 0.2, "g:b": 0.1}, (0.3, 0.5))})
    found = outcomes(evaluation, {"kind": "gap", **FPR, **SLICES, "thresholds": [0.3, 0.5], "against": "best", "limit": 5.0})
    assert [(line.threshold, line.slice, line.value) for line in found] == [(0.3, "g:a", 2.0), (0.5, "g:a", 2.0)]


@pytest.mark.parametrize(("limit", "result"), [(1.0, "passed"), (0.0, "failed")])
def test_ratio_limit_of_a_metric_that_is_better_when_higher(limit: float, result: str) -> None:
    """No gap at all is allowed by 1, and kept by equal rates; a limit of 0 is kept by none."""
    key = MetricKey("true_positive_rate", 0.5)
    slices = {name: SliceMetrics(1000, rates={key: Rate(800, 1000)}) for name in ("overall", "g:a")}
    gap = {"kind": "gap", "metric": key.name, "thresholds": [0.5], "slices": ["g:a"], "limit": limit}
    assert outcome(Evaluation({"candidate": slices}), gap, unproven_violation="refuse").outcome == result


def test_guard_without_a_margin_says_so() -> None:
    slices = of_fpr({"overall": 0.2})
    found = outcome(Evaluation({"candidate": slices, "baseline": slices}), {"kind": "guard", **FPR, "margin": 0})
    assert "; it must not be worse." in found.reason


def test_reference_model_is_what_the_change_is_from() -> None:
    models = {name: {"overall": of_auc(value)} for name, value in (("candidate", 0.9), ("baseline", 0.7), ("reference", 0.85))}
    found = outcome(Evaluation(models), {"kind": "not_worse", "metric": "auc", "against": "reference"})
    assert found.value == pytest.approx(0.05)
    assert "0.05 above the reference's 0.85" in found.reason


def test_trivial_value_has_the_digits_that_distinguish_it() -> None:
    evaluation = Evaluation({"candidate": {"overall": of_auc(0.50004)}})
    found = outcome(evaluation, {"kind": "beats_trivial", "metric": "auc", "reference": 0.500041})
    assert found.reason.startswith("AUC of overall is 0.50004 (")
    assert "; more than the 0.500041 of a trivial model is required." in found.reason


def test_reference_that_depends_on_the_slice_holds_no_other() -> None:
    assert rule(kind="beats_trivial", metric="accuracy", reference="trivial_accuracy").on_each_slice() is None
    by_number = rule(kind="beats_trivial", metric="auc")
    assert by_number.on_each_slice() is by_number


def test_gap_to_the_best_slice_holds_each_slice_to_the_rest() -> None:
    alone = rule(kind="gap", **FPR, **SLICES, limit=2.0)
    assert alone.on_each_slice() is alone
    to_rest = rule(kind="gap", **FPR, **SLICES, limit=2.0, against="best").on_each_slice()
    assert to_rest == rule(kind="gap", **FPR, **SLICES, limit=2.0, against="rest")


def test_feature_with_one_slice_does_not_hide_the_next() -> None:
    evaluation = Evaluation({"candidate": of_fpr({"overall": 0.2, "a:x": 0.2, "g:a": 0.2, "g:b": 0.1})})
    gap = {"kind": "gap", **FPR, "slices": ["a:*", "g:*"], "against": "best", "limit": 5.0}
    few, found = outcomes(evaluation, gap)
    assert (few.slice, few.outcome, few.n) == ("a:*", "not enough data", 1000)
    assert (found.slice, found.value) == ("g:a", 2.0)


SHRINKS: dict[str, Any] = {"kind": "improvement", **FPR, "slices": ["g:*"]}


def shrinking(now: dict[str, float], before: dict[str, float], **written: Any) -> list[Finding | Unjudged]:
    """What an improvement rule yields; overall is called positive in a fifth of the cases."""
    models = {"candidate": of_fpr({"overall": 0.2, **now}), "baseline": of_fpr({"overall": 0.2, **before})}
    one = rule(**SHRINKS, **written)
    return list(one.apply(Evidence(Evaluation(models), Policy(rules=(one,)))))


@pytest.mark.parametrize(("written", "measure"), [({}, None), ({"small_enough": 1.5}, "gap")])
def test_largest_gap_counts_the_slices_that_it_was_picked_from(written: dict[str, Any], measure: str | None) -> None:
    """The largest of three; a gap that is small enough is itself what is held to the limit."""
    now, before = {"g:a": 0.22, "g:b": 0.24, "g:c": 0.2}, {"g:a": 0.4, "g:b": 0.3, "g:c": 0.2}
    (found,) = shrinking(now, before, **written)
    assert isinstance(found, Finding)
    assert (found.slice, found.num_comparisons, found.measure) == ("g:b", 3, measure)
    (single,) = shrinking({"g:a": 0.22}, {"g:a": 0.4}, **written)
    assert isinstance(single, Finding)
    assert single.num_comparisons == 1


def test_largest_gap_by_joint_counts_needs_no_further_correction() -> None:
    """The bounds of the largest gap know from how many slices it was picked."""
    cells = {"overall": (400.0, 200.0, 100.0, 3300.0), "g:a": (200.0, 100.0, 20.0, 680.0), "g:b": (150.0, 30.0, 30.0, 790.0)}
    one = rule(**SHRINKS)
    (found,) = one.apply(Evidence(paired(cells, buckets=50), Policy(rules=(one,))))
    assert isinstance(found, Finding)
    assert (found.slice, found.num_comparisons) == ("g:a", 1)


def test_gaps_have_the_digits_that_distinguish_them() -> None:
    (found,) = shrinking({"g:a": 0.24002}, {"g:a": 0.24008})
    assert isinstance(found, Finding)
    assert found.measured_text.endswith("the baseline's false positive rate of g:a by a factor of 1.2004: a change of −0.0003")


def test_improvement_without_overall_of_the_baseline_is_open_though_no_slice_can_be_judged() -> None:
    """At 0.3; at 0.5 it is judged."""
    candidate = of_fpr({"overall": 0.2, "g:a": 0.25}, (0.3, 0.5))
    baseline = {**of_fpr({"g:a": 0.3}, (0.3, 0.5)), **of_fpr({"overall": 0.2})}
    one = rule(**{**SHRINKS, "thresholds": [0.3, 0.5]})
    missing, judged = one.apply(Evidence(Evaluation({"candidate": candidate, "baseline": baseline}), Policy(rules=(one,))))
    assert isinstance(missing, Unjudged)
    assert (missing.slice, missing.result, missing.n, missing.least) == ("overall", "unproven", 0, 0)
    assert missing.reason == "The evaluation has no false positive rate of overall at 0.3 for the baseline."
    assert isinstance(judged, Finding)
    many = rule(**SHRINKS, min_examples=5000)
    bare = {**baseline, "overall": SliceMetrics(1000)}
    few, open_ = many.apply(Evidence(Evaluation({"candidate": candidate, "baseline": bare}), Policy(rules=(many,))))
    assert isinstance(few, Unjudged)
    assert isinstance(open_, Unjudged)
    assert (few.slice, few.result, open_.slice, open_.result) == ("g:a", "not enough data", "overall", "unproven")


def test_limit_that_is_no_number_is_an_error() -> None:
    with pytest.raises(ValidationError, match="NaN is no limit: nothing can be compared with it"):
        rule(kind="gap", metric="auc", limit=float("nan"))


def test_unknown_kind_names_those_that_there_are() -> None:
    with pytest.raises(ValidationError) as error:
        rule(kind="qualty", metric="auc")
    (problem,) = error.value.errors()
    assert (problem["type"], problem["loc"], problem["input"]) == ("unknown_kind", ("rules", 0, "kind"), "qualty")
    assert problem["msg"].startswith("there is no kind of rule of this name; choose from beats_trivial, counterfactual, gap,")


def test_lint_finds_more_examples_than_any_slice_has() -> None:
    (found,) = messages_of({"kind": "quality", "metric": "auc", "min": 0.8, "min_examples": 10**9})
    assert "min_examples" in found
