"""What no rule judges."""

import dataclasses
from typing import Any

from fairgate.gate.outcome import NotJudged
from fairgate.report import document
from fairgate.report.content import ReportContent
from fairgate.report.sections import not_judged
from fairgate.report.view import build_view

NOTHING: dict[str, Any] = {
    "not_judged": (),
    "absent_groups": (),
    "absent_columns": (),
    "unknown_groups": {},
    "rows": 20_000,
    "distinct": 20_000,
}


def noted(number: int, *, proven: bool = False) -> NotJudged:
    """A slice that breaks a limit."""
    return NotJudged(
        rule="gap",
        slice=f"race:{number}",
        metric="false_positive_rate",
        threshold=0.5,
        measure="ratio",
        value=1.5,
        interval=(1.25, 1.75),
        limit=1.125,
        n=99,
        because="breaks a limit",
        proven=proven,
        reason="It is 1.5 times <b>.",
    )


def drawn(content: ReportContent, **changes: object) -> str | None:
    """The section's HTML, without marks of where a line may break; None without a section."""
    changed = content.verdict.model_copy(update={**NOTHING, **changes})
    view = build_view(dataclasses.replace(content, verdict=changed))
    parts = not_judged.parts(view)
    if parts is None:
        return None
    return document.fill(not_judged.TEMPLATE, view=view, verdict=view.verdict, figures={}, **parts.values).replace("<wbr>", "")


def test_nothing_that_stands_out_has_no_section(image_content: ReportContent) -> None:
    assert drawn(image_content) is None


def test_a_slice_has_metric_reason_value_limit_and_examples(image_content: ReportContent) -> None:
    """Metrics without a threshold are named without one; text from data is text."""
    html = drawn(image_content, not_judged=(noted(1, proven=True), noted(2).model_copy(update={"threshold": None})))
    assert html is not None
    cells = [
        "<bdi>race:1</bdi></th><td>False positive rate at 0.5</td><td>breaks a limit</td>",
        '<span class="badge bad">proven</span>',
        '<td class="num">1.500 <span class="range">1.250 – 1.750</span>',
        '<td class="num">1.125</td><td class="num">99</td>',
        "It is 1.5 times &lt;b&gt;.",
        "<bdi>race:2</bdi></th><td>False positive rate</td>",
        '<span class="muted">no</span>',
    ]
    assert [cell for cell in cells if cell not in html] == []


def test_more_than_20_are_folded_away(image_content: ReportContent) -> None:
    """Every one is there once."""
    html = drawn(image_content, not_judged=tuple(noted(number) for number in range(23)))
    assert html is not None
    seen, fold, rest = html.partition("<details><summary>3 more</summary>")
    assert fold
    assert (seen.count("<bdi>race:"), rest.count("<bdi>race:")) == (20, 3)
    shown = drawn(image_content, not_judged=tuple(noted(number) for number in range(20)))
    assert shown is not None
    assert "<details>" not in shown


def test_groups_and_copies_are_stated_alone(image_content: ReportContent) -> None:
    """Without a slice there is no table."""
    html = drawn(
        image_content,
        absent_groups=("race:native",),
        absent_columns=("religion:hindu",),
        unknown_groups={"race": 19_000},
        distinct=200,
    )
    assert html is not None
    assert "<table>" not in html
    facts = [line for line in html.splitlines() if line.startswith("<li>")]
    assert facts == [
        "<li>No column in the data for: <bdi>religion:hindu</bdi></li>",
        "<li>No example of: <bdi>race:native</bdi></li>",
        "<li>Examples of unknown membership (of 20,000): <bdi>race 19,000</bdi></li>",
        "<li>Copies: <bdi>200 of 20,000 examples are distinct</bdi></li>",
    ]
