"""Show pictures and classes: confusion matrix, confident mistakes, coverage against accuracy; pictures of an older run."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fairgate.names import CANDIDATE
from fairgate.report.charts import ALWAYS, FEW, Chart, Figure
from fairgate.report.examples import OVERALL_WORST
from fairgate.report.rows import row_dicts
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

if TYPE_CHECKING:
    import pandas as pd


TEMPLATE = """\
<section class="part" id="images" aria-labelledby="images-title">
<h2 id="images-title">Images and classes</h2>
{% if 'confusion' in figures %}
<h3>Confusion matrix</h3>
{% if view.models | length > 1 %}
<div class="row controls" data-js hidden><label class="field">Model
<select id="confusion-model">{% for model in view.models | reverse %}
<option value="{{ model }}">{{ model }}</option>{% endfor %}</select></label></div>
{% endif %}
{{ chart('confusion') }}
{% endif %}
{% if mistakes %}
<h3>Confident mistakes</h3>
<ol class="wrong mistakes">
{% for row in mistakes %}
<li>{% if row.image %}<img src="data:image/png;base64,{{ row.image }}" alt="example of {{ row.label }}">{% endif %}
<div class="what">{{ row.label }}{% if row.predicted %}, called {{ row.predicted }}{% endif %}</div>
<div class="scores">the true class got {{ row.candidate | number(2) }}</div></li>
{% endfor %}
</ol>
{% endif %}
{% if 'coverage' in figures %}
<h3>Coverage against accuracy</h3>
<p>A model may abstain when it is not sure. How accurate is it on what it still decides?</p>
{% if coverage_rules | length > 1 %}
<div class="row controls" data-js hidden><label class="field">Beside the rule on confidence
<select id="coverage-rule">{% for rule in coverage_rules %}
<option value="{{ rule }}">{{ rule }}</option>{% endfor %}</select></label></div>
<p class="muted small">The limit is what the most probable class must have (confidence), by how much it must lead (margin), how
near it the classes are of which one is drawn (draw), or what each class on a shortlist must have. Of the shortlist one class is
left, one is drawn, or the other model decides. The accuracy of what is drawn is the expected one.</p>
{% endif %}
{{ chart('coverage') }}
{% call scrolling('Coverage against accuracy', coverage | length > 12) %}
<table><thead><tr><th>Model</th><th>Rule</th><th class="num">Limit</th><th class="num">Decided</th>
<th class="num">Accuracy</th><th class="num">n</th><th>Abstained</th></tr></thead><tbody>
{% for row in coverage %}
<tr><th scope="row">{{ row.model }}</th><td>{{ row.rule }}</td><td class="num">{{ row.limit | number(2) }}</td>
<td class="num">{{ row.coverage | number }}</td><td class="num">{{ row.accuracy | number(4) }}</td>
<td class="num">{{ row.n | number(0) }}</td><td>{{ row.abstained | default('', true) or '–' }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% endif %}
{% if 'pixels' in figures %}
<h3>Pixel intensities</h3>
{{ chart('pixels') }}
{% endif %}
{{ class_pictures(class_grids) }}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return what there is of the parts that only image tasks have."""
    content, figures = view.content, dict(_figures(view))
    grids = {} if content.pixel_statistics is not None else content.class_grids  # else they are of the training images
    if not figures and not grids:
        return None
    values = {
        "class_grids": grids,
        "coverage": row_dicts(content.coverage),
        "coverage_rules": _other_rules(content.coverage),
        "mistakes": _mistakes(content.examples),
    }
    return Parts("Images and classes", figures, values)


def _figures(view: ReportView) -> Iterator[tuple[str, Figure]]:
    if "confusion" in view.tables:
        values = {"classes": view.tables["confusion"].distinct("label"), "model": CANDIDATE}
        caption = "What each class is called: rows are true classes, n at the right, the colour is the share of the row."
        yield "confusion", Figure(Chart("confusion", values), ("confusion",), caption)
    if "coverage" in view.tables:
        caption = "Accuracy on the examples that a model decides, against their share, as the decision rule gets stricter."
        caption += f" Hollow: fewer than {FEW} examples decided."
        chart = Chart("coverage", {"rule": next(iter(_other_rules(view.content.coverage)), ALWAYS)})
        yield "coverage", Figure(chart, ("coverage",), caption)
    if "pixels" in view.tables and view.content.pixel_statistics is None:
        caption = f"How often each intensity occurs, n = {view.tables['pixels']['count'].sum():,.0f} pixels; zeros left out."
        yield "pixels", Figure(Chart("pixels", {}), ("pixels",), caption)


def _other_rules(points: "pd.DataFrame | None") -> list[str]:
    """Return the kinds of decision rule but the one on confidence, beside which each is drawn."""
    return [] if points is None else [rule for rule in points["rule"].unique() if rule != ALWAYS]


def _mistakes(examples: "pd.DataFrame | None") -> list[dict[str, Any]]:
    """Return the pictures that the candidate gets wrong most surely."""
    if examples is None or not {"image", "predicted"} <= set(examples.columns):
        return []
    wrong = examples[examples["predicted"] != examples["label"]].sort_values("wrong", ascending=False, kind="stable")
    return row_dicts(wrong.head(OVERALL_WORST))


register(Section("images", TEMPLATE, parts))
