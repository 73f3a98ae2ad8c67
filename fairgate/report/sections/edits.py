"""Show what a word does to a score: sentences that differ in one, edited examples, words that carried scores, unknown words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairgate.names import BASELINE, CANDIDATE
from fairgate.report.examples import shorten
from fairgate.report.rows import row_dicts
from fairgate.report.section import Parts, Section, register
from fairgate.report.view import MAX_TEXT, ReportView

if TYPE_CHECKING:
    import pandas as pd


_CARRIERS = 8  # words shown of each example and model
_MODELS = (BASELINE, CANDIDATE)

TEMPLATE = """\
{% macro scored(value) %}
{{ value | number }}{% if value > threshold %} <span class="range">above {{ threshold }}</span>{% endif %}
{% endmacro %}
<section class="part" id="edits" aria-labelledby="edits-title">
<h2 id="edits-title">Words and edits</h2>
{% if sentences %}
<h3>Sentences that differ in a word</h3>
{% call scrolling('Sentences that differ in a word', sentences | length > 12) %}
<table><caption><span class="held">Whole sentences scored by both models. Within a set the score should not depend on the word. A
high score of a harmless sentence can also mean that the candidate does not know its words: see the last column.</span></caption>
<thead><tr><th>Sentence</th><th class="num">Baseline</th><th class="num">Candidate</th>
<th class="num">Unknown words</th></tr></thead><tbody>
{% for row in sentences %}
<tr><th scope="row">{{ row.text }}<span class="range">{{ row.set }}</span></th>
<td class="num">{{ scored(row.baseline) }}</td><td class="num">{{ scored(row.candidate) }}</td>
<td class="num">{{ row.unknown }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% endif %}
{% if examples %}
<h3>Edited comments</h3>
<p>Comments that name an identity, each term removed or swapped, and scored again by both models. Chosen are those whose score
changed most between the models, and the harmless ones with the highest scores, among the examples of this report.</p>
<p class="notice"><strong>Content warning.</strong> These comments can be abusive, hateful or obscene. Each is hidden until you
open it.</p>
{% for example in examples %}
<details><summary>{{ loop.index }}. {{ example.reason }}, labelled {{ example.label }}: baseline {{ example.baseline | number }},
candidate {{ example.candidate | number }}; {{ example.flips }} of {{ example.edits | length - 1 }} edits change a
decision</summary>
{% call scrolling('Edits of comment ' ~ loop.index) %}
<table><thead><tr><th>Edit</th><th class="num">Baseline</th><th class="num">Candidate</th></tr></thead><tbody>
{% for edit in example.edits %}
<tr><th scope="row"><span class="muted">{{ edit.says }}</span><br><bdi>{{ edit.text }}</bdi></th>
{% for model in ('baseline', 'candidate') %}
<td class="num">{{ edit[model] | number }}
{% if edit[model ~ '_flips'] %}<span class="range"><strong class="bad">decision changes</strong></span>{% endif %}</td>
{% endfor %}
</tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% if example.carriers %}
<p>Words that carried the score, {{ 'as exact parts of its logit' if example.exact else 'by what its logit loses without each' }}:
</p>
<dl class="sheet">
{% for model, words, rest in example.carriers %}
<dt>{{ model }}</dt><dd>{% for word in words -%}
<bdi>{{ word.word }}</bdi> {{ word.share | signed(2) }}{{ ', ' if not loop.last }}
{%- endfor %}{% if rest is not none %}; everything else {{ rest | signed(2) }}{% endif %}</dd>
{% endfor %}
</dl>
{% endif %}
{% if example.nearest %}
<p>Nearest of {{ example.nearest.n | number(0) }} comments that the candidate decides otherwise (cosine distance of the words’
TF-IDF {{ example.nearest.distance | number }}), labelled {{ example.nearest.label }}, baseline
{{ example.nearest.baseline | number }}, candidate {{ example.nearest.candidate | number }}:<br>
<bdi>{{ example.nearest.text }}</bdi></p>
{% endif %}
</details>
{% endfor %}
{% endif %}
{% if vocabulary %}
<h3>Words that the candidate does not know</h3>
{% call scrolling('Words that the candidate does not know') %}
<table><caption><span class="held">Of the first texts of each split. The score of a text of unknown words says little about
it.</span></caption>
<thead><tr><th>Split</th><th class="num">Texts</th><th class="num">Words unknown</th><th class="num">Half or more unknown</th>
<th class="num">All unknown</th></tr></thead><tbody>
{% for row in vocabulary %}
<tr><th scope="row">{{ row.split }}</th><td class="num">{{ row.n | number(0) }}</td>
<td class="num">{{ (100 * row.unknown) | number(1) }} %</td><td class="num">{{ row.half | number(0) }}</td>
<td class="num">{{ row.none | number(0) }}</td></tr>
{% endfor %}
</tbody></table>
{% endcall %}
{% endif %}
</section>
"""


@dataclass(frozen=True)
class EditedExample:
    """An example and its edits.

    Attributes:
        reason: why it was chosen.
        label: of it.
        baseline, candidate: scores of the original.
        edits: the original first: says, text, baseline, candidate, baseline_flips, candidate_flips.
        flips: edits on which the decision of either model changes.
        carriers: (model, the words with the greatest shares, the share of everything else).
        exact: whether these are the model's own sum; the rest is known only then.
        nearest: the nearest example with the opposite decision, a row of `ReportContent.nearest`; None without one.
    """

    reason: str
    label: str
    baseline: float
    candidate: float
    edits: list[dict[str, Any]]
    flips: int
    carriers: list[tuple[str, list[dict[str, Any]], float | None]]
    exact: bool
    nearest: Mapping[str, Any] | None


def parts(view: ReportView) -> Parts | None:
    """Return the sentences, the edited examples and the unknown words; None where nothing of it was made."""
    content, threshold = view.content, view.start.threshold
    values = {
        "sentences": [] if content.sentences is None else sentence_rows(content.sentences),
        "examples": [] if content.edits is None else edited_examples(view, content.edits),
        "vocabulary": row_dicts(content.vocabulary),
        "threshold": threshold,
    }
    if not (values["sentences"] or values["examples"] or values["vocabulary"]):
        return None
    return Parts("Words and edits", values=values)


def sentence_rows(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return one row per sentence: set, text, the score of each model, unknown (share of its words in words)."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for line in row_dicts(table):
        row = rows.setdefault((line["set"], line["text"]), {"unknown": "–", **dict.fromkeys(_MODELS, math.nan)})
        row |= {"set": line["set"], "text": line["text"], line["model"]: line["score"]}
        if line["model"] == CANDIDATE and not math.isnan(line["unknown_words"]):
            row["unknown"] = f"{line['unknown_words']:.0%}".replace("%", "\u00a0%")
    return list(rows.values())


def edited_examples(view: ReportView, table: "pd.DataFrame") -> list[EditedExample]:
    """Return the edited examples in their order.

    Args:
        view: of the report.
        table: `ReportContent.edits`.
    """
    shares = view.content.word_shares
    neighbours = {row["example"]: row for row in row_dicts(view.content.nearest)}
    examples = []
    for number, rows in table.groupby("example", sort=True):
        edits = [_with_flips(edit, rows.iloc[0], view.start.threshold) for edit in row_dicts(rows)]
        own = None if shares is None else shares[shares["example"] == number]
        exact = own is not None and bool(own["exact"].all())
        nearest = neighbours.get(number)
        examples.append(
            EditedExample(
                **{name: edits[0][name] for name in ("reason", "label", *_MODELS)},
                edits=edits,
                flips=sum(edit["baseline_flips"] or edit["candidate_flips"] for edit in edits),
                carriers=[] if own is None else [_carriers(model, own, exact) for model in _MODELS],
                exact=exact,
                nearest=nearest and {**nearest, "text": shorten(nearest["text"], MAX_TEXT)},
            )
        )
    return examples


def _with_flips(edit: Mapping[str, Any], original: "pd.Series[Any]", threshold: float) -> dict[str, Any]:
    says = {
        "original": "as written",
        "removed": f"{edit['term']} removed",
        "swapped": f"{edit['term']} → {edit['other']}",
    }.get(edit["kind"], edit["kind"])
    flips = {f"{model}_flips": (edit[model] > threshold) != (original[model] > threshold) for model in _MODELS}
    return {**edit, "says": says, "text": shorten(edit["text"], MAX_TEXT), **flips}


def _carriers(model: str, shares: "pd.DataFrame", exact: bool) -> tuple[str, list[dict[str, Any]], float | None]:
    """Return the words with the greatest shares by size, equal words together, and what remains of the logit."""
    own = shares[shares["model"] == model]
    words = own[own["position"] >= 0].groupby("word", sort=False)["share"].sum()
    greatest = words.loc[words.abs().sort_values(ascending=False, kind="stable").index][:_CARRIERS]
    rest = float(own["share"].sum() - greatest.sum()) if exact else None
    return model, [{"word": str(word), "share": float(share)} for word, share in greatest.items()], rest


register(Section("edits", TEMPLATE, parts))
