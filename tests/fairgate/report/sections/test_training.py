"""Training curves."""

import dataclasses

import pandas as pd

from fairgate.report import vega
from fairgate.report.content import ReportContent
from fairgate.report.sections import training
from fairgate.report.view import build_view


def test_one_chart_for_each_metric(binary_content: ReportContent) -> None:
    """In the order of the rows; a metric of the training framework alone keeps its own name."""
    assert binary_content.curves is not None
    curves = binary_content.curves.assign(metric=binary_content.curves["metric"].replace("auc", "my_own"))
    parts = training.parts(build_view(dataclasses.replace(binary_content, curves=curves)))
    assert parts is not None
    assert list(parts.figures) == ["curve_0", "curve_1"]
    assert [words.label for words in parts.values["metrics"]] == ["Loss", "My own"]
    assert parts.figures["curve_0"].caption == "After each step, per model, on train (solid, n = 24,000) and on eval (n = 6,000)."


def test_epochs_are_drawn_where_they_were_written(binary_content: ReportContent) -> None:
    """A run of an older version has steps alone."""
    assert binary_content.curves is not None
    curves = binary_content.curves.assign(epoch=binary_content.curves["step"] / 100)
    view = build_view(dataclasses.replace(binary_content, curves=curves))
    parts = training.parts(view)
    assert parts is not None
    assert (parts.values["by_epoch"], parts.values["loss"]) == (True, True)
    assert view.tables["curves"]["epoch"].max() == 10
    spec = vega.filled(parts.figures["curve_0"].chart)
    assert [axis["title"] for axis in spec["axes"] if "title" in axis] == ["epoch"]
    assert [mark["encode"]["update"]["x"]["field"] for mark in spec["marks"][0]["marks"]] == ["epoch"]


def test_left_out_without_curves(binary_content: ReportContent) -> None:
    """Neither title nor charts."""
    assert training.parts(build_view(dataclasses.replace(binary_content, curves=None))) is None


def test_a_split_is_named_with_its_number_of_examples(binary_content: ReportContent) -> None:
    """Of the split's statistics, or of what a model was trained on; a small one is called few."""
    statistics = pd.DataFrame(
        {"split": ["train", "train", "eval"], "feature": ["a", "b", "a"], "kind": "number", "count": [4000.0, 10.0, 40.0],
         "missing": [0.0, 3990.0, 20.0]}
    )  # fmt: skip
    parts = training.parts(build_view(dataclasses.replace(binary_content, statistics=statistics)))
    assert parts is not None
    assert (
        parts.figures["curve_0"].caption == "After each step, per model, on train (solid, n = 4,000) and on eval (n = 60, few)."
    )
    trainings = pd.DataFrame({"model": ["baseline", "candidate"], "images": [3000, 3500], "held_out": [0, 0]})
    trained = training.parts(build_view(dataclasses.replace(binary_content, statistics=None, trainings=trainings)))
    assert trained is not None
    assert trained.figures["curve_0"].caption == "After each step, per model, on train (solid, n = 3,500) and on eval."
