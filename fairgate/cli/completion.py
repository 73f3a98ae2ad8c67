"""Complete names in the shell: of tasks, of their presets, and of the policies that they offer.

In: the beginning of a word, and what stands before it on the command line. Out: the names that begin so; none where the pipeline,
which knows the tasks, is not installed. `fairgate --install-completion` sets a shell up to ask.
"""

import importlib
from collections.abc import Sequence
from typing import Literal

import typer

from fairgate.cli import pipeline_commands

Kind = Literal["tasks", "presets", "policies", "recipes"]


def tasks(incomplete: str) -> list[str]:
    """Return the tasks whose names begin so."""
    return _beginning("tasks", incomplete)


def presets(context: typer.Context, incomplete: str) -> list[str]:
    """Return the presets of the task on the command line whose names begin so."""
    return _beginning("presets", incomplete, _words(context))


def policies(context: typer.Context, incomplete: str) -> list[str]:
    """Return the policy presets of the task on the command line whose names begin so."""
    return _beginning("policies", incomplete, _words(context))


def recipes(incomplete: str) -> list[str]:
    """Return the recipes of a candidate whose names begin so."""
    return _beginning("recipes", incomplete)


def _words(context: typer.Context) -> list[str]:
    """Return the words among which the task is; an option whose value is still missing leaves all of them in `args`."""
    given = (context.params.get("task"), context.params.get("target"), *context.args)
    return [str(word) for word in given if word]


def _beginning(kind: Kind, incomplete: str, words: Sequence[str] = ()) -> list[str]:
    if not pipeline_commands.is_present():
        return []
    names: list[str] = importlib.import_module(pipeline_commands.COMPLETION).names(kind, words)
    return [name for name in names if name.startswith(incomplete)]
