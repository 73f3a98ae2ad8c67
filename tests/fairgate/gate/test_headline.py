"""The summary of a decision."""

from typing import Any

import pytest

from fairgate.gate.headline import headline
from fairgate.gate.outcome import CHECK, NotJudged, Outcome, RuleLine
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics


def line(name: str, outcome: str, slice_name: str = "overall", **more: Any) -> RuleLine:
    return RuleLine.model_validate(
        {"id": name, "kind": "quality", "slice": slice_name, "measure": "value", "outcome": outcome, "reason": "Because.", **more}
    )


def noted(slice_name: str, because: str, *, proven: bool = False) -> NotJudged:
    return NotJudged.model_validate(
        {
            "rule": "r",
            "slice": slice_name,
            "metric": "auc",
            "measure": "value",
            "because": because,
            "proven": proven,
            "reason": "So.",
        }
    )


@pytest.mark.parametrize(
    ("outcome", "lines", "text"),
    [
        (
            "blessed",
            [line("a", "passed", proven=True), line("b", "passed")],
            "Blessed: 2 of 2 rules hold, 1 proven and 1 not disproven.",
        ),
        (
            "blessed",
            [line("a", "passed", proven=True), line("a", "passed", "g:x")],
            "Blessed: 1 of 1 rules hold, 0 proven and 1 not disproven.",
        ),
        (
            "blessed",
            [line("a", "passed", proven=True), line("b", "not applicable")],
            "Blessed: 1 of 2 rules hold, 1 proven and 0 not disproven; the others do not apply.",
        ),
        (
            "blessed",
            [line("a", "passed", proven=True), line("a", "waived", "g:x"), line("b", "passed", proven=True)],
            "Blessed with 1 waiver: 1 of 2 rules hold, 1 proven and 0 not disproven; 1 is waived.",
        ),
        (
            "blessed",
            [line("a", "waived", "g:x"), line("a", "waived", "g:y"), line("b", "passed", proven=True)],
            "Blessed with 2 waivers: 1 of 2 rules hold, 1 proven and 0 not disproven; 1 is waived.",
        ),
        (
            "blessed",
            [line("a", "passed", kept=False), line("b", "passed", kept=False), line("c", "passed", kept=True)],
            "Blessed: 1 of 3 rules hold, 0 proven and 1 not disproven; 2 break their limits, not provably.",
        ),
        ("refused", [line("a", "failed", "g:x"), line("a", "failed", "g:y"), line("b", "unproven")], "Refused: a (g:x and g:y)."),
        ("refused", [line("seal", "failed", "", kind=CHECK), line("a", "passed")], "Refused: seal."),
        ("inconclusive", [line("a", "unproven"), line("b", "passed")], "Inconclusive: a (overall)."),
        ("inconclusive", [], "Inconclusive: the policy has no rules, so there is nothing that a candidate could prove."),
        (
            "inconclusive",
            [line("a", "not applicable")],
            "Inconclusive: no rule could be judged, because there is nothing to compare with.",
        ),
        ("reported", [line("a", "failed")], "Reported, not judged: the policy sets no pass mark."),
    ],
)
def test_outcome_and_what_decided_it(outcome: Outcome, lines: list[RuleLine], text: str) -> None:
    assert headline(outcome, lines, [], Evaluation({})) == text


@pytest.mark.parametrize(
    ("lacking", "needed", "nothing"),
    [
        (["baseline"], "a baseline", "no baseline"),
        (["reference model"], "a reference model", "no reference model"),
        (["baseline", "reference model"], "a baseline and a reference model", "no baseline and no reference model"),
    ],
)
def test_models_that_rules_lack(lacking: list[str], needed: str, nothing: str) -> None:
    lines = [line("a", "passed", proven=True), line("b", "not applicable")]
    blessed = headline("blessed", lines, [], Evaluation({}), missing_models=lacking)
    assert blessed == f"Blessed: 1 of 2 rules hold, 1 proven and 0 not disproven; the others need {needed}."
    alone = headline("inconclusive", lines[1:], [], Evaluation({}), missing_models=lacking)
    assert alone == f"Inconclusive: no rule could be judged, because there is {nothing} to compare with."


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ([noted("g:x", "breaks a limit")], "not judged: 1 slice."),
        (
            [noted("g:x", "breaks a limit"), noted("g:x", "worse than the baseline"), noted("g:y", "favoured")],
            "not judged: 2 slices, 1 of them worse than the baseline.",
        ),
    ],
)
def test_what_no_rule_judges(listed: list[NotJudged], text: str) -> None:
    answered = headline("blessed", [line("a", "passed", proven=True)], listed, Evaluation({}))
    assert answered == f"Blessed: 1 of 1 rules hold, 1 proven and 0 not disproven; {text}"


def test_columns_that_are_absent() -> None:
    answered = headline("refused", [line("a", "failed")], [], Evaluation({}, absent_columns=("g:x", "g:y")))
    assert answered == "Refused: a (overall); no column for g:x and g:y."


def test_features_that_no_people_annotated() -> None:
    answered = headline("refused", [line("a", "failed")], [], Evaluation({}, tagged_features=("gender", "race")))
    assert answered == "Refused: a (overall); tagged by word, not by people: gender and race."


@pytest.mark.parametrize(
    ("names", "said"), [(["positive_rate"], True), (["positive_rate", "false_positive_rate"], False), ([], False)]
)
def test_predictions_without_labels(names: list[str], *, said: bool) -> None:
    metrics = SliceMetrics(10, rates={MetricKey(name, 0.5): Rate(1, 10) for name in names})
    answered = headline("blessed", [line("a", "passed")], [], Evaluation({"candidate": {"overall": metrics}}))
    assert answered.endswith("; usefulness not judged: no labels.") is said


@pytest.mark.parametrize(
    ("interval", "worse"),
    [((0.1, 0.2), True), ((-0.2, -0.1), True), ((0.0, 0.2), False), ((-0.2, 0.0), False), ((-0.1, 0.5), False), (None, False)],
)
def test_change_beyond_a_limit_is_worse_where_its_interval_leaves_out_0(
    interval: tuple[float, float] | None, *, worse: bool
) -> None:
    change = noted("g:a", "breaks a limit").model_copy(update={"measure": "change", "interval": interval})
    text = headline("blessed", [line("a", "passed")], [change], Evaluation({}))
    assert ("1 of them worse than the baseline" in text) is worse


@pytest.mark.parametrize("name", ["false_positive_rate", "false_negative_rate", "true_positive_rate"])
def test_any_error_rate_shows_that_there_are_labels(name: str) -> None:
    decisions = {MetricKey("positive_rate", 0.5): Rate(30, 100)}
    with_labels = {**decisions, MetricKey(name, 0.5): Rate(3, 10)}
    texts = [
        headline("blessed", [line("a", "passed")], [], Evaluation({"candidate": {"overall": SliceMetrics(100, rates=rates)}}))
        for rates in (decisions, with_labels)
    ]
    assert ["usefulness not judged: no labels" in text for text in texts] == [True, False]
