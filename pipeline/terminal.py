"""Terminal output of a run: a line per step, the verdict, a table of both models. Everything else goes to a log file.

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
from rich.table import Table

from fairgate.errors import InputError
from fairgate.gate.outcome import decisive
from fairgate.gate.verdict import Verdict
from fairgate.names import BASELINE, CANDIDATE

STYLES = {"blessed": "bold green", "refused": "bold red", "inconclusive": "bold yellow"}


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
        yield Console(file=terminal, highlight=False)


def _opened(log_file: Path) -> TextIO:
    try:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        return log_file.open("a", encoding="utf-8", buffering=1)
    except OSError as error:
        raise InputError(f"{log_file} cannot be written ({error.strerror}); name another folder with --root.") from None


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


def print_verdict(console: Console, verdict: Verdict) -> None:
    """Print the outcome, the reasons and the guarded metrics, baseline beside candidate."""
    console.print()
    console.print(f"[{STYLES[verdict.outcome]}]{verdict.outcome.upper()}[/]  {escape(verdict.summary)}")
    if verdict.outcome != "blessed":
        for rule in decisive(verdict.rules):
            console.print(f"  • {escape(rule.reason)}")
    console.print()
    console.print(_table(verdict))
    if verdict.data.generated:
        console.print(f"[dim]Data: {escape(verdict.data.source)}.[/]")


def _table(verdict: Verdict) -> Table:
    """Build the table of guarded metrics of both models, one row per slice that a rule judges, overall first."""
    guarded = _guarded(verdict)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("slice")
    table.add_column("n", justify="right")
    for metric, threshold in guarded:
        at = "" if threshold is None else f" @{threshold:g}"
        table.add_column(f"{metric.replace('_', ' ')}{at}\nbaseline → candidate", justify="right")
    lines = {(line.slice, line.model, line.threshold): line for line in verdict.slices}
    for name in _shown_slices(verdict):
        cells = []
        count = ""
        for metric, threshold in guarded:
            both = [lines.get((name, model, threshold)) for model in (BASELINE, CANDIDATE)]
            count = next((f"{line.n:,}" for line in both if line), count)
            cells.append(" → ".join(_number(line.metrics.get(metric)) if line else "–" for line in both))
        table.add_row(escape(name), count, *cells)
    return table


def _guarded(verdict: Verdict) -> list[tuple[str, float | None]]:
    """Return the metrics that rules judge and that were measured on slices; those of the counterfactual test were not."""
    measured = {metric for line in verdict.slices for metric in line.metrics}
    judged = dict.fromkeys((rule.metric, rule.threshold) for rule in verdict.rules if rule.metric in measured)
    return [(metric, threshold) for metric, threshold in judged if not metric.startswith("trivial")]


def _shown_slices(verdict: Verdict) -> list[str]:
    judged = {rule.slice.split(":")[0] for rule in verdict.rules if ":" in rule.slice}
    names = dict.fromkeys(line.slice for line in verdict.slices)
    return [name for name in names if ":" not in name or (name.split(":")[0] in judged and name.count(":") == 1)]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
