"""The command `fairgate`: parse, make a configuration, call. The only place that configures logging and prints.

Exit codes of `run`: 0 blessed and pushed, 1 refused, 2 inconclusive, 3 bad configuration or bad data.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from data.errors import InputError
from pipeline import config as configuration
from pipeline import tasks

INPUT_ERROR = 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Trains models and lets only the good and fair ones through.",
)

TaskName = Annotated[str, typer.Argument(help=f"One of: {', '.join(tasks.TASKS)}.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="YAML file that replaces any part of the task's defaults.")]
Settings = Annotated[list[str] | None, typer.Option("--set", help="key.key=value, laid over the configuration. Repeatable.")]


@app.command()
def run(
    task: TaskName,
    train: Annotated[list[str] | None, typer.Option(help="CSV or TFRecord files or globs to train on. Repeatable.")] = None,
    evaluation: Annotated[
        list[str] | None, typer.Option("--eval", help="The same, to evaluate on; without them TRAIN is split.")
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Generate a sample; needs no files and no network.")] = False,
    data_dir: Annotated[str | None, typer.Option(help="Folder of the image task's files.")] = None,
    preset: Annotated[str | None, typer.Option(help="Model preset of the image task.")] = None,
    candidate: Annotated[str | None, typer.Option(help="Recipe of the candidate: remediated or baseline.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random.")] = None,
    config: ConfigFile = None,
    settings: Settings = None,
    root: Annotated[Path | None, typer.Option(help="Folder of the run; runs/TASK by default.")] = None,
    beam_arg: Annotated[
        list[str] | None, typer.Option(help="Beam option, as in --beam-arg=--direct_num_workers=2. Repeatable.")
    ] = None,
) -> None:
    """Run the pipeline on this machine: train both models, evaluate, decide, and publish a blessed candidate."""
    given = {"train": train, "eval": evaluation, "sample": sample or None, "data_dir": data_dir}
    values: dict[str, Any] = {
        "input": _present(given),
        "training": _present({"preset": preset}),
        **_present({"candidate": candidate, "seed": seed}),
    }
    run_config = configuration.load(task, configuration.Overrides(config, settings or (), values))
    from pipeline import local_command

    raise typer.Exit(local_command.run(run_config, root or Path("runs") / task, tuple(beam_arg or ())))


@app.command()
def check(
    task: TaskName,
    config: ConfigFile = None,
    settings: Settings = None,
) -> None:
    """Check a configuration and its policy, in under a second."""
    from pipeline import check as checks

    run_config = configuration.load(task, configuration.Overrides(config, settings or ()))
    problems = checks.problems(run_config)
    if problems:
        raise InputError("\n".join(problems))
    typer.echo(f"{task}: the configuration and its policy of {len(run_config.policy.rules)} rules are in order.")


def main() -> None:
    """Entry point: turns an InputError into its message and exit code 3."""
    sys.exit(_guarded(lambda: app(standalone_mode=False)))


def _guarded(call: Callable[[], Any]) -> int:
    try:
        return int(call() or 0)
    except InputError as error:
        typer.secho(f"Error: {error}", fg=typer.colors.RED, err=True)
        return INPUT_ERROR
    except KeyboardInterrupt:
        typer.secho("Interrupted. What was finished is kept: the same command goes on from there.", err=True)
        return 130


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
