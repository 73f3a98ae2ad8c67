"""Show pictures and classes: confusion matrix, confident mistakes, coverage against accuracy; pictures of an older run."""

from collections.abc import Iterator
from typing import Any

import altair as alt
import pandas as pd

from fairgate.names import CANDIDATE
from fairgate.report.charts import FEW, Figure, Layered, Source, hollow, model_colour, model_fill, model_shape
from fairgate.report.examples import OVERALL_WORST
from fairgate.report.rows import row_dicts
from fairgate.report.section import Parts, Section, register
from fairgate.report.theme import AMOUNT, BLUE
from fairgate.report.view import ReportView

_ALWAYS = "confidence"  # the decision rule that the others are drawn beside
_PARTS = [alt.Tooltip("share:Q", format=".1%"), alt.Tooltip("count:Q", format=",.0f")]


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
        classes = list(view.tables["confusion"]["label"].unique())
        caption = "What each class is called: rows are true classes, n at the right, the colour is the share of the row."
        yield "confusion", Figure(confusion(alt.NamedData("confusion"), classes), ("confusion",), caption)
    if "coverage" in view.tables:
        caption = "Accuracy on the examples that a model decides, against their share, as the decision rule gets stricter."
        caption += f" Hollow: fewer than {FEW} examples decided."
        chart = coverage(alt.NamedData("coverage"), _other_rules(view.content.coverage))
        yield "coverage", Figure(chart, ("coverage",), caption)
    if "pixels" in view.tables and view.content.pixel_statistics is None:
        caption = f"How often each intensity occurs, n = {view.tables['pixels']['count'].sum():,.0f} pixels; zeros left out."
        yield "pixels", Figure(pixels(alt.NamedData("pixels")), ("pixels",), caption)


def _other_rules(points: pd.DataFrame | None) -> list[str]:
    """Return the kinds of decision rule but the one on confidence, beside which each is drawn."""
    return [] if points is None else [rule for rule in points["rule"].unique() if rule != _ALWAYS]


def _mistakes(examples: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the pictures that the candidate gets wrong most surely."""
    if examples is None or not {"image", "predicted"} <= set(examples.columns):
        return []
    wrong = examples[examples["predicted"] != examples["label"]].sort_values("wrong", ascending=False, kind="stable")
    return row_dicts(wrong.head(OVERALL_WORST))


def pixels(source: Source, title: str = "intensity (zeros left out)") -> Layered:
    """Draw how many pixels have a value in each bin; `title` says which value. Columns low, high (edges of the bin), count."""
    bars = (
        alt.Chart(source)
        .mark_bar(color=BLUE, opacity=0.85)
        .encode(
            x=alt.X("low:Q", title=title, bin=alt.BinParams(binned=True)),
            x2="high:Q",
            y=alt.Y("count:Q", title="pixels", axis=alt.Axis(format="~s", tickCount=5)),
            tooltip=["low:Q", "high:Q", alt.Tooltip("count:Q", format=",.0f")],
        )
    )
    return alt.layer(bars).properties(height=200)


def confusion(source: Source, classes: list[str]) -> Layered:
    """Draw what the model of parameter `model` calls each class. Columns model, label, predicted, count, share (of the row)."""
    rows = alt.Chart(source).transform_filter("datum.model == model")
    x = alt.X("predicted:N", title="predicted", scale=alt.Scale(domain=classes), axis=alt.Axis(labelAngle=-40))
    y = alt.Y("label:N", title="true class", scale=alt.Scale(domain=classes))
    colour = alt.Color("share:Q", title="share of the class", scale=alt.Scale(range=AMOUNT, domain=[0, 1]), legend=None)
    cells = rows.mark_rect(stroke="#ffffff", strokeOpacity=0.5).encode(
        x=x, y=y, color=colour, tooltip=["label:N", "predicted:N", *_PARTS]
    )
    numbers = rows.transform_filter("datum.count > 0").mark_text(color="#16191d", fontSize=11).encode(x=x, y=y, text="count:Q")
    total = rows.transform_aggregate(n="sum(count)", groupby=["label"]).transform_calculate(says="'n ' + format(datum.n, ',.0f')")
    sizes = total.mark_text(align="left", dx=6, fontSize=11).encode(y=y, x=alt.value("width"), text="says:N")
    return alt.layer(cells, numbers, sizes).add_params(alt.param(name="model", value=CANDIDATE)).properties(height={"step": 30})


def coverage(source: Source, others: list[str]) -> Layered:
    """Draw the accuracy among the examples that a model decides, against their share, one line per model and decision rule.

    Columns model, rule, limit, coverage, accuracy, n. Shown are the rule on confidence and that of parameter `rule`, at first the
    first of the others.
    """
    zoomed = alt.Scale(zero=False)
    chosen = alt.Chart(source).transform_filter(f"datum.rule == {_ALWAYS!r} || datum.rule == rule")
    shown = chosen.encode(
        x=alt.X("coverage:Q", title="share of examples that are decided", axis=alt.Axis(format=".0%"), scale=zoomed),
        y=alt.Y("accuracy:Q", title="accuracy among them", axis=alt.Axis(format=".1%"), scale=zoomed),
        color=model_colour(),
    )
    dashes = alt.StrokeDash(
        "rule:N", title=None, legend=alt.Legend(symbolType="stroke", symbolStrokeColor="currentColor", columns=1)
    )
    lines = shown.mark_line(strokeWidth=2).encode(strokeDash=dashes, order="limit:Q")
    number = [alt.Tooltip("coverage:Q", format=".1%"), alt.Tooltip("accuracy:Q", format=".2%"), alt.Tooltip("n:Q", format=",.0f")]
    points = shown.mark_point(size=55, opacity=1).encode(
        fill=model_fill(), fillOpacity=hollow(1), shape=model_shape(), tooltip=["model:N", "rule:N", "limit:Q", *number]
    )
    rule = alt.param(name="rule", value=others[0] if others else _ALWAYS)
    return alt.layer(lines, points).add_params(rule).properties(height=300)


register(Section("images", TEMPLATE, parts))
