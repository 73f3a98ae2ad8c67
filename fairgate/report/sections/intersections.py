"""Show where two features meet: a map of the candidate, and the intersections that are too small to show."""

from fairgate.report.charts import FEW, Chart, Figure
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

TEMPLATE = """\
<section class="part" id="intersections" aria-labelledby="intersections-title">
<h2 id="intersections-title">Intersections</h2>
{% if 'intersections' in figures %}
<p>The candidate where two features meet, for
<strong data-says="metric">{{ view.start_words }}</strong>. <span data-says="meaning">{{ view.chosen.meaning }}</span> Empty
fields have too few examples.</p>
{% if view.pairs | length > 1 %}
<div class="row controls" data-js hidden><label class="field">Features
<select id="pair">{% for pair in view.pairs %}<option value="{{ pair }}">{{ pair }}</option>{% endfor %}</select></label></div>
{% endif %}
{{ chart('intersections') }}
{% endif %}
{% if verdict.omitted %}
<details><summary>Left out for having too few examples ({{ verdict.omitted | length }})</summary>
{% call scrolling('Slices left out', verdict.omitted | length > 12) %}
<table><thead><tr><th>Slice</th><th class="num">Examples</th></tr></thead><tbody>
{% for slice, n in verdict.omitted.items() %}
<tr><th scope="row"><bdi>{{ slice | breakable }}</bdi></th><td class="num">{{ n | number(0) }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
</details>
{% endif %}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the map, where there are intersections; the slices left out stand in the verdict."""
    title = "Intersections"
    if not view.pairs:
        return Parts(title) if view.verdict.omitted else None
    caption = (
        "The candidate where two features meet: the number is its metric, above n; the colour is its difference to overall."
        f" Pale and dashed: fewer than {FEW} examples."
    )
    chart = Chart("intersections", {**view.start.signals, "pair": view.pairs[0]})
    return Parts(title, {"intersections": Figure(chart, ("metrics",), caption, {"metrics": view.opening})})


register(Section("intersections", TEMPLATE, parts, explored=True))
