"""Facts about the splits, gathered from artifacts; test_decision.py tests the decision."""

from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from tensorflow_metadata.proto.v0 import anomalies_pb2

from components.artifacts import examples
from components.artifacts.anomalies import read_anomalies
from components.validation.decision import DataFacts, SplitFacts
from components.validation.facts import DataNames, gather, ragged_features
from data.conversion_report import REPORT_NAME, ConversionReport, SplitReport
from data.records import encode_example, write_split

SCHEMA = """
feature { name: "text" type: BYTES }
feature { name: "toxic" type: FLOAT }
feature { name: "gender" type: BYTES }
feature { name: "pixels" type: INT }
"""
NAMES = DataNames("toxic", ("gender",), "text")


@pytest.fixture
def schema(tmp_path: Path) -> str:
    """A schema artifact."""
    (tmp_path / "schema.pbtxt").write_text(SCHEMA)
    return str(tmp_path)


def comment(text: str, toxic: float | None, *genders: str) -> bytes:
    """A raw example."""
    labels = [] if toxic is None else [toxic]
    return encode_example({"text": [text.encode()], "toxic": labels, "gender": [gender.encode() for gender in genders]})


def write(folder: Path, **splits: list[bytes]) -> str:
    """An artifact of raw examples."""
    for split, rows in splits.items():
        write_split(folder, split, rows)
    return str(folder)


def found(folder: Path, schema: str, names: DataNames = NAMES, **splits: list[bytes]) -> DataFacts:
    """The facts of these rows."""
    return gather(write(folder / "examples", **splits), schema, str(folder), names)


def test_features_have_the_types_of_the_schema(schema: str) -> None:
    """Of any length; a feature that the schema does not know is left out."""
    features = ragged_features(schema, ("text", "toxic", "pixels", ""))
    assert {name: feature.dtype for name, feature in features.items()} == {
        "text": tf.string,
        "toxic": tf.float32,
        "pixels": tf.int64,
    }
    assert all(isinstance(feature, tf.io.VarLenFeature) for feature in features.values())


