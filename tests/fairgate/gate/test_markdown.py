"""verdict.md: what a reader of a CI log or a pull request sees."""

from dataclasses import replace
from pathlib import Path

import pytest

from fairgate.gate import markdown, verdict
from fairgate.gate.checks import Check
from fairgate.gate.policy import Policy
from fairgate.gate.presets import binary_fairness
from fairgate.gate.rules import QualityRule
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Subject, Verdict
from fairgate.measurement import Evaluation, MetricKey, Scalar, SliceMetrics
from tests.fairgate.gate.judging import decide

SUBJECT = Subject(
    "civil-comments",
    {"baseline": ModelInfo(description="plain"), "candidate": ModelInfo(description="remediated", digest="sha256:12")},
    DataInfo(source="train.csv", rows={"train": 40_000, "eval": 20_000}),
    Provenance(source_digest="ab12", seed=0),
)


def of(evaluation: Evaluation, subject: Subject = SUBJECT, *checks: Check) -> Verdict:
    """The verdict by the default policy."""
    return verdict.build(decide(binary_fairness(("gender",)), evaluation, checks=checks), evaluation, subject)


@pytest.fixture
def lines(practicum: Evaluation) -> list[str]:
    """The text on the published reference, line by line."""
    return markdown.render(of(practicum)).splitlines()


SUMMARY = "Blessed: 5 of 5 rules hold, 4 proven and 1 not disproven; not judged: 3 slices, 2 of them worse than the baseline."


def test_the_outcome_comes_first(lines: list[str], practicum: Evaluation) -> None:
    """With a sign, the task and one sentence."""
    assert lines[:3] == ["# ✅ Blessed: civil-comments", "", SUMMARY]
    refused = markdown.render(of(practicum, SUBJECT, Check("serving", ok=False, reason="No answer."))).splitlines()
    assert refused[:3] == [
        "# ❌ Refused: civil-comments",
        "",
        "Refused: serving; not judged: 3 slices, 2 of them worse than the baseline.",
    ]


def test_rules_are_listed_gravest_first(practicum: Evaluation) -> None:
    """Failed, unproven, not enough data, passed; each with its reason."""
    same = Evaluation({"baseline": practicum.models["baseline"], "candidate": practicum.models["baseline"]})
    rows = [line for line in markdown.render(of(same)).splitlines() if line.startswith("| ")]
    outcomes = [line.split(" | ")[0][2:] for line in rows[1:9]]
    assert outcomes == ["failed", "failed", "unproven", "not enough data", "not enough data", "passed", "passed", "passed"]
    assert rows[2].startswith(
        "| failed | false-positive-gap | False positive rate of gender:male at 0.5 is 0.51, 1.82 times the overall"
    )
    assert rows[2].endswith("; the limit is 1.25. |")


def test_intervals_below_0_are_written_out() -> None:
    """A dash would be read as a minus."""
    slices = {"overall": SliceMetrics(n=1000, scalars={MetricKey("train_test_accuracy_difference"): Scalar(0.01, 0.02)})}
    evaluation = Evaluation({"candidate": slices})
    policy = Policy(rules=(QualityRule(id="gap", metric="train_test_accuracy_difference", max=0.1),))
    text = markdown.render(verdict.build(decide(policy, evaluation), evaluation, SUBJECT))
    assert "| overall | Train/test accuracy difference | – | 0.01 (−0.0292 to 0.0492) |" in text


def test_models_are_set_side_by_side(lines: list[str]) -> None:
    """Every slice that a rule looked at, overall first, with intervals."""
    start = lines.index("| slice | metric | baseline | candidate |")
    assert lines[start - 2] == "## Baseline and candidate (95 % intervals)"
    table = lines[start + 2 : start + 8]
    assert table[0] == "| overall | False positive rate at 0.5 | 0.28 (0.273–0.287) | 0.23 (0.224–0.237) |"
    assert table[2] == "| gender:male | False positive rate at 0.5 | 0.51 (0.479–0.541) | 0.28 (0.253–0.309) |"
    assert table[3].startswith("| gender:other\\_gender |")
    assert table[4].startswith("| overall | False negative rate at 0.5 |")
    assert table[5] == "| overall | AUC | 0.88 (0.874–0.886) | 0.87 (0.864–0.876) |"
    assert lines[start + 8] == ""


def test_a_first_run_has_one_column_of_numbers(practicum: Evaluation) -> None:
    """What there is no baseline for stays empty."""
    text = markdown.render(of(Evaluation({"candidate": practicum.models["candidate"]})))
    assert "| overall | False positive rate at 0.5 | – | 0.23 (0.224–0.237) |" in text


def test_nothing_measured_has_no_table() -> None:
    """Checks alone have neither slice nor metric."""
    nothing = Evaluation({})
    text = markdown.render(verdict.build(decide(binary_fairness(()), nothing), nothing, SUBJECT))
    assert "| – | – |" not in text


def test_slices_left_out_are_named(practicum: Evaluation) -> None:
    """The largest first; without any there is no such heading."""
    omitted = {"gender:male × race:latino": 3, "gender:male × race:asian": 80}
    text = markdown.render(of(Evaluation(practicum.models, omitted)))
    assert "gender:male × race:asian (80) and gender:male × race:latino (3)" in text
    assert "Left out" not in markdown.render(of(practicum))


def test_the_origin_comes_last(lines: list[str], practicum: Evaluation) -> None:
    """Source, rows, models, seed; generated data are called so."""
    assert lines[-4:] == [
        "- Data: train.csv (train 40,000, eval 20,000 rows).",
        "- Baseline: plain",
        "- Candidate: remediated, sha256:12",
        "- Run: source ab12, seed 0",
    ]
    generated = replace(SUBJECT, data_info=DataInfo(source="a sample", generated=True))
    assert "- Data: a sample. The data are generated: the numbers say nothing about the world." in markdown.render(
        of(practicum, generated)
    )


def test_hostile_names_stay_in_their_cells(practicum: Evaluation) -> None:
    """A slice, a source and a model that try to break out."""
    hostile = "gender:</td>|<script>x</script>\n# Blessed"
    models = {name: {**slices, hostile: slices["gender:male"]} for name, slices in practicum.models.items()}
    subject = Subject(
        "<b>", {"a|b\n# c": ModelInfo(description="<i>")}, DataInfo(source="x\n# Blessed", rows={"<u>": 1}), Provenance()
    )
    text = markdown.render(of(Evaluation(models, {hostile + " × a:b": 2}), subject))
    assert "<" not in text
    assert text.count("\n# ") == 0
    assert all(
        line.replace("\\|", "").count("|") == 5
        for line in text.splitlines()
        if "script" in line and "False positive rate at" in line
    )


def test_it_is_written_beside_the_verdict(practicum: Evaluation, tmp_path: Path) -> None:
    """The same text."""
    markdown.write(of(practicum), tmp_path / "verdict.md")
    assert (tmp_path / "verdict.md").read_text(encoding="utf-8") == markdown.render(of(practicum))


def test_checks_alone_have_no_comparison(practicum: Evaluation) -> None:
    """Without rules no slice was looked at: the table of rules is followed by the origin."""
    decision = decide(Policy(rules=()), practicum, checks=(Check("serving", ok=False, reason="No answer."),))
    text = markdown.render(verdict.build(decision, practicum, SUBJECT)).splitlines()
    assert "| failed | serving | No answer. |" in text
    assert [line for line in text if line.startswith("## ")] == ["## Rules", "## Origin"]
