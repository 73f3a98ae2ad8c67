"""Show the weakest slices: those on which the judged model is worst by the chosen metric, beyond what chance explains."""

import math
from typing import Any

import numpy as np

from fairgate.frame import Frame
from fairgate.metrics.registry import Better
from fairgate.names import OVERALL
from fairgate.report.charts import FEW
from fairgate.report.rows import judged
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

MOST = 10


TEMPLATE = """\
<section class="part" id="weakest" aria-labelledby="weakest-title">
<h2 id="weakest-title">Weakest slices</h2>
<p>The {{ most }} slices{% if view.pairs %}, intersections among them,{% endif %} on which the {{ view.start.judged }} is worst by
<strong data-says="metric">{{ view.start_words }}</strong>. <span data-says="meaning">{{ view.chosen.meaning }}</span>
They are ordered by the end of the interval that speaks for the slice, so that a few examples do not lead the list by chance.</p>
{% call scrolling('Weakest slices') %}
<table><thead><tr><th>Slice</th><th class="num">n</th><th class="num">Value</th><th class="num">Difference to overall</th>
<th class="num">Ratio</th></tr></thead><tbody id="weakest-body">
{% for row in rows %}
<tr><th scope="row"><bdi>{{ row.slice | breakable }}</bdi></th>
<td class="num">{{ row.n | number(0) }}{% if row.n < few %} <span class="badge muted">few</span>{% endif %}</td>
<td class="num">{{ row.value | number }}{{ range(row.low, row.high) }}</td>
<td class="num">{{ row.difference_to_overall | signed
}}{{ range(row.difference_to_overall_low, row.difference_to_overall_high) }}</td>
<td class="num">{{ row.ratio_to_overall | number(2) }} ×</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the weakest slices by the opening metric; nothing where only overall was measured."""
    if set(view.slices["slice"]) <= {OVERALL}:
        return None
    rows = weakest(judged(view.opening), view.chosen.better)
    return Parts("Weakest slices", values={"rows": rows, "most": min(MOST, len(view.slices) - 1), "few": FEW})


def weakest(rows: Frame, better: Better, most: int = MOST) -> list[dict[Any, Any]]:
    """Return the slices on which a model is worst, the worst first.

    Args:
        rows: of one model, metric and threshold, with their comparisons.
        better: the direction in which the metric improves; where there is none, the slices farthest from overall are meant.
        most: slices that are returned.

    Returns:
        rows without overall and without undefined values, by the end of their interval at which they are least bad; those
        without an interval last.
    """
    slices = rows.where((rows["slice"] != OVERALL) & ~np.isnan(rows["value"]))
    ranked = sorted(slices.rows(), key=lambda row: _badness(row, better), reverse=True)
    return ranked[:most]


def _badness(row: dict[Any, Any], better: Better) -> tuple[bool, float]:
    if better == "neither":
        low, high = row["difference_to_overall_low"], row["difference_to_overall_high"]
        least = max(low, -high)  # below 0 where the interval holds 0
        value = abs(row["difference_to_overall"])
    elif better == "lower":
        least, value = row["low"], row["value"]
    else:
        least, value = -row["high"], -row["value"]
    return (False, value if math.isfinite(value) else -math.inf) if math.isnan(least) else (True, least)


register(Section("weakest", TEMPLATE, parts, explored=True))
