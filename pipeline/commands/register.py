"""The pipeline's commands: parse the arguments, build a configuration, call.

In: the command of the library, which imports this module where it is installed. Out: that command, with the pipeline's added.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from fairgate import yaml_files
from fairgate.cli.check import JUnitInconclusive, JUnitPath, require
from fairgate.gate.junit import JUnitFile
from pipeline import check as checks
from pipeline import config as configuration
from pipeline import tasks
from pipeline.commands import data_files, doctor, kubeflow_schedule, predict

TaskName = Annotated[
    str, typer.Argument(metavar="TASK", help=f"Task: {', '.join(tasks.TASKS)}, or an installed one.", show_default=False)
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="YAML file with settings that replace the task's defaults.")
]
Preset = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Preset of the task: model, training and policy at once. All other options take precedence."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set one configuration value, for example training.steps=500. Repeatable."),
]

# "\b" keeps the lines of the block that it begins as they are.
RUN_EPILOG = """
\b
Examples:
  fairgate run civil-comments --sample                      generated comments
  fairgate run civil-comments --sample --preset exercise    the published exercise
  fairgate run civil-comments --train train.csv --policy strict
  fairgate run fashion-mnist --preset cnn --data-dir FOLDER

\b
Exit codes:
  0  blessed and published        2  inconclusive: not enough data to decide
  1  refused                      3  bad input or configuration
"""


def run(
    task: TaskName,
    train: Annotated[
        list[str] | None, typer.Option(metavar="FILES", help="Training files: CSV or TFRecord, path or glob. Repeatable.")
    ] = None,
    evaluation: Annotated[
        list[str] | None,
        typer.Option("--eval", metavar="FILES", help="Evaluation files (default: a share of the training files). Repeatable."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KNOWN=NAME,…",
            help="Columns of the files, for example text=comment,label=rating,gender=sex. Repeatable.",
        ),
    ] = None,
    ignored: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore-column",
            metavar="NAME",
            help="Do not read the column NAME, nor take it for a misspelt known one. Repeatable.",
        ),
    ] = None,
    tagged: Annotated[
        bool,
        typer.Option("--tag-identities", help="Tag by a list of words the identities of which the files have no column."),
    ] = False,
    sample: Annotated[bool, typer.Option("--sample", help="Use generated comments; needs no files and no network.")] = False,
    data_dir: Annotated[str | None, typer.Option(metavar="FOLDER", help="Folder with the image files.")] = None,
    preset: Preset = None,
    candidate: Annotated[
        str | None, typer.Option(metavar="RECIPE", help="Recipe of the candidate: remediated or baseline.")
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="NUMBER", help="Random seed.")] = None,
    config: ConfigFile = None,
    policy: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Policy preset of the task, or YAML file with a policy.")
    ] = None,
    settings: Settings = None,
    root: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Output directory (default: runs/TASK).")] = None,
    beam_arg: Annotated[
        list[str] | None,
        typer.Option(metavar="OPTION", help="Option for Beam, for example --beam-arg=--direct_num_workers=2. Repeatable."),
    ] = None,
    junit: JUnitPath = None,
    junit_inconclusive: JUnitInconclusive = "failure",
) -> None:
    """Run the pipeline on this machine: train both models, evaluate, decide, and publish a blessed candidate."""
    given = configuration.input_values(
        train=train,
        eval=evaluation,
        sample=sample,
        data_dir=data_dir,
        columns=columns,
        ignored_columns=ignored,
        tag_identities=tagged,
    )
    values: dict[str, Any] = {"input": given, "preset": preset, "candidate": candidate}
    if seed is not None:
        values["seed"] = yaml_files.parse(seed, "--seed").value
    run_config = configuration.load(task, configuration.Overrides(config, settings or (), _present(values), policy))
    require(checks.problems(run_config) + checks.publishing_problems(run_config) + run_config.input.missing_inputs())
    from pipeline.commands import run

    report = JUnitFile(junit, junit_inconclusive) if junit else None
    raise typer.Exit(run.run(run_config, root or Path("runs") / task, tuple(beam_arg or ()), report))


def register(app: typer.Typer) -> None:
    """Add all commands of the pipeline."""
    app.command(epilog=RUN_EPILOG)(run)
    app.add_typer(data_files.app, name="data")
    app.command()(predict.predict)
    app.command()(doctor.doctor)
    app.add_typer(kubeflow_schedule.app, name="kubeflow")


def _present(values: dict[str, Any]) -> dict[str, Any]:
    """Return the mapping without values that were not given and without empty parts."""
    return {key: value for key, value in values.items() if value is not None and value != {}}
