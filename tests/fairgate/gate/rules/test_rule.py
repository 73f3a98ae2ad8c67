"""What is the same for every kind of rule."""

import math
from collections.abc import Iterator
from itertools import product
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from fairgate.errors import UnknownNameError
from fairgate.gate import rule as rule_module
from fairgate.gate import verdict
from fairgate.gate.evidence import Evidence
from fairgate.gate.finding import Bounds, Finding, Unjudged
from fairgate.gate.policy import Policy
from fairgate.gate.rule import KINDS, Rule
from fairgate.gate.rules import GapRule
from fairgate.gate.verdict import DataInfo, Provenance, Subject
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from fairgate.statistics.comparison import Estimate
from tests.fairgate.gate.judging import decide, outcome
from tests.fairgate.gate.linting import messages_of, policy_of


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


def test_a_rule_of_no_known_kind_is_an_error() -> None:
    """Of the program, not of the policy, which cannot hold one."""
    with pytest.raises(TypeError, match="abstract"):
        Rule(id="r", kind="r", metric="auc", slices=("overall",))  # type: ignore[abstract]  # that is the point


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
    ("key", "rule"),
    [
        ("kind", {"kind": "magic", "id": "a", "metric": "auc"}),
        ("kind", {"id": "a", "metric": "auc", "min": 0.5}),
        ("id", {"kind": "quality", "id": "", "metric": "auc", "min": 0.5}),
        ("metric", {"kind": "quality", "id": "a", "min": 0.5}),
        ("min_examples", {"kind": "quality", "id": "a", "metric": "auc", "min": 0.5, "min_examples": 0}),
        ("confidence", {"kind": "quality", "id": "a", "metric": "auc", "min": 0.5, "confidence": 95}),
        ("unproven", {"kind": "quality", "id": "a", "metric": "auc", "min": 0.5, "unproven": "bless"}),
        ("worse", {"kind": "quality", "id": "a", "metric": "auc", "min": 0.5, "worse": "smaller"}),
    ],
)
def test_mistakes_are_errors(key: str, rule: dict[str, Any]) -> None:
    """The message names the key."""
    with pytest.raises(ValidationError, match=key):
        Policy.model_validate({"rules": [rule]})


def test_an_unknown_kind_lists_the_known_ones() -> None:
    """The error bears the path of the key and its value."""
    rules = [{"kind": "quality", "id": "a", "metric": "auc", "min": 0.5}, {"kind": "gaps", "id": "b", "metric": "auc"}]
    with pytest.raises(ValidationError) as error:
        Policy.model_validate({"rules": rules})
    (problem,) = error.value.errors()
    assert (problem["loc"], problem["input"]) == (("rules", 1, "kind"), "gaps")
    start, _, known = problem["msg"].partition("; choose from ")
    assert start == "there is no kind of rule of this name"
    assert {"gap", "quality"} < set(known.split(", ")) == set(KINDS)


@pytest.mark.parametrize("kind", [[], {}, None, 3])
def test_a_kind_that_is_no_text_is_an_error(kind: object) -> None:
    """Also one that cannot be looked up."""
    with pytest.raises(ValidationError, match="there is no kind of rule of this name"):
        Policy.model_validate({"rules": [{"kind": kind, "id": "b", "metric": "auc"}]})


def test_a_rule_that_is_no_mapping_is_an_error() -> None:
    """The message shows how a rule is written."""
    with pytest.raises(ValidationError, match="a rule is written as keys and values"):
        Policy.model_validate({"rules": ["auc"]})


def test_the_path_of_a_wrong_key_is_kept() -> None:
    """From the policy down."""
    with pytest.raises(ValidationError) as error:
        Policy.model_validate({"rules": [{"kind": "gap", "id": "a", "metric": "auc", "limit": "much"}]})
    assert [problem["loc"] for problem in error.value.errors()] == [("rules", 0, "limit")]


