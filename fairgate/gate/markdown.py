"""Write the verdict as Markdown, for CI logs and pull requests: `verdict.md`.

In: a `Verdict`. Out: outcome; the rules that decided it, with their reasons; what no rule judges; baseline against candidate on
the slices that rules judge; how each model decides; the other rules; what to do next. Long lists are cut and say by how many;
verdict.json holds all. Whatever comes from the data (names of slices, the source, sentences that hold them) is escaped: it can
neither format nor link nor mention anyone.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from fairgate.files import replace_text
from fairgate.gate import grid, impact, model_lines, selection, sentences
from fairgate.gate.next_steps import next_steps
from fairgate.gate.outcome import CHECK, RuleLine
from fairgate.gate.verdict import SliceLine, Verdict
from fairgate.metrics.words import metric_words
from fairgate.names import BASELINE, CANDIDATE
from fairgate.text import escaped, printable

_SIGNS = {"blessed": "✅", "refused": "❌", "inconclusive": "❔", "reported": "📋"}
_MOST_RULES = 40
_MOST_SLICES = 20
_ABSENT = "–"


def render(verdict: Verdict) -> str:
    """Return the whole text, ending with a line feed."""
    return "\n".join(
        [
            f"# {_SIGNS[verdict.outcome]} {verdict.outcome.capitalize()}: {escaped(verdict.task)}",
            "",
            escaped(verdict.summary),
            "",
            *_policy(verdict),
            *_waivers(verdict),
            *_rules(verdict),
            *_grid(verdict),
            *_impact(verdict),
            *_not_judged(verdict),
            *_groups(verdict),
            *_changes(verdict),
            *_comparison(verdict),
            *_models(verdict),
            *_other_rules(verdict),
            *_omitted(verdict),
            *_origin(verdict),
            *_next_steps(verdict),
        ]
    )


def write(verdict: Verdict, path: Path) -> None:
    """Write verdict.md: to a temporary name, then renamed."""
    replace_text(path, render(verdict))


def _policy(verdict: Verdict) -> Iterator[str]:
    """Yield who wrote the policy and why, where it says so."""
    said = verdict.policy
    if said.author or said.rationale:
        by = f"Policy by {escaped(said.author)}. " if said.author else ""
        yield from (f"{by}{escaped(said.rationale)}".rstrip(), "")


def _grid(verdict: Verdict) -> Iterator[str]:
    """Yield what each group was judged on, and every rule on every slice: its sign and n."""
    if not verdict.policy.rules or verdict.outcome == "reported":
        return
    made = grid.grid(verdict)
    yield from ("## What was judged", "", "| groups | judged on | not judged on |", "|---|---|---|")
    for each in grid.coverage(verdict, made):
        names = escaped(sentences.listed(list(each.slices), _MOST_SLICES))
        yield f"| {names} | {escaped(each.judged_words)} | {escaped(each.not_judged_words) or _ABSENT} |"
    yield from ("", "## Groups and rules", "")
    yield from (escaped(", ".join(f"{grid.SIGNS[result]} {result}" for result in made.results())) + "; the number is n.", "")
    yield f"| slice | {' | '.join(f'{escaped(rule.id)}: {escaped(rule.words)}' for rule in made.rules)} |"
    lines = []
    for row in made.rows:
        cells = [f"{grid.SIGNS[cell.result]} {'' if cell.n is None else sentences.count(cell.n)}".rstrip() for cell in row.cells]
        lines.append(f"| {escaped(row.slice)} | {' | '.join(cells)} |")
    yield from (f"|---|{'---|' * len(made.rules)}", *_cut(lines, _MOST_RULES), "")


def _waivers(verdict: Verdict) -> Iterator[str]:
    if verdict.waivers:
        yield from ("## Waivers in force", "", *(f"- {escaped(str(waiver))}" for waiver in verdict.waivers), "")


def _rules(verdict: Verdict) -> Iterator[str]:
    """Yield the rules that failed, stay open or are waived; all of them where there is none of these.

    Of a policy that sets no pass mark, only what was checked.
    """
    if verdict.outcome == "reported":
        rows = [
            f"| {rule.outcome} | {escaped(rule.id)} | {escaped(rule.reason)} |" for rule in verdict.rules if rule.kind == CHECK
        ]
        yield from ("## Checks", "", "| outcome | check | reason |", "|---|---|---|", *_cut(rows, _MOST_RULES), "")
        return
    yield from _table(verdict, "Rules", selection.deciding(verdict.rules) or verdict.rules)


def _other_rules(verdict: Verdict) -> Iterator[str]:
    """Yield the rules that `_rules` leaves out; none of a policy that sets no pass mark."""
    if verdict.outcome == "reported":
        return
    deciding = {id(rule) for rule in selection.deciding(verdict.rules)}
    if deciding and len(deciding) < len(verdict.rules):
        yield from _table(verdict, "Other rules", [rule for rule in verdict.rules if id(rule) not in deciding])


def _table(verdict: Verdict, title: str, rules: Sequence[RuleLine]) -> Iterator[str]:
    """Yield a table of rules, the gravest first; slices with too few examples take one row for each rule."""
    says_proof, too_few = selection.says_proof(verdict.rules), dict(selection.too_few(rules))
    rows = []
    for rule in selection.gravest_first(rules):
        if rule.outcome != "not enough data":
            result = selection.shown_result(rule, says_proof)
            shown = "passed, not disproven" if result == "not disproven" else "passed" if result == "proven" else result
            rows.append(f"| {shown} | {escaped(rule.id)} | {escaped(rule.reason)} |")
        elif rule.id in too_few:
            rows.append(f"| {rule.outcome} | {escaped(rule.id)} | {escaped(too_few.pop(rule.id))} |")
    yield from (f"## {title}", "", "| outcome | rule | reason |", "|---|---|---|", *_cut(rows, _MOST_RULES), "")


def _cut(rows: Sequence[str], most: int) -> Iterator[str]:
    """Yield rows of a table, and how many more there are."""
    yield from rows[:most]
    if len(rows) > most:
        yield from ("", f"And {len(rows) - most} more, in verdict.json.")


def _impact(verdict: Verdict) -> Iterator[str]:
    """Yield the selection rates by category, where a rule compares them with the best one."""
    for table in verdict.impact:
        yield from (f"## {escaped(table.title)}", "", f"| {' | '.join(map(escaped, table.headings))} |")
        rows = [f"| {' | '.join(map(escaped, cells))} |" for cells in table.cells]
        yield from ("|---|---:|---:|---:|---:|---:|", *_cut(rows, _MOST_RULES), "")
        if table.remarks:
            yield from (escaped(" ".join(table.remarks)), "")
    if verdict.impact:
        yield from (
            f"Source of the data: {escaped(verdict.data.source)}. Date: {verdict.provenance.finished[:10] or _ABSENT}.",
            "",
        )


def _not_judged(verdict: Verdict) -> Iterator[str]:
    if not verdict.not_judged or verdict.outcome == "reported":
        return
    yield from (
        "## Where no rule judges",
        "",
        f"{selection.why_no_rule(verdict.not_judged)} What stands out there:",
        "",
        "| slice | because | proven | reason |",
    )
    rows = [
        f"| {escaped(each.slice)} | {each.because} | {'yes' if each.proven else 'no'} | {escaped(each.reason)} |"
        for each in verdict.not_judged
    ]
    yield from ("|---|---|---|---|", *_cut(rows, _MOST_SLICES), "")


def _groups(verdict: Verdict) -> Iterator[str]:
    stated = [f"- {name}: {escaped(text)}" for name, text in selection.group_facts(verdict).items()]
    yield from ("## Groups and examples", "", *stated, "") if stated else ()


def _changes(verdict: Verdict) -> Iterator[str]:
    """Yield the decisions that the candidate fixes and breaks, on the slices and at the thresholds that rules judge."""
    lines = selection.judged_changes(verdict)
    if not lines:
        return
    yield from (
        "## Fixes and breaks",
        "",
        "| slice | examples | changed | wrong → right | right → wrong |",
        "|---|---|---|---|---|",
    )
    rows = []
    for line in lines:
        at = "" if line.threshold is None else f" at {line.threshold:g}"
        numbers = (line.n, line.fixed + line.broken, line.fixed, line.broken)
        rows.append(f"| {escaped(line.slice)}{at} | {' | '.join(map(sentences.count, numbers))} |")
    yield from (*_cut(rows, _MOST_SLICES), "")


def _comparison(verdict: Verdict) -> Iterator[str]:
    """Yield both models at the places that rules judge; of many, at those that failed or stay open."""
    lines = {(line.model, line.slice, line.threshold): line for line in verdict.slices}
    audited = verdict.outcome == "reported" and verdict.impact
    places = impact.places(verdict.impact) if audited else selection.places(verdict.rules)
    rows = []
    for slice_name, metric, threshold in places:
        cells = [_cell(lines.get((model, slice_name, threshold)), metric) for model in (BASELINE, CANDIDATE)]
        at = "" if threshold is None else f" at {threshold:g}"
        if cells != [_ABSENT, _ABSENT]:
            rows.append(f"| {escaped(slice_name)} | {escaped(metric_words(metric).label)}{at} | {cells[0]} | {cells[1]} |")
    if rows:
        title = f"## Baseline and candidate ({verdict.confidence * 100:g} % intervals)"
        yield from (title, "", "| slice | metric | baseline | candidate |", "|---|---|---|---|", *rows, "")


def _models(verdict: Verdict) -> Iterator[str]:
    """Yield how every model decides, where there is something to say: on all examples, at its own threshold."""
    lines = model_lines.model_lines(verdict)
    if not lines:
        return
    yield from (
        "## Models",
        "",
        "| model | AUC | threshold | false positive rate | false negative rate | operating point |",
        "|---|---|---|---|---|---|",
    )
    for line in lines:
        rates = [
            _ABSENT if rate is None else sentences.number(rate) for rate in (line.false_positive_rate, line.false_negative_rate)
        ]
        auc = _ABSENT if line.auc is None else sentences.number(line.auc)
        yield f"| {line.name} | {auc} | {line.threshold:g} | {' | '.join(rates)} | {escaped(line.operating_point) or _ABSENT} |"
    said = [*model_lines.remedies(lines), *model_lines.notes(verdict)]
    yield from ("", *(f"- {escaped(sentence)}" for sentence in said), *([""] if said else []))


def _cell(line: SliceLine | None, metric: str) -> str:
    value = line.metrics.get(metric) if line else None
    if line is None or value is None:
        return _ABSENT
    low, high = line.interval.get(metric, (None, None))
    return sentences.number(value) if low is None or high is None else f"{sentences.number(value)} ({sentences.ends(low, high)})"


def _omitted(verdict: Verdict) -> Iterator[str]:
    if not verdict.omitted:
        return
    names = sorted(verdict.omitted, key=lambda name: (-verdict.omitted[name], name))
    listed = [f"{name} ({sentences.count(verdict.omitted[name])})" for name in names]
    yield from ("## Left out for having few examples", "", escaped(sentences.listed(listed, _MOST_SLICES)), "")


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


def _next_steps(verdict: Verdict) -> Iterator[str]:
    """Yield what to do where nothing was blessed, with commands as they are typed in the folder of verdict.md."""
    steps = next_steps(verdict, ".", ".")
    if not steps:
        return
    yield from ("## What to do next", "", "The commands are typed in the report's folder, where verdict.md lies.", "")
    for step in steps:
        yield f"- {escaped(step.text)}"
        yield from ("", *(f"      {printable(command)}" for command in step.commands), "")
