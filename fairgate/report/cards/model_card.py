"""Write model_card.json: the model card in the JSON of Google's Model Card Toolkit, schema version 0.0.2.

The toolkit is no longer kept; its schema still is read by others:
https://github.com/tensorflow/model-card-toolkit/tree/main/model_card_toolkit/schema/v0.0.2.
Its last state writes numbers as text.
What nobody said is absent, and stands among the limitations as an open question.
"""

from collections.abc import Iterator
from typing import Any

from fairgate.gate.verdict import SliceLine, Verdict
from fairgate.names import CANDIDATE
from fairgate.report.cards import facts
from fairgate.report.cards.croissant import to_json
from fairgate.report.cards.hub_card import limits, lines_by_place, measured, title, trade_offs
from fairgate.report.content import ReportContent
from fairgate.statements import MODEL_QUESTIONS, CardStatements

SCHEMA_VERSION = "0.0.2"
_INPUTS = {
    "image": "one serialized tf.Example with grey pixels, row by row",
    "text": "one serialized tf.Example with a text",
    "tabular": "one serialized tf.Example with the features of the task",
}


def document(content: ReportContent) -> dict[str, Any]:
    """Return the card; plain values."""
    said = facts.said(content)
    return {
        "schema_version": SCHEMA_VERSION,
        "model_details": _details(content, said),
        "model_parameters": _parameters(content, said),
        "quantitative_analysis": {"performance_metrics": list(_metrics(content.verdict))},
        "considerations": _considerations(content, said),
    }


def _details(content: ReportContent, said: CardStatements) -> dict[str, Any]:
    verdict = content.verdict
    info = verdict.models.get(CANDIDATE)
    owner = {name: text for name, text in (("name", said.owner), ("contact", said.contact)) if text}
    version = {"name": info.digest if info else "", "date": verdict.provenance.finished[:10]}
    known = {
        "name": title(content),
        "overview": verdict.summary,
        "owners": [owner] if owner else [],
        "version": {name: text for name, text in version.items() if text},
        "licenses": [_license(said.license)] if said.license else [],
        "references": [{"reference": address} for address in said.references],
        "citations": [{"citation": said.citation}] if said.citation else [],
    }
    return {name: value for name, value in known.items() if value}


def _license(identifier: str) -> dict[str, str]:
    return {"custom_text": identifier} if identifier == "other" else {"identifier": identifier}


def _parameters(content: ReportContent, said: CardStatements) -> dict[str, Any]:
    verdict = content.verdict
    info = verdict.models.get(CANDIDATE)
    rows = ", ".join(f"{split} {count:,}" for split, count in verdict.data.rows.items())
    described = {"name": said.data_name or verdict.data.source, "description": f"Rows: {rows}. {_generated(verdict)}".rstrip()}
    if said.data_url:
        described["link"] = said.data_url
    sensitive = [said.personal_information] if said.personal_information else []
    known = {
        "model_architecture": info.description if info else "",
        "data": [{**described, **({"sensitive": {"sensitive_data": sensitive}} if sensitive else {})}],
        "input_format": "" if content.verdict.of_table else _INPUTS[facts.kind(content)],
        "output_format": "a score in [0, 1] of the positive class, or a probability of every class",
    }
    return {name: value for name, value in known.items() if value}


def _generated(verdict: Verdict) -> str:
    return "The data are generated: the numbers say nothing about the world." if verdict.data.generated else ""


def _metrics(verdict: Verdict) -> Iterator[dict[str, Any]]:
    lines = lines_by_place(verdict)
    for metric, threshold in measured(verdict):
        for name in facts.slice_lines(verdict):
            line = lines.get((CANDIDATE, name, threshold))
            if line is not None and (value := line.metrics.get(metric)) is not None:
                kind = metric if threshold is None else f"{metric}@{threshold:g}"
                yield {"type": kind, "value": repr(value), "slice": name, **_interval(line, metric)}


def _interval(line: SliceLine, metric: str) -> dict[str, Any]:
    low, high = line.interval.get(metric, (None, None))
    if low is None or high is None:
        return {}
    return {"confidence_interval": {"lower_bound": repr(low), "upper_bound": repr(high)}}


def _considerations(content: ReportContent, said: CardStatements) -> dict[str, Any]:
    risks = [
        {"name": f"{words}: {text}", **({"mitigation_strategy": f"Appeals: {said.appeals}"} if said.appeals else {})}
        for words, text in (("False positive", said.false_positive_affects), ("False negative", said.false_negative_affects))
        if text
    ]
    open_questions = [f"Open question: {question}" for _, question in said.open_questions(MODEL_QUESTIONS)]
    outside = [f"Out of scope: {sentence}" for sentence in said.out_of_scope]
    known = {
        "users": _described(said.users),
        "use_cases": _described(said.intended_use),
        "limitations": _described([*dict.fromkeys(limits(content, said)), *outside, *open_questions]),
        "tradeoffs": _described(trade_offs(content.verdict)),
        "ethical_considerations": risks,
    }
    return {name: value for name, value in known.items() if value}


def _described(sentences: Any) -> list[dict[str, str]]:
    return [{"description": sentence} for sentence in sentences]


def render(content: ReportContent) -> str:
    """Return the file's content."""
    return to_json(document(content))
