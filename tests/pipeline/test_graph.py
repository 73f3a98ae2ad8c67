"""The wired graph, where it is not seen in a run."""

import pytest

from pipeline.config import load


@pytest.mark.slow
def test_beam_options_reach_every_beam_step() -> None:
    """Each step that is a Beam pipeline gets them, in their order; these are all of them."""
    from tfx.dsl.components.base.executor_spec import BeamExecutorSpec

    from components.steps.import_examples import ImportExamples
    from pipeline.graph import PipelinePlan, create_pipeline

    beam_args = ("--runner=PortableRunner", "--job_endpoint=jobs:8099")
    examples = ImportExamples(folder="examples")
    plan = PipelinePlan(load("digits"), examples, "digits", generated=False, root="root", serving="serving", beam_args=beam_args)
    specs = {step.id: step.executor_spec for step in create_pipeline(plan).components}
    found = {name: tuple(spec.beam_pipeline_args) for name, spec in specs.items() if isinstance(spec, BeamExecutorSpec)}
    steps = ("StatisticsGen", "Transform", "Evaluator", "EvaluatorTrain")
    assert found == dict.fromkeys(steps, beam_args)
