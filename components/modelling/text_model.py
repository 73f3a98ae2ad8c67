"""Ask an exported model of texts: scores, the words that carry a score, the words that the model knows.

In: the folder of a SavedModel and the name of its text feature. Out: numbers per text. Imports TensorFlow when a model is opened.

An n-gram model divides its logit exactly (`explain` of `components.modelling.ngram_classifier`). Any other model is asked again
without each word in turn (occlusion): what the logit loses is the word's share, and the shares need not sum to the logit.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from components.modelling.signature import deciding, served
from data.plain_paths import plain
from data.records import encode_example

BATCH = 1024
NONSENSE = ("qxzvjk", "zzyqwf", "vkxqpj")
_WORD = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*")
_LEAST = 1e-7  # a score of float32 is no nearer to 0 or 1

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Explanation:
    """Which words carried the score of a text.

    Attributes:
        words: as the model reads them, in their order.
        shares: of the logit of the score, one per word; above 0 the word makes the text look more toxic.
        rest: of the logit, the share of no word: the shares and the rest sum to the logit.
        exact: whether the shares are the model's own sum; False for occlusion.
    """

    words: tuple[str, ...]
    shares: tuple[float, ...]
    rest: float
    exact: bool


class TextModel:
    """An opened model.

    Args:
        folder: of the SavedModel.
        feature: name of the text feature of raw tf.Examples.

    Raises:
        KeyError: the model lacks the signature.
        OSError, ValueError, tf.errors.OpError: the folder holds no SavedModel that can be loaded.
    """

    def __init__(self, folder: Path, feature: str) -> None:
        with plain(folder) as path:
            self._served = served(path)
        self._feature = feature

    def score(self, texts: Sequence[str]) -> Doubles:
        """Return the scores float64[N] of N texts, each asked once; invalid UTF-8 is replaced by "?"."""
        distinct = list(dict.fromkeys(texts))
        examples = [encode_example({self._feature: [text.encode("utf-8", "replace")]}) for text in distinct]
        parts = [self._served.outputs(examples[start : start + BATCH]) for start in range(0, len(examples), BATCH)]
        scores = [float(score) for part in parts for score in deciding(part)[:, 0]]
        found = dict(zip(distinct, scores, strict=True))
        return np.array([found[text] for text in texts], np.float64)

    def explain(self, texts: Sequence[str]) -> list[Explanation]:
        """Return which words carried the score of each text."""
        return list(self._exact(texts) if self._function else self._occluded(texts))

    def unknown_share(self, texts: Sequence[str]) -> Doubles | None:
        """Return float64[N], the share of each text's words that the model does not know, NaN for a text without words.

        An n-gram model says it of its own words. Of another model a word is unknown if it alone scores as the empty text does;
        None if invented words do not, as with an embedding that hashes them.
        """
        if self._function:
            return self._unknown_tokens(texts)
        words = [self._words(text) for text in texts]
        distinct = list(dict.fromkeys(word for of_text in words for word in of_text))
        *scores, empty = self.score([*distinct, *NONSENSE, ""])
        if any(score != empty for score in scores[len(distinct) :]):
            return None
        known = {word for word, score in zip(distinct, scores, strict=False) if score != empty}
        return np.array([1 - np.mean([word in known for word in of_text]) if of_text else np.nan for of_text in words])

    @cached_property
    def _function(self) -> Any:
        return getattr(self._served.saved, "explain", None)

    def _asked(self, texts: Sequence[str]) -> Iterator[tuple[list[str], dict[str, npt.NDArray[Any]]]]:
        """Ask the model's own function by batches: their texts and its answers."""
        import tensorflow as tf

        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            encoded = tf.constant([text.encode("utf-8", "replace") for text in batch])
            yield batch, {name: values.numpy() for name, values in self._function(encoded).items()}

    def _exact(self, texts: Sequence[str]) -> Iterator[Explanation]:
        for batch, found in self._asked(texts):
            for row in range(len(batch)):
                own = found["rows"] == row
                words = tuple(token.decode("utf-8", "replace") for token in found["tokens"][own])
                yield Explanation(words, tuple(found["shares"][own].tolist()), float(found["rest"][row]), exact=True)

    def _unknown_tokens(self, texts: Sequence[str]) -> Doubles:
        """Count the tokens that hold a letter or digit; a comma is no word that a model must know."""
        shares: list[float] = []
        for batch, found in self._asked(texts):
            words = np.array([bool(_WORD.search(token.decode("utf-8", "replace"))) for token in found["tokens"]], bool)
            totals = np.bincount(found["rows"][words], minlength=len(batch))
            unknown = np.bincount(found["rows"][words & ~found["known"]], minlength=len(batch))
            shares += [part / total if total else np.nan for part, total in zip(unknown, totals, strict=True)]
        return np.array(shares, np.float64)

    def _occluded(self, texts: Sequence[str]) -> Iterator[Explanation]:
        cut = {text: [text[: found.start()] + text[found.end() :] for found in _WORD.finditer(text)] for text in texts}
        asked = [*cut, *(shorter for of_text in cut.values() for shorter in of_text)]
        logits = dict(zip(asked, logit(self.score(asked)), strict=True))
        for text in texts:
            shares = tuple(float(logits[text] - logits[shorter]) for shorter in cut[text])
            yield Explanation(self._words(text), shares, float(logits[text]) - sum(shares), exact=False)

    @staticmethod
    def _words(text: str) -> tuple[str, ...]:
        return tuple(_WORD.findall(text))


def logit(scores: Doubles) -> Doubles:
    """Return log(p / (1 - p)) of scores float64[N] in [0, 1], those of 0 and 1 moved inside by the precision of a score."""
    inside = np.clip(scores, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(inside / (1 - inside)))