@pytest.fixture
def own_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds that a test registers are forgotten after it."""
    monkeypatch.setattr(rule_module, "KINDS", dict(rule_module.KINDS))


@pytest.fixture
def dummy(own_kinds: None) -> type[Rule]:  # noqa: ARG001  # it is asked for what it does
    """A kind of rule that no module of the project knows."""

    class EnoughRule(Rule):
        """A slice has more than `more_than` examples."""

        kind: Literal["enough"] = "enough"
        more_than: int

        def apply(self, evidence: Evidence) -> Iterator[Finding | Unjudged]:
            """Hold n to the limit."""
            names, absent = evidence.select(self)
            yield from absent
            for key, name in product(self.metric_keys(), names):
                n = evidence.metrics(name, key).n
                estimate = Estimate(n, n, lambda _: (math.nan, math.nan))
                yield Finding(self, name, key, estimate, Bounds(lower=self.more_than), f"{name} has {n}", "that is not enough")

        def lint_limits(self) -> Iterator[str]:
            """Yield a limit that is always kept."""
            if self.more_than <= 0:
                yield f"more_than {self.more_than} is always kept; raise it."

    return EnoughRule


def test_a_new_kind_works_through_policy_decision_lint_and_verdict(dummy: type[Rule], practicum: Evaluation) -> None:
    """One class is all that it takes."""
    written = {"kind": "enough", "id": "a", "metric": "auc", "slices": ["gender:*"], "more_than": 1000}
    policy = Policy.model_validate({"rules": [written]})
    assert isinstance(policy.rules[0], dummy)
    assert Policy.model_validate_json(policy.model_dump_json()) == policy
    decision = decide(policy, practicum)
    made = verdict.build(decision, practicum, Subject("t", {}, DataInfo(source="made up"), Provenance()))
    assert [(line.kind, line.slice, line.measure, line.value, line.limit, line.outcome) for line in made.rules] == [
        ("enough", "gender:female", "value", 1500, 1000, "passed"),
        ("enough", "gender:male", "value", 1250, 1000, "passed"),
        ("enough", "gender:other_gender", "value", 20, 1000, "failed"),
    ]
    assert messages_of({**written, "more_than": 0}) == ["policy, rule 'a': more_than 0 is always kept; raise it."]


@pytest.mark.usefixtures("own_kinds")
def test_a_kind_needs_no_lint_of_its_own() -> None:
    """What is wrong with metric, thresholds and slices is found without."""

    class AnyRule(Rule):
        """Finds what there is not."""

        kind: Literal["any"] = "any"

        def apply(self, evidence: Evidence) -> Iterator[Finding | Unjudged]:
            """Find what there is not."""
            yield from evidence.select(self)[1]

    assert messages_of({"kind": "any", "metric": "auc"}) == []
    assert messages_of({"kind": "any", "metric": "auc", "thresholds": [0.5]}) == [
        "policy, rule 'a': auc depends on no threshold; remove thresholds [0.5]."
    ]
    policy = policy_of({"kind": "any", "metric": "auc"})
    assert isinstance(policy.rules[0], AnyRule)
    (line,) = decide(policy, Evaluation({})).rules[1:]
    assert line.reason == "The evaluation has no slice overall."


@pytest.mark.parametrize("kind", [{"kind": "quality", "max": 1}, {"kind": "not_worse"}])
def test_an_unknown_metric_is_an_error(practicum: Evaluation, kind: dict[str, Any]) -> None:
    """The message names the nearest, or the new name of a renamed one."""
    with pytest.raises(UnknownNameError, match="did you mean 'auc'"):
        decide(policy_of({**kind, "metric": "acu"}), practicum)
    with pytest.raises(UnknownNameError, match="'final_score' is now called 'jigsaw_score'"):
        decide(policy_of({**kind, "metric": "final_score"}), practicum)


def test_a_kind_cannot_be_registered_twice() -> None:
    """The message names both classes."""
    with pytest.raises(ValueError, match="the kind of rule 'gap' is registered twice: GapRule, Second"):

        class Second(GapRule):
            """The same name again."""
