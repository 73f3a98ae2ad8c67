"""The configuration of a run: a frozen value, from the task's defaults, a preset, a YAML file and the options, in this order.

Imports no TensorFlow: every configuration error is reported in well under a second.
"""

import csv
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, create_model

from components.counterfactual.plan import CounterfactualPlan
from components.tasks.base import CandidateRecipe, Task, TaskModel
from components.validation.drift import DriftLimits
from components.validation.rules import DataRules
from fairgate import yaml_files
from fairgate.counting.config import EvaluationConfig
from fairgate.errors import InputError, UnknownNameError
from fairgate.gate import inheritance, presets
from fairgate.gate.policy import Policy
from fairgate.quantities import Whole
from fairgate.statements import CardStatements
from fairgate.strict import origin, validate
from fairgate.text import masked
from fairgate.yaml_files import Document
from pipeline import tasks
from pipeline.alerts import Alerts

ALERTS = "alerts"  # key of a configuration whose values may be secret
PRESET = "preset"  # key of a configuration, and of its policy


class RunConfig(BaseModel):
    """Everything that decides a run's result, and the alerts.

    Attributes:
        task: the task's name.
        seed: random seed of generated data, hashed splits, initial weights and batches.
        candidate: the recipe of the candidate; "baseline" trains it without remediation.
        input, training: the task's own parts, `Task.input` and `Task.training`.
        evaluation, data_rules, policy, drift: see their classes.
        counterfactual: terms and templates of the counterfactual test; null omits the test.
        card: what people must say of the model and its data, for the data sheet and the model card; what is left out is open.
        report_text: whether reports may contain text of the examples, behind a warning.
        published: whether the report shows the task's published results beside the run's own whatever the data are; where these
            are the published ones, it does so by itself.
        preset: name of the task's preset that the other parts start from. Those hold what came of it, so the name is neither
            stored nor hashed: the same values are the same run, however they were written.
        alerts: see its class. They have no influence on the result and are neither stored nor hashed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    seed: Whole = Field(default=1, ge=0, lt=2**31)
    candidate: CandidateRecipe = "remediated"
    input: SerializeAsAny[TaskModel]
    training: SerializeAsAny[TaskModel]
    evaluation: EvaluationConfig
    data_rules: DataRules
    policy: Policy
    drift: DriftLimits = DriftLimits()
    counterfactual: CounterfactualPlan | None = None
    card: CardStatements = CardStatements()
    report_text: bool = True
    published: bool = False
    preset: str | None = Field(default=None, exclude=True)
    alerts: Alerts = Field(default=Alerts(), exclude=True)


@dataclass(frozen=True)
class Overrides:
    """Changes to a task's defaults, from a file and from the command line.

    Attributes:
        file: YAML file with any part of a RunConfig.
        policy: name of a preset of the task, or a YAML file with a policy; replaces the policy of `file`.
        settings: "key.key=value", the value in YAML.
        values: top-level keys and parts, from the command's own options; they take precedence. The `preset` among them lies
            below all of these, and above the task's defaults.
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
    named = None if overrides.policy is None else _named_policy(overrides.policy)
    chosen = _documents(overrides, named)
    preset = _preset(task, chosen)
    documents = [*chosen, preset] if preset else chosen
    written: dict[str, Any] = {}
    for document in reversed(documents):
        if document is named:
            written["policy"] = {}
        written = merge(written, document.mapping)
    raw = merge(_defaults(task), {key: value for key, value in written.items() if key != "policy"})
    raw["policy"] = _policy(task, written.get("policy", {}), documents, overrides)
    if raw["task"] != task_name:
        place = origin(documents, ("task",)).place(("task",))
        raise InputError(f"Configuration error in {place}: task is {raw['task']!r}, but {task_name!r} was asked for.")
    config = _build(task, raw, documents)
    if not (preset and config.input.generated):
        return config
    training = config.training.on_generated(_own_keys(preset, chosen))
    return config.model_copy(update={"training": training})


def restored(written: Any) -> RunConfig:
    """Return the configuration that was written by `model_dump`, without its alerts.

    Raises:
        InputError: there is no such task any more, or the values do not suit this version of fairgate.
    """
    return _build(tasks.find(str(written["task"])), written, [Document.without_lines("the prepared run", {})])


def policies(task: Task) -> Mapping[str, Policy]:
    """Return the policies that a configuration of the task may choose, by name."""
    return task.policies or presets.of_default(task.policy)


def _preset(task: Task, chosen: Sequence[Document]) -> Document | None:
    """Return the preset that the documents choose, without its policy where they extend another; None if they choose none.

    Raises:
        InputError: the task has no such preset; the message lists those that it has.
    """
    name = next((document.mapping[PRESET] for document in chosen if PRESET in document.mapping), None)
    if name is None:
        return None
    name = str(name)
    if name not in task.presets:
        if name in policies(task):
            raise InputError(f"{name!r} is a preset of the policy alone; write --policy {name}.")
        raise UnknownNameError("preset", name, task.presets, argument="preset")
    extends = any(("policy", inheritance.EXTENDS) in document.lines for document in chosen)
    parts = {key: part for key, part in task.presets[name].items() if not (extends and key == "policy")}
    return Document.without_lines(f"preset {name}", parts)


def _own_keys(preset: Document, chosen: Sequence[Document]) -> frozenset[str]:
    """Return the keys of `training` whose value is the preset's, because no other document has one."""
    own = {keys for keys in preset.lines if not any(keys in document.lines for document in chosen)}
    return frozenset(str(keys[1]) for keys in own if len(keys) == 2 and keys[0] == "training")


