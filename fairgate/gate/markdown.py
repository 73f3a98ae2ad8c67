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

_SIGNS = {"blessed": "✅", "refused": "❌", "inconclusive": "❔"}
_GRAVITY = ("failed", "unproven", "not enough data", "not applicable", "passed")
_MOST_OMITTED = 20
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
