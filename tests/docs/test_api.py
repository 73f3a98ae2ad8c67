"""The API reference: it builds without a warning, and every public name says what all of its parameters are."""

import dataclasses
import inspect
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdoc
import pytest
from pydantic import BaseModel

import fairgate
from scripts import api

FUNCTIONS = [name for name in fairgate.__all__ if inspect.isfunction(getattr(fairgate, name))]
CLASSES = [name for name in fairgate.__all__ if name not in FUNCTIONS]


def documented(text: str | None, section: str) -> set[str]:
    """The names that a section of a docstring explains; "a, b: text" explains both."""
    _, _, part = inspect.cleandoc(text or "").partition(f"\n{section}:\n")
    entries = re.findall(r"^    (\S[^:\n]*):", part.partition("\n\n")[0], re.MULTILINE)
    return {name.lstrip("*") for entry in entries for name in entry.split(", ")}


def parameters(function: Any) -> set[str]:
    return set(inspect.signature(function).parameters) - {"self", "cls"}


def fields(found: type) -> set[str]:
    """What a class is made of, and who makes it."""
    if issubclass(found, BaseModel):
        return set(found.model_fields)
    return {each.name for each in dataclasses.fields(found) if each.init} if dataclasses.is_dataclass(found) else set()


def methods(found: type) -> Iterator[Any]:
    for name, member in vars(found).items():
        function = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        if not name.startswith("_") and inspect.isfunction(function):
            yield function


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_documents_its_parameters(name: str) -> None:
    function = getattr(fairgate, name)
    assert function.__doc__
    assert parameters(function) - documented(function.__doc__, "Args") == set()


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_documents_its_attributes_and_methods(name: str) -> None:
    found = getattr(fairgate, name)
    explained = {each for base in found.__mro__ for each in documented(base.__doc__, "Attributes")}
    assert found.__doc__
    assert fields(found) - explained == set()
    assert {method.__name__ for method in methods(found) if parameters(method) - documented(method.__doc__, "Args")} == set()


def test_the_reference_has_every_public_name(tmp_path: Path) -> None:
    """As an anchor of its own."""
    text = api.write(tmp_path).read_text(encoding="utf-8")
    assert [name for name in fairgate.__all__ if f'id="{name}"' not in text] == []


def test_what_pdoc_cannot_document_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its warning ends the script."""
    monkeypatch.setattr(pdoc, "pdoc", lambda *_, **__: warnings.warn("Found 'x' in fairgate.__all__", stacklevel=1))
    with pytest.raises(UserWarning, match="Found 'x'"):
        api.write(tmp_path)
