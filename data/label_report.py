"""Say how the labels of a source were read: what counts as positive, in how many rows, and what looks wrong.

In: how often a label column holds each way to write a label. Out: a `LabelReport`, part of `conversion.json`, and its sentences.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fairgate.text import plural

REACHED, BELOW = "reached", "below"  # of fractions: whether they reach the threshold
VOCABULARIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "numbers": (("1", "0"), (REACHED, BELOW)),
    "true/false": (("true", "false"), ("t", "f")),
    "yes/no": (("yes", "no"), ("y", "n")),
}


@dataclass(frozen=True)
class LabelReport:
    """How one label column was read.

    Attributes:
        column: its name in the source.
        threshold: the least fraction that is positive.
        rows: way to write a label -> rows: "1", "0", "true", "t", "yes" and the like, and of other fractions and of ratings
            "reached" and "below".
        scale: of ratings, the least and the most toxic one; empty for fractions.
    """

    column: str
    threshold: float
    rows: Mapping[str, int] = field(default_factory=dict)
    scale: tuple[float, ...] = ()

    @property
    def positive(self) -> int:
        """Return the number of rows that the column calls positive."""
        return sum(self.rows.get(word, 0) for pairs in VOCABULARIES.values() for word, _ in pairs)

    @property
    def negative(self) -> int:
        """Return the number of rows that the column calls negative."""
        return sum(self.rows.values()) - self.positive

    def __str__(self) -> str:
        positive, negative = ([pair[side] for pair in self._pairs()] for side in (0, 1))
        are = "are" if len(positive) > 1 else "is"
        return (
            f"{self.column}: {self._shown(positive)} {are} positive ({plural(self.positive, 'row')}), "
            f"{self._shown(negative)} negative ({self.negative:,})"
        )

    def warnings(self) -> Iterator[str]:
        """Yield a sentence where the column has one class alone, and where it mixes ways to write a label."""
        total = self.positive + self.negative
        if not (self.positive and self.negative):
            word = "positive" if self.positive else "negative"
            said = [shown for shown, _ in self._used()]
            all_are = f"all {plural(total, 'row')} are" if total > 1 else "the only row is"
            yield f"{self.column}: {all_are} {word} ({' or '.join(said)}), so this label tells nothing apart"
        used = {name: self._rows_of(name) for name in VOCABULARIES if self._rows_of(name)}
        if len(used) > 1:
            mixed = ", ".join(f"{self._name(name)} in {plural(rows, 'row')}" for name, rows in used.items())
            yield f"{self.column}: mixes ways to write a label ({mixed}); check that they mean the same"

    def _rows_of(self, vocabulary: str) -> int:
        return sum(self.rows.get(word, 0) for pair in VOCABULARIES[vocabulary] for word in pair)

    def _name(self, vocabulary: str) -> str:
        if vocabulary == "numbers":
            return "ratings" if self.scale else "fractions" if self._has_fractions() else "0/1"
        return vocabulary

    def _has_fractions(self) -> bool:
        return bool(self.rows.get(REACHED, 0) + self.rows.get(BELOW, 0))

    def _pairs(self) -> list[tuple[str, str]]:
        """Return the positive and the negative word of each vocabulary that occurs; 0 and 1 beside fractions are fractions."""
        pairs = []
        for name, words in VOCABULARIES.items():
            if self._rows_of(name):
                used = [pair for pair in words if self.rows.get(pair[0], 0) + self.rows.get(pair[1], 0)]
                pairs.extend([(REACHED, BELOW)] if name == "numbers" and self._has_fractions() else used)
        return pairs

    def _used(self) -> list[tuple[str, int]]:
        """Return the words that occur as they are shown, and their rows."""
        return [(self._word(word), rows) for word, rows in self.rows.items() if rows]

    def _shown(self, words: Sequence[str]) -> str:
        return " and ".join(map(self._word, words))

    def _word(self, word: str) -> str:
        if word not in (REACHED, BELOW):
            return f"'{word}'"
        least, most = self.scale or (0, 1)
        limit = f"{round(least + self.threshold * (most - least), 9):g}"
        if word == REACHED:
            return f"{limit} and {'above' if least < most else 'below'}"
        return f"{'below' if least < most else 'above'} {limit}"


def statements(labels: Sequence[LabelReport], positive: int, rows: int) -> Iterator[str]:
    """Yield what was taken as positive: a sentence per label column, and how several of them combine.

    Args:
        labels: of the sources.
        positive: examples that are positive.
        rows: all examples.
    """
    yield from map(str, labels)
    if len(labels) > 1:
        names = ", ".join(label.column for label in labels)
        are = f"is ({plural(positive, 'row')}), negative otherwise ({rows - positive:,})"
        yield f"labels: a row is positive where any of {names} {are}"
