"""The wired graph, where it is not seen in a run."""

import json
from datetime import date

import pytest

from fairgate.gate.waivers import Waiver
from pipeline.config import load


@pytest.mark.slow
def test_beam_options_reach_every_beam_step() -> None:
    """Each step that is a Beam pipeline gets them, in their order; these are all of them."""
    from tfx.dsl.components.base.executor_spec import BeamExecutorSpec

    from components.steps.import_examples import ImportExamples
    from pipeline.graph import create_pipeline
    from pipeline.plan import PipelinePlan

    beam_args = ("--runner=PortableRunner", "--job_endpoint=jobs:8099")
    examples = ImportExamples(folder="examples")
    plan = PipelinePlan(load("digits"), examples, "digits", generated=False, root="root", serving="serving", beam_args=beam_args)
    specs = {step.id: step.executor_spec for step in create_pipeline(plan).components}
    found = {name: tuple(spec.beam_pipeline_args) for name, spec in specs.items() if isinstance(spec, BeamExecutorSpec)}
    steps = ("StatisticsGen", "Transform", "Evaluator", "EvaluatorTrain")
    assert found == dict.fromkeys(steps, beam_args)


@pytest.mark.slow
@pytest.mark.parametrize(("today", "in_force"), [(date(2026, 12, 31), True), (date(2027, 1, 1), False), (None, True)])
def test_waivers_in_force_are_an_input_of_the_gate(today: date | None, in_force: bool) -> None:
    """So that the run after the last day judges again instead of being served from the cache; without a day the gate decides."""
    from components.steps.import_examples import ImportExamples
    from pipeline.graph import create_pipeline
    from pipeline.plan import PipelinePlan

    config = load("digits")
    waiver = Waiver.model_validate(
        {"rule": config.policy.rules[0].id, "slice": "overall", "who": "a", "why": "b", "until": "2026-12-31"}
    )
    config = config.model_copy(update={"policy": config.policy.model_copy(update={"waivers": (waiver,)})})
    examples = ImportExamples(folder="examples")
    plan = PipelinePlan(config, examples, "digits", False, "root", "serving", (), today=today)
    gate = next(step for step in create_pipeline(plan).components if step.id == "FairnessGate")
    settings = json.loads(gate.exec_properties["settings"])
    assert settings["waivers"] == ([waiver.model_dump(mode="json")] if in_force else [])


@pytest.mark.slow
@pytest.mark.parametrize(("counted", "clustered"), [({}, False), ({"eval": (200, 200)}, False), ({"eval": (20_000, 200)}, True)])
def test_copies_are_counted_as_clusters(counted: dict[str, tuple[int, int]], clustered: bool) -> None:
    """What the conversion counted decides it, because the graph is built before the DataGate counts."""
    from google.protobuf import json_format
    from tensorflow_model_analysis.proto import config_pb2

    from components.evaluation.extractors import settings_of
    from components.steps.import_examples import ImportExamples
    from pipeline.graph import create_pipeline
    from pipeline.plan import PipelinePlan

    plan = PipelinePlan(
        load("civil-comments"),
        ImportExamples(folder="examples"),
        "comments",
        generated=False,
        root="root",
        serving="serving",
        beam_args=(),
        counted=counted,
    )
    (evaluator,) = (step for step in create_pipeline(plan).components if step.id == "Evaluator")
    settings = settings_of(json_format.Parse(evaluator.exec_properties["eval_config"], config_pb2.EvalConfig()))
    assert (settings.clustered, settings.content_keys) == (clustered, ("comment_text",))
    assert settings.distinct == (counted["eval"][1] if counted else None)


@pytest.mark.slow
def test_rows_that_each_step_reads() -> None:
    """Of train, of the split that it evaluates, or of all; none where that is not known."""
    from components.steps.import_examples import ImportExamples
    from pipeline.graph import create_pipeline, rows_read
    from pipeline.plan import PipelinePlan

    config = load("civil-comments")
    plan = PipelinePlan(config, ImportExamples(folder="examples"), "comments", False, "root", "serving", ())
    graph = create_pipeline(plan)
    rows = {"train": 400, "eval": 200}
    assert rows_read(graph, rows) == {
        **{step.id: 0 for step in graph.components},
        **dict.fromkeys(("StatisticsGen", "DataGate", "TextFeatures"), 600),
        **dict.fromkeys(("TrainerBaseline", "TrainerCandidate", "TrainerReference"), 400),
        **dict.fromkeys(("Evaluator", "EvaluatorReference", "CounterfactualTest"), 200),
    }
    assert set(rows_read(graph, {}).values()) == {0}
