"""`fairgate check TASK`: check the configuration and the policy of a task; takes under a second and imports no TensorFlow."""

from collections.abc import Sequence
from pathlib import Path

from fairgate.cli.check import require
from pipeline import check, tasks
from pipeline import config as configuration


def knows(name: str) -> bool:
    """Return whether there is a task of that name."""
    return name in tasks.names()


def check_task(task: str, file: Path | None, settings: Sequence[str], policy: str | None = None) -> str:
    """Check a configuration of a task before anything runs.

    Args:
        task: name of the task.
        file: YAML file with settings that replace the task's defaults.
        settings: single settings, "key.key=value".
        policy: name of a preset of the task, or a YAML file with a policy.

    Returns:
        A sentence that says what is in order.

    Raises:
        InputError: names every problem and its remedy.
    """
    config = configuration.load(task, configuration.Overrides(file, settings, policy=policy))
    require(check.problems(config))
    return f"{task}: the configuration and its policy of {len(config.policy.rules)} rules are in order."
