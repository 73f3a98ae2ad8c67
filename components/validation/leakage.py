"""Look for signs of leakage in a sample: can a model tell the splits apart, does one feature alone give the label?

In: decoded examples of train and eval. Out: `LeakageSign`s, each an estimate with its 95 % interval. A sign is no proof: splits
by time differ, and a rule may be easy. Only `sample` imports TensorFlow.
"""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from data.records import Values, decode_example
from fairgate.counting.config import LabelSpec
from fairgate.names import EVAL, TRAIN
from fairgate.statistics.intervals import critical_value, wilson

Example = Mapping[str, Values]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SAMPLE = 3_000  # examples of a split; the interval of an AUC of 0.5 is then about 0.03 wide
FOLDS = 5
LEAST = 50  # examples of a split below which nothing is said
CONFIDENCE = 0.95
_HASHED = 1 << 15  # columns for the words of a text
_CATEGORIES = 1 << 12
_BINS = 16  # of a number
_MOST_WORDS = 20_000
_LEAST_WORDS = 5  # examples that have a word


@dataclass(frozen=True)
class LeakageSign:
    """An estimate that a leak would raise.

    Attributes:
        sign: "splits", the area under the ROC curve of a classifier that tells eval from train, 0.5 by guessing; or "feature",
            the balanced accuracy of the best rule by one feature alone, one in C of C classes by guessing.
        kind: of the feature: "number", "category" or "word"; "" for the splits.
        name: of the feature.
        value, low, high: the estimate and its interval.
        n: examples that it was measured on.
    """

    sign: Literal["splits", "feature"]
    kind: str
    name: str
    value: float
    low: float
    high: float
    n: int


def signs(samples: Mapping[str, Sequence[Example]], labels: LabelSpec, texts: Sequence[str]) -> list[LeakageSign]:
    """Return what can be said of the samples; nothing of a sign for which there are too few examples.

    Args:
        samples: split -> examples.
        labels: of the task; the label is no feature.
        texts: features that are texts.
    """
    features = {split: distinct([_without(row, labels.key) for row in rows]) for split, rows in samples.items()}
    found = [splits_sign(features[TRAIN], features[EVAL], texts)]
    classes = np.array([int(row[labels.key][0]) for row in samples[TRAIN]])
    found.append(feature_sign([_without(row, labels.key) for row in samples[TRAIN]], classes, texts))
    return [sign for sign in found if sign is not None]


