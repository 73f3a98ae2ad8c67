"""Show how far every slice lies from overall or from the rest, as a ratio or a difference."""

import numpy as np

from fairgate.names import OVERALL
from fairgate.report.charts import FEW, Chart, Figure
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_MEASURES = {
    "ratio_to_overall": "ratio to overall",
    "difference_to_overall": "difference to overall",
    "ratio_to_rest": "ratio to the rest",
    "difference_to_rest": "difference to the rest",
}


TEMPLATE = """\
<section class="part" id="gaps" aria-labelledby="gaps-title">
<h2 id="gaps-title">Gaps</h2>
<p>How far each slice lies from the others, for <strong data-says="metric">{{ view.start_words }}</strong>.
<span data-says="meaning">{{ view.chosen.meaning }}</span>
{% if view.limits | length %}A vermillion stroke is the limit of a rule that judges the slice by this measure at this threshold.
{% endif %}</p>
<div data-needs="gaps"{{ ' hidden' if not view.chosen.compared }}>
<div class="row controls" data-js hidden><label class="field">Measure
<select id="measure">{% for name, words in measures.items() %}
<option value="{{ name }}"{{ ' selected' if name == view.start.measure }}>{{ words }}</option>{% endfor %}
</select></label></div>
{{ chart('gaps') }}
</div>
<p class="muted" data-lacks="gaps"{{ ' hidden' if view.chosen.compared }}>This metric is not defined on all examples taken
together, so that no slice can be set against them. Pick another one above.</p>
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the chart, where any slice can be compared with overall."""
    if not np.isfinite(view.metrics["difference_to_overall"][view.metrics["slice"] != OVERALL]).any():
        return None
    caption = (
        "Each slice set against overall or against the rest, both models, with intervals, and n at the right."
        f" Hollow: fewer than {FEW} examples."
    )
    chart = Chart("gaps", view.start.signals)
    figure = Figure(chart, ("metrics", "limits"), caption, {"metrics": view.opening})
    return Parts("Gaps", {"gaps": figure}, {"measures": _MEASURES})


register(Section("gaps", TEMPLATE, parts, explored=True))
