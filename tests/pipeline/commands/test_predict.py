"""`fairgate predict`: reading inputs, deciding, showing, and the whole way through a SavedModel."""

import csv
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from components.modelling import metadata, prediction
from components.modelling.metadata import ModelMetadata
from components.modelling.prediction import InputFile, Inputs, MalformedInput, Prediction, Predictor, newest
from components.tasks.images.domain import profile
from data.records import decode_example, encode_example
from fairgate.cli import main as cli
from fairgate.errors import InputError
from fairgate.model_facts import OperatingPoint
from pipeline import tasks
from pipeline.commands.predict import (
    DecidedAt,
    Predicted,
    as_table,
    at_threshold,
    input_file,
    make_rule,
    named,
    plain_lines,
    unknown_notes,
    warnings_of,
    with_number,
    with_probability,
    with_rows,
    with_warnings,
)
from tests.pipeline.published import write_report


def predictor(task: str) -> Predictor:
    """The task's."""
    make = tasks.find(task).predictor
    assert make is not None
    return make()


COMMENTS = predictor("civil-comments")
DIGITS = predictor("digits")


def published(root: Path, *versions: str) -> Path:
    """A folder of published models that are empty; returns it."""
    for version in versions:
        (root / "serving" / version).mkdir(parents=True)
        (root / "serving" / version / "saved_model.pb").touch()
    return root / "serving"


def test_newest_is_the_highest_number(tmp_path: Path) -> None:
    """Not the last by the alphabet, nor a version that is still being copied."""
    serving = published(tmp_path, "9", "10")
    (serving / "11").mkdir()
    assert newest(serving) == serving / "10"


@pytest.mark.parametrize(
    ("score", "threshold", "min_margin", "expected"),
    [
        (0.51, 0.5, 0.0, (1, "")),
        (0.5, 0.5, 0.0, (0, "")),
        (0.2, 0.1, 0.0, (1, "")),
        (0.75, 0.5, 0.25, (1, "")),
        (0.25, 0.5, 0.25, (0, "")),
        (0.625, 0.5, 0.25, (None, "score too close to the threshold")),
        (0.375, 0.5, 0.25, (None, "score too close to the threshold")),
        (math.nan, 0.5, 0.0, (None, "score not finite")),
    ],
)
def test_comment_is_decided_by_its_distance_from_the_threshold(
    score: float, threshold: float, min_margin: float, expected: tuple[int | None, str]
) -> None:
    """Toxic above the threshold; abstains nearer than the margin."""
    rule = COMMENTS.rule(threshold=threshold, min_margin=min_margin)
    (made,) = COMMENTS.decide(np.array([[score]]), rule, 0)
    assert (made.chosen, made.reason) == expected


def test_image_is_decided_by_confidence_and_margin() -> None:
    """The plain answer has no reason, an abstention has."""
    probabilities = np.array([[0.75, 0.25, 0.0], [0.25, 0.5, 0.25], [0.5, 0.375, 0.125]])
    made = DIGITS.decide(probabilities, DIGITS.rule(min_confidence=0.5, min_margin=0.25), 0)
    assert made == [
        Prediction(0, "", {"confidence": 0.75, "margin": 0.5}, (0.75, 0.25, 0.0)),
        Prediction(1, "", {"confidence": 0.5, "margin": 0.25}, (0.25, 0.5, 0.25)),
        Prediction(None, "margin too small", {"confidence": 0.5, "margin": 0.125}, (0.5, 0.375, 0.125)),
    ]


def test_near_tie_is_broken_by_the_seed() -> None:
    """The same seed draws the same; both classes come up."""
    ties = np.full((50, 2), 0.5)
    rule = DIGITS.rule(near_tie=0.1)
    assert DIGITS.decide(ties, rule, 1) == DIGITS.decide(ties, rule, 1)
    assert {made.chosen for made in DIGITS.decide(ties, rule, 1)} == {0, 1}
    assert {made.reason for made in DIGITS.decide(ties, rule, 1)} == {"drawn from a tie"}


