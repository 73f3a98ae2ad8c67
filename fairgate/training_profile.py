"""What the inputs of a model were like in training, and how another input differs: a part of facts.json.

In: statistics of an input by name. Out: sentences about those that lie outside of what training saw. Imports no third-party
package but pydantic.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

LEAST_WORDS = 6  # of a text, so that its share of common words says anything
LEAST_SCRIPT = 0.01  # share of training's letters below which a script is foreign
_IN_FULL = 1000
MOST_FOREIGN = 0.5  # share of a text's letters in foreign scripts from which it is warned of


class TrainingProfile(BaseModel):
    """What the inputs were like in training.

    Attributes:
        rows: examples that it was measured on.
        noun: what they are, "images".
        ranges: statistic -> its least and greatest value there.
        scripts: script -> share of the letters, "latin"; empty where inputs are no texts.
        common_words: CRC-32 of the most common words; their characters are not kept.
        mean, spread: mean and standard deviation of every pixel, row by row; empty where inputs are no images.
        least_common: share of common words that all but one in 200 texts of LEAST_WORDS or more words reach.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    noun: str
    ranges: dict[str, tuple[float, float]] = {}
    scripts: dict[str, float] = {}
    common_words: tuple[int, ...] = ()
    least_common: float = 0.0
    mean: tuple[float, ...] = ()
    spread: tuple[float, ...] = ()

    def outside(self, statistics: Mapping[str, float]) -> Iterator[str]:
        """Yield what lies outside of its range: "mean brightness 0.81, of 1,617 training images 0.18 to 0.42"."""
        for name, value in statistics.items():
            low, high = self.ranges.get(name, (value, value))
            if not low <= value <= high:
                yield f"{name} {_number(value)}, of {self.rows:,} training {self.noun} {_number(low)} to {_number(high)}"

    def foreign(self, scripts: Mapping[str, float]) -> str:
        """Return the script that most letters of a text are in, if hardly any of training's were; "" otherwise.

        Args:
            scripts: script -> share of the text's letters.
        """
        found = {name: share for name, share in scripts.items() if self.scripts.get(name, 0.0) < LEAST_SCRIPT}
        return max(found, key=lambda name: found[name]) if self.scripts and sum(found.values()) > MOST_FOREIGN else ""

    def lacks_common_words(self, words: Sequence[str]) -> bool:
        """Return whether a text of LEAST_WORDS or more words has fewer common ones than those of training."""
        common = frozenset(self.common_words)
        return len(words) >= LEAST_WORDS and sum(word_code(word) in common for word in words) / len(words) < self.least_common


def _number(value: float) -> str:
    """Return three significant digits; from 1,000 on, all of the whole number."""
    return f"{value:,.0f}" if abs(value) >= _IN_FULL else f"{value:.3g}"


def word_code(word: str) -> int:
    """Return the CRC-32 of a word."""
    return zlib.crc32(word.encode("utf-8", "replace"))
