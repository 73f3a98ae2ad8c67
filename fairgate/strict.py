"""Check written values strictly against a pydantic model, and say of each wrong one where it stands and how to write it.

In: values as they were written, and the documents that they come from. Out: the model, or an InputError with file, line, key,
value and remedy. Strictly: text is no number, a number is no text, true is no number, 100.0 is no whole number. Imports no
third-party package but pydantic.
"""

import json
import re
import reprlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from shlex import quote
from typing import Annotated, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fairgate.errors import InputError
from fairgate.text import masked
from fairgate.yaml_files import Document, Keys

Model = TypeVar("Model", bound=BaseModel)

_SHOWN = 80  # characters of a value that a message quotes
_NUMBERS = {"float_type", "int_type", "int_from_float"}
_LISTS = {"tuple_type", "list_type", "set_type", "frozen_set_type"}
_SHOULD = "Input should be "  # begins most of pydantic's messages
_YES_OR_NO = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def validate(
    model: type[Model],
    written: Mapping[str, object],
    documents: Sequence[Document],
    title: str,
    within: Keys = (),
    hidden: Collection[str] = (),
) -> Model:
    """Return the model that the values describe.

    Args:
        model: the class.
        written: its fields.
        documents: where the values come from, the one that decides first; the last is named where none has the key.
        title: of a message, "Policy error".
        within: keys above `written` in the documents: ("policy",).
        hidden: keys at the top of the documents whose values may be secret.

    Raises:
        InputError: a value is wrong; states all that are.
    """
    for keys, text in _not_text(written, ()):
        shown = "" if get_close_matches(str(keys[0]), hidden) else f" ({masked(repr(text))})"
        key = ".".join(map(str, (*within, *keys)))
        raise InputError(f"{title} in {key}: not UTF-8 text{shown}; rename the file, or correct the value.")
    try:
        return model.model_validate_json(json.dumps(written, default=str), strict=True)
    except ValidationError as error:
        message = f"{title} in {_explained(error, model, documents, within, hidden)}"
        raise InputError(message) from None if hidden else error  # pydantic's own words show every value


def _not_text(value: object, keys: Keys) -> Iterator[tuple[Keys, str]]:
    """Yield the keys and texts that hold bytes which are no characters, as names of files may."""
    if isinstance(value, str) and not value.isascii() and value != value.encode("utf-8", "replace").decode():
        yield keys, value
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, inner in items:
        yield from _not_text(inner, (*keys, key))


def origin(documents: Sequence[Document], keys: Keys) -> Document:
    """Return the document that decides over the value of the keys: the first of those that have most of them, or the last."""
    best = max(documents, key=lambda document: len(document.known(keys)))
    return best if best.known(keys) else documents[-1]


def _explained(
    error: ValidationError, model: type[BaseModel], documents: Sequence[Document], within: Keys, hidden: Collection[str]
) -> str:
    """Return what is wrong, each with its place, key, value and remedy, without any web address."""
    sentences: dict[str, None] = {}
    for key, problems in _by_key(error, documents, within).items():
        problem = problems[0]
        keys = (*within, *problem["loc"])
        document = origin(documents, keys)
        is_secret = bool(keys and get_close_matches(str(keys[0]), hidden))  # also where the key is misspelt
        sentence = _sentence(problems, key, is_secret)
        if problem["type"] == "extra_forbidden":
            sentence += _remedy_of_key(model, problem["loc"], keys, "" if is_secret else document.name)
        sentences[masked(f"{document.place(keys)}: {sentence}")] = None
    said = "; ".join(sentences)
    return said if said.endswith("?") else f"{said}."


def _by_key(error: ValidationError, documents: Sequence[Document], within: Keys) -> Mapping[str, list[ErrorDetails]]:
    """Return key -> what is wrong with its value: one problem, or one for each alternative of its type.

    Where one alternative fits but for a value inside it, or but for a bound, the others are left out: that one was meant.
    """
    found: dict[str, list[ErrorDetails]] = {}
    for problem in error.errors():
        keys = (*within, *problem["loc"])
        found.setdefault(_key(keys, origin(documents, keys), problem), []).append(problem)
    return {key: _meant(problems) for key, problems in found.items()}


