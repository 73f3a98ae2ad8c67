import pytest

from data.label_report import LabelReport, statements


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"yes": 412, "no": 588}, "x: 'yes' is positive (412 rows), 'no' negative (588)"),
        ({"1": 2, "0": 1000}, "x: '1' is positive (2 rows), '0' negative (1,000)"),
        ({"true": 1, "false": 2}, "x: 'true' is positive (1 row), 'false' negative (2)"),
        ({"1": 1, "0": 2, "reached": 4, "below": 8}, "x: 0.5 and above is positive (5 rows), below 0.5 negative (10)"),
        ({"1": 1, "0": 2, "no": 4}, "x: '1' and 'yes' are positive (1 row), '0' and 'no' negative (6)"),
    ],
)
def test_what_is_positive(rows: dict[str, int], sentence: str) -> None:
    assert str(LabelReport("x", 0.5, rows)) == sentence


@pytest.mark.parametrize(
    ("rows", "warning"),
    [
        ({"no": 588}, "x: all 588 rows are negative ('no'), so this label tells nothing apart"),
        ({"0": 1, "below": 2}, "x: all 3 rows are negative ('0' or below 0.5), so this label tells nothing apart"),
        (
            {"1": 600, "no": 400},
            "x: mixes ways to write a label (0/1 in 600 rows, yes/no in 400 rows); check that they mean the same",
        ),
    ],
)
def test_what_looks_wrong(rows: dict[str, int], warning: str) -> None:
    assert list(LabelReport("x", 0.5, rows).warnings()) == [warning]


@pytest.mark.parametrize(
    ("scale", "sentence"),
    [
        ((1, 5), "x: 4 and above is positive (2 rows), below 4 negative (3)"),
        ((5, 1), "x: 2 and below is positive (2 rows), above 2 negative (3)"),
        ((-1, 1), "x: 0.5 and above is positive (2 rows), below 0.5 negative (3)"),
    ],
)
def test_ratings_in_words(scale: tuple[float, float], sentence: str) -> None:
    assert str(LabelReport("x", 0.75, {"reached": 2, "below": 3}, scale)) == sentence


def test_letters_and_words_of_one_vocabulary() -> None:
    report = LabelReport("x", 0.5, {"true": 1, "t": 2, "f": 3})
    assert str(report) == "x: 'true' and 't' are positive (3 rows), 'false' and 'f' negative (3)"
    assert list(report.warnings()) == []


def test_two_classes_in_one_vocabulary_are_in_order() -> None:
    assert list(LabelReport("x", 0.5, {"1": 1, "below": 1}).warnings()) == []


def test_how_labels_combine() -> None:
    labels = (LabelReport("a", 0.5, {"1": 2, "0": 8}), LabelReport("b", 0.7, {"reached": 3, "below": 7}))
    assert list(statements(labels, 4, 10)) == [
        "a: '1' is positive (2 rows), '0' negative (8)",
        "b: 0.7 and above is positive (3 rows), below 0.7 negative (7)",
        "labels: a row is positive where any of a, b is (4 rows), negative otherwise (6)",
    ]
