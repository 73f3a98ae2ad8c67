"""Check the arguments of `predictions.evaluate_predictions`.

In: what a caller gave. Out: arrays of the right shape, or an InputError that names argument, row, value and remedy.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence, Sized
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from fairgate.errors import InputError, UnknownNameError
from fairgate.names import BASELINE, CANDIDATE, REFERENCE, composed

MODELS = (CANDIDATE, BASELINE, REFERENCE)
_SHOWN = 80  # characters of a value that a message quotes


def label_array(labels: npt.ArrayLike, classes: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return float64[N]: the labels.

    Raises:
        InputError: the classes are not two names or more, or the labels not N ≥ 1 numbers of classes.
    """
    names = _texts("classes", classes)
    if len(names) < 2:
        raise InputError(f"classes has {len(names)} names; a model decides between two at least, such as classes=('no', 'yes').")
    values = _one_per_example("labels", labels)
    if not len(values):
        raise InputError("labels is empty, so nothing can be evaluated; give at least one example.")
    wrong = np.flatnonzero(~np.isin(values, np.arange(len(names))))
    if wrong.size:
        raise InputError(
            f"labels[{wrong[0]}] is {values[wrong[0]]:g}, not one of 0 to {len(names) - 1} ({', '.join(names)}); "
            "number the classes in this order, or name all of them: classes=(…)."
        )
    return values


def weight_array(weights: npt.ArrayLike, rows: int) -> npt.NDArray[np.float64]:
    """Return float64[rows]: the weights, whose size is checked where they are counted."""
    values = _one_per_example("weights", weights)
    _require_rows("weights", values, rows)
    return values


def score_arrays(scores: Mapping[str, npt.ArrayLike], rows: int, classes: int) -> dict[str, npt.NDArray[Any]]:
    """Return model -> its scores, float[rows], or its probabilities, float[rows, classes] of more than two classes.

    NaN, also in place of None, stays: it is counted as no answer of the model.

    Raises:
        InputError: there is no model, an unknown one, or one whose scores are no such numbers.
    """
    given = _mapping("scores", scores, "model -> its scores, such as scores={'candidate': …}")
    if not given:
        raise InputError("scores is empty; give the scores of one model at least, scores={'candidate': …}.")
    arrays = {}
    for model, of_model in given.items():
        if model not in MODELS:
            raise UnknownNameError("model in scores,", str(model), MODELS)
        name = f"scores[{model!r}]"
        values = _numbers(name, of_model)
        shapes = ((rows,), (rows, 1)) if classes == 2 else ((rows, classes),)
        if values.shape not in shapes:
            each = "one score" if classes == 2 else f"{classes} probabilities, one of each class,"
            raise InputError(f"{name} has the shape {values.shape}, not {shapes[0]}; give {each} for every example.")
        arrays[str(model)] = values
    return arrays


def slice_values(
    slices: Mapping[str, Sequence[str | Sequence[str] | None]] | None, rows: int
) -> dict[str, list[str | Sequence[str] | None]]:
    """Return feature -> the value of every example, its values, or None where it has none (NaN, as pandas writes it, too).

    Raises:
        InputError: a feature without a name, with other than `rows` entries, or with values that are no texts.
    """
    given = _mapping(
        "slices", {} if slices is None else slices, "feature -> the value of every example, such as {name: frame[name]}"
    )
    return {composed(_feature(feature)): _of_feature(feature, values, rows) for feature, values in given.items()}


def rising_thresholds(thresholds: Sequence[float]) -> tuple[float, ...]:
    """Return the thresholds.

    Raises:
        InputError: they are no numbers, or do not rise.
    """
    values = _one_per_example("thresholds", thresholds)
    for value in values[~np.isfinite(values)]:  # one outside 0 to 1 is compared as any other; the gate says what it does
        raise InputError(f"thresholds has {value:g}, which is no number; give numbers between 0 and 1.")
    if (np.diff(values) <= 0).any():
        raise InputError(
            f"thresholds {values.tolist()} do not rise; sort them, and name each once: {sorted(set(values.tolist()))}."
        )
    return tuple(values.tolist())


