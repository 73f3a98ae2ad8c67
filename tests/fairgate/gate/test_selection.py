"""What readers of a verdict see, and in which order."""

from typing import Any, get_args

import pytest

from fairgate.gate import selection
from fairgate.gate.needed import Needed
from fairgate.gate.outcome import NotJudged, RuleLine, RuleResult
from fairgate.gate.verdict import ChangeLine, DataInfo, Verdict

NEEDED = Needed(slice="g:b", label="", examples=93, have=7, power=None, sentence="It takes 93 more.")


def line(name: str, outcome: str, *, where: str = "overall", n: float = 100, kind: str = "gap", proven: bool = False) -> RuleLine:
    """A line of a rule."""
    return RuleLine.model_validate(
        {
            "id": name,
            "kind": kind,
            "slice": where,
            "metric": "auc",
            "measure": "value",
            "n": n,
            "outcome": outcome,
            "proven": proven,
            "reason": f"{where} has {n:g}.",
        }
    )


def test_every_result_has_its_place() -> None:
    """A result without one would end in an error where lines are sorted."""
    results = get_args(RuleResult)
    assert sorted(selection.GRAVITY) == sorted(results)
    lines = [line(f"rule-{at}", result) for at, result in enumerate(results)]
    assert [each.outcome for each in selection.gravest_first(lines)] == list(selection.GRAVITY)


@pytest.mark.parametrize(
    ("outcome", "kind", "proven", "expected"),
    [
        ("passed", "gap", True, "proven"),
        ("passed", "gap", False, "not disproven"),
        ("failed", "gap", True, "proven"),
        ("failed", "gap", False, "not proven"),
        ("waived", "gap", True, "proven"),
        ("unproven", "gap", False, ""),
        ("not enough data", "gap", False, ""),
        ("passed", "check", True, ""),
    ],
)
def test_proof_in_words(outcome: str, kind: str, proven: bool, expected: str) -> None:
    assert selection.proof(line("rule", outcome, kind=kind, proven=proven)) == expected


def test_a_rule_that_no_slice_had_enough_examples_for_decides() -> None:
    """It is why a run is inconclusive; beside another slice that was judged, the same line decides nothing."""
    alone = [line("a", "not enough data"), line("b", "passed")]
    assert selection.deciding(alone) == [alone[0]]
    assert selection.deciding([*alone, line("a", "passed", where="race:black")]) == []
    assert selection.deciding([*alone, line("c", "failed")]) == [line("c", "failed")]


def test_too_few_examples_of_one_slice_keep_their_reason() -> None:
    """Of several, all are named, the largest first."""
    lines = [line("a", "not enough data", where="x", n=3), line("b", "not enough data", where="x", n=3)]
    lines.append(line("b", "not enough data", where="y", n=50))
    assert selection.too_few(lines) == {"a": "x has 3.", "b": "2 slices have too few examples: y (50) and x (3)."}


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ([line("a", "passed")], False),
        ([line("a", "passed"), line("b", "passed", proven=True)], True),
        ([line("a", "unproven").model_copy(update={"needed": NEEDED})], True),
        ([], False),
    ],
)
def test_verdict_says_what_is_proven_or_needed(rules: list[RuleLine], *, says: bool) -> None:
    assert selection.says_proof(rules) is says


def test_places_are_by_metric_with_overall_first() -> None:
    """Each once; a check has none."""
    rules = [
        line("a", "passed", where="g:a"),
        line("b", "failed", where="g:a"),
        line("c", "passed", where="g:b").model_copy(update={"metric": "loss"}),
        line("d", "passed", where="g:c").model_copy(update={"threshold": 0.5}),
        line("e", "failed", where="g:d", kind="check").model_copy(update={"metric": ""}),
    ]
    assert selection.places(rules) == [
        ("overall", "auc", None),
        ("g:a", "auc", None),
        ("overall", "loss", None),
        ("g:b", "loss", None),
        ("overall", "auc", 0.5),
        ("g:c", "auc", 0.5),
    ]


@pytest.mark.parametrize("many", [False, True])
def test_places_of_many_slices_are_those_that_stay_open(*, many: bool) -> None:
    """12 slices with overall are all shown; of 13 those that some rule left open."""
    results = ["passed", "failed", "waived", "unproven", "not enough data"] + ["passed"] * (7 if many else 6)
    rules = [line("a", result, where=f"g:{number}") for number, result in enumerate(results)]
    rules.append(line("b", "passed", where="g:1"))
    shown = [name for name, _, _ in selection.places(rules)]
    assert shown == ["overall", *([f"g:{number}" for number in ((1, 2, 3) if many else range(11))])]


def verdict_of(**parts: Any) -> Verdict:
    """A verdict of which only these parts are read."""
    empty: dict[str, Any] = {"rules": (), "changes": (), "rows": None, "distinct": None}
    empty |= {"unknown_groups": {}, "absent_columns": (), "absent_groups": ()}
    tagged = parts.pop("tagged_features", ())
    return Verdict.model_construct(data=DataInfo.model_construct(source="", tagged_features=tagged), **empty | parts)


