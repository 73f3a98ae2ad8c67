"""How examples are counted: from a task's configuration, and through JSON."""

import json

import pytest

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.counting.settings import CountSettings
from fairgate.errors import InputError

TOXICITY = LabelSpec("toxicity", ("ok", "toxic"), "binary", "weight")


def test_settings_are_those_of_the_configuration() -> None:
    """The label's part and the evaluation's."""
    config = EvaluationConfig(thresholds=(0.25, 0.5), score_bins=200, min_intersection=30)
    assert CountSettings.of(TOXICITY, config) == CountSettings(
        "toxicity", ("ok", "toxic"), "binary", "weight", thresholds=(0.25, 0.5), score_bins=200, min_intersection=30
    )


def test_several_classes_have_no_thresholds() -> None:
    """The class of the largest probability is the answer."""
    settings = CountSettings.of(LabelSpec("label", ("a", "b", "c"), "multiclass"), EvaluationConfig(thresholds=(0.5,)))
    assert settings.thresholds == ()


def test_scores_are_kept_in_finer_cells_than_are_drawn() -> None:
    """16 cells for each bin."""
    assert CountSettings("toxicity", ("ok", "toxic"), "binary", score_bins=200).cells == 3200


def test_more_thresholds_than_can_be_counted_are_an_error() -> None:
    """500 are the most; the message gives the key and the number."""
    thresholds = tuple(number / 502 for number in range(1, 502))
    assert len(CountSettings.of(TOXICITY, EvaluationConfig(thresholds=thresholds[:500])).thresholds) == 500
    with pytest.raises(InputError, match=r"^evaluation.thresholds has 501 values; at most 500 can be evaluated at once.$"):
        CountSettings.of(TOXICITY, EvaluationConfig(thresholds=thresholds))


def test_settings_survive_json() -> None:
    """Tuples become lists on the way, and whole numbers may; they come back as tuples of floats."""
    settings = CountSettings.of(TOXICITY, EvaluationConfig(thresholds=(0.3, 0.5)))
    assert CountSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
    (threshold,) = CountSettings.from_json({**settings.to_json(), "thresholds": [1]}).thresholds
    assert (threshold, type(threshold)) == (1.0, float)
