"""Show selection rates and impact ratios by category, where a rule compares them with the best one."""

from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

TEMPLATE = """\
<section class="part" id="impact" aria-labelledby="impact-title">
<h2 id="impact-title">Selection rates by category</h2>
<p>The impact ratio is a rate divided by the highest one of its table. Fisher’s exact test compares a category with that one.
Source of the data: <bdi>{{ verdict.data.source | unbroken | breakable }}</bdi>. Date: {{ date }}.</p>
{% for table in tables %}
<h3><bdi>{{ table.title | breakable }}</bdi></h3>
{% call scrolling(table.title, table.cells | length > 12) %}
<table>
<thead><tr><th>{{ table.headings[0] }}</th>
{% for heading in table.headings[1:] %}<th class="num">{{ heading }}</th>{% endfor %}</tr></thead>
<tbody>
{% for cells in table.cells %}
<tr><th scope="row"><bdi>{{ cells[0] | breakable }}</bdi></th>
{% for cell in cells[1:] %}<td class="num">{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
{% endcall %}
{% for remark in table.remarks %}<p class="muted">{{ remark }}</p>
{% endfor %}
{% endfor %}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the tables; None where no rule compares rates with the best one."""
    verdict = view.verdict
    date = verdict.provenance.finished[:10] or "unknown"
    return Parts("Selection rates by category", values={"tables": verdict.impact, "date": date}) if verdict.impact else None


register(Section("impact", TEMPLATE, parts))
