"""Tables without labels: selection rates, the four-fifths rule and New York City's Local Law 144."""

import io
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import fairgate
from fairgate.cli.summary import print_verdict
from fairgate.errors import InputError
from fairgate.gate import junit, markdown

SEXES = {"male": (92, 50), "female": (76, 34)}  # of the rule's example: applicants, and those above the median
RACES = {"Hispanic": (28, 18), "White": (40, 15), "Black": (32, 16)}
# Both at once: the example gives no combined table, so this one is any that has its margins; the others said no race.
CELLS = {
    ("male", "Hispanic"): (15, 10),
    ("female", "Hispanic"): (13, 8),
    ("male", "White"): (22, 9),
    ("female", "White"): (18, 6),
    ("male", "Black"): (17, 9),
    ("female", "Black"): (15, 7),
    ("male", None): (38, 22),
    ("female", None): (30, 13),
}


def _audit() -> dict[str, list[Any]]:
    rows = [(*who, (60 if at < above else 20) + at / 100) for who, (n, above) in CELLS.items() for at in range(n)]
    return dict(zip(("sex", "race", "score"), map(list, zip(*rows, strict=True)), strict=True))


def test_the_numbers_of_the_rules_own_example() -> None:
    """6 RCNY 5-301, example of a scoring rate: to .1 point; 18 of 28 is 64.29 %, which the rule writes as 64.2 %."""
    found = fairgate.evaluate(_audit(), scores="score", slices=["sex", "race"], policy="ll144")
    by_sex, by_race, by_both = found.verdict.impact
    shown = {row.category: (row.n, row.selected, row.rate, row.ratio) for row in (*by_sex.rows, *by_race.rows)}
    expected = {
        "male": (92, 50, 0.543, 1.00),
        "female": (76, 34, 0.447, 0.82),
        "Hispanic": (28, 18, 0.642, 1.00),
        "White": (40, 15, 0.375, 0.58),
        "Black": (32, 16, 0.500, 0.78),
    }
    for category, numbers in expected.items():
        n, above, rate, ratio = shown[category]
        assert (n, above) == numbers[:2]
        assert rate == pytest.approx(numbers[2], abs=1e-3)
        assert ratio == pytest.approx(numbers[3], abs=5e-3)
    assert (by_sex.unknown, by_race.unknown, by_both.unknown) == (0, 68, 68)
    assert {row.category: (row.n, row.selected) for row in by_both.rows} == {
        f"{race} × {sex}": counts for (sex, race), counts in CELLS.items() if race
    }


def test_an_audit_is_reported_and_not_judged() -> None:
    """Exit code 0; the table, the source and the date are in verdict.md."""
    found = fairgate.evaluate(_audit(), scores="score", slices=["sex", "race"], policy="ll144")
    assert found.verdict.outcome == "reported"
    assert found.verdict.summary.startswith(
        "Reported, not judged: the policy sets no pass mark; usefulness not judged: no labels."
    )
    text = markdown.render(found.verdict)
    assert "## Scoring rate by sex" in text
    assert r"| category | \# applicants | \# above the median | scoring rate | impact ratio | Fisher's exact p |" in text
    assert "| Black | 32 | 16 | 50.0 % | 0.78 | 0.305 |" in text
    assert "| unknown | 68 | – | – | – | – |" in text
    assert "| overall | Scoring rate | – | 0.5 (0.425–0.575) |" in text
    assert "| race:Black | Scoring rate | – | 0.5 (" in text
    assert f"Source of the data: a table in memory. Date: {found.verdict.provenance.finished[:10]}." in text


def test_an_audit_has_no_outcome_of_a_rule_and_no_limit_anywhere() -> None:
    """Ratios of .1 and .4, and a category of twelve: measured, and held to nothing."""
    table = _selected(A=(300, 200), B=(300, 20), Tiny=(12, 4))
    found = fairgate.evaluate(table, decisions="d", slices=["group"], policy="ll144")
    verdict = found.verdict
    assert [(line.outcome, line.limit, line.proven) for line in verdict.rules if line.kind != "check"] == [
        ("not applicable", None, False)
    ] * 2
    assert [rule.words for rule in verdict.policy.rules] == ["Positive rate at 0.5"]
    terminal = io.StringIO()
    print_verdict(Console(width=200, file=terminal), verdict)
    for text in (markdown.render(verdict), junit.render(verdict), terminal.getvalue()):
        for word in ("fail", "required", "proven", "limit", "enough data", "needed", "0.8 ", "What was judged", "1 rule"):
            assert word not in text.replace('failures="0"', "")
    assert "0.067 (0.0436–0.1" in terminal.getvalue()


