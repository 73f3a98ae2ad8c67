"""Build report.html: everything about one run in one file that opens anywhere, without server or network.

In: `ReportContent`. Out: HTML text. What is shown is computed in `view`, drawn in `sections`, and put together here; the look is
in `assets/`, what keeps data inert in `document`.
"""

import itertools
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from fairgate.report import document, sections, vega  # noqa: F401 — `sections` registers every section
from fairgate.report.charts import FEW, Figure
from fairgate.report.content import ReportContent
from fairgate.report.examples import PER_SLICE
from fairgate.report.section import SECTIONS, Parts, Section
from fairgate.report.sections import weakest
from fairgate.report.view import ReportView, build_view


def build(content: ReportContent, text: bool = True, pictures: bool = True) -> str:
    """Return the whole page.

    Args:
        content: what it shows; a part that is absent has no section.
        text: False leaves out every word of the examples, also from the file's data.
        pictures: False leaves out the still pictures of the charts, for where no script runs; they take most of the time.
    """
    view = build_view((content if text else content.without_text()).printable())
    shown = parts_of(view)
    figures = figures_of(shown)
    specs = {name: vega.filled(figure.chart) for name, figure in figures.items()}
    payload = {
        **_choices(view),
        "tables": {name: document.columnar(table) for name, table in view.tables.items()},
        "charts": {name: {"spec": spec, "tables": figures[name].tables} for name, spec in specs.items()},
    }
    drawn = {name: _drawn(figure, specs[name] if pictures else None, view) for name, figure in figures.items()}
    groups = [
        (explored, [_html(section, parts, view, drawn) for section, parts in members])
        for explored, members in itertools.groupby(shown, key=lambda entry: entry[0].explored)
    ]
    contents = [(section.name, parts.title) for section, parts in shown]
    title = f"{view.verdict.task}: {view.verdict.outcome}"
    return document.render("page.html", payload, title=title, facts=_facts(view), contents=contents, groups=groups)


def parts_of(view: ReportView) -> list[tuple[Section, Parts]]:
    """Return the sections that a report has, each with what it shows, in the order of the page."""
    found = ((section, section.parts(view)) for section in SECTIONS)
    return [(section, parts) for section, parts in found if parts is not None]


def figures_of(shown: list[tuple[Section, Parts]]) -> dict[str, Figure]:
    """Return the charts of all sections by name."""
    return {name: figure for _, parts in shown for name, figure in parts.figures.items()}


def _choices(view: ReportView) -> dict[str, Any]:
    """Return what the page's script knows besides charts and tables: the choices that there are, and those it starts with."""
    start = view.start
    return {
        "metrics": [asdict(choice) for choice in view.choices],
        "thresholds": view.thresholds,
        "slices": view.slices.select(["slice", "order"]).rows(),
        "labels": dict(start.labels),
        "named": dict(start.named),
        "few": FEW,
        "weakest": weakest.MOST,
        "per_slice": PER_SLICE,
        "start": {
            "metric": start.metric,
            "threshold": start.threshold_or_none,
            "focus": start.focus,
            "pair": next(iter(view.pairs), None),
            "judged": start.judged,
            "measure": start.measure,
        },
    }


def _facts(view: ReportView) -> list[str]:
    source, finished = view.verdict.data, view.verdict.provenance.finished
    rows = ", ".join(f"{count:,} {split}" for split, count in source.rows.items())
    facts = [source.source, f"{rows} rows" if rows else "", finished[:16].replace("T", " ")]
    return [fact for fact in facts if fact]


def _drawn(figure: Figure, spec: Mapping[str, Any] | None, view: ReportView) -> dict[str, str]:
    if spec is None:
        return {"caption": figure.caption, "picture": ""}
    rows = {name: figure.still.get(name, view.tables[name]) for name in figure.tables}
    return {"caption": figure.caption, "picture": vega.still(vega.with_signals(spec, view.start.names), rows)}


def _html(section: Section, parts: Parts, view: ReportView, drawn: Mapping[str, Mapping[str, str]]) -> Markup:
    figures = {name: drawn[name] for name in parts.figures}
    return document.fill(section.template, view=view, verdict=view.verdict, figures=figures, **parts.values)
