"""Scores example by example."""

import dataclasses

from fairgate.report.content import ReportContent
from fairgate.report.sections import scores
from fairgate.report.view import build_view


def test_left_out_without_a_baseline(binary_content: ReportContent) -> None:
    """A first run has nothing to put on the other axis; nor has a report without examples."""
    assert binary_content.examples is not None
    alone = binary_content.examples.assign(baseline=float("nan"))
    for examples in (alone, None):
        assert scores.parts(build_view(dataclasses.replace(binary_content, examples=examples))) is None


def test_still_scatter_is_a_part_of_the_random_sample(binary_content: ReportContent) -> None:
    """It holds no text."""
    parts = scores.parts(build_view(binary_content))
    assert parts is not None
    still = parts.figures["scatter"].still["examples"]
    assert 0 < len(still) <= 300
    assert still["sampled"].all()
    assert "text" not in still


def test_several_classes_show_confidence(image_content: ReportContent) -> None:
    """When the model is right and when it is wrong; there is no one score."""
    parts = scores.parts(build_view(image_content))
    assert parts is not None
    assert list(parts.figures) == ["scatter", "histogram_baseline", "histogram_candidate"]
    assert parts.figures["histogram_candidate"].caption.startswith("Confidence of the candidate")
