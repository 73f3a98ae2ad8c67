"""Show the counterfactual test: decisions that flip and scores that move when an identity term is swapped."""

from collections.abc import Iterator

from fairgate.report.charts import FEW, Chart, ChartState, Figure
from fairgate.report.rows import at_threshold, row_dicts
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_HOLLOW = f"Hollow: fewer than {FEW} texts."


TEMPLATE = """\
<section class="part" id="counterfactual" aria-labelledby="counterfactual-title">
<h2 id="counterfactual-title">Counterfactual terms</h2>
<p>The same comments with the identity term swapped within its group: how often does the decision flip, how far does the score
move?</p>
{% for name in ('counterfactual', 'counterfactual_shift') if name in figures %}
{{ chart(name) }}
{% endfor %}
{% if 'probes' in figures %}
<h3>Probes: template sentences about each term</h3>
{{ chart('probes') }}
{% endif %}
{% call scrolling('Counterfactual terms', rows | length > 12) %}
<table><caption>A shift above 0 says that the term itself makes a text look more toxic. n counts comments (swaps) or templates
(probes). Intervals at {{ view.confidence }}.</caption>
<thead><tr><th>Term</th><th>Group</th><th>Test</th><th>Model</th><th class="num">Threshold</th><th class="num">Flips</th>
<th class="num">Mean score shift</th><th class="num">n</th></tr></thead><tbody>
{% for row in rows %}
<tr><th scope="row"><bdi>{{ row.term }}</bdi></th><td><bdi>{{ row.group }}</bdi></td><td>{{ row.test }}</td>
<td>{{ row.model }}</td><td class="num">{{ row.threshold | number(2) }}</td>
<td class="num">{{ row.value | number }}{{ range(row.low, row.high) }}</td>
<td class="num">{{ row.score_shift | signed }}{{ range(row.shift_low, row.shift_high) }}</td>
<td class="num">{{ row.n | number(0) }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% if embedding_bias %}
<h3>The text embedding, before any training</h3>
{% if unknown %}
<p><strong>Not measured:</strong> the text embedding does not know {{ unknown | join(', ') }}. Sentences with unknown words are
the same to it, whatever these words are. That is no sign of equal treatment.</p>
{% endif %}
{% call scrolling('Text embedding', embedding_bias | length > 12) %}
<table><caption>Neutral sentences that differ in the term alone: how far apart they lie, and how much nearer the first term
lies to pleasant sentences (effect size of a sentence association test, in units of the standard deviation; two-sided p of its
permutation test, not corrected for the number of pairs).</caption>
<thead><tr><th>Terms</th><th>Group</th><th class="num">Cosine distance</th><th class="num">Effect size</th>
<th class="num">p</th><th class="num">n</th></tr></thead><tbody>
{% for row in embedding_bias %}
<tr><th scope="row"><bdi>{{ row.term }} – {{ row.other }}</bdi></th><td><bdi>{{ row.group }}</bdi></td>
{% if row.unknown %}
<td colspan="4" class="muted">not measured: {{ row.unknown }} unknown</td></tr>
{% else %}
<td class="num">{{ row.distance | number }}{{ range(row.low, row.high) }}</td>
<td class="num">{{ row.effect_size | signed }}</td><td class="num">{{ row.p_value | number(4) }}</td>
<td class="num">{{ row.n | number(0) }}</td></tr>
{% endif %}
{% endfor %}
</tbody></table>
{% endcall %}
{% endif %}
</section>
"""


def parts(view: ReportView) -> Parts | None:
    """Return the charts of the tests that were run, and the table at the opening threshold."""
    table = view.tables.get("counterfactual")
    figures = {} if table is None else dict(_figures(set(table["test"]), view.start))
    if table is None or not figures:
        return None
    rows = row_dicts(at_threshold(table, view.start.threshold))
    pairs = [{"unknown": "", **row} for row in row_dicts(view.content.embedding_bias)]
    unknown = list(dict.fromkeys(word for row in pairs if row["unknown"] for word in row["unknown"].split(", ")))
    return Parts("Counterfactual terms", figures, {"rows": rows, "embedding_bias": pairs, "unknown": unknown})


def _figures(tests: set[str], state: ChartState) -> Iterator[tuple[str, Figure]]:
    names = ("counterfactual",)
    if "swaps" in tests:
        caption = f"Share of decisions that flip when the term of a comment is swapped, with intervals. {_HOLLOW}"
        yield "counterfactual", Figure(Chart("flips", state.signals), names, caption)
        caption = f"How much higher the same comments score with the term than with the others, with intervals. {_HOLLOW}"
        yield "counterfactual_shift", Figure(Chart("swaps", state.signals), names, caption)
    if "probes" in tests:
        caption = f"How much higher the same template sentences score with the term than on average, with intervals. {_HOLLOW}"
        yield "probes", Figure(Chart("probes", state.signals), names, caption)


register(Section("counterfactual", TEMPLATE, parts, explored=True))
