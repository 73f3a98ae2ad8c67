"""Show where two features meet: a map of the candidate, and the intersections that are too small to show."""

import altair as alt

from fairgate.names import CANDIDATE
from fairgate.report.charts import (
    FEW,
    OF_METRIC,
    RESTS_ON_FEW,
    SAYS_N,
    ChartState,
    Figure,
    Layered,
    Source,
    layered,
    metric_param,
    slice_tooltip,
    threshold_param,
)
from fairgate.report.section import Parts, Section, register
from fairgate.report.theme import LOW_TO_HIGH
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
    chart = intersections(alt.NamedData("metrics"), view.start, view.pairs[0])
    return Parts(title, {"intersections": Figure(chart, ("metrics",), caption, {"metrics": view.opening})})


def intersections(source: Source, state: ChartState, pair: str) -> Layered:
    """Draw a map of two features: colour is the candidate's difference to overall, the number its value.

    The source has the columns of the others and `first`, `second` (values of the two features) and `pair` (their names).
    """
    rows = alt.Chart(source).transform_filter(f"datum.pair == pair && datum.model == '{CANDIDATE}' && {OF_METRIC}")
    x = alt.X("second:N", title=None, sort=None, axis=alt.Axis(labelAngle=-30))
    y = alt.Y("first:N", title=None, sort=None)
    scale = alt.Scale(domainMid=0, range=LOW_TO_HIGH)
    legend = alt.Legend(format="+.2f", gradientLength=160)
    colour = alt.Color("difference_to_overall:Q", title="difference to overall", scale=scale, legend=legend)
    cells = rows.mark_rect(cursor="pointer").encode(
        x=x,
        y=y,
        color=colour,
        opacity=alt.OpacityValue(1, condition={"test": RESTS_ON_FEW, "value": 0.55}),
        tooltip=slice_tooltip(),
    )
    few = rows.transform_filter(RESTS_ON_FEW)
    borders = few.mark_rect(filled=False, stroke="currentColor", strokeDash=[3, 3], strokeOpacity=0.7).encode(x=x, y=y)
    numbers = rows.mark_text(color="#16191d", dy=-6).encode(x=x, y=y, text=alt.Text("value:Q", format=".2f"))
    says = rows.transform_calculate(says=SAYS_N)
    sizes = says.mark_text(color="#16191d", dy=8, fontSize=10).encode(x=x, y=y, text=alt.Text("says:N"))
    params = [metric_param(state), threshold_param(state), alt.param(name="pair", value=pair)]
    return layered(cells, borders, numbers, sizes, params=params, height={"step": 40})


register(Section("intersections", TEMPLATE, parts, explored=True))
