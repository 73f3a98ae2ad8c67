"""How a text differs from those of training: its script, its length, its common words. Needs no dictionary of a language.

In: a text. Out: statistics, the profile of many texts, sentences on one text. Which words the model itself does not know is
another question.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from data.comments.names import TEXT
from data.records import decode_example
from fairgate.training_profile import LEAST_WORDS, TrainingProfile, word_code

MOST_COMMON = 200
_UNLIKELY = 0.005  # share of training's texts that have fewer common words than is warned of
_SMALLEST = 0.0001  # share that is written out
NO_LETTERS = "it has no letters: only signs, digits or emoji"
NO_COMMON_WORDS = "hardly any of its words are common in training, as if it were in another language"


def example_text(record: bytes) -> str:
    """Return the text of a serialized example."""
    return text_of(decode_example(record).get(TEXT, ()))


def text_of(values: Sequence[object]) -> str:
    """Return the text of a decoded feature; empty where it has no value."""
    return " ".join(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in values)


@lru_cache(maxsize=1 << 12)
def script(character: str) -> str:
    """Return the script of a letter as its Unicode name begins: "latin", "cyrillic", "cjk"; "" for what is no letter."""
    return unicodedata.name(character, "").split(" ")[0].lower() if character.isalpha() else ""


def scripts(text: str) -> dict[str, float]:
    """Return script -> share of the letters; empty for a text without letters."""
    found = Counter(name for character in text if (name := script(character)))
    total = sum(found.values())
    return {name: count / total for name, count in found.items()}


def words(text: str) -> list[str]:
    """Return the words in small letters, without the signs around them."""
    return [word for part in text.lower().split() if (word := part.strip(".,;:!?\"'()[]…“”’"))]


def statistics(text: str) -> dict[str, float]:
    """Return name -> value."""
    return {"length in characters": float(len(text))}


def profile(texts: Sequence[str]) -> TrainingProfile:
    """Return what texts are like, at least one."""
    lengths = [len(text) for text in texts]
    counted = Counter(word for text in texts for word in words(text))
    common = tuple(sorted({word_code(word) for word, _ in counted.most_common(MOST_COMMON)}))
    letters = Counter(name for text in texts for character in text if (name := script(character)))
    total = sum(letters.values())
    known = frozenset(common)
    shares = [sum(word_code(word) in known for word in own) / len(own) for own in map(words, texts) if len(own) >= LEAST_WORDS]
    return TrainingProfile(
        rows=len(texts),
        noun="texts",
        ranges={"length in characters": (float(min(lengths)), float(max(lengths)))},
        scripts={name: count / total for name, count in letters.most_common()},
        common_words=common,
        least_common=float(np.quantile(shares, _UNLIKELY, method="lower")) if shares else 0.0,
    )


def _few(share: float) -> str:
    """Return a small share of letters as "0.25%"; "none", or "less than 0.01%"."""
    if share == 0:
        return "none"
    return f"{share:.2%}" if share >= _SMALLEST else f"less than {_SMALLEST:.2%}"


def differences(text: str, known: TrainingProfile) -> Iterator[str]:
    """Yield how a text differs from those of training."""
    found = scripts(text)
    if not found:
        yield NO_LETTERS
    if foreign := known.foreign(found):
        share = known.scripts.get(foreign, 0.0)
        yield f"most of its letters are {foreign}, like {_few(share)} of those in training"
    elif known.lacks_common_words(words(text)):
        yield NO_COMMON_WORDS
    yield from known.outside(statistics(text))
