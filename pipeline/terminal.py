"""Terminal output of a run: a line per step; the verdict is shown by `fairgate.cli.summary`. Everything else goes to a log file.

TensorFlow and Beam write to the process's own standard output and error; `quiet` redirects both to the log file and keeps the
terminal for our output.
"""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.status import Status
from rich.text import Text

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
        raise InputError(f"{log_file} cannot be written ({os_reason(error)}); name another folder with --root FOLDER.") from None


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


def elapsed(seconds: float) -> str:
    """Return a duration as "1:05", or "1:00:05"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class _Working:
    """What is being worked on: drawn anew many times a second, with the time that has passed.

    Args:
        step: the step, with its number.
        since: when all began, by the monotonic clock.
        rows: examples that the step reads; 0 where that is not known.
    """

    def __init__(self, step: str, since: float, rows: int) -> None:
        self._step, self._since, self._begun, self._rows = step, since, time.monotonic(), rows

    def __rich__(self) -> Text:
        now = time.monotonic()
        rows = f"  {self._rows:,} rows" if self._rows else ""
        return Text(f"{self._step}  {elapsed(now - self._begun)}{rows}  (since the start: {elapsed(now - self._since)})")


class Steps:
    """Prints a line per finished step, and on a terminal what is being worked on.

    Args:
        console: the console to print on.
    """

    def __init__(self, console: Console) -> None:
        """Store the console; the time that has elapsed is counted from now."""
        self._console = console
        self._status: Status | None = None
        self._since = time.monotonic()

    def start(self, step: str, counter: str = "", rows: int = 0) -> None:
        """Show that a step has started.

        Args:
            step: its name.
            counter: "9 of 15", if it is one of several.
            rows: examples that it reads; 0 where that is not known.
        """
        self.stop()
        if self._console.is_terminal:
            self._status = self._console.status(_Working(" ".join(filter(None, (counter, step))), self._since, rows))
            self._status.start()

    def end(self, step: str, seconds: float, note: str = "", counter: str = "") -> None:
        """Print that a step has ended successfully: its number, its name, its seconds, the time since the start of all."""
        self.stop()
        since = elapsed(time.monotonic() - self._since)
        line = f"  [green]✓[/] {counter:>8} {step:<20} {seconds:7.1f} s {since:>7}"
        line += f"  [dim]{escape(note)}[/]" if note else ""
        self._console.print(line, soft_wrap=True)

    def stop(self) -> None:
        """Clear the status line."""
        if self._status is not None:
            self._status.stop()
            self._status = None
