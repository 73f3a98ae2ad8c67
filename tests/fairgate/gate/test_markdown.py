"""verdict.md: what a reader of a CI log or a pull request sees."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from fairgate.gate import markdown, verdict
from fairgate.gate.checks import Check
from fairgate.gate.outcome import PolicyFacts, RuleFacts
from fairgate.gate.policy import Policy
from fairgate.gate.presets import binary_fairness
from fairgate.gate.rules import QualityRule
from fairgate.gate.verdict import ChangeLine, DataInfo, ModelInfo, Provenance, Subject, Verdict
from fairgate.gate.waivers import Waiver
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


def headings(text: str) -> list[str]:
    """The titles of the parts, in their order."""
    return [line[3:] for line in text.splitlines() if line.startswith("## ")]


def rows_below(text: str, title: str) -> list[str]:
    """The rows of the table below a title, without its head."""
    part = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [line for line in part.splitlines() if line.startswith("| ")][1:]


def test_rules_that_decide_come_first_and_the_others_below(practicum: Evaluation) -> None:
    """Failed, unproven; what else there is follows after everything that a reader must know."""
    same = Evaluation({"baseline": practicum.models["baseline"], "candidate": practicum.models["baseline"]})
    text = markdown.render(of(same))
    assert headings(text) == [
        "Rules",
        "What was judged",
        "Groups and rules",
        "Where no rule judges",
        "Baseline and candidate (95 % intervals)",
        "Other rules",
        "Origin",
        "What to do next",
    ]
    rows = rows_below(text, "Rules")
    assert [row.split(" | ")[0][2:] for row in rows] == ["failed", "failed", "unproven"]
    assert rows[1].startswith(
        "| failed | false-positive-gap | False positive rate of gender:male at 0.5 is 0.51, 1.82 times the overall"
    )
    assert rows[1].endswith("; the limit is 1.25. |")
    others = [row.split(" | ")[0][2:] for row in rows_below(text, "Other rules")]
    assert others == ["not enough data", "not enough data", "passed", "passed", "passed"]


def part(text: str, title: str) -> list[str]:
    """The lines below a title, without those that are empty."""
    return [line for line in text.partition(f"## {title}\n")[2].partition("\n## ")[0].splitlines() if line]


@pytest.mark.parametrize(
    ("author", "rationale", "said"),
    [
        ("Trust team", "Errors must be shared.", "Policy by Trust team. Errors must be shared."),
        ("Trust team", "", "Policy by Trust team."),
        ("", "Errors must be shared.", "Errors must be shared."),
        ("<b>", "a | b", "Policy by &lt;b&gt;. a \\| b"),
    ],
)
def test_who_wrote_the_policy_and_why_comes_after_the_summary(
    practicum: Evaluation, author: str, rationale: str, said: str
) -> None:
    facts = PolicyFacts(author=author, rationale=rationale)
    text = markdown.render(of(practicum).model_copy(update={"policy": facts})).splitlines()
    assert text[2:6] == [SUMMARY, "", said, ""]


def test_a_policy_that_says_nothing_takes_no_line(practicum: Evaluation) -> None:
    text = markdown.render(of(practicum).model_copy(update={"policy": PolicyFacts()})).splitlines()
    assert text[2:5] == [SUMMARY, "", "## Rules"]


def test_the_grid_shows_every_rule_on_every_slice_with_n(practicum: Evaluation) -> None:
    """After what each group was judged on: the legend, and the cells as signs with the count that the rule rests on."""
    rules = (
        RuleFacts(id="false-positive-gap", words="FPR: at most 1.25 times overall", slices=("gender:*",), trials="negative"),
        RuleFacts(id="auc-guard", words="AUC: at most 0.02 worse"),
    )
    found = of(practicum)
    text = markdown.render(found.model_copy(update={"policy": PolicyFacts(rules=rules), "absent_groups": ("race:native",)}))
    assert rows_below(text, "What was judged") == [
        "| overall | AUC | false positive rate (no rule) |",
        "| gender:female and gender:male | false positive rate | AUC (no rule) |",
        "| gender:other\\_gender | nothing | false positive rate (too few examples), AUC (no rule) |",
        "| race:native | nothing | no example in the data |",
    ]
    assert part(text, "Groups and rules") == [
        "! not judged, breaks the limit, – no rule, ○ not disproven, ✓ proven; the number is n.",
        "| slice | false-positive-gap: FPR: at most 1.25 times overall | auc-guard: AUC: at most 0.02 worse |",
        "|---|---|---|",
        "| overall | – | ✓ 20,000 |",
        "| gender:other\\_gender | ! 16 | – 20 |",
        "| gender:female | ✓ 1,200 | – 1,500 |",
        "| gender:male | ○ 1,000 | – 1,250 |",
        "| race:native | – 0 | – 0 |",
    ]


def test_a_verdict_without_rules_of_the_policy_has_no_grid(practicum: Evaluation) -> None:
    assert "Groups and rules" not in markdown.render(of(practicum).model_copy(update={"policy": PolicyFacts()}))


def test_a_long_grid_is_cut_and_says_by_how_much(practicum: Evaluation) -> None:
    absent = tuple(f"race:{number}" for number in range(60))
    text = markdown.render(of(practicum).model_copy(update={"absent_groups": absent}))
    rows = [line for line in part(text, "Groups and rules") if line.startswith("| ")]
    assert len(rows) == 1 + 40
    assert part(text, "Groups and rules")[-1] == "And 24 more, in verdict.json."


def test_a_verdict_that_blesses_nothing_ends_with_what_to_do_next(practicum: Evaluation) -> None:
    """With commands that work in the folder of the report."""
    refused = markdown.render(of(practicum, SUBJECT, Check("serving", ok=False, reason="No answer.")))
    lines = part(refused, "What to do next")
    assert lines[:2] == [
        "The commands are typed in the report's folder, where verdict.md lies.",
        "- Repair what serving found: checks hold under every policy, and no option allows them.",
    ]
    assert lines[-2:] == [
        "- Check that no file of the run has changed, before you pass it on.",
        "      fairgate verify .",
    ]
    assert "What to do next" not in markdown.render(of(practicum))


def test_slices_with_too_few_examples_take_one_row_for_each_rule(practicum: Evaluation) -> None:
    """Both slices with their examples, and what the larger one needs."""
    found = of(practicum)
    lines = [rule for rule in found.rules if rule.id == "false-positive-gap"]
    small = [lines[0].model_copy(update={"outcome": "not enough data", "slice": f"race:{n}", "n": n}) for n in (7, 40)]
    failed = lines[0].model_copy(update={"outcome": "failed"})
    text = markdown.render(found.model_copy(update={"rules": (failed, *small, lines[1])}))
    row = rows_below(text, "Other rules")[0]
    assert row == ("| not enough data | false-positive-gap | 2 slices have too few examples: race:40 (40) and race:7 (7). |")


def test_a_rule_that_is_kept_but_not_proven_says_so(lines: list[str]) -> None:
    """The headline counts it as not disproven; the rest says nothing more than passed."""
    results = [line.split(" | ")[0][2:] for line in lines if line.startswith("| passed")]
    assert set(results) == {"passed", "passed, not disproven"}


def test_a_verdict_that_does_not_know_what_is_proven_says_nothing_of_it(practicum: Evaluation) -> None:
    found = of(practicum)
    rules = tuple(rule.model_copy(update={"proven": False, "needed": None, "kept": None}) for rule in found.rules)
    assert "not disproven |" not in markdown.render(found.model_copy(update={"rules": rules}))


def test_long_lists_are_cut_and_say_by_how_many(practicum: Evaluation) -> None:
    found = of(practicum)
    rules = tuple(found.rules[-1].model_copy(update={"id": f"rule-{number}"}) for number in range(43))
    noted = tuple(found.not_judged[0].model_copy(update={"slice": f"race:{number}"}) for number in range(22))
    text = markdown.render(found.model_copy(update={"rules": rules, "not_judged": noted}))
    assert len(rows_below(text, "Rules")) == 40
    assert len(rows_below(text, "Where no rule judges")) == 20
    assert [line for line in text.splitlines() if line.startswith("And ")] == [
        "And 3 more, in verdict.json.",
        "And 2 more, in verdict.json.",
    ]


def test_of_many_slices_those_that_failed_or_stay_open_are_compared(practicum: Evaluation) -> None:
    """Overall is always there."""
    found = of(practicum)
    gap = next(rule for rule in found.rules if rule.id == "false-positive-gap")
    outcomes = ["passed"] * 12 + ["failed", "unproven", "waived", "not enough data"]
    rules = tuple(
        gap.model_copy(update={"slice": f"race:{number}", "outcome": outcome}) for number, outcome in enumerate(outcomes)
    )
    male = next(line for line in found.slices if line.slice == "gender:male" and line.threshold == 0.5)
    slices = tuple(male.model_copy(update={"slice": f"race:{number}"}) for number in range(len(outcomes)))
    text = markdown.render(found.model_copy(update={"rules": rules, "slices": (*found.slices, *slices)}))
    rows = rows_below(text, "Baseline and candidate (95 % intervals)")
    assert [row.split(" | ")[0][2:] for row in rows] == ["overall", "race:12", "race:13", "race:14"]


def test_fixes_and_breaks_are_listed_where_rules_judge(practicum: Evaluation) -> None:
    """Overall first, then the most changes; neither another threshold nor a slice without a change."""
    found = of(practicum)
    written = [
        ("gender:male", 0.5, 100, 6, 3),
        ("gender:female", 0.5, 200, 9, 1),
        ("gender:other_gender", 0.5, 300, 0, 0),
        ("race:black", 0.5, 400, 5, 5),
        ("overall", 0.5, 20_000, 1_000, 2),
        ("overall", 0.7, 20_000, 10, 20),
    ]
    names = ("slice", "threshold", "n", "fixed", "broken")
    changes = tuple(ChangeLine.model_validate(dict(zip(names, line, strict=True))) for line in written)
    assert rows_below(markdown.render(found.model_copy(update={"changes": changes})), "Fixes and breaks") == [
        "| overall at 0.5 | 20,000 | 1,002 | 1,000 | 2 |",
        "| gender:female at 0.5 | 200 | 10 | 9 | 1 |",
        "| gender:male at 0.5 | 100 | 9 | 6 | 3 |",
    ]


def test_groups_and_copies_are_stated(practicum: Evaluation) -> None:
    facts = {
        "absent_columns": ("religion:hindu",),
        "absent_groups": ("race:native", "race:*x*"),
        "unknown_groups": {"race": 19_000, "gender": 0},
        "rows": 20_000,
        "distinct": 200,
    }
    text = markdown.render(of(practicum).model_copy(update=facts))
    part = text.partition("## Groups and examples\n")[2].partition("\n## ")[0]
    assert part.strip().splitlines() == [
        "- No column in the data for: religion:hindu",
        "- No example of: race:native and race:\\*x\\*",
        "- Examples of unknown membership (of 20,000): race 19,000",
        "- Copies: 200 of 20,000 examples are distinct",
    ]


def test_tagged_features_are_stated(practicum: Evaluation) -> None:
    found = of(practicum)
    tagged = found.data.model_copy(update={"tagged_features": ("gender", "race")})
    text = markdown.render(found.model_copy(update={"data": tagged}))
    assert "- Tagged by word, not by people: gender and race" in text.splitlines()


def test_waivers_come_before_the_rules(practicum: Evaluation) -> None:
    """Who answers for it, until when and why; what was waived stands among the rules that decide."""
    waiver = Waiver(rule="auc-guard", slice="overall", who="the <board>", why="a new season", until=date(2026, 12, 31))
    found = of(practicum)
    rules = tuple(rule.model_copy(update={"outcome": "waived"}) if rule.id == "auc-guard" else rule for rule in found.rules)
    text = markdown.render(found.model_copy(update={"waivers": (waiver,), "rules": rules}))
    assert headings(text)[:2] == ["Waivers in force", "Rules"]
    assert "- auc-guard on overall, waived by the &lt;board&gt; until 2026-12-31: a new season" in text
    assert rows_below(text, "Rules")[0].startswith("| waived | auc-guard |")


@pytest.mark.parametrize(("outcome", "sign"), [("blessed", "✅"), ("refused", "❌"), ("inconclusive", "❔"), ("reported", "📋")])
def test_every_outcome_has_a_sign(practicum: Evaluation, outcome: str, sign: str) -> None:
    text = markdown.render(of(practicum).model_copy(update={"outcome": outcome}))
    assert text.startswith(f"# {sign} {outcome.capitalize()}: civil-comments\n")


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
    assert "| – | – |\n" not in text.partition("## Baseline")[2]


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
    assert [line for line in text if line.startswith("## ")] == ["## Rules", "## Origin", "## What to do next"]