def test_a_failed_check_refuses_an_audit_for_that_alone() -> None:
    """The low ratio is not among the reasons."""
    found = fairgate.evaluate(
        {"g": ["a"] * 200 + ["b"] * 200, "d": [0] * 400}, decisions="d", slices=["g"], policy="ll144"
    ).verdict
    assert (found.outcome, found.summary.partition(";")[0]) == ("refused", "Refused: decides (overall)")


def test_a_tiny_p_is_not_called_nothing() -> None:
    table = {"sex": ["x"] * 100 + ["f"] * 100, "d": [1] * 90 + [0] * 100 + [1] * 10}
    (row, _, _) = fairgate.evaluate(table, decisions="d", slices=["sex"], policy="ll144").verdict.impact[0].cells
    assert row == ("f", "100", "10", "10.0 %", "0.11", "< 0.001")


def test_a_category_below_two_percent_is_left_out_with_the_reason() -> None:
    """Its number and rate are shown; its rate is not the highest one."""
    sex = ["x"] * 3 + ["f"] * 197
    table = {"sex": sex, "d": [1] * 3 + [1, 0] * 98 + [0]}
    found = fairgate.evaluate(table, decisions="d", slices=["sex"], policy="ll144").verdict.impact[0]
    row = found.rows[1]
    assert found.cells[1][4] == "left out"
    assert found.remarks == ("Left out, for fewer than 2 % of the examples: x.",)
    assert (row.category, row.n, row.rate, row.ratio, row.left_out) == ("x", 3, 1.0, None, "fewer than 2 % of the examples")


OUTCOMES: dict[str, tuple[tuple[int, int], str]] = {
    "far below": ((250, 400), "refused"),
    "below, not provably": ((390, 500), "inconclusive"),
    "equal": ((500, 500), "blessed"),
}


@pytest.mark.parametrize("case", OUTCOMES)
def test_four_fifths_has_three_outcomes(case: str) -> None:
    """By the interval of the ratio."""
    counts, outcome = OUTCOMES[case]
    n = 1000
    table = {"sex": ["f"] * n + ["m"] * n, "hired": np.concatenate([np.arange(n) < each for each in counts])}
    found = fairgate.evaluate(table, decisions="hired", slices=["sex"], policy="four-fifths").verdict
    assert found.outcome == outcome
    assert found.summary.endswith("usefulness not judged: no labels.")
    assert found.impact[0].title == "Selection rate at 0.5 by sex"
    assert found.impact[0].rows[0].ratio == pytest.approx(counts[0] / counts[1])


def test_weights_leave_fishers_test_out() -> None:
    """It is one of counts."""
    table = {"sex": ["f", "m"] * 200, "d": [0, 1, 1, 0] * 100, "w": [1.0, 2.0] * 200}
    found = fairgate.evaluate(table, decisions="d", slices=["sex"], weight="w", policy="four-fifths").verdict.impact[0]
    assert [row.p for row in found.rows] == [None, None]
    assert [row.rate for row in found.rows] == [0.5, 0.5]


@pytest.mark.parametrize("policy", ["four-fifths", "ll144", None])
def test_constant_decisions_are_refused(policy: str | None) -> None:
    """Where everybody is rejected, all rates are equal, and there is no ratio."""
    table = {"sex": ["f", "m"] * 200, "d": [0] * 400}
    found = fairgate.evaluate(table, decisions="d", slices=["sex"], policy=policy).verdict
    assert found.outcome == "refused"
    assert any(line.id == "decides" and line.outcome == "failed" for line in found.rules)
    assert all(row.ratio is None for made in found.impact for row in made.rows)


def test_constant_scores_are_refused() -> None:
    """None lies above the median."""
    found = fairgate.evaluate({"sex": ["f", "m"] * 200, "s": [7] * 400}, scores="s", slices=["sex"], policy="ll144").verdict
    assert [line.reason for line in found.rules if line.outcome == "failed"] == [
        "No score lies above the median of all scores: the candidate does not decide."
    ]


