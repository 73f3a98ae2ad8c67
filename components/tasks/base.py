"""What a task brings to the graph. One value of `Task` is all that distinguishes two pipelines.

A task lives in a folder of its own (`components/tasks/civil_comments`, …) and is registered by one line in `pipeline/tasks.py`.
This module and every `task.py` import no TensorFlow: the command answers configuration errors from them alone. What needs
TensorFlow is behind `Task.code`.

Every part of a task imports this module, so this module imports nothing of the project: the types of `Task`'s fields are
imported for the type checker alone, and a changed rule of the gate trains no model again.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fairgate.quantities import Whole

if TYPE_CHECKING:
    from components.counterfactual.plan import CounterfactualPlan
    from components.modelling.prediction import Predictor
    from components.validation.rules import DataRules
    from data.conversion_report import ConversionReport
    from fairgate.counting.config import EvaluationConfig, LabelSpec
    from fairgate.gate.policy import Policy

CandidateRecipe = Literal["baseline", "remediated"]
Recipe = Literal[CandidateRecipe, "reference"]
Kind = Literal["examples", "embeddings"]  # folders below a run's root for what `prepare` makes
Embed = Callable[[Mapping[str, Any], Sequence[str]], Any]
Progress = Callable[[str, int, int | None], None]  # a file's name, its bytes so far and its size, None while unknown


Width = Annotated[Whole, Field(ge=1, le=100_000)]  # of a layer
Shards = Annotated[Whole, Field(ge=1, le=10_000)] | None  # files of each split of the examples; None for files by size


class TaskModel(BaseModel):
    """Base of every task's own configuration: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def generated(self) -> bool:
        """Return whether the examples are synthetic."""
        return False

    @property
    def published_files(self) -> bool:
        """Return whether the files have the names of those that published results were made from."""
        return False

    @property
    def embeds_text(self) -> bool:
        """Return whether a model of this training uses the text embedding that `Task.embedder` examines."""
        return True

    def missing_inputs(self) -> list[str]:
        """Return what a run needs and this configuration lacks, each with its remedy, before anything heavy is loaded."""
        return []

    def files_read(self) -> list[Path]:
        """Return the files and folders that the conversion reads; workers must see them under the same paths."""
        return []

    def unresolved_inputs(self) -> list[str]:
        """Return what only `TaskCode.prepare` can resolve, each with its remedy; an engine that skips it would miss it."""
        return []

    def without_effect(self) -> list[str]:
        """Return a sentence with its remedy for each setting that is not the default and changes nothing in what is trained."""
        return []

    def on_generated(self, preset_keys: Collection[str]) -> "TaskModel":  # noqa: ARG002  # a task's own model may use it
        """Return this training configuration for generated examples.

        Args:
            preset_keys: the keys whose value is a preset's own; no file and no option has set them.
        """
        return self

    def known_statements(self) -> Mapping[str, Any]:
        """Return what is published of the examples of this input: fields of `fairgate.statements.CardStatements`."""
        return {}

    def transform_config(self) -> Mapping[str, Any]:
        """Return what this training changes of `Task.transform_config`."""
        return {}

    def recipe_words(self, recipe: Recipe) -> str:
        """Return in words what a model of this training is, for the verdict and its readers."""
        return recipe

    def described(self) -> Mapping[str, str]:
        """Return what is trained, in words: aspect -> value; `fairgate check` prints it."""
        return {}


@dataclass(frozen=True)
class Preparation:
    """What `prepare` is asked for; `folder` names the places of what it makes.

    Attributes:
        input: the task's input configuration, an instance of `Task.input`.
        training: the task's training configuration, an instance of `Task.training`.
        seed: for generated data and hashed splits.
        beam_args: Beam options for conversions.
    """

    input: TaskModel
    training: TaskModel
    _root: Path  # of the run
    _source_digest: str  # of `prepare` and of all that it imports
    seed: int
    beam_args: tuple[str, ...] = ()

    def folder(self, kind: Kind, name: str, made_from: Mapping[str, Any]) -> Path:
        """Return the folder for something that is made from these values, by the source as it is now.

        Other values, or a changed line of the code that makes it, give another folder; so one that exists can be used as it is.

        Args:
            kind: what is made.
            name: begins the folder's name, for people.
            made_from: everything that decides over the content; JSON values.
        """
        written = json.dumps({**made_from, "source": self._source_digest}, sort_keys=True)
        return self._root / kind / f"{name}-{hashlib.sha256(written.encode()).hexdigest()[:16]}"

    def downloads(self, name: str) -> Path:
        """Return the folder for files that are fetched as they are, and checked by digests of their own."""
        return self._root / "downloads" / name


