"""List the names that the shell completes: tasks, their presets, their policies, the recipes of a candidate."""

from collections.abc import Sequence
from typing import get_args

from components.tasks.base import CandidateRecipe
from fairgate.cli.completion import Kind
from pipeline import config, tasks


def names(kind: Kind, words: Sequence[str] = ()) -> list[str]:
    """Return the names of a kind.

    Args:
        kind: what is completed.
        words: of the command line; presets and policies are those of the first task among them.
    """
    if kind == "tasks":
        return tasks.names()
    if kind == "recipes":
        return list(get_args(CandidateRecipe))
    named = next((word for word in words if word in tasks.names()), None)
    if named is None:
        return []
    task = tasks.find(named)
    return list(task.presets if kind == "presets" else config.policies(task))
