"""Write an Airflow DAG that runs a task of fairgate on a schedule: one Airflow task per node, or one for the whole run.

In: the options of `fairgate run`, a schedule. Out: the text of a Python file that imports Airflow alone. Imports no TFX, except
for the nodes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import jinja2

from pipeline.config import RunConfig
from pipeline.kubeflow import cron

_ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True)
class DagSchedule:
    """When the DAG runs, and how often a crash is tried again.

    Attributes:
        cron: five fields; None for runs that people start.
        zone: time zone of the fields, "Europe/Berlin".
        retries: further tries of a task that has crashed.
        retry_minutes: minutes between them.

    Raises:
        InputError: no cron expression, or no such zone.
    """

    cron: str | None = None
    zone: str = "UTC"
    retries: int = 2
    retry_minutes: int = 5

    def __post_init__(self) -> None:
        cron.check(self.cron or "0 0 * * *", self.zone)


@dataclass(frozen=True)
class Invocation:
    """How fairgate is called.

    Attributes:
        command: the program and its first arguments.
        folder: where relative paths among the options begin.
        root: output directory of the run, absolute.
        options: the task, and the options of `fairgate run`, among them the root.
    """

    command: Sequence[str]
    folder: Path
    root: Path
    options: Sequence[str]


def text(
    task: str, schedule: DagSchedule, invocation: Invocation, upstream: Mapping[str, Sequence[str]] | None, variable: str
) -> str:
    """Return the DAG file.

    Args:
        task: name of fairgate's task.
        schedule: when it runs.
        invocation: how fairgate is called.
        upstream: node -> nodes that it needs; None for the whole run as one task.
        variable: environment variable that holds the address of alerts.
    """
    tasks = "the whole run as one task" if upstream is None else "one task per step"
    engine = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_ASSETS),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # the text is Python: every value is written by `repr`
    )
    return engine.get_template("dag.py.jinja").render(
        title=f"Run fairgate's task {task} on a schedule, {tasks}.",
        variable=variable,
        command=repr(list(invocation.command)),
        folder=repr(str(invocation.folder)),
        root=repr(str(invocation.root)),
        options=repr(list(invocation.options)),
        upstream=None if upstream is None else {repr(node): repr(list(needed)) for node, needed in upstream.items()},
        alerts=repr(variable),
        dag=repr(f"fairgate_{task.replace('-', '_')}"),
        schedule=repr(schedule.cron),
        start=datetime(2026, 1, 1).strftime("%Y, %-m, %-d"),
        zone=repr(schedule.zone),
        retries=schedule.retries,
        retry_minutes=schedule.retry_minutes,
    )


def nodes(config: RunConfig) -> dict[str, list[str]]:
    """Return every node of the graph of a configuration -> the nodes that it needs; each comes after those."""
    from components.steps.import_examples import ImportExamples
    from pipeline.graph import create_pipeline
    from pipeline.plan import PipelinePlan

    folder = ImportExamples(folder="")  # which nodes there are does not depend on the data
    plan = PipelinePlan(config, folder, source="", generated=config.input.generated, root="", serving="", beam_args=())
    steps = create_pipeline(plan).components
    return {step.id: [other.id for other in steps if other in step.upstream_nodes] for step in steps}
