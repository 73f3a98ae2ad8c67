"""ROC, precision–recall and calibration curves by slice."""

import dataclasses

from fairgate.report.content import ReportContent
from fairgate.report.sections import slice_curves
from fairgate.report.view import build_view


def test_a_binary_task_has_all_three(binary_content: ReportContent) -> None:
    """The first feature is drawn, and its slices carry their names and numbers."""
    view = build_view(binary_content)
    parts = slice_curves.parts(view)
    assert parts is not None
    assert list(parts.figures) == ["roc", "precision_recall", "calibration"]
    still = parts.figures["roc"].still["roc"]
    assert set(still["feature"]) == {"overall", parts.values["features"][0]}
    assert set(still["model"]) == {"candidate"}
    male = view.slices.pandas().set_index("slice").loc["gender:male"]
    assert dict(view.start.named)["gender:male"] == f"male (n {male['n']:,.0f})"


def test_several_classes_have_calibration_alone(image_content: ReportContent) -> None:
    parts = slice_curves.parts(build_view(image_content))
    assert parts is not None
    assert list(parts.figures) == ["calibration"]
    assert parts.figures["calibration"].caption.startswith("Share of right answers")
    assert parts.values["left_out"] == {"class": 1}  # nine of ten classes are drawn


def test_left_out_without_curves(binary_content: ReportContent) -> None:
    """An older run kept none."""
    assert slice_curves.parts(build_view(dataclasses.replace(binary_content, roc=None, calibration=None))) is None