def test_changes_are_those_on_the_places_of_rules() -> None:
    """Overall first, also where no rule names it, then the most changes."""

    def change(where: str, threshold: float | None, fixed: int, broken: int) -> ChangeLine:
        return ChangeLine(slice=where, threshold=threshold, n=100, fixed=fixed, broken=broken)

    few, most, overall = change("g:a", 0.5, 1, 1), change("g:b", 0.5, 0, 5), change("overall", 0.5, 1, 0)
    left_out = [change("g:c", 0.5, 3, 3), change("g:a", 0.3, 3, 3), change("overall", 0.3, 3, 3), change("g:d", 0.5, 0, 0)]
    rules = [line("a", "passed", where=where).model_copy(update={"threshold": 0.5}) for where in ("g:a", "g:b", "g:d")]
    rules.append(line("c", "passed", where="g:c").model_copy(update={"threshold": 0.5, "metric": ""}))
    assert selection.judged_changes(verdict_of(rules=rules, changes=[*left_out, few, most, overall])) == [overall, most, few]


def test_facts_on_groups() -> None:
    found = selection.group_facts(
        verdict_of(
            tagged_features=("race", "gender"),
            rows=2000,
            distinct=1900,
            unknown_groups={"race": 0, "gender": 1234, "age": 5},
            absent_columns=("g:a", "g:b"),
            absent_groups=("g:c",),
        )
    )
    assert found == {
        "Tagged by word, not by people": "race and gender",
        "No column in the data for": "g:a and g:b",
        "No example of": "g:c",
        "Examples of unknown membership (of 2,000)": "age 5 and gender 1,234",
        "Copies": "1,900 of 2,000 examples are distinct",
    }


@pytest.mark.parametrize("counts", [{}, {"rows": 10}, {"distinct": 10}, {"rows": 10, "distinct": 10}])
def test_verdict_without_facts_on_groups(counts: dict[str, int]) -> None:
    assert selection.group_facts(verdict_of(**counts)) == {}


def test_facts_on_groups_name_twenty() -> None:
    """Each kind; without a number of rows none is said."""
    names = tuple(f"g:{number:02}" for number in range(21))
    found = selection.group_facts(verdict_of(unknown_groups=dict.fromkeys(names, 1), absent_columns=names, absent_groups=names))
    assert list(found) == ["No column in the data for", "No example of", "Examples of unknown membership"]
    assert all(text.endswith(" and 1 more") for text in found.values())


def test_slices_with_too_few_examples_are_told_with_what_the_first_needs() -> None:
    lines = [
        line("a", "not enough data", where="g:a", n=5),
        line("a", "not enough data", where="g:b", n=7).model_copy(update={"needed": NEEDED}),
    ]
    assert selection.too_few(lines) == {"a": "2 slices have too few examples: g:b (7) and g:a (5). It takes 93 more."}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"proven": True, "kept": True}, "proven"),
        ({"kept": True}, "not disproven"),
        ({"kept": False}, "limit broken, not proven"),
        ({"reason": "It is 2. The limit is broken, but the interval reaches back within it."}, "limit broken, not proven"),
        ({"kind": "check"}, "passed"),
        ({"outcome": "unproven", "kept": False}, "unproven"),
    ],
)
def test_what_passed_but_breaks_its_limit_is_never_shown_as_passed(changes: dict[str, object], shown: str) -> None:
    assert selection.shown_result(line("a", "passed").model_copy(update=changes)) == shown


def test_rules_of_a_verdict_without_proofs_are_shown_as_passed() -> None:
    assert selection.shown_result(line("a", "passed"), says_proof=False) == "passed"
    assert selection.count_rules([line("a", "passed")]).held == 1


def test_a_rule_counts_once_by_its_gravest_result() -> None:
    broken = line("b", "passed").model_copy(update={"kept": False})
    lines = [
        line("serving", "passed", kind="check"),
        line("a", "passed", proven=True),
        line("a", "failed"),
        line("a", "not enough data"),
        broken,
        line("c", "not enough data"),
        line("c", "passed", proven=True),
        line("d", "not enough data"),
    ]
    counts = selection.count_rules(lines)
    assert (counts.rules, counts.held, counts.comparisons, counts.checks) == (4, 1, 7, 1)
    assert counts.words == (
        "4 rules: 1 failed, 1 limit broken and not proven, 1 not enough data, 1 proven; 7 comparisons and 1 check"
    )


def test_lines_that_break_their_limit_stand_before_others_that_passed() -> None:
    broken = line("b", "passed").model_copy(update={"kept": False})
    lines = [line("a", "passed", proven=True), broken]
    assert selection.gravest_first(lines) == [broken, lines[0]]
    assert selection.deciding(lines) == [broken]


@pytest.mark.parametrize(
    ("because", "says"),
    [
        (["breaks a limit"], ["No rule names these slices"]),
        (["favoured"], ["A slice that is favoured may have been judged"]),
        (
            ["worse than the baseline", "favoured"],
            ["No rule names these slices", "A slice that is favoured may have been judged"],
        ),
        ([], []),
    ],
)
def test_what_no_rule_judges_says_why(because: list[str], says: list[str]) -> None:
    """A favoured slice may have passed a rule on the same metric."""
    fields: dict[str, Any] = {"rule": "a", "slice": "g:a", "metric": "auc", "measure": "ratio", "proven": False, "reason": ""}
    text = selection.why_no_rule([NotJudged.model_validate({**fields, "because": each}) for each in because])
    assert [
        start for start in ("No rule names these slices", "A slice that is favoured may have been judged") if start in text
    ] == says
