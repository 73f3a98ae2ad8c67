"""Which models a graph trains, on what, and with which configuration."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.tasks.civil_comments.config import CommentsTraining
from pipeline.config import Overrides, load

pytestmark = pytest.mark.slow

COMMON = {
    "ImportExamples",
    "StatisticsGen",
    "ImportSchema",
    "ExampleValidator",
    "DataGate",
    "TrainerBaseline",
    "TrainerCandidate",
    "Evaluator",
    "FairnessGate",
    "Reporter",
    "Pusher",
}
OF_TEXT = COMMON | {"CounterfactualTest"}
WITH_REFERENCE = {"TextFeatures", "TrainerReference", "EvaluatorReference"}
TRAINERS = ("TrainerBaseline", "TrainerCandidate", "TrainerReference")
STRICTER = "policy.rules=[{kind: gap, id: gaps, metric: false_positive_rate, slices: ['gender:*'], limit: 1.125}]"


def graph(*settings: str, task: str = "civil-comments", **values: Any) -> dict[str, Any]:
    """The steps of a graph by their ids, in its order."""
    from components.steps.import_examples import ImportExamples
    from pipeline.graph import create_pipeline
    from pipeline.plan import PipelinePlan

    config = load(task, Overrides(settings=settings, values=values))
    plan = PipelinePlan(config, ImportExamples(folder="examples"), "text", False, "root", "serving", ())
    return {step.id: step for step in create_pipeline(plan).components}


def trainings(steps: Mapping[str, Any]) -> dict[str, Any]:
    """What each Trainer is told: by its id, recipe, seed and training configuration."""
    return {name: json.loads(steps[name].exec_properties["custom_config"]) for name in TRAINERS if name in steps}


def producers(step: Any) -> dict[str, str]:
    """The step that each input of a step comes from."""
    return {name: channel.producer_component_id for name, channel in step.inputs.items()}


@pytest.mark.parametrize(
    ("task", "settings", "steps"),
    [
        ("civil-comments", (), OF_TEXT | WITH_REFERENCE),
        ("civil-comments", ("training.model=dnn",), OF_TEXT | WITH_REFERENCE | {"Transform"}),
        ("digits", (), COMMON | {"Transform", "EvaluatorTrain"}),
    ],
)
def test_steps_are_those_that_the_models_need(task: str, settings: tuple[str, ...], steps: set[str]) -> None:
    found = graph(*settings, task=task)
    assert found.keys() == steps


@pytest.mark.parametrize(
    ("settings", "judged"), [((), "TextFeatures"), (("training.model=dnn",), "Transform")], ids=["ngrams", "dnn"]
)
def test_every_trainer_reads_what_its_model_trains_on(settings: tuple[str, ...], judged: str) -> None:
    steps = graph(*settings)
    sources = {name: set(producers(steps[name]).values()) for name in TRAINERS}
    assert sources == {"TrainerBaseline": {judged}, "TrainerCandidate": {judged}, "TrainerReference": {"TextFeatures"}}


@pytest.mark.parametrize("name", ["Transform", "TextFeatures"])
def test_the_data_gate_comes_before_what_reads_the_data_for_training(name: str) -> None:
    assert "DataGate" in {step.id for step in graph("training.model=dnn")[name].upstream_nodes}


def test_the_reference_is_compared_with_the_candidate_on_eval() -> None:
    steps = graph()
    assert producers(steps["EvaluatorReference"]) == {
        "examples": "ImportExamples",
        "model": "TrainerCandidate",
        "baseline_model": "TrainerReference",
        "schema": "ImportSchema",
    }
    assert json.loads(steps["EvaluatorReference"].exec_properties["example_splits"]) == ["eval"]
    gate = producers(steps["FairnessGate"])
    assert (gate["reference"], gate["reference_evaluation"]) == ("TrainerReference", "EvaluatorReference")


def test_each_trainer_is_told_its_recipe() -> None:
    recipes = {name: told["recipe"] for name, told in trainings(graph()).items()}
    assert recipes == {"TrainerBaseline": "baseline", "TrainerCandidate": "remediated", "TrainerReference": "reference"}


@pytest.mark.parametrize("model", ["ngrams", "dnn"])
def test_a_candidate_without_remedy_is_trained_as_the_baseline(model: str) -> None:
    told = trainings(graph(f"training.model={model}", candidate="baseline"))
    assert told["TrainerCandidate"] == told["TrainerBaseline"]


def changed(*settings: str, before: tuple[str, ...] = ()) -> set[str]:
    """Which Trainers of a graph are told something else once the settings are there."""
    one, other = trainings(graph(*before)), trainings(graph(*before, *settings))
    return {name for name in TRAINERS if one[name] != other[name]}


DNN = ("training.model=dnn",)
JUDGED = {"TrainerBaseline", "TrainerCandidate"}


@pytest.mark.parametrize(
    ("setting", "before", "names"),
    [
        ("training.strength=4", (), {"TrainerCandidate"}),
        (STRICTER, (), {"TrainerCandidate"}),
        ("training.ratio_limit=1.5", (), set()),  # the policy's goes first
        ("training.embedding=/an/embedding", (), JUDGED),
        ("training.notes=[A note.]", (), JUDGED),
        ("training.inverse_regularisation=1", (), set(TRAINERS)),
        ("training.operating_point=max_f1", (), set(TRAINERS)),
        ("training.steps=7", (), set()),
        ("training.hidden=[3]", (), set()),
        ("training.steps=7", DNN, JUDGED),
        (STRICTER, DNN, set()),
    ],
)
def test_a_setting_trains_again_those_models_that_depend_on_it(setting: str, before: tuple[str, ...], names: set[str]) -> None:
    assert changed(setting, before=before) == names


def test_the_strictest_ratio_of_the_policy_reaches_the_candidate() -> None:
    told = {name: CommentsTraining.model_validate(told["training"]) for name, told in trainings(graph(STRICTER)).items()}
    default = CommentsTraining().ratio_limit
    assert {name: training.ratio_limit for name, training in told.items()} == {
        "TrainerBaseline": default,
        "TrainerCandidate": 1.125,
        "TrainerReference": default,
    }


@pytest.mark.parametrize(
    ("settings", "embedding"),
    [((), ""), (("training.embedding=/an/embedding",), "/an/embedding"), ((*DNN, "training.embedding=/an/embedding"), "")],
)
def test_features_hold_vectors_where_an_n_gram_model_has_an_embedding(settings: tuple[str, ...], embedding: str) -> None:
    """The network embeds by itself. The source that loads the embedding is part of what the cache sees."""
    found = json.loads(graph(*settings)["TextFeatures"].exec_properties["settings"])
    assert (found["text"], found["label"], found["embedding"]) == ("comment_text", "toxicity", embedding)
    assert list(found["groups"]) == ["gender", "sexual_orientation", "religion", "race", "disability"]
    assert bool(found["embedder"]) == bool(embedding)
    plain = json.loads(graph()["TextFeatures"].exec_properties["settings"])
    assert (found["source_digest"] != plain["source_digest"]) == bool(embedding)
