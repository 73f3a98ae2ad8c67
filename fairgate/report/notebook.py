"""A report's charts in notebooks, without network or extension.

Live where the front end draws Vega (JupyterLab, Notebook 7, VS Code), an SVG picture everywhere else.

In: `ReportContent`. Out: objects that show themselves.
"""

import base64
import dataclasses
from dataclasses import dataclass
from typing import Any

import altair as alt
from markupsafe import Markup

from fairgate.names import OVERALL
from fairgate.report import document, figures, frames, slice_charts, vega
from fairgate.report.content import ReportContent
from fairgate.report.figures import Figure
from fairgate.report.page import decisive_rules
from fairgate.report.slice_charts import View

WIDTH = 560


@dataclass(frozen=True)
class Drawing:
    """A chart that a notebook shows.

    Attributes:
        spec: Vega with all its rows.
        caption: what it shows, in a sentence.
    """

    spec: dict[str, Any]
    caption: str

    def svg(self) -> str:
        """The chart as an SVG file's text."""
        return base64.b64decode(vega.still(self.spec, {}, WIDTH).partition(",")[2]).decode()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        # Front ends register a renderer for Vega 5, which draws these specifications of Vega 6 as they are.
        spec = {**self.spec, "$schema": "https://vega.github.io/schema/vega/v5.json"}
        return {"application/vnd.vega.v5+json": spec, "image/svg+xml": self.svg(), "text/plain": self.caption}


class Charts:
    """The charts of one report; each method returns a `Drawing`."""

    def __init__(self, content: ReportContent) -> None:
        self._content = content.printable()
        self._tables = figures.tables_of(self._content)
        self._drawn: dict[View, dict[str, Figure]] = {}

    def names(self) -> list[str]:
        """What `draw` can draw."""
        return list(self._figures(self._view()))

    def indicators(self, metric: str | None = None, threshold: float | None = None) -> Drawing:
        """Fairness Indicators: one bar per slice and model, with controls for metric and threshold."""
        view = self._view(metric, threshold)
        names, thresholds = figures.sliced_metrics(self._content.metrics), frames.thresholds_of(self._content.metrics)
        controlled = dataclasses.replace(view, metrics=tuple(names), thresholds=tuple(thresholds))
        chart = slice_charts.indicators(alt.NamedData("metrics"), alt.NamedData("limits"), controlled)
        return self._drawing(Figure(chart, ("metrics", "limits"), "Both models on every slice."))

    def gaps(self, metric: str | None = None, threshold: float | None = None) -> Drawing:
        """Each slice against overall."""
        return self.draw("gaps", metric, threshold)

    def scatter(self, slice_name: str = OVERALL) -> Drawing:
        """Score of the baseline against score of the candidate, by label."""
        return self.draw("scatter", slice_name=slice_name)

    def draw(
        self, name: str, metric: str | None = None, threshold: float | None = None, slice_name: str | None = None
    ) -> Drawing:
        """Any chart by its name.

        Raises:
            KeyError: this report has no such chart; `names` lists those that it has.
        """
        view = self._view(metric, threshold)
        view = view if slice_name is None else dataclasses.replace(view, focus=slice_name)
        return self._drawing(self._figures(view)[name])

    def _figures(self, view: View) -> dict[str, Figure]:
        if view not in self._drawn:
            self._drawn[view] = figures.figures_of(self._tables, view)
        return self._drawn[view]

    def _view(self, metric: str | None = None, threshold: float | None = None) -> View:
        view = figures.view_of(self._content)
        return dataclasses.replace(
            view, metric=metric or view.metric, threshold=view.threshold if threshold is None else threshold
        )

    def _drawing(self, figure: Figure) -> Drawing:
        spec = vega.compiled(figure.chart, WIDTH)
        return Drawing(vega.with_rows(spec, {name: self._tables[name] for name in figure.tables}), figure.caption)


def summary(run: str, content: ReportContent) -> str:
    """A run in a few lines of HTML: outcome, reasons, both models on all examples."""
    overall = content.verdict.overall
    wanted = list(
        dict.fromkeys(f"{rule.metric}@{rule.threshold:g}" if rule.threshold else rule.metric for rule in content.verdict.rules)
    )
    rows = [(name, overall[name].get("baseline"), overall[name].get("candidate")) for name in wanted if name in overall]
    template = document.templates().get_template("summary.html")
    return Markup(template.render(run=run, verdict=content.verdict, reasons=decisive_rules(content.verdict), rows=rows))  # noqa: S704 — escaped by the template
