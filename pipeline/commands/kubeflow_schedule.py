"""`fairgate kubeflow submit`, `schedule` and `schedules …`: run a compiled pipeline on a cluster, once or on a schedule."""

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from fairgate.cli.group import examples, group
from fairgate.errors import InputError
from pipeline.commands import kubeflow
from pipeline.commands.kubeflow import require_compiler
from pipeline.kubeflow import client as clusters
from pipeline.kubeflow.client import Cluster, Order
from pipeline.kubeflow.cron import for_kubeflow

app = kubeflow.app
schedules = group("List, pause, resume or delete the schedules of a cluster.")
app.add_typer(schedules, name="schedules")

Package = Annotated[
    Path, typer.Argument(metavar="FILE", help="Pipeline file, as written by `fairgate kubeflow compile`.", show_default=False)
]
Host = Annotated[
    str,
    typer.Option(
        metavar="URL",
        envvar=clusters.HOST,
        help=f"Address of Kubeflow Pipelines; needed. A bearer token is read from {clusters.TOKEN}.",
        show_default=False,
    ),
]
Namespace = Annotated[str, typer.Option(metavar="NAME", help="Namespace, on clusters with several users.")]
Name = Annotated[str, typer.Option(metavar="NAME", help="Name of the run or schedule (default: the pipeline's name).")]
Experiment = Annotated[str, typer.Option(metavar="NAME", help="Experiment (default: the pipeline's name).")]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter",
        "-p",
        metavar="NAME=VALUE",
        help="Pipeline parameter, for example examples=FOLDER; @FILE reads a file. Repeatable.",
    ),
]
ScheduleId = Annotated[
    str, typer.Argument(metavar="ID", help="Schedule id, as shown by `fairgate kubeflow schedules list`.", show_default=False)
]


@app.command(
    epilog=examples(
        "fairgate kubeflow submit pipeline.yaml --host http://localhost:8888",
        "fairgate kubeflow submit pipeline.yaml --host http://localhost:8888 \\",
        "    --parameter examples=/mnt/fairgate/examples",
    )
)
def submit(
    package: Package,
    host: Host = "",
    namespace: Namespace = "",
    name: Name = "",
    experiment: Experiment = "",
    parameter: Parameters = None,
) -> None:
    """Start a run of a compiled pipeline."""
    wanted = _order(package, name, experiment, parameter)
    typer.echo(f"Run {clusters.submit(_cluster(host, namespace), wanted)}: {wanted.name}, in the experiment {wanted.experiment}.")


@app.command(
    epilog=examples(
        "fairgate kubeflow schedule pipeline.yaml --host http://localhost:8888 \\",
        "    --cron '0 3 * * *' --timezone Asia/Tokyo",
    )
)
def schedule(
    package: Package,
    cron: Annotated[
        str, typer.Option(metavar="FIELDS", help="Cron expression: minute hour day month weekday.", show_default=False)
    ],
    host: Host = "",
    timezone_: Annotated[
        str, typer.Option("--timezone", metavar="ZONE", help="Time zone of the schedule, for example Asia/Tokyo.")
    ] = "UTC",
    cluster_timezone: Annotated[
        str, typer.Option(metavar="ZONE", help="Time zone of the cluster (its CRON_SCHEDULE_TIMEZONE).")
    ] = "UTC",
    namespace: Namespace = "",
    name: Name = "",
    experiment: Experiment = "",
    parameter: Parameters = None,
) -> None:
    """Run a compiled pipeline on a schedule.

    Never twice at the same time.
    """
    fields = for_kubeflow(cron, timezone_, cluster_timezone, datetime.now(timezone.utc))
    wanted = _order(package, name, experiment, parameter)
    made = clusters.schedule(_cluster(host, namespace), wanted, fields)
    typer.echo(f"Schedule {made.schedule_id}: {made.name}, at {cron} in {timezone_} (for the cluster: {made.cron}).")


@schedules.command(name="list")
def list_(host: Host = "", namespace: Namespace = "") -> None:
    """List all schedules.

    Id, state, cron fields with the seconds first, name.
    """
    require_compiler()
    for found in clusters.schedules(_cluster(host, namespace)):
        typer.echo(f"{found.schedule_id}  {'on    ' if found.enabled else 'paused'}  {found.cron:<16}  {found.name}")


@schedules.command()
def pause(schedule_id: ScheduleId, host: Host = "", namespace: Namespace = "") -> None:
    """Pause a schedule: no run is started; one in progress goes on."""
    _change(clusters.pause, "paused", schedule_id, _cluster(host, namespace))


@schedules.command()
def resume(schedule_id: ScheduleId, host: Host = "", namespace: Namespace = "") -> None:
    """Resume a schedule.

    Of the missed runs, at most the last one is made up for.
    """
    _change(clusters.resume, "resumed", schedule_id, _cluster(host, namespace))


@schedules.command()
def delete(schedule_id: ScheduleId, host: Host = "", namespace: Namespace = "") -> None:
    """Delete a schedule and stop its run; all its runs stay listed."""
    _change(clusters.delete, "deleted", schedule_id, _cluster(host, namespace))


def _change(change: Callable[[Cluster, str], None], done: str, schedule_id: str, cluster: Cluster) -> None:
    require_compiler()
    change(cluster, schedule_id)
    typer.echo(f"Schedule {schedule_id}: {done}.")


def _cluster(host: str, namespace: str) -> Cluster:
    """Return the cluster. Raises InputError without an address."""
    if not host:
        raise InputError(
            f"Which Kubeflow Pipelines? Add --host http://localhost:8888, or set {clusters.HOST} to that; {clusters.REACH}"
        )
    return Cluster(host, namespace)


def _order(package: Path, name: str, experiment: str, parameters: list[str] | None) -> Order:
    require_compiler()
    return clusters.order(package, name, experiment, dict(_parameter(text) for text in parameters or ()))


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError(f"--parameter {text!r} is not of the form NAME=VALUE, for example examples=/mnt/fairgate/examples.")
    if not value.startswith("@"):
        return name, value
    try:
        return name, Path(value[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--parameter {text!r}: the file cannot be read ({error}).") from None
