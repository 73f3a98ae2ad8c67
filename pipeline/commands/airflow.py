"""`fairgate airflow …`: run the pipeline by Apache Airflow. Airflow itself is installed elsewhere, and is not needed here."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from fairgate.cli import completion
from fairgate.cli.group import examples, group
from fairgate.errors import InputError, os_reason
from fairgate.files import destination, replace_text
from pipeline.config import RunConfig
from pipeline.engines.address import parse
from pipeline.engines.choice import EngineChoice
from pipeline.engines.refused import require_sound

Configured = tuple[RunConfig, Path, EngineChoice]
GROUP_EXAMPLES = examples("fairgate airflow dag digits --schedule '0 3 * * *'", "fairgate airflow dag -h")
EXAMPLES = examples(
    "fairgate airflow dag digits --schedule '0 3 * * *'",
    "fairgate airflow dag digits --whole -o ~/airflow/dags/digits.py",
    "fairgate airflow dag civil-comments --schedule '0 3 * * 1' \\",
    "    --timezone Europe/Berlin --train train.csv --policy strict",
)


def app(parsed: Callable[[list[str]], Mapping[str, Any]], configured: Callable[[Mapping[str, Any]], Configured]) -> typer.Typer:
    """Return the group of commands.

    Args:
        parsed: arguments of `fairgate prepare` -> its options.
        configured: options of `fairgate prepare` -> configuration, root, engine.
    """
    commands = group("Run the pipeline by Apache Airflow.", epilog=GROUP_EXAMPLES)

    @commands.command("dag", epilog=EXAMPLES, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
    def dag(
        context: typer.Context,
        task: Annotated[
            str, typer.Argument(metavar="TASK", help="As in `fairgate run`.", show_default=False, autocompletion=completion.tasks)
        ],
        schedule: Annotated[
            str | None,
            typer.Option(metavar="CRON", help="Five fields, as '0 3 * * *' (default: runs are started by hand)."),
        ] = None,
        timezone: Annotated[str, typer.Option(metavar="NAME", help="Time zone of the schedule.")] = "UTC",
        nodes: Annotated[bool, typer.Option("--nodes", help="One task per step (the default).")] = False,
        whole: Annotated[bool, typer.Option("--whole", help="The whole run as one task.")] = False,
        retries: Annotated[int, typer.Option(min=0, metavar="NUMBER", help="Further tries of a task that has crashed.")] = 2,
        retry_minutes: Annotated[int, typer.Option(min=0, metavar="MINUTES", help="Time between them.")] = 5,
        alert_variable: Annotated[
            str, typer.Option(metavar="NAME", help="Environment variable of Airflow with the address for alerts.")
        ] = "FAIRGATE_WEBHOOK",
        output: Annotated[
            Path | None, typer.Option("--output", "-o", metavar="FILE", help="Output file (default: fairgate_TASK.py).")
        ] = None,
    ) -> None:
        """Write a DAG file for Airflow 3.

        All other options are those of `fairgate run`, behind TASK. The file imports neither fairgate nor TFX: a task is a
        process.
        """
        from pipeline.airflow import dag as dags

        if nodes and whole:
            raise InputError("--nodes and --whole exclude each other: give one of them, or none for one task per step.")
        when = dags.DagSchedule(schedule, timezone, retries, retry_minutes)
        options = parsed([task, *context.args])
        config, root, choice = configured(options)
        require_sound(choice.beam_args)
        if choice.beam_args and not choice.address:  # a job server of the cluster may know more
            from pipeline.engines import beam_options  # imports Beam

            beam_options.require_known_offline(choice.beam_args)
        if choice.address:
            parse(choice.address)  # whether a cluster answers there is asked when a task runs
        root = root.absolute()
        given = [task, *context.args, *([] if options["root"] else ["--root", str(root)])]
        call = dags.Invocation([_program()], Path.cwd(), root, given)
        upstream = None if whole else _nodes(config)
        file = output or Path(f"fairgate_{task.replace('-', '_')}.py")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            replace_text(destination(file), dags.text(task, when, call, upstream, alert_variable))
        except OSError as error:
            raise InputError(f"{file} cannot be written ({os_reason(error)}); name another file with --output.") from None
        tasks = "1 task" if upstream is None else f"{len(upstream) + 2} tasks"
        typer.echo(f"{file}: {task}, {tasks}, {schedule or 'no schedule'}. Put it into the folder dags/ of Airflow.")

    return commands


def _program() -> str:
    """Return the installed command: `python -m fairgate` would take a folder `fairgate` of where it starts for the package."""
    return str(Path(sys.executable).with_name("fairgate"))


def _nodes(config: RunConfig) -> dict[str, list[str]]:
    from pipeline.airflow import dag as dags
    from pipeline.terminal import quiet

    with quiet(Path("/dev/null")):
        return dags.nodes(config)
