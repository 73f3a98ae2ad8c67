"""The DataGate's decision: which facts stop a run, and what it says."""

from dataclasses import replace

import pytest

from components.validation.decision import DataFacts, DataProblem, SplitFacts, described, judge
from components.validation.rules import DataRules

CLASSES = (0.0, 1.0)
TRAIN = SplitFacts(100, {0.0: 90, 1.0: 10}, {"gender": {"male": 20, "female": 5}})
EVAL = SplitFacts(50, {0.0: 45, 1.0: 5}, {"gender": {"male": 10, "female": 2}})
GOOD = DataFacts({"train": TRAIN, "eval": EVAL})
RULES = DataRules(text_feature="comment_text")


def findings(facts: DataFacts, **rules: object) -> list[tuple[str, str, str]]:
    """Feature, rule and value of each finding."""
    found = judge(facts, RULES.model_copy(update=rules), CLASSES)
    return [(finding.feature, finding.rule, finding.value) for finding in found]


def with_split(name: str, split: SplitFacts) -> DataFacts:
    """The good facts with another split."""
    return replace(GOOD, splits={**GOOD.splits, name: split})


def test_good_facts_pass() -> None:
    """Nothing is found."""
    assert findings(GOOD) == []


@pytest.mark.parametrize("split", ["train", "eval"])
@pytest.mark.parametrize(("rows", "stops"), [(0, True), (9, True), (10, False)])
def test_small_split(split: str, rows: int, stops: bool) -> None:
    """Ten rows are enough, nine are not."""
    small = with_split(split, SplitFacts(rows, {0.0: rows - 1, 1.0: 1} if rows else {}, {"gender": {"male": 5}}))
    expected = [(f"split {split}", "min_rows", f"{rows} rows, at least 10 are needed")] if stops else []
    assert findings(small) == expected


def test_absent_split_has_no_rows() -> None:
    """And no slice that is required."""
    assert findings(DataFacts({"train": TRAIN}), require_slices=("gender:male",)) == [
        ("split eval", "min_rows", "0 rows, at least 10 are needed"),
        ("gender:male", "require_slices", "0 rows in eval, 20 in train"),
    ]


def test_anomalies_are_all_told_once_there_are_too_many() -> None:
    """Each with the feature and the split."""
    anomalies = (("train", "toxicity", "Out of range."), ("eval", "race", "New value."))
    assert findings(replace(GOOD, anomalies=anomalies), max_anomalies=2) == []
    assert findings(replace(GOOD, anomalies=anomalies), max_anomalies=1) == [
        ("toxicity (train)", "max_anomalies", "schema anomaly: Out of range."),
        ("race (eval)", "max_anomalies", "schema anomaly: New value."),
    ]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({0.0: 100}, [("label (train)", "min_class_share", "class 1 has 0 of 100 rows, at least 1 are needed")]),
        ({0.0: 98, 1.0: 1, 0.5: 1}, [("label (train)", "labels", "value 0.5 in 1 row, allowed are 0, 1")]),
        ({0.0: 98, 1.0: 1, -1.0: 1}, [("label (train)", "labels", "value -1 in 1 row, allowed are 0, 1")]),
        ({0.0: 98, 1.0: 1, float("nan"): 1}, [("label (train)", "labels", "value nan in 1 row, allowed are 0, 1")]),
        ({0.0: 99, 1.0: 1}, []),
    ],
)
def test_labels(labels: dict[float, int], expected: list[tuple[str, str, str]]) -> None:
    """All classes, and nothing beside them."""
    assert findings(with_split("train", replace(TRAIN, labels=labels))) == expected


@pytest.mark.parametrize(("share", "stops"), [(0.1, False), (0.11, True)])
def test_rare_class(share: float, stops: bool) -> None:
    """Ten of a hundred rows are a tenth."""
    expected = [
        ("label (train)", "min_class_share", "class 1 has 10 of 100 rows, at least 11 are needed"),
        ("label (eval)", "min_class_share", "class 1 has 5 of 50 rows, at least 6 are needed"),
    ]
    assert findings(GOOD, min_class_share=share) == (expected if stops else [])