def test_scores_that_are_none_leave_the_audit_refused() -> None:
    """NaN has no rank."""
    found = fairgate.evaluate({"sex": ["f", "m"] * 200, "s": [np.nan] * 400}, scores="s", slices=["sex"], policy="ll144").verdict
    assert found.outcome == "refused"


def test_without_a_policy_a_positive_decision_harms_unless_it_is_favourable() -> None:
    """Four fifths of the least, or of the highest rate; impact ratios are those of a decision that is wanted."""
    table = {"sex": ["f"] * 1000 + ["m"] * 1000, "d": np.concatenate([np.arange(1000) < each for each in (300, 500)])}
    harmful = fairgate.evaluate(table, decisions="d", slices=["sex"]).verdict
    wanted = fairgate.evaluate(table, decisions="d", slices=["sex"], favourable="positive").verdict
    assert [[line.slice for line in each.rules if line.outcome == "failed"] for each in (harmful, wanted)] == [
        ["sex:m"],
        ["sex:f"],
    ]
    assert (len(harmful.impact), len(wanted.impact)) == (0, 1)


def test_scores_without_labels_are_decisions_at_the_threshold() -> None:
    """The only one that is given, else .5."""
    random = np.random.default_rng(0)
    table = {"sex": random.choice(["f", "m"], 2000), "s": random.random(2000)}
    found = fairgate.evaluate(table, scores="s", slices=["sex"], policy="four-fifths", thresholds=0.3).verdict  # type: ignore[arg-type]
    rates = {name: float(np.mean(table["s"][table["sex"] == name] > 0.3)) for name in ("f", "m")}
    assert {row.category: row.rate for row in found.impact[0].rows} == rates
    assert found.outcome == "blessed"
    assert {line.n_positive for line in found.slices} == {None}
    assert "roc" not in found.model_dump_json()


