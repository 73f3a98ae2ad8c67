"""`fairgate check TASK`: one sentence, and what will be trained."""

from collections.abc import Sequence

import pytest

from pipeline.commands.check import check_task

TASK = "civil-comments"
DNN = ("operating point  as trained with the weight label + 0.1", "strength         fixed: the weights of the published exercise")


def trained(settings: Sequence[str] = (), preset: str | None = None) -> list[str]:
    """The lines below the first."""
    return [line.strip() for line in check_task(TASK, None, settings, preset=preset).splitlines()[1:]]


def test_the_default_is_the_model_of_n_grams() -> None:
    assert check_task(TASK, None, ()).splitlines()[0] == f"{TASK}: the configuration and its policy of 8 rules are in order."
    assert trained() == [
        "model            ngrams: hashed words and characters in a logistic regression, C = 2",
        "text embedding   none",
        "operating point  balanced",
        "strength         auto: the least of 1, 2, 4 and 8 that keeps the policy's ratio",
    ]


def test_settings_of_n_grams_are_shown() -> None:
    settings = ("training.embedding=glove.txt", "training.operating_point={target_fpr: 0.05}", "training.strength=4")
    assert trained(settings)[1:] == [
        "text embedding   glove.txt, beside the n-grams",
        "operating point  target_fpr: 0.05",
        "strength         4",
    ]


def test_a_preset_and_the_sample_s_embedding_are_shown() -> None:
    assert trained(["input.sample=true"], "exercise") == [
        "preset           exercise",
        "model            dnn: hidden layers 500, 100; 1,000 steps of 512, all rows",
        "text embedding   training-text",
        *DNN,
        "notes            The sample's own text embedding takes the place of nnlm-en-dim128/1.",
    ]


def test_the_network_without_a_preset_stops_early() -> None:
    assert trained(["training.model=dnn", "training.hidden=[]"]) == [
        "model            dnn: hidden layers none; 1,000 steps of 512, 10% of the training rows held back to stop early",
        "text embedding   auto: built from the training text for the sample, otherwise https://tfhub.dev/google/nnlm-en-dim128/2",
        *DNN,
    ]


@pytest.mark.parametrize(("preset", "lines"), [(None, ["model  digits"]), ("cnn", ["preset  cnn", "model   cnn"])])
def test_an_image_task_shows_the_preset_of_its_models(preset: str | None, lines: list[str]) -> None:
    assert [line.strip() for line in check_task("digits", None, (), preset=preset).splitlines()[1:]] == lines


def test_settings_of_the_other_model_are_named() -> None:
    lines = check_task("civil-comments", None, ["training.hidden=[3]", "training.steps=7"]).splitlines()
    remedy = "leave it out, or add --set training.model=dnn."
    assert lines[-1] == f"Warning: training.hidden and training.steps: without effect on the model ngrams; {remedy}"
    assert "Warning" not in check_task("civil-comments", None, ["training.model=dnn", "training.steps=7"])
    assert "Warning" not in check_task("civil-comments", None, [])
