"""Word vectors, read from a file in GloVe's text form or learned from the words of training texts; no TensorFlow.

In: lines `word v1 … vd`, or texts as word ids. Out: `WordVectors`, from which `data.text.text_embedding` builds a SavedModel.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from fairgate.errors import InputError, os_reason

MIN_DIMENSION = 2
_SPREAD = 0.25  # of a learned embedding, as in those of TF-Hub; the wider it is, the more unsteadily a head trains on it
_LARGEST = float(np.finfo(np.float32).max)
_SHOWN = 40  # characters of an offending value that a message quotes


@dataclass(frozen=True)
class WordVectors:
    """A vector for each known word.

    Attributes:
        words: V distinct words.
        vectors: float32[V, d].
    """

    words: tuple[str, ...]
    vectors: npt.NDArray[np.float32]


@dataclass(frozen=True)
class LearningOptions:
    """Options of learning word vectors.

    Attributes:
        dimension: d of the vectors; less when the text has fewer distinct words.
        vocabulary: most words that are kept, the most frequent first.
        min_count: words that occur less often are unknown words.
        window: words up to this many places apart occur together.
        smoothing: frequent words weigh `smoothing / (smoothing + frequency)`, so that a text is not mostly its "the" and "of".
        seed: of the randomised decomposition.
    """

    dimension: int = 64
    vocabulary: int = 20_000
    min_count: int = 3
    window: int = 10
    smoothing: float = 1e-2
    seed: int = 0


def read_glove(path: Path) -> WordVectors:
    """Read word vectors in GloVe's text form: per line a word and its d numbers, separated by single spaces, UTF-8.

    Raises:
        InputError: the file is absent or empty, a line has another number of values than the first, a value is no finite number,
            or a word occurs twice; names file, line and value.
    """
    words: dict[str, int] = {}
    rows: list[npt.NDArray[np.float32]] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                word, *values = line.rstrip("\n").rstrip(" ").split(" ")
                place = f"{path}, line {number}"
                if not word:
                    raise InputError(f"{place}: no word before the numbers; each line holds a word and its numbers")
                if word in words:
                    raise InputError(f"{place}: {_quote(word)} stands in line {words[word]} already; keep one of the two")
                words[word] = number
                rows.append(_vector(values, len(rows[0]) if rows else None, place))
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({os_reason(error)}); give a file of word vectors in GloVe's text form"
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text ({error.reason}); save it as UTF-8") from None
    if not rows:
        raise InputError(f"{path} is empty; each line must hold a word and its numbers")
    return WordVectors(tuple(words), np.stack(rows))


def _vector(values: Sequence[str], dimension: int | None, place: str) -> npt.NDArray[np.float32]:
    if len(values) < MIN_DIMENSION:
        raise InputError(
            f"{place}: {len(values)} numbers after the word; each line holds a word and at least {MIN_DIMENSION} numbers"
        )
    if dimension is not None and len(values) != dimension:
        raise InputError(f"{place}: {len(values)} numbers, but the first line has {dimension}; correct or remove the line")
    return np.array([_number(value, place) for value in values], np.float32)


def _number(value: str, place: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not abs(number) <= _LARGEST:  # also catches NaN
        raise InputError(f"{place}: {_quote(value)} is not a finite number")
    return number


def _quote(value: str) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def learn(
    words: Sequence[str], ids: npt.NDArray[np.int64], texts: npt.NDArray[np.int64], options: LearningOptions
) -> WordVectors:
    """Learn word vectors from co-occurring words: positive pointwise mutual information, then a truncated SVD.

    The vectors are U·√S (Levy & Goldberg 2014), shrunk for frequent words (smooth inverse frequency, Arora, Liang & Ma 2017),
    then scaled: the sum of n typical words divided by √n has entries of about _SPREAD.

    Args:
        words: the V distinct words.
        ids: int[T], every word of all texts in order, as positions in `words`.
        texts: int[T], not decreasing, the text in which each stands.
        options: see there.

    Returns:
        Vectors of at most `options.vocabulary` words, most frequent first. The same input and seed give the same vectors.

    Raises:
        InputError: when fewer than three words occur often enough.
    """
    counts = np.bincount(ids, minlength=len(words))
    kept = np.argsort(-counts, kind="stable")[: options.vocabulary]
    kept = kept[counts[kept] >= options.min_count]
    if len(kept) <= MIN_DIMENSION:
        raise InputError(
            f"only {len(kept)} words occur {options.min_count} times or more in the training text, too few for a text embedding; "
            "give more text, or word vectors in GloVe's text form"
        )
    place = np.full(len(words), -1)
    place[kept] = np.arange(len(kept))
    together = _cooccurrence(place[ids], texts, len(kept), options.window)
    dimension = min(options.dimension, len(kept) - 1)
    left, values, _ = randomized_svd(_ppmi(together), dimension, random_state=options.seed, n_iter=5)
    vectors = left * np.sqrt(values)
    frequency = counts[kept] / counts[kept].sum()
    vectors *= (options.smoothing / (options.smoothing + frequency))[:, np.newaxis]
    vectors *= _SPREAD / np.sqrt(np.average(np.square(vectors), axis=0, weights=frequency).mean())
    return WordVectors(tuple(words[position] for position in kept), vectors.astype(np.float32))


def _cooccurrence(ids: npt.NDArray[np.int64], texts: npt.NDArray[np.int64], size: int, window: int) -> sparse.csr_matrix:
    total = sparse.csr_matrix((size, size), dtype=np.float64)
    for distance in range(1, window + 1):
        near = (texts[:-distance] == texts[distance:]) & (ids[:-distance] >= 0) & (ids[distance:] >= 0)
        left, right = ids[:-distance][near], ids[distance:][near]
        total = total + sparse.coo_matrix((np.ones(len(left)), (left, right)), shape=(size, size)).tocsr()
    return total + total.T


def _ppmi(together: sparse.csr_matrix) -> sparse.csr_matrix:
    """Compute max(0, log(p(a, b) / (p(a) p(b)))) of every pair that occurs."""
    marginal = np.asarray(together.sum(axis=1)).ravel()
    pairs = together.tocoo()
    information = np.log(pairs.data * marginal.sum() / (marginal[pairs.row] * marginal[pairs.col]))
    result = sparse.csr_matrix((np.maximum(information, 0), (pairs.row, pairs.col)), shape=together.shape)
    result.eliminate_zeros()
    return result