@dataclass(frozen=True)
class Prepared:
    """Examples that are ready for the graph.

    Attributes:
        examples: folder with `Split-train/`, `Split-eval/` and perhaps `Split-validation/`, canonical tf.Examples in gzipped
            TFRecords.
        training: the training configuration with everything resolved that needed the data (a text embedding built from it).
        source: where the data come from, in words; every report says it.
        warnings: what was absent or dropped; the command prints each once.
        notes: what was read how, such as which labels are positive; the command prints each once.
        generated: true when the examples are synthetic.
        rows: split -> examples, where no conversion has counted them.
    """

    examples: Path
    training: TaskModel
    source: str
    warnings: tuple[str, ...] = ()
    generated: bool = False
    notes: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportParts:
    """What a task adds to a report.

    Attributes:
        show: raw serialized tf.Examples -> {"text": […]} or {"image": [base64 PNG, …]}, in their order.
        outsiders: (decoded examples of train, folder of the candidate) -> the parts `outsiders` and `profile` of ReportContent;
            None where nobody knows inputs unlike those of the task.
        add: (EvaluationCounts, uri of the raw examples, model name -> folder of the SavedModel) -> parts of ReportContent by
            name.
        published: rows of the run's data by split -> results that a publication has for this model, as `ReportContent.published`,
            None where the data are others; None in place of the rows for any data. None where nothing is published.
    """

    show: Callable[[Sequence[bytes]], Mapping[str, Sequence[str]]]
    add: Callable[[Any, str, Mapping[str, str]], Mapping[str, Any]]
    outsiders: Callable[[Sequence[Mapping[str, Any]], str], Mapping[str, Any]] | None = None
    published: Callable[[Mapping[str, int] | None], Any] | None = None


@dataclass(frozen=True)
class FeaturePlan:
    """Models that train on features that one step of the graph computes for all of them (`components.steps.text_features`).

    Attributes:
        settings: of the step, as JSON: `components.modelling.feature_settings.FeatureSettings`.
        run_fn: TFX Trainer's function of the models that train on the features.
        trainings: which models these are, and the training configuration of each; the others train on what Transform wrote.
            "reference" among them adds the reference model.
    """

    settings: str
    run_fn: Callable[[Any], None]
    trainings: Mapping[Recipe, TaskModel]


@dataclass(frozen=True)
class TaskCode:
    """The functions of a task that need TensorFlow, Beam or the data.

    Attributes:
        prepare: makes or finds the examples. Raises InputError for input that cannot be used.
        preprocessing_fn: TFX Transform's function.
        run_fn: TFX Trainer's function, for both recipes.
        report_parts: dotted name of the task's `ReportParts`.
        features: (training, policy) -> what trains on features, or None; None where no model of the task does.
    """

    prepare: Callable[[Preparation], Prepared]
    preprocessing_fn: Callable[..., dict[str, Any]]
    run_fn: Callable[[Any], None]
    report_parts: str
    features: "Callable[[TaskModel, Policy], FeaturePlan | None] | None" = None


@dataclass(frozen=True)
class Task:
    """A workload of the graph.

    Attributes:
        name: as in the command, "civil-comments".
        labels: the label feature and its classes.
        slice_values: slice feature -> the values that the schema allows.
        schema: file of the curated TFMD schema.
        input, training: the task's own configuration models.
        evaluation, policy, data_rules: the defaults.
        statements: what holds of a model of this task whatever its examples are: fields of CardStatements.
        presets: name -> parts of a configuration that `--preset NAME` sets at once; a file and options take precedence.
        policies: policies that a configuration may choose by name instead, and "default", which is `policy`; empty where there
            are only those that are made from the default.
        code: imports and returns the functions.
        check_inputs: (input, training configuration) checks what `TaskCode.prepare` will read as far as that takes no time, and
            imports nothing heavy: a missing file, a wrong header. None when there is nothing to check. Raises InputError.
        transform_config: given to preprocessing_fn as `custom_config`.
        text_features: features whose values may hurt a reader; reports hide them behind a warning.
        fetch: (folder, progress) downloads the public files; None when there are none. Raises InputError.
        convert: (input configuration, folder, seed) converts files into a folder that appears when it is whole; None when there
            are no files to convert. Raises InputError.
        predictor: imports and returns what predicts on new inputs; None when nothing does.
        counterfactual: the default counterfactual test; None when inputs name no identities.
        embedder: imports and returns (training configuration as plain values, N texts) -> float[N, d], the vectors of the text
            embedding alone; None when there is none.
        has_published: whether a publication has results of this task, so that a report can show them beside its own.
    """

    name: str
    labels: "LabelSpec"
    slice_values: Mapping[str, tuple[str, ...]]
    schema: Path
    input: type[TaskModel]
    training: type[TaskModel]
    evaluation: "EvaluationConfig"
    policy: "Policy"
    data_rules: "DataRules"
    code: Callable[[], TaskCode]
    check_inputs: Callable[[Any, Any], None] | None = None
    transform_config: Mapping[str, Any] = field(default_factory=dict)
    text_features: tuple[str, ...] = ()
    fetch: Callable[[Path, Progress], None] | None = None
    convert: "Callable[[Any, Path, int], ConversionReport] | None" = None
    predictor: "Callable[[], Predictor] | None" = None
    counterfactual: "CounterfactualPlan | None" = None
    embedder: Callable[[], Embed] | None = None
    policies: "Mapping[str, Policy]" = field(default_factory=dict)
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    has_published: bool = False
    statements: Mapping[str, Any] = field(default_factory=dict)
