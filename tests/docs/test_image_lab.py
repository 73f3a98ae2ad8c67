"""The settings that docs/image-lab.md states are those that a run takes, and mean what the page says."""

import re
from pathlib import Path
from typing import Any

import pytest

from components.tasks.images.config import ImagesTraining
from components.tasks.images.model_config import PRESETS
from pipeline import config as configuration

PAGE = Path(__file__).parents[2] / "docs" / "image-lab.md"
LAB = PRESETS["lab"].candidate.model_dump()
# Line of the page's table -> what it changes of the candidate.
CHANGES: dict[str, dict[str, Any]] = {
    "stop as soon as an epoch's training loss is below 0.25": {"loss_goal": 0.25},
    "5, 15, 50 epochs to the end": {"epochs": 15, "patience": None},
    "another width of the hidden layer, 1 to 1,024": {"hidden": (1024,), "activation": "relu", "dropout": 0.0},
    "ReLU in the first layer too": {"activation": "relu"},
    "pixels that are not scaled": {},
    "early stopping on the loss of a tenth that is held out": {"validation_share": 0.1, "monitor": "val_loss"},
    "other metrics of the training": {"metrics": ("accuracy", "sparse_top_k_categorical_accuracy")},
}


def stated() -> dict[str, tuple[str, ...]]:
    """The page's exercises with their settings."""
    lines = re.findall(r"^\| ([^|]+) \| `(--set [^`]+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {words: tuple(written.removeprefix("--set ").split(" --set ")) for words, written in lines}


def test_the_page_has_every_exercise() -> None:
    assert stated().keys() == CHANGES.keys()


@pytest.mark.parametrize("exercise", CHANGES)
def test_the_settings_change_what_the_page_says(exercise: str) -> None:
    """Of the candidate, and nothing else of either network."""
    overrides = configuration.Overrides(settings=stated()[exercise], values={"preset": "lab"})
    training = configuration.load("fashion-mnist", overrides).training
    assert isinstance(training, ImagesTraining)
    assert training.model("remediated").model_dump() == {**LAB, **CHANGES[exercise]}
    assert training.model("baseline") == PRESETS["lab"].baseline
    assert training.scale_pixels is (exercise != "pixels that are not scaled")
