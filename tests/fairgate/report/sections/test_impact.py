"""Selection rates by category in the page."""

import dataclasses

from fairgate.gate.impact import ImpactRow, ImpactTable
from fairgate.report import document
from fairgate.report.content import ReportContent
from fairgate.report.sections import impact
from fairgate.report.view import build_view

ROW = {"n": 76, "selected": 34.0, "rate": 0.4474, "ratio": 0.8232, "p": 0.25}
TABLE = ImpactTable(
    features=("sex",),
    metric="scoring_rate",
    threshold=None,
    rows=(ImpactRow(category="<b>female", slice="sex:<b>female", **ROW),),
    unknown=3,
)


def _drawn(content: ReportContent, *tables: ImpactTable) -> str | None:
    verdict = content.verdict.model_copy(update={"impact": tables})
    view = build_view(dataclasses.replace(content, verdict=verdict))
    parts = impact.parts(view)
    if parts is None:
        return None
    return document.fill(impact.TEMPLATE, view=view, verdict=view.verdict, figures={}, **parts.values).replace("<wbr>", "")


def test_without_such_a_rule_there_is_no_section(image_content: ReportContent) -> None:
    assert _drawn(image_content) is None


def test_a_category_has_its_numbers(image_content: ReportContent) -> None:
    """Applicants, selected, rate, ratio, p; below them those of unknown category; text from data is text."""
    html = _drawn(image_content, TABLE)
    assert html is not None
    assert "<h3><bdi>Scoring rate by sex</bdi></h3>" in html
    cells = "".join(f'<td class="num">{cell}</td>' for cell in ("76", "34", "44.7 %", "0.82", "0.25"))
    assert f"<bdi>&lt;b&gt;female</bdi></th>\n{cells}" in html
    assert '<bdi>unknown</bdi></th>\n<td class="num">3</td>' in html
