"""Policy lint: a corpus of mistakes, all of them found with their remedy, and good policies without any alarm."""

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.gate.lint import Problem, lint, lint_alone
from fairgate.gate.measured import measured
from fairgate.gate.policy import Policy
from fairgate.gate.presets import binary_fairness, image_quality
from fairgate.metrics import registry
from fairgate.names import place
from tests.fairgate.gate.linting import COMMENTS, FLIPS, FLOOR, FPR, GAP, IMAGES, found, messages_of, policy_of


def test_the_default_policies_are_good() -> None:
    """Those that the tasks start from, also when the values of a feature are not known beforehand."""
    assert found(binary_fairness(("gender", "race"))) == []
    assert found(image_quality(0.88, 0.6, 0.035), IMAGES) == []
    unknown = measured(LabelSpec("y", ("no", "yes"), "binary"), EvaluationConfig(slice_features=("country",)), {})
    assert found(binary_fairness(("country",)), unknown) == []
    assert found(policy_of({**GAP, "slices": ["country:NL"]}), unknown) == []
    assert (
        "no slice matches 'country:NL × gender:*'" in found(policy_of({**GAP, "slices": ["country:NL × gender:*"]}), unknown)[0]
    )


def test_a_policy_without_rules_is_a_problem() -> None:
    """It would bless nothing."""
    (problem,) = lint(Policy(), COMMENTS)
    assert (problem.rule, "it has no rules" in problem.message) == ("", True)


def test_duplicate_ids_are_a_problem() -> None:
    """Two and three of one name."""
    assert found(policy_of({**FLOOR, "id": "x"}, {**GAP, "id": "x"})) == [
        "policy: 2 rules have the id 'x'; give each its own, so that verdicts can name it."
    ]
    assert found(policy_of({**FLOOR, "id": "x"}, {**GAP, "id": "x"}, {**FLOOR, "id": "x"}))[0].startswith("policy: 3 rules")


RATE: dict[str, Any] = {"metric": "positive_rate", "thresholds": [0.5]}  # has no worse side, so each limit may stand alone


@pytest.mark.parametrize(
    ("low", "high", "place"),
    [
        ({"kind": "quality", **RATE, "min": 0.3}, {"kind": "quality", **RATE, "max": 0.2}, "overall"),
        (
            {"kind": "quality", **RATE, "min": 0.3, "slices": ["gender:*"]},
            {"kind": "worst_slice", **RATE, "max": 0.2, "slices": ["*"]},
            "gender:female",
        ),
        (
            {"kind": "beats_trivial", **RATE, "worse": "lower", "reference": 0.3},
            {"kind": "quality", **RATE, "max": 0.2},
            "overall",
        ),
        (
            {"kind": "quality", **RATE, "min": 0.3},
            {"kind": "beats_trivial", **RATE, "worse": "higher", "reference": 0.2},
            "overall",
        ),
    ],
)
def test_contradicting_rules_are_a_problem(low: dict[str, Any], high: dict[str, Any], place: str) -> None:
    """A floor above the ceiling of another rule, in whichever order; once."""
    for rules in ((low, {"id": "b", **high}), ({"id": "b", **high}, {**low, "id": "a"})):
        (message,) = found(policy_of(*rules))
        assert "the floor 0.3 of rule 'a' lies above the ceiling 0.2 of rule 'b' for positive_rate of " + place in message


