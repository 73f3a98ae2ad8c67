"""The grid of groups and rules, and which groups were judged."""

from typing import Any

from fairgate.gate.grid import SIGNS, Grid, grid, judged_groups
from fairgate.gate.outcome import NotJudged, PolicyFacts, RuleFacts, RuleLine
from fairgate.gate.verdict import DataInfo, Provenance, SliceLine, Verdict

GAP = RuleFacts(id="gap", words="FPR: at most 1.25 times the rest", slices=("g:*",), trials="negative")
WORST = RuleFacts(id="worst", slices=("g:*",), worst_only=True)
FLOOR = RuleFacts(id="floor", slices=("overall",))


def line(name: str, where: str, outcome: str = "passed", **more: Any) -> RuleLine:
    fields = {"id": name, "kind": "gap", "slice": where, "metric": "auc", "measure": "value", "outcome": outcome, "n": 10.0}
    return RuleLine.model_validate({**fields, "reason": f"{name} on {where}.", **more})


def verdict(*lines: RuleLine, rules: tuple[RuleFacts, ...] = (GAP, WORST, FLOOR), **more: Any) -> Verdict:
    names = ("overall", "g:a", "g:b", "h:c")
    counts: dict[str, Any] = {"threshold": None, "n": 100, "n_positive": 30, "n_negative": 70, "interval": {}}
    return Verdict(
        task="t", outcome="refused", summary="", models={}, overall={}, rules=lines,
        omitted={}, invalid_scores={}, confidence=0.95,
        slices=tuple(SliceLine(slice=name, model="candidate", **counts) for name in names),
        data=DataInfo(source=""), provenance=Provenance(), policy=PolicyFacts(rules=rules),
    ).model_copy(update=more)  # fmt: skip


def test_rows_of_a_feature_stay_together_those_with_trouble_first() -> None:
    lines = [line("gap", name, result) for name, result in [("g:a", "passed"), ("h:c", "failed"), ("g:b", "unproven")]]
    made = grid(verdict(*lines, line("gap", "h:d"), line("gap", "h:e", "unproven"), rules=(GAP,)))
    assert [row.slice for row in made.rows] == ["overall", "h:c", "h:e", "h:d", "g:b", "g:a"]


def noted(where: str) -> NotJudged:
    fields = {"rule": "gap", "slice": where, "metric": "auc", "measure": "ratio", "because": "breaks a limit", "proven": False}
    return NotJudged.model_validate({**fields, "reason": "It is 2."})


def cells(made: Grid) -> dict[str, list[tuple[str, float | None]]]:
    return {row.slice: [(cell.result, cell.n) for cell in row.cells] for row in made.rows}


def test_the_worst_result_of_several_thresholds_shows() -> None:
    made = grid(
        verdict(line("gap", "g:a", proven=True, threshold=0.3), line("gap", "g:a", "failed", threshold=0.5), rules=(GAP,))
    )
    assert cells(made) == {
        "overall": [("not judged", 70)],
        "g:a": [("failed", 10)],
        "g:b": [("not judged", 70)],
        "h:c": [("not judged", 70)],
    }


def test_a_passed_line_that_breaks_its_limit_is_not_shown_as_passed() -> None:
    made = grid(verdict(line("gap", "g:a", kept=False), rules=(GAP,)))
    assert cells(made)["g:a"] == [("limit broken, not proven", 10)]


def test_slices_better_than_the_worst_are_judged_too() -> None:
    made = grid(verdict(line("worst", "g:a", proven=True), rules=(WORST,)))
    assert [cells(made)[name] for name in ("g:a", "g:b", "h:c")] == [
        [("proven", 10)],
        [("better than the worst", 100)],
        [("not judged", 100)],
    ]


def test_a_pattern_that_could_not_be_judged_stands_for_its_slices() -> None:
    made = grid(verdict(line("gap", "g:*", "not enough data"), rules=(GAP,)))
    assert cells(made)["g:b"] == [("not enough data", 10)]
    assert made.rows[-1].slice != "g:a"


def test_groups_with_trouble_and_rules_with_trouble_stand_first() -> None:
    made = grid(verdict(line("gap", "g:a", proven=True), line("floor", "overall", "failed"), line("gap", "g:b", "unproven")))
    assert [rule.id for rule in made.rules] == ["floor", "gap", "worst"]
    assert [row.slice for row in made.rows] == ["overall", "g:b", "g:a", "h:c"]


def test_harm_that_no_rule_judges_is_marked_in_its_cell() -> None:
    made = grid(verdict(line("gap", "g:a"), rules=(GAP,), not_judged=(noted("h:c"),)))
    assert cells(made)["h:c"] == [("not judged, breaks the limit", 70)]


def test_who_was_judged_and_why_others_were_not() -> None:
    made = grid(
        verdict(
            line("gap", "g:a", proven=True),
            line("floor", "g:b", proven=True),
            line("gap", "g:b", "not enough data"),
            line("gap", "g:small", "not enough data"),
            rules=(GAP, FLOOR),
            omitted={"g:small": 3},
            absent_groups=("g:none",),
            absent_columns=("k:x",),
        )
    )
    assert list(judged_groups(made, (noted("h:c"), noted("h:c")))) == [
        ("judged", ["g:a"]),
        ("judged in part (too few examples for some rules)", ["g:b"]),
        ("no rule looks at", ["h:c"]),
        ("too few examples to evaluate", ["g:small"]),
        ("absent: no example in the data", ["g:none"]),
        ("absent: no column in the data", ["k:x"]),
        ("not judged where they got worse, break a limit or are favoured", ["h:c"]),
    ]
    assert cells(made)["g:none"] == [("not judged", 0), ("not judged", 0)]


def test_a_group_of_too_few_examples_for_every_rule_is_not_called_not_judged() -> None:
    """Those words are the summary's, for slices that stand out."""
    made = grid(verdict(line("gap", "g:a", "not enough data"), rules=(GAP,)))
    assert list(judged_groups(made, ())) == [("too few examples to judge", ["g:a"]), ("no rule looks at", ["g:b", "h:c"])]


def test_a_verdict_of_an_earlier_version_has_its_rules_from_its_lines() -> None:
    made = grid(verdict(line("gap", "g:a"), rules=()))
    assert [(rule.id, rule.words) for rule in made.rules] == [("gap", "AUC")]
    assert made.results() == ["not judged", "passed"]
    assert set(made.results()) <= set(SIGNS)
