"""The register of tasks: one line each."""

from components.civil_comments.task import TASK as CIVIL_COMMENTS
from components.fashion_mnist.task import DIGITS
from components.fashion_mnist.task import TASK as FASHION_MNIST
from components.task import Task
from data.errors import InputError

TASKS = {task.name: task for task in (CIVIL_COMMENTS, FASHION_MNIST, DIGITS)}


def find(name: str) -> Task:
    """The task of that name. Raises InputError, which lists the known ones."""
    if name not in TASKS:
        raise InputError(f"Unknown task {name!r}. Choose one of: {', '.join(TASKS)}.")
    return TASKS[name]
