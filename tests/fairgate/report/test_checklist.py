"""Questions before a model is used: answered by the run, or open."""

import dataclasses
import math
from typing import Any

import pandas as pd
import pytest

from fairgate.gate.verdict import ModelInfo
from fairgate.names import CANDIDATE, OVERALL
from fairgate.report.checklist import OF_TABLE, Question, questions
from fairgate.report.content import ReportContent
from fairgate.report.data_summary import DataSummary, SplitCount
from fairgate.statements import CardStatements

WORST = "Which subgroups have the highest error rates?"
ACROSS = "And which of their intersections?"
FEATURE = "Does one feature alone give the label?"
APART = "Can a model tell training from evaluation examples?"
OUTSIDE = "What does the model say to inputs unlike its training data?"


def asked(content: ReportContent) -> dict[str, Question]:
    return {question.text: question for question in questions(content)}


def with_leakage(content: ReportContent, **changes: Any) -> ReportContent:
    rows = [
        {"sign": "feature", "kind": "word", "name": "text: free", "value": 0.6, "low": 0.5, "high": 0.7, "n": 500.0, **changes},
        {"sign": "splits", "kind": "", "name": "", "value": 0.51, "low": 0.48, "high": 0.54, "n": 900.0, **changes},
    ]
    return dataclasses.replace(content, leakage=pd.DataFrame(rows))


def test_every_group_of_the_question_list_is_asked(binary_content: ReportContent) -> None:
    found = questions(binary_content)
    assert list(dict.fromkeys(question.group for question in found)) == ["Data", "Errors", "Leakage", "Use"]
    assert len({question.text for question in found}) == len(found) == 19
    assert all(question.answers for question in found)


def test_what_only_people_know_is_open_and_says_what_to_write(binary_content: ReportContent) -> None:
    found = asked(binary_content)["Who handles appeals?"]
    assert (found.state, found.answers) == ("open", ("Nobody said it. Write card.appeals in the configuration.",))


def test_what_people_said_is_answered(binary_content: ReportContent) -> None:
    said = CardStatements(appeals="The editor on duty.", owner="Ann")
    found = asked(dataclasses.replace(binary_content, statements=said))
    assert (found["Who handles appeals?"].state, found["Who handles appeals?"].answers) == ("answered", ("The editor on duty.",))
    half = found["Who answers for the model, and how are they reached?"]
    assert half.state == "open"
    assert half.answers == ("Ann", "Nobody said it. Write card.contact in the configuration.")


def test_worst_subgroups_are_those_of_the_verdict(binary_content: ReportContent) -> None:
    """Found by hand among the candidate's slices of one feature, with at least 50 negatives or positives."""
    lines = [
        line
        for line in binary_content.verdict.slices
        if line.model == CANDIDATE and line.threshold == 0.5 and line.slice != OVERALL and " × " not in line.slice
    ]
    negative = max(
        (line for line in lines if (line.n_negative or 0) >= 50), key=lambda line: line.metrics["false_positive_rate"] or 0
    )
    positive = max(
        (line for line in lines if (line.n_positive or 0) >= 50), key=lambda line: line.metrics["false_negative_rate"] or 0
    )
    found = asked(binary_content)[WORST]
    assert found.answers[0].startswith(f"False positive rate at 0.5: {negative.slice} has ")
    assert found.answers[1].startswith(f"False negative rate at 0.5: {positive.slice} has ")
    assert found.answers[0].endswith(f", n = {negative.n_negative:,}).")
    assert found.answers[1].endswith(f", n = {positive.n_positive:,}).")


def test_groups_that_every_example_has_ask_for_no_look(binary_content: ReportContent) -> None:
    for rows, state in ((0, "answered"), (1, "look")):
        verdict = binary_content.verdict.model_copy(update={"unknown_groups": {"gender": rows, "race": 0}})
        found = asked(dataclasses.replace(binary_content, verdict=verdict))["Of how many examples is the group unknown?"]
        assert (found.state, "race: unknown for 0 examples of eval." in found.answers) == (state, True)