def test_rows_labels_and_values_are_counted(tmp_path: Path, schema: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over several batches; a row without label counts as a row, a value twice in one row counts once."""
    read: Any = examples.serialized_batches
    monkeypatch.setattr(examples, "serialized_batches", lambda uri, split: read(uri, split, batch=2))
    train = [
        comment("a", 0.0, "male"),
        comment("b", 1.0, "male", "female"),
        comment("c", 1.0, "male", "male"),
        comment("d", None),
        comment("e", 0.5),
    ]
    facts = found(tmp_path, schema, train=train, eval=[comment("z", 0.0)])
    assert facts.splits == {
        "train": SplitFacts(5, {0.0: 1, 1.0: 2, 0.5: 1}, {"gender": {"male": 3, "female": 1}}, 5),
        "eval": SplitFacts(1, {0.0: 1}, {"gender": {}}, 1),
    }


@pytest.mark.parametrize(("content", "shared"), [("text", {"eval": 3}), ("", {})])
def test_rows_of_eval_that_stand_in_train_too_are_counted(
    tmp_path: Path, schema: str, content: str, shared: dict[str, int]
) -> None:
    """By their content, each row of eval once; not at all where nothing is to be compared."""
    train = [comment(text, 0.0) for text in ("a", "b", "b", "c")]
    evaluation = [comment(text, 1.0) for text in ("b", "b", "x", "c", "C")]
    facts = found(tmp_path, schema, DataNames("toxic", ("gender",), content), train=train, eval=evaluation)
    assert facts.shared_rows == shared


def test_validation_is_compared_with_train_and_eval_with_both(tmp_path: Path, schema: str) -> None:
    train, validation, evaluation = ([comment(text, 0.0) for text in texts] for texts in ("abc", "cdd", "adef"))
    facts = found(tmp_path, schema, train=train, validation=validation, eval=evaluation)
    assert {split: known.rows for split, known in facts.splits.items()} == {"train": 3, "validation": 3, "eval": 4}
    assert facts.shared_rows == {"validation": 1, "eval": 2}


@pytest.mark.parametrize(("content", "distinct"), [("text", 2), ("", None)])
def test_rows_that_differ_are_counted(tmp_path: Path, schema: str, content: str, distinct: int | None) -> None:
    """By their content, whatever label they have."""
    evaluation = [comment("a", 0.0), comment("a", 1.0), comment("b", 1.0), comment("b", 1.0, "male")]
    facts = found(tmp_path, schema, DataNames("toxic", ("gender",), content), train=[comment("x", 0.0)], eval=evaluation)
    assert (facts.splits["eval"].rows, facts.splits["eval"].distinct) == (4, distinct)


GROUPS = DataNames("toxic", ("gender",), "text", {"gender": ("male", "female")})


def test_groups_of_a_feature_that_no_row_has_are_absent(tmp_path: Path, schema: str) -> None:
    """Records that nobody converted: without the feature nothing can be said of its groups; one row with it is enough."""
    rows = {"train": [comment("a", 0.0)], "eval": [comment("b", 0.0)]}
    absent = found(tmp_path / "none", schema, GROUPS, **rows)
    assert (absent.absent_columns, absent.expected) == (("gender:male", "gender:female"), {"gender": ("male", "female")})
    assert absent.splits["eval"].unannotated is None
    assert found(tmp_path / "some", schema, GROUPS, train=[comment("a", 0.0, "male")], eval=rows["eval"]).absent_columns == ()


def test_what_only_the_conversion_saw_is_taken_from_its_report(tmp_path: Path, schema: str) -> None:
    """Which columns the source had, and which rows nobody annotated."""
    splits = {"eval": SplitReport(1, 0, 0, {"gender": {"male": 0}}, {"gender": 1})}
    report = ConversionReport((), 2, 2, 0, 0, 0, splits, (), absent_columns=("gender:female",), tagged_features=("race",))
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / REPORT_NAME).write_text(report.to_json())
    facts = found(tmp_path, schema, GROUPS, train=[comment("a", 0.0)], eval=[comment("b", 0.0)])
    assert (facts.absent_columns, facts.tagged_features) == (("gender:female",), ("race",))
    assert (facts.splits["eval"].unannotated, facts.splits["train"].unannotated) == ({"gender": 1}, None)


def test_absent_split_has_no_rows(tmp_path: Path, schema: str) -> None:
    """That is a finding, not a crash."""
    facts = found(tmp_path, schema, train=[comment("a", 0.0)])
    assert facts.splits["eval"] == SplitFacts(0, {}, {"gender": {}}, 0)


def test_anomalies_are_read_by_split(tmp_path: Path, schema: str) -> None:
    """In the order of the features; a split without a file has none."""
    anomalies = anomalies_pb2.Anomalies()
    for feature, words in (("toxic", "Out of range."), ("gender", "Unexpected values.")):
        anomalies.anomaly_info[feature].description = words
    (tmp_path / "Split-eval").mkdir()
    (tmp_path / "Split-eval" / "SchemaDiff.pb").write_bytes(anomalies.SerializeToString())
    expected = [("eval", "gender", "Unexpected values."), ("eval", "toxic", "Out of range.")]
    assert read_anomalies(str(tmp_path), "eval") == expected
    assert read_anomalies(str(tmp_path), "train") == []
    facts = found(tmp_path, schema, train=[comment("a", 0.0)], eval=[comment("b", 0.0)])
    assert facts.anomalies == tuple(expected)


def test_texts_are_the_same_as_the_conversion_compares_them(tmp_path: Path, schema: str) -> None:
    """Up to case, white space and Unicode's forms; content that is no text is compared as it is."""
    train, evaluation = [comment("Caf\u00e9 a", 0.0)], [comment("cafe\u0301  A", 1.0), comment("b", 1.0)]
    names = DataNames("toxic", ("gender",), "text", texts=("text",))
    facts = found(tmp_path / "texts", schema, names, train=train, eval=evaluation)
    assert facts.shared_rows == {"eval": 1}
    assert found(tmp_path / "bytes", schema, train=train, eval=evaluation).shared_rows == {"eval": 0}
