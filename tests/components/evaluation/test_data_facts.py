"""What the data say beside the models' answers, added to an evaluation."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from components.evaluation.data_facts import with_facts
from components.validation.decision import DataFacts, SplitFacts
from components.validation.facts import write
from fairgate.gate.decision import decide
from fairgate.gate.outcome import Decision
from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics

MEASURED = Evaluation({"candidate": {"overall": SliceMetrics(100)}}, unknown_groups={"gender": 80, "race": 70})
EXPECTED = {"gender": ("male", "female"), "race": ("black",)}


def test_facts_of_eval_are_added(tmp_path: Path) -> None:
    """Of the features that are evaluated alone; nothing that was measured is lost."""
    facts = DataFacts(
        {"train": SplitFacts(300, distinct=300), "eval": SplitFacts(100, distinct=10, unannotated={"gender": 7, "religion": 9})},
        expected=EXPECTED,
        absent_columns=("gender:female", "religion:hindu"),
        tagged_features=("religion", "race"),
    )
    write(facts, tmp_path)
    found = with_facts(MEASURED, str(tmp_path))
    assert found.models == MEASURED.models
    assert (found.rows, found.distinct, found.expected) == (100, 10, EXPECTED)
    assert (found.absent_columns, found.unknown_groups) == (("gender:female",), {"gender": 7})
    assert found.tagged_features == ("race",)


def test_the_classes_that_were_measured_stay_known(tmp_path: Path) -> None:
    """The task names the groups of its features alone."""
    write(DataFacts({"eval": SplitFacts(100)}, expected=EXPECTED), tmp_path)
    found = with_facts(replace(MEASURED, expected={"class": ("Bag", "Coat")}), str(tmp_path))
    assert found.expected == {"class": ("Bag", "Coat"), **EXPECTED}


def test_without_a_conversion_an_example_without_a_value_is_unknown(tmp_path: Path) -> None:
    write(DataFacts({"eval": SplitFacts(100)}, expected=EXPECTED), tmp_path)
    found = with_facts(MEASURED, str(tmp_path))
    assert (found.rows, found.distinct, found.unknown_groups) == (100, None, {"gender": 80, "race": 70})


def judged(folder: Path, pattern: str) -> Decision:
    """The decision of a policy that limits the FPR of these slices, on data without a Jewish example in eval."""
    values = {"train": {"religion": {"muslim": 900, "jewish": 13}}, "eval": {"religion": {"muslim": 400}}}
    splits = {split: SplitFacts(10_000, values=counts) for split, counts in values.items()}
    write(DataFacts(splits, expected={"religion": ("muslim", "jewish")}), folder)
    rates = {MetricKey("false_positive_rate", 0.5): Rate(400, 4000), MetricKey("true_positive_rate", 0.5): Rate(3000, 4000)}
    measured = SliceMetrics(8000, 4000, 4000, rates=rates)
    models = {"candidate": {"overall": measured, "religion:muslim": measured}}
    rule: dict[str, Any] = {
        "id": "ceiling", "kind": "quality", "metric": "false_positive_rate", "thresholds": [0.5], "max": 0.2, "slices": [pattern],
    }  # fmt: skip
    return decide(Policy.model_validate({"rules": [rule]}), with_facts(Evaluation(models), str(folder)))


def test_a_group_without_rows_in_eval_is_named_by_the_verdict_of_a_pattern(tmp_path: Path) -> None:
    decision = judged(tmp_path, "religion:*")
    assert (decision.outcome, decision.absent_groups) == ("blessed", ("religion:jewish",))
    assert decision.summary.endswith("; no example of religion:jewish.")


def test_a_rule_that_names_a_group_without_rows_in_eval_is_unproven(tmp_path: Path) -> None:
    decision = judged(tmp_path, "religion:jewish")
    assert (decision.outcome, decision.absent_groups) == ("inconclusive", ("religion:jewish",))
    assert [line.slice for line in decision.rules if line.id == "ceiling"] == ["religion:jewish"]
