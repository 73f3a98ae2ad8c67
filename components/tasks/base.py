"""What a task brings to the graph. One value of `Task` is all that distinguishes two pipelines.

A task lives in a folder of its own (`components/civil_comments`, …) and is registered by one line in `pipeline/tasks.py`. This
module and every
`task.py` import no TensorFlow: the command answers configuration errors from them alone. What needs TensorFlow is behind
`Task.code`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from components.counterfactual.plan import CounterfactualPlan
from components.modelling.prediction import Predictor
from components.validation.rules import DataRules
from data.conversion_report import ConversionReport
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.gate.policy import Policy

Recipe = Literal["baseline", "remediated"]
Embed = Callable[[Mapping[str, Any], Sequence[str]], Any]
Progress = Callable[[str, int, int | None], None]  # a file's name, its bytes so far and its size, None while unknown


class TaskModel(BaseModel):
    """Base of every task's own configuration: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def generated(self) -> bool:
        """Whether the examples are synthetic."""
        return False

    def lacking(self) -> list[str]:
        """What a run needs and this configuration does not give, each with its remedy; known before anything heavy is loaded."""
        return []

    def unprepared(self) -> list[str]:
        """What only `TaskCode.prepare` can resolve, so that an engine that skips it would lack it, each with its remedy."""
        return []


@dataclass(frozen=True)
class Preparation:
    """What `prepare` is asked for.

    Attributes:
        input: the task's input configuration, an instance of `Task.input`.
        training: the task's training configuration, an instance of `Task.training`.
        root: the run's root folder; whatever is made goes below it.
        seed: for generated data and hashed splits.
        beam_args: Beam options for conversions.
        source_digest: of the source of `prepare`: what other source has made is made anew.
    """

    input: TaskModel
    training: TaskModel
    root: Path
    seed: int
    beam_args: tuple[str, ...] = ()
    source_digest: str = ""


@dataclass(frozen=True)
class Prepared:
    """Examples that are ready for the graph.

    Attributes:
        examples: folder with `train/` and `eval/`, canonical tf.Examples in gzipped TFRecords.
        training: the training configuration with everything resolved that needed the data (a text embedding built from it).
        source: where the data come from, in words; every report says it.
        rows: split -> rows.
        warnings: what was absent or dropped; the command prints each once.
        generated: true when the examples are synthetic.
    """

    examples: Path
    training: TaskModel
    source: str
    rows: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    generated: bool = False


@dataclass(frozen=True)
class ReportParts:
    """What a task adds to a report.

    Attributes:
        show: raw serialized tf.Examples -> {"text": […]} or {"image": [base64 PNG, …]}, in their order.
        add: (EvaluationCounts, uri of the raw examples, model name -> folder of the SavedModel) -> parts of ReportContent by
            name.
    """

    show: Callable[[Sequence[bytes]], Mapping[str, Sequence[str]]]
    add: Callable[[Any, str, Mapping[str, str]], Mapping[str, Any]]


@dataclass(frozen=True)
class TaskCode:
    """The functions of a task that need TensorFlow, Beam or the data.

    Attributes:
        prepare: makes or finds the examples. Raises InputError for input that cannot be used.
        preprocessing_fn: TFX Transform's function.
        run_fn: TFX Trainer's function, for both recipes.
        report_parts: dotted name of the task's `ReportParts`.
    """

    prepare: Callable[[Preparation], Prepared]
    preprocessing_fn: Callable[..., dict[str, Any]]
    run_fn: Callable[[Any], None]
    report_parts: str


@dataclass(frozen=True)
class Task:
    """A workload of the graph.

    Attributes:
        name: as in the command, "civil-comments".
        title: as in reports.
        labels: the label feature and its classes.
        slice_values: slice feature -> the values that the schema allows.
        schema: file of the curated TFMD schema.
        input, training: the task's own configuration models.
        evaluation, policy, data_rules: the defaults.
        code: imports and returns the functions.
        transform_config: given to preprocessing_fn as `custom_config`.
        text_features: features whose values may hurt a reader; reports hide them behind a warning.
        fetch: (folder, progress) downloads the public files; None when there are none. Raises InputError.
        convert: (input configuration, folder, seed) converts files into a folder that appears when it is whole; None when there
            are no files to convert. Raises InputError.
        predictor: imports and returns what predicts on new inputs; None when nothing does.
        counterfactual: the default counterfactual test; None when inputs name no identities.
        embedder: imports and returns (training configuration as plain values, N texts) -> float[N, d], the vectors of the text
            embedding alone; None when there is none.
    """

    name: str
    title: str
    labels: LabelSpec
    slice_values: Mapping[str, tuple[str, ...]]
    schema: Path
    input: type[TaskModel]
    training: type[TaskModel]
    evaluation: EvaluationConfig
    policy: Policy
    data_rules: DataRules
    code: Callable[[], TaskCode]
    transform_config: Mapping[str, Any] = field(default_factory=dict)
    text_features: tuple[str, ...] = ()
    fetch: Callable[[Path, Progress], None] | None = None
    convert: Callable[[Any, Path, int], ConversionReport] | None = None
    predictor: Callable[[], Predictor] | None = None
    counterfactual: CounterfactualPlan | None = None
    embedder: Callable[[], Embed] | None = None
