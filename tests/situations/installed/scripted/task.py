"""The tasks: one of two classes, one of three. What is judged, and by which policy, is the run's configuration."""

from pathlib import Path

from components.tasks.base import Task, TaskCode
from components.validation.rules import DataRules
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.gate.policy import Policy
from scripted.config import ScriptedInput, ScriptedTraining
from scripted.table import COMMENT, GROUPS, LABEL, WEIGHT


def _code() -> TaskCode:
    from scripted import parts
    from scripted.preparation import prepare
    from scripted.preprocessing import preprocessing_fn
    from scripted.trainer import run_fn

    return TaskCode(prepare, preprocessing_fn, run_fn, f"{parts.__name__}.PARTS")


def _task(name: str, labels: LabelSpec) -> Task:
    return Task(
        name=name,
        labels=labels,
        slice_values=GROUPS,
        schema=Path(__file__).with_name("schema.pbtxt"),
        input=ScriptedInput,
        training=ScriptedTraining,
        evaluation=EvaluationConfig(min_intersection=1),
        policy=Policy(),
        data_rules=DataRules(text_feature=COMMENT),
        code=_code,
        text_features=(COMMENT,),
    )


SCRIPTED = _task("scripted", LabelSpec(LABEL, ("0", "1"), "binary", WEIGHT))
SCRIPTED_CLASSES = _task("scripted-classes", LabelSpec(LABEL, ("shirt", "coat", "bag"), "multiclass", WEIGHT))
