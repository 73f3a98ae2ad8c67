"""Show both models on all examples: tiles of the metrics that matter, a chart and a table of all."""

from collections.abc import Mapping
from typing import Any

from fairgate.metrics.words import metric_words
from fairgate.names import OVERALL
from fairgate.report.charts import Chart, Figure
from fairgate.report.rows import metric_names, side_by_side
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_TILES = 4


TEMPLATE = """\
<section class="part" id="models" aria-labelledby="models-title">
<h2 id="models-title">Baseline against candidate</h2>
<p>All examples{% if view.at_threshold %}, decisions at threshold {{ view.at_threshold }}{% endif %}.</p>
<ul class="tiles">
{% for row in tiles %}
<li class="tile"><div class="name">{{ row.words.label }}</div><div class="value">{{ row.candidate | number }}</div>
{% if view.models | length > 1 %}
<div class="was">baseline {{ row.baseline | number }} · <span class="{{ row.verdict }}">{{ row.change | signed }}</span></div>
{% endif %}
</li>
{% endfor %}
</ul>
{{ chart('overall') }}
{% call scrolling('All metrics on all examples') %}
<table>
<caption><span class="held">Every metric on all examples. Ranges are {{ view.confidence }} intervals.</span></caption>
<thead><tr><th>Metric</th>{% for model in view.models %}<th class="num">{{ model | capitalize }}</th>{% endfor %}
<th class="num">Change</th><th>Meaning</th></tr></thead>
<tbody>
{% for row in overall %}
<tr><th scope="row">{{ row.words.label }}</th>
{% for model in view.models %}
<td class="num">{{ row[model] | number }}{{ range(row[model ~ '_low'], row[model ~ '_high']) }}</td>
{% endfor %}
<td class="num {{ row.verdict }}">{{ row.change | signed }}</td><td class="wide muted">{{ row.words.meaning }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endcall %}
</section>
"""


def parts(view: ReportView) -> Parts:
    """Return the metrics on all examples, and as tiles those that rules are about."""
    caption = "Both models on all examples, metric by metric; bands are intervals."
    chart = Chart("overall", view.start.signals)
    figures = {"overall": Figure(chart, ("metrics",), caption, {"metrics": view.focused})}
    here = view.here.where(view.here["slice"] == OVERALL)
    by_metric = {row["metric"]: _line(row) for row in side_by_side(here).rows()}
    wanted = list(dict.fromkeys(rule.metric for rule in view.verdict.rules if rule.metric in by_metric))
    tiles = [by_metric[name] for name in (wanted or list(by_metric))[:_TILES]]
    lines = [by_metric[name] for name in metric_names(view.metrics) if name in by_metric]
    return Parts("Baseline against candidate", figures, {"overall": lines, "tiles": tiles})


def _line(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the row with the metric's words and whether the change is for better or worse beyond chance."""
    return {**row, "words": metric_words(row["metric"]), "verdict": row["gain"]}


register(Section("models", TEMPLATE, parts))