def test_intersections_are_open_where_none_was_evaluated(binary_content: ReportContent) -> None:
    assert asked(binary_content)[ACROSS].state == "answered"
    alone = tuple(line for line in binary_content.verdict.slices if " × " not in line.slice)
    found = asked(dataclasses.replace(binary_content, verdict=binary_content.verdict.model_copy(update={"slices": alone})))[
        ACROSS
    ]
    assert found.state == "open"
    assert "--set 'evaluation.intersections=[[gender, race]]'" in found.answers[0]


def test_classes_have_no_intersections_and_the_lowest_recall(image_content: ReportContent) -> None:
    found = asked(image_content)
    assert ACROSS not in found
    assert found[WORST].answers[0].startswith("Recall: class:")


def test_simple_rule_of_a_binary_task_is_the_more_frequent_label(binary_content: ReportContent) -> None:
    line = next(
        line for line in binary_content.verdict.slices if (line.model, line.slice, line.threshold) == (CANDIDATE, OVERALL, 0.5)
    )
    assert line.n_negative is not None
    share, wrong = f"{line.n_negative / line.n:.3g}", line.metrics
    right = (
        1
        - ((wrong["false_positive_rate"] or 0) * line.n_negative + (wrong["false_negative_rate"] or 0) * (line.n_positive or 0))
        / line.n
    )
    found = asked(binary_content)["How good is a simple rule?"].answers[0]
    assert found == f"Always the more frequent label: accuracy {share}, with an AUC of 0.5; the candidate has {right:.3g} at 0.5."


def test_accuracy_is_left_out_where_no_error_rate_is_known(binary_content: ReportContent) -> None:
    bare = tuple(line for line in binary_content.verdict.slices if line.threshold is None)
    found = asked(dataclasses.replace(binary_content, verdict=binary_content.verdict.model_copy(update={"slices": bare})))
    assert found["How good is a simple rule?"].answers[0].endswith("with an AUC of 0.5.")


def test_result_that_is_too_good_asks_for_a_look(binary_content: ReportContent) -> None:
    text = "Is the result too good to be true?"
    assert asked(binary_content)[text].state == "answered"
    perfect = binary_content.verdict.model_validate(
        {
            **binary_content.verdict.model_dump(),
            "slices": [
                {**line.model_dump(), **({"auc": 0.995} if "auc" in line.metrics else {})}
                for line in binary_content.verdict.slices
            ],
        }
    )
    found = asked(dataclasses.replace(binary_content, verdict=perfect))[text]
    assert found.state == "look"
    assert "AUC is 0.995; from 0.99 on, look for a leak first." in found.answers


def test_signs_of_leakage_are_open_where_nobody_looked(binary_content: ReportContent) -> None:
    found = asked(binary_content)
    assert (found[FEATURE].state, found[APART].state) == ("open", "open")


@pytest.mark.parametrize(
    ("value", "feature", "apart"), [(0.55, "answered", "answered"), (0.6, "answered", "look"), (0.9, "look", "look")]
)
def test_strong_signs_of_leakage_ask_for_a_look(binary_content: ReportContent, value: float, feature: str, apart: str) -> None:
    found = asked(with_leakage(binary_content, value=value))
    assert (found[FEATURE].state, found[APART].state) == (feature, apart)


def test_estimates_are_stated_with_their_intervals(binary_content: ReportContent) -> None:
    found = asked(with_leakage(binary_content))
    assert "(word “text: free”) has a balanced accuracy of 0.6 (0.5–0.7, n = 500)" in found[FEATURE].answers[0]
    assert "with an AUC of 0.51 (0.48–0.54, n = 900)" in found[APART].answers[0]


