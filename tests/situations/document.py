"""Write docs/situations.md: every situation of the corpus with what the gate answers, and what three other tools answer.

In: the corpus, the gate, and `benchmarks/rivals.json`. Out: the document; a test keeps it in step with all three.

Run: python -m tests.situations.document
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from fairgate.cli.exit_codes import INPUT_ERROR, OUTCOMES
from tests.situations import corpus, graph
from tests.situations.corpus import Answered, Situation

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = PROJECT / "docs" / "situations.md"
RIVALS = PROJECT / "benchmarks" / "rivals.json"
LOCK = PROJECT / "tests" / "environments" / "rivals" / "uv.lock"
TOOLS = ("bdp-model-gate", "bdp-model-gate, accuracy", "vfairness, gate", "vfairness, intervals", "fairpipe")
PASSES, NOT_APPLICABLE = "passes", "n/a"
Found = Mapping[str, Mapping[str, Mapping[str, str]]]  # situation -> "answers" -> tool -> answer

HEAD = """# Situations

What the gate answers in {total} situations: {never} that must never be blessed, {sound} that must be blessed, {open} that are
neither (small evidence, where both *blessed* and *inconclusive* are right).
Each is a table of predictions, made from a short recipe and a seed, and a policy; they lie in `tests/situations`, one file per
family, with the sentence that the verdict must contain.
`tests/situations/test_situations.py` runs them all; `python -m tests.situations.document` writes this page.

"run" is the exit code of `fairgate run` on the examples of the situation, for the {played} that `make situations` plays through
the whole graph: import, statistics, validation, Transform, two trainers whose models answer the scores of the table, TFMA, gate,
report and push.
Each run must decide as the gate does on the table alone, by the same numbers, and publish a version exactly when it is blessed.
Where a situation has no baseline, its run compares the candidate with itself: the graph always trains one.
Exit code 3 ends a run before there is a verdict, three times before anything runs: its data or its policy cannot be judged.
Numbers that no measurement can give are not played, for no run makes them.
"""
LUCK = """
The numbers of errors in most recipes are exact.
Where the outcome depends on chance, it was counted over 200 seeds; "Luck" says how often it was the right one.
"""
FAMILIES = {
    "degenerate": "Models that decide nothing, or the wrong way round",
    "tainted": "Data that carry no verdict",
    "measurement": "Numbers that no measurement can give",
    "policy": "Policies that ask nothing, or look past the harm",
    "harm": "Candidates that harm",
    "multiclass": "More than two classes",
    "sound": "Sound models",
}
OTHERS = """
## What other tools answer

Three tools that decide whether a model may be published, on the {tables} situations that they can express: two classes, equal
weights, nothing but a table of predictions.
`python benchmarks/rivals.py` makes their environment (`tests/environments/rivals`), asks them, and writes
`benchmarks/rivals.json`.

| tool | version | what was configured |
|---|---|---|
| bdp-model-gate | {bdp-model-gate} | its default limits and those checks that need predictions alone; baseline as champion |
| bdp-model-gate, accuracy | {bdp-model-gate} | an accuracy of at least 0.7, no limit on calibration, no champion |
| vfairness, gate | {vfairness} | demographic parity and equalized odds differences of at most 0.1, decided by the value |
| vfairness, intervals | {vfairness} | the same two differences, by the verdicts of its analyzer, which read the intervals |
| fairpipe | {fairpipe} | `fairpipe validate` with a threshold of 0.1 for the same two differences |

