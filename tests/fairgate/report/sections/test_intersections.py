"""Where two features meet."""

import dataclasses

from fairgate.report.content import ReportContent
from fairgate.report.sections import intersections
from fairgate.report.view import build_view


def test_shown_for_what_was_left_out_alone(binary_content: ReportContent) -> None:
    """Without any intersection the list of those that are too small remains; without that, nothing."""
    metrics = binary_content.metrics[~binary_content.metrics["slice"].str.contains(" × ")]
    bare = dataclasses.replace(binary_content, metrics=metrics)
    parts = intersections.parts(build_view(bare))
    assert parts is not None
    assert not parts.figures
    verdict = bare.verdict.model_copy(update={"omitted": {}})
    assert intersections.parts(build_view(dataclasses.replace(bare, verdict=verdict))) is None
