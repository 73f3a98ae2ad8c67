"""The register of tasks: one line each."""

from components.civil_comments.task import TASK as CIVIL_COMMENTS
from components.task import Task
from data.errors import InputError

TASKS = {task.name: task for task in (CIVIL_COMMENTS,)}


def find(name: str) -> Task:
    """The task of that name. Raises InputError, which lists the known ones."""
    if name not in TASKS:
        raise InputError(f"Unknown task {name!r}. Choose one of: {', '.join(TASKS)}.")
    return TASKS[name]
