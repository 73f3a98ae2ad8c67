"""Presets of a task: model, training and policy at once, below files and options."""

from pathlib import Path

import pytest

from components.tasks.civil_comments.config import CommentsInput, CommentsTraining
from components.tasks.images.model_config import PRESETS
from fairgate.asked import by_command
from fairgate.errors import InputError
from fairgate.gate.presets import AUTHOR
from pipeline import tasks
from pipeline.check import problems
from pipeline.config import Overrides, load

TASK = "civil-comments"
EXERCISE = {"preset": "exercise"}
EMBEDDING = "https://tfhub.dev/google/nnlm-en-dim128/1"
SENTENCE = "The sample's own text embedding takes the place of nnlm-en-dim128/1."


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A place for a configuration file."""
    return tmp_path / "run.yaml"


def test_exercise_is_the_published_one() -> None:
    config = load(TASK, Overrides(values=EXERCISE))
    assert config.training == CommentsTraining(
        model="dnn",
        embedding=EMBEDDING,
        hidden=(500, 100),
        learning_rate=0.003,
        batch_size=512,
        steps=1000,
        validation_share=0,
    )
    assert config.input == CommentsInput(validation_fraction=0, shared_texts="keep")
    assert config.policy == tasks.find(TASK).policies["exercise-gender"]


def test_the_way_of_choosing_a_preset_makes_no_difference(written: Path) -> None:
    written.write_text("preset: exercise\n")
    by_option = load(TASK, Overrides(values=EXERCISE))
    assert by_option.preset == "exercise"
    assert load(TASK, Overrides(written)) == by_option
    assert load(TASK, Overrides(settings=["preset=exercise"])) == by_option


def test_a_setting_can_take_back_the_preset_of_a_file(written: Path) -> None:
    written.write_text("preset: exercise\n")
    assert load(TASK, Overrides(written, ["preset=null"])) == load(TASK)


def test_files_policy_and_settings_go_before_a_preset(written: Path) -> None:
    """Each of the four layers above the task's defaults has one value that the layers below it have too."""
    written.write_text("training: {steps: 20, batch_size: 64}\npolicy: {preset: strict, min_examples: 30}\n")
    config = load(TASK, Overrides(written, ["training.batch_size=32"], EXERCISE, policy="lenient"))
    assert (config.training.model_dump()["model"], config.policy) == ("dnn", tasks.find(TASK).policies["lenient"])
    assert config.training.model_dump(include={"steps", "batch_size"}) == {"steps": 20, "batch_size": 32}


def test_a_file_changes_the_policy_of_a_preset(written: Path) -> None:
    written.write_text("policy: {min_examples: 30}\n")
    expected = (
        tasks.find(TASK)
        .policies["exercise-gender"]
        .model_copy(update={"author": f"{AUTHOR}, changed by this configuration", "min_examples": 30})
    )
    assert load(TASK, Overrides(written, values=EXERCISE)).policy == expected


def test_a_policy_that_is_extended_takes_the_place_of_a_preset_s(written: Path) -> None:
    (written.parent / "organisation.yaml").write_text("rules: [{id: auc, kind: quality, metric: auc, min: 0.7}]\n")
    written.write_text("policy: {extends: organisation.yaml}\n")
    config = load(TASK, Overrides(written, values=EXERCISE))
    assert [rule.id for rule in config.policy.rules] == ["auc"]
    assert config.training.model_dump()["model"] == "dnn"


@pytest.mark.parametrize(
    ("task", "name", "message"),
    [
        (TASK, "exercice", "there is no preset 'exercice'; did you mean --preset exercise\\? known: exercise"),
        (TASK, "strict", "'strict' is a preset of the policy alone; write --policy strict"),
        ("digits", "exercise", "there is no preset 'exercise'; known: mlp, cnn"),
    ],
)
def test_an_unknown_preset_lists_the_known_ones(task: str, name: str, message: str) -> None:
    with by_command(), pytest.raises(InputError, match=message):
        load(task, Overrides(values={"preset": name}))


@pytest.mark.parametrize(("task", "name"), [(task, name) for task in tasks.TASKS for name in tasks.find(task).presets])
def test_presets_of_every_task_are_in_order(task: str, name: str) -> None:
    assert problems(load(task, Overrides(values={"preset": name}))) == []


def test_presets_of_an_image_task_are_those_of_its_models() -> None:
    assert (
        load("digits", Overrides(values={"preset": "cnn"})).training
        == load("digits", Overrides(None, ["training.preset=cnn"])).training
    )
    assert set(tasks.find("fashion-mnist").presets) == set(PRESETS)


def test_the_name_of_a_preset_is_neither_stored_nor_hashed() -> None:
    """The same values are the same run, however they were written."""
    by_values = load("digits", Overrides(settings=["training.preset=cnn"]))
    assert load("digits", Overrides(values={"preset": "cnn"})).model_dump_json() == by_values.model_dump_json()


def test_the_sample_s_embedding_takes_the_place_of_a_preset_s() -> None:
    training = load(TASK, Overrides(values={**EXERCISE, "input": {"sample": True}})).training
    assert training == load(TASK, Overrides(values=EXERCISE)).training.model_copy(
        update={"embedding": "training-text", "notes": (SENTENCE,)}
    )


@pytest.mark.parametrize("embedding", [EMBEDDING, "folder/of/a/model"])
def test_an_embedding_that_the_user_names_stays(embedding: str) -> None:
    """Also where it is the one of the preset."""
    overrides = Overrides(settings=[f"training.embedding={embedding}"], values={**EXERCISE, "input": {"sample": True}})
    training = load(TASK, overrides).training.model_dump()
    assert (training["embedding"], training["notes"]) == (embedding, ())


def test_without_a_preset_the_sample_has_nothing_to_replace() -> None:
    assert load(TASK, Overrides(values={"input": {"sample": True}})).training == CommentsTraining()
