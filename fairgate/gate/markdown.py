"""Write the verdict as Markdown, for CI logs and pull requests: `verdict.md`.

In: a `Verdict`. Out: outcome, rules with their reasons, baseline against candidate on every slice that a rule looked at. Whatever
comes from the data (names of slices, the source, sentences that hold them) is escaped: it can neither format nor link nor mention
anyone.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from fairgate.files import replace_text
from fairgate.gate import sentences
from fairgate.gate.outcome import RuleLine
from fairgate.gate.verdict import SliceLine, Verdict
from fairgate.metrics.words import metric_words
from fairgate.names import BASELINE, CANDIDATE, OVERALL
from fairgate.text import escaped

_SIGNS = {"blessed": "✅", "refused": "❌", "inconclusive": "❔", "reported": "📋"}
_GRAVITY = ("failed", "unproven", "waived", "not enough data", "not applicable", "passed")
_MOST_OMITTED = _MOST_NOT_JUDGED = 20
_ABSENT = "–"

Place = tuple[str, str, float | None]


def render(verdict: Verdict) -> str:
    """Return the whole text, ending with a line feed."""
    return "\n".join(
        [
            f"# {_SIGNS[verdict.outcome]} {verdict.outcome.capitalize()}: {escaped(verdict.task)}",
            "",
            escaped(verdict.summary),
            "",
            *_rules(verdict),
            *_not_judged(verdict),
            *_groups(verdict),
            *_changes(verdict),
            *_comparison(verdict),
            *_omitted(verdict),
            *_origin(verdict),
        ]
    )


def write(verdict: Verdict, path: Path) -> None:
    """Write verdict.md: to a temporary name, then renamed."""
    replace_text(path, render(verdict))


def _rules(verdict: Verdict) -> Iterator[str]:
    yield from ("## Rules", "", "| outcome | rule | reason |", "|---|---|---|")
    for rule in sorted(verdict.rules, key=lambda rule: _GRAVITY.index(rule.outcome)):
        yield f"| {rule.outcome} | {escaped(rule.id)} | {escaped(rule.reason)} |"
    yield ""


def _not_judged(verdict: Verdict) -> Iterator[str]:
    if not verdict.not_judged:
        return
    yield from ("## Not judged", "", "No rule of the policy covers these slices.", "", "| slice | because | proven | reason |")
    yield "|---|---|---|---|"
    for each in verdict.not_judged[:_MOST_NOT_JUDGED]:
        proven = "yes" if each.proven else "no"
        yield f"| {escaped(each.slice)} | {each.because} | {proven} | {escaped(each.reason)} |"
    if more := len(verdict.not_judged) - _MOST_NOT_JUDGED:
        yield from ("", f"And {more} more, in verdict.json.") if more > 0 else ()
    yield ""


def _groups(verdict: Verdict) -> Iterator[str]:
    """Yield what is known of groups that could not be measured: without a column, without an example, of unknown membership."""
    unknown = [f"{feature} of {sentences.count(n)}" for feature, n in sorted(verdict.unknown_groups.items()) if n]
    facts = {
        "No column in the data": sentences.listed(list(verdict.absent_columns), _MOST_OMITTED),
        "No example": sentences.listed(list(verdict.absent_groups), _MOST_OMITTED),
        "Examples without a group": sentences.listed(unknown, _MOST_OMITTED),
    }
    if verdict.distinct is not None and verdict.rows is not None and verdict.distinct < verdict.rows:
        facts["Distinct examples"] = f"{sentences.count(verdict.distinct)} of {sentences.count(verdict.rows)}"
    stated = [f"- {name}: {escaped(text)}" for name, text in facts.items() if text]
    yield from ("## Groups and examples", "", *stated, "") if stated else ()


def _changes(verdict: Verdict) -> Iterator[str]:
    """Yield the decisions that the candidate fixes and breaks, on the slices and at the thresholds that rules judge."""
    judged = {(rule.slice, rule.threshold) for rule in verdict.rules if rule.slice}
    judged |= {(OVERALL, threshold) for _, threshold in judged}
    lines = [line for line in verdict.changes if (line.slice, line.threshold) in judged and line.fixed + line.broken]
    if not lines:
        return
    yield from (
        "## Fixes and breaks",
        "",
        "| slice | examples | changed | wrong → right | right → wrong |",
        "|---|---|---|---|---|",
    )
    for line in lines:
        at = "" if line.threshold is None else f" at {line.threshold:g}"
        numbers = (line.n, line.fixed + line.broken, line.fixed, line.broken)
        yield f"| {escaped(line.slice)}{at} | {' | '.join(map(sentences.count, numbers))} |"
    yield ""


def _comparison(verdict: Verdict) -> Iterator[str]:
    lines = {(line.model, line.slice, line.threshold): line for line in verdict.slices}
    places = list(_places(verdict.rules))
    if not places:
        return
    level = f"{verdict.confidence * 100:g} %"
    yield from (
        f"## Baseline and candidate ({level} intervals)",
        "",
        "| slice | metric | baseline | candidate |",
        "|---|---|---|---|",
    )
    for slice_name, metric, threshold in places:
        cells = [_cell(lines.get((model, slice_name, threshold)), metric) for model in (BASELINE, CANDIDATE)]
        at = "" if threshold is None else f" at {threshold:g}"
        if cells != [_ABSENT, _ABSENT]:
            yield f"| {escaped(slice_name)} | {escaped(metric_words(metric).label)}{at} | {cells[0]} | {cells[1]} |"
    yield ""


def _places(rules: Iterable[RuleLine]) -> Iterator[Place]:
    """Yield every slice, metric and threshold that rules judged, overall first within a metric, each once."""
    seen: dict[tuple[str, float | None], dict[str, None]] = {}
    for rule in rules:
        if rule.metric:
            seen.setdefault((rule.metric, rule.threshold), {OVERALL: None})[rule.slice] = None
    for (metric, threshold), slices in seen.items():
        yield from ((name, metric, threshold) for name in slices)


def _cell(line: SliceLine | None, metric: str) -> str:
    value = line.metrics.get(metric) if line else None
    if line is None or value is None:
        return _ABSENT
    low, high = line.interval.get(metric, (None, None))
    return sentences.number(value) if low is None or high is None else f"{sentences.number(value)} ({_range(low, high)})"


def _range(low: float, high: float) -> str:
    return f"{sentences.number(low)}{'–' if low >= 0 else ' to '}{sentences.number(high)}"


def _omitted(verdict: Verdict) -> Iterator[str]:
    if not verdict.omitted:
        return
    names = sorted(verdict.omitted, key=lambda name: (-verdict.omitted[name], name))
    listed = [f"{name} ({sentences.count(verdict.omitted[name])})" for name in names]
    yield from ("## Left out for having few examples", "", escaped(sentences.listed(listed, _MOST_OMITTED)), "")


def _origin(verdict: Verdict) -> Iterator[str]:
    rows = ", ".join(f"{split} {sentences.count(n)}" for split, n in verdict.data.rows.items())
    generated = " The data are generated: the numbers say nothing about the world." if verdict.data.generated else ""
    yield from (
        "## Origin",
        "",
        f"- Data: {escaped(verdict.data.source)}{' (' + escaped(rows) + ' rows)' if rows else ''}.{generated}",
    )
    for name, model in sorted(verdict.models.items()):
        digest = f", {model.digest}" if model.digest else ""
        yield f"- {escaped(name).capitalize()}: {escaped(model.description or 'no description')}{escaped(digest)}"
    made = verdict.provenance
    facts = {"source": made.source_digest, "configuration": made.config_digest, "seed": made.seed, "finished": made.finished}
    yield f"- Run: {escaped(', '.join(f'{name} {fact}' for name, fact in facts.items() if fact not in ('', None)))}"
    yield ""
