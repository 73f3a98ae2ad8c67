"""From the artifacts of a run to the tables of its report: curves, statistics, anomalies, drift, scored examples.

Each function reads one kind of artifact. TensorFlow and TFMA are imported where they are needed, since the page and the light
reader use this package too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from components.artifacts.splits import split_folder, splits_in
from components.modelling.signature import served
from components.validation import drift as distances
from components.validation import leakage
from fairgate import counterfactual, parquet
from fairgate.counting.config import LabelSpec
from fairgate.names import CANDIDATE, CLASS, OVERALL, place
from fairgate.report.content import TEXT_KIND, Anomaly
from fairgate.report.examples import select

CURVES = "curves.parquet"
_CURVES: dict[str, parquet.Kind] = {"step": "number", "epoch": "number", "split": "text", "metric": "text", "value": "number"}
SCORED_ROWS = 20_000  # of the eval split; scoring more would cost more than it shows
TOP_VALUES = 5

Show = Callable[[Sequence[bytes]], Mapping[str, Sequence[str]]]


def curves(runs: Mapping[str, str]) -> pd.DataFrame:
    """Read the training curves of all models: model, step, epoch, split, metric, value.

    Args:
        runs: model name -> folder that the trainer wrote `curves.parquet` to.
    """
    return pd.concat(
        [parquet.read(Path(folder, CURVES), _CURVES).assign(model=model) for model, folder in runs.items()], ignore_index=True
    )


def anomalies(uri: str) -> tuple[Anomaly, ...]:
    """Read what ExampleValidator found in each split."""
    from components.artifacts.anomalies import read_anomalies

    return tuple(
        Anomaly(feature, f"in {split}", detail) for split in splits_in(uri) for _, feature, detail in read_anomalies(uri, split)
    )


def statistics(uri: str, text_features: Sequence[str]) -> pd.DataFrame:
    """Read TFDV's statistics, one row per split and feature; the columns are those of ReportContent.statistics.

    Args:
        uri: artifact of StatisticsGen.
        text_features: features whose values may hurt a reader.
    """
    rows = []
    for split in splits_in(uri):
        (dataset,) = _load_statistics(uri, split).datasets
        rows += [_statistics_row(split, feature, text_features) for feature in dataset.features]
    return pd.DataFrame(rows)


def _load_statistics(uri: str, split: str) -> Any:
    import tensorflow_data_validation as tfdv

    return tfdv.load_stats_binary(str(split_folder(uri, split) / "FeatureStats.pb"))


def _statistics_row(split: str, feature: Any, text_features: Sequence[str]) -> dict[str, Any]:
    name = ".".join(feature.path.step)
    row: dict[str, Any] = {
        "split": split,
        "feature": name,
        "mean": np.nan,
        "std": np.nan,
        "min": np.nan,
        "median": np.nan,
        "max": np.nan,
    }
    if feature.HasField("num_stats"):
        found = feature.num_stats
        row |= {
            "kind": "number",
            "mean": found.mean,
            "std": found.std_dev,
            "min": found.min,
            "median": found.median,
            "max": found.max,
        }
        row |= {"unique": np.nan, "top_values": ""}
    else:
        found = feature.string_stats if feature.HasField("string_stats") else feature.bytes_stats
        top = [f"{value.value} ({value.frequency:,.0f})" for value in getattr(found, "top_values", ())]
        row |= {
            "kind": TEXT_KIND if name in text_features else "category",
            "unique": np.nan if name in text_features else float(found.unique),  # of texts the DataGate counts them
            "top_values": ", ".join(top[:TOP_VALUES]),
        }
    return row | {"count": float(found.common_stats.num_non_missing), "missing": float(found.common_stats.num_missing)}


def drift(uri: str, text_features: Sequence[str], splits: tuple[str, str] = ("train", "eval")) -> pd.DataFrame:
    """Measure how far every feature of one split lies from the other with TFDV's comparators; the columns of ReportContent.drift.

    The L-infinity distance of a category is the largest difference in the share of any of its values; numbers are compared by
    the Jensen-Shannon divergence of their histograms.

    Args:
        uri: artifact of StatisticsGen.
        text_features: features whose values are almost all distinct; they are left out.
        splits: before and after.
    """
    before, after = (_load_statistics(uri, split) for split in splits)
    found = distances.of_statistics(before, after, text_features, distances.DriftLimits(), " → ".join(splits))
    columns = [item.name for item in fields(distances.Distance)]
    return pd.DataFrame([asdict(distance) for distance in found], columns=columns)


def leakage_signs(
    samples: Mapping[str, Sequence[leakage.Example]], labels: LabelSpec, text_features: Sequence[str]
) -> pd.DataFrame:
    """Return the signs of leakage, one row each; the columns are those of ReportContent.leakage.

    Args:
        samples: split -> decoded examples.
        labels: of the task.
        text_features: features that are texts.
    """
    columns = [item.name for item in fields(leakage.LeakageSign)]
    return pd.DataFrame([asdict(sign) for sign in leakage.signs(samples, labels, text_features)], columns=columns)


def counterfactual_tables(uri: str) -> dict[str, Any]:
    """Return the tables of the counterfactual test by their names in ReportContent; one without rows is left out.

    Args:
        uri: artifact of the CounterfactualTest.
    """
    found = counterfactual.read(Path(uri, counterfactual.FILE))
    terms = [
        {
            **term.model_dump(include={"test", "group", "term", "model", "n"}),
            **flips.model_dump(),
            "score_shift": term.shift.value,
            "shift_low": term.shift.low,
            "shift_high": term.shift.high,
        }
        for term in found.terms
        for flips in term.flips
    ]
    texts = {
        "test",
        "group",
        "term",
        "other",
        "model",
        "unknown",
        "set",
        "text",
    }  # every other column holds numbers, None among them
    pairs = [{**pair.model_dump(), "unknown": ", ".join(pair.unknown)} for pair in found.embedding]
    sentences = [scored.model_dump() for scored in found.sentences]
    tables = {"counterfactual": terms, "embedding_bias": pairs, "sentences": sentences}
    return {
        name: pd.DataFrame(rows).astype(dict.fromkeys(rows[0].keys() - texts, float)) for name, rows in tables.items() if rows
    }


def scored_examples(
    uri: str, models: Mapping[str, str], labels: LabelSpec, slice_features: Sequence[str], show: Show
) -> pd.DataFrame:
    """Return the examples that a report lists: the most wrong ones of every slice and a random sample.

    They are chosen among the first SCORED_ROWS rows of the eval split.

    Args:
        uri: artifact of raw examples.
        models: "baseline" and "candidate" -> folder of the SavedModel.
        labels: of the task.
        slice_features: whose values are slices.
        show: serialized examples -> {"text": […]} or {"image": [base64 PNG, …]}, in their order.

    Returns:
        the columns of ReportContent.examples.
    """
    serialized: list[bytes] = []
    parts = []
    for batch, part in scored_batches(uri, models, labels, slice_features):
        parts.append(part)
        serialized += batch
        if len(serialized) >= SCORED_ROWS:
            break
    scored = pd.concat(parts, ignore_index=True)
    kept = select(scored.assign(row=np.arange(len(scored))))
    return kept.assign(**show([serialized[row] for row in kept["row"]])).drop(columns="row")


def scored_batches(
    uri: str,
    models: Mapping[str, str],
    labels: LabelSpec,
    slice_features: Sequence[str],
    chosen: Callable[[list[list[str]]], list[int]] | None = None,
) -> Iterator[tuple[list[bytes], pd.DataFrame]]:
    """Yield batches of the eval split: the serialized examples, and slices, label, scores and error of each.

    Args:
        uri: artifact of raw examples.
        models: "baseline" and "candidate" -> folder of the SavedModel.
        labels: of the task.
        slice_features: whose values are slices.
        chosen: slices of each row of a batch -> the rows to be scored; all rows when it is not given. A batch without any is
            left out.
    """
    import tensorflow as tf

    from components.artifacts.examples import serialized_batches

    loaded = {name: served(folder) for name, folder in models.items()}
    binary, classes = labels.kind == "binary", np.array(labels.classes, object)
    features = {name: tf.io.VarLenFeature(tf.string) for name in slice_features}
    features[labels.key] = tf.io.FixedLenFeature([1], tf.float32 if binary else tf.int64)
    for read in serialized_batches(uri, "eval"):
        parsed = tf.io.parse_example(read, features)
        truth = parsed[labels.key].numpy().ravel().astype(int)
        names, batch = _slices(truth, {name: parsed[name] for name in slice_features}, labels), read
        if chosen:
            rows = chosen(names)
            if not rows:
                continue
            names, truth, batch = [names[row] for row in rows], truth[rows], tf.gather(read, rows)
        answers = {name: serve(batch).astype(np.float64) for name, serve in loaded.items()}
        # Of the positive class, or of the true class where there are several.
        scores = {name: found.ravel() if binary else found[np.arange(len(truth)), truth] for name, found in answers.items()}
        columns = {"slices": names, "label": classes[truth].tolist(), **scores}
        if binary:
            columns["wrong"] = np.abs(scores[CANDIDATE] - truth)
        else:
            columns |= {"wrong": 1 - scores[CANDIDATE], "predicted": classes[answers[CANDIDATE].argmax(axis=1)].tolist()}
        yield list(batch.numpy()), pd.DataFrame(columns)


def _slices(truth: Any, columns: Mapping[str, Any], labels: LabelSpec) -> list[list[str]]:
    names: list[list[str]] = [[OVERALL] for _ in truth]
    if labels.kind == "multiclass":
        for row, value in enumerate(truth):
            names[row].append(place(CLASS, labels.classes[value]))
    for feature, column in columns.items():
        for (row, _), value in zip(column.indices.numpy().tolist(), column.values.numpy(), strict=True):
            names[row].append(place(feature, value.decode("utf-8", "replace")))
    return names