Bootstrap intervals have 100 samples instead of 1,000 and more, for time.
Decisions are taken at the first threshold that the situation's policy names.
*passes* would publish, *asks* sends it to a person or asks for more data, *blocks* does not publish, *fails* raised an error,
*n/a* is a table that the tool cannot express (vfairness and fairpipe without groups).
The tools answer other questions than this gate: vfairness and fairpipe compare groups and ask nothing of the model's use;
bdp-model-gate also asks for a good AUC, calibrated scores and equal rates of positive decisions.
Many sound models of this corpus err on 20 % of both labels by scores that were not calibrated for their label's share, as
balancing weights give: their AUC is 0.80, just the limit of its defaults, and their calibration error above its limit.
So the row of sound models says how far a configuration fits these tables, not that a tool is wrong.
The second configuration asks for less; it was chosen after a first one (an F1 of at least 0.75) had blocked nearly every sound
recipe: 31 of the 38 have less, most of them 0.70 to 0.73.
The policy of each situation is this gate's, and some harm is harm by this policy alone; the other tools keep one configuration
throughout. The corpus was written while this gate was built, and the gate was corrected by it; the other tools never saw it.
So the column of fairgate is no independent score.
"""


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(document({each.name: corpus.judge(each) for each in corpus.situations()}), encoding="utf-8")


def document(answers: Mapping[str, Answered]) -> str:
    """Return the whole document.

    Args:
        answers: what the gate answered, by the name of the situation.
    """
    families = corpus.families()
    situations = [each for of_family in families.values() for each in of_family]
    never, sound = sum("blessed" not in each.outcomes for each in situations), sum(each.sound for each in situations)
    numbers = {"total": len(situations), "never": never, "sound": sound, "open": len(situations) - never - sound}
    numbers["played"] = len(graph.JUDGED) + len(graph.STOPPED)
    parts = [HEAD.format(**numbers) + LUCK]
    parts += [family(title, families[name], answers) for name, title in FAMILIES.items()]
    return "".join([*parts, others(situations, json.loads(RIVALS.read_text(encoding="utf-8")), answers)])


def family(title: str, situations: Iterable[Situation], answers: Mapping[str, Answered]) -> str:
    """Return the section of a family."""
    rows = []
    for each in situations:
        answered = answers[each.name]
        wrong = "" if answered.outcome in each.outcomes else f" (must be {' or '.join(each.outcomes)})"
        luck = f" Luck: {each.luck}." if each.luck else ""
        outcome, code = answered.outcome + wrong, exit_code(each, answered)
        cells = [f"`{each.name}`", each.what + luck, outcome, code, sentence(each, answered)]
        rows.append(f"| {' | '.join(map(escaped, cells))} |\n")
    head = "| situation | what it is | outcome | run | what the verdict says |\n|---|---|---|---|---|\n"
    return f"\n## {title}\n\n{head}{''.join(rows)}"


def exit_code(situation: Situation, answered: Answered) -> str:
    """Return the exit code of a run of the situation, as `test_graph` holds it; "" where none is played."""
    if situation.name in graph.STOPPED:
        return str(INPUT_ERROR)
    if situation.name not in graph.JUDGED or answered.outcome == "error":
        return ""
    return str(OUTCOMES[answered.outcome])


def sentence(situation: Situation, answered: Answered) -> str:
    """Return the line of a verdict that holds what it must say: the shortest sentence of it that does."""
    lines = [answered.headline, *answered.sentences]
    holding = [line for line in lines if situation.says in line]
    if not holding:
        return answered.headline
    sentences = [text for line in holding for text in re.split(r"(?<=\.) (?=[A-Z])", line) if situation.says in text]
    return min([*sentences, *holding], key=len) if situation.says else answered.headline


def others(situations: Iterable[Situation], found: Found, ours: Mapping[str, Answered]) -> str:
    """Return the section of the other tools."""
    asked = [each for each in situations if each.name in found]
    never, sound = [each for each in asked if "blessed" not in each.outcomes], [each for each in asked if each.sound]
    rows = [
        ["of those that must never be blessed, published", *_counts(never, found, ours)],
        ["of those that must be blessed, published", *_counts(sound, found, ours)],
    ]
    each_row = [[f"`{each.name}`", ours[each.name].outcome, *(_answer(found, each, tool) for tool in TOOLS)] for each in asked]
    return OTHERS.format(tables=len(asked), **versions()) + _table("", rows) + _table("situation", each_row)


def _counts(situations: Sequence[Situation], found: Found, ours: Mapping[str, Answered]) -> Iterator[str]:
    """Yield for each tool, this one first, how many situations it publishes of those that it can express."""
    yield f"{sum(ours[each.name].outcome == 'blessed' for each in situations)} of {len(situations)}"
    for tool in TOOLS:
        answers = [_answer(found, each, tool) for each in situations]
        expressed = [answer for answer in answers if answer != NOT_APPLICABLE]
        yield f"{sum(answer == PASSES for answer in expressed)} of {len(expressed)}"


def _table(first: str, rows: Iterable[Sequence[str]]) -> str:
    lines = [[first, "fairgate", *TOOLS], ["---"] * (len(TOOLS) + 2), *rows]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _answer(found: Found, situation: Situation, tool: str) -> str:
    return found[situation.name]["answers"][tool]


def versions() -> dict[str, str]:
    """Return the locked versions of the other tools."""
    locked = re.findall(r'\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"]+)"', LOCK.read_text(encoding="utf-8"))
    return {name: version for name, version in locked if name in ("bdp-model-gate", "vfairness", "fairpipe")}


def escaped(text: str) -> str:
    """Return text for a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