def texts(inputs: Inputs) -> list[Any]:
    """The texts that the model will see; each example must hold nothing else."""
    examples = [decode_example(example) for example in inputs.examples]
    assert all(list(example) == ["comment_text"] for example in examples)
    return [example["comment_text"][0].decode() for example in examples]  # type: ignore[union-attr]


def test_comments_come_from_arguments_and_a_file(tmp_path: Path) -> None:
    """One a line, blank lines passed over, the arguments first."""
    file = tmp_path / "comments.txt"
    file.write_text("\ufeffone, two\n\n  \nthrée\n", encoding="utf-8")
    inputs = COMMENTS.read(["zero"], InputFile(file))
    assert list(inputs.names) == texts(inputs) == ["zero", "one, two", "thrée"]


def test_comments_come_from_a_column(tmp_path: Path) -> None:
    """Without a label; a text may span lines."""
    file = tmp_path / "comments.csv"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([("id", "comment_text"), (1, "one\ntwo"), (2, ""), (3, 'say "three"')])
    assert texts(COMMENTS.read([], InputFile(file))) == ["one\ntwo", 'say "three"']


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"id,text\n1,good\n", "no column comment_text; columns found: 'id', 'text'. Rename the text column"),
        ("a.csv", b'comment_text\nfine\n"open\nfine\n', "wrong quoting in the row that starts in line 3"),
        ("a.csv", b"id,comment_text,comment_text\n1,a,b\n", "the column comment_text appears 2 times; keep one"),
        ("a.csv", b"comment_text\nhello, you\n", "no comments to judge; row 1: 2 cells, but the header has 1 column"),
        ("a.csv", b"", "the file is empty"),
        (
            "a.txt",
            b"\xff",
            "no comments to judge; row 1: .* not UTF-8, or NUL; if .* another encoding, name it: --encoding cp1252",
        ),
        ("a.txt", b"\n\n", r"0 of 2 rows answered \(2 without text, 0 malformed"),
        ("a.txt", None, "no such file; give an existing file$"),
    ],
)
def test_file_without_comments_is_a_mistake(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    """The message names what is wrong."""
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=message):
        COMMENTS.read([], InputFile(file))


@pytest.mark.parametrize(("given", "message"), [((), "No comments"), ((" ",), "blank"), (("\udcff",), "not valid UTF-8")])
def test_argument_that_is_no_comment_is_a_mistake(given: Sequence[str], message: str) -> None:
    """Nothing, blanks, bytes of another encoding."""
    with pytest.raises(InputError, match=message):
        COMMENTS.read(given, None)


def write_images(folder: Path) -> tuple[str, str]:
    """A picture of a full square and a CSV file of two digits, one dark and one bright."""
    picture, table = folder / "full.png", folder / "digits.csv"
    Image.fromarray(np.full((16, 16), 255, np.uint8)).save(picture)
    np.savetxt(table, np.stack([np.zeros(64), np.full(64, 16)]), "%d", ",")
    return str(picture), str(table)


def test_images_are_named_by_file_and_place(tmp_path: Path) -> None:
    """A picture is one image, a table several; the examples have the pixels of the task."""
    picture, table = write_images(tmp_path)
    inputs = DIGITS.read([picture, table], None)
    assert inputs.names == (picture, f"{table}: image 1", f"{table}: image 2")
    examples = [decode_example(example) for example in inputs.examples]
    assert examples == [{"image": [brightness] * 64} for brightness in (16, 0, 16)]


@pytest.mark.parametrize(
    ("given", "file", "message"), [([], None, "No images"), ([], InputFile(Path("a.txt")), "--file a.txt is for comm")]
)
def test_images_must_be_given_as_arguments(given: list[str], file: InputFile | None, message: str) -> None:
    """Nothing, or a list of comments."""
    with pytest.raises(InputError, match=message):
        DIGITS.read(given, file)


