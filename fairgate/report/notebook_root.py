"""Find the run that a notebook shows: the environment variable FAIRGATE_ROOT, or the notebook's own default."""

import os
from collections.abc import Sequence
from pathlib import Path

from fairgate.errors import InputError
from fairgate.report.reader import load
from fairgate.run_folder import REPORTS

VARIABLE = "FAIRGATE_ROOT"
_NOTEBOOKS = {"civil-comments": "inspect", "digits": "images", "fashion-mnist": "images"}


def notebook_root(default: str | Path, tasks: Sequence[str]) -> str:
    """Return the root folder whose newest run a notebook shows.

    Args:
        default: where no environment variable names another.
        tasks: whose runs the notebook can show.

    Raises:
        InputError: there is no run, or it is of another task; says what to set or to run.
    """
    root = os.environ.get(VARIABLE, str(default))
    chosen = f"set {VARIABLE} to the root folder of a run of {' or '.join(tasks)}"
    command = f"make one: fairgate run {tasks[0]} --root {root}"
    try:
        found = load(root)
    except InputError as error:
        raise InputError(f"{error} This notebook shows a run: {chosen}, or {command}") from None
    task = found.verdict.task
    if task not in tasks:
        other = f"notebooks/{_NOTEBOOKS[task]}.ipynb shows it; here, " if task in _NOTEBOOKS else ""
        raise InputError(f"{root} holds a run of {task}, and this notebook shows {' or '.join(tasks)}: {other}{chosen}.")
    if not (Path(root) / REPORTS).is_dir():
        raise InputError(f"{root} is the folder of one report; name the root folder that holds it: {chosen}.")
    return root