def sample(uri: str, split: str, rows: int) -> list[Example]:
    """Return up to SAMPLE examples of a split, spread evenly over its files.

    Args:
        uri: artifact of raw examples.
        split: of the artifact.
        rows: how many examples the split has.
    """
    import tensorflow as tf

    from components.artifacts.examples import split_files

    every = max(1, rows // SAMPLE)
    records = tf.data.TFRecordDataset(split_files(uri, split), compression_type="GZIP").shard(every, 0).take(SAMPLE)
    return [decode_example(record) for record in records.as_numpy_iterator()]


def _without(row: Example, key: str) -> Example:
    return {name: values for name, values in row.items() if name != key}


def distinct(rows: Sequence[Example]) -> list[Example]:
    """Return each content once: a copy in another fold would be known by heart."""
    return list({tuple((name, tuple(row[name])) for name in sorted(row)): row for row in rows}.values())


def splits_sign(train: Sequence[Example], evaluated: Sequence[Example], texts: Sequence[str]) -> LeakageSign | None:
    """Return how well a logistic regression tells the examples of two splits apart, cross-validated.

    The value is the mean of the folds' areas. Its variance is the mean of theirs (DeLong et al. 1988) over the number of folds,
    as of LeDell, Petersen and van der Laan (Electronic Journal of Statistics 9, 2015); None for fewer than LEAST examples.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    if min(len(train), len(evaluated)) < LEAST:
        return None
    matrix = _matrix([*train, *evaluated], texts)
    of = np.repeat([0, 1], [len(train), len(evaluated)])
    areas, variances = [], []
    for fitted, held in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(of, of):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a model that could still learn is one that tells them apart
            model = LogisticRegression(C=1.0, class_weight="balanced").fit(matrix[fitted], of[fitted])
        area, variance = area_under_curve(model.decision_function(matrix[held]), of[held])
        areas.append(area)
        variances.append(variance)
    value = float(np.mean(areas))
    reach = float(critical_value(CONFIDENCE) * np.sqrt(np.mean(variances) / FOLDS))
    return LeakageSign("splits", "", "", value, max(0.0, value - reach), min(1.0, value + reach), len(of))


def area_under_curve(scores: Floats, labels: Ints) -> tuple[float, float]:
    """Return the area under the ROC curve of scores float[N] and labels int[N] of 0 and 1, and its variance by DeLong."""
    from scipy.stats import rankdata

    positive, negative = scores[labels == 1], scores[labels == 0]
    ranks = rankdata(np.concatenate([positive, negative]))
    of_positive = (ranks[: len(positive)] - rankdata(positive)) / len(negative)
    of_negative = 1 - (ranks[len(positive) :] - rankdata(negative)) / len(positive)
    variance = np.var(of_positive, ddof=1) / len(positive) + np.var(of_negative, ddof=1) / len(negative)
    return float(of_positive.mean()), float(variance)


def _matrix(rows: Sequence[Example], texts: Sequence[str]) -> Any:
    """Return all features as one sparse matrix: texts as hashed words and pairs of words, numbers in standard deviations."""
    from scipy import sparse
    from sklearn.feature_extraction import FeatureHasher
    from sklearn.feature_extraction.text import HashingVectorizer

    parts = []
    categories: list[list[str]] = [[] for _ in rows]
    for name in sorted({name for row in rows for name in row}):
        if name in texts:
            parts.append(
                HashingVectorizer(n_features=_HASHED, ngram_range=(1, 2), alternate_sign=False).transform(_texts(rows, name))
            )
        elif _is_number(rows, name):
            numbers = _numbers(rows, name)
            parts.append(sparse.csr_matrix((numbers - numbers.mean(axis=0)) / np.maximum(numbers.std(axis=0), 1e-9)))
        else:
            for row, own in zip(rows, categories, strict=True):
                own += [f"{name}={_word(value)}" for value in row.get(name, ())]
    if any(categories):
        parts.append(FeatureHasher(_CATEGORIES, input_type="string", alternate_sign=False).transform(categories))
    matrix = sparse.hstack(parts).tocsc() if parts else sparse.csc_matrix((len(rows), 1))
    return matrix[:, np.diff(matrix.indptr) > 1].tocsr()  # a column of one example tells nothing of others


def _texts(rows: Sequence[Example], name: str) -> list[str]:
    return [" ".join(_word(value) for value in row.get(name, ())) for row in rows]


def _word(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _is_number(rows: Sequence[Example], name: str) -> bool:
    first = next((values[0] for row in rows if (values := row.get(name))), b"")
    return not isinstance(first, bytes)


def _numbers(rows: Sequence[Example], name: str) -> Floats:
    """Return the values of a feature float[N, width]; those that a row lacks are zero."""
    width = max(len(row.get(name, ())) for row in rows)
    found = np.zeros((len(rows), width))
    for at, row in enumerate(rows):
        values = row.get(name, ())
        found[at, : len(values)] = [float(value) for value in values]
    return found


def feature_sign(rows: Sequence[Example], classes: Ints, texts: Sequence[str]) -> LeakageSign | None:
    """Return the rule by one feature alone that gives the label best.

    One half of the examples chooses feature and rule, the other half measures it: among thousands of words one would fit by
    chance. The interval joins Wilson's of the classes (Newcombe, Statistics in Medicine 17, 1998). None for fewer than LEAST
    examples, or where a class lacks in one half.

    Args:
        rows: examples without their label.
        classes: int64[N], the labels.
        texts: features that are texts.
    """
    order = np.random.default_rng(0).permutation(len(rows))
    first, second = np.sort(order[::2]), np.sort(order[1::2])
    known = sorted(set(classes.tolist()))
    if len(rows) < LEAST or len(known) < 2 or any(set(classes[half].tolist()) != set(known) for half in (first, second)):
        return None
    truth = np.searchsorted(known, classes)
    best: tuple[float, str, str, Ints] = (-1.0, "", "", np.empty(0, np.int64))
    for kind, name, bins in _binned(rows, texts):
        fit = _fit(bins[first], truth[first], len(known))
        if fit > best[0]:
            best = (fit, kind, name, bins)
    _, kind, name, bins = best
    if not kind:
        return None
    decided = _rule(bins[first], truth[first], len(known))[bins[second]]
    return _measured(kind, name, decided, truth[second])


def _measured(kind: str, name: str, decided: Ints, truth: Ints) -> LeakageSign:
    count = np.bincount(truth)
    right = np.bincount(truth[decided == truth], minlength=len(count))
    recall, (low, high) = right / count, wilson(right, count, CONFIDENCE)
    value = float(recall.mean())
    down, up = (float(np.sqrt(np.square(recall - end).sum()) / len(count)) for end in (low, high))
    return LeakageSign("feature", kind, name, value, max(0.0, value - down), min(1.0, value + up), len(truth))


def _shares(bins: Ints, truth: Ints, classes: int) -> Floats:
    """Return float[bins, classes]: the share of a class's examples that lie in a bin."""
    table = np.zeros((_BINS, classes))
    np.add.at(table, (bins, truth), 1)
    return np.asarray(table / table.sum(axis=0))


def _fit(bins: Ints, truth: Ints, classes: int) -> float:
    return float(_shares(bins, truth, classes).max(axis=1).sum() / classes)


def _rule(bins: Ints, truth: Ints, classes: int) -> Ints:
    return np.asarray(_shares(bins, truth, classes).argmax(axis=1), np.int64)


def _binned(rows: Sequence[Example], texts: Sequence[str]) -> Iterator[tuple[str, str, Ints]]:
    """Yield kind, name and int64[N] below _BINS of every feature that may be a rule of its own."""
    for name in sorted({name for row in rows for name in row}):
        if name in texts:
            written = _texts(rows, name)
            yield "number", f"length of {name}", _by_quantile(np.array([float(len(text)) for text in written]))
            yield from _present(name, "word", [set(text.lower().split()) for text in written])
        elif _is_number(rows, name):
            numbers = _numbers(rows, name)
            for column in range(numbers.shape[1]):
                yield "number", name if numbers.shape[1] == 1 else f"{name}[{column}]", _by_quantile(numbers[:, column])
        else:
            yield "number", f"values of {name}", _by_quantile(np.array([float(len(row.get(name, ()))) for row in rows]))
            yield from _present(name, "category", [{_word(value) for value in row.get(name, ())} for row in rows])


def _by_quantile(numbers: Floats) -> Ints:
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, _BINS + 1)[1:-1], method="lower"))
    return np.searchsorted(edges, numbers).astype(np.int64)


def _present(name: str, kind: str, words: Sequence[set[str]]) -> Iterator[tuple[str, str, Ints]]:
    seen = Counter(word for own in words for word in own)
    places: dict[str, list[int]] = {word: [] for word, count in seen.most_common(_MOST_WORDS) if count >= _LEAST_WORDS}
    for at, own in enumerate(words):
        for word in own & places.keys():
            places[word].append(at)
    for word, rows in places.items():
        bins = np.zeros(len(words), np.int64)
        bins[rows] = 1
        yield kind, f"{name}: {word}" if kind == "word" else f"{name}={word}", bins
