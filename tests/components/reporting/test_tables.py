"""From artifacts to the tables of a report."""

import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tensorflow as tf
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2

from components.modelling.training import Point, write_curves
from components.reporting import tables
from components.reporting.points import slice_points
from components.reporting.tables import anomalies, curves, drift, scored_examples, statistics
from components.validation.drift import DriftLimits
from data.records import decode_example, encode_example, write_split
from fairgate.counting.config import LabelSpec
from fairgate.report.content import Anomaly

BINARY = LabelSpec("toxic", ("non-toxic", "toxic"), "binary")
CLASSES = LabelSpec("label", ("Bag", "Shirt", "Coat"), "multiclass")


def test_curves_of_both_models_in_one_table(tmp_path: Path) -> None:
    """With the model's name in front or behind."""
    runs = {model: str(tmp_path / model) for model in ("baseline", "candidate")}
    for value, folder in enumerate(runs.values()):
        write_curves([Point(1, "train", "loss", float(value), epoch=1.0)], folder)
    assert curves(runs).to_dict("records") == [
        {"step": 1, "epoch": 1.0, "split": "train", "metric": "loss", "value": 0.0, "model": "baseline"},
        {"step": 1, "epoch": 1.0, "split": "train", "metric": "loss", "value": 1.0, "model": "candidate"},
    ]


def test_anomalies_of_each_split(tmp_path: Path) -> None:
    """Feature, split, words."""
    found = anomalies_pb2.Anomalies()
    found.anomaly_info["race"].description = "New value."
    for split in ("validation", "eval"):
        (tmp_path / f"Split-{split}").mkdir()
        (tmp_path / f"Split-{split}" / "SchemaDiff.pb").write_bytes(found.SerializeToString())
    expected = (Anomaly("race", "in validation", "New value."), Anomaly("race", "in eval", "New value."))
    assert anomalies(str(tmp_path)) == expected


@pytest.fixture
def statistics_uri(tmp_path: Path) -> str:
    """Statistics of a number, a category, a text and raw bytes, the same for both splits."""
    found = statistics_pb2.DatasetFeatureStatisticsList()
    features = found.datasets.add().features
    number = features.add(type=statistics_pb2.FeatureNameStatistics.FLOAT)
    number.path.step.append("toxicity")
    number.num_stats.mean, number.num_stats.std_dev = 0.25, 0.5
    number.num_stats.min, number.num_stats.median, number.num_stats.max = 0.0, 0.125, 1.0
    number.num_stats.common_stats.num_non_missing = 8
    number.num_stats.common_stats.num_missing = 2
    for name in ("race", "comment_text"):
        words = features.add(type=statistics_pb2.FeatureNameStatistics.STRING)
        words.path.step.append(name)
        words.string_stats.unique = 7
        for rank in range(7):
            words.string_stats.top_values.add(value=f"v{rank}", frequency=1000.0 - rank)
    picture = features.add(type=statistics_pb2.FeatureNameStatistics.BYTES)
    picture.path.step.extend(["more", "picture"])
    picture.bytes_stats.unique = 3
    for split in ("train", "eval"):
        (tmp_path / f"Split-{split}").mkdir()
        (tmp_path / f"Split-{split}" / "FeatureStats.pb").write_bytes(found.SerializeToString())
    return str(tmp_path)


def test_statistics_have_a_row_per_split_and_feature(statistics_uri: str) -> None:
    """With the kind of each; texts that may hurt are marked."""
    found = statistics(statistics_uri, ("comment_text",))
    assert list(zip(found["split"], found["feature"], found["kind"], strict=True)) == [
        (split, feature, kind)
        for split in ("train", "eval")
        for feature, kind in (
            ("toxicity", "number"),
            ("race", "category"),
            ("comment_text", "text"),
            ("more.picture", "category"),
        )
    ]


def test_statistics_of_validation_stand_between_those_of_train_and_eval(statistics_uri: str) -> None:
    folder = Path(statistics_uri)
    shutil.copytree(folder / "Split-eval", folder / "Split-validation")
    found = statistics(statistics_uri, ())
    assert list(found["split"].unique()) == ["train", "validation", "eval"]
    assert len(found) == 12


