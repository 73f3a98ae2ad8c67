"""`fairgate predict` for tasks with several classes: a second model, probabilities, abstentions, true classes."""

import json
from pathlib import Path

import numpy as np
import pytest

from components.tasks.images.decision import DecisionRule
from components.tasks.images.predict import coverage_lines, decide
from fairgate.cli import main as cli
from fairgate.errors import InputError
from fairgate.files import folder_digest
from fairgate.gate.verdict import ModelInfo
from pipeline.commands.predict import named, plain_lines
from pipeline.commands.predict_several import notes, second_folder
from tests.pipeline.published import write_report

CLASSES = ("a", "b", "c")
ROWS = np.array([[0.5, 0.375, 0.125], [0.25, 0.5, 0.25]])


def model(folder: Path, content: str = "") -> Path:
    """A folder that looks like a SavedModel; returns it."""
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_text(content)
    return folder


def test_probabilities_and_their_sum_stand_below_the_decision() -> None:
    (line,) = named(["x.png"], decide(ROWS[:1], DecisionRule(), 0), CLASSES)
    assert list(plain_lines([line])) == [
        "decision  confidence  margin  input",
        "a              0.500   0.125  x.png",
        "Probabilities: a: 0.500, b: 0.375, c: 0.125; sum 1.000000.",
    ]
    assert json.loads(line.to_json()) == {
        "input": "x.png",
        "decision": "a",
        "reason": "",
        "confidence": 0.5,
        "margin": 0.125,
        "probabilities": {"a": 0.5, "b": 0.375, "c": 0.125},
        "sum": 1.0,
    }


def test_the_shortlist_stands_with_the_probabilities() -> None:
    """As the first model answered them, though the second one decided."""
    lines = named(["x", "y"], decide(ROWS, DecisionRule(shortlist_min=0.3), 0, ROWS[:, ::-1]), CLASSES)
    assert list(notes(lines)) == [
        "Probabilities of x: a: 0.500, b: 0.375, c: 0.125; sum 1.000000; shortlist: a, b.",
        "Probabilities of y: a: 0.250, b: 0.500, c: 0.250; sum 1.000000; shortlist: b.",
        "Decided 2 of 2.",
    ]
    assert [line.words for line in lines] == ["b (by the second model)", "b"]
    assert json.loads(lines[0].to_json())["shortlist"] == ["a", "b"]


def test_probabilities_that_are_no_numbers_are_null() -> None:
    (line,) = named(["x"], decide(np.array([[np.nan, 0.5, 0.5]]), DecisionRule(), 0), CLASSES)
    found = json.loads(line.to_json())
    assert (found["probabilities"], found["sum"]) == ({"a": None, "b": 0.5, "c": 0.5}, None)


def test_abstentions_are_counted_with_their_reasons() -> None:
    """Of 21 inputs the probabilities are left to --json."""
    rows = np.concatenate([np.tile(ROWS[:1], (20, 1)), ROWS[1:]])
    lines = named(["x"] * 21, decide(rows, DecisionRule(min_margin=0.2), 0), CLASSES)
    assert list(notes(lines)) == [
        "The probabilities of 21 inputs are left out here; --json has them.",
        "Decided 1 of 21; abstained: 20 margin too small.",
    ]


def test_coverage_against_accuracy_in_words() -> None:
    """Of the first row (5 : 3 : 1) the rule abstains; the other is right. A line for each kind and limit follows."""
    rule = DecisionRule(min_margin=0.2)
    first, header, *table = coverage_lines(ROWS, rule, None, np.array([0, 1]))
    assert first == "Accuracy on what is decided: 100.0%, coverage 50.0%."
    assert header == "coverage against accuracy  limit  decided  accuracy"
    assert len(table) == 5 * 7 - 2
    assert table[:2] == [
        "confidence                  0.00   100.0%    100.0%",
        "confidence                  0.10   100.0%    100.0%",
    ]
    assert "confidence                  0.90     0.0%         –" in table
    assert len(coverage_lines(ROWS, DecisionRule(shortlist_top=2), ROWS, np.array([0, 1]))) == 2 + 6 * 7 - 3


def test_accuracy_of_drawn_classes_is_the_expected_one() -> None:
    first, *_ = coverage_lines(ROWS, DecisionRule(near_tie=0.2), None, np.array([0, 0]))
    assert first == "Accuracy on what is decided: 25.0% (of ties the expected share), coverage 100.0%."


def test_second_model_is_a_saved_model_or_the_newest_of_a_run(tmp_path: Path) -> None:
    """A published one must have its verdict."""
    saved = model(tmp_path / "saved")
    assert second_folder(None, saved, published=False) is None
    assert second_folder(str(saved), saved, published=False) == saved
    version = model(tmp_path / "root" / "serving" / "2")
    with pytest.raises(InputError, match="no report of this root names it"):
        second_folder(str(tmp_path / "root"), saved, published=False)
    write_report(version)
    assert second_folder(str(tmp_path / "root"), saved, published=False) == version


def test_baseline_is_the_one_that_the_published_model_was_compared_with(tmp_path: Path) -> None:
    """Found by its digest among those of other runs."""
    version = model(tmp_path / "serving" / "2", "candidate")
    steps = tmp_path / "artifacts" / "TrainerBaseline" / "model"
    others = [model(steps / number / "Format-Serving", number) for number in ("3", "7", "9")]
    digests = {"candidate": folder_digest(version), "baseline": folder_digest(others[1])}
    write_report(version, models={name: ModelInfo(digest=digest) for name, digest in digests.items()})
    assert second_folder("baseline", version, published=True) == others[1]


def test_no_baseline_is_a_mistake(tmp_path: Path) -> None:
    """The first model is of no run, or the run kept none."""
    version = model(tmp_path / "serving" / "2")
    write_report(version)
    with pytest.raises(InputError, match="names no run; give --root FOLDER instead"):
        second_folder("baseline", version, published=False)
    with pytest.raises(
        InputError, match=r"\(without a digest\) is not there; run the pipeline again, or .*--second-model FOLDER\."
    ):
        second_folder("baseline", version, published=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("civil-comments", "x", "--second-model", "m"),
            "--second-model does not apply to civil-comments, which has two classes",
        ),
        (("civil-comments", "x", "--labels", "f"), "--labels does not apply to civil-comments"),
        (("civil-comments", "x", "--shortlist-top", "2"), "--shortlist-top does not apply to civil-comments; choose from"),
        (
            ("digits", "x.png", "--model", "m", "--second-model", "n"),
            "n: neither a SavedModel (no saved_model.pb in it) nor the root",
        ),
        (("digits", "x.png", "--shortlist-top", "1"), "give at least two classes: --shortlist-top 2"),
        (("digits", "x.png", "--model", "m", "--shortlist-top", "11"), "of 10 classes; give at most --shortlist-top 10"),
    ],
)
def test_mistakes_exit_with_three(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str) -> None:
    """Before TensorFlow is loaded, and before the inputs are read."""
    assert cli.main(["predict", *arguments]) == 3
    assert message in " ".join(capsys.readouterr().err.split())


def test_second_model_without_a_shortlist_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second = model(tmp_path / "second")
    assert cli.main(["predict", "digits", "x.png", "--model", "m", "--second-model", str(second)]) == 3
    assert "give one, such as --shortlist-top 3 or --shortlist-min 0.1" in " ".join(capsys.readouterr().err.split())
