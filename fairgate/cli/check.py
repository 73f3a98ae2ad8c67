"""`fairgate check`: find the mistakes of a policy before anything is trained; takes under a second and imports no TensorFlow.

In: a policy file (YAML), a run's folder, or, where the pipeline is installed, the name of a task. Out: a line that says what is
in order, or an InputError that names every problem.

    fairgate check policy.yaml                        is it a policy at all?
    fairgate check policy.yaml --run runs/digits      does every rule name what that run measured?
    fairgate check runs/digits                        the same for the policy of the run itself
    fairgate check digits --config digits.yaml        the configuration and the policy of a task
    fairgate check digits --policy strict             the same under a policy preset of the task, or under a policy file
    fairgate check civil-comments --preset exercise   the same under a preset of model, training and policy
"""

import importlib
import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from fairgate.cli import completion, pipeline_commands
from fairgate.errors import InputError

PolicyTarget = Annotated[
    str,
    typer.Argument(
        metavar="PATH|TASK",
        help="Policy file, directory of a run, or name of a task.",
        show_default=False,
        autocompletion=completion.tasks,
    ),
]
JUnitPath = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write the verdict of a run to this file, as JUnit XML.")
]
JUnitInconclusive = Annotated[
    Literal["failure", "skipped"], typer.Option(help="With --junit: what a test case is that is neither passed nor failed.")
]


def check(
    target: PolicyTarget,
    run: Annotated[
        Path | None, typer.Option("--run", metavar="FOLDER", help="Run whose measurements a policy file is compared with.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="TASK: YAML file with settings that replace the task's defaults."),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="TASK: preset of the task: model, training and policy at once.",
            autocompletion=completion.presets,
        ),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="TASK: policy preset of the task, or YAML file with a policy.",
            autocompletion=completion.policies,
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="TASK: set one value, for example evaluation.splits=[train,eval]. Repeatable."
        ),
    ] = None,
    columns: Annotated[
        list[str] | None, typer.Option(metavar="KNOWN=NAME,…", help="TASK: columns of the files, as in `fairgate run`.")
    ] = None,
    junit: JUnitPath = None,
    junit_inconclusive: JUnitInconclusive = "failure",
) -> None:
    """Check a policy or a configuration, without running anything.

    Takes under a second and trains nothing.
    """
    if is_path(target):
        if config or settings or policy or preset or columns:
            raise InputError(
                f"--columns, --config, --policy, --preset and --set belong to a task, but {target} is a path; "
                "leave them out, or name a task."
            )
        from fairgate.cli.policy_check import check_policy, check_run, write_junit

        if junit is not None:
            write_junit(Path(target), junit, junit_inconclusive)
        typer.echo(check_run(Path(target), run) if Path(target).is_dir() else check_policy(Path(target), run))
        return
    if junit is not None:
        raise InputError(
            f"--junit belongs to the directory of a run, but {target!r} is the name of a task; give it to `fairgate run`."
        )
    if run is not None:
        raise InputError(f"--run belongs to a policy file, but {target!r} is the name of a task; leave it out, or name a file.")
    typer.echo(
        importlib.import_module(pipeline_commands.TASK_CHECK).check_task(
            target, config, settings or (), policy, preset, columns or ()
        )
    )


def require(problems: list[str]) -> None:
    """Raise InputError if there are problems."""
    if len(problems) == 1:
        raise InputError(problems[0])
    if problems:
        raise InputError("\n".join([f"{len(problems)} problems", *(f"  - {problem}" for problem in problems)]))


def is_path(target: str) -> bool:
    """Return whether a path is meant; a bare name is a task's where there is such a task.

    Raises:
        InputError: it is the name of a task, but there is no pipeline.
    """
    if os.sep in target or target in (".", "..") or target.endswith((".yaml", ".yml", ".json")):
        return True
    is_there = os.path.lexists(target)  # also a link that leads nowhere
    if not pipeline_commands.is_present():
        if is_there:
            return True
        pipeline_commands.missing(f"check {target}")()
    return is_there and not importlib.import_module(pipeline_commands.TASK_CHECK).knows(target)
