"""The graph, the same for every task and every engine.

 1. ImportExamples     canonical tf.Examples where they lie: splits train, eval and, of large data, validation
 2. StatisticsGen      statistics of all splits
 3. ImportSchema       the curated schema
 4. ExampleValidator   anomalies of the statistics against the schema
 5. DataGate           stops the run on data that cannot support an honest model
 6. Transform          preprocessing, once for all models that train on what it writes
    TextFeatures       n-grams of texts, once for all models that train on them
 7. Trainer            TrainerBaseline, TrainerCandidate and, where the task has one, TrainerReference
 8. Evaluator          baseline and candidate in one pass, per split to be evaluated
    EvaluatorReference candidate and reference model, all examples
 9. CounterfactualTest swaps identity terms in comments, where the run has terms
10. FairnessGate       policy and measurements -> verdict and blessing
11. Reporter           report, tables and verdict for people
12. Pusher             publishes the candidate, only with a blessing and a report, whole or not at all

In: a `PipelinePlan`. Out: a `Pipeline`; `pipeline.local` and `pipeline.kubeflow.compile` decide where it runs.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import Any

import ml_metadata
from tfx.components import ExampleValidator, StatisticsGen, Trainer, Transform
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration.data_types import RuntimeParameter
from tfx.orchestration.pipeline import Pipeline
from tfx.proto import pusher_pb2, trainer_pb2

from components.evaluation import eval_config
from components.modelling.feature_settings import FeatureSettings
from components.steps.counterfactual_settings import CounterfactualSettings
from components.steps.counterfactual_test import CounterfactualTest
from components.steps.data_gate import DataGate
from components.steps.evaluator import Evaluator
from components.steps.fairness_gate import FairnessGate
from components.steps.feature_trainer import FeatureTrainer
from components.steps.gate_settings import GateSettings
from components.steps.import_schema import ImportSchema
from components.steps.pusher import Pusher
from components.steps.report_settings import ReportSettings
from components.steps.reporter import Reporter
from components.steps.text_features import TextFeatures
from components.tasks.base import FeaturePlan, Recipe, Task, TaskCode, TaskModel
from components.validation.statistics_options import statistics_options
from fairgate.files import file_digest
from fairgate.gate.waivers import in_force
from fairgate.names import BASELINE, CANDIDATE, REFERENCE
from pipeline import tasks
from pipeline.config import RunConfig
from pipeline.provenance import dotted_name, source_digest


def _today() -> date:
    return datetime.now(timezone.utc).date()


@dataclass(frozen=True)
class PipelinePlan:
    """Everything that is needed to build one pipeline.

    Attributes:
        config: the configuration of the run.
        examples: the step whose output `examples` are the canonical examples.
        source: description of where the examples come from.
        generated: whether they are synthetic.
        root: folder for the artifacts.
        serving: folder that blessed models are pushed to.
        beam_args: Beam options of every step.
        metadata: connection to ML Metadata; None if the engine has its own.
        parameters: runtime parameters by name, set when a run is submitted: the folder `examples`, the `policy` and the
            `train_args` of the Trainers that train on what Transform wrote. Everything else is set by the other attributes.
        counted: split -> (examples, distinct examples), where they were counted before the graph is built.
        today: the day of the run in UTC, which decides what waivers are an input of the gate; None where the graph runs later
            than it is built: the gate then gets all waivers and decides itself.
    """

    config: RunConfig
    examples: BaseNode
    source: str
    generated: bool
    root: str
    serving: str
    beam_args: tuple[str, ...]
    metadata: ml_metadata.proto.ConnectionConfig | None = None
    parameters: Mapping[str, RuntimeParameter] = field(default_factory=dict)
    counted: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    today: date | None = field(default_factory=_today)


def create_pipeline(plan: PipelinePlan) -> Pipeline:
    """Wire the steps; the numbers are those of the module's docstring."""
    config = plan.config
    task = tasks.find(config.task)
    code = task.code()

    examples = plan.examples.outputs["examples"]  # 1
    statistics_gen = StatisticsGen(examples=examples, stats_options=statistics_options(task.text_features))  # 2
    import_schema = ImportSchema(schema_file=str(task.schema), digest=file_digest(task.schema))  # 3
    schema = import_schema.outputs["schema"]
    validator = ExampleValidator(statistics=statistics_gen.outputs["statistics"], schema=schema)  # 4
    data_gate = _data_gate(config, task, examples, schema, validator.outputs["anomalies"])  # 5
    features = code.features(config.training, config.policy) if code.features else None
    recipes = _recipes(config, features)
    transform = (
        _transform(task, code, plan.config.training, examples, schema) if _need_transform(recipes, features) else None
    )  # 6
    text_features = _text_features(features, examples) if features else None
    for step in filter(None, (transform, text_features)):
        step.add_upstream_node(data_gate)
    trainers = {  # 7
        name: _feature_trainer(recipe, plan, features, text_features)
        if features and recipe in features.trainings
        else _trainer(recipe, plan, code, transform)
        for name, recipe in recipes.items()
    }
    for name, trainer in trainers.items():
        trainer.with_id(f"Trainer{name.capitalize()}")
    models = {name: trainer.outputs["model"] for name, trainer in trainers.items()}
    judged = {name: models[name] for name in (BASELINE, CANDIDATE)}
    evaluators = {split: _evaluator(split, plan, task, examples, schema, **judged) for split in config.evaluation.splits}  # 8
    compared = _reference_evaluator(plan, task, examples, schema, models) if REFERENCE in models else None
    counterfactual = _counterfactual(config, task, examples, **judged)  # 9
    tested = counterfactual.outputs["counterfactual"] if counterfactual else None
    evaluations = {split: evaluator.outputs["evaluation"] for split, evaluator in evaluators.items()}
    if compared:
        evaluations[REFERENCE] = compared.outputs["evaluation"]
    gate = _gate(plan, examples, models, evaluations, tested, data_gate.outputs["data_blessing"])  # 10
    reporter = Reporter(  # 11
        verdict=gate.outputs["verdict"],
        evaluation=evaluations["eval"],
        statistics=statistics_gen.outputs["statistics"],
        anomalies=validator.outputs["anomalies"],
        data_facts=data_gate.outputs["data_blessing"],
        examples=examples,
        **judged,
        candidate_run=trainers["candidate"].outputs["model_run"],
        baseline_run=trainers["baseline"].outputs["model_run"],
        counterfactual=tested,
        settings=_report_settings(plan, task, code).model_dump_json(),
    )
    pusher = Pusher(  # 12
        model=models["candidate"],
        model_blessing=gate.outputs["blessing"],
        push_destination=pusher_pb2.PushDestination(
            filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=plan.serving)
        ),
    )
    pusher.add_upstream_node(reporter)  # nothing is published whose report cannot be written
    steps = [plan.examples, statistics_gen, import_schema, validator, data_gate, transform, text_features]
    steps += [*trainers.values(), *evaluators.values(), compared, counterfactual, gate, reporter, pusher]
    return Pipeline(
        pipeline_name=tasks.pipeline_name(config.task),
        pipeline_root=plan.root,
        components=[step for step in steps if step is not None],
        enable_cache=True,
        metadata_connection_config=plan.metadata,
        beam_pipeline_args=list(plan.beam_args),
    )


