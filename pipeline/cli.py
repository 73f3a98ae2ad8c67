"""The command `fairgate`: parse, make a configuration, call. The only place that configures logging and prints.

Exit codes of `run`: 0 blessed and pushed, 1 refused, 2 inconclusive, 3 bad configuration or bad data, 70 a crash, 130
interrupted.
"""

import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from fairgate.cli import report, verify
from fairgate.errors import InputError
from pipeline import check as checks
from pipeline import config as configuration
from pipeline import tasks
from pipeline.commands import data_files, doctor, kubeflow_schedule, predict

INPUT_ERROR = 3
CRASHED = 70  # EX_SOFTWARE of sysexits.h: Python's own 1 would say "refused"
INTERRUPTED = 130  # typer's answer to Ctrl-C

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # importing rich's markup takes longer than everything else that --help does
    help="Trains models and lets only the good and fair ones through.",
)
app.add_typer(data_files.app, name="data")
app.add_typer(kubeflow_schedule.app, name="kubeflow")

TaskName = Annotated[
    str, typer.Argument(metavar="TASK", help=f"{', '.join(tasks.TASKS)} or an installed one.", show_default=False)
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="YAML file that replaces any part of the task's defaults.")
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Laid over the configuration, as in training.steps=500.")
]


@app.command()
def run(
    task: TaskName,
    train: Annotated[
        list[str] | None, typer.Option(metavar="FILES", help="CSV or TFRecord file or glob to train on. Repeatable.")
    ] = None,
    evaluation: Annotated[
        list[str] | None, typer.Option("--eval", metavar="FILES", help="The same, to evaluate on; without it TRAIN is split.")
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Generate a sample; needs no files and no network.")] = False,
    data_dir: Annotated[str | None, typer.Option(metavar="FOLDER", help="The image task's files.")] = None,
    preset: Annotated[str | None, typer.Option(metavar="NAME", help="Model preset of the image task.")] = None,
    candidate: Annotated[
        str | None, typer.Option(metavar="RECIPE", help="Of the candidate model: remediated or baseline.")
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="NUMBER", help="Of everything random.")] = None,
    config: ConfigFile = None,
    settings: Settings = None,
    root: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Of the run; runs/TASK by default.")] = None,
    beam_arg: Annotated[
        list[str] | None, typer.Option(metavar="OPTION", help="For Beam, as in --beam-arg=--direct_num_workers=2.")
    ] = None,
) -> None:
    """Run the pipeline on this machine: train both models, evaluate, decide, and publish a blessed candidate."""
    given = _present({"train": train, "eval": evaluation, "sample": sample or None, "data_dir": data_dir})
    values = {"input": given, "training": _present({"preset": preset}), "candidate": candidate, "seed": seed}
    run_config = configuration.load(task, configuration.Overrides(config, settings or (), _present(values)))
    _require(checks.problems(run_config) + run_config.input.lacking())
    from pipeline.commands import run

    raise typer.Exit(run.run(run_config, root or Path("runs") / task, tuple(beam_arg or ())))


@app.command()
def check(
    task: TaskName,
    config: ConfigFile = None,
    settings: Settings = None,
) -> None:
    """Check a configuration and its policy, in under a second."""
    run_config = configuration.load(task, configuration.Overrides(config, settings or ()))
    _require(checks.problems(run_config))
    typer.echo(f"{task}: the configuration and its policy of {len(run_config.policy.rules)} rules are in order.")


app.command()(predict.predict)
app.command()(report.report)
app.command()(verify.verify)
app.command()(doctor.doctor)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the command, which says what went wrong.

    Args:
        arguments: of the command; those of the process by default.
    """
    try:
        code = int(app(arguments, prog_name="fairgate", standalone_mode=False) or 0)
    except InputError as error:
        return _refuse(str(error))
    except typer.TyperException as error:  # typer would exit with 2, which says "inconclusive"
        return _refuse(error.format_message(), getattr(error, "ctx", None))
    except Exception:
        traceback.print_exc()
        return CRASHED
    if code == INTERRUPTED:
        typer.secho("Interrupted. What was finished is kept: the same command goes on from there.", err=True)
    return code


def _refuse(message: str, context: typer.Context | None = None) -> int:
    typer.secho(f"Error: {message}", fg=typer.colors.RED, err=True)
    if context:
        typer.secho(f"Try '{context.command_path} --help'.", err=True)
    return INPUT_ERROR


def _require(problems: list[str]) -> None:
    """Raises InputError when there are problems."""
    if len(problems) == 1:
        raise InputError(problems[0])
    if problems:
        raise InputError("\n".join([f"{len(problems)} problems", *(f"  - {problem}" for problem in problems)]))


def _present(values: dict[str, Any]) -> dict[str, Any]:
    """Without what was not given: nothing, or nothing inside."""
    return {key: value for key, value in values.items() if value is not None and value != {}}