def test_statistics_of_a_number_and_of_a_category(statistics_uri: str) -> None:
    """A number has moments, a category its most frequent values."""
    number, category, _, picture = statistics(statistics_uri, ()).tail(4).to_dict("records")
    moments = {"mean": 0.25, "std": 0.5, "min": 0.0, "median": 0.125, "max": 1.0}
    assert {key: number[key] for key in moments} == moments
    assert (number["count"], number["missing"], number["top_values"]) == (8.0, 2.0, "")
    assert math.isnan(number["unique"])
    assert (category["unique"], category["top_values"]) == (7.0, "v0 (1,000), v1 (999), v2 (998), v3 (997), v4 (996)")
    assert all(math.isnan(category[key]) for key in moments)
    assert (picture["unique"], picture["top_values"]) == (3.0, "")


def test_values_of_texts_are_not_counted_by_the_statistics(statistics_uri: str) -> None:
    text = statistics(statistics_uri, ("comment_text",)).iloc[-2]
    assert (text["feature"], text["kind"]) == ("comment_text", "text")
    assert math.isnan(text["unique"])


def write_statistics(folder: Path, split: str, shares: Sequence[float], mean: float) -> None:
    """Statistics of 100 rows, of which a category has the values a, b, … in these shares and a number lies around a mean."""
    numbers = pd.DataFrame({"number": [mean + row / 100 for row in range(100)]})
    numbers["category"] = [value for value, share in zip("abc", shares, strict=False) for _ in range(round(100 * share))]
    numbers["text"] = [f"{split} {row}" for row in range(100)]
    (folder / f"Split-{split}").mkdir()
    tfdv.write_stats_text(tfdv.generate_statistics_from_dataframe(numbers), str(folder / "text"))
    found = tfdv.load_stats_text(str(folder / "text"))
    (folder / f"Split-{split}" / "FeatureStats.pb").write_bytes(found.SerializeToString())


def test_drift_between_the_splits(tmp_path: Path) -> None:
    """A share that moves from 0.5 to 0.75 is an L-infinity distance of 0.25; numbers that stay have none; texts are left out."""
    write_statistics(tmp_path, "train", (0.5, 0.5), 1.0)
    write_statistics(tmp_path, "eval", (0.75, 0.25), 1.0)
    known = {"between": "train → eval", "limit": DriftLimits().l_infinity}
    assert drift(str(tmp_path), ("text",)).sort_values("feature").to_dict("records") == [
        {"feature": "category", "measure": "L-infinity", "value": pytest.approx(0.25), "drifted": True, **known},
        {"feature": "number", "measure": "Jensen-Shannon", "value": 0.0, "drifted": False, **known},
    ]


