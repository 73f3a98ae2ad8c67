"""Compare the tags of the word list with what people annotated; state precision and recall, and comments per second.

Run: python benchmarks/tagging.py FOLDER. In: the folder of the real data, with civil-comments/ and text-sets/. Out: a table in
Markdown for each file. A comment has an identity where at least half of its annotators saw it; rows that nobody annotated are
left out. HateCheck names the group that a sentence is about; the other text-sets were tagged by an older, shorter list of words.
"""

import argparse
import csv
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # started as a file, Python looks for modules beside it alone

from data.comments.civil_comments import IDENTITY_COLUMNS
from data.comments.labels import THRESHOLD
from data.comments.names import TEXT
from data.comments.tagging import named, tag

ANNOTATED = ("civil-comments/cc_gender_2000.csv", "civil-comments/cc_full_schema_toxic_250.csv")
TARGETED = "text-sets/hatecheck.csv"
TAGGED = ("text-sets/surge.csv", "text-sets/stormfront.csv", "text-sets/davidson.csv")
TARGETS = {
    "women": "female",
    "trans people": "transgender",
    "gay people": "homosexual_gay_or_lesbian",
    "black people": "black",
    "disabled people": "physical_disability",
    "Muslims": "muslim",
}
TIMED = ANNOTATED[0]
Rows = Sequence[tuple[str, frozenset[str]]]  # text, identities that it has


@dataclass(frozen=True)
class Agreement:
    """How tags agree with a reference, of one identity or, summed, of all: `both` are tagged and have the identity."""

    identity: str
    rows: int
    both: int
    tagged_alone: int
    annotated_alone: int

    @property
    def precision(self) -> float:
        """Return the share of the tags that the reference has; NaN without a tag."""
        return _share(self.both, self.both + self.tagged_alone)

    @property
    def recall(self) -> float:
        """Return the share of the reference that is tagged; NaN where the reference has none."""
        return _share(self.both, self.both + self.annotated_alone)


def annotated(path: Path) -> tuple[Rows, list[str]]:
    """Return the rows of a file that have at least one identity cell, and the identities of which it has a column."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    columns = [name for name in IDENTITY_COLUMNS if name in lines[0]]
    kept = [line for line in lines if any(line[name] for name in columns)]
    return [(line[TEXT], frozenset(name for name in columns if float(line[name] or 0) >= THRESHOLD)) for line in kept], columns


def targeted(path: Path) -> tuple[Rows, list[str]]:
    """Return the sentences of HateCheck that are about a group with an identity of ours, each with that identity."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["target_ident"] in TARGETS]
    return [(line[TEXT], frozenset({TARGETS[line["target_ident"]]})) for line in lines], list(TARGETS.values())


def agreements(rows: Rows, identities: Sequence[str]) -> list[Agreement]:
    """Return the agreement on each identity that is tagged or annotated in some row, and last the sum over all identities."""
    tagged = [named(text) for text, _ in rows]
    found = []
    for name in identities:
        pairs = [(name in tags, name in known) for tags, (_, known) in zip(tagged, rows, strict=True)]
        counts = [pairs.count(pair) for pair in ((True, True), (True, False), (False, True))]
        if any(counts):
            found.append(Agreement(name, len(rows), *counts))
    sums = [sum(getattr(each, name) for each in found) for name in ("both", "tagged_alone", "annotated_alone")]
    return [*found, Agreement("all", len(rows), *sums)]


def per_second(texts: Sequence[str], repeats: int = 5) -> float:
    """Return the texts that one CPU tags in a second, the best of the repeats."""
    return len(texts) / min(_seconds(texts) for _ in range(repeats))


def _seconds(texts: Sequence[str]) -> float:
    started = time.process_time()
    for text in texts:
        tag(text)
    return time.process_time() - started


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def table(name: str, found: Sequence[Agreement]) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    yield from (f"{name}, {found[0].rows:,} rows", "", "| identity | annotated | tagged | both | precision | recall |")
    yield "|---|---|---|---|---|---|"
    for each in found:
        counts = (each.both + each.annotated_alone, each.both + each.tagged_alone, each.both)
        shares = ("–" if math.isnan(share) else f"{share:.2f}" for share in (each.precision, each.recall))
        yield f"| {each.identity} | {' | '.join(f'{count:,}' for count in counts)} | {' | '.join(shares)} |"
    yield ""


def main() -> None:
    """Print the tables and the speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    for name in (*ANNOTATED, TARGETED, *TAGGED):
        rows, identities = (targeted if name == TARGETED else annotated)(folder / name)
        print("\n".join(table(name, agreements(rows, identities))))
    texts = [text for text, _ in annotated(folder / TIMED)[0]]
    print(f"{per_second(texts):,.0f} comments per second and CPU ({TIMED})")


if __name__ == "__main__":
    main()
