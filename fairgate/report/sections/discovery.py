"""Show the slices that nobody named: those that were discovered on one half of the examples and confirmed on the other."""

from fairgate.discovery import words
from fairgate.metrics.words import metric_words
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView
from fairgate.text import printable

TITLE = "Slices that nobody named"
TEMPLATE = """\
<section class="part" id="discovery" aria-labelledby="discovery-title">
<h2 id="discovery-title">Slices that nobody named</h2>
<p>All combinations of groups were looked at, whether or not a rule names them. One half of the examples chose those whose
<strong>{{ metric }}</strong> is {{ worse }} than that of the rest; the other half confirmed them, and gave the numbers below.</p>
{% if rows %}
{% call scrolling('Slices that nobody named', rows | length > 12) %}
<table><thead><tr><th>Slice</th><th class="num">Value</th><th class="num">n</th><th>Compared with</th>
<th class="num">Its value</th><th class="num">Ratio (95 % interval)</th><th class="num">p (Holm)</th></tr></thead><tbody>
{% for row in rows %}
<tr><th scope="row"><bdi>{{ row.slice | breakable }}</bdi></th><td class="num">{{ row.value }}</td>
<td class="num">{{ row.n }}</td><td><bdi>{{ row.against | breakable }}</bdi></td>
<td class="num">{{ row.other_value }}</td><td class="num">{{ row.ratio }}</td>
<td class="num">{{ row.p }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% else %}
<p>No slice was confirmed.</p>
{% endif %}
<ul>
{% for sentence in sentences %}
<li>{{ sentence | breakable }}</li>
{% endfor %}
</ul>
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the confirmed slices but for echoes, and what was looked at; None where no slices were sought."""
    found = view.content.discovery
    if found is None:
        return None
    rows = [words.slice_words(each, len(found.thresholds) > 1) for each in found.own]
    values = {
        "rows": rows,
        "metric": metric_words(found.metric).label.lower(),
        "worse": found.worse,
        "sentences": [printable(sentence) for sentence in words.sentences_of(found)],
    }
    return Parts(TITLE, values=values)


register(Section("discovery", TEMPLATE, parts))
