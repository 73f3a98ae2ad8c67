"""Write model_card.md: the model card for people, with the front matter that model hubs read.

The keys of the front matter are those of https://github.com/huggingface/hub-docs/blob/main/modelcard.md; one that nobody said is
absent. The headings follow Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019).
"""

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from fairgate.gate import sentences
from fairgate.gate.selection import group_facts
from fairgate.gate.verdict import SliceLine, Verdict
from fairgate.metrics.words import metric_words
from fairgate.names import BASELINE, CANDIDATE, OVERALL, is_pair
from fairgate.report.cards import facts
from fairgate.report.cards.croissant import cleaned
from fairgate.report.content import ReportContent
from fairgate.run_folder import DATASHEET_TEXT, PAGE, VERDICT_TEXT
from fairgate.statements import MODEL_QUESTIONS, CardStatements
from fairgate.text import escaped

Measured = tuple[str, float | None]  # metric and threshold

MOST_SLICES = 40
MOST_METRICS = 6
OPEN = "*Open.*"
TASKS = {"image": "image-classification", "text": "text-classification", "tabular": "tabular-classification"}
HUB_METRICS = {
    "accuracy": "accuracy",
    "auc": "roc_auc",
    "precision": "precision",
    "true_positive_rate": "recall",
    "recall": "recall",
}
# Those of https://huggingface.co/docs/hub/repositories-licenses that people use most; any other is written as "other", by name.
HUB_LICENSES = frozenset(
    (
        "apache-2.0",
        "mit",
        "bsd-2-clause",
        "bsd-3-clause",
        "cc0-1.0",
        "cc-by-4.0",
        "cc-by-sa-4.0",
        "cc-by-nc-4.0",
        "cc-by-nc-sa-4.0",
        "cc-by-nd-4.0",
        "gpl-2.0",
        "gpl-3.0",
        "lgpl-2.1",
        "lgpl-3.0",
        "agpl-3.0",
        "mpl-2.0",
        "unlicense",
        "odbl",
    )
)
_ADVICE = {
    "blessed": "A written policy found it good and fair enough to be published.",
    "refused": "A written policy refuses it: do not publish or use it.",
    "inconclusive": "A written policy could not decide: do not publish or use it before it does.",
    "reported": "It was measured and not judged: no policy stands behind its use.",
}


def measured(verdict: Verdict) -> list[Measured]:
    """Return the metrics and thresholds that rules judge and that were measured on all examples, in the order of the rules.

    Where no rule names one, those of the first lines of all examples are returned.
    """
    overall = [line for line in verdict.slices if line.model == CANDIDATE and line.slice == OVERALL]
    known = [(metric, line.threshold) for line in overall for metric, value in line.metrics.items() if value is not None]
    ruled = dict.fromkeys((rule.metric, rule.threshold) for rule in verdict.rules)
    return ([place for place in ruled if place in known] or known)[:MOST_METRICS]


def lines_by_place(verdict: Verdict) -> dict[tuple[str, str, float | None], SliceLine]:
    """Return (model, slice, threshold) -> line."""
    return {(line.model, line.slice, line.threshold): line for line in verdict.slices}


def render(content: ReportContent) -> str:
    """Return the whole text, ending with a line feed."""
    verdict, said = content.verdict, facts.said(content)
    front = yaml.safe_dump(_one_line(cleaned(front_matter(content))), sort_keys=False, allow_unicode=True, width=1 << 20)
    return "\n".join(
        [
            f"---\n{front}---",
            "",
            f"# Model card: {escaped(title(content))}",
            "",
            f"**{verdict.outcome.capitalize()}.** {_ADVICE[verdict.outcome]}",
            "",
            escaped(verdict.summary),
            "",
            *_model(verdict, said),
            *_use(said),
            *_data(content),
            *_evaluation(verdict),
            *_limits(content, said),
            *_open(content, said),
            *_origin(verdict),
            "",
        ]
    )


