"""The register of tasks: one line for each built-in task, and an entry point for each task installed beside fairgate.

Another distribution adds a task without a change here:

    [project.entry-points."fairgate.tasks"]
    loan-approval = "loan_approval.task:TASK"

Entry points are read only for names that are not built in: reading those of all distributions takes 50 ms.
"""

from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

from components.tasks.base import Task
from components.tasks.civil_comments.task import TASK as CIVIL_COMMENTS
from components.tasks.images.task import DIGITS
from components.tasks.images.task import TASK as FASHION_MNIST
from fairgate.errors import InputError

GROUP = "fairgate.tasks"
TASKS = {task.name: task for task in (CIVIL_COMMENTS, FASHION_MNIST, DIGITS)}


def names() -> list[str]:
    """Return the names of all tasks: built-in ones, then installed ones, which cannot replace a built-in name."""
    return [*TASKS, *sorted({point.name for point in entry_points(group=GROUP)} - TASKS.keys())]


def pipeline_name(task: str) -> str:
    """Return the name of a task's pipeline in metadata and on clusters."""
    return f"fairgate-{task}"


def find(name: str) -> Task:
    """Return the task of that name.

    Raises:
        InputError: an unknown name (the message lists the known ones), or an installed task that cannot be used.
    """
    if name in TASKS:
        return TASKS[name]
    points = list(entry_points(group=GROUP, name=name))
    if not points:
        near = get_close_matches(name, names(), n=1)
        guess = f"Did you mean {near[0]!r}? " if near else ""
        raise InputError(f"Unknown task {name!r}. {guess}Choose one of: {', '.join(names())}.")
    if len(points) > 1:
        places = ", ".join(sorted(_place(point) for point in points))
        raise InputError(f"Several distributions provide a task {name!r}: {places}. Uninstall all but one.")
    return _load(points[0])


def _load(point: EntryPoint) -> Task:
    try:
        task = point.load()
    except (ImportError, AttributeError) as error:
        raise InputError(f"The task {point.name!r} cannot be loaded from {_place(point)}: {error}. Install it again.") from error
    if not isinstance(task, Task) or task.name != point.name:
        found = f"the task {task.name!r}" if isinstance(task, Task) else f"of type {type(task).__name__}"
        raise InputError(f"{_place(point)} should be the task {point.name!r}, but is {found}. Correct its entry point.")
    return task


def _place(point: EntryPoint) -> str:
    return f"{point.value} of {point.dist.name if point.dist else 'an unnamed distribution'}"
