"""The command `fairgate`: parse the arguments, build a configuration, call. The only module that configures logging and prints.

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
    rich_markup_mode=None,  # importing rich's markup takes longer than the rest of --help
    help="Train models, and publish only those that a written policy finds good and fair enough.",
)
app.add_typer(data_files.app, name="data")
app.add_typer(kubeflow_schedule.app, name="kubeflow")

TaskName = Annotated[
    str, typer.Argument(metavar="TASK", help=f"Task: {', '.join(tasks.TASKS)}, or an installed one.", show_default=False)
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="YAML file with settings that replace the task's defaults.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set one configuration value, for example training.steps=500. Repeatable."),
]


@app.command()
def run(
    task: TaskName,
    train: Annotated[
        list[str] | None, typer.Option(metavar="FILES", help="Training files: CSV or TFRecord, path or glob. Repeatable.")
    ] = None,
    evaluation: Annotated[
        list[str] | None,
        typer.Option("--eval", metavar="FILES", help="Evaluation files (default: a share of the training files). Repeatable."),
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Use generated comments; needs no files and no network.")] = False,
    data_dir: Annotated[str | None, typer.Option(metavar="FOLDER", help="Folder with the image files.")] = None,
    preset: Annotated[str | None, typer.Option(metavar="NAME", help="Model preset of an image task.")] = None,
    candidate: Annotated[
        str | None, typer.Option(metavar="RECIPE", help="Recipe of the candidate: remediated or baseline.")
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="NUMBER", help="Random seed.")] = None,
    config: ConfigFile = None,
    settings: Settings = None,
    root: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Output directory (default: runs/TASK).")] = None,
    beam_arg: Annotated[
        list[str] | None,
        typer.Option(metavar="OPTION", help="Option for Beam, for example --beam-arg=--direct_num_workers=2. Repeatable."),
    ] = None,
) -> None:
    """Run the pipeline on this machine: train both models, evaluate, decide, and publish a blessed candidate."""
    given = _present({"train": train, "eval": evaluation, "sample": sample or None, "data_dir": data_dir})
    values = {"input": given, "training": _present({"preset": preset}), "candidate": candidate, "seed": seed}
    run_config = configuration.load(task, configuration.Overrides(config, settings or (), _present(values)))
    _require(checks.problems(run_config) + run_config.input.missing_inputs())
    from pipeline.commands import run

    raise typer.Exit(run.run(run_config, root or Path("runs") / task, tuple(beam_arg or ())))


@app.command()
def check(
    task: TaskName,
    config: ConfigFile = None,
    settings: Settings = None,
) -> None:
    """Check the configuration and the policy of a task; takes under a second."""
    run_config = configuration.load(task, configuration.Overrides(config, settings or ()))
    _require(checks.problems(run_config))
    typer.echo(f"{task}: the configuration and its policy of {len(run_config.policy.rules)} rules are in order.")


app.command()(predict.predict)
app.command()(report.report)
app.command()(verify.verify)
app.command()(doctor.doctor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: command-line arguments (default: those of the process).
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
        typer.secho("Interrupted. Finished steps are kept: the same command continues from there.", err=True)
    return code


def _refuse(message: str, context: typer.Context | None = None) -> int:
    typer.secho(f"Error: {message}", fg=typer.colors.RED, err=True)
    if context:
        typer.secho(f"Try '{context.command_path} --help'.", err=True)
    return INPUT_ERROR


def _require(problems: list[str]) -> None:
    """Raise InputError if there are problems."""
    if len(problems) == 1:
        raise InputError(problems[0])
    if problems:
        raise InputError("\n".join([f"{len(problems)} problems", *(f"  - {problem}" for problem in problems)]))


def _present(values: dict[str, Any]) -> dict[str, Any]:
    """Return the mapping without values that were not given and without empty parts."""
    return {key: value for key, value in values.items() if value is not None and value != {}}