def test_limits_on_a_metric_and_its_opposite_may_contradict() -> None:
    """Finding 90 % of the positives is missing at most 10 %."""
    found_, missed = {"metric": "true_positive_rate", "thresholds": [0.5]}, {"metric": "false_negative_rate", "thresholds": [0.5]}
    floor, band = {"kind": "quality", **found_, "min": 0.9}, {"kind": "quality", **missed, "min": 0.2, "max": 0.3}
    assert found(policy_of(floor, band)) == [
        "policy: the floor 0.2 of rule 'b' lies above the ceiling 0.1 of rule 'a' for false_negative_rate of overall, so no "
        "candidate can keep both; change one."
    ]
    assert found(policy_of({**floor, "min": 0.75}, band)) == []


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("gender", "no slice matches 'gender'; did you mean 'gender:*'?"),
        ("gender:* x race:*", "no slice matches 'gender:* x race:*'; did you mean 'gender:* × race:*'?"),
        ("gender X race:black", "no slice matches 'gender X race:black'; did you mean 'gender:* × race:black'?"),
        ("gender=male", "no slice matches 'gender=male'; did you mean 'gender:male'?"),
    ],
)
def test_a_slice_that_is_written_otherwise_is_named_as_it_is_typed(written: str, message: str) -> None:
    """Whether its values are known beforehand or not."""
    assert messages_of({**GAP, "slices": [written]}) == [f"policy, rule 'a': {message}"]
    unknown = replace(COMMENTS, features={"gender": (), "race": ()})
    if "=" not in written:
        assert messages_of({**GAP, "slices": [written]}, by=unknown) == [f"policy, rule 'a': {message}"]


def test_a_value_that_holds_the_letter_x_between_spaces_is_a_value() -> None:
    unknown = replace(COMMENTS, features={"gender": (), "race": ()})
    assert messages_of({**GAP, "slices": ["gender:2 x 4"]}, by=unknown) == []


def test_a_pattern_of_unknown_values_is_offered_where_no_slice_is_known() -> None:
    unknown = replace(COMMENTS, features={"gender": ()}, intersections=())
    assert messages_of({**GAP, "slices": ["g=a"]}, by=unknown) == [
        "policy, rule 'a': no slice matches 'g=a'; there are overall, gender:*."
    ]


def test_a_single_slice_has_no_best_also_where_values_are_unknown() -> None:
    unknown = replace(COMMENTS, features={"gender": ()})
    best = {**GAP, "against": "best"}
    assert messages_of({**best, "slices": ["gender:nl"]}, by=unknown) == [
        "policy, rule 'a': gender:nl is the only slice of its feature that is named, so there is nothing to compare it with; "
        "name another."
    ]
    assert messages_of({**best, "slices": ["gender:nl", "gender:be"]}, by=unknown) == []
    assert messages_of({**best, "slices": ["gender:nl", "gender:*"]}, by=unknown) == []


@pytest.mark.parametrize(
    "high",
    [
        {"kind": "quality", **RATE, "max": 0.3},
        {"kind": "quality", "metric": "positive_rate", "thresholds": [0.7], "max": 0.2},
        {"kind": "quality", "metric": "false_negative_rate", "thresholds": [0.5], "max": 0.2},
        {"kind": "quality", **RATE, "max": 0.2, "slices": ["race:*"]},
    ],
)
def test_rules_about_different_things_do_not_contradict(high: dict[str, Any]) -> None:
    """Limits that meet, another threshold, another metric, other slices."""
    assert found(policy_of({"kind": "quality", **RATE, "min": 0.3, "slices": ["overall", "gender:*"]}, high)) == []


