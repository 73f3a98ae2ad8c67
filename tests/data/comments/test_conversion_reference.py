"""The conversion against the public one of Fairness Indicators, row for row."""

import ast
import csv
from pathlib import Path

import pytest

from data.comments.civil_comments import IDENTITY_COLUMNS, Comment
from data.comments.conversion import ConversionOptions, Sources, convert
from data.comments.names import IDENTITIES
from data.records import Values, encode_example, read_records
from tests.reading import decode_comment

pytestmark = pytest.mark.slow  # Fairness Indicators imports TFMA
TEXTS = ["plain", 'two\nlines, with "quotes"', "", "Grüße", " ", "plain", "0.5", "last"]
FRACTIONS = [0.0, 0.49, 0.5, 1.0, 0.51, 0.4999, 0.75, 0.25]


def ours(source: Path, output: Path) -> list[Comment]:
    """Our comments in the order of the source."""
    convert(Sources((str(source),)), output, options=ConversionOptions(eval_fraction=0))
    return [decode_comment(record) for path in sorted((output / "Split-train").iterdir()) for record in read_records(path)]


def table() -> list[dict[str, float | str]]:
    """Rows in which fractions on both sides of the threshold, and empty annotations, meet every column."""
    rows: list[dict[str, float | str]] = []
    for number, text in enumerate(TEXTS * 3):
        rows.append({"comment_text": text, "toxicity": FRACTIONS[number % 8]})
        for place, column in enumerate(IDENTITY_COLUMNS):
            rows[-1][column] = "" if (number + place) % 5 == 0 else FRACTIONS[(number * 3 + place) % 8]
    return rows


@pytest.mark.filterwarnings("ignore:np.find_common_type:DeprecationWarning")  # pandas 1.5 calls it
def test_csv(tmp_path: Path) -> None:
    """The same rows, labels and lists."""
    from fairness_indicators.tutorial_utils.util import convert_comments_data

    source = tmp_path / "comments.csv"
    with source.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["comment_text", "toxicity", *IDENTITY_COLUMNS])
        writer.writeheader()
        writer.writerows(table())
    with Path(convert_comments_data(str(source), str(tmp_path / "theirs.csv"))).open(newline="") as file:
        theirs = [
            Comment(
                row["comment_text"], row["toxicity"] == "1", {name: tuple(ast.literal_eval(row[name])) for name in IDENTITIES}
            )
            for row in csv.DictReader(file)
        ]
    assert len(theirs) == 21
    assert ours(source, tmp_path / "ours") == theirs


def test_tfrecord(tmp_path: Path) -> None:
    """The same examples from raw floats; the public conversion keeps the row whose text is there but empty."""
    import tensorflow as tf
    from fairness_indicators.tutorial_utils.util import convert_comments_data

    source = tmp_path / "comments.tfrecord"
    with tf.io.TFRecordWriter(str(source)) as writer:
        for row in table():
            features: dict[str, Values] = {name: [cell] for name, cell in row.items() if isinstance(cell, float)}
            text = str(row["comment_text"])
            writer.write(encode_example({"comment_text": [text.encode()] if text else [], **features}))
    theirs = convert_comments_data(str(source), str(tmp_path / "theirs.tfrecord"))
    expected = [decode_comment(record) for record in read_records(Path(theirs))]
    assert len(expected) == 21
    assert ours(source, tmp_path / "ours") == expected
    assert ours(Path(theirs), tmp_path / "again") == expected