def test_limits_that_were_not_given_are_the_tasks() -> None:
    """Only what was given is laid over the defaults."""
    assert make_rule("civil-comments", COMMENTS.rule, {"threshold": 0.25, "near_tie": None}) == COMMENTS.rule(0.25, 0.0)


@pytest.mark.parametrize(
    ("task", "limits", "message"),
    [
        ("digits", {"threshold": 0.5, "near_tie": None}, "--threshold does not apply to digits; choose from --near-tie."),
        ("civil-comments", {"min_confidence": 0.5, "threshold": None}, "--min-confidence does not apply to civil-comments"),
        ("digits", {"shortlist_top": 0}, "--shortlist-top is 0, which leaves every class on the list"),
        ("digits", {"shortlist_min": 0.0}, "--shortlist-min is 0, which leaves every class on the list"),
        ("civil-comments", {"threshold": 1.5}, "threshold is 1.5; give a number from 0 to 1"),
        ("civil-comments", {"min_margin": math.nan}, "min_margin is nan"),
        ("digits", {"min_confidence": -1.0}, "min_confidence is -1.0"),
    ],
)
def test_wrong_limits_are_mistakes(task: str, limits: dict[str, float | None], message: str) -> None:
    """Limits of another task, and numbers that are no share."""
    with pytest.raises(InputError, match=message):
        make_rule(task, predictor(task).rule, limits)


LINES = [
    Predicted("good\n[bold]day\x1b[2J", "non-toxic", Prediction(0, "", {"score": 0.125, "margin": 0.375})),
    Predicted("bad", None, Prediction(None, "score not finite", {"score": math.nan, "margin": math.nan})),
]


def test_plain_lines_are_aligned_and_harmless() -> None:
    """No line feed and no control character of an input reaches the terminal."""
    assert list(plain_lines(LINES)) == [
        "decision                     score  margin  input",
        "non-toxic                    0.125   0.375  good [bold]day\ufffd[2J",
        "abstains (score not finite)    nan     nan  bad",
    ]


POINT = OperatingPoint(name="target_fpr: 0.05", threshold=0.25, chosen_on="validation", rows=2000)
SAID = ModelMetadata(architecture="ngrams", recipe="baseline", operating_point=POINT)


@pytest.mark.parametrize(
    ("given", "said", "expected"),
    [
        (None, SAID, DecidedAt(0.25, "a false positive rate of 0.05, chosen on validation (2,000 examples)")),
        (0.75, SAID, DecidedAt(0.75)),
        (None, None, DecidedAt(0.5)),
        (None, ModelMetadata(architecture="dnn", recipe="baseline"), DecidedAt(0.5)),
        (0.75, None, DecidedAt(0.75)),
    ],
)
def test_threshold_is_the_given_one_or_the_models_own(
    given: float | None, said: ModelMetadata | None, expected: DecidedAt
) -> None:
    """And says how it was chosen, if the model does."""
    rule = make_rule("civil-comments", COMMENTS.rule, {"threshold": given, "min_margin": 0.125})
    assert at_threshold(rule, given, said) == (COMMENTS.rule(expected.threshold, 0.125), expected)


def test_task_without_a_threshold_decides_at_none() -> None:
    rule = DIGITS.rule(near_tie=0.25)
    assert at_threshold(rule, None, SAID) == (rule, None)


def test_threshold_and_operating_point_are_part_of_the_answer() -> None:
    (line,) = named(["a"], [Prediction(1, "", {"score": 0.5})], ("non-toxic", "toxic"), DecidedAt(0.25, "by hand"))
    assert list(plain_lines([line])) == [
        "decision  score  input",
        "toxic     0.500  a",
        "Decided at the threshold 0.25: by hand.",
    ]
    assert {key: json.loads(line.to_json())[key] for key in ("threshold", "operating_point")} == {
        "threshold": 0.25,
        "operating_point": "by hand",
    }
    plain = replace(line, decided_at=DecidedAt(0.25))
    assert (list(plain_lines([plain]))[-1], json.loads(plain.to_json())["operating_point"]) == (
        "Decided at the threshold 0.25.",
        None,
    )


