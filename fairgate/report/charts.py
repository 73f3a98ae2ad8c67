"""Define what a section says of its charts: which compiled chart, what it opens with, the rows that it draws.

The charts themselves are written in `specs` and compiled ahead; `vega` fills them. Nothing here needs Altair.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fairgate.frame import Frame
from fairgate.names import CANDIDATE, OVERALL

FEW = 100  # trials of a rate, or examples, below which a mark is hollow; as many as policies ask for by default
ALWAYS = "confidence"  # the decision rule that stands beside any other in the chart of coverage


@dataclass(frozen=True)
class ChartState:
    """What a chart shows when it opens.

    Attributes:
        metric: name of a metric.
        threshold: decision threshold; NaN when the metrics have none.
        slices: the slices shown; empty for all.
        focus: the slice whose thresholds are shown.
        labels: slice and its label, see `rows.labels_of`.
        named: slice and its label with its number of examples, for legends.
        judged: the model whose numbers of examples are written beside a chart.
        measure: the comparison that the gaps open with.
    """

    metric: str
    threshold: float = math.nan
    slices: tuple[str, ...] = ()
    focus: str = OVERALL
    labels: tuple[tuple[str, str], ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    judged: str = CANDIDATE
    measure: str = "ratio_to_overall"

    @property
    def signals(self) -> dict[str, Any]:
        """Return what a chart opens with, by the names of its parameters."""
        return {
            "metric": self.metric,
            "threshold": self.threshold_or_none,
            "chosen": list(self.slices),
            "focus": self.focus,
            "judged": self.judged,
            "measure": self.measure,
        }

    @property
    def names(self) -> dict[str, dict[str, str]]:
        """Return the names of slices that charts write, by the names of their parameters; the page holds them once."""
        return {"labels": dict(self.labels), "named": dict(self.named)}

    @property
    def threshold_or_none(self) -> float | None:
        """Return the threshold, or None when there is none: JSON and Vega have no NaN."""
        return None if math.isnan(self.threshold) else self.threshold


@dataclass(frozen=True)
class Chart:
    """A chart that was compiled ahead, and what is filled into it.

    Attributes:
        name: of its file in assets/charts.
        values: name of a signal or of a gap in the specification (`specs.marks.gap`) -> its value; what the chart does not know
            is ignored.
    """

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A chart with its rows.

    Attributes:
        chart: its sources are names of tables of the view.
        tables: these names.
        caption: what it shows, in a sentence; also for those who do not see it.
        still: name of a table -> the rows that a still picture needs, where it does not need all of them.
    """

    chart: Chart
    tables: tuple[str, ...]
    caption: str
    still: Mapping[str, Frame] = field(default_factory=dict)
