"""Accuracy and loss on training and test examples."""

import dataclasses
import math

import pandas as pd
import pytest

from fairgate.names import BASELINE, CANDIDATE
from fairgate.report.content import ReportContent
from fairgate.report.sections import fit
from fairgate.report.view import build_view

ROWS = [
    "Train, last epoch: accuracy",
    "Train, last epoch: loss",
    "Train: accuracy",
    "Train: loss",
    "Test: accuracy",
    "Test: loss",
]


@pytest.fixture
def content(image_content: ReportContent) -> ReportContent:
    """A run with known figures: two epochs, and all four metrics of the finished models."""
    lines = [
        ("accuracy", 0.80, 0.82, 4000.0),
        ("loss", 0.70, 0.40, 4000.0),
        ("train_accuracy", 0.97, 0.93, 6000.0),
        ("train_loss", 0.10, 0.20, 6000.0),
    ]
    metrics = [
        (model, "overall", name, math.nan, value, value - 0.01, value + 0.01, n)
        for name, *values, n in lines
        for model, value in zip((BASELINE, CANDIDATE), values, strict=True)
    ]
    curves = [
        (model, step, float(step), "train", name, value)
        for model, name, values in (
            (BASELINE, "accuracy", (0.5, 0.95)),
            (BASELINE, "loss", (0.9, 0.12)),
            (CANDIDATE, "accuracy", (0.4, 0.92)),
            (CANDIDATE, "loss", (1.0, 0.21)),
        )
        for step, value in enumerate(values, start=1)
    ]
    return dataclasses.replace(
        image_content,
        metrics=pd.DataFrame(metrics, columns=["model", "slice", "metric", "threshold", "value", "low", "high", "n"]),
        curves=pd.DataFrame(curves, columns=["model", "step", "epoch", "split", "metric", "value"]),
        paired_changes=None,
    )


def rows(content: ReportContent) -> dict[str, dict[str, object]]:
    """The rows of the table by name: n and per model value, published and difference."""
    parts = fit.parts(build_view(content))
    assert parts is not None
    return {row["name"]: row for row in parts.values["rows"]}


def test_last_epoch_and_finished_model_on_both_splits(content: ReportContent) -> None:
    """Value of baseline and candidate, and the examples that they rest on."""
    found = rows(content)
    assert list(found) == ROWS
    values = {name: [cell["value"] for cell in row["cells"]] for name, row in found.items()}  # type: ignore[attr-defined]
    assert list(values.values()) == [[0.95, 0.92], [0.12, 0.21], [0.97, 0.93], [0.1, 0.2], [0.8, 0.82], [0.7, 0.4]]
    assert [row["n"] for row in found.values()] == [6000, 6000, 6000, 6000, 4000, 4000]


def test_published_figures_stand_beside_ours(content: ReportContent) -> None:
    """Beside the last epoch on train and the finished model on test; NaN where none is published."""
    published = {
        name: [round(cell["published"], 4) for cell in row["cells"]]  # type: ignore[attr-defined]
        for name, row in rows(content).items()
    }
    known = {(name, at): value for name, pair in published.items() for at, value in enumerate(pair) if not math.isnan(value)}
    assert known == {("Train, last epoch: loss", 0): 0.11, ("Test: accuracy", 1): 0.88}
    assert rows(content)["Test: accuracy"]["cells"][1]["difference"] == pytest.approx(-0.06)  # type: ignore[index]


def test_models_are_described(content: ReportContent) -> None:
    parts = fit.parts(build_view(content))
    assert parts is not None
    assert parts.values["sentences"] == [
        "Baseline: 111,146 weights, 6,000 examples, 8 of at most 500 epochs.",
        f"Candidate: {content.verdict.models[CANDIDATE].description}, "
        "111,146 weights, 5,400 examples (600 held out), 7 of at most 500 epochs.",
    ]


def test_an_older_run_has_no_training_loss_and_says_nothing_of_its_training(content: ReportContent) -> None:
    older = dataclasses.replace(
        content,
        metrics=content.metrics[content.metrics["metric"] != "train_loss"],
        curves=None,
        trainings=None,
        published_training=None,
    )
    assert list(rows(older)) == ["Train: accuracy", "Test: accuracy", "Test: loss"]
    parts = fit.parts(build_view(older))
    assert parts is not None
    assert parts.values["published"] is False
    assert parts.values["sentences"] == [f"Candidate: {content.verdict.models[CANDIDATE].description}."]


def test_accuracy_that_was_not_kept_while_training_is_unknown(content: ReportContent) -> None:
    """`metrics` of the training may be chosen without accuracy."""
    assert content.curves is not None
    curves = content.curves[content.curves["metric"] == "loss"]
    found = rows(dataclasses.replace(content, curves=curves, trainings=None))
    assert all(math.isnan(cell["value"]) for cell in found[ROWS[0]]["cells"])  # type: ignore[attr-defined]
    assert math.isnan(found[ROWS[1]]["n"])  # type: ignore[arg-type]


def test_left_out_without_an_evaluation_on_train(binary_content: ReportContent, content: ReportContent) -> None:
    tested = content.metrics[~content.metrics["metric"].str.startswith("train")]
    assert fit.parts(build_view(binary_content)) is None
    assert fit.parts(build_view(dataclasses.replace(content, metrics=tested))) is None