def test_calibrated_probability_stands_beside_the_score() -> None:
    made = [Prediction(1, "", {"score": 0.75}), Prediction(0, "", {"score": 0.25})]
    assert with_probability(made, None) == made
    assert with_probability(made, np.array([0.5, 0.125], np.float32)) == [
        Prediction(1, "", {"score": 0.75, "probability": 0.5}),
        Prediction(0, "", {"score": 0.25, "probability": 0.125}),
    ]


def test_table_shows_inputs_as_they_are() -> None:
    """What looks like rich's markup is text; what is too long is cut."""
    console = Console(width=60, file=None, record=True, quiet=False, force_terminal=False)
    with console.capture() as captured:
        console.print(as_table([LINES[0], Predicted("x" * 99, "toxic", Prediction(1, "", {"score": 0.5, "margin": 0.0}))]))
    lines = captured.get().splitlines()
    assert "good [bold]day" in lines[1]
    assert lines[2].endswith("x…")
    assert len(lines) == 3


def test_json_has_the_input_whole() -> None:
    """Null stands for an abstention and for what is undefined."""
    assert json.loads(LINES[0].to_json()) == {
        "input": "good\n[bold]day\x1b[2J",
        "decision": "non-toxic",
        "reason": "",
        "score": 0.125,
        "margin": 0.375,
    }
    assert json.loads(LINES[1].to_json()) == {
        "input": "bad",
        "decision": None,
        "reason": "score not finite",
        "score": None,
        "margin": None,
    }


GIVEN = Inputs(
    ("argument", "good", "bad"),
    (b"", b"", b""),
    (0, 2, 10),
    (MalformedInput(1, "1 cell"), MalformedInput(4, "NUL\x1b")),
    ("a note",),
)


def numbered() -> list[Predicted]:
    """What is said of an argument and of four rows, two of them malformed."""
    made = [Prediction(0, "", {"score": score}) for score in (0.125, 0.25, 0.5)]
    return with_rows(named(GIVEN.names, made, ("non-toxic", "toxic"), DecidedAt(0.75)), GIVEN)


def test_every_row_of_a_file_has_its_line() -> None:
    """In the order of the rows, behind the arguments; a malformed row says why."""
    assert list(plain_lines(numbered())) == [
        "row  decision   score  input",
        "     non-toxic  0.125  argument",
        "  1  malformed      –  (1 cell)",
        "  2  non-toxic  0.250  good",
        "  4  malformed      –  (NUL\ufffd)",
        " 10  non-toxic  0.500  bad",
        "Decided at the threshold 0.75.",
    ]


def test_json_has_the_number_of_the_row() -> None:
    """Null for an argument; a malformed row has no input, no decision and no numbers."""
    lines = [json.loads(line.to_json()) for line in numbered()]
    assert [(line["row"], line["input"], line["score"]) for line in lines] == [
        (None, "argument", 0.125),
        (1, None, None),
        (2, "good", 0.25),
        (4, None, None),
        (10, "bad", 0.5),
    ]
    assert (lines[1]["decision"], lines[1]["reason"]) == (None, "malformed: 1 cell")
    assert [list(line) for line in lines] == [list(lines[0])] * 5


def test_table_numbers_the_rows() -> None:
    console = Console(width=60, file=None, record=True, quiet=False, force_terminal=False)
    with console.capture() as captured:
        console.print(as_table(numbered()))
    assert captured.get().splitlines()[2].rstrip() == "  1  malformed      –  (1 cell)"


def test_without_a_file_nothing_is_numbered() -> None:
    assert with_rows(LINES, Inputs(("a", "b"), (b"", b""))) == LINES


def test_options_about_the_file_go_with_it() -> None:
    """A lone dash is the standard input."""
    assert input_file(None, None, "", "") is None
    given = input_file(Path("-"), ["comment_text=body"], "tab", "cp1252")
    assert given == InputFile(Path("/dev/stdin"), {"comment_text": "body"}, "tab", "cp1252")


