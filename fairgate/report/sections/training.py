"""Show training curves: one chart per metric."""

import altair as alt

from fairgate.metrics.words import metric_words
from fairgate.report.charts import Figure, Layered, Source, model_colour
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

TEMPLATE = """\
<section class="part" id="training" aria-labelledby="training-title">
<h2 id="training-title">Training curves</h2>
<div class="pair">
{% for label in labels %}
<div><h3>{{ label }}</h3>{{ chart('curve_' ~ loop.index0) }}</div>
{% endfor %}
</div>
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return one chart per metric whose curve was kept, in the order of their first rows."""
    table = view.tables.get("curves")
    if table is None:
        return None
    names = [str(name) for name in table["metric"].unique()]
    caption = "Over the course of training, per model and split."
    charts = [curves(alt.NamedData("curves"), name) for name in names]
    figures = {f"curve_{index}": Figure(chart, ("curves",), caption) for index, chart in enumerate(charts)}
    return Parts("Training curves", figures, {"labels": [metric_words(name).label for name in names]})


def curves(source: Source, metric: str) -> Layered:
    """Draw one metric over training, per model and split."""
    rows = alt.Chart(source).transform_filter("datum.metric == curve")
    lines = rows.mark_line(strokeWidth=2).encode(
        x=alt.X("step:Q", title="step", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
        color=model_colour(),
        strokeDash=alt.StrokeDash("split:N", title=None, scale=alt.Scale(range=[[1, 0], [5, 3], [1, 2]])),
        tooltip=["model:N", "split:N", "step:Q", alt.Tooltip("value:Q", format=".4f")],
    )
    return alt.layer(lines).add_params(alt.param(name="curve", value=metric)).properties(height=240)


register(Section("training", TEMPLATE, parts))
