"""The steps of the graph, one function each: what `pipeline.graph` wires, with the settings that make up their cache keys."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from tfx.components import Trainer, Transform
from tfx.proto import trainer_pb2

from components.evaluation import eval_config
from components.modelling.feature_settings import FeatureSettings
from components.steps.counterfactual_settings import CounterfactualSettings
from components.steps.counterfactual_test import CounterfactualTest
from components.steps.data_gate import DataGate
from components.steps.evaluator import Evaluator
from components.steps.fairness_gate import FairnessGate
from components.steps.feature_trainer import FeatureTrainer
from components.steps.gate_settings import GateSettings
from components.steps.report_settings import ReportSettings
from components.steps.reporter import Reporter
from components.steps.text_features import TextFeatures
from components.tasks.base import FeaturePlan, Recipe, Task, TaskCode, TaskModel
from fairgate.gate.waivers import in_force
from fairgate.names import BASELINE, CANDIDATE, REFERENCE
from pipeline.config import RunConfig
from pipeline.plan import PipelinePlan
from pipeline.provenance import dotted_name, source_digest


def data_gate(config: RunConfig, task: Task, examples: Any, schema: Any, anomalies: Any) -> Any:
    """Return the step that stops the run on data that cannot support an honest model."""
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


def recipes_of(config: RunConfig, features: FeaturePlan | None) -> dict[str, Recipe]:
    """Return model -> the recipe that it is trained by."""
    recipes: dict[str, Recipe] = {BASELINE: "baseline", CANDIDATE: config.candidate}
    return recipes | ({REFERENCE: "reference"} if features and "reference" in features.trainings else {})


def need_transform(recipes: Mapping[str, Recipe], features: FeaturePlan | None) -> bool:
    """Return whether a model trains on what Transform writes."""
    return features is None or not set(recipes.values()) <= features.trainings.keys()


def text_features(features: FeaturePlan, examples: Any) -> Any:
    """Return the step that makes n-grams of texts, once for all models that train on them."""
    settings = FeatureSettings.model_validate_json(features.settings)
    embedder = [settings.embedder.rpartition(".")[0]] if settings.embedder else []
    settings = settings.model_copy(update={"source_digest": source_digest(TextFeatures.__module__, *embedder)})
    return TextFeatures(examples=examples, settings=settings.model_dump_json())


def transform(task: Task, code: TaskCode, training: TaskModel, examples: Any, schema: Any) -> Transform:
    """Return the step that runs the preprocessing, once for all models that train on what it writes."""
    custom_config = {**task.transform_config, **training.transform_config(), "source_digest": _digest(code.preprocessing_fn)}
    return Transform(
        examples=examples,
        schema=schema,
        preprocessing_fn=dotted_name(code.preprocessing_fn),
        custom_config=custom_config,
        disable_statistics=True,
    )


def trainer(recipe: Recipe, plan: PipelinePlan, code: TaskCode, transform: Any) -> Trainer:
    """Return the step that trains on what Transform wrote."""
    return Trainer(
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        train_args=plan.parameters.get("train_args", trainer_pb2.TrainArgs(splits=["train"])),
        eval_args=trainer_pb2.EvalArgs(splits=["eval"]),
        **_training(recipe, plan, code.run_fn, plan.config.training),
    )


def feature_trainer(recipe: Recipe, plan: PipelinePlan, features: FeaturePlan, text_features: Any) -> Trainer:
    """Return the step that trains on n-grams."""
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


def evaluator(split: str, plan: PipelinePlan, task: Task, examples: Any, schema: Any, candidate: Any, baseline: Any) -> Any:
    """Return the step that measures candidate and baseline on a split."""
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


def reference_evaluator(plan: PipelinePlan, task: Task, examples: Any, schema: Any, models: Mapping[str, Any]) -> Any:
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


def counterfactual_test(config: RunConfig, task: Task, examples: Any, candidate: Any, baseline: Any) -> Any:
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


def fairness_gate(
    plan: PipelinePlan,
    examples: Any,
    models: Mapping[str, Any],
    evaluations: Mapping[str, Any],
    counterfactual: Any,
    data_facts: Any,
) -> Any:
    """Return the step that decides."""
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


def report_settings(plan: PipelinePlan, task: Task, code: TaskCode) -> ReportSettings:
    """Return what the report shows, and how."""
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
