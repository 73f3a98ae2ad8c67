"""The pipeline's commands: parse the arguments, build a configuration, call.

In: the command of the library, which imports this module where it is installed. Out: that command, with the pipeline's added.
"""

import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from fairgate import yaml_files
from fairgate.cli import completion
from fairgate.cli.check import JUnitInconclusive, JUnitPath, require
from fairgate.gate.junit import JUnitFile
from pipeline import check as checks
from pipeline import config as configuration
from pipeline import tasks
from pipeline.commands import airflow, data_files, doctor, kubeflow_schedule, predict, predictions, steps
from pipeline.engines.choice import STALL, WORKER_DEADLINE, EngineChoice

TaskName = Annotated[
    str,
    typer.Argument(
        metavar="TASK",
        help=f"Task: {', '.join(tasks.TASKS)}, or an installed one.",
        show_default=False,
        autocompletion=completion.tasks,
    ),
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="YAML file with settings that replace the task's defaults.")
]
Preset = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Preset of the task: model, training and policy at once. All other options take precedence.",
        autocompletion=completion.presets,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Set one configuration value, for example policy.min_examples=30. Repeatable."
    ),
]

# "\b" keeps the lines of the block that it begins as they are.
_EXAMPLES = """
\b
Examples:
  fairgate run digits                                     no files, no network
  fairgate run civil-comments --sample                    generated comments
  fairgate run civil-comments --sample --preset exercise  the published model
  fairgate run civil-comments --train 'train-*.csv' --eval test.csv
  fairgate run civil-comments --train train.csv --policy strict
  fairgate run fashion-mnist --preset cnn --data-dir FOLDER
  fairgate run digits --set policy.min_examples=30 --root runs/trial
  fairgate run digits --engine flink://localhost:8081     on a cluster
"""
_EXIT_CODES = """
\b
Exit codes:
  0    blessed: the candidate is published
  1    refused: a rule is broken
  2    inconclusive: not enough data to decide
  3    bad input or configuration, or a fault of the machine; the message
       names the remedy
  70   a crash; the log has the details
  130  interrupted: the same command continues from there
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
    delimiter: Annotated[
        str | None, typer.Option(metavar="CHARACTER", help="Separator of the files' cells: , ; tab or | (default: detected).")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Encoding of the files, for example cp1252 (default: UTF-8, or by its mark)."),
    ] = None,
    tagged: Annotated[
        bool,
        typer.Option("--tag-identities", help="Tag by a list of words the identities of which the files have no column."),
    ] = False,
    sample: Annotated[bool, typer.Option("--sample", help="Use generated comments; needs no files and no network.")] = False,
    data_dir: Annotated[str | None, typer.Option(metavar="FOLDER", help="Folder with the image files.")] = None,
    preset: Preset = None,
    published: Annotated[
        bool, typer.Option("--published", help="Show the task's published results beside this run's in the report.")
    ] = False,
    candidate: Annotated[
        str | None,
        typer.Option(
            metavar="RECIPE",
            help="Recipe of the candidate: remediated or baseline (default: remediated).",
            autocompletion=completion.recipes,
        ),
    ] = None,
    seed: Annotated[str | None, typer.Option(metavar="NUMBER", help="Random seed (default: 1).")] = None,
    config: ConfigFile = None,
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Policy preset of the task, or YAML file with a policy.",
            autocompletion=completion.policies,
        ),
    ] = None,
    settings: Settings = None,
    root: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Output directory (default: runs/TASK).")] = None,
    beam_arg: Annotated[
        list[str] | None,
        typer.Option(metavar="OPTION", help="Option for Beam. Repeatable. For instance so: --beam-arg=--direct_num_workers=2"),
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Cluster for the Beam steps: flink://HOST:8081 or spark://HOST:7077 (default: this machine).",
            show_default=False,
        ),
    ] = "",
    job_endpoint: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT",
            help="Beam job server of the cluster that runs already (default: one is started beside the run).",
            show_default=False,
        ),
    ] = "",
    stall: Annotated[
        float, typer.Option(metavar="MINUTES", help="Minutes without progress of the cluster, after which its job is cancelled.")
    ] = STALL,
    worker_deadline: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="Seconds in which the workers must answer the check that comes before the steps."),
    ] = WORKER_DEADLINE,
    junit: JUnitPath = None,
    junit_inconclusive: JUnitInconclusive = "failure",
) -> None:
    """Train, evaluate and decide; publish a blessed candidate.

    Everything runs on this machine, or the Beam steps on a cluster. A second run takes from the cache every step whose code, data
    and configuration are the same, wherever it was run.
    """
    run_config, folder, choice = _configured(locals())
    from pipeline.commands import run

    report = JUnitFile(junit, junit_inconclusive) if junit else None
    raise typer.Exit(run.run(run_config, folder, choice, report))


def prepare(**options: Any) -> None:
    """Prepare a run, to be run step by step.

    For schedulers that start each step as a process of its own: converts the data, writes configuration and graph to the root,
    and prints the steps, each as the command that runs it. `fairgate step ROOT list` names them again, as any name that is no
    step does. `fairgate collect` writes the report.
    """
    run_config, folder, choice = _configured(options)
    raise typer.Exit(steps.prepare(run_config, folder, choice))


def _take_options_of_run(command: Callable[..., None]) -> None:
    """Give a command the options of `fairgate run`, except those of its verdict."""
    taken = inspect.signature(run)
    kept = [parameter for name, parameter in taken.parameters.items() if not name.startswith("junit")]
    command.__signature__ = taken.replace(parameters=kept)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in kept}


_take_options_of_run(prepare)


def _parsed(arguments: list[str]) -> Mapping[str, Any]:
    """Return the options of `fairgate prepare` that these arguments mean."""
    commands = typer.Typer(rich_markup_mode=None)
    commands.command(name="prepare")(prepare)
    return typer.main.get_command(commands).make_context("fairgate prepare", arguments).params


def _configured(options: Mapping[str, Any]) -> tuple[configuration.RunConfig, Path, EngineChoice]:
    """Return configuration, root and engine of a run from the options of its command.

    Raises:
        InputError: a mistake in them, or an input that is missing.
    """
    given = configuration.input_values(
        train=options["train"],
        eval=options["evaluation"],
        sample=options["sample"],
        data_dir=options["data_dir"],
        columns=options["columns"],
        ignored_columns=options["ignored"],
        delimiter=options["delimiter"],
        encoding=options["encoding"],
        tag_identities=options["tagged"],
    )
    values: dict[str, Any] = {"input": given, "preset": options["preset"], "candidate": options["candidate"]}
    if options["published"]:
        values["published"] = True
    if options["seed"] is not None:
        values["seed"] = yaml_files.parse(options["seed"], "--seed").value
    overrides = configuration.Overrides(options["config"], options["settings"] or (), _present(values), options["policy"])
    run_config = configuration.load(options["task"], overrides)
    require(checks.problems(run_config) + checks.publishing_problems(run_config) + run_config.input.missing_inputs())
    choice = EngineChoice(
        beam_args=tuple(options["beam_arg"] or ()),
        address=options["engine"],
        job_endpoint=options["job_endpoint"],
        stall=options["stall"],
        worker_deadline=options["worker_deadline"],
    )
    return run_config, options["root"] or Path("runs") / options["task"], choice


def run_epilog() -> str:
    """Return what ends the help of `fairgate run`: examples, the presets of each task, exit codes."""
    named = {name: task.presets for name, task in tasks.TASKS.items()}
    policies = {name: configuration.policies(task) for name, task in tasks.TASKS.items()}
    return "".join(
        (
            _EXAMPLES,
            _by_task("Presets (`fairgate check TASK --preset NAME` shows what one sets):", named),
            _by_task("Policies (`fairgate policy explain NAME` shows the rules of one):", policies),
            _EXIT_CODES,
        )
    )


def _by_task(title: str, names: Mapping[str, Iterable[str]]) -> str:
    width = max(map(len, names))
    lines = [line for task, of_task in names.items() for line in _wrapped(f"  {task:<{width}}  ", ", ".join(of_task))]
    return "\n".join(["", "\b", title, *lines, ""])


def _wrapped(start: str, text: str) -> list[str]:
    return textwrap.wrap(text, 76, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False)


def register(app: typer.Typer) -> None:
    """Add all commands of the pipeline."""
    app.command(epilog=run_epilog())(run)
    app.command(epilog=steps.PREPARE_EXAMPLES)(prepare)
    app.command(epilog=steps.STEP_EXAMPLES)(steps.step)
    app.command(epilog=steps.COLLECT_EXAMPLES)(steps.collect)
    app.add_typer(data_files.app, name="data")
    app.command(epilog=predict.EXAMPLES)(predict.predict)
    app.command(epilog=predictions.EXAMPLES)(predictions.predictions)
    app.command(epilog=doctor.EXAMPLES)(doctor.doctor)
    app.add_typer(kubeflow_schedule.app, name="kubeflow")
    app.add_typer(airflow.app(_parsed, _configured), name="airflow")


def _present(values: dict[str, Any]) -> dict[str, Any]:
    """Return the mapping without values that were not given and without empty parts."""
    return {key: value for key, value in values.items() if value is not None and value != {}}
