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

import json
from collections.abc import Mapping

from tfx.components import ExampleValidator, StatisticsGen, Trainer, Transform
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration.pipeline import Pipeline
from tfx.proto import pusher_pb2

from components.steps.counterfactual_test import CounterfactualTest
from components.steps.data_gate import DataGate
from components.steps.evaluator import Evaluator
from components.steps.import_schema import ImportSchema
from components.steps.pusher import Pusher
from components.steps.reporter import Reporter
from components.steps.text_features import TextFeatures
from components.validation.statistics_options import statistics_options
from fairgate.files import file_digest
from fairgate.names import BASELINE, CANDIDATE, REFERENCE
from pipeline import graph_steps, tasks
from pipeline.plan import PipelinePlan


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
    data_gate = graph_steps.data_gate(config, task, examples, schema, validator.outputs["anomalies"])  # 5
    features = code.features(config.training, config.policy) if code.features else None
    recipes = graph_steps.recipes_of(config, features)
    transform = (
        graph_steps.transform(task, code, plan.config.training, examples, schema)
        if graph_steps.need_transform(recipes, features)
        else None
    )  # 6
    text_features = graph_steps.text_features(features, examples) if features else None
    for step in filter(None, (transform, text_features)):
        step.add_upstream_node(data_gate)
    trainers = {  # 7
        name: graph_steps.feature_trainer(recipe, plan, features, text_features)
        if features and recipe in features.trainings
        else graph_steps.trainer(recipe, plan, code, transform)
        for name, recipe in recipes.items()
    }
    for name, trainer in trainers.items():
        trainer.with_id(f"Trainer{name.capitalize()}")
    models = {name: trainer.outputs["model"] for name, trainer in trainers.items()}
    judged = {name: models[name] for name in (BASELINE, CANDIDATE)}
    evaluators = {
        split: graph_steps.evaluator(split, plan, task, examples, schema, **judged) for split in config.evaluation.splits
    }  # 8
    compared = graph_steps.reference_evaluator(plan, task, examples, schema, models) if REFERENCE in models else None
    counterfactual = graph_steps.counterfactual_test(config, task, examples, **judged)  # 9
    tested = counterfactual.outputs["counterfactual"] if counterfactual else None
    evaluations = {split: evaluator.outputs["evaluation"] for split, evaluator in evaluators.items()}
    if compared:
        evaluations[REFERENCE] = compared.outputs["evaluation"]
    gate = graph_steps.fairness_gate(plan, examples, models, evaluations, tested, data_gate.outputs["data_blessing"])  # 10
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
        settings=graph_steps.report_settings(plan, task, code).model_dump_json(),
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


def rows_read(graph: Pipeline, rows: Mapping[str, int]) -> dict[str, int]:
    """Return the node id of every step -> the examples that it reads: of train, of the split that it evaluates, or of all.

    Args:
        graph: the steps.
        rows: split -> examples; empty where that is not known, and all numbers are 0.
    """
    return {step.id: sum(rows[split] for split in _splits_read(step, rows)) for step in graph.components}


def _splits_read(step: BaseNode, rows: Mapping[str, int]) -> list[str]:
    known = step.exec_properties
    if isinstance(step, Trainer):
        read = ["train"]
    elif isinstance(step, Evaluator):
        read = json.loads(known["example_splits"])
    elif isinstance(step, CounterfactualTest):
        read = ["eval"]
    elif isinstance(step, (StatisticsGen, DataGate, Transform, TextFeatures)):
        return list(rows)
    else:
        return []
    return [split for split in read if split in rows]
