"""The serving check: a fresh process, and the judgement of what it answers."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from components.modelling import serving_check
from components.modelling.serving_check import check, judge, score
from data.records import encode_example, write_split


def save(folder: Path, output: str, scores: list[float], signature: str = "serving_default") -> str:
    """Saves a model that answers each example with the same scores; returns its folder."""
    module = tf.Module()
    serve = tf.function(
        lambda examples: {output: tf.repeat([tf.constant(scores, tf.float32)], tf.size(examples), axis=0)},
        input_signature=[tf.TensorSpec([None], tf.string, name="examples")],
    )
    tf.saved_model.save(module, str(folder), signatures={signature: serve})
    return str(folder)


@pytest.fixture
def examples(tmp_path: Path) -> str:
    """A file of three raw examples."""
    write_split(tmp_path, "eval", (encode_example({"comment_text": [b"a"]}) for _ in range(3)))
    return str(next((tmp_path / "Split-eval").iterdir()))


@pytest.mark.slow
def test_good_model_serves_in_a_fresh_process(tmp_path: Path, examples: str) -> None:
    """All rows that the file has."""
    found = check(save(tmp_path / "model", "score", [0.25]), examples)
    assert found.ok
    assert found.reason == "The exported model scored 3 raw examples in a fresh process; every score lies in [0, 1]."


@pytest.mark.slow
def test_damaged_model_is_no_model(tmp_path: Path, examples: str) -> None:
    """A file that was cut off is noticed, and the reason is one line."""
    folder = save(tmp_path / "model", "score", [0.25])
    graph = Path(folder, "saved_model.pb")
    graph.write_bytes(graph.read_bytes()[:100])
    found = check(folder, examples)
    assert not found.ok
    assert found.reason.startswith("The exported model could not be loaded and called in a fresh process: ")
    assert "\n" not in found.reason


def test_scores_of_the_first_rows(tmp_path: Path, examples: str) -> None:
    """As many as are asked for; one column or one per class."""
    assert score(save(tmp_path / "one", "score", [0.25]), examples, 2) == {"rows": 2, "scores": [[0.25], [0.25]]}
    answer = score(save(tmp_path / "two", "probabilities", [0.25, 0.75]), examples, 64)
    assert answer == {"rows": 3, "scores": [[0.25, 0.75]] * 3}


def test_model_without_the_signature_cannot_answer(tmp_path: Path, examples: str) -> None:
    """Another name is another interface."""
    with pytest.raises(KeyError, match="serving_default"):
        score(save(tmp_path / "model", "score", [0.25], signature="predict"), examples, 1)


def test_nan_survives_the_way_between_the_processes(tmp_path: Path, examples: str) -> None:
    """JSON has no NaN, Python's does."""
    answer = json.loads(json.dumps(score(save(tmp_path / "model", "score", [math.nan]), examples, 1)))
    assert math.isnan(answer["scores"][0][0])


@pytest.mark.parametrize("scores", [[[0.0]], [[1.0], [0.5]], [[0.25, 0.75]]])
def test_finite_scores_in_range_are_in_order(scores: list[list[float]]) -> None:
    """The bounds among them."""
    assert judge(scores, len(scores)).ok


@pytest.mark.parametrize(
    ("scores", "rows", "reason"),
    [
        ([[0.5], [math.nan], [2.0]], 3, "The exported model answered nan and 1 more score, outside [0, 1]."),
        ([[math.inf]], 1, "The exported model answered inf, outside [0, 1]."),
        ([[0.5, -0.001]], 1, "The exported model answered -0.001, outside [0, 1]."),
        ([[1.001]], 1, "The exported model answered 1.001, outside [0, 1]."),
        ([], 0, "The exported model answered 0 of 0 raw examples in a fresh process."),
        ([], 3, "The exported model answered 0 of 3 raw examples in a fresh process."),
        ([[], []], 2, "The exported model answered 0 of 2 raw examples in a fresh process."),
        ([[0.5]], 2, "The exported model answered 1 of 2 raw examples in a fresh process."),
        ([[0.5], [0.5], [0.5]], 2, "The exported model answered 3 of 2 raw examples in a fresh process."),
    ],
)
def test_other_scores_are_not(scores: list[list[float]], rows: int, reason: str) -> None:
    """NaN, infinite, out of range, or not one answer per row."""
    found = judge(scores, rows)
    assert (found.ok, found.reason) == (False, reason)


def test_model_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate does not wait for ever."""
    monkeypatch.setattr(serving_check, "SECONDS", 0.01)
    found = check(tmp_path, tmp_path)
    assert (found.ok, found.reason) == (False, "The exported model gave no answer within 0.01 s in a fresh process.")


def test_process_that_dies_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed for want of memory, say."""
    died = subprocess.CompletedProcess([sys.executable], -9, stdout="", stderr="")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: died)
    found = check("model", "examples")
    assert (found.ok, found.reason) == (
        False,
        "The exported model could not be loaded and called in a fresh process: no message",
    )
