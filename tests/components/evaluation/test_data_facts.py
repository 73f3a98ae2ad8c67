"""What the data say beside the models' answers, added to an evaluation."""

from pathlib import Path

from components.evaluation.data_facts import with_facts
from components.validation.decision import DataFacts, SplitFacts
from components.validation.facts import write
from fairgate.measurement import Evaluation, SliceMetrics

MEASURED = Evaluation({"candidate": {"overall": SliceMetrics(100)}}, unknown_groups={"gender": 80, "race": 70})
EXPECTED = {"gender": ("male", "female"), "race": ("black",)}


def test_facts_of_eval_are_added(tmp_path: Path) -> None:
    """Of the features that are evaluated alone; nothing that was measured is lost."""
    facts = DataFacts(
        {"train": SplitFacts(300, distinct=300), "eval": SplitFacts(100, distinct=10, unannotated={"gender": 7, "religion": 9})},
        expected=EXPECTED,
        absent_columns=("gender:female", "religion:hindu"),
    )
    write(facts, tmp_path)
    found = with_facts(MEASURED, str(tmp_path))
    assert found.models == MEASURED.models
    assert (found.rows, found.distinct, found.expected) == (100, 10, EXPECTED)
    assert (found.absent_columns, found.unknown_groups) == (("gender:female",), {"gender": 7})


def test_without_a_conversion_an_example_without_a_value_is_unknown(tmp_path: Path) -> None:
    write(DataFacts({"eval": SplitFacts(100)}, expected=EXPECTED), tmp_path)
    found = with_facts(MEASURED, str(tmp_path))
    assert (found.rows, found.distinct, found.unknown_groups) == (100, None, {"gender": 80, "race": 70})