def check_intersections(intersections: Iterable[tuple[str, str]], features: Collection[str], least: object) -> None:
    """Check the pairs of features whose combined values are slices, and the least number of examples of one.

    Raises:
        InputError: one is no pair of two of the features, or the number is no whole one.
    """
    for pair in intersections:
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2 or pair[0] == pair[1]:
            raise InputError(f"intersections has {_shown(pair)}; give pairs of two features, such as [('gender', 'race')].")
        for feature in pair:
            if feature not in features:
                raise UnknownNameError("feature in intersections,", str(feature), features)
    if not isinstance(least, Integral):
        raise InputError(f"min_intersection is {_shown(least)}; give a whole number, such as 1.")


def check_clusters(clusters: Sequence[object], rows: int) -> None:
    """Check that every example has a cluster.

    Raises:
        InputError: another number of them, or one that is None or NaN.
    """
    if not isinstance(clusters, Sized) or isinstance(clusters, str) or len(clusters) != rows:
        found = f"{len(clusters)} values" if isinstance(clusters, Sized) else _shown(clusters)
        raise InputError(f"clusters has {found} for {rows} examples; give one for every example.")
    for row, value in enumerate(clusters):
        if _is_absent(value):
            raise InputError(
                f"clusters[{row}] is {value}; give every example a cluster, of its own where it depends on no other."
            )


def patterns(auc_slices: Sequence[str]) -> tuple[str, ...]:
    """Return the patterns of slices.

    Raises:
        InputError: they are no sequence of texts.
    """
    return _texts("auc_slices", auc_slices)


def _feature(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise InputError(f"slices has a feature called {_shown(name)}; call it by a text, such as 'gender'.")
    return name


def _of_feature(feature: str, values: Any, rows: int) -> list[str | Sequence[str] | None]:
    name = f"slices[{feature!r}]"
    if getattr(values, "ndim", 1) != 1:
        raise InputError(f"{name} has {values.ndim} dimensions, as of two columns of one name; give one column.")
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InputError(f"{name} is {_shown(values)}; give the value of every example, a list of {rows}.")
    found = list(values)
    _require_rows(name, found, rows)
    if not {type(value) for value in found} <= {str, type(None)}:  # most columns have these alone
        found = [_value(f"{name}[{row}]", value) for row, value in enumerate(found)]
    for text in {text for value in found for text in ([value] if isinstance(value, str) else value or ())}:
        if text != text.encode("utf-8", "replace").decode():
            raise InputError(f"{name} has the value {_shown(text)}, which is not UTF-8 text; decode it first.")
    return found


def _value(name: str, value: Any) -> str | Sequence[str] | None:
    """Return the text or texts of one example; None where it has none."""
    if isinstance(value, str):
        return value
    if _is_absent(value):
        return None
    inner = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(inner, list | tuple | set | frozenset) or not all(isinstance(each, str) for each in inner):
        raise InputError(f"{name} is {_shown(value)}; give a text, a list of texts, or None for an example without a value.")
    return list(inner)


def _is_absent(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _mapping(name: str, given: Any, what: str) -> Mapping[Any, Any]:
    if not isinstance(given, Mapping):
        raise InputError(f"{name} is a {type(given).__name__}; give a mapping: {what}.")
    return given


def _texts(name: str, given: Any) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InputError(f"{name} is {_shown(given)}; give a tuple of texts.")
    for value in given:
        if not isinstance(value, str):
            raise InputError(f"{name} has {_shown(value)}; give texts.")
    return tuple(given)


def _one_per_example(name: str, given: npt.ArrayLike) -> npt.NDArray[np.float64]:
    values = _numbers(name, given)
    if values.ndim != 1:
        raise InputError(f"{name} has the shape {values.shape}; give a list of numbers.")
    return values.astype(np.float64)


def _numbers(name: str, given: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return an array of numbers of any shape; None becomes NaN."""
    try:
        values = np.asarray(given)
        if values.dtype.kind in "biuf":
            return values
        if values.dtype.kind in "OUS":
            return values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{_no_number(name, given)}; give numbers.") from error
    raise InputError(f"{name} holds {values.dtype} values; give numbers.")


def _no_number(name: str, given: Any) -> str:
    """Say which of the values is the first that is no number."""
    for row, value in enumerate(given if isinstance(given, Iterable) else ()):
        try:
            float(value)
        except (TypeError, ValueError):
            if value is not None:
                return f"{name}[{row}] is {_shown(value)}"
    return f"{name} is {_shown(given)}"


def _require_rows(name: str, values: Sized, rows: int) -> None:
    if len(values) != rows:
        raise InputError(f"{name} has {len(values)} values for {rows} examples; give one for every example.")


def _shown(value: object) -> str:
    written = repr(value)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"
