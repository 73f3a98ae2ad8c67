"""`fairgate policy …`: explain what a policy can say, and write one out as the start of another. Never imports TensorFlow.

fairgate policy explain                          every key, kind of rule, metric and preset
fairgate policy explain gap                      one of them
fairgate policy show civil-comments              the default policy of a task, as YAML
fairgate policy show digits --policy strict      one of its presets
fairgate policy show runs/digits                 the policy that a run was judged by
"""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairgate.cli import completion, pipeline_commands
from fairgate.cli.check import PolicyTarget, is_path
from fairgate.cli.group import examples, group
from fairgate.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from fairgate.gate.reference import Presets, Topic

app = group("Explain what a policy can say, and show policies.")
_EXPLAINED = examples(
    "fairgate policy explain gap", "fairgate policy explain false_positive_rate", "fairgate policy explain strict"
)
_SHOWN = examples(
    "fairgate policy show civil-comments > policy.yaml",
    "fairgate policy show digits --policy strict",
    "fairgate policy show runs/digits             what a run was judged by",
)


def _names(incomplete: str) -> list[str]:
    return [name for name in _known(_topics()) if name.startswith(incomplete)]


@app.command(epilog=_EXPLAINED)
def explain(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Kind of rule, metric, preset or key (default: everything).", autocompletion=_names),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print everything as a Markdown page.")] = False,
) -> None:
    """Explain every rule kind, metric, preset and key.

    Each key with its type, its default and its meaning. Metrics with their range and direction, presets with their rules.
    """
    from fairgate.cli.explain import as_markdown, as_text

    found = _topics()
    if markdown:
        if name is not None:
            raise InputError(f"--markdown prints everything; leave out {name!r}.")
        typer.echo(as_markdown(found), nl=False)
        return
    typer.echo(as_text(found if name is None else _named(found, name)))


@app.command(epilog=_SHOWN)
def show(
    target: PolicyTarget,
    policy: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="TASK: policy preset, or preset, of the task.", autocompletion=completion.policies),
    ] = None,
) -> None:
    """Print a policy as YAML, to start your own from."""
    from fairgate.cli.policy_check import policy_of
    from fairgate.gate import policy_text, presets

    if is_path(target):
        if policy is not None:
            raise InputError(f"--policy belongs to a task, but {target} is a path; leave it out, or name a task.")
        typer.echo(policy_text.as_yaml(policy_of(Path(target))), nl=False)
        return
    tasks = importlib.import_module(pipeline_commands.TASK_CHECK)
    if policy is None and not tasks.knows(target):
        target, policy = _of_one_task(target)
    typer.echo(policy_text.as_yaml(presets.find(tasks.shown(target), policy or presets.DEFAULT)), nl=False)


def _of_one_task(name: str) -> tuple[str, str | None]:
    """Return the only built-in task that offers a policy of that name, and the name; the name as a task's where none does.

    Raises:
        InputError: several tasks offer one; names the command for each.
    """
    tasks = importlib.import_module(pipeline_commands.TASK_CHECK)
    offering = [task for task in tasks.BUILT_IN if name in tasks.shown(task)]
    if len(offering) > 1:
        commands = "".join(f"\n  fairgate policy show {task} --policy {name}" for task in offering)
        raise InputError(f"{name!r} is a policy of {len(offering)} tasks; name one of them:{commands}")
    return (offering[0], name) if offering else (name, None)


def _presets() -> "Presets":
    """Return the policy presets of every built-in task; none where the pipeline, which holds the tasks, is not installed."""
    if not pipeline_commands.is_present():
        return {}
    tasks = importlib.import_module(pipeline_commands.TASK_CHECK)
    return {task: tasks.policies(task) for task in tasks.BUILT_IN}


def _topics() -> "list[Topic]":
    from fairgate.gate.reference import topics

    return topics(_presets())


def _named(topics: "list[Topic]", name: str) -> "list[Topic]":
    """Return what has that name: topics, or else keys of topics, each in a topic that has only this key.

    Raises:
        UnknownNameError: nothing has.
    """
    from dataclasses import replace

    found = [topic for topic in topics if topic.name == name]
    keyed = [(topic, key) for topic in topics for key in topic.keys if key.type and key.name == name]
    found = found or [replace(topic, text=(), keys=(key,), example="") for topic, key in keyed]
    if not found:
        raise UnknownNameError("entry", name, _known(topics))
    return found


def _known(topics: "list[Topic]") -> list[str]:
    """Return every name that is explained: of topics first, then of their keys."""
    keys = (key.name for topic in topics for key in topic.keys if key.type)
    return [name for name in dict.fromkeys([*(topic.name for topic in topics), *keys]) if name]
