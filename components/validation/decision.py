"""The DataGate's decision, without a framework: facts about the splits in, findings out."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from components.validation.rules import DataRules
from fairgate.names import EVAL, SPLITS, TRAIN, VALIDATION, pairs_of


@dataclass(frozen=True)
class SplitFacts:
    """What is known of one split.

    Attributes:
        rows: examples in it.
        labels: label value -> rows.
        values: slice feature -> value -> rows that have it.
        distinct: rows that differ in their content; None where no feature is compared.
        unannotated: slice feature -> rows of which the source does not say what group they are about; None where no conversion
            counted them.
    """

    rows: int
    labels: Mapping[float, int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    distinct: int | None = None
    unannotated: Mapping[str, int] | None = None


@dataclass(frozen=True)
class DataFacts:
    """What the DataGate judges.

    Attributes:
        splits: "train", "eval" and, where there is one, "validation".
        anomalies: (split, feature, description) as ExampleValidator found them.
        shared_rows: split -> its rows whose content also stands in a split before it: of "validation" in train, of "eval" in
            train or validation.
        expected: slice feature that is evaluated -> the values that the task knows.
        absent_columns: known groups for which the source has no column, "gender:transgender".
        tagged_features: features whose values are tagged by word, not by people.
    """

    splits: Mapping[str, SplitFacts]
    anomalies: tuple[tuple[str, str, str], ...] = ()
    shared_rows: Mapping[str, int] = field(default_factory=dict)
    expected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent_columns: tuple[str, ...] = ()
    tagged_features: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataProblem:
    """One broken rule.

    Attributes:
        feature: the feature, or the split where the rule is about a whole split.
        rule: the key of DataRules that was broken.
        value: what was found.
        remedy: what to do.
    """

    feature: str
    rule: str
    value: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.feature}: {self.value} (rule {self.rule}). {self.remedy}"


def judge(facts: DataFacts, rules: DataRules, classes: tuple[float, ...]) -> list[DataProblem]:
    """Return all broken rules, most fundamental first; an empty list lets the run go on.

    A group without rows in eval stops the run only where `require_slices` names it: the verdict lists what it cannot judge.

    Args:
        facts: of all splits.
        rules: the limits.
        classes: the label values that must all occur, and beside which none may.
    """
    return [
        *_empty_splits(facts, rules),
        *_anomalies(facts, rules),
        *_labels(facts, rules, classes),
        *_required_slices(facts, rules),
        *_shared(facts, rules),
    ]


def _empty_splits(facts: DataFacts, rules: DataRules) -> Iterator[DataProblem]:
    for split in dict.fromkeys((*SPLITS, *facts.splits)):
        rows = facts.splits[split].rows if split in facts.splits else 0
        if rows < rules.min_rows:
            yield DataProblem(
                f"split {split}",
                "min_rows",
                f"{rows} rows, at least {rules.min_rows} are needed",
                "Give more rows, or lower data_rules.min_rows.",
            )


def _anomalies(facts: DataFacts, rules: DataRules) -> Iterator[DataProblem]:
    if len(facts.anomalies) > rules.max_anomalies:
        for split, feature, description in facts.anomalies:
            yield DataProblem(
                f"{feature} ({split})",
                "max_anomalies",
                f"schema anomaly: {description}",
                "Fix the rows, or change the schema on purpose.",
            )


def _labels(facts: DataFacts, rules: DataRules, classes: tuple[float, ...]) -> Iterator[DataProblem]:
    for split, known in facts.splits.items():
        for label, rows in sorted(known.labels.items()):
            if label not in classes:
                allowed = ", ".join(f"{value:g}" for value in classes)
                yield DataProblem(
                    f"label ({split})",
                    "labels",
                    f"value {label:g} in {rows} rows, allowed are {allowed}",
                    "Fix the label column.",
                )
        for label in classes:
            rows = known.labels.get(label, 0)
            needed = max(1, math.ceil(round(rules.min_class_share * known.rows, 6)))  # 0.07 * 100 is a little more than 7
            if known.rows and rows < needed:
                yield DataProblem(
                    f"label ({split})",
                    "min_class_share",
                    f"class {label:g} has {rows} of {known.rows} rows, at least {needed} are needed",
                    "Give rows of every class: with one class there is nothing to learn and no rate to compare.",
                )


def _required_slices(facts: DataFacts, rules: DataRules) -> Iterator[DataProblem]:
    train, evaluation = (facts.splits.get(split, SplitFacts(0)).values for split in (TRAIN, EVAL))
    for name in rules.require_slices:
        ((feature, value),) = pairs_of(name)
        in_train, in_eval = (counts.get(feature, {}).get(value, 0) for counts in (train, evaluation))
        if in_eval == 0:
            yield DataProblem(
                name,
                "require_slices",
                f"0 rows in eval, {in_train} in train",
                "Nothing can be measured on it: check the split and the columns, or take it out of data_rules.require_slices.",
            )


def _shared(facts: DataFacts, rules: DataRules) -> Iterator[DataProblem]:
    for split, shared in facts.shared_rows.items():
        rows = facts.splits[split].rows if split in facts.splits else 0
        share = shared / rows if rows else 0.0
        if share > rules.max_shared_share:
            others = "train or validation" if split == EVAL and VALIDATION in facts.splits else TRAIN
            yield DataProblem(
                rules.text_feature,
                "max_shared_share",
                f"{shared} of {rows} {split} rows ({share:.1%}) stand in {others} too, the limit: {rules.max_shared_share:.1%}",
                f"Leave out the {split} files to split by content, or remove the shared rows: they measure what was memorised.",
            )
