"""The check before a run: no false alarm, and every kind of mistake that well-formed parts can hold."""

import pytest

from pipeline import config as configuration
from pipeline import tasks
from pipeline.check import problems, publishing_problems
from pipeline.config import Overrides, load

TASK = "civil-comments"
GENDER = "policy.preset=exercise-gender"
PAIRS = ("policy.rules=[{id: a, kind: quality, metric: auc, slices: ['gender:* × race:*'], min: 0.7}]",)


@pytest.mark.parametrize("name", tasks.TASKS)
def test_defaults_of_every_task_are_in_order(name: str) -> None:
    """What ships can run."""
    assert problems(load(name)) == []


@pytest.mark.parametrize(
    ("task", "preset"), [(task, preset) for task in tasks.TASKS for preset in configuration.policies(tasks.find(task))]
)
def test_presets_of_every_task_are_in_order(task: str, preset: str) -> None:
    assert problems(load(task, Overrides(policy=preset))) == []


def test_a_policy_without_a_pass_mark_is_good_for_no_run() -> None:
    """It blesses nothing, so no model could be published."""
    (problem,) = publishing_problems(load(TASK, Overrides(policy="ll144")))
    assert problem == (
        "policy.reports_only: the policy sets no pass mark, so a run could neither bless nor refuse a model; "
        "judge by another policy, such as the preset four-fifths."
    )
    assert publishing_problems(load(TASK)) == []


def test_a_feature_that_is_no_longer_evaluated_is_still_asked_for() -> None:
    """The default judges every group: to look at fewer of them takes a policy that says so."""
    found = problems(load(TASK, Overrides(settings=["evaluation.slice_features=[gender, religion, race, disability]"])))
    assert {message.partition(":")[0] for message in found} == {
        f"policy, rule {rule!r}" for rule in ("false-positive-gap", "gap-shrinks", "false-negative-guard", "bpsn-auc-guard")
    }
    assert all("'sexual_orientation' is no slice feature" in message for message in found)


@pytest.mark.parametrize(
    "settings",
    [
        ["evaluation.slice_features=[gender]", GENDER],
        ["evaluation.intersections=[[gender, race]]"],
        ["evaluation.slice_features=[race, gender]", "evaluation.intersections=[[race, religion]]", GENDER],
        ["evaluation.splits=[eval, train]"],
        ["evaluation.thresholds=[0.5]"],
        ["evaluation.thresholds=[0.25, 0.5]"],
        ["data_rules.require_slices=['gender:male', 'race:latino']"],
        ["data_rules.text_feature=''"],
        ["candidate=baseline", "policy.min_examples=1000000"],
        ["policy.rules=[{id: a, kind: quality, metric: subgroup_auc, slices: ['gender:*'], min: 0.7}]"],
        ["evaluation.intersections=[[gender, race]]", *PAIRS],
    ],
)
def test_good_changes_raise_no_alarm(settings: list[str]) -> None:
    """A check that cries wolf is switched off."""
    assert problems(load(TASK, Overrides(settings=settings))) == []


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("evaluation.splits=[eval, test]", "evaluation.splits: 'test' is no split; choose from train, eval."),
        (
            "evaluation.splits=[eval, validation]",
            "evaluation.splits: 'validation' chooses among models and is never judged; choose from train, eval.",
        ),
        ("evaluation.splits=[train]", "evaluation.splits: the policy judges the split 'eval'; add it."),
        (
            "evaluation.intersections=[[gender, income]]",
            "evaluation.intersections: 'income' is no slice feature of civil-comments; "
            "choose from gender, sexual_orientation, religion, race, disability.",
        ),
        (
            "evaluation.intersections=[[race, race]]",
            "evaluation.intersections: 'race' cannot be combined with itself; name two features.",
        ),
        (
            "data_rules.require_slices=['gender:mal']",
            "data_rules.require_slices: 'gender:mal' is no slice of civil-comments; "
            "choose from gender:male, gender:female, gender:transgender, gender:other_gender.",
        ),
        (
            "data_rules.require_slices=[overall]",
            "data_rules.require_slices: 'overall' is no slice of civil-comments; "
            "choose from gender:…, sexual_orientation:…, religion:…, race:…, disability:….",
        ),
        (
            "data_rules.text_feature=comment",
            "data_rules.text_feature: 'comment' has no content to compare; choose from \"\", comment_text.",
        ),
        ("policy.rules=[]", "policy: it has no rules, so nothing would ever be blessed; add at least one under policy.rules."),
    ],
)
def test_mistake_is_told_with_its_remedy(setting: str, problem: str) -> None:
    """Nothing else is reported beside it."""
    assert problems(load(TASK, Overrides(settings=(setting,)))) == [problem]


@pytest.mark.parametrize(
    ("setting", "parts"),
    [
        ("evaluation.slice_features=[gendr]", ("evaluation.slice_features: 'gendr'", "policy, rule 'false-positive-gap'")),
        ("evaluation.thresholds=[]", ("evaluation.thresholds is empty", "threshold 0.5 is not evaluated")),
        ("evaluation.thresholds=[0.3]", ("threshold 0.5 is not evaluated",)),
        ("evaluation.thresholds=[0.00001, 0.00002, 0.5]", ("would both be named",)),
        ("policy.rules=[{id: a, kind: quality, metric: train_test_accuracy_difference, max: 0.1}]", ("needs the split 'train'",)),
        ("policy.rules=[{id: a, kind: quality, metric: accuracy, min: 0.1}]", ("metric 'accuracy' is not evaluated",)),
        ("policy.rules=[{id: a, kind: guard, metric: auc, slices: ['gendr:male'], margin: 0.1}]", ("did you mean 'gender'",)),
        (
            "policy.rules=[{id: a, kind: guard, metric: auc, slices: ['gender:male × race:black'], margin: 0.1}]",
            ("intersections",),
        ),
        ("policy.rules=[{id: a, kind: guard, metric: auc, margin: 2}]", ("could not refuse anything",)),
    ],
)
def test_mistake_and_what_follows_from_it(setting: str, parts: tuple[str, ...]) -> None:
    """The policy is compared with what the evaluation will produce."""
    found = "\n".join(problems(load(TASK, Overrides(settings=(setting,)))))
    assert [part for part in parts if part not in found] == []


def test_too_many_thresholds() -> None:
    """More than can be counted at once."""
    thresholds = [round(number / 1000, 3) for number in range(1, 900)]
    (found,) = problems(load(TASK, Overrides(values={"evaluation": {"thresholds": thresholds}})))
    assert found == "evaluation.thresholds has 899 values; at most 500 can be evaluated at once."


def test_task_without_published_results_cannot_be_compared_with_them() -> None:
    config = load("digits", Overrides(settings=["published=true"]))
    (problem,) = [problem for problem in problems(config) if problem.startswith("published")]
    assert problem.endswith("they exist for civil-comments. Leave --published out.")
    assert not [
        problem for problem in problems(load("civil-comments", Overrides(settings=["published=true"]))) if "published" in problem
    ]