def rows_read(graph: Pipeline, counted: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Return the node id of every step -> the examples that it reads: of train, of the split that it evaluates, or of all.

    Args:
        graph: the steps.
        counted: split -> (examples, distinct examples); empty where nobody counted them, and all numbers are 0.
    """
    return {step.id: sum(counted[split][0] for split in _splits_read(step, counted)) for step in graph.components}


def _splits_read(step: BaseNode, counted: Mapping[str, tuple[int, int]]) -> list[str]:
    known = step.exec_properties
    if isinstance(step, Trainer):
        read = ["train"]
    elif isinstance(step, Evaluator):
        read = json.loads(known["example_splits"])
    elif isinstance(step, CounterfactualTest):
        read = ["eval"]
    elif isinstance(step, (StatisticsGen, DataGate, Transform, TextFeatures)):
        return list(counted)
    else:
        return []
    return [split for split in read if split in counted]


def _data_gate(config: RunConfig, task: Task, examples: Any, schema: Any, anomalies: Any) -> Any:
    values = [float(value) for value in range(len(task.labels.classes))]
    evaluated = list(config.evaluation.slice_features)
    labels = {
        "key": task.labels.key,
        "classes": values,
        "slices": dict(task.slice_values),
        "evaluated": evaluated,
        "texts": task.text_features,
    }
    return DataGate(
        examples=examples,
        schema=schema,
        anomalies=anomalies,
        rules=config.data_rules.model_dump_json(),
        labels=json.dumps(labels),
        source_digest=_digest(DataGate),
    )


def _recipes(config: RunConfig, features: FeaturePlan | None) -> dict[str, Recipe]:
    """Return model -> the recipe that it is trained by."""
    recipes: dict[str, Recipe] = {BASELINE: "baseline", CANDIDATE: config.candidate}
    return recipes | ({REFERENCE: "reference"} if features and "reference" in features.trainings else {})


def _need_transform(recipes: Mapping[str, Recipe], features: FeaturePlan | None) -> bool:
    """Return whether a model trains on what Transform writes."""
    return features is None or not set(recipes.values()) <= features.trainings.keys()


def _text_features(features: FeaturePlan, examples: Any) -> Any:
    settings = FeatureSettings.model_validate_json(features.settings)
    embedder = [settings.embedder.rpartition(".")[0]] if settings.embedder else []
    settings = settings.model_copy(update={"source_digest": source_digest(TextFeatures.__module__, *embedder)})
    return TextFeatures(examples=examples, settings=settings.model_dump_json())


def _transform(task: Task, code: TaskCode, training: TaskModel, examples: Any, schema: Any) -> Transform:
    custom_config = {**task.transform_config, **training.transform_config(), "source_digest": _digest(code.preprocessing_fn)}
    return Transform(
        examples=examples,
        schema=schema,
        preprocessing_fn=dotted_name(code.preprocessing_fn),
        custom_config=custom_config,
        disable_statistics=True,
    )


def _trainer(recipe: Recipe, plan: PipelinePlan, code: TaskCode, transform: Any) -> Trainer:
    return Trainer(
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        train_args=plan.parameters.get("train_args", trainer_pb2.TrainArgs(splits=["train"])),
        eval_args=trainer_pb2.EvalArgs(splits=["eval"]),
        **_training(recipe, plan, code.run_fn, plan.config.training),
    )


def _feature_trainer(recipe: Recipe, plan: PipelinePlan, features: FeaturePlan, text_features: Any) -> Trainer:
    return FeatureTrainer(
        examples=text_features.outputs["features"],
        train_args=trainer_pb2.TrainArgs(splits=["train"]),
        eval_args=trainer_pb2.EvalArgs(splits=["train"]),  # TFX asks for some; nothing is read from them
        **_training(recipe, plan, features.run_fn, features.trainings[recipe]),
    )


def _training(recipe: Recipe, plan: PipelinePlan, run_fn: Callable[..., Any], training: TaskModel) -> dict[str, Any]:
    """Return the arguments that every Trainer has."""
    return {
        "run_fn": dotted_name(run_fn),
        "custom_config": {
            "recipe": recipe,
            "training": training.model_dump(mode="json"),
            "seed": plan.config.seed,
            "source_digest": _digest(run_fn),
        },
    }


def _evaluator(split: str, plan: PipelinePlan, task: Task, examples: Any, schema: Any, candidate: Any, baseline: Any) -> Any:
    rows, distinct = plan.counted.get(split, (None, None))
    evaluator = Evaluator(
        examples=examples,
        example_splits=[split],
        model=candidate,
        baseline_model=baseline,
        schema=schema,
        eval_config=eval_config.eval_config(
            task.labels,
            plan.config.evaluation,
            _evaluation_digest(),
            content_keys=task.text_features,
            auc_slices=plan.config.policy.auc_slices,
            rows=rows,
            distinct=distinct,
        ),
        module_path=eval_config.EXTRACTORS,
    )
    return evaluator.with_id("Evaluator" if split == "eval" else f"Evaluator{split.capitalize()}")


def _reference_evaluator(plan: PipelinePlan, task: Task, examples: Any, schema: Any, models: Mapping[str, Any]) -> Any:
    """Return the step that measures the reference model: TFX's Evaluator takes two models at most."""
    rows, distinct = plan.counted.get("eval", (None, None))
    evaluator = Evaluator(
        examples=examples,
        example_splits=["eval"],
        model=models[CANDIDATE],
        baseline_model=models[REFERENCE],
        schema=schema,
        eval_config=eval_config.reference_config(
            task.labels,
            plan.config.evaluation,
            _evaluation_digest(),
            content_keys=task.text_features,
            rows=rows,
            distinct=distinct,
        ),
        module_path=eval_config.EXTRACTORS,
    )
    return evaluator.with_id("EvaluatorReference")


def _counterfactual(config: RunConfig, task: Task, examples: Any, candidate: Any, baseline: Any) -> Any:
    """Return the step of the counterfactual test, or None if the run has no terms."""
    if config.counterfactual is None:
        return None
    embed = task.embedder() if task.embedder and config.training.embeds_text else None
    settings = CounterfactualSettings(
        plan=config.counterfactual,
        thresholds=config.evaluation.thresholds,
        confidence=config.evaluation.confidence,
        seed=config.seed,
        embed=dotted_name(embed) if embed else "",
        training=config.training.model_dump(mode="json"),
        source_digest=source_digest(CounterfactualTest.__module__, *([embed.__module__] if embed else [])),
    )
    return CounterfactualTest(examples=examples, candidate=candidate, baseline=baseline, settings=settings.model_dump_json())


def _gate(
    plan: PipelinePlan,
    examples: Any,
    models: Mapping[str, Any],
    evaluations: Mapping[str, Any],
    counterfactual: Any,
    data_facts: Any,
) -> Any:
    return FairnessGate(
        evaluation=evaluations["eval"],
        train_evaluation=evaluations.get("train"),
        reference_evaluation=evaluations.get(REFERENCE),
        counterfactual=counterfactual,
        examples=examples,
        **models,
        data_facts=data_facts,
        settings=_gate_settings(plan, models).model_dump_json(),
        policy=plan.parameters.get("policy", ""),
        source=plan.parameters.get("examples", ""),
    )


def _gate_settings(plan: PipelinePlan, models: Collection[str]) -> GateSettings:
    config = plan.config
    waivers = config.policy.waivers
    recipes: dict[str, Recipe] = {BASELINE: "baseline", CANDIDATE: config.candidate, REFERENCE: "reference"}
    return GateSettings(
        task=config.task,
        policy=config.policy,
        waivers=waivers if plan.today is None else in_force(waivers, plan.today),
        confidence=config.evaluation.confidence,
        recipes={name: config.training.recipe_words(recipes[name]) for name in models},
        source=plan.source,
        generated=plan.generated,
        seed=config.seed,
        config_digest=hashlib.sha256(config.model_dump_json().encode()).hexdigest(),
        source_digest=_digest(FairnessGate),
    )


def _report_settings(plan: PipelinePlan, task: Task, code: TaskCode) -> ReportSettings:
    return ReportSettings(
        labels=task.labels,
        slice_features=plan.config.evaluation.slice_features,
        text_features=task.text_features,
        parts=code.report_parts,
        terms=plan.config.counterfactual,
        statements=plan.config.card.over({**task.statements, **plan.config.input.known_statements()}),
        with_text=plan.config.report_text,
        published="asked" if plan.config.published else "by rows" if plan.config.input.published_files else "",
        source_digest=source_digest(Reporter.__module__, code.report_parts.rpartition(".")[0]),
    )


def _evaluation_digest() -> str:
    return source_digest(eval_config.EXTRACTORS, Evaluator.__module__)


def _digest(function: Callable[..., Any]) -> str:
    return source_digest(function.__module__)
