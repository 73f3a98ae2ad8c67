"""Configuration of one image classifier."""

import pytest
from pydantic import ValidationError

from components.tasks.base import Recipe
from components.tasks.images.config import ImagesTraining
from components.tasks.images.model_config import PRESETS, ImageModelConfig


@pytest.mark.parametrize(("steps", "epochs"), [(None, 9), (0, 9), (1, 1), (10, 1), (11, 2), (50, 5)])
def test_steps_of_a_submitted_run_become_whole_epochs(steps: int | None, epochs: int) -> None:
    """Ten batches of ten images are one epoch of a hundred."""
    assert ImageModelConfig(batch_size=10, epochs=9).in_steps(steps, rows=100).epochs == epochs


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"hidden": [8, 4], "dropout": [0.1]}, "dropout has 1 values, but hidden has 2 layers; give one value for all"),
        (
            {"hidden": [8], "activation": ["relu", "relu"]},
            "activation has 2 values, but hidden has 1 layers; give one value for all",
        ),
        ({"hidden": [8], "filters": [[4]], "dropout": [0.1]}, "convolutions have no dense layers of their own"),
        ({"schedule": "constant", "warm_up": 0.1}, "warm_up 0.1 has no effect with schedule: constant; remove one of them"),
        ({"monitor": "val_accuracy", "metrics": []}, r"monitor val_accuracy needs accuracy among metrics \[\]; add it"),
        ({"hidden": [8], "dropout": [1.0]}, "less than 1"),
    ],
)
def test_settings_that_contradict_each_other(changes: dict[str, object], problem: str) -> None:
    """The message names both, and what to change."""
    with pytest.raises(ValidationError, match=problem):
        ImageModelConfig.model_validate(changes)


@pytest.mark.parametrize(
    ("changes", "stops"),
    [
        ({"monitor": "val_loss", "validation_share": 0.1}, True),
        ({"monitor": "val_loss", "validation_share": 0.0}, False),
        ({"monitor": "loss", "validation_share": 0.0}, True),
        ({"monitor": "loss", "patience": None}, False),
    ],
)
def test_what_can_end_training_early(changes: dict[str, object], stops: bool) -> None:
    """What is watched must be measured, and patience be limited."""
    assert ImageModelConfig.model_validate(changes).stops_early is stops


def test_the_lab_is_the_published_one() -> None:
    """128-64-32, the first layer without activation, one dropout behind the 64, Adam at its default, until the loss rests."""
    lab = PRESETS["lab"]
    assert lab.candidate.hidden == (128, 64, 32)
    assert lab.candidate.activations == ("linear", "relu", "relu")
    assert (lab.baseline.dropouts, lab.candidate.dropouts) == ((0.0, 0.0, 0.0), (0.0, 0.1, 0.0))
    assert (lab.baseline.patience, lab.candidate.patience) == (5, 3)
    assert (lab.baseline.restore_best, lab.candidate.restore_best) == (False, True)
    both = {
        (each.optimizer, each.learning_rate, each.schedule, each.batch_size, each.epochs, each.monitor, each.validation_share)
        for each in (lab.baseline, lab.candidate)
    }
    assert both == {("adam", 0.001, "constant", 32, 500, "loss", 0.0)}


def test_the_lab_of_the_digits() -> None:
    """50 epochs to the end, Adam at its default; nothing is held out, so that nothing stops early."""
    lab = PRESETS["digits-lab"]
    for each, dropouts in ((lab.baseline, (0.0, 0.0, 0.0)), (lab.candidate, (0.0, 0.1, 0.0))):
        assert (each.hidden, each.dropouts, each.epochs, each.stops_early) == ((128, 64, 32), dropouts, 50, False)
        assert (each.optimizer, each.learning_rate, each.schedule, each.batch_size) == ("adam", 0.001, "constant", 32)
    assert ImagesTraining(preset="digits-lab").transform_config() == {}


@pytest.mark.parametrize("width", [1, 1024])
@pytest.mark.parametrize("epochs", [5, 15, 50, 500])
def test_the_sizes_that_the_lab_tries(width: int, epochs: int) -> None:
    """Laid over the preset, as `--set training.candidate.hidden=[…]` does."""
    changes = {"hidden": [width], "dropout": 0.1, "activation": "relu", "epochs": epochs, "loss_goal": 0.25}
    model = ImagesTraining(preset="lab", candidate=changes).model("remediated")
    assert (model.hidden, model.epochs, model.loss_goal, model.dropouts) == ((width,), epochs, 0.25, (0.1,))


@pytest.mark.parametrize(("scale_pixels", "changes"), [(True, {}), (False, {"scale": 1})])
def test_pixels_may_stay_as_they_are(scale_pixels: bool, changes: dict[str, int]) -> None:
    assert ImagesTraining(scale_pixels=scale_pixels).transform_config() == changes


@pytest.mark.parametrize(
    ("preset", "recipe", "words"),
    [
        ("mlp", "baseline", "perceptron of 128-64-32, no dropout"),
        ("mlp", "remediated", "perceptron of 128-64-32, dropout 0.2"),
        ("lab", "remediated", "perceptron of 128-64-32, dropout 0.1"),
        ("cnn", "remediated", "convolutions of 24-48-80, dropout 0.3, 2 members"),
    ],
)
def test_a_model_is_called_by_what_it_is(preset: str, recipe: Recipe, words: str) -> None:
    """A dropout is no remedy, so a verdict on images speaks of none."""
    assert ImagesTraining(preset=preset).recipe_words(recipe) == words
