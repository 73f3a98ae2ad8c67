"""`fairgate run`: run the pipeline on this machine, show its progress, and report its outcome.

Out: the exit code of the outcome; an alert if one is configured for this outcome.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from fairgate.cli.exit_codes import OUTCOMES
from fairgate.cli.summary import print_next_steps, print_verdict
from fairgate.errors import InputError
from fairgate.gate.junit import JUnitFile
from fairgate.gate.next_steps import next_steps
from fairgate.run_folder import LATEST, LOGS
from pipeline import alerts, preflight
from pipeline.config import RunConfig
from pipeline.engines.choice import EngineChoice
from pipeline.progress import StepEnd, StepLog, StepStart
from pipeline.terminal import Steps, quiet

if TYPE_CHECKING:  # it imports TFX
    from pipeline.local import RunResult

logger = logging.getLogger(__name__)


def run(config: RunConfig, root: Path, choice: EngineChoice, junit: JUnitFile | None = None) -> int:
    """Run the pipeline and show its progress and verdict.

    Args:
        config: of the run.
        root: the output directory.
        choice: where the work inside the Beam steps is done.
        junit: file for the verdict as JUnit XML; it is written whatever the outcome, also of a run that fails.

    Raises:
        InputError: as `pipeline.local.run`.
        RuntimeError: anything else went wrong; the log holds the traceback.
    """
    log_file = root / LOGS / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}.log"
    with logged(log_file) as console:
        return run_and_notify(config, root, choice, console, log_file, junit)


@contextmanager
def logged(log_file: Path) -> Iterator[Console]:
    """Send all output of the process to the log file, and yield a console on the terminal.

    Raises:
        InputError: raised by what is done meanwhile, or the file cannot be written.
        RuntimeError: anything else went wrong; the log holds the traceback.
    """
    try:
        with quiet(log_file) as console:
            try:
                yield console
            except Exception:
                logger.exception("The run failed.")
                raise
    except InputError:
        raise
    except Exception as error:
        raise RuntimeError(f"The run crashed ({type(error).__name__}: {error}). The log is in {log_file}.") from None


def run_and_notify(
    config: RunConfig,
    root: Path,
    choice: EngineChoice,
    console: Console,
    log_file: Path,
    junit: JUnitFile | None = None,
) -> int:
    """Run the pipeline and send one notification, whatever the outcome."""
    started = time.monotonic()
    console.print(f"[bold]{config.task}[/] in {escape(str(root))}", soft_wrap=True)  # do not break paths
    for warning in config.training.without_effect():
        console.print(f"    [yellow]![/] {escape(warning)}", soft_wrap=True)
    result = None
    if junit:
        junit.prepare()
    try:
        result = _run(config, root, choice, console)
        if junit:
            junit.write(result.verdict)
        show(result, root, console)
    except Exception as error:
        if junit and result is None:
            junit.write_error(config.task, error)
        if result is None:
            _show_no_report(root, console)
        notify(config, alerts.of_error(config.task, error, root, log_file), console)
        raise
    notify(config, alerts.of_verdict(result.verdict, root, result.report), console)
    console.print(f"Time:   {time.monotonic() - started:.0f} s")
    return OUTCOMES[result.verdict.outcome]


def _run(config: RunConfig, root: Path, choice: EngineChoice, console: Console) -> "RunResult":
    with checked(config, root, choice, console) as steps:
        from pipeline import local
        from pipeline.engines.engaged import engaged

        with engaged(choice, root / LOGS) as beam_args:
            return local.run(config, root, beam_args, steps, choice)


@contextmanager
def checked(config: RunConfig, root: Path, choice: EngineChoice, console: Console) -> Iterator[StepLog]:
    """Check the input and the engine, load TFX, and yield what prints the progress of the steps that follow."""
    with progress(console) as (steps, log):
        started = time.monotonic()
        steps.start("Checking the input")
        preflight.check(config, root)
        choice.check()
        load_tfx(steps, started)
        yield log


def load_tfx(steps: Steps, started: float) -> None:
    """Import TFX and show how long that took."""
    steps.start("Loading TFX and TensorFlow")
    from pipeline import local  # noqa: F401  # it imports all of them

    steps.end("Load", time.monotonic() - started)


@contextmanager
def progress(console: Console) -> Iterator[tuple[Steps, StepLog]]:
    """Yield what prints a line per step, and what follows the steps of a run to tell it."""
    steps = Steps(console)

    def start(step: StepStart) -> None:
        steps.start(step.step, step.counter, step.rows)

    def end(step: StepEnd) -> None:
        rows = f"{step.rows:,} rows" if step.rows else ""
        told = ", ".join(filter(None, (rows, "from cache" if step.cached else "")))
        steps.end(step.step, step.seconds, told, step.counter)
        for note in step.notes:
            console.print(f"    {escape(note)}", soft_wrap=True)
        for warning in step.warnings:
            console.print(f"    [yellow]![/] {escape(warning)}", soft_wrap=True)

    try:
        yield steps, StepLog(start, end)
    finally:
        steps.stop()


def show(result: "RunResult", root: Path, console: Console) -> None:
    """Print the verdict, where model and report are, and what to do next."""
    print_verdict(console, result.verdict)
    console.print(f"Model:  {escape(str(result.pushed or 'not published'))}", soft_wrap=True)
    console.print(f"Report: {escape(str(result.report))}", soft_wrap=True)
    print_next_steps(console, next_steps(result.verdict, str(root), str(result.report)))


def _show_no_report(root: Path, console: Console) -> None:
    """Print that a failed run has no verdict and no report, where the root has those of an earlier run."""
    latest = root / LATEST
    if latest.exists():
        words = f"Report: none of this run; {latest} is still that of the run {latest.resolve().name}"
        console.print(escape(words), soft_wrap=True)


def notify(config: RunConfig, ending: alerts.Ending, console: Console) -> None:
    """Send the ending to the configured webhook and print the result, if there is one."""
    from pipeline import webhook

    answer = webhook.send(config.alerts, ending)
    if answer:
        console.print(f"Alert:  {escape(answer)}", soft_wrap=True)
