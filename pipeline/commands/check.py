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


def check_task(
    task: str, file: Path | None, settings: Sequence[str], policy: str | None = None, preset: str | None = None
) -> str:
    """Check a configuration of a task before anything runs.

    Args:
        task: name of the task.
        file: YAML file with settings that replace the task's defaults.
        settings: single settings, "key.key=value".
        policy: name of a policy preset of the task, or a YAML file with a policy.
        preset: name of a preset of the task.

    Returns:
        A sentence that says what is in order, and one line each for what will be trained.

    Raises:
        InputError: names every problem and its remedy.
    """
    config = configuration.load(task, configuration.Overrides(file, settings, {"preset": preset} if preset else None, policy))
    require(check.problems(config))
    in_order = f"{task}: the configuration and its policy of {len(config.policy.rules)} rules are in order."
    aspects = {**({"preset": config.preset} if config.preset else {}), **config.training.described()}
    width = max(map(len, aspects), default=0)
    return "\n".join([in_order, *(f"  {aspect:<{width}}  {value}" for aspect, value in aspects.items())])