LOSS: dict[str, Any] = {"kind": "quality", "metric": "loss", "slices": ["overall"]}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({**GAP, "limit": 1e308}, "limit 1e+308 is kept by nearly every ratio, so the rule could not refuse anything"),
        ({**GAP, "limit": 10.01}, "limit 10.01 is kept by nearly every ratio"),
        ({**GAP, "measure": "difference", "limit": 0.9999999}, "limit 1 allows any difference of false_positive_rate"),
        ({"kind": "improvement", **FPR, "slices": ["gender:*"], "small_enough": 1e300}, "small_enough 1e+300 is kept by nearly"),
        ({"kind": "guard", **FPR, "margin": 0.9999999}, "margin 1 allows any change of false_positive_rate"),
        ({"kind": "quality", **FPR, "max": 0.9999999}, "max 1 is kept by every false_positive_rate, which is at most 1"),
        ({**FLOOR, "min": 1e-300}, "min 1e-300 is kept by every auc, which is at least 0"),
        ({**FLOOR, "confidence": 0.999999999}, "confidence 0.999999999 makes intervals so wide that nothing is proven"),
        ({**FLOOR, "min_examples": 10**12}, "min_examples 1,000,000,000,000 is more than any slice has"),
        ({**FLIPS, "min_examples": 10**12}, "min_examples 1,000,000,000,000 is more than any slice has"),
        (
            {**FPR, "kind": "quality", "max": 0.2, "thresholds": [1]},
            "threshold 1 is not between 0 and 1, so it divides no scores",
        ),
        ({**FPR, "kind": "quality", "max": 0.2, "thresholds": [0.0]}, "threshold 0 is not between 0 and 1"),
        ({**FLOOR, "worse": "higher"}, "worse is 'higher', but auc gets worse when lower"),
        ({"kind": "quality", "metric": "auk", "min": 0.5}, "there is no metric 'auk'; did you mean 'auc'?"),
        ({**LOSS, "max": 1e308}, "max 1e+308 is kept by every loss"),
        ({"kind": "guard", "metric": "loss", "margin": 1e300}, "margin 1e+300 allows any change of loss"),
    ],
)
def test_limits_that_limit_nothing_are_a_problem_whatever_is_measured(rule: dict[str, Any], message: str) -> None:
    """The policy alone shows them."""
    (problem,) = lint_alone(policy_of(rule))
    assert problem.rule == "a"
    assert message in problem.message


@pytest.mark.parametrize("rule", [{**GAP, "limit": 1e308}, {**FLOOR, "confidence": 0.99999}, {**FLIPS, "min_examples": 10**9}])
def test_limits_that_limit_nothing_are_a_problem_of_a_run(rule: dict[str, Any]) -> None:
    assert len(messages_of(rule)) == 1


@pytest.mark.parametrize(
    "rule",
    [
        {**GAP, "limit": 10},
        {**GAP, "measure": "difference", "limit": 0.99},
        {"kind": "quality", **FPR, "max": 0.999, "min": 0.001},
        {**FLOOR, "confidence": 0.9999, "min_examples": 10**8},
        {**LOSS, "max": 1000.0},
        {"kind": "quality", **FPR, "max": 0.5, "thresholds": [0.001, 0.999]},
    ],
)
def test_limits_that_are_merely_wide_are_no_problem(rule: dict[str, Any]) -> None:
    assert lint_alone(policy_of(rule)) == []


def test_sizes_of_the_whole_policy_are_looked_at() -> None:
    policy = policy_of(FLOOR).model_copy(update={"confidence": 0.99999, "min_examples": 10**12})
    assert [problem.rule for problem in lint_alone(policy)] == ["", ""]
    assert [problem.rule for problem in lint(policy, COMMENTS)] == ["", ""]
    assert len(lint_alone(policy_of({**FLOOR, "id": "x"}, {**GAP, "id": "x"}))) == 1
    assert lint_alone(Policy()) == lint(Policy(), COMMENTS)


@pytest.mark.parametrize(
    ("rule", "slice_name", "problems"),
    [
        (GAP, "gender:male", 0),
        (GAP, "gender:*", 0),
        (GAP, "gender:unheard", 0),
        (GAP, "race:black", 1),
        (GAP, "overall", 1),
        (FLOOR, "overall", 0),
        (FLIPS, "swaps:*", 0),
        ({**FLIPS, "across": "each"}, "swaps:gender:male", 0),
        ({**FLIPS, "across": "each"}, "probes:gender:male", 1),
    ],
)
def test_waiver_of_a_slice_that_its_rule_does_not_name_is_a_problem(rule: dict[str, Any], slice_name: str, problems: int) -> None:
    waiver = {"rule": "a", "slice": slice_name, "who": "b", "why": "c", "until": "2026-12-31"}
    policy = Policy.model_validate({"rules": [{"id": "a", **rule}], "waivers": [waiver]})
    messages = found(policy)
    assert len(messages) == problems
    assert all(f"policy, rule 'a': the waiver of {slice_name!r} excuses nothing: the rule names " in each for each in messages)


def test_all_mistakes_are_told_at_once() -> None:
    """In the order of the rules."""
    rules = [problem.rule for problem in lint(policy_of({**FLOOR, "min": 2}, {**GAP, "limit": 0}, FLOOR), COMMENTS)]
    assert rules == ["a", "b"]


