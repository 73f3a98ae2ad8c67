"""Spell an argument as whoever asks types it: an option of the command, or an argument of a function.

Every message of the library that names an argument takes its name from here: a user of the command reads `--positive yes`, one
of `fairgate.evaluate`, of the pytest plugin or of MLflow `positive="yes"`, and one who gave arrays `y_true`.
The command says that it asks with `by_command`, `fairgate.evaluate` with `by_arrays`; all others call functions with tables.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from shlex import quote
from types import MappingProxyType
from typing import Any, Literal

Asker = Literal["command", "table", "arrays"]

_asker: ContextVar[Asker] = ContextVar("asker", default="table")
_OPTIONS: Mapping[str, str] = MappingProxyType(
    {"scores": "--score", "decisions": "--decision", "groups": "--group", "cuts": "--threshold", "folder": "--out"}
)  # others are called as the arguments are
_ARGUMENTS: Mapping[str, str] = MappingProxyType({"cuts": "thresholds"})  # of discovery, whose option is in the singular
_ARRAYS: Mapping[str, str] = MappingProxyType(
    {
        "label": "y_true",
        "scores": "y_score",
        "decisions": "y_pred",
        "slices": "sensitive_features",
        "groups": "sensitive_features",
        "weight": "sample_weight",
    }
)
_WORD = re.compile(r"[\w@%+=:,./-]+", re.ASCII)  # that a shell takes as it is
_SPECIAL = frozenset('"$`!\\')  # signs that mean something to a shell, though they are in double quotes


@contextmanager
def _asked_by(asker: Asker) -> Iterator[None]:
    token = _asker.set(asker)
    try:
        yield
    finally:
        _asker.reset(token)


def by_command() -> AbstractContextManager[None]:
    """Return a context in which a user of the command asks."""
    return _asked_by("command")


def by_arrays() -> AbstractContextManager[None]:
    """Return a context in which somebody asks who gave arrays, and no table."""
    return _asked_by("arrays")


def in_command(text: str) -> str:
    """Return a text that makes sense to a user of the command alone, and "" for all others."""
    return text if _asker.get() == "command" else ""


def option(argument: str) -> str:
    """Return an argument of `fairgate.evaluate` or `fairgate.discover` by its name: "--score", "scores" or "y_score".

    "cuts" are the thresholds of `fairgate.discover`, "folder" is that of the report, which Python gives to `report`.
    """
    if _asker.get() == "command":
        return _OPTIONS.get(argument, f"--{argument.replace('_', '-')}")
    named = _ARGUMENTS.get(argument, argument)
    return _ARRAYS.get(named, named) if _asker.get() == "arrays" else named


def typed(argument: str, value: Any) -> str:
    """Return an argument with its value as it is typed: `--slices sex,race`, `slices=["sex", "race"]`.

    Args:
        argument: as of `option`.
        value: text, a number, names of columns, or a mapping, `{"candidate": "COLUMN"}`.
    """
    name = option(argument)
    if _asker.get() == "command":
        return f"{name} {_for_shell(value)}"
    return f"{name}=…" if argument in _ARRAYS and _asker.get() == "arrays" else f"{name}={_in_python(value)}"


def _for_shell(value: Any) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{key}={_for_shell(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return _for_shell(",".join(map(_number, value)))
    text = _number(value)
    if _WORD.fullmatch(text):
        return text
    return quote(text) if _SPECIAL & set(text) else f'"{text}"'


def _in_python(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_in_python(key)}: {_in_python(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_in_python, value))}]"
    if isinstance(value, str):
        return repr(value) if '"' in value or not value.isprintable() or "\\" in value else f'"{value}"'
    return _number(value)


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