@pytest.mark.parametrize(
    ("options", "name"), [((["a=b"], "", ""), "--columns"), ((None, ";", ""), "--delimiter"), ((None, "", "x"), "--encoding")]
)
def test_options_about_a_file_need_one(options: tuple[list[str] | None, str, str], name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is about a file; name it with --file FILE"):
        input_file(None, *options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing", "a"), "Unknown task 'nothing'"),
        (("civil-comments", "a"), "No model is published in runs/civil-comments/serving"),
        (("civil-comments", "a", "--root", "r", "--model", "m"), "Give either --root r or --model m."),
        (("civil-comments", "a", "--model", "m"), "m: no SavedModel"),
        (("digits", "a.png", "--model", "m"), "a.png: cannot be read"),
        (("civil-comments", "--model", "m"), "No comments to judge"),
    ],
)
def test_mistakes_exit_with_three(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    """Before TensorFlow is loaded, and with nothing on the standard output."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["predict", *arguments]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err


def save_model(folder: Path, feature: str, *, probability: bool = False) -> str:
    """A SavedModel with the one signature: the comment's length in hundreds, or what the brightness says; returns its folder."""
    import tensorflow as tf

    class Tiny(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
        def serve(self, examples: Any) -> dict[str, Any]:
            if feature == "comment_text":
                raw = tf.io.parse_example(examples, {feature: tf.io.FixedLenFeature([1], tf.string)})
                score = tf.cast(tf.strings.length(raw[feature]), tf.float32) / 100
                return {"score": score, **({"probability": score / 4} if probability else {})}
            raw = tf.io.parse_example(examples, {feature: tf.io.FixedLenFeature([64], tf.int64)})
            bright = tf.reduce_mean(tf.cast(raw[feature], tf.float32), axis=1, keepdims=True) / 16
            return {"probabilities": bright * tf.one_hot([3], 10) + (1 - bright) / 10}

    tiny = Tiny()
    tiny.weights = tf.Variable(tf.zeros([1000]))  # a file of variables that can be cut
    tf.saved_model.save(tiny, str(folder), signatures={"serving_default": tiny.serve})
    return str(folder)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Task -> root folder with a published model of it."""
    roots = {task: tmp_path_factory.mktemp(task) for task in ("civil-comments", "digits")}
    for task, feature in (("civil-comments", "comment_text"), ("digits", "image")):
        save_model(roots[task] / "serving" / "1", feature)
        write_report(roots[task] / "serving" / "1")
    return {task: str(root) for task, root in roots.items()}


@pytest.mark.slow
def test_comments_through_a_model(models: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Scores, decisions and abstentions, in the order of the inputs."""
    arguments = ["predict", "civil-comments", "a" * 75, "b" * 25, "c" * 50, "--min-margin", "0.1"]
    assert cli.main([*arguments, "--root", models["civil-comments"]]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "decision                                     score  margin  input",
        f"toxic                                        0.750   0.250  {'a' * 75}",
        f"non-toxic                                    0.250   0.250  {'b' * 25}",
        f"abstains (score too close to the threshold)  0.500   0.000  {'c' * 50}",
        "Decided at the threshold 0.5.",
    ]


@pytest.mark.slow
def test_a_file_through_a_model(models: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its rows by number on the standard output; what was detected, and rows without an answer, on the standard error."""
    file = tmp_path / "a b[1].tfrecord.gz"
    file.write_bytes(b"id;comment_text\n1;" + b"a" * 75 + b"\n2;\n3\n4;" + b"b" * 25 + b"\n")
    assert cli.main(["predict", "civil-comments", "--file", str(file), "--root", models["civil-comments"]]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "row  decision   score  margin  input",
        f"  1  toxic      0.750   0.250  {'a' * 75}",
        "  3  malformed      –       –  (1 cell, but the header has 2 columns)",
        f"  4  non-toxic  0.250   0.250  {'b' * 25}",
        "Decided at the threshold 0.5.",
    ]
    assert printed.err.splitlines() == [
        f"{file}: this looks separated by semicolons, and is read so; to read one comment a line: --delimiter none",
        f"{file}: 2 of 4 rows answered (1 without text, 1 malformed)",
    ]


@pytest.mark.slow
def test_model_with_a_probability_and_an_operating_point(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Decides by its score at its own threshold, and shows the probability beside it."""
    model = save_model(tmp_path / "model", "comment_text", probability=True)
    metadata.write(model, SAID)
    assert cli.main(["predict", "civil-comments", "a" * 50, "--model", model, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "input": "a" * 50,
        "decision": "toxic",
        "reason": "",
        "score": 0.5,
        "margin": 0.25,
        "probability": 0.125,
        "threshold": 0.25,
        "operating_point": POINT.words,
    }


@pytest.mark.slow
def test_images_through_a_model(
    models: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bright is a three, dark is anything; batches change nothing."""
    monkeypatch.setattr(prediction, "BATCH", 2)
    picture, table = write_images(tmp_path)
    arguments = ["predict", "digits", picture, table, "--min-confidence", "0.5", "--json"]
    assert cli.main([*arguments, "--model", f"{models['digits']}/serving/1"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["input"], line["decision"], line["reason"]) for line in lines] == [
        (picture, "3", ""),
        (f"{table}: image 1", None, "confidence too low"),
        (f"{table}: image 2", "3", ""),
    ]
    assert lines[0]["margin"] == 1
    assert lines[1]["probabilities"] == {str(digit): pytest.approx(0.1) for digit in range(10)}
    assert lines[1]["sum"] == pytest.approx(1)


@pytest.mark.slow
def test_a_second_model_and_labels(models: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dark image is anything to both models, so the tie among the shortlist is left open; coverage and accuracy follow."""
    picture, table = write_images(tmp_path)
    (tmp_path / "labels.txt").write_text("3\n0\n4\n")
    limits = ["--shortlist-min", "0.05", "--min-margin", "0.1", "--labels", str(tmp_path / "labels.txt")]
    arguments = ["predict", "digits", picture, table, *limits, "--root", models["digits"]]
    assert cli.main([*arguments, "--second-model", f"{models['digits']}/serving/1"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in printed[1:4]] == ["3", "abstains (margin too small)", "3"]
    assert printed[7:9] == [
        "Decided 2 of 3; abstained: 1 margin too small.",
        "Accuracy on what is decided: 50.0%, coverage 66.7%.",
    ]


def test_inputs_unlike_training_are_warned_of_at_most_twenty_times() -> None:
    """Each with what differs, shortened and harmless; those like training are not named."""
    names = ["fine", "\x1bodd " + "x" * 80, *map(str, range(20))]
    lines = list(warnings_of(names, [[], ["it is odd", "it is long"], *[["no"]] * 20]))
    assert lines[0] == f"Unlike the training data: \ufffdodd {'x' * 55}…: it is odd; it is long."
    assert lines[-1] == "And 1 more inputs are unlike the training data; --json names them all."
    assert len(lines) == 21


def test_json_has_the_warnings_of_an_input() -> None:
    odd, fine = with_warnings([LINES[0], LINES[0]], [["it is odd"], []])
    assert json.loads(odd.to_json())["warnings"] == ["it is odd"]
    assert "warnings" not in json.loads(fine.to_json())


@pytest.mark.slow
def test_text_in_another_script_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the report of the published model says what training saw; the answer stands all the same."""
    save_model(tmp_path / "serving" / "1", "comment_text")
    report = write_report(tmp_path / "serving" / "1")
    (report / "content").mkdir(exist_ok=True)
    facts = {"profile": {"rows": 9, "noun": "texts", "scripts": {"latin": 1.0}}}
    (report / "content" / "facts.json").write_text(json.dumps(facts))
    assert cli.main(["predict", "civil-comments", "привет", "hello", "--root", str(tmp_path)]) == 0
    told = capsys.readouterr()
    warning = "Unlike the training data: привет: most of its letters are cyrillic, like none of those in training."
    assert [line for line in told.err.splitlines() if line.startswith("Unlike")] == [warning]
    assert len(told.out.splitlines()) == 4


def test_colour_and_size_of_a_picture_are_noted(tmp_path: Path) -> None:
    picture = tmp_path / "photo.png"
    Image.new("RGB", (40, 30), (200, 30, 30)).save(picture)
    notes = predictor("digits").read([str(picture)], None).notes
    assert notes == (
        f"{picture}: a colour picture; it was made grey, as the images of training are",
        f"{picture}: 40x30 pixels; it was made to fit 8x8",
    )


def test_inverted_image_is_unlike_training() -> None:
    """The predictor compares the images that the model gets."""
    dark = np.zeros((8, 8), np.uint8)
    dark[2:6, 3:5] = 12
    known = profile([dark, (dark // 2).astype(np.uint8)], 16)
    examples = [encode_example({"image": image.ravel().tolist()}) for image in (dark, 16 - dark)]
    unlike = predictor("digits").unlike
    assert unlike is not None
    assert [bool(own) for own in unlike(examples, known)] == [False, True]


@pytest.mark.slow
@pytest.mark.parametrize(("task", "other"), [("civil-comments", "digits"), ("digits", "civil-comments")])
def test_model_of_another_task_is_a_mistake(
    models: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], task: str, other: str
) -> None:
    """It cannot read these examples."""
    given = "a comment" if task == "civil-comments" else write_images(tmp_path)[0]
    assert cli.main(["predict", task, given, "--root", models[other]]) == 3
    assert "is it one of this task?" in capsys.readouterr().err


def test_model_without_a_blessed_verdict_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether it is refused, or lies there without a report: TensorFlow is not even loaded."""
    first = published(tmp_path, "1") / "1"
    write_report(first, outcome="refused")
    assert cli.main(["predict", "civil-comments", "a", "--root", str(tmp_path)]) == 3
    assert "is refused, so no verdict stands behind this model" in capsys.readouterr().err
    published(tmp_path, "2")
    assert cli.main(["predict", "civil-comments", "a", "--root", str(tmp_path)]) == 3
    assert "2: no report of this root names it" in capsys.readouterr().err


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no graph": lambda folder: (folder / "saved_model.pb").write_bytes(b"no model"),
    "an empty graph": lambda folder: (folder / "saved_model.pb").write_bytes(b""),
    "a cut graph": lambda folder: cut(folder / "saved_model.pb"),
    "cut variables": lambda folder: cut(next(folder.glob("variables/*.data*"))),
    "a cut index": lambda folder: cut(folder / "variables" / "variables.index"),
    "no variables": lambda folder: next(folder.glob("variables/*.data*")).unlink(),
    "no index": lambda folder: (folder / "variables" / "variables.index").unlink(),
}


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_model_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str) -> None:
    """Named with --model, or published: then its digest is another one than the verdict's."""
    model = tmp_path / "serving" / "1"
    save_model(model, "comment_text")
    write_report(model)
    DAMAGES[damage](model)
    assert cli.main(["predict", "civil-comments", "a", "--model", str(model)]) == 3
    assert "Error" in capsys.readouterr().err
    assert cli.main(["predict", "civil-comments", "a", "--root", str(tmp_path)]) == 3
    assert "so no verdict stands behind this model" in capsys.readouterr().err


def test_unknown_words_are_a_number_of_each_text_and_a_note() -> None:
    """Of all words, of half or more; a text without words is neither."""
    shares = np.array([1.0, 0.5, 0.25, math.nan, 1.0])
    assert list(unknown_notes(shares)) == [
        "Of 2 of 5 comments the model knows no word: their scores say nothing about them.",
        "Of 1 of 5 comments the model knows at most half of the words: their scores say little.",
    ]
    assert list(unknown_notes(np.array([0.25]))) == []
    (made,) = with_number([Prediction(1, "", {"score": 0.75})], "unknown_words", np.array([0.5]))
    assert made.numbers == {"score": 0.75, "unknown_words": 0.5}