@pytest.mark.parametrize(
    ("in_train", "in_eval", "required", "stops"),
    [(20, 0, False, False), (13, 0, True, True), (0, 0, True, True), (0, 1, True, False)],
)
def test_a_group_without_rows_in_eval_stops_a_run_only_where_it_is_required(
    in_train: int, in_eval: int, required: bool, stops: bool
) -> None:
    splits = {
        "train": replace(TRAIN, values={"gender": {"female": in_train}}),
        "eval": replace(EVAL, values={"gender": {"female": in_eval}}),
    }
    expected = [("gender:female", "require_slices", f"0 rows in eval, {in_train} in train")] if stops else []
    assert findings(DataFacts(splits), require_slices=("gender:female",) if required else ()) == expected


@pytest.mark.parametrize(
    ("shared", "expected"),
    [
        ({}, []),
        ({"eval": 5}, []),
        (
            {"eval": 6},
            [("comment_text", "max_shared_share", "6 of 50 eval rows (12.0%) stand in train too, the limit: 10.0%")],
        ),
    ],
)
def test_shared_rows(shared: dict[str, int], expected: list[tuple[str, str, str]]) -> None:
    """Up to the limit, and not beyond it."""
    assert findings(replace(GOOD, shared_rows=shared), max_shared_share=0.1) == expected


VALIDATION = SplitFacts(20, {0.0: 18, 1.0: 2}, {"gender": {"male": 4}})


def test_rows_that_chose_are_not_judged_on() -> None:
    """Validation may share nothing with train, and eval nothing with either."""
    facts = replace(with_split("validation", VALIDATION), shared_rows={"validation": 2, "eval": 1})
    assert findings(facts, max_shared_share=0.1) == []
    assert findings(facts) == [
        ("comment_text", "max_shared_share", "2 of 20 validation rows (10.0%) stand in train too, the limit: 1.0%"),
        ("comment_text", "max_shared_share", "1 of 50 eval rows (2.0%) stand in train or validation too, the limit: 1.0%"),
    ]


def test_validation_keeps_the_rules_of_a_split_where_there_is_one() -> None:
    assert findings(with_split("validation", VALIDATION)) == []
    assert findings(with_split("validation", SplitFacts(9, {0.0: 9}))) == [
        ("split validation", "min_rows", "9 rows, at least 10 are needed"),
        ("label (validation)", "min_class_share", "class 1 has 0 of 9 rows, at least 1 are needed"),
    ]


def test_finding_in_words() -> None:
    """Feature, value, rule, remedy."""
    finding = DataProblem("gender:male", "require_slices", "0 rows in eval", "Check the split.")
    assert str(finding) == "gender:male: 0 rows in eval (rule require_slices). Check the split."


def test_most_fundamental_finding_comes_first() -> None:
    """An empty split explains what follows."""
    facts = DataFacts({"train": SplitFacts(0), "eval": EVAL}, (("eval", "race", "New value."),), {"eval": 50})
    assert [rule for _, rule, _ in findings(facts)] == ["min_rows", "max_anomalies", "max_shared_share"]


def test_message_of_a_stopped_run_says_what_to_do_next() -> None:
    """The data first; then the keys of the rules that were broken, as they are typed. Labels have no key."""
    problems = [
        DataProblem("split eval", "min_rows", "3 rows", "Give more."),
        DataProblem("label", "labels", "value 2", "Fix it."),
    ]
    assert described(problems).splitlines() == [
        "The DataGate stopped the run before training:",
        "  - split eval: 3 rows (rule min_rows). Give more.",
        "  - label: value 2 (rule labels). Fix it.",
        "What to do next",
        "  - Correct the files, and type the same command again.",
        "  - Where the data are as they should be, and a rule asks for too much, set its key: --set data_rules.min_rows=VALUE.",
    ]
    assert described(problems[1:]).splitlines()[-1] == "  - Correct the files, and type the same command again."
