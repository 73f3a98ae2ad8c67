"""Training curves."""

import dataclasses

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
    assert parts.values["labels"] == ["Loss", "My own"]


def test_left_out_without_curves(binary_content: ReportContent) -> None:
    """Neither title nor charts."""
    assert training.parts(build_view(dataclasses.replace(binary_content, curves=None))) is None
