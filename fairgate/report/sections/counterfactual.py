"""Show the counterfactual test: decisions that flip and scores that move when an identity term is swapped."""

from collections.abc import Iterator

import altair as alt

from fairgate.report.charts import (
    AT_THRESHOLD,
    FEW,
    LABEL,
    ChartState,
    Figure,
    Layered,
    Source,
    count_marks,
    hollow,
    labels_param,
    layered,
    level_mark,
    model_colour,
    model_fill,
    model_shape,
)
from fairgate.report.rows import at_threshold, row_dicts
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import ReportView

_HEIGHT = {"step": 22}
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
    rows, names = alt.NamedData("counterfactual"), ("counterfactual",)
    if "swaps" in tests:
        caption = f"Share of decisions that flip when the term of a comment is swapped, with intervals. {_HOLLOW}"
        yield "counterfactual", Figure(flips(rows, state), names, caption)
        caption = f"How much higher the same comments score with the term than with the others, with intervals. {_HOLLOW}"
        yield "counterfactual_shift", Figure(shifts(rows, state, "swaps"), names, caption)
    if "probes" in tests:
        caption = f"How much higher the same template sentences score with the term than on average, with intervals. {_HOLLOW}"
        yield "probes", Figure(shifts(rows, state, "probes"), names, caption)


def flips(source: Source, state: ChartState) -> Layered:
    """Draw the share of decisions that change when a comment's term is swapped, per term and model, with intervals."""
    rows = alt.Chart(source).transform_filter(f"datum.test == 'swaps' && {AT_THRESHOLD}")
    x = alt.X("value:Q", title="decisions that flip", axis=alt.Axis(format=".0%"))
    return _layered(_per_term(rows, x, ("low", "high"), state), state)


def shifts(source: Source, state: ChartState, test: str) -> Layered:
    """Draw how much higher a text scores with a term than with the others of its group, per term and model, with intervals.

    Args:
        source: columns of `ReportContent.counterfactual`.
        state: what the page opens with.
        test: "swaps" or "probes".
    """
    rows = alt.Chart(source).transform_filter(f"datum.test == '{test}' && {AT_THRESHOLD}")
    x = alt.X("score_shift:Q", title="score with the term minus score with the others", axis=alt.Axis(format="+.2f"))
    return _layered([level_mark("0"), *_per_term(rows, x, ("shift_low", "shift_high"), state)], state)


def _layered(marks: list[alt.Chart], state: ChartState) -> Layered:
    params = [alt.param(name="threshold", value=state.threshold_or_none), labels_param()]
    return layered(*marks, params=params, height=_HEIGHT)


def _per_term(rows: alt.Chart, x: alt.X, ends: tuple[str, str], state: ChartState) -> list[alt.Chart]:
    sort = alt.EncodingSortField(field="score_shift", op="max", order="descending")
    y = alt.Y("place:N", title=None, sort=sort, axis=alt.Axis(labelExpr=LABEL))
    ranges = rows.mark_rule(strokeWidth=4, opacity=0.3).encode(
        y=y, x=alt.X(f"{ends[0]}:Q"), x2=alt.X2(f"{ends[1]}:Q"), color=model_colour()
    )
    numbers = ("value", "low", "high", "score_shift", "shift_low", "shift_high")
    tooltip = [
        alt.Tooltip("term:N"),
        alt.Tooltip("group:N"),
        alt.Tooltip("model:N"),
        *(alt.Tooltip(f"{name}:Q", format=".4f") for name in numbers),
    ]
    points = rows.mark_point(size=95, opacity=1, strokeWidth=1.4).encode(
        y=y,
        x=x,
        color=model_colour(),
        fill=model_fill(),
        fillOpacity=hollow(1),
        shape=model_shape(),
        tooltip=[*tooltip, alt.Tooltip("n:Q", format=",.0f")],
    )
    own = rows.transform_filter(f"datum.model == '{state.judged}'")
    return [ranges, points, count_marks(own, y)]


register(Section("counterfactual", TEMPLATE, parts, explored=True))