def save_model(folder: Path, feature: str, size: int) -> str:
    """Saves a model that answers with the values of a feature; returns its folder."""
    module = tf.Module()

    def serve(examples: Any) -> dict[str, Any]:
        return {"score": tf.io.parse_example(examples, {feature: tf.io.FixedLenFeature([size], tf.float32)})[feature]}

    signature = tf.function(serve, input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    tf.saved_model.save(module, str(folder), signatures={"serving_default": signature})
    return str(folder)


def show(serialized: Sequence[bytes]) -> dict[str, list[str]]:
    """The names of the examples."""
    return {"text": [bytes(decode_example(record)["name"][0]).decode() for record in serialized]}  # type: ignore[arg-type]


def score_binary(tmp_path: Path, rows: Sequence[bytes]) -> pd.DataFrame:
    """The examples that a report of these rows lists, with models that answer the features `old` and `new`."""
    write_split(tmp_path, "eval", rows)
    models = {"baseline": save_model(tmp_path / "a", "old", 1), "candidate": save_model(tmp_path / "b", "new", 1)}
    return scored_examples(str(tmp_path), models, BINARY, ("gender",), show)


def comment(name: str, toxic: float, old: float, new: float, *genders: str) -> bytes:
    """A raw example that carries the scores of both models."""
    numbers = {"toxic": [toxic], "old": [old], "new": [new]}
    return encode_example({"name": [name.encode()], "gender": [gender.encode() for gender in genders], **numbers})


def test_examples_of_a_binary_task(tmp_path: Path) -> None:
    """Most wrong first: the candidate's distance from the label; slices, label in words, both scores, text."""
    rows = [
        comment("first", 0.0, 0.5, 0.25, "male"),
        comment("second", 1.0, 0.75, 0.125, "male", "female"),
        comment("third", 1.0, 0.5, 1.0),
    ]
    found = score_binary(tmp_path, rows)
    assert found.drop(columns="sampled").to_dict("records") == [
        {
            "slices": ["overall", "gender:male", "gender:female"],
            "label": "toxic",
            "baseline": 0.75,
            "candidate": 0.125,
            "wrong": 0.875,
            "text": "second",
        },
        {
            "slices": ["overall", "gender:male"],
            "label": "non-toxic",
            "baseline": 0.5,
            "candidate": 0.25,
            "wrong": 0.25,
            "text": "first",
        },
        {"slices": ["overall"], "label": "toxic", "baseline": 0.5, "candidate": 1.0, "wrong": 0.0, "text": "third"},
    ]


def test_examples_of_a_multi_class_task(tmp_path: Path) -> None:
    """Scores are the probabilities of the true class, which is a slice."""
    scores = {"old": [0.25, 0.25, 0.5], "new": [0.125, 0.125, 0.75]}
    write_split(tmp_path, "eval", [encode_example({"name": [b"only"], "label": [2], **scores})])
    models = {"baseline": save_model(tmp_path / "a", "old", 3), "candidate": save_model(tmp_path / "b", "new", 3)}
    (row,) = scored_examples(str(tmp_path), models, CLASSES, (), show).to_dict("records")
    assert (row["slices"], row["label"]) == (["overall", "class:Coat"], "Coat")
    assert (row["baseline"], row["candidate"], row["wrong"]) == (0.5, 0.75, 0.25)
    assert row["predicted"] == "Coat"


def test_points_are_all_examples_of_the_named_slices(tmp_path: Path) -> None:
    """Without those of overall alone, and without a word."""
    rows = [
        comment("first", 0.0, 0.5, 0.25, "male"),
        comment("second", 1.0, 0.75, 0.125, "male", "female"),
        comment("third", 1.0, 0.5, 1.0),
    ]
    write_split(tmp_path, "eval", rows)
    models = {"baseline": save_model(tmp_path / "a", "old", 1), "candidate": save_model(tmp_path / "b", "new", 1)}
    found = slice_points(str(tmp_path), models, BINARY, ("gender",), ["gender:female", "gender:male"])
    assert found is not None
    assert sorted(found.to_dict("records"), key=lambda row: row["wrong"]) == [
        {"slices": ["gender:male"], "label": "non-toxic", "baseline": 0.5, "candidate": 0.25, "wrong": 0.25},
        {"slices": ["gender:male", "gender:female"], "label": "toxic", "baseline": 0.75, "candidate": 0.125, "wrong": 0.875},
    ]
    assert slice_points(str(tmp_path), models, BINARY, ("gender",), ["overall"]) is None


def test_no_more_rows_are_scored_than_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading ends with the batch that fills the number; texts still belong to their rows."""
    from components.artifacts import examples

    read: Any = examples.serialized_batches
    monkeypatch.setattr(examples, "serialized_batches", lambda uri, split: read(uri, split, batch=4))
    monkeypatch.setattr(tables, "SCORED_ROWS", 6)
    found = score_binary(tmp_path, [comment(f"row {number}", 0.0, 0.0, number / 16) for number in range(12)])
    assert [(row["text"], row["wrong"]) for row in found.to_dict("records")] == [
        (f"row {number}", number / 16) for number in range(7, -1, -1)
    ]


def test_signs_of_leakage_have_the_columns_of_the_report() -> None:
    """One row each; of too few examples there is none."""
    rows = [{"toxic": [float(at % 2)], "size": [float(at)]} for at in range(120)]
    found = tables.leakage_signs({"train": rows, "eval": rows}, BINARY, ())
    assert found.columns.tolist() == ["sign", "kind", "name", "value", "low", "high", "n"]
    assert found["sign"].tolist() == ["splits", "feature"]
    assert len(tables.leakage_signs({"train": rows[:9], "eval": rows[:9]}, BINARY, ())) == 0
