"""Sections of the page: what it takes to add one, and what every one of them keeps to."""

import itertools
import re
from pathlib import Path

import pytest

from fairgate.report import page, section, sections, vega
from fairgate.report.charts import Chart, Figure
from fairgate.report.content import ReportContent
from fairgate.report.section import SECTIONS, Parts, Section, register
from fairgate.report.theme import MODELS
from fairgate.report.view import ReportView, build_view

NOTES = """\
<section class="part" id="notes" aria-labelledby="notes-title">
<h2 id="notes-title">Notes</h2>
<p>{{ count }} slices: {{ first }}</p>
{{ chart('sizes') }}
</section>
"""


def notes(view: ReportView) -> Parts:
    """Return how many examples every slice has."""
    values = {"count": len(view.slices), "first": "<b>markup</b>"}
    return Parts("Notes", {"sizes": Figure(Chart("overall", view.start.signals), ("metrics",), "Both models.")}, values)


@pytest.fixture
def register_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A register of the test's own, with all sections in it."""
    copy = list(SECTIONS)
    monkeypatch.setattr(section, "SECTIONS", copy)
    monkeypatch.setattr(page, "SECTIONS", copy)


@pytest.mark.usefixtures("register_again")
def test_a_new_section_needs_only_itself(image_content: ReportContent) -> None:
    """Registered, it is the last of the page: with its entry in the contents, its chart, its values as text."""
    register(Section("notes", NOTES, notes))
    html = page.build(image_content)
    assert re.findall(r'<section class="part" id="(\w+)"', html)[-2:] == ["card", "notes"]
    assert '<a href="#notes">Notes</a>' in html
    assert '<figure data-chart="sizes">' in html
    assert "11 slices: &lt;b&gt;markup&lt;/b&gt;" in html
    assert '"sizes":{"spec":' in html


@pytest.mark.usefixtures("register_again")
def test_two_sections_of_one_name_are_an_error() -> None:
    """Their places in the page would be the same."""
    with pytest.raises(ValueError, match="card"):
        register(Section("card", NOTES, notes))


def test_every_module_is_registered_in_the_order_of_its_line() -> None:
    """A module that `sections/__init__` does not import would never show."""
    folder = Path(sections.__file__).parent
    lines = re.findall(r"^import fairgate\.report\.sections\.(\w+)$", Path(sections.__file__).read_text("utf-8"), re.MULTILINE)
    assert [known.name for known in SECTIONS] == lines
    assert sorted(lines) == sorted(path.stem for path in folder.glob("[!_]*.py"))


@pytest.mark.parametrize("kind", ["binary_content", "image_content"])
def test_names_of_charts_and_sections_are_unique(kind: str, request: pytest.FixtureRequest) -> None:
    """The page finds charts by name; every template is the section that it says."""
    shown = page.parts_of(build_view(request.getfixturevalue(kind)))
    names = [name for _, parts in shown for name in parts.figures]
    assert len(names) == len(set(names))
    assert all(f'<section class="part" id="{known.name}"' in known.template for known, _ in shown)


def test_sections_that_follow_the_same_controls_stand_together() -> None:
    """They share one frame, so that its toolbar stays in sight."""
    assert [explored for explored, _ in itertools.groupby(known.explored for known in SECTIONS)] == [False, True, False]


def test_a_chart_that_colours_models_names_them(binary_content: ReportContent) -> None:
    """A fill or an outline in the same colours without a legend takes no legend away."""
    figures = page.figures_of(page.parts_of(build_view(binary_content)))
    drawn = {name: vega.filled(figure.chart) for name, figure in figures.items()}
    coloured = {
        name
        for name, spec in drawn.items()
        if any(scale["name"] == "color" and scale["domain"] == list(MODELS[0]) for scale in spec["scales"])
    }
    named = {name for name, spec in drawn.items() if any("color" in each.values() for each in spec.get("legends", []))}
    assert {"indicators", "thresholds", "gaps", "counterfactual", "overall"} <= coloured
    assert coloured <= named