def test_a_problem_as_text() -> None:
    """With and without a rule."""
    assert str(Problem("a", "It is wrong.")) == "policy, rule 'a': It is wrong."
    assert str(Problem("", "it is empty.")) == "policy: it is empty."


def test_what_a_binary_evaluation_produces() -> None:
    """Rates at thresholds, scalars, bias metrics on slices, and names of all slices."""
    assert COMMENTS.slices() == [
        "overall",
        "gender:male",
        "gender:female",
        "race:black",
        "race:white",
        "gender:male × race:black",
        "gender:male × race:white",
        "gender:female × race:black",
        "gender:female × race:white",
    ]
    precision, bpsn, jigsaw = (registry.get(name) for name in ("precision", "bpsn_auc", "jigsaw_score"))
    assert {precision, bpsn, jigsaw} <= set(COMMENTS.metrics)
    assert [COMMENTS.at_thresholds(metric) for metric in (precision, bpsn, jigsaw)] == [True, False, False]
    assert [COMMENTS.places(metric) for metric in (precision, bpsn, jigsaw)] == [["overall", "slices"], ["slices"], ["overall"]]
    unsliced = measured(LabelSpec("y", ("no", "yes"), "binary"), EvaluationConfig(), {})
    assert (unsliced.metric("bpsn_auc"), unsliced.metric("jigsaw_score"), unsliced.slices()) == (None, None, ["overall"])


def test_what_a_multiclass_evaluation_produces() -> None:
    """Classes as slices, no thresholds, the gap only with the train split."""
    assert IMAGES.slices() == ["overall", "class:Bag", "class:Coat"]
    recall, difference = (registry.get(name) for name in ("recall", "train_test_accuracy_difference"))
    assert {recall, difference} <= set(IMAGES.metrics)
    assert [IMAGES.places(metric) for metric in (recall, difference)] == [["class:*"], ["overall"]]
    assert IMAGES.thresholds == ()
    alone = measured(LabelSpec("label", ("Bag", "Coat"), "multiclass"), EvaluationConfig(), {})
    assert alone.metric("train_test_accuracy_difference") is None


def test_lint_needs_no_heavy_packages() -> None:
    """`fairgate check` answers from these modules alone."""
    heavy = "tensorflow apache_beam tfx tensorflow_model_analysis pandas sklearn scipy statsmodels pyarrow"
    program = f"import sys, fairgate.gate.lint, fairgate.gate.presets; print([m for m in {heavy.split()} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_feature_with_a_colon_in_its_name_is_spelled_with_a_backslash() -> None:
    colon = measured(LabelSpec("y", ("no", "yes"), "binary"), EvaluationConfig(slice_features=("a:b",)), {"a:b": ("x", "y")})
    (message,) = found(policy_of({**GAP, "slices": ["a:b:*"]}), colon)
    assert "no slice matches 'a:b:*': a sign in the name of a feature has a backslash before it; write 'a\\:b:*'." in message
    assert found(policy_of({**GAP, "slices": ["a\\:b:*"]}), colon) == []


def test_a_star_before_the_end_of_a_value_that_was_cut_is_a_problem() -> None:
    cut = place("gender", "a" * 200 + "end")
    known = replace(COMMENTS, cut=(cut,))
    (message,) = found(policy_of({**GAP, "slices": ["gender:*end"]}), known)
    assert "'gender:*end' cannot see the end of values of more than 120 characters, such as that of " in message
    for pattern in ("gender:a*", "gender:" + "a" * 200 + "end", cut):
        assert found(policy_of({**GAP, "slices": [pattern]}), known) == []


def test_a_pattern_is_short_enough_to_be_shown() -> None:
    with pytest.raises(ValidationError, match="a pattern has 1,000 characters at most; write the beginning of the value"):
        policy_of({**GAP, "slices": ["city:*" + "a" * 1000]})
    assert policy_of({**GAP, "slices": ["city:" + "a" * 1_000_000]}).rules[0].slices == (place("city", "a" * 1_000_000),)