def test_a_rule_may_ask_for_scoring_rates_beside_others() -> None:
    """Of each model its own median; with labels everything else is measured too."""
    random = np.random.default_rng(0)
    table = {"y": random.random(1500) < 0.5, "g": random.choice(["a", "b"], 1500)}
    table |= {"p": np.round(random.random(1500), 2), "q": random.random(1500) ** 2}
    rule = {
        "id": "a",
        "kind": "gap",
        "metric": "scoring_rate",
        "slices": ["g:*"],
        "against": "best",
        "limit": 1.25,
        "worse": "lower",
    }
    quality = {"id": "b", "kind": "quality", "metric": "auc", "min": 0.4}
    scores = {"candidate": "p", "baseline": "q"}
    found = fairgate.evaluate(table, label="y", scores=scores, slices=["g"], policy={"rules": [rule, quality]})
    values = found.metrics.query("metric == 'scoring_rate' and slice == 'g:a'").set_index("model")["value"]
    for model, name in scores.items():
        assert values[model] == np.mean(table[name][table["g"] == "a"] > np.median(table[name]))
    assert "auc" in set(found.metrics["metric"])


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a rule on errors": (
        {"policy": {"rules": [{"id": "a", "kind": "quality", "metric": "false_positive_rate", "thresholds": [0.5], "max": 0.2}]}},
        r"false_positive_rate needs labels, and none are named; type label=.COLUMN.\. "
        "Without labels there is positive_rate",
    ),
    "no group": ({"slices": []}, "Without labels .* type slices=..COLUMN"),
    "no group for a preset": (
        {"slices": [], "policy": "ll144"},
        "The policy ll144 compares groups, and none are named; type slices=",
    ),
    "strict without group": ({"slices": [], "policy": "strict"}, "type slices=..COLUMN"),
    "a preset of another name": (
        {"policy": "four-fifth"},
        "there is no policy file, or preset 'four-fifth'; did you mean policy=.four-fifths.",
    ),
    "a policy file that is not there": ({"policy": "none.yaml"}, "none.yaml"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_needs_labels_is_refused(case: str) -> None:
    """With the remedy."""
    changed, message = WRONG[case]
    arguments: dict[str, Any] = {"decisions": "d", "slices": ["g"]} | changed
    with pytest.raises(InputError, match=message):
        fairgate.evaluate({"d": [0, 1] * 20, "g": ["a", "a", "b", "b"] * 10}, **arguments)


def test_several_classes_have_no_selection_rate() -> None:
    """A preset of selection rates asks for a decision."""
    table = {"y": ["a", "b", "c"] * 9, "d": ["a", "b", "b"] * 9, "g": ["u", "v", "w"] * 9}
    with pytest.raises(InputError, match="four-fifths compares selection rates, and there are several classes; name a decision"):
        fairgate.evaluate(table, label="y", decisions="d", slices=["g"], policy="four-fifths")


def test_the_preset_strict_is_the_default_that_asks_for_proofs() -> None:
    """Of the table at hand."""
    random = np.random.default_rng(0)
    table = {"y": random.random(600) < 0.5, "p": random.random(600), "g": random.choice(["a", "b"], 600)}
    found = fairgate.evaluate(table, label="y", scores="p", slices=["g"], policy="strict")
    assert found.policy.unproven == "inconclusive"


def test_a_reference_without_labels_is_compared_too() -> None:
    """Only rates of selection are left of it."""
    random = np.random.default_rng(0)
    table = {"g": random.choice(["a", "b"], 600), **{name: random.random(600) < 0.4 for name in ("d", "e", "f")}}
    decisions = {"candidate": "d", "baseline": "e", "reference": "f"}
    found = fairgate.evaluate(table, decisions=decisions, slices=["g"])
    assert set(found.counted.evaluation.models["reference"]["overall"].keys()) == set(
        found.counted.evaluation.models["candidate"]["overall"].keys()
    )
    assert {key.name for pair in found.counted.evaluation.paired_with_reference.values() for key in pair.rates} == {
        "positive_rate"
    }


def test_a_part_of_the_rows_is_said() -> None:
    """The expression, and how many rows it left out; the numbers are those of the part."""
    table = {"g": ["a", "b"] * 300, "d": [0, 1, 1] * 200, "split": ["test"] * 400 + ["train"] * 200}
    found = fairgate.evaluate(table, decisions="d", slices=["g"], where="split == 'test'").verdict
    assert (found.data.where, found.data.left_out, found.data.rows) == ("split == 'test'", 200, {"eval": 400})
    assert "- Rows where: split == 'test' (200 rows left out)" in markdown.render(found)
    with pytest.raises(InputError, match="where \"split == 'tset'\" takes none of the 600 rows"):
        fairgate.evaluate(table, decisions="d", slices=["g"], where="split == 'tset'")
    with pytest.raises(InputError, match="there is no column 'splt'; did you mean 'split'"):
        fairgate.evaluate(table, decisions="d", slices=["g"], where="splt == 'test'")
    with pytest.raises(InputError, match="where is ''; give an expression"):
        fairgate.evaluate(table, decisions="d", slices=["g"], where="")


@pytest.mark.parametrize("thresholds", [(0.1, 0.3, 0.5, 0.7, 0.9), (0.1, 0.5), (0.9, 0.5, 0.1)])
def test_scores_decide_only_at_the_threshold_that_the_rule_names(thresholds: tuple[float, ...]) -> None:
    """All lie above 0.1 and below 0.9, where nobody decides; at 0.5 both sexes have the same rate."""
    scores = np.tile(np.linspace(0.15, 0.85, 200), 2)
    table = {"sex": ["f"] * 200 + ["m"] * 200, "s": scores}
    found = fairgate.evaluate(table, scores="s", slices=["sex"], policy="four-fifths", thresholds=thresholds).verdict
    assert found.outcome == "blessed"
    assert [(line.threshold, line.outcome) for line in found.rules if line.id == "decides"] == [(0.5, "passed")]


def test_the_one_threshold_that_is_asked_for_is_one_at_which_the_candidate_must_decide() -> None:
    """All scores lie below it."""
    table = {"sex": ["f", "m"] * 200, "s": np.linspace(0.15, 0.85, 400)}
    found = fairgate.evaluate(table, scores="s", slices=["sex"], policy="four-fifths", thresholds=[0.9]).verdict
    assert [(line.threshold, line.outcome) for line in found.rules if line.id == "decides"] == [(0.9, "failed")]


def _selected(**counts: tuple[int, int]) -> dict[str, list[Any]]:
    """A table of categories, each of (examples, of which selected)."""
    rows = [(name, int(at < chosen)) for name, (n, chosen) in counts.items() for at in range(n)]
    return dict(zip(("group", "d"), map(list, zip(*rows, strict=True)), strict=True))


def test_a_category_with_too_few_examples_is_no_reference_as_in_the_verdict() -> None:
    """Against Tiny the ratios would be .55 and .49, below a verdict of blessed."""
    table = _selected(A=(200, 100), B=(200, 90), Tiny=(12, 11))
    found = fairgate.evaluate(table, decisions="d", slices=["group"], policy="four-fifths").verdict
    assert found.outcome == "blessed"
    assert [(cells[0], cells[3], cells[4]) for cells in found.impact[0].cells] == [
        ("A", "50.0 %", "1.00"),
        ("B", "45.0 %", "0.90"),
        ("Tiny", "91.7 %", "left out"),
        ("unknown", "–", "–"),
    ]
    assert found.impact[0].remarks == (
        "Not judged, and no reference, for too few examples (`min_examples` of the policy): Tiny.",
    )


def test_of_weighted_examples_the_rate_is_told_apart_from_the_number_of_applicants() -> None:
    """Of 1,000 applicants 300 are selected, of weight 10 each, and the other 700 have weights of 1,000 together."""
    table = {"g": ["a", "b"] * 1_000, "d": [1, 1, 1, 1, 1, 1] * 100 + [0, 0] * 700, "w": [10.0] * 600 + [10 / 7] * 1_400}
    found = fairgate.evaluate(table, decisions="d", slices=["g"], weight="w", policy="ll144").verdict.impact[0]
    assert found.cells[0][:4] == ("a", "1,000", "3,000", "75.0 %")
    assert [remark.partition(":")[0] for remark in found.remarks] == ["Examples have weights"]


def test_a_ratio_below_the_limit_is_marked_and_what_p_says_is_told_apart() -> None:
    """Fisher's test is clear that the rates differ (p = .006), and the interval of the ratio reaches beyond .8."""
    table = _selected(A=(200, 100), B=(200, 72), C=(200, 80))
    found = fairgate.evaluate(table, decisions="d", slices=["group"], policy="four-fifths").verdict
    assert found.outcome == "inconclusive"
    assert [cells[4:] for cells in found.impact[0].cells[:3]] == [("1.00", "–"), ("0.72 *", "0.00632"), ("0.80", "0.056")]
    remarks = (
        "* below 0.8.",
        "A p below 0.05 says that a ratio is different from 1, not that it is proven below 0.8, which the verdict asks for.",
    )
    assert found.impact[0].remarks == remarks
    assert all(remark.replace("*", r"\*") in markdown.render(found) for remark in remarks)
    without_mark = fairgate.evaluate(table, decisions="d", slices=["group"], policy="ll144").verdict.impact[0]
    assert ([cells[4] for cells in without_mark.cells[:3]], without_mark.remarks) == (["1.00", "0.72", "0.80"], ())


def test_where_no_category_has_enough_examples_there_is_no_ratio() -> None:
    """The rule judges none of them either."""
    found = fairgate.evaluate(_selected(A=(50, 25), B=(50, 5)), decisions="d", slices=["group"], policy="four-fifths").verdict
    assert [row.ratio for row in found.impact[0].rows] == [None, None]


def test_of_equal_highest_rates_the_table_takes_the_reference_of_the_rule() -> None:
    """Its p-value is against B, the greater sample."""
    table = _selected(A=(100, 50), B=(400, 200), C=(100, 30))
    found = fairgate.evaluate(table, decisions="d", slices=["group"], policy="four-fifths").verdict
    assert [row.p is None for row in found.impact[0].rows] == [False, True, False]
    (line,) = [line for line in found.rules if line.id == "four-fifths"]
    assert "times that of group:B, 0.5" in line.reason


def test_of_two_thresholds_that_were_typed_none_is_dropped() -> None:
    with pytest.raises(
        InputError, match=r"thresholds=\[0.7, 0.8\] names 2 thresholds, of which one is judged .* thresholds=\[0.7\]"
    ):
        fairgate.evaluate(_audit(), scores="score", slices=["sex"], policy="four-fifths", thresholds=[0.7, 0.8])


def test_a_group_too_small_for_the_rule_hides_no_harm() -> None:
    """None of 99, where six of ten are taken: proven beyond any choice of a slice, and named."""
    table = {"race": ["b"] * 99 + ["w"] * 1000, "d": [0] * 99 + [1] * 600 + [0] * 400}
    verdict = fairgate.evaluate(table, decisions="d", slices=["race"], policy="four-fifths").verdict
    assert verdict.outcome == "inconclusive"
    listed = [(each.slice, each.because, each.proven) for each in verdict.not_judged]
    assert listed == [("race:b", "breaks a limit", True), ("race:w", "favoured", True)]


def test_an_audit_lists_no_broken_limits() -> None:
    table = {"race": ["b"] * 99 + ["w"] * 1000, "d": [0] * 99 + [1] * 600 + [0] * 400}
    verdict = fairgate.evaluate(table, decisions="d", slices=["race"], policy="ll144").verdict
    assert (verdict.outcome, verdict.not_judged) == ("reported", ())


def test_the_terminal_names_who_was_not_judged() -> None:
    table = {"race": ["b"] * 99 + ["w"] * 1000, "d": [0] * 99 + [1] * 600 + [0] * 400}
    verdict = fairgate.evaluate(table, decisions="d", slices=["race"], policy="four-fifths").verdict
    text = io.StringIO()
    print_verdict(Console(file=text, width=100), verdict)
    assert "Not judged, and no reference, for too few examples (`min_examples` of the policy): b." in text.getvalue()


def test_unknown_rows_and_applicants_are_counted_alike() -> None:
    """Those without a valid score are no applicants of any category, known or not."""
    sex, race = ["m", "f", None, "m"] * 50, ["b", "b", None, "w"] * 50
    scores = [None, 0.9, None, 0.2, 0.4, 0.6, 0.7, 0.1] * 25
    table = {"p": scores, "sex": sex, "race": race}
    tables = fairgate.evaluate(table, scores="p", slices=["sex", "race"], policy="ll144").verdict.impact
    assert [(table.unknown, sum(row.n for row in table.rows)) for table in tables] == [(25, 125), (25, 125), (25, 125)]


@pytest.mark.parametrize("unit", [1, 0.1])
@pytest.mark.parametrize("model", ["candidate", "baseline"])
def test_a_weight_of_three_gives_the_scoring_rates_of_three_copies(unit: float, model: str) -> None:
    """The median is that of all copies; the units of the weights do not matter, and a weight of zero is no row."""
    draw = np.random.default_rng(7)
    times, scores = draw.integers(0, 6, 400), draw.integers(0, 40, 400) / 40
    table = {"g": np.where(draw.random(400) < 0.5, "a", "b"), "s": np.where(times > 2, scores, scores / 2), "w": times * unit}
    copies = {name: np.repeat(column, times) for name, column in table.items() if name != "w"}
    asked: dict[str, Any] = {"scores": {"candidate": "s", "baseline": "s"}, "slices": ["g"], "policy": "ll144"}
    rates = []
    for judged in (fairgate.evaluate(table, weight="w", **asked), fairgate.evaluate(copies, **asked)):
        found = judged.metrics[(judged.metrics["model"] == model) & (judged.metrics["metric"] == "scoring_rate")]
        rates.append(dict(zip(found["slice"], found["value"], strict=True)))
    expected = {name: np.mean((copies["s"] > np.median(copies["s"]))[copies["g"] == name]) for name in "ab"}
    assert rates[0] == pytest.approx(rates[1])
    assert rates[0]["g:a"] == pytest.approx(expected["a"])
    assert rates[0]["g:b"] == pytest.approx(expected["b"])


def test_a_weighted_median_between_two_scores_lies_between_them() -> None:
    """Half of the weight, in tenths, lies at .2 and below, and the other at .8: nothing else would make the rate one half."""
    table = {
        "g": ["a", "b"] * 5,
        "s": [0.2] * 3 + [0.2, 0.8] + [0.8] * 5,
        "w": [0.1, 0.2, 0.3, 0.3, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2],
    }
    found = fairgate.evaluate(table, scores="s", slices=["g"], weight="w", policy="ll144").metrics
    assert found[(found["slice"] == "overall") & (found["metric"] == "scoring_rate")]["value"].tolist() == pytest.approx([0.5])
