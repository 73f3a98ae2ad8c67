"""Show the data that the models saw: anomalies, drift and statistics."""

from typing import TYPE_CHECKING

from fairgate.report.rows import row_dicts
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

if TYPE_CHECKING:
    import pandas as pd


TEMPLATE = """\
<section class="part" id="input" aria-labelledby="input-title">
<h2 id="input-title">Data</h2>
{% if anomalies is not none %}
<h3>Anomalies</h3>
{% if anomalies %}
{% call scrolling('Anomalies') %}
<table><thead><tr><th>Feature</th><th>Finding</th><th>Detail</th></tr></thead><tbody>
{% for anomaly in anomalies %}
<tr><th scope="row"><bdi>{{ anomaly.feature or 'whole data set' }}</bdi></th><td class="bad">{{ anomaly.reason }}</td>
<td class="wide">{{ anomaly.detail }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% else %}
<p><span class="badge good">none</span> The examples keep the schema.</p>
{% endif %}
{% endif %}
{% if drift %}
<h3>Drift</h3>
{% call scrolling('Drift', drift | length > 12) %}
<table><thead><tr><th>Feature</th><th>Between</th><th>Measure</th><th class="num">Distance</th><th class="num">Limit</th>
<th>Result</th></tr></thead><tbody>
{% for row in drift %}
<tr><th scope="row"><bdi>{{ row.feature | breakable }}</bdi></th><td>{{ row.between }}</td><td>{{ row.measure }}</td>
<td class="num">{{ row.value | number(4) }}</td><td class="num">{{ row.limit | number }}</td>
<td>{% if row.drifted %}<span class="badge bad">drifted</span>{% else %}<span class="badge good">steady</span>{% endif %}</td>
</tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% endif %}
{% if statistics %}
<h3>Statistics</h3>
{% call scrolling('Statistics', statistics | length > 12) %}
<table><thead><tr><th>Feature</th><th>Split</th><th>Kind</th><th class="num">Present</th><th class="num">Missing</th>
<th class="num">Unique</th><th>Values</th></tr></thead><tbody>
{% for row in statistics %}
<tr><th scope="row"><bdi>{{ row.feature | breakable }}</bdi></th><td>{{ row.split }}</td><td>{{ row.kind }}</td>
<td class="num">{{ row.count | number(0) }}</td><td class="num">{{ row.missing | number(0) }}</td>
<td class="num">{{ row.unique | number(0) }}</td>
<td class="wide">{% if row.kind == 'text' %}
<span class="muted">not shown</span>{% elif row.kind == 'number' %}{{ row.min | number }} to {{ row.max | number }}, median {{
row.median | number }}, mean {{ row.mean | number }}, standard deviation {{ row.std | number }}{% else %}<bdi>{{
row.top_values or '' }}</bdi>{% endif %}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% endif %}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the tables that there are; None when nothing was validated or measured."""
    content = view.content
    statistics = None if content.statistics is None else _by_feature(content.statistics)
    values = {"anomalies": content.anomalies, "drift": row_dicts(content.drift), "statistics": row_dicts(statistics)}
    if content.anomalies is None and content.drift is None and content.statistics is None:
        return None
    return Parts("Data", values=values)


def _by_feature(statistics: "pd.DataFrame") -> "pd.DataFrame":
    """Put the splits of a feature one below the other, the features as they come."""
    order = {name: at for at, name in enumerate(statistics["feature"].unique())}
    return statistics.sort_values("feature", key=lambda names: names.map(order), kind="stable")


register(Section("input", TEMPLATE, parts))
