"""Warn of groups that a policy judges and that have too few examples for it, before anything is trained.

In: a configuration and the report of the conversion. Out: sentences with the numbers. The run goes on: the verdict says what
stays open.
"""

from collections.abc import Iterator

from data.conversion_report import ConversionReport, SplitReport
from fairgate.errors import UnknownNameError
from fairgate.gate.rule import Rule
from fairgate.metrics import registry
from fairgate.names import CLASS, EVAL, TRAIN, matching, place
from pipeline.config import RunConfig

_PLURAL = {"negative": "negatives", "positive": "positives", "": "rows"}


def few_examples(config: RunConfig, report: ConversionReport) -> Iterator[str]:
    """Yield one warning per feature with groups of fewer examples in eval than a rule of the policy needs to judge them.

    Counted are the examples of the label that the rule's metric rests on, where the report has them. Groups for which no source
    has a column are left out: another warning lists them. Intersections are not counted before the evaluation.
    """
    if EVAL not in report.splits:
        return
    judged = {*config.evaluation.slice_features, CLASS}
    for feature, groups in report.splits[EVAL].identities.items():
        if feature in judged:
            counted = [group for group in groups if place(feature, group) not in report.absent_columns]
            if few := [text for group in counted if (text := _few(config, report, feature, group))]:
                yield f"fewer examples in eval than the policy needs, so its rules stay open there: {'; '.join(few)}"


def _few(config: RunConfig, report: ConversionReport, feature: str, group: str) -> str:
    """Return "gender:female 31 of 100 negatives (40 rows; 120 in train)"; empty where there are enough."""
    name = place(feature, group)
    needed: dict[str, int] = {}
    for rule in config.policy.rules:
        if any(matching(pattern, [name]) for pattern in rule.slices) and (label := _label(rule)) is not None:
            needed[label] = max(needed.get(label, 0), rule.min_examples or config.policy.min_examples)
    found = {label: _count(report.splits[EVAL], feature, group, label) for label in needed}
    missing = [f"{found[label]:,} of {least:,} {_PLURAL[label]}" for label, least in needed.items() if found[label] < least]
    if not missing:
        return ""
    in_train = report.splits[TRAIN].identities[feature][group] if TRAIN in report.splits else 0
    return f"{name} {', '.join(missing)} ({report.splits[EVAL].identities[feature][group]:,} rows; {in_train:,} in train)"


def _label(rule: Rule) -> str | None:
    """Return the label of the examples that a rule rests on; "" for both, None where it does not rest on examples of eval."""
    try:
        metric = registry.get(rule.metric)
    except UnknownNameError:
        return None
    return None if "counterfactual" in metric.needs else metric.trials


def _count(split: SplitReport, feature: str, group: str, label: str) -> int:
    rows = split.identities[feature][group]
    positive = split.toxic.get(feature, {}).get(group)
    if not label or positive is None:
        return rows
    return positive if label == "positive" else rows - positive
