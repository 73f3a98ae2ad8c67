"""`fairgate prepare`, `fairgate step`, `fairgate collect`: a run whose steps somebody else starts, each as a process.

Out: exit codes as of `fairgate run`. A step that refuses a model has done its work: its code is 0, and that of `collect` is the
verdict's.
"""

import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from fairgate.cli.exit_codes import OUTCOMES
from fairgate.cli.group import examples
from fairgate.run_folder import LOGS, require_folder
from pipeline.config import RunConfig
from pipeline.engines.choice import EngineChoice

Root = Annotated[Path, typer.Argument(metavar="ROOT", help="Output directory of the prepared run.", show_default=False)]

PREPARE_EXAMPLES = examples(
    "fairgate prepare digits",
    "fairgate prepare civil-comments --train train.csv --root /data/run",
)
STEP_EXAMPLES = examples(
    "fairgate step runs/digits StatisticsGen",
    "fairgate step runs/digits TrainerCandidate",
)
COLLECT_EXAMPLES = examples("fairgate collect runs/digits")


def prepare(config: RunConfig, root: Path, choice: EngineChoice) -> int:
    """Prepare the data and print the steps that are to be run."""
    from rich.markup import escape

    from pipeline.commands import run as running

    with running.logged(_log_file(root, "prepare")) as console:
        with running.checked(config, root, choice, console) as steps:
            from pipeline import stepwise

            nodes = stepwise.prepare(config, root, choice, steps)
        console.print(f"{len(nodes)} steps are prepared; each needs those before it that it reads from:")
        for command in (*(f"step {root} {node}" for node in nodes), f"collect {root}"):
            console.print(f"    fairgate {escape(command)}", soft_wrap=True)
    return 0


def step(
    root: Root,
    node: Annotated[str, typer.Argument(metavar="NODE", help="Step, as `fairgate prepare` lists them.", show_default=False)],
) -> None:
    """Run one step of a prepared run.

    What the cache has is taken from there. A step that has finished in this run does nothing; one that has failed, or was killed,
    starts again. Steps that do not need each other may run at the same time.
    """
    from pipeline import prepared
    from pipeline.commands import run as running

    prepared.read(require_folder(root), node)  # without TFX, in a second
    with running.logged(_log_file(root, node)) as console, running.progress(console) as (steps, log):
        running.load_tfx(steps, time.monotonic())
        from pipeline import stepwise

        if not stepwise.step(root, node, log):
            console.print(f"{node} has finished in this run already.")


def collect(root: Root) -> None:
    """Write the report of a prepared run.

    All of its steps must have finished. The exit code is the verdict's, as that of `fairgate run`.
    """
    from pipeline import prepared
    from pipeline.commands import run as running

    prepared.read(require_folder(root))
    with running.logged(_log_file(root, "collect")) as console:
        with running.progress(console) as (steps, _):
            running.load_tfx(steps, time.monotonic())
            from pipeline import stepwise

            result = stepwise.collect(root)
        running.show(result, root, console)
    raise typer.Exit(OUTCOMES[result.verdict.outcome])


def _log_file(root: Path, step: str) -> Path:
    return root / LOGS / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{step}.log"