def _one_line(value: Any) -> Any:
    """Return plain values without line breaks in their texts: a line of dashes would end the front matter for simple readers."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, dict):
        return {name: _one_line(inner) for name, inner in value.items()}
    return [_one_line(inner) for inner in value] if isinstance(value, list) else value


def title(content: ReportContent) -> str:
    """Return the name of the model, or of its task."""
    return facts.said(content).name or content.verdict.task


def front_matter(content: ReportContent) -> dict[str, Any]:
    """Return the metadata that model hubs read; what nobody said is absent."""
    verdict, said = content.verdict, facts.said(content)
    kind = TASKS[facts.kind(content)]
    places = measured(verdict)
    known = {
        "language": list(said.language),
        **_license(said.license),
        "tags": ["fairgate", "fairness", kind, verdict.outcome],
        "pipeline_tag": kind,
        "datasets": list(said.hub_datasets),
        "metrics": list(dict.fromkeys(HUB_METRICS[metric] for metric, _ in places if metric in HUB_METRICS)),
    }
    index = {"name": title(content), "results": _results(content, places, kind)}
    return {name: value for name, value in known.items() if value} | {"model-index": [index]}


def _license(identifier: str) -> dict[str, str]:
    short = identifier.lower()
    if not identifier or short in HUB_LICENSES:
        return {"license": short}
    return {"license": "other"} if short == "other" else {"license": "other", "license_name": short}


def _results(content: ReportContent, places: Iterable[Measured], kind: str) -> list[dict[str, Any]]:
    verdict, said = content.verdict, facts.said(content)
    lines = lines_by_place(verdict)
    metrics = []
    for metric, threshold in places:
        value = lines[CANDIDATE, OVERALL, threshold].metrics[metric]
        label = f"{metric_words(metric).label}{'' if threshold is None else f' at {threshold:g}'}"
        metrics.append({"type": HUB_METRICS.get(metric, metric), "value": value, "name": label})
    dataset = {
        "type": next(iter(said.hub_datasets), verdict.task),
        "name": said.data_name or verdict.data.source,
        "split": "eval",
    }
    return [{"task": {"type": kind}, "dataset": dataset, "metrics": metrics}] if metrics else []


def _model(verdict: Verdict, said: CardStatements) -> Iterator[str]:
    yield from ("## Model", "")
    yield f"- Owner: {escaped(said.owner) or OPEN}"
    yield f"- Contact: {escaped(said.contact) or OPEN}"
    yield f"- License: {escaped(said.license) or OPEN}"
    info = verdict.models.get(CANDIDATE)
    if info is not None:
        yield f"- Model: {escaped(info.description)}{f', `{info.digest}`' if info.digest else ''}"
        if info.operating_point is not None:
            yield f"- Decides at the threshold {info.operating_point.threshold:g}: {escaped(info.operating_point.words)}"
        if info.remedy is not None:
            yield f"- Against unintended bias: {escaped(info.remedy.sentence)}"
        yield from (f"- {escaped(note)}" for note in info.notes)
    yield ""


def _use(said: CardStatements) -> Iterator[str]:
    for heading, answers in (
        ("Intended use", said.intended_use),
        ("Intended users", said.users),
        ("Out of scope", said.out_of_scope),
        ("Who is affected by a false positive", (said.false_positive_affects,)),
        ("Who is affected by a false negative", (said.false_negative_affects,)),
        ("Appeals", (said.appeals,)),
        ("Human oversight", (said.oversight,)),
    ):
        listed = [f"- {escaped(answer)}" for answer in answers if answer]
        yield from (f"## {heading}", "", *(listed or [OPEN]), "")


def _data(content: ReportContent) -> Iterator[str]:
    verdict = content.verdict
    rows = ", ".join(f"{split} {sentences.count(n)}" for split, n in verdict.data.rows.items())
    generated = " The data are generated: the numbers say nothing about the world." if verdict.data.generated else ""
    yield from ("## Data", "", f"{escaped(verdict.data.source)}{f' ({rows} rows)' if rows else ''}.{generated}")
    yield from (f"[{DATASHEET_TEXT}]({DATASHEET_TEXT}) says who labelled it, how, and what was left out.", "")


def _evaluation(verdict: Verdict) -> Iterator[str]:
    places, lines = measured(verdict), lines_by_place(verdict)
    if not places:
        return
    labels = [f"{escaped(metric_words(metric).label)}{'' if at is None else f' at {at:g}'}" for metric, at in places]
    yield from (f"## Evaluation ({verdict.confidence * 100:g} % intervals)", "")
    yield from (f"| all examples | {' | '.join(labels)} |", f"|---|{'---|' * len(labels)}")
    for model in (BASELINE, CANDIDATE):
        cells = [_cell(lines.get((model, OVERALL, at)), metric) for metric, at in places]
        if set(cells) != {"–"}:
            yield f"| {model} | {' | '.join(cells)} |"
    names = [name for name in facts.slice_lines(verdict) if name != OVERALL]
    if names:
        shown = sorted(names, key=is_pair)[:MOST_SLICES]
        yield from ("", f"| candidate on | examples | {' | '.join(labels)} |", f"|---|---|{'---|' * len(labels)}")
        for name in shown:
            cells = [_cell(lines.get((CANDIDATE, name, at)), metric) for metric, at in places]
            yield f"| {escaped(name)} | {sentences.count(facts.slice_lines(verdict)[name].n)} | {' | '.join(cells)} |"
        if len(names) > len(shown):
            yield from ("", f"{len(names) - len(shown)} more slices are in verdict.json.")
    yield from ("", f"[{VERDICT_TEXT}]({VERDICT_TEXT}) has every rule, [{PAGE}]({PAGE}) everything that was measured.", "")


def _cell(line: SliceLine | None, metric: str) -> str:
    value = None if line is None else line.metrics.get(metric)
    if line is None or value is None:
        return "–"
    low, high = line.interval.get(metric, (None, None))
    text = sentences.number(value)
    return text if low is None or high is None else f"{text} ({sentences.number(low)} to {sentences.number(high)})"


def trade_offs(verdict: Verdict) -> Iterator[str]:
    """Yield what the candidate fixes and what it breaks on all examples."""
    for line in verdict.changes:
        if line.slice == OVERALL:
            at = "" if line.threshold is None else f" at {line.threshold:g}"
            fixed, broken = sentences.count(line.fixed), sentences.count(line.broken)
            yield f"Against the baseline{at}, {fixed} wrong decisions became right and {broken} right ones wrong."


def limits(content: ReportContent, said: CardStatements) -> Iterator[str]:
    """Yield where the model is known to fail, or was not measured."""
    verdict = content.verdict
    yield from said.limits
    yield from (f"{name}: {text}" for name, text in group_facts(verdict).items())
    yield from (line.reason for line in verdict.not_judged if line.proven)


def _limits(content: ReportContent, said: CardStatements) -> Iterator[str]:
    known = list(dict.fromkeys(limits(content, said)))
    yield from ("## Limits", "", *([f"- {escaped(sentence)}" for sentence in known[:MOST_SLICES]] or [OPEN]), "")
    traded = [f"- {escaped(sentence)}" for sentence in trade_offs(content.verdict)]
    yield from ("## Trade-offs", "", *traded, "") if traded else ()


def _open(content: ReportContent, said: CardStatements) -> Iterator[str]:
    left = [f"- {question}{facts.remedy(content, key)}" for key, question in said.open_questions(MODEL_QUESTIONS)]
    yield from ("## Open questions", "", *(left or ["None."]), "")


def _origin(verdict: Verdict) -> Iterator[str]:
    made = verdict.provenance
    known = {"source": made.source_digest, "configuration": made.config_digest, "seed": made.seed, "finished": made.finished}
    facts_of_run = ", ".join(f"{name} {fact}" for name, fact in known.items() if fact not in ("", None))
    yield from ("## Provenance", "", f"Written by fairgate from the run: {escaped(facts_of_run) or OPEN}.")
