"""When a run repeats the published image lab."""

import pytest

from components.tasks.images.config import ImagesTraining
from components.tasks.images.published import OFFICIAL_TEST_ROWS, OFFICIAL_TRAIN, published
from fairgate.names import BASELINE, CANDIDATE


def settings(training: ImagesTraining) -> dict[str, dict[str, object]]:
    """What both models of a training say that they were trained with."""
    return {
        BASELINE: training.settings(training.model("baseline")),
        CANDIDATE: training.settings(training.model("remediated")),
    }


def test_the_lab_on_the_official_images_has_published_figures() -> None:
    found = published(settings(ImagesTraining(preset="lab")), OFFICIAL_TRAIN, OFFICIAL_TEST_ROWS)
    assert found is not None
    assert found.set_index(["model", "split", "metric"])["value"].to_dict() == {
        ("baseline", "train", "accuracy"): 0.959,
        ("baseline", "train", "loss"): 0.110,
        ("baseline", "eval", "accuracy"): 0.8823,
        ("baseline", "eval", "loss"): 0.701,
        ("candidate", "train", "accuracy"): 0.919,
        ("candidate", "train", "loss"): 0.218,
        ("candidate", "eval", "accuracy"): 0.8814,
        ("candidate", "eval", "loss"): 0.398,
    }


@pytest.mark.parametrize(
    ("training", "digest", "test_rows"),
    [
        (ImagesTraining(preset="mlp"), OFFICIAL_TRAIN, OFFICIAL_TEST_ROWS),
        (ImagesTraining(preset="lab", candidate={"epochs": 5}), OFFICIAL_TRAIN, OFFICIAL_TEST_ROWS),
        (ImagesTraining(preset="lab", scale_pixels=False), OFFICIAL_TRAIN, OFFICIAL_TEST_ROWS),
        (ImagesTraining(preset="lab"), "0" * 64, OFFICIAL_TEST_ROWS),
        (ImagesTraining(preset="lab"), OFFICIAL_TRAIN, 9_999),
    ],
)
def test_another_training_or_other_images_have_none(training: ImagesTraining, digest: str, test_rows: int) -> None:
    assert published(settings(training), digest, test_rows) is None


def test_a_model_that_says_nothing_has_none() -> None:
    assert published({}, OFFICIAL_TRAIN, OFFICIAL_TEST_ROWS) is None
