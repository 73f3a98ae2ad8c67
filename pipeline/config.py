"""The configuration of a run: a frozen value, from the task's defaults, a YAML file and command-line options, in this order.

Imports no TensorFlow: every configuration error is reported in well under a second.
"""

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError

from components.counterfactual.plan import CounterfactualPlan
from components.tasks.base import Recipe, Task, TaskModel
from components.validation.drift import DriftLimits
from components.validation.rules import DataRules
from fairgate.counting.config import EvaluationConfig
from fairgate.errors import InputError
from fairgate.gate import presets
from fairgate.gate.policy import Policy
from pipeline import tasks
from pipeline.alerts import Alerts

PRESET = "preset"  # key of a configuration's policy
_SHOWN = 80  # characters of an offending value that a message quotes


class RunConfig(BaseModel):
    """Everything that decides a run's result, and the alerts.

    Attributes:
        task: the task's name.
        seed: random seed of generated data, hashed splits, initial weights and batches.
        candidate: the recipe of the candidate; "baseline" trains it without remediation.
        input, training: the task's own parts, `Task.input` and `Task.training`.
        evaluation, data_rules, policy, drift: see their classes.
        counterfactual: terms and templates of the counterfactual test; null omits the test.
        report_text: whether reports may contain text of the examples, behind a warning.
        alerts: see its class. They have no influence on the result and are neither stored nor hashed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    seed: int = Field(default=1, ge=0, lt=2**31)
    candidate: Recipe = "remediated"
    input: SerializeAsAny[TaskModel]
    training: SerializeAsAny[TaskModel]
    evaluation: EvaluationConfig
    data_rules: DataRules
    policy: Policy
    drift: DriftLimits = DriftLimits()
    counterfactual: CounterfactualPlan | None = None
    report_text: bool = True
    alerts: Alerts = Field(default=Alerts(), exclude=True)


@dataclass(frozen=True)
class Overrides:
    """Changes to a task's defaults, from a file and from the command line.

    Attributes:
        file: YAML file with any part of a RunConfig.
        policy: name of a preset of the task, or a YAML file with a policy; replaces the policy of `file`.
        settings: "key.key=value", the value in YAML.
        values: top-level keys and parts, from the command's own options; they take precedence.
    """

    file: Path | None = None
    settings: Sequence[str] = ()
    values: Mapping[str, Any] | None = None
    policy: str | None = None


def load(task_name: str, overrides: Overrides | None = None) -> RunConfig:
    """Build the configuration of a run.

    Raises:
        InputError: an unknown task or key, a wrong type, a file that is not a YAML mapping; states key, value and remedy.
    """
    overrides = overrides or Overrides()
    task = tasks.find(task_name)
    raw = _defaults(task)
    if overrides.file is not None:
        raw = merge(raw, _read(overrides.file))
    if overrides.policy is not None:
        raw["policy"] = _named_policy(overrides.policy)
    for setting in overrides.settings:
        raw = merge(raw, _parse_setting(setting))
    raw = merge(raw, overrides.values or {})
    origin = _origin(overrides)
    if raw["task"] != task_name:
        raise InputError(f"Configuration error in {origin}: task is {raw['task']!r}, but {task_name!r} was asked for.")
    return _build(task, raw | {"policy": _over_preset(task, raw["policy"])}, origin)


def policies(task: Task) -> Mapping[str, Policy]:
    """Return the policies that a configuration of the task may choose, by name."""
    return task.policies or presets.of_default(task.policy)


def _named_policy(named: str) -> dict[str, Any]:
    """Return the policy that `--policy` means, as a configuration would hold it: a file's, or the name of a preset."""
    if Path(named).suffix not in (".yaml", ".yml", ".json"):
        return {"preset": named}
    written = _read(Path(named))
    written = written.get("policy", written)
    if isinstance(written, dict) and PRESET in written:
        return written
    return Policy.from_yaml(named).model_dump()


def _over_preset(task: Task, written: Any) -> Any:
    """Return the policy with what is written laid over the preset that it names, or over the task's default.

    Raises:
        UnknownNameError: the task has no such preset.
    """
    if not isinstance(written, Mapping):
        return written
    changes = {key: value for key, value in written.items() if key != PRESET}
    preset = presets.find(policies(task), str(written.get(PRESET, presets.DEFAULT)))
    return merge(preset.model_dump(), changes)


def _origin(overrides: Overrides) -> str:
    """Return the source of the configuration as error messages name it."""
    parts = [f"--set {setting}" for setting in overrides.settings]
    return ", ".join([str(overrides.file), *parts] if overrides.file else parts) or "the options"


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Merge `above` into `below`, mapping by mapping; lists are replaced, not joined."""
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def _defaults(task: Task) -> dict[str, Any]:
    return {
        "task": task.name,
        "input": {},
        "training": {},
        "evaluation": task.evaluation.model_dump(),
        "data_rules": task.data_rules.model_dump(),
        "policy": {},
        "counterfactual": task.counterfactual and task.counterfactual.model_dump(),
    }


def _read(file: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read the configuration {file}: {error}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date that does not exist
        raise InputError(f"{file} is not valid YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(raw, dict):
        raise InputError(f"{file} must hold keys and values at its top, not {type(raw).__name__}.")
    return raw


def _parse_setting(setting: str) -> dict[str, Any]:
    key, equals, text = setting.partition("=")
    if not equals or not key.strip():
        raise InputError(f"--set {setting!r} is not of the form key.key=value, for example training.steps=500.")
    try:
        value: Any = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"--set {setting!r}: the value is not valid YAML: {' '.join(str(error).split())}.") from error
    for part in reversed(key.strip().split(".")):
        value = {part: value}
    return dict(value)


def _build(task: Task, raw: dict[str, Any], origin: str) -> RunConfig:
    try:
        parts = {"input": task.input.model_validate(raw["input"]), "training": task.training.model_validate(raw["training"])}
    except ValidationError as error:
        raise InputError(_explain(error, origin, _part_of(task, error))) from error
    try:
        return RunConfig.model_validate(raw | parts)
    except ValidationError as error:
        raise InputError(_explain(error, origin, ())) from error


def _part_of(task: Task, error: ValidationError) -> tuple[str, ...]:
    return ("input",) if error.title == task.input.__name__ else ("training",)


def _explain(error: ValidationError, origin: str, prefix: tuple[str, ...]) -> str:
    lines = []
    shown = reprlib.Repr()
    shown.maxstring = shown.maxother = _SHOWN
    for problem in error.errors():
        value = "not shown" if problem["loc"][:1] == ("alerts",) else shown.repr(problem["input"])  # it may be a secret
        key = ".".join(str(part) for part in (*prefix, *problem["loc"]))
        if problem["type"] == "extra_forbidden":
            lines.append(f"unknown key {key!r} (value {value}); remove it or correct its spelling")
        else:
            lines.append(f"{key}: {problem['msg']} (got {value})")
    return f"Configuration error in {origin}: " + "; ".join(lines) + "."
