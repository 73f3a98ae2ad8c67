"""How every model decides, in the page."""

import dataclasses

import pandas as pd

from fairgate.gate.verdict import ModelInfo
from fairgate.model_facts import OperatingPoint, Remedy
from fairgate.report import page
from fairgate.report.content import ReportContent
from fairgate.report.sections import operating_points
from fairgate.report.view import build_view

POINT = OperatingPoint(name="balanced", chosen_on="validation", rows=2000)
REMEDY = Remedy(name="identity weights", strength=2, sentence="Harmless comments on <identities> weigh twice as much.")


def with_reference(content: ReportContent) -> ReportContent:
    """The content of a run whose gate had a reference model, with its rows in the table."""
    verdict = content.verdict
    models = {**verdict.models, "reference": ModelInfo(operating_point=POINT, notes=("Words alone.",))}
    models["candidate"] = models["candidate"].model_copy(update={"operating_point": POINT, "remedy": REMEDY})
    overall = {name: {**values, "reference": 0.5} for name, values in verdict.overall.items()}
    rows = content.metrics.query("model == 'candidate' and slice == 'overall'").assign(model="reference", value=0.5)
    return dataclasses.replace(
        content,
        verdict=verdict.model_copy(update={"models": models, "overall": overall}),
        metrics=pd.concat([content.metrics, rows], ignore_index=True),
    )


def test_a_report_without_such_facts_has_no_such_section(binary_content: ReportContent) -> None:
    assert operating_points.parts(build_view(binary_content)) is None


def test_every_model_has_a_line(binary_content: ReportContent) -> None:
    found = operating_points.parts(build_view(with_reference(binary_content)))
    assert found is not None
    assert [line.name for line in found.values["lines"]] == ["baseline", "candidate", "reference"]
    assert (found.values["lines"][2].auc, found.values["lines"][2].false_positive_rate) == (0.5, 0.5)
    assert found.values["sentences"] == [f"Candidate: {REMEDY.sentence}", "Reference: Words alone."]


def test_the_reference_is_in_no_chart(binary_content: ReportContent) -> None:
    """Charts set baseline and candidate side by side, as without it."""
    view, plain = build_view(with_reference(binary_content)), build_view(binary_content)
    pd.testing.assert_frame_equal(view.metrics.pandas(), plain.metrics.pandas())
    assert view.models == plain.models


def test_the_page_shows_them_escaped(binary_content: ReportContent) -> None:
    view = build_view(with_reference(binary_content))
    (shown,) = [(section, parts) for section, parts in page.parts_of(view) if section.name == "operating_points"]
    part = page._html(*shown, view, {})
    assert "Reference" in part
    assert "equal error rates, chosen on validation (2,000 examples)" in part
    assert "comments on &lt;identities&gt; weigh" in part
