"""Find the pipeline, which is no part of the library: its modules are imported by name, and only where they are installed."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence

from fairgate.cli.exit_codes import INPUT_ERROR
from fairgate.errors import InputError

# The commands that it adds; its module REGISTER has a function `register(app)` that adds them.
COMMANDS = ("run", "prepare", "step", "collect", "data", "predict", "predictions", "doctor", "kubeflow", "airflow")
REGISTER = "pipeline.commands.register"
# Its `check_task(task, config, settings, policy, preset, columns)` checks the configuration of a task; returns what is in order;
# its `policies(task)` returns name -> policy; BUILT_IN are the names of tasks.
TASK_CHECK = "pipeline.commands.check"
# Its `names(kind, words)` returns the names that the shell completes.
COMPLETION = "pipeline.commands.completion"
# Its `main(arguments)` becomes a worker of Beam.
WORKER = "pipeline.worker"
# Its `source_digests()` returns name -> digest of every source file.
SOURCES = "pipeline.provenance"
_REMEDY = "get the sources of fairgate, type `make setup` there, and use `.venv/bin/fairgate`"


def is_present() -> bool:
    """Return whether the pipeline can be imported; another package of the name `pipeline` is not taken for it."""
    try:
        return importlib.util.find_spec("pipeline.commands") is not None
    except ModuleNotFoundError:  # there is no package `pipeline` at all
        return False


def missing(command: str) -> Callable[[], None]:
    """Return a function that answers for a command of the pipeline where there is no pipeline.

    Raises:
        InputError: always, when the returned function is called; it names the remedy.
    """

    def answer() -> None:
        raise InputError(f"`fairgate {command}` needs the pipeline, which is not installed with the library: {_REMEDY}.")

    return answer


def worker(arguments: Sequence[str] | None = None) -> int:
    """Become a worker of Beam, as `fairgate-worker`; returns an exit code where that is not possible.

    Args:
        arguments: command-line arguments (default: those of the process).
    """
    try:
        if not is_present():
            raise InputError(f"`fairgate-worker` needs the pipeline, which is not installed with the library: {_REMEDY}.")
        importlib.import_module(WORKER).main(sys.argv[1:] if arguments is None else arguments)
    except InputError as error:
        sys.stderr.write(f"Error: {error}\n")
    return INPUT_ERROR
