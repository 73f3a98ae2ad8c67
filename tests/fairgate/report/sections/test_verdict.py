"""The first section: the outcome, the reasons, and every rule, the gravest first."""

import dataclasses
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from markupsafe import escape

from fairgate.gate import selection
from fairgate.gate.needed import Needed
from fairgate.gate.outcome import CHECK, Outcome, RuleLine, RuleResult
from fairgate.gate.waivers import Waiver
from fairgate.report import document
from fairgate.report.content import ReportContent
from fairgate.report.sections import verdict
from fairgate.report.view import build_view


def with_verdict(content: ReportContent, changes: Mapping[str, Any]) -> ReportContent:
    """The report with other parts of its verdict."""
    return dataclasses.replace(content, verdict=content.verdict.model_copy(update=changes))


def drawn(content: ReportContent) -> str:
    """The section's HTML, without marks of where a line may break."""
    view = build_view(content)
    html = document.fill(verdict.TEMPLATE, view=view, verdict=view.verdict, figures={}, **verdict.parts(view).values)
    return re.sub(r' title="[^"]*"', "", html).replace("<wbr>", "").replace("\u00a0", " ")


def test_the_gravest_results_stand_first(binary_content: ReportContent) -> None:
    """What failed, then what stayed open, then what passed; none is left out; results are counted."""
    values = verdict.parts(build_view(binary_content)).values
    rules = [rule for rule, _ in values["lines"]]
    outcomes = [rule.outcome for rule in rules]
    assert outcomes == sorted(outcomes, key=selection.GRAVITY.index)
    assert {rule.id for rule in rules} == {rule.id for rule in binary_content.verdict.rules}
    assert values["results"] == selection.count_rules(rules).words


@pytest.mark.parametrize("result", get_args(RuleResult))
def test_every_result_is_drawn(binary_content: ReportContent, result: RuleResult) -> None:
    """A waived failure once ended in an error."""
    rule = binary_content.verdict.rules[-1].model_copy(update={"outcome": result})
    html = drawn(with_verdict(binary_content, {"rules": (rule,)}))
    assert re.search(rf'<span class="badge \w+">{result}</span>', html)
    assert "Every comparison and check (1 rule: " in html


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_every_outcome_has_a_banner_with_a_colour_of_its_own(binary_content: ReportContent, outcome: Outcome) -> None:
    html = drawn(with_verdict(binary_content, {"outcome": outcome}))
    assert f'<div class="banner {outcome}">' in html
    styles = (Path(document.__file__).parent / "assets" / "page.css").read_text(encoding="utf-8")
    assert f".banner.{outcome} {{" in styles


def test_only_a_verdict_that_went_wrong_lists_reasons(binary_content: ReportContent) -> None:
    """A report without pass mark shows its table, and what passed needs no reason."""
    failed = next(rule for rule in binary_content.verdict.rules if rule.outcome == "failed")
    item = f"<li>{escape(failed.reason)}</li>"
    assert item in drawn(binary_content)
    assert item not in drawn(with_verdict(binary_content, {"outcome": "reported"}))


def test_a_report_without_pass_mark_shows_checks_and_no_limits(binary_content: ReportContent) -> None:
    """Neither the rules on every group, nor what was judged, nor a limit."""
    check = RuleLine(id="serving", kind=CHECK, measure="", outcome="passed", reason="It serves.")
    rules = (*(rule for rule in binary_content.verdict.rules if rule.kind != CHECK), check)
    html = drawn(with_verdict(binary_content, {"outcome": "reported", "rules": rules}))
    assert "<summary>Every check</summary>" in html
    assert re.findall('<span class="rule">(.*?)</span>', html) == ["serving"]
    for absent in (">Limit<", "What was judged", "Groups and rules", "Where no rule judges", "failed", "not enough data"):
        assert absent not in html


def test_the_first_screen_says_what_each_group_was_judged_on(binary_content: ReportContent) -> None:
    """One row for groups that were judged alike; no group stands in two rows."""
    noted = binary_content.verdict.not_judged[:1]
    html = drawn(with_verdict(binary_content, {"not_judged": noted, "absent_groups": ("race:native",)}))
    table = html[html.index('<table class="covered">') : html.index("</table>")]
    rows = [tuple(re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row)) for row in re.findall("<tr>(.*?)</tr>", table, re.DOTALL)][1:]
    assert rows[0][0] == "all examples"
    assert ("race:native", "nothing", "no example in the data") in rows
    assert all(len(row) == 3 for row in rows)
    stands_out = re.search(r"<dt>Where no rule judges</dt><dd>The (.*) (.*)\.<br>", html)
    assert stands_out is not None
    assert stands_out[2] == noted[0].slice


def test_waivers_and_what_they_excuse_are_named_in_a_blessed_run(binary_content: ReportContent) -> None:
    """Who answers for it, why, and until when."""
    waiver = Waiver(rule="auc-guard", slice="overall", who="the board", why="<b>a new season</b>", until=date(2026, 12, 31))
    rules = tuple(
        rule.model_copy(update={"outcome": "waived"}) if rule.outcome == "failed" else rule
        for rule in binary_content.verdict.rules
    )
    html = drawn(with_verdict(binary_content, {"outcome": "blessed", "rules": rules, "waivers": (waiver,)}))
    assert "<strong>auc-guard</strong> on <bdi>overall</bdi>, until\n2026-12-31. the board: &lt;b&gt;a new season" in html
    waived = next(rule for rule in rules if rule.outcome == "waived")
    assert f"<li>{escape(waived.reason)}</li>" in html
    assert "Waivers in force" not in drawn(binary_content)


def test_rules_say_whether_they_are_proven(binary_content: ReportContent) -> None:
    """A passed rule whose interval reaches beyond the limit is only not disproven."""
    rule = next(rule for rule in binary_content.verdict.rules if rule.kind != "check")
    passed = {"outcome": "passed", "needed": None}
    rules = tuple(rule.model_copy(update={**passed, "proven": proven, "kept": None}) for proven in (True, False))
    html = drawn(with_verdict(binary_content, {"rules": rules}))
    assert '<span class="badge muted">proven</span>' in html
    assert '<span class="badge open">not disproven</span>' in html
    old = drawn(with_verdict(binary_content, {"rules": rules[1:]}))
    assert "disproven" not in old


def test_what_decides_a_rule_is_said_once(binary_content: ReportContent) -> None:
    """Below the reason of a rule that passed; the reason of one that stays open says it already."""
    sentence = "About 50 more negatives of gender:male decide this."
    needed = Needed(slice="gender:male", label="negative", examples=50, have=9, power=0.8, sentence=sentence)
    rule = binary_content.verdict.rules[-1].model_copy(update={"outcome": "passed", "needed": needed})
    assert drawn(with_verdict(binary_content, {"rules": (rule,)})).count(sentence) == 1
    said = rule.model_copy(update={"reason": f"It is open. {sentence}"})
    assert drawn(with_verdict(binary_content, {"outcome": "blessed", "rules": (said,)})).count(sentence) == 1
