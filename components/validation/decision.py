"""The DataGate's decision, without a framework: facts about the splits in, findings out."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote

from components.validation.rules import DataRules
from fairgate.names import EVAL, SPLITS, TRAIN, VALIDATION, pairs_of
from fairgate.text import plural


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


def described(problems: Sequence[DataProblem]) -> str:
    """Return the message of a run that is stopped: every broken rule, and what to do next, the data before the rules."""
    rules = dict.fromkeys(problem.rule for problem in problems if problem.rule in DataRules.model_fields)
    lines = ["The DataGate stopped the run before training:", *(f"  - {problem}" for problem in problems)]
    lines += ["What to do next", "  - Correct the files, and type the same command again."]
    if rules:
        options = ", ".join(f"--set data_rules.{rule}=VALUE" for rule in rules)
        lines.append(f"  - Where the data are as they should be, and a rule asks for too much, set its key: {options}.")
    return "\n".join(lines)


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
                f"{plural(rows, 'row')}, at least {rules.min_rows} are needed",
                f"Give more rows{_or_allow('min_rows', rows) if rows else ''}.",
            )


def _anomalies(facts: DataFacts, rules: DataRules) -> Iterator[DataProblem]:
    if len(facts.anomalies) > rules.max_anomalies:
        for split, feature, description in facts.anomalies:
            yield DataProblem(
                f"{feature} ({split})",
                "max_anomalies",
                f"schema anomaly: {description}",
                f"Fix the rows{_or_allow('max_anomalies', len(facts.anomalies))}.",
            )


def _labels(facts: DataFacts, rules: DataRules, classes: tuple[float, ...]) -> Iterator[DataProblem]:
    for split, known in facts.splits.items():
        for label, rows in sorted(known.labels.items()):
            if label not in classes:
                allowed = ", ".join(f"{value:g}" for value in classes)
                yield DataProblem(
                    f"label ({split})",
                    "labels",
                    f"value {label:g} in {plural(rows, 'row')}, allowed are {allowed}",
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
    counts = {split: {name: _rows_of(facts, split, name) for name in rules.require_slices} for split in (TRAIN, EVAL)}
    found = [name for name, rows in counts[EVAL].items() if rows]
    for name, rows in counts[EVAL].items():
        if rows == 0:
            yield DataProblem(
                name,
                "require_slices",
                f"0 rows in eval, {counts[TRAIN][name]} in train",
                "Nothing can be measured on it: check the split and the columns"
                f"{_or_allow('require_slices', json.dumps(found, ensure_ascii=False))}.",
            )


def _rows_of(facts: DataFacts, split: str, name: str) -> int:
    """Return the rows of a split that a slice "gender:male" holds."""
    ((feature, value),) = pairs_of(name)
    return facts.splits.get(split, SplitFacts(0)).values.get(feature, {}).get(value, 0)


def _or_allow(rule: str, value: object) -> str:
    """Return the option under which the run goes on, as it is typed, as the end of a sentence."""
    return f", or allow it with --set {quote(f'data_rules.{rule}={value}')}"


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
                f"They measure what was memorised: leave out the {split} files to split by content, remove the shared rows "
                "(comments: --set input.shared_texts=remove), or allow them with "
                f"--set data_rules.max_shared_share={math.ceil(share * 1000) / 1000:g}.",
            )
