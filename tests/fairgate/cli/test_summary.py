"""A verdict in the terminal."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from fairgate.cli.summary import print_next_steps, print_verdict
from fairgate.gate.next_steps import NextStep
from fairgate.gate.outcome import Interval, PolicyFacts, RuleLine
from fairgate.gate.verdict import DataInfo, Provenance, SliceLine, Verdict


def shown(draw: Callable[[Console], object]) -> list[str]:
    """The lines that are printed, without colours and trailing blanks."""
    text = io.StringIO()
    draw(Console(file=text, width=120))
    return [line.rstrip() for line in text.getvalue().splitlines()]


N = {"overall": 12000, "gender:male": 700, "gender:male × race:black": 40, "race:black": 50}


def rule(name: str, where: str, outcome: str, metric: str = "false_positive_rate", threshold: float | None = 0.5) -> RuleLine:
    """A judged rule."""
    return RuleLine.model_validate(
        {
            "id": name,
            "kind": "gap",
            "slice": where,
            "metric": metric,
            "threshold": threshold,
            "measure": "ratio",
            "value": 1.5,
            "interval": None,
            "limit": 1.25,
            "n": N.get(where, 100),
            "outcome": outcome,
            "reason": f"{name} on {where} [{outcome}].",
        }
    )


def line(where: str, model: str, threshold: float | None, n: int, **metrics: float | None) -> SliceLine:
    """A slice of a model."""
    intervals: dict[str, Interval] = {}
    known = {"slice": where, "model": model, "threshold": threshold, "n": n, "interval": intervals}
    return SliceLine.model_validate({**known, "n_positive": None, "n_negative": None, **metrics})


SLICES = tuple(
    line(where, model, threshold, n, **metrics)
    for where, n in N.items()
    for model, rate, auc in (("baseline", 0.25, 0.9), ("candidate", 0.125, 0.875))
    for threshold, metrics in ((0.5, {"false_positive_rate": rate}), (None, {"auc": None if where == "race:black" else auc}))
)


def verdict(outcome: str, *rules: RuleLine, generated: bool = False) -> Verdict:
    """A verdict over SLICES."""
    return Verdict.model_validate(
        {
            "task": "civil-comments",
            "outcome": outcome,
            "summary": "One [sentence].",
            "models": {},
            "overall": {},
            "rules": rules,
            "slices": SLICES,
            "omitted": {},
            "invalid_scores": {},
            "confidence": 0.95,
            "data": DataInfo(source="generated sample", generated=generated),
            "provenance": Provenance(),
        }
    )


TABLE = [
    "",
    "slice        metric                           n  baseline  candidate",
    "overall      false positive rate at 0.5  12,000     0.250      0.125",
]


def test_refused_verdict_says_why_and_compares_what_was_judged() -> None:
    """Outcome and reasons, then both models where rules judge them: no other feature, no intersection."""
    found = verdict("refused", rule("gap", "gender:male", "failed"), rule("auc", "overall", "passed", "auc", None))
    assert shown(lambda console: print_verdict(console, found)) == [
        "",
        "REFUSED  One [sentence].",
        "  • gap on gender:male [failed].",
        *TABLE,
        "             AUC                         12,000     0.900      0.875",
        "gender:male  false positive rate at 0.5     700     0.250      0.125",
    ]


def test_blessed_verdict_gives_no_reasons() -> None:
    """The table says enough; what no slice has and checks have no row."""
    rules = (
        rule("gap", "gender:male", "passed"),
        rule("trivial", "overall", "passed", "trivial_accuracy", None),
        rule("serving", "", "passed", "", None),
    )
    assert shown(lambda console: print_verdict(console, verdict("blessed", *rules))) == [
        "",
        "BLESSED  One [sentence].",
        *TABLE,
        "gender:male  false positive rate at 0.5     700     0.250      0.125",
    ]


def test_unknown_value_is_a_dash() -> None:
    """Undefined is not zero."""
    found = verdict("inconclusive", rule("auc", "race:black", "unproven", "auc", None))
    assert shown(lambda console: print_verdict(console, found))[-1].split() == ["race:black", "AUC", "50", "–", "–"]


def test_a_verdict_without_measurements_has_no_table() -> None:
    found = verdict("refused", rule("serving", "", "failed", "", None))
    assert shown(lambda console: print_verdict(console, found))[2:] == ["  • serving on [failed]."]


def test_waived_failures_are_named_whatever_the_outcome() -> None:
    """A reader of a blessed run must see what was excused."""
    found = verdict("blessed", rule("auc", "overall", "passed", "auc", None), rule("gap", "gender:male", "waived"))
    assert shown(lambda console: print_verdict(console, found))[2] == "  • gap on gender:male [waived]."


def test_long_lists_of_reasons_are_cut_and_counted() -> None:
    """Six reasons; how many more there are, and how every rule ended."""
    rules = [rule(f"gap-{number}", "gender:male", "failed") for number in range(14)]
    text = shown(
        lambda console: print_verdict(console, verdict("refused", *rules, rule("auc", "overall", "passed", "auc", None)))
    )
    assert text[2:10] == [
        *(f"  • gap-{number} on gender:male [failed]." for number in range(6)),
        "  … and 8 more, in verdict.md.",
        "15 rules: 14 failed, 1 passed; 15 comparisons and 0 checks.",
    ]


def test_of_many_slices_those_that_failed_come_first_and_those_that_passed_not_at_all() -> None:
    """Overall, then failed, then open; twelve rows at most."""
    names = [f"race:{letter}" for letter in "abcdefghijklmnop"]
    results = ["unproven"] * 14 + ["failed", "passed"]
    rules = [rule("gap", name, result) for name, result in zip(names, results, strict=True)]
    slices = tuple(line(name, "candidate", 0.5, 100, false_positive_rate=0.5) for name in ["overall", *names])
    found = verdict("refused", *rules).model_copy(update={"slices": slices})
    text = shown(lambda console: print_verdict(console, found))
    rows = text[next(at for at, shown_line in enumerate(text) if shown_line.startswith("slice")) + 1 :]
    assert [row.split()[0] for row in rows[:-1]] == ["overall", "race:o", *names[:10]]
    assert rows[-1] == "  … and 4 more, in verdict.md."
    assert "race:p" not in "\n".join(text)


def noted(where: str, *, proven: bool = False) -> dict[str, object]:
    """A slice that no rule judges."""
    return {
        "rule": "gap",
        "slice": where,
        "metric": "false_positive_rate",
        "threshold": 0.5,
        "measure": "ratio",
        "n": 99,
        "because": "breaks a limit",
        "proven": proven,
        "reason": "A sentence.",
    }


def test_slices_that_no_rule_judges_are_named_in_brief() -> None:
    """Five of them, with metric, reason and examples; the rest is counted."""
    entries = [noted("race:a", proven=True), *(noted(f"race:{letter}") for letter in "bcdefg")]
    written = {**verdict("blessed", rule("gap", "gender:male", "passed")).model_dump(), "not_judged": entries}
    text = shown(lambda console: print_verdict(console, Verdict.model_validate(written)))
    assert text[2:5] == [
        "Where no rule judges (none names the slice, or it has too few examples):",
        "  • race:a: false positive rate at 0.5 breaks a limit (n = 99), proven",
        "  • race:b: false positive rate at 0.5 breaks a limit (n = 99)",
    ]
    assert text[8] == "  … and 2 more, in verdict.md."


def test_a_favoured_slice_is_not_said_to_have_no_rule() -> None:
    entry = {**noted("race:a"), "because": "favoured"}
    written = {**verdict("blessed", rule("gap", "race:a", "passed")).model_dump(), "not_judged": [entry]}
    text = " ".join(shown(lambda console: print_verdict(console, Verdict.model_validate(written))))
    assert "(none names the slice, it has too few examples, or none limits that side)" in " ".join(text.split())


def test_groups_that_could_not_be_measured_are_named() -> None:
    found = verdict("blessed", rule("gap", "gender:male", "passed"))
    found = found.model_copy(update={"absent_groups": ("race:native",), "absent_columns": ("religion:hindu",)})
    assert shown(lambda console: print_verdict(console, found))[2:4] == [
        "No column in the data for: religion:hindu.",
        "No example of: race:native.",
    ]


def test_features_that_are_tagged_by_word_are_named() -> None:
    found = verdict("blessed", rule("gap", "gender:male", "passed"))
    found = found.model_copy(update={"data": found.data.model_copy(update={"tagged_features": ("gender",)})})
    assert shown(lambda console: print_verdict(console, found))[2] == "Tagged by word, not by people: gender."


@pytest.mark.parametrize(
    ("author", "rationale", "line"),
    [
        ("A. Board", "No group is flagged more.", "Policy by A. Board. No group is flagged more."),
        ("", "No group is [b]flagged[/b].", "No group is [b]flagged[/b]."),
        ("A. Board", "", "Policy by A. Board."),
    ],
)
def test_who_answers_for_the_policy_is_named_and_why(author: str, rationale: str, line: str) -> None:
    said = verdict("blessed").model_copy(update={"policy": PolicyFacts(author=author, rationale=rationale)})
    assert line in shown(lambda console: print_verdict(console, said))


def test_a_long_rationale_is_cut_in_the_terminal() -> None:
    said = verdict("blessed").model_copy(update={"policy": PolicyFacts(author="A. Board", rationale="why " * 1000)})
    lines = shown(lambda console: print_verdict(console, said))
    (start,) = (at for at, line in enumerate(lines) if line.startswith("Policy by A. Board. why why"))
    text = " ".join(lines[start:])
    assert (len(text) <= 301, text.endswith("why … (verdict.md)")) == (True, True)


def test_25_slices_with_long_names_fit_a_terminal() -> None:
    """80 columns, 50 lines: 25 slices with long names, four rules that fail on all of them, and as many slices not judged."""
    names = [f"sexual_orientation:homosexual_gay_or_lesbian_{number}" for number in range(25)]
    rules = [rule(f"gap-{number}", name, "failed") for number in range(4) for name in names]
    slices = tuple(line(name, "candidate", 0.5, 100, false_positive_rate=0.5) for name in ["overall", *names])
    written = {**verdict("refused", *rules).model_dump(), "slices": slices, "not_judged": [noted(name) for name in names]}
    text = io.StringIO()
    print_verdict(Console(file=text, width=80), Verdict.model_validate(written))
    lines = text.getvalue().splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(line for line in lines if "more, in verdict.md" not in line)  # no name is cut


def test_text_from_the_data_is_neither_markup_nor_control_sequence() -> None:
    """A slice that is named like a style and an emoji, over two lines, with an escape sequence."""
    hostile = "race:a:[bold]x[/]\n\x1b[2J"
    entry = {**noted(hostile), "metric": "[red]m"}
    slices = (line(hostile, "candidate", 0.5, 5, false_positive_rate=0.5),)
    written = {
        **verdict("refused", rule("gap", hostile, "failed")).model_dump(),
        "slices": slices,
        "not_judged": [entry],
        "absent_groups": [hostile],
        "summary": hostile,
    }
    text = shown(lambda console: print_verdict(console, Verdict.model_validate(written)))
    assert "\x1b" not in "".join(text)
    assert text[1] == "REFUSED  race:a:[bold]x[/] \ufffd[2J"
    assert text[2] == "  • gap on race:a:[bold]x[/] \ufffd[2J [failed]."
    assert "  • race:a:[bold]x[/] \ufffd[2J: [red]m at 0.5 breaks a limit (n = 99)" in text
    assert "No example of: race:a:[bold]x[/] \ufffd[2J." in text


def test_generated_examples_are_named_as_such() -> None:
    """Nobody shall take the numbers for real ones."""
    found = verdict("blessed", rule("gap", "gender:male", "passed"), generated=True)
    assert shown(lambda console: print_verdict(console, found))[-1] == "Data: generated sample."


def test_n_is_that_of_the_rule_and_else_of_the_label_that_the_metric_rests_on() -> None:
    """Negatives for a false positive rate: where a rule judges it as many as it rests on, elsewhere those of the slice."""
    judged = rule("gap", "gender:male", "failed").model_copy(update={"n": 650})
    counts = {"n_positive": 2000, "n_negative": 10000}
    slices = tuple(each.model_copy(update=counts if each.slice == "overall" else {"n_negative": 690}) for each in SLICES)
    found = verdict("refused", judged).model_copy(update={"slices": slices})
    rows = [row.split() for row in shown(lambda console: print_verdict(console, found)) if " at 0.5 " in row]
    assert [row[-3] for row in rows] == ["10,000", "650"]


def test_what_passed_beyond_its_limit_is_shown_and_never_green() -> None:
    broken = rule("guard", "gender:male", "passed").model_copy(update={"kept": False})
    text = io.StringIO()
    print_verdict(
        Console(file=text, width=120, force_terminal=True, color_system="standard", _environ={}), verdict("blessed", broken)
    )
    lines = text.getvalue().splitlines()
    (title,) = (at for at, printed in enumerate(lines) if "Limit broken, not proven" in printed)
    assert "\x1b[33mLimit broken, not proven\x1b[0m" in lines[title]
    assert "guard on gender:male" in lines[title + 1]
    assert "\x1b[32m" not in "".join(lines[title:])


@pytest.mark.parametrize("outcome", ["blessed", "refused"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("is 0.3, over all examples 0.6 times that of the others; the gap reverses within town (6 strata)", True),
        ("the limit is broken there and kept within town (6 strata), where it is 1.06 times theirs", True),
        ("the limit is kept there and broken within town (6 strata), where it is 0.7 times theirs", True),
        ("is 0.3, over all examples 0.6 times that of the others; within town (6 strata) it is 0.7 times theirs", False),
    ],
)
def test_where_the_gap_within_strata_tells_something_else_that_is_said(outcome: str, words: str, *, said: bool) -> None:
    """Whatever the outcome, once."""
    changes = {"measure": "ratio_to_rest_within", "reason": words}
    judged = rule("a", "gender:male", "passed" if outcome == "blessed" else "failed").model_copy(update=changes)
    found = verdict(outcome, judged, rule("b", "gender:male", "passed").model_copy(update={"reason": words}))
    text = "\n".join(shown(lambda console: print_verdict(Console(file=console.file, width=200), found)))
    assert text.count(words) == (1 if said or outcome == "refused" else 0)
    assert ("Within strata the gap is another one than over all examples:" in text) == (said and outcome == "blessed")


def test_next_steps_are_sentences_and_commands_that_can_be_copied() -> None:
    steps = [NextStep("Collect [more].", ("fairgate plan " + "long" * 40,)), NextStep("Look.")]
    assert shown(lambda console: print_next_steps(console, steps)) == [
        "",
        "What to do next",
        "  • Collect [more].",
        "      fairgate plan " + "long" * 40,
        "  • Look.",
    ]
    assert shown(lambda console: print_next_steps(console, [])) == []


def test_selection_rates_are_a_table() -> None:
    """Below the outcome, with the source of the data."""
    rows = [
        {"category": f"c[{at}]", "slice": f"sex:c[{at}]", "n": 40 - at, "selected": 10.0, "rate": 0.25, "ratio": 1.0, "p": None}
        for at in range(14)
    ]
    table = {"features": ["sex"], "metric": "positive_rate", "threshold": 0.5, "rows": rows, "unknown": 2}
    written = {**verdict("reported", rule("gap", "sex:c", "passed")).model_dump(), "impact": [table]}
    lines = shown(lambda console: print_verdict(console, Verdict.model_validate(written)))
    at = lines.index("Selection rate at 0.5 by sex")
    assert lines[at + 1].split("  ")[0] == "category"
    assert lines[at + 2].split() == ["c[0]", "40", "10", "25.0", "%", "1.00", "–"]
    assert "  … and 3 more, in verdict.md." in lines
    assert any(line.startswith("Source of the data: ") for line in lines)
