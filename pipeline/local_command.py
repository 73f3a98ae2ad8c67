"""`fairgate run`: a run on this machine as a person sees it. Out: the exit code of the outcome."""

import logging
import time
from datetime import datetime, timezone
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from components.gate.outcome import EXIT_CODES
from data.errors import InputError
from pipeline.config import RunConfig
from pipeline.progress import StepEnd, StepLog
from pipeline.terminal import Steps, print_verdict, quiet

logger = logging.getLogger(__name__)


def run(config: RunConfig, root: Path, beam_args: tuple[str, ...]) -> int:
    """Runs and shows the progress and the verdict.

    Raises:
        InputError: as `pipeline.local.run`.
        RuntimeError: anything else went wrong; the log holds the traceback.
    """
    log_file = root / "logs" / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}.log"
    try:
        with quiet(log_file) as console:
            return _run(config, root, beam_args, console)
    except InputError:
        raise
    except Exception as error:
        raise RuntimeError(f"The run crashed ({type(error).__name__}: {error}). The log is in {log_file}.") from None


def _run(config: RunConfig, root: Path, beam_args: tuple[str, ...], console: Console) -> int:
    started = time.monotonic()
    console.print(f"[bold]{config.task}[/] in {escape(str(root))}", soft_wrap=True)  # a path is never broken
    steps = Steps(console)

    def end(step: StepEnd) -> None:
        steps.end(step.step, step.seconds, "from cache" if step.cached else "")
        for warning in step.warnings:
            console.print(f"    [yellow]![/] {escape(warning)}", soft_wrap=True)

    try:
        steps.start("Loading TFX and TensorFlow")
        from pipeline import local

        steps.end("Load", time.monotonic() - started)
        result = local.run(config, root, beam_args, StepLog(steps.start, end))
    except Exception:
        logger.exception("The run failed.")
        raise
    finally:
        steps.stop()
    print_verdict(console, result.verdict)
    console.print(f"Model:  {escape(str(result.pushed or 'not published'))}", soft_wrap=True)
    console.print(f"Report: {escape(str(result.report))}", soft_wrap=True)
    console.print(f"Time:   {time.monotonic() - started:.0f} s")
    return EXIT_CODES[result.verdict.outcome]
