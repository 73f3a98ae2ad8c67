"""Show how every model decides, the reference model beside ours: operating point, error rates, remedy, notes."""

from fairgate.gate import model_lines
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

TEMPLATE = """\
<section class="part" id="operating_points" aria-labelledby="operating-points-title">
<h2 id="operating-points-title">How the models decide</h2>
{% call scrolling('How the models decide') %}
<table>
<caption><span class="held">On all examples, the rates at each model’s own threshold.</span></caption>
<thead><tr><th>Model</th><th class="num">AUC</th><th class="num">Threshold</th><th class="num">False positive rate</th>
<th class="num">False negative rate</th><th>Operating point</th></tr></thead>
<tbody>
{% for line in lines %}
<tr><th scope="row">{{ line.name | capitalize }}</th><td class="num">{{ line.auc | number }}</td>
<td class="num">{{ line.threshold | number }}</td><td class="num">{{ line.false_positive_rate | number }}</td>
<td class="num">{{ line.false_negative_rate | number }}</td><td class="wide">{{ line.operating_point or '–' }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endcall %}
{% if sentences %}
<ul>
{% for sentence in sentences %}
<li>{{ sentence | unbroken | breakable }}</li>
{% endfor %}
</ul>
{% endif %}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return a line for each model, and what they say in sentences; None where no model says anything of itself."""
    lines = model_lines.model_lines(view.verdict)
    if not lines:
        return None
    said = [*model_lines.remedies(lines), *model_lines.notes(view.verdict)]
    return Parts("How the models decide", values={"lines": lines, "sentences": said})


register(Section("operating_points", TEMPLATE, parts))
