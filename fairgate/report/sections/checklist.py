"""Ask what has to be known before the model is used, and answer from the run what the run can answer."""

from fairgate.report.checklist import Question, questions
from fairgate.report.rows import row_dicts
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_BADGES = {"answered": ("passed", "answered"), "look": ("failed", "look at this"), "open": ("unproven", "open")}


TEMPLATE = """\
<section class="part" id="checklist" aria-labelledby="checklist-title">
<h2 id="checklist-title">Questions before use</h2>
<p>{{ counts }} {% if of_table %}The table answers what it holds; people have to answer the rest.
{% else %}The run answers what it can measure; people answer the rest, in the part <code>card</code> of the
configuration.{% endif %} None of this decides over the model: the policy does.</p>
{% for group, asked in groups.items() %}
<h3>{{ group }}</h3>
<dl class="sheet asked">
{% for question in asked %}
<dt>{{ question.text }}<br>{{ badge(*badges[question.state]) }}</dt>
<dd>{% for sentence in question.answers %}<p>{{ sentence | unbroken }}</p>{% endfor %}
{% if question.section in shown %}<p><a href="#{{ question.section }}">Show the figures</a></p>{% endif %}</dd>
{% endfor %}
</dl>
{% endfor %}
{% if outsiders %}
<h3>Inputs unlike the training data</h3>
{% call scrolling('Inputs unlike the training data', outsiders | length > 12) %}
<table>
<caption><span class="held">What the candidate decides, and what <code>fairgate predict</code> warns of.</span></caption>
<thead><tr><th>Input</th><th>Decision</th><th class="num">{{ value }}</th><th>Warning</th></tr></thead><tbody>
{% for row in outsiders %}
<tr><th scope="row" class="wide"><bdi>{{ row.input }}</bdi></th><td>{{ row.decision }}</td>
<td class="num">{{ row.value | number }}</td>
<td class="wide">{{ row.warnings or 'none' }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% endif %}
</section>
"""


def parts(view: ReportView) -> Parts:
    """Return the questions by their headings, and the inputs unlike training where the run asked about some."""
    asked = questions(view.content)
    groups: dict[str, list[Question]] = {}
    for question in asked:
        groups.setdefault(question.group, []).append(question)
    values = {
        "groups": groups,
        "badges": _BADGES,
        "counts": _counts(asked),
        "of_table": view.verdict.of_table,
        "outsiders": row_dicts(view.content.outsiders),
        "value": "Score" if view.thresholds else "Confidence",
        "shown": _shown(view),
    }
    return Parts("Questions before use", values=values)


def _counts(asked: list[Question]) -> str:
    states = [question.state for question in asked]
    look, left = states.count("look"), states.count("open")
    return (
        f"Of {len(asked)} questions, {len(asked) - left} are answered, {look} of them with something to look at; {left} are open."
    )


def _shown(view: ReportView) -> frozenset[str]:
    """Return the sections that a report of this content has, of those that questions lead to."""
    content = view.content
    has_data = content.anomalies is not None or content.drift is not None or content.statistics is not None
    known = {"models": True, "input": has_data, "weakest": len(view.slices) > 1, "intersections": bool(view.pairs)}
    return frozenset(name for name, shown in known.items() if shown)


register(Section("checklist", TEMPLATE, parts))
