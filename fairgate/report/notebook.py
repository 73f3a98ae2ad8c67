"""Draw a report's charts in notebooks, without network or extension.

Live where the front end draws Vega (JupyterLab, Notebook 7, VS Code), an SVG picture everywhere else.

In: `ReportContent`. Out: objects that show themselves.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from fairgate.gate.outcome import decisive
from fairgate.measurement import MetricKey
from fairgate.names import OVERALL
from fairgate.report import document, vega
from fairgate.report.charts import ChartState, Figure
from fairgate.report.content import ReportContent
from fairgate.report.page import figures_of, parts_of
from fairgate.report.view import build_view

WIDTH = 560
_ORDERS = ("order", "value", "difference")


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
        """Return the chart as an SVG file's text."""
        return base64.b64decode(vega.still(self.spec, {}, WIDTH).partition(",")[2]).decode()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        # Front ends register a renderer for Vega 5, which draws these specifications of Vega 6 as they are.
        spec = {**self.spec, "$schema": "https://vega.github.io/schema/vega/v5.json"}
        return {"application/vnd.vega.v5+json": spec, "image/svg+xml": self.svg(), "text/plain": self.caption}


class Charts:
    """The charts of one report; each method returns a `Drawing`."""

    def __init__(self, content: ReportContent) -> None:
        self._view = build_view(content.printable())
        self._drawn: dict[ChartState, dict[str, Figure]] = {}

    def names(self) -> list[str]:
        """List what `draw` can draw."""
        return list(self._figures(self._view.start))

    def indicators(self, metric: str | None = None, threshold: float | None = None) -> Drawing:
        """Draw Fairness Indicators: one bar per slice and model, with controls for metric and threshold."""
        figure = self._figures(self._state(metric, threshold))["indicators"]
        choices: dict[str, Sequence[Any]] = {"metric": [choice.name for choice in self._view.choices], "by": _ORDERS}
        if self._view.thresholds:
            choices["threshold"] = self._view.thresholds
        return self._drawing(replace(figure, caption="Both models on every slice."), choices)

    def gaps(self, metric: str | None = None, threshold: float | None = None) -> Drawing:
        """Draw each slice against overall."""
        return self.draw("gaps", metric, threshold)

    def scatter(self, slice_name: str = OVERALL) -> Drawing:
        """Draw the baseline's score against the candidate's, by label."""
        return self.draw("scatter", slice_name=slice_name)

    def points(self, slice_name: str, threshold: float = 0.5) -> Drawing:
        """Draw a slice of the policy with all of its points, the negatives marked whose decision changed.

        Of each slice up to 25,000 points were kept; the caption says how many there are.

        Raises:
            KeyError: no point of the slice was kept; the message lists the slices that have some.
            ValueError: the run has no points: it is older, its policy names no slice, or its task has several classes.
        """
        from fairgate.report.points import points_of, slice_scatter  # here, because only this chart needs Altair
        from fairgate.report.specs.compiling import compiled

        points = self._view.content.points
        if points is None or not self._view.thresholds:
            raise ValueError(
                "the run kept no points of slices: its policy names none, its task has several classes, or it is older"
            )
        rows = points_of(points, slice_name, threshold)
        sizes = self._view.slices
        n = int(sizes["n"][sizes["slice"] == slice_name].max())
        many = f"all {n:,}" if n == len(rows) else f"{len(rows):,} of {n:,}"
        caption = f"The examples of {slice_name}, {many}, by label; ringed and framed: negatives that are decided differently."
        return Drawing(compiled(slice_scatter(rows, threshold), WIDTH), caption)

    def draw(
        self, name: str, metric: str | None = None, threshold: float | None = None, slice_name: str | None = None
    ) -> Drawing:
        """Draw any chart by its name.

        Raises:
            KeyError: this report has no such chart; `names` lists those that it has.
        """
        state = self._state(metric, threshold)
        state = state if slice_name is None else replace(state, focus=slice_name)
        return self._drawing(self._figures(state)[name])

    def _figures(self, state: ChartState) -> dict[str, Figure]:
        if state not in self._drawn:
            self._drawn[state] = figures_of(parts_of(replace(self._view, start=state)))
        return self._drawn[state]

    def _state(self, metric: str | None, threshold: float | None) -> ChartState:
        start = self._view.start
        return replace(start, metric=metric or start.metric, threshold=start.threshold if threshold is None else threshold)

    def _drawing(self, figure: Figure, choices: Mapping[str, Sequence[Any]] | None = None) -> Drawing:
        spec = vega.with_signals(vega.filled(figure.chart, WIDTH), self._view.start.names, choices)
        return Drawing(vega.with_rows(spec, {name: self._view.tables[name] for name in figure.tables}), figure.caption)


def summary(run: str, content: ReportContent) -> str:
    """Describe a run in a few lines of HTML: outcome, what is waived, reasons, both models on all examples."""
    rules = content.verdict.rules
    reasons = [*(rule for rule in rules if rule.outcome == "waived"), *decisive(rules)]
    overall = content.verdict.overall
    wanted = list(dict.fromkeys(str(MetricKey(rule.metric, rule.threshold)) for rule in content.verdict.rules))
    rows = [(name, overall[name].get("baseline"), overall[name].get("candidate")) for name in wanted if name in overall]
    template = document.templates().get_template("summary.html")
    return Markup(template.render(run=run, verdict=content.verdict, reasons=reasons, rows=rows))  # noqa: S704 — escaped by the template
