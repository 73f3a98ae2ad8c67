"""Show slices that stand out where no rule judges, and groups that could not be measured."""

from fairgate.gate import selection
from fairgate.metrics.words import metric_words
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_SHOWN = 20

TEMPLATE = """\
{% macro listed(rows, label) %}
{% call scrolling(label, rows | length > 8) %}
<table>
<thead><tr><th>Slice</th><th>Metric</th><th>Why</th><th>Proven</th><th class="num">Value</th><th class="num">Limit</th>
<th class="num">n</th><th>Reason</th></tr></thead>
<tbody>
{% for metric, line in rows %}
<tr><th scope="row"><bdi>{{ line.slice | breakable }}</bdi></th><td>{{ metric }}</td><td>{{ line.because }}</td>
<td>{% if line.proven %}<span class="badge bad">proven</span>{% else %}<span class="muted">no</span>{% endif %}</td>
<td class="num">{{ line.value | number }}{% if line.interval %}{{ range(*line.interval) }}{% endif %}</td>
<td class="num">{{ line.limit | number }}</td><td class="num">{{ line.n | number(0) }}</td>
<td class="wide">{{ line.reason | unbroken | breakable }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endcall %}
{% endmacro %}
<section class="part" id="not_judged" aria-labelledby="not_judged-title">
<h2 id="not_judged-title">Where no rule judges</h2>
{% if lines %}
<p>{{ no_rule }} They are listed because they break a limit that the policy sets elsewhere, because the
candidate is worse there than the baseline, or because it favours them by more than a limit on the other side would allow. Proven
means that chance does not explain it, with a correction for everything listed.</p>
{{ listed(lines[:shown], 'Where no rule judges') }}
{% if lines | length > shown %}
<details><summary>{{ lines | length - shown }} more</summary>
{{ listed(lines[shown:], 'Where no rule judges, continued') }}
</details>
{% endif %}
{% endif %}
{% if facts %}
<ul class="reasons">
{% for name, text in facts.items() %}
<li>{{ name }}: <bdi>{{ text | breakable }}</bdi></li>
{% endfor %}
</ul>
{% endif %}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the slices with their metrics in words, and the facts on groups; nothing where there is neither."""
    verdict = view.verdict
    facts = selection.group_facts(verdict)
    if not verdict.not_judged and not facts:
        return None
    title = "Groups and examples" if verdict.outcome == "reported" else "Where no rule judges"
    lines = [(_metric(line.metric, line.threshold), line) for line in verdict.not_judged]
    no_rule = selection.why_no_rule(verdict.not_judged)
    return Parts(title, values={"title": title, "no_rule": no_rule, "lines": lines, "shown": _SHOWN, "facts": facts})


def _metric(name: str, threshold: float | None) -> str:
    label = metric_words(name).label
    return label if threshold is None else f"{label} at {threshold:g}"


register(Section("not_judged", TEMPLATE, parts))
