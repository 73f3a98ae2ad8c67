"""Decisions in the place of scores: yes and no, classes, and what is neither."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import fairgate
from fairgate.errors import InputError
from fairgate.judging.decisions import DecisionReader, classes_of, positives, read_classes
from fairgate.judging.roles import Roles

nan = float("nan")


@pytest.mark.parametrize(
    ("cells", "positive", "expected"),
    [
        ([True, False, None], None, [1, 0, nan]),
        ([1, 0, 1], None, [1, 0, 1]),
        ([1.0, 0.0, nan], None, [1, 0, nan]),
        (["yes", "No", ""], None, [1, 0, nan]),
        (["1", "0", "1.0"], None, [1, 0, 1]),
        (["hired", "rejected", None], "hired", [1, 0, nan]),
        (["bad", "good"], "bad", [1, 0]),
        ([2, 1, 2], "2", [1, 0, 1]),
        ([2, 1], "1", [0, 1]),
        ([-1, 1], "-1", [1, 0]),
        ([2**60, 2**60 + 1], str(2**60), [1, 0]),
        (["yes", "no", "No"], "yes", [1, 0, 0]),
        (["yes", "unknown"], "yes", [1, 0]),
        (["yes", "no"], "no", [0, 1]),
        ([0, 1], "0", [1, 0]),
        ([None, None], None, [nan, nan]),
    ],
)
def test_decisions_are_read(cells: list[Any], positive: str | None, expected: list[float]) -> None:
    """As words, flags and numbers, of whichever value is positive; an empty cell is none."""
    reader = DecisionReader("d", positive)
    np.testing.assert_array_equal(reader.read(pa.array(cells), 1), expected)
    reader.finish()


@pytest.mark.parametrize(
    ("cells", "positive", "message"),
    [
        (
            [0, 1, None, 0.25],
            None,
            r"Row 14 has the decision '0.25' in the column d; that is a score, so type scores={.MODEL.: .d.}",
        ),
        (
            ["yes", "maybe"],
            None,
            "Row 12 has the decision 'maybe' in the column d; which value is positive\\? Type positive=\"maybe\"",
        ),
        ([[1], [0]], None, "The column d holds list<.*>; a decision is text, a number, or true or false"),
        (["hired", "no offer", "rejected"], "hired", "holds 'no offer', 'rejected' beside 'hired'"),
        ([0, 1, 2], "2", "holds '0', '1' beside '2', so it has more than two decisions"),
        (["no", "yes", "maybe"], "maybe", "holds 'no', 'yes' beside 'maybe', so it has more than two decisions"),
        (["no", "yes", "unknown"], "yes", "holds 'no', 'unknown' beside 'yes', so it has more than two decisions"),
    ],
)
def test_what_is_no_decision_is_refused(cells: list[Any], positive: str | None, message: str) -> None:
    """With its row and the remedy."""

    def read() -> None:
        reader = DecisionReader("d", positive)
        reader.read(pa.array(cells), 11)
        reader.finish()

    with pytest.raises(InputError, match=message):
        read()


def _positives(columns: dict[str, list[Any]], positive: str | None) -> dict[str, str | None]:
    """Return the positive value of each column but y, the label; every row is a batch of its own."""
    table = pa.table(columns)
    decisions = dict(zip(("candidate", "baseline"), (name for name in columns if name != "y"), strict=False))
    roles = Roles("y" if "y" in columns else None, decisions=decisions, positive=positive)
    return positives(list(enumerate(table.to_batches(max_chunksize=1), 1)), roles)


@pytest.mark.parametrize(
    ("columns", "positive", "expected"),
    [
        ({"d": [1, 1, 2]}, "2", {"d": "2"}),
        ({"d": ["no", "yes", "maybe"]}, "maybe", {"d": "maybe"}),
        ({"y": [1, 2, 1], "d": [2, 2, 1]}, "1", {"d": "1"}),
        ({"y": [1, 2], "d": [1, 1]}, "2", {"d": "2"}),
        ({"y": [-1, 1], "d": [1, -1]}, "1", {"d": "1"}),
        ({"y": ["yes", "unknown"], "d": ["unknown", "unknown"]}, "yes", {"d": "yes"}),
        ({"y": ["bad", "good"], "d": [1, 0]}, "bad", {"d": None}),
        ({"y": ["bad", "good"], "d": ["bad", "good"], "e": [True, False]}, "bad", {"d": "bad", "e": None}),
        ({"d": [1, 2], "e": [1, 1]}, "2", {"d": "2", "e": "2"}),
        ({"d": [True, False]}, "1", {"d": None}),
        ({"d": ["no", "no"]}, "yes", {"d": None}),
        ({"y": ["a", "b"], "d": ["c", "d"]}, "e", {"d": "e"}),
        ({"d": [1, 0]}, None, {"d": None}),
    ],
)
def test_which_decision_is_positive(columns: dict[str, list[Any]], positive: str | None, expected: dict[str, str | None]) -> None:
    """Of all rows: the value that is named, where it occurs or the label has its other value too; flags where they are plain."""
    assert _positives(columns, positive) == expected


@pytest.mark.parametrize(
    ("columns", "positive"),
    [
        ({"d": [1, 0]}, "2"),
        ({"d": ["rejected"]}, "hired"),
        ({"y": [1, 2], "d": [0, 1]}, "2"),
        ({"y": [0, 1], "d": [True, False]}, "0"),
        ({"y": ["bad", "good"], "d": ["bad loan", "good loan"]}, "bad"),
    ],
)
def test_a_decision_that_could_mean_two_things_is_refused(columns: dict[str, list[Any]], positive: str) -> None:
    """A flag that the label has as its negative value, and a value that occurs nowhere."""
    with pytest.raises(InputError, match=f"The column d holds '.*' and not '{positive}', which positive names"):
        _positives(columns, positive)


@pytest.mark.parametrize(
    ("values", "positive"), [((1, 2), 1), ((1, 2), 2), ((-1, 1), 1), ((-1, 1), -1), (("no", "maybe"), "maybe")]
)
def test_two_values_of_any_kind_are_judged(values: tuple[Any, Any], positive: Any) -> None:
    """With either as the positive one."""
    random = np.random.default_rng(2)
    label, decision = (np.array(values)[random.integers(0, 2, 200)] for _ in range(2))
    found = fairgate.evaluate(y_true=label, y_pred=decision, positive=positive)
    rates = found.metrics.query("slice == 'overall'").set_index("metric")["value"]
    assert rates["positive_rate"] == (decision == positive).mean()
    assert rates["false_positive_rate"] == (decision == positive)[label != positive].mean()


def _classes(label: list[Any], decision: list[Any], **more: Any) -> tuple[str, ...]:
    batch = pa.RecordBatch.from_pydict({"y": label, "d": decision})
    return classes_of([(1, batch), (1 + batch.num_rows, batch)], Roles("y", decisions={"candidate": "d"}, **more))


@pytest.mark.parametrize(
    ("label", "decision", "expected"),
    [
        (["cat", "dog", None], ["dog", "eel", "eel"], ("cat", "dog", "eel")),
        ([0, 1, 10], [2.0, 1.0, nan], ("0", "1", "2", "10")),
        (["0", "1", "2"], [0, 1, 1], ("0", "1", "2")),
        ([0, 1, 1], [True, False, True], ("0", "1")),
        ([0.2, 0.5, 1.0], [0, 1, 1], ("0", "1")),
        (["1", "a", "2"], ["1", "1", "b"], ("1", "2", "a", "b")),
        (["cat", "dog", "eel"], ["Cat", "DOG", "fox"], ("cat", "dog", "eel", "fox")),
        (["cat", "dog", "eel"], ["Cat", "cat", "dog"], ("Cat", "cat", "dog", "eel")),
        (["cat", "Cat", "eel"], ["CAT", "cat", "dog"], ("CAT", "Cat", "cat", "dog", "eel")),
        (["cat", "dog", "eel"], [None, None, None], ("cat", "dog", "eel")),
    ],
)
def test_the_classes_are_those_of_label_and_decision(label: list[Any], decision: list[Any], expected: tuple[str, ...]) -> None:
    """In order: numbers by size, then words; yes and no are the two of a binary task."""
    assert _classes(label, decision) == expected


def test_fractions_of_raters_are_labels_however_many_there_are() -> None:
    """Positive from .5; one number outside 0 to 1 among them makes them measurements."""
    fractions = np.arange(301) / 300
    decision = np.arange(301) % 2
    found = fairgate.evaluate(y_true=fractions, y_pred=decision)
    rates = found.metrics.query("slice == 'overall'").set_index("metric")["value"]
    assert rates["false_positive_rate"] == decision[fractions < 0.5].mean()
    for outside in (2.5, 2.0):
        with pytest.raises(InputError, match="looks like a regression"):
            fairgate.evaluate(y_true=np.append(fractions, outside), y_pred=np.append(decision, 1))


def test_two_words_need_a_positive_one() -> None:
    """Which is named."""
    with pytest.raises(InputError, match=r'which of them is positive\? Type positive="bad" or positive="good"'):
        _classes(["bad", "good"], ["good", "good"])
    assert _classes(["bad", "good"], ["good", "good"], positive="bad") == ("0", "1")


@pytest.mark.parametrize(
    ("label", "decision", "message"),
    [
        (["cat", "dog"], ["0", "1"], r"'cat', 'dog', and the column d '0', '1': none is in both, .* in the same words, or name"),
        (["cat", "dog", "eel"], [0, 1, 2], r"'cat', 'dog', 'eel', and the column d '0', '1', '2': none .* in the same words\.$"),
        ([0, 1, 1], ["bad", "good", "good"], r"'0', '1', and the column d 'bad', 'good': none is in both"),
    ],
)
def test_labels_and_decisions_without_a_common_class_are_refused(label: list[Any], decision: list[Any], message: str) -> None:
    """All decisions would be wrong; the values of both stand in the message."""
    with pytest.raises(InputError, match=f"The column y holds the classes {message}"):
        _classes(label, decision)


def test_what_the_message_on_no_common_class_says_to_type_is_judged() -> None:
    label, decision = ["bad", "good"] * 50, [1, 1, 1, 0] * 25
    with pytest.raises(InputError, match=r'means: positive="bad" or positive="good"\.'):
        fairgate.evaluate({"y": label, "d": decision}, label="y", decisions="d")
    found = fairgate.evaluate({"y": label, "d": decision}, label="y", decisions="d", positive="bad").metrics
    rates = found[found["slice"] == "overall"].set_index("metric")["value"]
    assert (rates["true_positive_rate"], rates["false_positive_rate"]) == (1.0, 0.5)


def test_a_model_of_several_that_shares_no_class_is_refused() -> None:
    table = {"y": ["a", "b", "c"], "d": ["a", "b", "b"], "e": ["x", "x", "x"]}
    with pytest.raises(InputError, match="and the column e 'x': none is in both"):
        fairgate.evaluate(table, label="y", decisions={"candidate": "d", "baseline": "e"})


def test_classes_may_differ_in_case() -> None:
    """One class for label and decision, whichever model writes it how."""
    label = ["cat", "dog", "eel"] * 40
    table = {"y": label, "d": [each.title() for each in label], "e": [each.upper() for each in label]}
    found = fairgate.evaluate(table, label="y", decisions={"candidate": "d", "baseline": "e"}).metrics
    assert found[(found["metric"] == "accuracy") & (found["slice"] == "overall")]["value"].tolist() == [1.0, 1.0]


def test_a_number_that_is_no_class_is_a_regression() -> None:
    """More values than a confusion matrix can have."""
    with pytest.raises(InputError, match=r"column y has more than 100 different values, .* it looks like a regression"):
        _classes([each / 7 for each in range(200)], [1] * 200)
    with pytest.raises(InputError, match="it names no class"):
        _classes([f"user {each}" for each in range(200)], ["a"] * 200)


def test_decisions_that_are_scores_are_to_be_named_so() -> None:
    """However many; the label is another column."""
    with pytest.raises(InputError, match=r"The column d has more than 100 .*; these are scores, so type scores=.*MODEL.*d"):
        _classes([0, 1] * 100, [each / 200 for each in range(200)])


def test_a_decision_of_spaces_is_none() -> None:
    """It is an invalid one as an empty cell is, and neither negative nor a class of its own."""
    cells = pa.array(["yes", " ", ""])
    assert np.isnan(DecisionReader("d", "yes").read(cells, 1)).tolist() == [False, True, True]
    batches = [(1, pa.record_batch([pa.array(["a", "b", "c"]), pa.array(["a", " ", "b"])], ["y", "d"]))]
    assert classes_of(batches, Roles("y", decisions={"candidate": "d"})) == ("a", "b", "c")


@pytest.mark.parametrize("word", ["NA", "n/a", "NaN", "<NA>", "null"])
def test_a_word_for_nothing_is_no_negative_decision(word: str) -> None:
    """Beside the positive value alone; as one of several others it is refused anyway."""
    reader = DecisionReader("d", "yes")
    reader.read(pa.array(["yes", word, "yes"]), 1)
    with pytest.raises(InputError, match=rf"column d holds '{word}' beside 'yes', .*: where=\"d != '{word}'\"\."):
        reader.finish()


@pytest.mark.parametrize("word", ["NA", "<NA>"])
def test_a_word_for_nothing_is_no_negative_label(word: str) -> None:
    table = {"y": ["bad", word] * 10, "p": [0.5] * 20}
    with pytest.raises(InputError, match=f"column y holds '{word}' beside 'bad', as if nothing stood there"):
        fairgate.evaluate(table, label="y", scores="p", positive="bad")


@pytest.mark.parametrize(
    ("label", "decision", "column"),
    [(["0", "1"], ["1", "null"], "d"), (["cat", "eel"], ["cat", "NaN"], "d"), (["0", "NA"], ["0", "1"], "y")],
)
def test_a_word_for_nothing_is_no_class(label: list[str], decision: list[str], column: str) -> None:
    """An empty cell of another kind of file is an invalid decision or an error; this would be a class of its own."""
    with pytest.raises(InputError, match=f"^The column {column} holds '.*', as if nothing stood there; leave such cells empty"):
        fairgate.evaluate({"y": label * 9, "d": decision * 9}, label="y", decisions="d")


def test_a_class_may_be_called_like_nothing() -> None:
    """A country, which labels have as decisions do, or labels alone."""
    assert _classes(["NA", "DE", "FR"], ["NA", "FR", "DE"]) == ("DE", "FR", "NA")
    assert _classes(["NA", "DE", "FR"], ["DE", "FR", "DE"]) == ("DE", "FR", "NA")


def test_none_may_be_a_negative_decision() -> None:
    """Somebody who asked for a loan got none."""
    reader = DecisionReader("d", "granted")
    assert reader.read(pa.array(["granted", "none"]), 1).tolist() == [1, 0]
    reader.finish()


def test_a_predicted_class_is_a_certain_one() -> None:
    """1 for it, 0 for the others; an empty cell is invalid."""
    found = read_classes(pa.array(["b", None, "a"]), "d", ("a", "b", "c"), 1)
    np.testing.assert_array_equal(found, np.array([[0, 1, 0], [nan, nan, nan], [1, 0, 0]]))


def test_accuracy_recall_and_precision_of_classes() -> None:
    """As enumerated; what rests on probabilities is not measured, and a rule that needs it is refused."""
    random = np.random.default_rng(0)
    kind = random.integers(0, 3, 900)
    predicted = np.where(random.random(900) < 0.8, kind, random.integers(0, 4, 900))
    found = fairgate.evaluate(
        {"y": kind, "d": predicted, "g": random.choice(["a", "b"], 900)}, label="y", decisions="d", slices=["g"]
    )
    rows = found.metrics[found.metrics["slice"].isin(["overall", "class:1"])].set_index(["slice", "metric"])["value"]
    assert rows["overall", "accuracy"] == (kind == predicted).mean()
    assert rows["class:1", "recall"] == (predicted[kind == 1] == 1).mean()
    assert rows["class:1", "precision"] == (kind[predicted == 1] == 1).mean()
    assert set(found.metrics["metric"]) & {"loss", "calibration_error"} == set()
    assert (found.content.roc, found.content.calibration, found.content.histograms) == (None, None, None)
    policy = {"rules": [{"id": "a", "kind": "quality", "metric": "loss", "max": 1}]}
    with pytest.raises(InputError, match=r"loss needs scores, and there are decisions alone; type scores={.MODEL.: .COLUMN.}"):
        fairgate.evaluate({"y": kind, "d": predicted}, label="y", decisions="d", policy=policy)


def test_decisions_with_labels_are_judged_like_scores_of_0_and_1() -> None:
    """By every rule on a decision; the threshold is .5, and AUC is none."""
    random = np.random.default_rng(1)
    label = random.random(2000) < 0.4
    table = {"y": label, "g": random.choice(["a", "b"], 2000), "d": np.where(random.random(2000) < 0.8, label, ~label)}
    rule = {"id": "a", "kind": "quality", "metric": "false_positive_rate", "thresholds": [0.5], "max": 0.3}
    as_score = fairgate.evaluate(table, label="y", scores="d", slices=["g"], policy={"rules": [rule]}, thresholds=())
    found = fairgate.evaluate(table, label="y", decisions="d", slices=["g"], policy={"rules": [rule]})
    assert found.verdict.rules == as_score.verdict.rules
    assert not {"auc", "calibration_error", "mean_score"} & set(found.metrics["metric"])
    default = fairgate.evaluate(table, label="y", decisions={"candidate": "d", "baseline": "d"}, slices=["g"])
    assert not {"auc", "bpsn_auc"} & {line.metric for line in default.verdict.rules}
    with pytest.raises(InputError, match=r"threshold 0.3 divides no scores, .* write thresholds: \[0.5\]"):
        fairgate.evaluate(table, label="y", decisions="d", policy={"rules": [{**rule, "thresholds": [0.3]}]})