def _policy(task: Task, written: Any, documents: list[Document], overrides: Overrides) -> Any:
    """Return the policy: over the one that it extends, the preset that it names, or the task's default.

    Raises:
        InputError: an error of inheritance; see `inheritance.resolve`.
        UnknownNameError: the task has no such preset.
    """
    if not isinstance(written, Mapping):
        return written
    if inheritance.EXTENDS in written:
        decides = origin(documents, ("policy", inheritance.EXTENDS)).name
        folder = overrides.file.parent if overrides.file and decides == str(overrides.file) else Path()
        return inheritance.resolve(inheritance.Written(written, documents, ("policy",)), folder).model_dump()
    changes = {key: value for key, value in written.items() if key != PRESET}
    preset = presets.find(policies(task), str(written.get(PRESET, presets.DEFAULT)))
    return merge({**preset.model_dump(), **_said(preset, changes)}, changes)


def _said(preset: Policy, changes: Mapping[str, Any]) -> Mapping[str, str]:
    """Return author and rationale of a changed preset: nobody answers for rules that somebody else wrote."""
    if not changes:
        return {}
    if "rules" in changes:
        return {"author": "", "rationale": ""}
    return {"author": f"{preset.author}, changed by this configuration".removeprefix(", ")}


def _named_policy(named: str) -> Document:
    """Return the policy that `--policy` means, as a configuration would hold it: a file's, or the name of a preset."""
    if Path(named).suffix not in (".yaml", ".yml", ".json"):
        return Document.without_lines(f"--policy {named}", {"policy": {PRESET: named}})
    document = yaml_files.load(Path(named), "policy")
    written = document.mapping.get("policy", document.mapping)
    if not isinstance(written, Mapping) or not {PRESET, inheritance.EXTENDS} & written.keys():
        return Document.without_lines(f"--policy {named}", {"policy": Policy.from_yaml(named).model_dump()})
    extended = written.get(inheritance.EXTENDS)  # resolved later, so that --set is held to it too
    if isinstance(extended, str) and extended:
        written = {**written, inheritance.EXTENDS: str(Path(named).parent / extended)}
    lines = document.lines if "policy" in document.mapping else {("policy", *keys): line for keys, line in document.lines.items()}
    return Document(named, {"policy": written}, lines)


def _documents(overrides: Overrides, policy: Document | None) -> list[Document]:
    """Return what is merged into the defaults: what takes precedence comes first."""
    options = Document.without_lines("the options", dict(overrides.values or {}))
    settings = [_parse_setting(setting) for setting in reversed(overrides.settings)]
    files = [yaml_files.load(overrides.file, "configuration")] if overrides.file else []
    return [options, *settings, *([policy] if policy else []), *files]


def input_values(*, columns: Sequence[str] | None = None, **values: Any) -> dict[str, Any]:
    """Return the part `input` of a configuration from options of a command; those that were not given are left out.

    Args:
        columns: "KNOWN=NAME,KNOWN=NAME" of the columns that have other names in the files; a label may have several.
        **values: the other options by key.

    Raises:
        InputError: an option is not of that form.
    """
    return {key: value for key, value in {**values, "columns": _mapping(columns or ())}.items() if value}


def _mapping(columns: Sequence[str]) -> dict[str, str | tuple[str, ...]]:
    """Return known name -> its column, or all of them; commas in a name are quoted as in CSV."""
    mapping: dict[str, tuple[str, ...]] = {}
    for written in columns:
        for part in next(csv.reader([written]), [""]):
            known, equals, name = (text.strip() for text in part.partition("="))
            if not (known and equals and name):
                raise InputError(
                    f"--columns {written!r} is not of the form KNOWN=NAME,KNOWN=NAME, "
                    "for example --columns text=comment,label=rating."
                )
            mapping[known] = (*mapping.get(known, ()), name)
    return {known: names[0] if len(names) == 1 else names for known, names in mapping.items()}


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


def _parse_setting(setting: str) -> Document:
    key, equals, text = setting.partition("=")
    if not equals or not key.strip() or "://" in key:
        raise InputError(f"--set {_shown(setting)!r} is not of the form key.key=value, for example --set policy.min_examples=30.")
    value = yaml_files.parse(text, f"--set {_shown(setting)!r}").value
    for part in reversed(key.strip().split(".")):
        value = {part: value}
    return Document.without_lines(f"--set {_shown(setting)}", value)


def typed_setting(key: str, text: str) -> str:
    """Return the option that sets a key to a text, as it is typed in a shell, with quotes where YAML or the shell needs them."""
    try:
        is_plain = yaml_files.parse(text, key).value == text
    except InputError:
        is_plain = False
    return f"--set {shlex.quote(f'{key}={text if is_plain else json.dumps(text, ensure_ascii=False)}')}"


def _shown(setting: str) -> str:
    """Return a setting as messages show it: without a web address, a path in place of a key, or any value of `alerts`."""
    key, equals, _ = setting.partition("=")
    is_alert = get_close_matches(key.strip().partition(".")[0], [ALERTS])
    if not equals and "/" in setting:  # perhaps an address without its "https://"
        return f"{setting.partition('/')[0]}/…"
    return f"{masked(key)}{equals}…" if is_alert and equals else masked(setting)


def _build(task: Task, raw: Mapping[str, Any], documents: Sequence[Document]) -> RunConfig:
    """Check all parts at once: the task's own too, in a model made for it."""
    parts: dict[str, Any] = {"input": (task.input, ...), "training": (task.training, ...)}
    of_task = create_model("RunConfig", __base__=RunConfig, **parts)
    checked = validate(of_task, raw, documents, "Configuration error", hidden=(ALERTS,))
    return RunConfig(**dict(checked))
