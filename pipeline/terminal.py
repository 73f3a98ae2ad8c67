"""Terminal output of a run: a line per step; the verdict is shown by `fairgate.cli.summary`. Everything else goes to a log file.

TensorFlow and Beam write to the process's own standard output and error; `quiet` redirects both to the log file and keeps the
terminal for our output.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.status import Status

from fairgate.errors import InputError, os_reason


@contextmanager
def quiet(log_file: Path) -> Iterator[Console]:
    """Redirect all output of the process to `log_file` and yield a console on the original standard output.

    Log records of level INFO go to the file too. Call it before TensorFlow is imported, which reads its log level on import.

    Raises:
        InputError: the file cannot be written.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    with (
        _opened(log_file) as log,
        os.fdopen(os.dup(1), "w", encoding="utf-8") as terminal,
        _redirected(log.fileno()),
        _logged(log),
    ):
        yield Console(file=terminal, highlight=False, emoji=False)


def _opened(log_file: Path) -> TextIO:
    try:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        return log_file.open("a", encoding="utf-8", buffering=1)
    except OSError as error:
        raise InputError(f"{log_file} cannot be written ({os_reason(error)}); name another folder with --root.") from None


@contextmanager
def _redirected(target: int) -> Iterator[None]:
    """Redirect standard output and error to a file descriptor, for C++ code too."""
    _flush()
    kept = [(os.dup(descriptor), descriptor) for descriptor in (1, 2)]
    for _, descriptor in kept:
        os.dup2(target, descriptor)
    try:
        yield
    finally:
        _flush()
        for saved, descriptor in kept:
            os.dup2(saved, descriptor)
            os.close(saved)


@contextmanager
def _logged(log: TextIO) -> Iterator[None]:
    """Write log records and warnings to a file."""
    handler = logging.StreamHandler(log)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.setLevel(level)
        root.removeHandler(handler)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


@contextmanager
def transfers() -> Iterator[Callable[[str, int, int | None], None]]:
    """Show a progress bar per file; yield a callback that takes the file's name, the bytes so far and the size."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns) as bars:
        known: dict[str, TaskID] = {}

        def show(name: str, done: int, total: int | None) -> None:
            if name not in known:
                known[name] = bars.add_task(name, total=total)
            bars.update(known[name], completed=done, total=total)

        yield show


class Steps:
    """Prints a line per finished step, and on a terminal what is being worked on.

    Args:
        console: the console to print on.
    """

    def __init__(self, console: Console) -> None:
        """Store the console."""
        self._console = console
        self._status: Status | None = None

    def start(self, step: str) -> None:
        """Show that a step has started."""
        self.stop()
        if self._console.is_terminal:
            self._status = self._console.status(step)
            self._status.start()

    def end(self, step: str, seconds: float, note: str = "") -> None:
        """Print that a step has ended successfully."""
        self.stop()
        self._console.print(f"  [green]✓[/] {step:<20} {seconds:6.1f} s  [dim]{escape(note)}[/]")

    def stop(self) -> None:
        """Clear the status line."""
        if self._status is not None:
            self._status.stop()
            self._status = None