def test_word_that_gives_the_label_is_left_out_with_the_texts(binary_content: ReportContent) -> None:
    bare = with_leakage(binary_content).without_text()
    assert "(word a word that is not shown)" in asked(bare)[FEATURE].answers[0]


def test_shared_examples_ask_for_a_look(binary_content: ReportContent) -> None:
    text = "Do the splits share examples?"
    for shared, state in ((0, "answered"), (3, "look")):
        summary = DataSummary(splits={"eval": SplitCount(rows=9, shared=shared)})
        found = asked(dataclasses.replace(binary_content, data_summary=summary))[text]
        assert (found.state, found.answers) == (
            state,
            (f"{shared} examples of eval have content that an earlier split also has.",),
        )


def test_drift_beyond_its_limit_asks_for_a_look(binary_content: ReportContent) -> None:
    text = "Do training and evaluation examples differ (drift)?"
    drift = pd.DataFrame(
        {
            "feature": ["race", "size"],
            "measure": "l_infinity",
            "between": "train → eval",
            "value": [0.2, 0.01],
            "limit": [0.05, math.nan],
            "drifted": [True, False],
        }
    )
    found = asked(dataclasses.replace(binary_content, drift=drift))[text]
    assert (found.state, found.answers) == (
        "look",
        ("1 of 2 measured distances exceed their limit.", "race, train → eval: l_infinity 0.2, limit 0.05."),
    )
    assert asked(dataclasses.replace(binary_content, drift=None))[text].state == "open"


@pytest.mark.parametrize(("warnings", "state"), [(["a", "b"], "answered"), (["a", ""], "look")])
def test_inputs_unlike_training_are_counted(binary_content: ReportContent, warnings: list[str], state: str) -> None:
    table = pd.DataFrame({"input": ["x", "y"], "decision": "toxic", "value": 0.7, "warnings": warnings})
    found = asked(dataclasses.replace(binary_content, outsiders=table))[OUTSIDE]
    assert found.state == state
    assert f"2 such inputs were asked, and fairgate predict warns of {sum(map(bool, warnings))}." in found.answers[0]
    assert asked(binary_content)[OUTSIDE].state == "open"


def test_classes_of_equal_size_are_said_to_be(image_content: ReportContent) -> None:
    text = "Is the data biased: do the groups differ in their base rates?"
    assert asked(image_content)[text].answers[0].startswith("Examples of a class: ")
    lines = tuple(line.model_copy(update={"n": 40}) for line in image_content.verdict.slices)
    equal = dataclasses.replace(image_content, verdict=image_content.verdict.model_copy(update={"slices": lines}))
    assert asked(equal)[text].answers == ("Each class has 40 examples.",)


def test_questions_about_a_table_name_no_remedy_that_only_a_run_has(binary_content: ReportContent) -> None:
    single = tuple(line for line in binary_content.verdict.slices if " × " not in line.slice)
    of_run = binary_content.verdict.model_copy(update={"slices": single})
    models, about = {"candidate": ModelInfo()}, of_run.data.model_copy(update={"rows": {"eval": 6000}})
    of_table = of_run.model_copy(update={"models": models, "data": about})
    found, before = (asked(dataclasses.replace(binary_content, verdict=verdict, drift=None)) for verdict in (of_table, of_run))
    opened = " ".join(answer for question in found.values() if question.state == "open" for answer in question.answers)
    assert not [word for word in ("--set", "evaluation.", "card.", "run", "configuration", "fairgate predict") if word in opened]
    assert found["Who handles appeals?"].answers == ("A table of predictions does not say this; ask people.",)
    assert found[FEATURE].answers == ("A table of predictions does not hold the features.",)
    assert "--slices COLUMN" in found[ACROSS].answers[0]
    assert set(OF_TABLE) <= set(found)  # of no other question
    assert {text: question.state for text, question in found.items()} == {
        text: question.state for text, question in before.items()
    }
    assert "Write card.appeals in the configuration." in before["Who handles appeals?"].answers[0]
