"""The grid of groups and rules, and what each group was judged on."""

from typing import Any

from fairgate.gate.grid import SIGNS, Grid, coverage, grid, standing_out
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
        "overall": [("no rule", 70)],
        "g:a": [("failed", 10)],
        "g:b": [("no rule", 70)],
        "h:c": [("no rule", 70)],
    }


def test_a_passed_line_that_breaks_its_limit_is_not_shown_as_passed() -> None:
    made = grid(verdict(line("gap", "g:a", kept=False), rules=(GAP,)))
    assert cells(made)["g:a"] == [("limit broken, not proven", 10)]


def test_slices_better_than_the_worst_are_judged_too() -> None:
    made = grid(verdict(line("worst", "g:a", proven=True), rules=(WORST,)))
    assert [cells(made)[name] for name in ("g:a", "g:b", "h:c")] == [
        [("proven", 10)],
        [("better than the worst", 100)],
        [("no rule", 100)],
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


def covered(judged: Verdict) -> list[tuple[list[str], str, str]]:
    return [(list(each.slices), each.judged_words, each.not_judged_words) for each in coverage(judged, grid(judged))]


RECALL = RuleFacts(id="recall", slices=("g:*",), trials="positive")


def test_each_group_is_said_once_with_what_it_was_judged_on_and_what_not() -> None:
    judged = verdict(
        line("gap", "g:a", proven=True),
        line("gap", "g:b", proven=True),
        line("recall", "g:a", "not enough data", metric="recall"),
        line("recall", "g:b", "not enough data", metric="recall"),
        line("floor", "overall", metric="accuracy"),
        line("gap", "g:small", "not enough data"),
        rules=(GAP, RECALL, FLOOR),
        omitted={"g:small": 3},
        absent_groups=("g:none",),
        absent_columns=("k:x",),
    )
    assert covered(judged) == [
        (["overall"], "accuracy", "AUC and recall (no rule)"),
        (["g:a", "g:b"], "AUC", "recall (too few examples), accuracy (no rule)"),
        (["h:c"], "nothing", "accuracy, AUC and recall (no rule)"),
        (["g:small"], "nothing", "too few examples to evaluate"),
        (["g:none"], "nothing", "no example in the data"),
        (["k:x"], "nothing", "no column in the data"),
    ]
    assert cells(grid(judged))["g:none"] == [("no rule", 0)] * 3


def test_one_rule_of_several_that_judges_a_metric_is_enough() -> None:
    rules = (GAP, WORST)
    judged = verdict(line("gap", "g:a", "not enough data"), line("worst", "g:b"), rules=rules)
    assert covered(judged)[1] == (["g:a", "g:b"], "AUC", "")


def test_harm_that_no_rule_judges_is_not_too_few_examples() -> None:
    """Unless the rule that would judge it found too few."""
    few = verdict(
        line("gap", "g:a", "not enough data"), line("gap", "g:b"), rules=(GAP,), not_judged=(noted("g:a"), noted("h:c"))
    )
    assert covered(few)[2:] == [(["g:a"], "nothing", "AUC (too few examples)"), (["h:c"], "nothing", "AUC (no rule)")]


def test_a_rule_without_a_model_to_compare_with_judges_no_group() -> None:
    """Its one line names overall or its first pattern, and stands for every slice that any of its patterns matches."""
    guard = GAP.model_copy(update={"slices": ("overall", "g:*", "h:*")})
    for where in ("overall", "g:*"):
        judged = verdict(line("gap", where, "not applicable", n=0.0), rules=(guard,))
        assert covered(judged) == [
            (["overall"], "nothing", "AUC (nothing to compare with)"),
            (["g:a", "g:b", "h:c"], "nothing", "AUC (nothing to compare with)"),
        ]
        assert cells(grid(judged)) == {name: [("not applicable", 70)] for name in ("overall", "g:a", "g:b", "h:c")}


def test_a_rule_that_judges_one_slice_has_not_lost_the_others() -> None:
    judged = verdict(line("gap", "g:a", "not applicable"), line("gap", "g:b"), rules=(GAP,))
    assert covered(judged)[1:] == [
        (["g:b"], "AUC", ""),
        (["g:a"], "nothing", "AUC (nothing to compare with)"),
        (["h:c"], "nothing", "AUC (no rule)"),
    ]


def test_a_pattern_has_a_row_only_where_it_names_no_slice() -> None:
    rules = (GAP, WORST.model_copy(update={"slices": ("k:*",)}))
    made = grid(verdict(line("gap", "g:*", "not enough data"), line("worst", "k:*", "not enough data"), rules=rules))
    assert [(row.slice, row.note) for row in made.rows if "*" in row.slice] == [("k:*", "no slice that can be compared")]


def test_what_stands_out_is_listed_by_metric_and_reason() -> None:
    favoured = noted("g:b").model_copy(update={"because": "favoured"})
    worse = noted("h:c").model_copy(update={"because": "worse than the baseline", "metric": "recall"})
    assert standing_out((noted("h:c"), favoured, noted("g:a"), worse, noted("h:c"))) == {
        "AUC breaks a limit for": ["h:c", "g:a"],
        "AUC favours": ["g:b"],
        "recall is worse than the baseline’s for": ["h:c"],
    }


def test_a_verdict_of_an_earlier_version_has_its_rules_from_its_lines() -> None:
    made = grid(verdict(line("gap", "g:a"), rules=()))
    assert [(rule.id, rule.words) for rule in made.rules] == [("gap", "AUC")]
    assert made.results() == ["no rule", "passed"]
    assert set(made.results()) <= set(SIGNS)
