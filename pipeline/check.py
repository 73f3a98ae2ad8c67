"""Check a configuration before anything runs: contradictions between parts that are each well-formed.

In: a `RunConfig`. Out: one sentence per problem, with its remedy. Takes milliseconds: no TensorFlow, no pandas.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from components.counterfactual.plan import CounterfactualPlan
from components.evaluation.keys import refuse_equal_names
from components.tasks.base import Task
from components.validation.rules import DataRules
from fairgate.counting.config import EvaluationConfig
from fairgate.counting.settings import CountSettings
from fairgate.errors import InputError
from fairgate.gate.lint import lint
from fairgate.gate.measured import measured
from fairgate.names import CLASS, SPLITS, VALIDATION, pairs_of, place
from pipeline import tasks
from pipeline.config import RunConfig


def problems(config: RunConfig) -> list[str]:
    """Return every problem of the configuration; empty if there is none."""
    task = tasks.find(config.task)
    measured_terms = config.counterfactual.slice_names() if config.counterfactual else ()
    expected = measured(task.labels, config.evaluation, task.slice_values, measured_terms)
    return [
        *_splits(config.evaluation),
        *_thresholds(config.evaluation, task),
        *_slice_features(config.evaluation, task),
        *_data_rules(config.data_rules, task),
        *_counterfactual(config.counterfactual, task),
        *_published(config, task),
        *map(str, lint(config.policy, expected)),
    ]


def publishing_problems(config: RunConfig) -> list[str]:
    """Return why no run of this configuration could publish a model; empty if one could."""
    if not config.policy.reports_only:
        return []
    remedy = "judge by another policy, such as the preset four-fifths"
    return [f"policy.reports_only: the policy sets no pass mark, so a run could neither bless nor refuse a model; {remedy}."]


def _splits(evaluation: EvaluationConfig) -> Iterator[str]:
    for split in evaluation.splits:
        if split == VALIDATION:
            yield f"evaluation.splits: {split!r} chooses among models and is never judged; choose from {_listed(SPLITS)}."
        elif split not in SPLITS:
            yield f"evaluation.splits: {split!r} is no split; choose from {_listed(SPLITS)}."
    if "eval" not in evaluation.splits:
        yield "evaluation.splits: the policy judges the split 'eval'; add it."


def _published(config: RunConfig, task: Task) -> Iterator[str]:
    if config.published and not task.has_published:
        known = _listed(name for name, other in tasks.TASKS.items() if other.has_published)
        yield f"published: {task.name} has no published results to stand beside; they exist for {known}. Leave --published out."


def _thresholds(evaluation: EvaluationConfig, task: Task) -> Iterator[str]:
    if task.labels.kind == "binary" and not evaluation.thresholds:
        yield "evaluation.thresholds is empty; a binary task is decided at a threshold: give at least one, such as 0.5."
    try:
        refuse_equal_names(CountSettings.of(task.labels, evaluation).thresholds)
    except InputError as error:
        yield str(error)


def _slice_features(evaluation: EvaluationConfig, task: Task) -> Iterator[str]:
    paired = chain.from_iterable(evaluation.intersections)
    for key, features in (("slice_features", evaluation.slice_features), ("intersections", tuple(paired))):
        for feature in dict.fromkeys(features):
            if feature not in task.slice_values:
                known = _listed(task.slice_values)
                yield f"evaluation.{key}: {feature!r} is no slice feature of {task.name}; choose from {known}."
    if task.labels.kind == "multiclass" and CLASS in evaluation.slice_features:
        yield f"evaluation.slice_features: {CLASS!r} names the slices by label; give the feature of {task.name} another name."
    for first, second in evaluation.intersections:
        if first == second:
            yield f"evaluation.intersections: {first!r} cannot be combined with itself; name two features."


def _data_rules(rules: DataRules, task: Task) -> Iterator[str]:
    for name in rules.require_slices:
        pairs = pairs_of(name)
        feature, value = pairs[0] if len(pairs) == 1 else ("", "")
        if value not in task.slice_values.get(feature, ()):
            known = [place(feature, value) for value in task.slice_values.get(feature, ())]
            known = known or [f"{feature}:…" for feature in task.slice_values]
            yield f"data_rules.require_slices: {name!r} is no slice of {task.name}; choose from {_listed(known)}."
    contents = ("", *dict.fromkeys((task.data_rules.text_feature, *task.text_features)))
    if rules.text_feature not in contents:
        yield f"data_rules.text_feature: {rules.text_feature!r} has no content to compare; choose from {_listed(contents)}."


def _counterfactual(plan: CounterfactualPlan | None, task: Task) -> Iterator[str]:
    if plan is not None and plan.text_feature not in task.text_features:
        known = _listed(task.text_features)
        yield f"counterfactual.text_feature: {plan.text_feature!r} is no text of {task.name}; choose from {known}."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name or '""' for name in names) or "none: it has no such features"
