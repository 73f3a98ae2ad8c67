"""Show Fairness Indicators: every metric on every slice, with the controls that all charts follow, and the slice in focus."""

from typing import Any

from fairgate.report.charts import FEW, Chart, Figure
from fairgate.report.rows import judged, side_by_side
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_COMPARED = ("difference_to_overall", "ratio_to_overall", "order")

TEMPLATE = """\
<section class="part" id="indicators" aria-labelledby="indicators-title">
<h2 id="indicators-title">{{ title }}</h2>
<p>Every metric on every slice. Pick a metric and a slice{% if view.thresholds %}, move the threshold{% endif %}:
all charts down to here follow. Click a slice, in the chart or in the table, for its most wrong examples.</p>
<div class="toolbar row controls" data-js hidden role="group" aria-label="What the charts show">
<label class="field">Metric
<select id="metric">{% for metric in view.choices %}
<option value="{{ metric.name }}"{{ ' selected' if metric.name == view.start.metric }}>{{ metric.label }}</option>{% endfor %}
</select></label>
{% if view.thresholds %}
<label class="field grow">Threshold
<span class="threshold">
<input type="range" id="threshold" min="0" max="{{ view.thresholds | length - 1 }}" step="1"
value="{{ view.thresholds.index(view.start.threshold) }}" aria-valuetext="{{ view.start.threshold }}">
<output id="threshold-value" for="threshold">{{ view.start.threshold }}</output></span></label>
{% endif %}
<label class="field">Slice in focus
<select id="focus">{% for slice in slices %}
<option value="{{ slice.slice }}"{{ ' selected' if slice.slice == view.start.focus }}>{{ slice.slice }}</option>{% endfor %}
</select></label>
<label class="field">Order
<select id="by"><option value="order">as evaluated</option><option value="value">largest value</option>
<option value="difference">largest difference</option></select></label>
<div class="field"><span>Slices shown</span>
<details class="picker" id="slice-picker"><summary>
<span id="slice-count">{{ view.start.slices | length }} of {{ slices | length }}</span></summary>
<div class="sheet-box">
<div class="row"><button type="button" id="choose-all">All</button><button type="button" id="choose-none">None</button>
<button type="button" id="choose-single">Single features</button></div>
<label class="field">Search<input type="search" id="slice-search" autocomplete="off"></label>
{% for feature, members in slices | groupby('feature') %}
<fieldset><legend>{{ feature }}</legend>
{% for slice in members %}
<label><input type="checkbox" value="{{ slice.slice }}" data-pair="{{ slice.pair | lower }}"
{{- ' checked' if slice.slice in view.start.slices }}> <bdi>{{ slice.label }}</bdi>
<span class="muted small">{{ slice.n | number(0) }}</span></label>
{% endfor %}
</fieldset>
{% endfor %}
</div>
</details></div>
</div>
<p class="visually-hidden" role="status" id="announce"></p>
<h3 data-says="metric">{{ view.start_words }}</h3>
<p class="muted small" data-says="meaning">{{ view.chosen.meaning }}</p>
<div class="explore">
{{ chart('indicators') }}
<div class="panel" id="focus-panel" role="region" tabindex="0" aria-labelledby="focus-title">
<h3 id="focus-title">Slice <bdi data-says="focus">{{ view.start.focus }}</bdi></h3>
<p class="muted small">n = <span data-says="focus-n">{{ focus_n | number(0) }}</span> for this metric</p>
{% if 'thresholds' in figures %}
<div data-needs="threshold">{{ chart('thresholds') }}</div>
{% endif %}
{% if 'examples' in view.tables %}
<div class="controls" data-js hidden>
<h3>Most wrong examples</h3>
{% if texts %}
<div class="notice small">
<strong>Content warning.</strong> These comments can be abusive, hateful or obscene. They stay hidden until you ask for them.
<p><button type="button" class="strong" id="show-texts" aria-pressed="false">Show texts</button></p></div>
{% endif %}
<p id="no-examples" class="muted small" hidden>None of the examples kept of this slice is wrong
{%- if view.thresholds %} at this threshold{% endif %}.</p>
<ol class="wrong" id="wrong"></ol>
</div>
{% endif %}
</div>
</div>
{% call scrolling('Slices', true) %}
<table id="slices"{{ ' class="no-gaps"' | safe if not view.chosen.compared }}>
<caption><span class="held">
<span data-says="metric">{{ view.start_words }}</span>, with {{ view.confidence }} intervals. n counts what the rate rests on.
A change is coloured where its interval, paired by example, does not hold 0. Difference and ratio set the judged model against
overall.</span></caption>
<thead><tr><th>Slice</th><th class="num">n</th><th class="num">Baseline</th><th class="num">Candidate</th>
<th class="num">Change</th><th class="num">Difference</th><th class="num">Ratio</th></tr></thead>
<tbody id="slices-body">
{% for row in table %}
<tr><th scope="row"><bdi>{{ row.slice | breakable }}</bdi></th><td class="num">{{ row.n | number(0) }}</td>
<td class="num">{{ row.baseline | number }}{{ range(row.baseline_low, row.baseline_high) }}</td>
<td class="num">{{ row.candidate | number }}{{ range(row.candidate_low, row.candidate_high) }}</td>
<td class="num"><span class="{{ row.gain }}">{{ row.change | signed }}</span>
{{ range(row.change_low, row.change_high) }}</td>
<td class="num">{{ row.difference_to_overall | signed }}</td>
<td class="num">{{ row.ratio_to_overall | number(2) }} ×</td></tr>
{% endfor %}
</tbody>
</table>
{% endcall %}
</section>
"""


def parts(view: ReportView) -> Parts:
    """Return the charts, and the table of the opening metric."""
    limited = len(view.limits) > 0
    stroke = " A vermillion stroke is the limit of a rule that judges the slice here." if limited else ""
    caption = (
        "Both models on every slice, with intervals, and n at the right; dashed: each model’s overall value."
        f"{stroke} Hollow: fewer than {FEW} examples."
    )
    chart = Chart("indicators", view.start.signals)
    figures = {"indicators": Figure(chart, ("metrics", "limits"), caption, {"metrics": view.opening})}
    if view.thresholds:
        caption = "The metric at every threshold: the slice (solid, with its interval), overall (dashed)"
        caption += ", limits (vermillion)." if limited else "."
        chart = Chart("thresholds", view.start.signals)
        figures["thresholds"] = Figure(chart, ("metrics", "limits"), caption, {"metrics": view.focused})
    title = "Fairness Indicators" if view.thresholds else "Metrics per slice"
    table = _table(view)
    values = {
        "title": title,
        "slices": view.slices.rows(),
        "table": table,
        "focus_n": next((row["n"] for row in table if row["slice"] == view.start.focus), None),
        "texts": "text" in view.tables.get("examples", ()),
    }
    return Parts(title, figures, values)


def _table(view: ReportView) -> list[dict[Any, Any]]:
    compared = {row["slice"]: row for row in judged(view.opening).rows()}
    rows = [
        {**row, **{name: compared[row["slice"]][name] for name in _COMPARED}}
        for row in side_by_side(view.opening).rows()
        if row["slice"] in compared
    ]
    return sorted(rows, key=lambda row: row["order"])


register(Section("indicators", TEMPLATE, parts, explored=True))
