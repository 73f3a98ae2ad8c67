"""Read the arguments of `fairgate.evaluate`: each as plain names and numbers, or an error that says what to give."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from numbers import Integral
from pathlib import Path
from typing import Any, get_args

import numpy as np

from fairgate.asked import typed
from fairgate.errors import InputError, UnknownNameError
from fairgate.gate.policy import Policy
from fairgate.judging.arrays import Arrays
from fairgate.judging.defaults import TablePreset, read_policy
from fairgate.judging.request import AucKind
from fairgate.names import CANDIDATE

_LONG = 80  # characters of a wrong argument


def refuse_both(arrays: Arrays, others: Mapping[str, Any]) -> None:
    """Refuse arrays beside the words for a table."""
    if both := [name for name, value in others.items() if value is not None]:
        raise InputError(f"{both[0]} belongs to a table, and there are arrays ({', '.join(arrays.given)}); give one of both.")


def score_columns(scores: Any) -> dict[str, str | tuple[str, ...]]:
    """Return model -> its columns; what names no model is the candidate's."""
    of_models = scores if isinstance(scores, Mapping) else {CANDIDATE: scores}
    single = {model: columns for model, columns in of_models.items() if isinstance(columns, str | Integral)}
    return {
        str(model): str(columns) if model in single else column_list("scores", columns) for model, columns in of_models.items()
    }


def decision_columns(decisions: Any) -> dict[str, str]:
    """Return model -> its column; what names no model is the candidate's."""
    of_models = decisions if isinstance(decisions, Mapping) else {CANDIDATE: decisions}
    return {str(model): column_name("decisions", name) for model, name in of_models.items()}


def expression(where: Any) -> str:
    """Return the expression of the rows that are taken; "" for None, all of them.

    Raises:
        InputError: it is no text, or empty.
    """
    if where is not None and not (isinstance(where, str) and where.strip()):
        raise InputError(f"where is {str(where)[:_LONG]!r}; give an expression as text, such as \"split == 'test'\".")
    return where or ""


def column_list(argument: str, names: Any) -> tuple[str, ...]:
    """Return names of columns: of None none, of a text the one.

    Raises:
        InputError: they are no names.
    """
    if names is None:
        return ()
    if isinstance(names, str | Integral):
        return (column_name(argument, names),)
    if isinstance(names, Iterable):
        return tuple(column_name(argument, name) for name in names)
    raise InputError(f"{argument} is {names!r}; give names of columns, such as [{argument!r}].")


def column_name(argument: str, name: Any) -> str:
    """Return the name of a column as text.

    Raises:
        InputError: it is no name.
    """
    if isinstance(name, str | Integral):  # pandas numbers columns without names, in numbers of NumPy too
        return str(name)
    raise InputError(f"{argument} names {str(name)[:_LONG]!r}, which is no name of a column; give it as text.")


def threshold_list(given: Any) -> tuple[float, ...]:
    """Return thresholds as numbers: of None none, of a number the one.

    Raises:
        InputError: they are no numbers.
    """
    try:
        return () if given is None else tuple(map(float, [given] if isinstance(given, int | float) else given))
    except (TypeError, ValueError):
        raise InputError(f"thresholds is {str(given)[:_LONG]!r}; give numbers between 0 and 1, such as [0.3, 0.5].") from None


def policy_of(given: Policy | Mapping[str, Any] | str | Path | None) -> Policy | TablePreset | None:
    """Return a policy of keys, of a file or of a preset; None as it is.

    Raises:
        InputError: it is none of these, or no sound policy.
    """
    if given is None or isinstance(given, Policy):
        return given
    if isinstance(given, Mapping):
        try:
            return Policy.parse(json.dumps(given, default=_plain), "policy")
        except TypeError as error:
            raise InputError(f"policy holds {error}; give texts, numbers, lists and dicts, as a YAML file has them.") from None
    if isinstance(given, str | Path):
        return read_policy(given)
    raise InputError(f"policy is {str(given)[:_LONG]!r}; give a Policy, its keys as a dict, or the path of a YAML file.")


def _plain(value: Any) -> Any:
    """Return a number of NumPy as one of Python, an array or a set as a list, and a day, as YAML reads one, as it is written."""
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if type(value) is date:
        return value.isoformat()
    raise TypeError(f"{str(value)[:_LONG]!r} of the type {type(value).__name__}")


def group_columns(groups: Any) -> dict[str, tuple[str, ...]]:
    """Return feature -> columns of its groups; of None none.

    Raises:
        InputError: it is no mapping, or holds what is no name.
    """
    if groups is not None and not isinstance(groups, Mapping):
        shown = str(groups)[:_LONG]
        raise InputError(f"groups is {shown!r}; give feature -> columns: {typed('groups', {'gender': ['female', 'male']})}.")
    return {str(feature): column_list("groups", columns) for feature, columns in (groups or {}).items()}


def auc_kind(given: Any) -> AucKind | None:
    """Return how AUCs are computed, as `Request.auc` says.

    Raises:
        UnknownNameError: no such way.
    """
    if given is None or given in get_args(AucKind):
        return given  # type: ignore[no-any-return]
    raise UnknownNameError("kind of AUC", str(given), get_args(AucKind))
