"""`fairgate check TASK`: check the configuration and the policy of a task; takes under a second and imports no TensorFlow."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from fairgate.cli.check import require
from fairgate.gate.policy import Policy
from pipeline import check, tasks
from pipeline import config as configuration

BUILT_IN = tuple(tasks.TASKS)


def knows(name: str) -> bool:
    """Return whether there is a task of that name."""
    return name in tasks.names()


def policies(task: str) -> Mapping[str, Policy]:
    """Return the policies that a task offers, by name.

    Raises:
        InputError: there is no such task.
    """
    return configuration.policies(tasks.find(task))


def shown(task: str) -> Mapping[str, Policy]:
    """Return the policies of a task by name: those that it offers, and those of its presets.

    Raises:
        InputError: there is no such task.
    """
    of_presets = {
        name: configuration.load(task, configuration.Overrides(values={"preset": name})).policy
        for name, parts in tasks.find(task).presets.items()
        if "policy" in parts
    }
    return {**of_presets, **policies(task)}


def check_task(
    task: str,
    file: Path | None,
    settings: Sequence[str],
    policy: str | None = None,
    preset: str | None = None,
    columns: Sequence[str] = (),
) -> str:
    """Check a configuration of a task before anything runs.

    Args:
        task: name of the task.
        file: YAML file with settings that replace the task's defaults.
        settings: single settings, "key.key=value".
        policy: name of a policy preset of the task, or a YAML file with a policy.
        preset: name of a preset of the task.
        columns: "KNOWN=NAME,KNOWN=NAME" of columns that have other names in the files.

    Returns:
        A sentence that says what is in order, one line each for what will be trained, and warnings.

    Raises:
        InputError: names every problem and its remedy.
    """
    values = {"preset": preset, "input": configuration.input_values(columns=columns)}
    given = {key: value for key, value in values.items() if value}
    config = configuration.load(task, configuration.Overrides(file, settings, given, policy))
    require(check.problems(config))
    in_order = f"{task}: the configuration and its policy of {len(config.policy.rules)} rules are in order."
    aspects = {**({"preset": config.preset} if config.preset else {}), **config.training.described()}
    width = max(map(len, aspects), default=0)
    described = [f"  {aspect:<{width}}  {value}" for aspect, value in aspects.items()]
    return "\n".join([in_order, *described, *(f"Warning: {warning}" for warning in config.training.without_effect())])
