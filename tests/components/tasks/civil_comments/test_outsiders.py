"""The candidate's answers on texts unlike those of training."""

from pathlib import Path

import pandas as pd
import pytest
import tensorflow as tf

from components.modelling import metadata
from components.tasks.civil_comments.domain import NO_LETTERS
from components.tasks.civil_comments.outsiders import TEXTS, outsiders
from data.comments.names import TEXT
from fairgate.model_facts import OperatingPoint
from tests.components.modelling.test_text_model import save

TRAIN = [{TEXT: [b"Thank you for the article about the new gardens in our city."]}] * 3
NO_WORD = 0.5621765  # 1 / (1 + exp(-.25)): what the model answers where it knows no word


def asked(folder: Path, threshold: float | None = None) -> pd.DataFrame:
    """The answers of a model that knows no word of the texts."""
    save(folder, tf.Module(), feature=TEXT)
    if threshold is not None:
        point = OperatingPoint(name="balanced", threshold=threshold, chosen_on="validation", rows=10)
        metadata.write(folder, metadata.ModelMetadata(architecture="dnn", recipe="baseline", operating_point=point))
    table: pd.DataFrame = outsiders(TRAIN, str(folder))["outsiders"]
    return table


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Those of a model without a threshold of its own."""
    return asked(tmp_path_factory.mktemp("model"))


def test_every_text_has_the_answer_of_the_model(answers: pd.DataFrame) -> None:
    assert [name.partition(": ")[0] for name in answers["input"]] == list(TEXTS)
    assert answers["input"].str.partition(": ")[2].str.len().max() == 61  # of the very long one
    assert answers["value"].to_numpy() == pytest.approx(NO_WORD, abs=1e-6)


def test_the_threshold_is_the_models_own(answers: pd.DataFrame, tmp_path: Path) -> None:
    """What is toxic at .5 is not at .6."""
    assert set(answers["decision"]) == {"toxic"}
    assert set(asked(tmp_path, 0.6)["decision"]) == {"non-toxic"}


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("emoji alone", NO_LETTERS),
        ("Russian", "most of its letters are cyrillic, like none of those in training"),
        ("German", "the model knows no word of it"),
        ("a very long text", "length in characters"),
    ],
)
def test_a_text_has_the_warnings_of_predict(answers: pd.DataFrame, name: str, warning: str) -> None:
    (found,) = answers.loc[answers["input"].str.startswith(f"{name}: "), "warnings"]
    assert warning in found
