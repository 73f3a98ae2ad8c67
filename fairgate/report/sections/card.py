"""Show the model card: what the model is for, its data sheet, metrics per group, and where everything came from."""

from typing import Any

from fairgate.metrics.words import metric_words
from fairgate.report.cards import facts
from fairgate.report.rows import judged, row_dicts
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_GROUP_METRICS = 5


TEMPLATE = """\
<section class="part" id="card" aria-labelledby="card-title">
<h2 id="card-title">Model card{% if card %}: {{ card.title }}{% endif %}</h2>
<p>As files beside this page: <a href="model_card.md">model card</a>, <a href="datasheet.md">data sheet</a>; for programs
<a href="model_card.json">model_card.json</a>, <a href="datasheet.json">datasheet.json</a>.</p>
{% if said %}
{% for name, sentences in said.items() if sentences %}
<h3>{{ name }}</h3>
<ul>
{% for sentence in sentences %}
<li>{{ sentence }}</li>
{% endfor %}
</ul>
{% endfor %}
{% endif %}
<h3>Data sheet</h3>
<dl class="sheet">
<dt>Source</dt><dd>{{ verdict.data.source }}</dd>
{% if verdict.data.tagged_features %}
<dt>Tagged by word, not by people</dt><dd>{{ verdict.data.tagged_features | join(', ') }}</dd>
{% endif %}
{% for split, rows in verdict.data.rows.items() %}
<dt>Rows of {{ split }}</dt><dd>{{ rows | number(0) }}</dd>
{% endfor %}
{% if view.content.data_summary.statements %}
<dt>How it was read</dt><dd>{{ view.content.data_summary.statements | join(' ') }}</dd>
{% endif %}
{% if card %}
{% for name, answer in card.data_sheet.items() %}
<dt>{{ name }}</dt><dd>{{ answer }}</dd>
{% endfor %}
{% endif %}
</dl>
<h3>Metrics per group</h3>
{% call scrolling('Metrics per group', true) %}
<table>
<caption>
<span class="held">The candidate{% if view.at_threshold %} at threshold {{ view.at_threshold }}{% endif %}.</span></caption>
<thead><tr><th>Slice</th><th class="num">Examples</th>{% for label in labels %}<th class="num">{{ label }}</th>{% endfor %}
</tr></thead><tbody>
{% for row in groups %}
<tr><th scope="row"><bdi>{{ row.slice | breakable }}</bdi></th><td class="num">{{ row.n | number(0) }}</td>
{% for cell in row.cells %}
<td class="num">{% if cell %}{{ cell.value | number }}{{ range(cell.low, cell.high) }}{% else %}–{% endif %}</td>
{% endfor %}
</tr>
{% endfor %}
</tbody></table>
{% endcall %}
<h3>Provenance</h3>
<dl class="sheet">
{% for model, info in verdict.models.items() %}
<dt>{{ model | capitalize }}</dt><dd>{{ info.description }}{% if info.digest %} <code>{{ info.digest }}</code>{% endif %}</dd>
{% endfor %}
{% for name, value in (('Source code', verdict.provenance.source_digest), ('Configuration', verdict.provenance.config_digest))
if value %}
<dt>{{ name }}</dt><dd><code>{{ value }}</code></dd>
{% endfor %}
{% for name, digest in verdict.data.digests.items() %}
<dt>Data: {{ name }}</dt><dd><code>{{ digest }}</code></dd>
{% endfor %}
{% if verdict.provenance.seed is not none %}
<dt>Seed</dt><dd>{{ verdict.provenance.seed }}</dd>
{% endif %}
{% if verdict.provenance.started %}
<dt>Run</dt><dd>{{ verdict.provenance.started }} to {{ verdict.provenance.finished }}</dd>
{% endif %}
{% if card and card.licence %}
<dt>Licence</dt><dd>{{ card.licence }}</dd>
{% endif %}
{% if data_license %}
<dt>Licence of the data</dt><dd>{{ data_license }}</dd>
{% endif %}
</dl>
{% if verdict.provenance.package_versions %}
<details><summary>Package versions</summary>
<dl class="sheet">
{% for name, version in verdict.provenance.package_versions.items() %}
<dt>{{ name }}</dt><dd>{{ version }}</dd>
{% endfor %}
</dl>
</details>
{% endif %}
</section>
"""


def parts(view: ReportView) -> Parts:
    """Return the card's words and the metrics per group, those that rules are about first."""
    names = [choice.name for choice in view.choices]
    ruled = list(dict.fromkeys(rule.metric for rule in view.verdict.rules if rule.metric in names))
    chosen = (ruled + [name for name in names if name not in ruled])[:_GROUP_METRICS]
    labels = [metric_words(name).label for name in chosen]
    values: dict[str, Any] = {"card": view.content.card, "said": _said(view), "labels": labels, "groups": _groups(view, chosen)}
    values["data_license"] = facts.said(view.content).data_license
    return Parts("Model card", values=values)


def _said(view: ReportView) -> dict[str, tuple[str, ...]]:
    """Return heading -> what people, or the task, say under it; what is open stands among the questions before use."""
    said = facts.said(view.content)
    return {
        "Intended use": said.intended_use,
        "Out of scope": said.out_of_scope,
        "Limits": said.limits,
        "Affected by false positives": tuple(filter(None, (said.false_positive_affects,))),
        "Affected by false negatives": tuple(filter(None, (said.false_negative_affects,))),
        "Contact": tuple(filter(None, (said.contact,))),
    }


def _groups(view: ReportView, metrics: list[str]) -> list[dict[str, Any]]:
    cells = {(row["slice"], row["metric"]): row for row in judged(view.here).rows()}
    return [{**item, "cells": [cells.get((item["slice"], name)) for name in metrics]} for item in row_dicts(view.slices)]


register(Section("card", TEMPLATE, parts))
