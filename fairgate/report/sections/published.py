"""Show the results that a publication has for this model, side by side with the run's own."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fairgate.metrics.words import metric_words
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

if TYPE_CHECKING:
    import pandas as pd


ROUNDED = 0.005  # half of the last digit that was published


TEMPLATE = """\
<section class="part" id="published" aria-labelledby="published-title">
<h2 id="published-title">Beside the published results</h2>
<p>{{ source }} Published figures have two digits and no interval.
The difference is ours minus the published one; its interval is that of ours.
{{ apart }} of {{ rows | length }} differ by more than chance and rounding explain.</p>
{% if reasons %}
<ul>
{% for reason in reasons %}
<li>{{ reason | unbroken | breakable }}</li>
{% endfor %}
</ul>
{% endif %}
{% call scrolling('Beside the published results') %}
<table>
<caption><span class="held">At threshold {{ threshold }}; {{ view.confidence }} intervals.</span></caption>
<thead><tr><th>Rate</th><th>Slice</th><th>Model</th><th class="num">Published</th><th class="num">Ours</th>
<th class="num">Difference</th><th>Apart</th></tr></thead>
<tbody>
{% for row in rows %}
<tr><th scope="row">{{ row.label }}</th><td><bdi>{{ row.slice | breakable }}</bdi></td><td>{{ row.model }}</td>
<td class="num">{{ '%.2f' | format(row.published) }}</td>
<td class="num">{{ row.value | number }}{{ range(row.low, row.high) }}</td>
<td class="num">{{ row.difference | number }}{{ range(row.difference_low, row.difference_high) }}</td>
<td>{{ row.apart }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
</section>
"""


def compared(published: "pd.DataFrame", metrics: "pd.DataFrame") -> "pd.DataFrame":
    """Put published figures beside the run's own.

    Args:
        published: columns model, slice, metric, threshold, value.
        metrics: columns model, slice, metric, threshold, value, low, high, n.

    Returns:
        metric, slice, model, threshold, published, value, low, high (NaN where the run has no such slice), difference (value -
        published), difference_low, difference_high, and apart (bool: the interval, widened by half of the last published digit,
        does not hold the published figure).
    """
    keys = ["model", "slice", "metric", "threshold"]
    own = metrics[[*keys, "value", "low", "high"]]
    rows = published.rename(columns={"value": "published"}).merge(own, on=keys, how="left")
    changes = {
        "difference": rows["value"] - rows["published"],
        "difference_low": rows["low"] - rows["published"],
        "difference_high": rows["high"] - rows["published"],
    }
    rows = rows.assign(**changes)
    apart = (rows["difference_low"] > ROUNDED) | (rows["difference_high"] < -ROUNDED)
    return rows.assign(apart=apart)


def parts(view: ReportView) -> Parts | None:
    """Return the rows of both, and what is known to differ; None where nothing published was compared."""
    published = view.content.published
    if published is None or published.empty:
        return None
    rows = compared(published, view.content.metrics)
    values = {
        "rows": [_row(row) for row in rows.to_dict("records")],
        "apart": int(rows["apart"].sum()),
        "source": published["source"].iloc[0],
        "threshold": f"{published['threshold'].iloc[0]:g}",
        "reasons": _reasons(view),
    }
    return Parts("Published results", values=values)


def _row(row: Mapping[Any, Any]) -> dict[str, Any]:
    absent = math.isnan(row["value"])
    words = "not measured" if absent else "yes" if row["apart"] else "no"
    return {**row, "label": metric_words(row["metric"]).label, "apart": words}


def _reasons(view: ReportView) -> list[str]:
    """Return what the run says of itself that explains a difference."""
    made = ["The comments of this run are generated, those of the publication are real."] if view.verdict.data.generated else []
    return made + list(dict.fromkeys(note for info in view.verdict.models.values() for note in info.notes))


register(Section("published", TEMPLATE, parts))