def _meant(problems: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Return the problems of the alternatives that fit furthest: those of values inside, then those of the right type."""
    furthest = max(len(problem["loc"]) for problem in problems)
    deepest = [problem for problem in problems if len(problem["loc"]) == furthest]
    is_typed = any(not problem["type"].endswith(("_type", "literal_error")) for problem in deepest)
    return [problem for problem in deepest if not (is_typed and problem["type"].endswith("_type"))]


def _key(keys: Keys, document: Document, problem: ErrorDetails) -> str:
    """Return the key without what pydantic appends to it: the alternatives of a type."""
    known = document.known(keys)
    return ".".join(map(str, keys[: len(known) + 1] if problem["type"] == "missing" else known or keys))


def _remedy_of_key(model: type[BaseModel], place: Keys, keys: Keys, document: str) -> str:
    """Return what to do about an unknown key: write the one that is almost called so, as it is typed if an option named it."""
    near = get_close_matches(str(place[-1]), _fields(model, place[:-1]), n=1, cutoff=0.7)
    if not near:
        return "; remove it or correct its spelling"
    meant = ".".join(map(str, (*keys[:-1], near[0])))
    key, after, rest = document.removeprefix("--set ").partition(".".join(map(str, keys)))
    is_option = document.startswith("--set ") and after and not key
    return f"; did you mean {f'--set {quote(meant + rest)}' if is_option else repr(meant)}?"


def _fields(model: type[BaseModel], place: Keys) -> list[str]:
    """Return the fields of the model that lies at a place of another; none where no model lies there."""
    found: object = model
    for key in place:
        if isinstance(key, int):  # of a list
            found = next((each for each in get_args(found) if each is not Ellipsis), None)
        else:
            field = found.model_fields.get(str(key)) if isinstance(found, type) and issubclass(found, BaseModel) else None
            found = field.annotation if field else None
        while get_origin(found) is Annotated:
            found = get_args(found)[0]
    return list(dict.fromkeys(_with_kinds(found))) if isinstance(found, type) and issubclass(found, BaseModel) else []


def _with_kinds(model: type[BaseModel]) -> Iterator[str]:
    """Yield the fields of a model, and those of what is derived from it: a value may be of any kind."""
    yield from model.model_fields
    for kind in model.__subclasses__():
        yield from _with_kinds(kind)


def _sentence(problems: Sequence[ErrorDetails], key: str, is_secret: bool) -> str:
    problem = problems[0]
    value = "not shown" if is_secret else _shown(problem["input"])
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key!r} (value {value})"
    if problem["type"] == "missing":
        return f"{key}: Field required"
    remedies = () if is_secret else (_remedy(each["type"], each["input"]) for each in problems)
    remedy = next(filter(None, remedies), "")
    message = _joined(list(dict.fromkeys(map(_message, problems))))
    if not key:  # a contradiction between several values
        return message
    return f"{key}: {message} (got {value}){f'; {remedy}' if remedy else ''}"


def _message(problem: ErrorDetails) -> str:
    return f"{_SHOULD}a list" if problem["type"] in _LISTS else problem["msg"].removeprefix("Value error, ")  # of pydantic


def _joined(messages: Sequence[str]) -> str:
    """Return one sentence of the messages about a value: "Input should be 'auto' or a valid number"."""
    if all(message.startswith(_SHOULD) for message in messages):
        return _SHOULD + " or ".join(message.removeprefix(_SHOULD) for message in messages)
    return "; ".join(messages)


def _shown(value: object) -> str:
    value = list(value) if isinstance(value, tuple) else value  # as it was written
    shown = reprlib.Repr()
    shown.maxstring = shown.maxother = _SHOWN
    return shown.repr(value)


def _remedy(kind: str, value: object) -> str:
    """Return how to write the value, where that is known."""
    if kind in _NUMBERS and isinstance(value, bool):
        return f"{str(value).lower()} is no number"
    if kind == "float_type" and isinstance(value, str) and value.endswith("%"):
        return _if_number(lambda: f"write a fraction, {float(value[:-1]) / 100:g}")
    if kind in _NUMBERS and isinstance(value, str):
        return _number_for(value)
    if kind == "bool_type" and isinstance(value, str) and value.lower() in _YES_OR_NO:
        return f"write {_YES_OR_NO[value.lower()]}"
    if kind == "string_type" and isinstance(value, int | float):
        return f'write it in quotes, "{json.dumps(value)}"'
    if kind in _LISTS and not isinstance(value, dict | list | None):
        return f"write a list, [{value if isinstance(value, str) else json.dumps(value)}]"
    return ""


def _number_for(text: str) -> str:
    """Return how to write a number that was written as text."""
    if text.lower() in _YES_OR_NO:
        return f"{text} is no number"
    if re.fullmatch(r"[-+]?0[0-9]+", text):
        octal = f", or {int(text, 8)} if it is octal" if re.fullmatch(r"[-+]?[0-7]+", text) else ""
        return f"write {int(text)}{octal}"
    if re.fullmatch(r"[0-9]+(:[0-5]?[0-9])+", text):
        return f"write a number without colons; YAML 1.1 reads {text} to the base 60"
    if re.fullmatch(r"0[xob][0-9a-fA-F]+", text) or re.fullmatch(r"[-+]?[0-9]+(_[0-9]+)+", text):
        return _if_number(lambda: f"write {int(text, 0)}")
    return _if_number(lambda: f"write it without quotes, {float(text):g}")


def _if_number(sentence: Callable[[], str]) -> str:
    try:
        return sentence()
    except ValueError:
        return ""
