"""How far every slice lies from overall or from the rest."""

import dataclasses

from fairgate.report.content import ReportContent
from fairgate.report.sections import gaps
from fairgate.report.view import build_view


def test_left_out_where_nothing_is_compared(binary_content: ReportContent) -> None:
    """Overall alone has nothing to be compared with."""
    metrics = binary_content.metrics.query("slice == 'overall'")
    assert gaps.parts(build_view(dataclasses.replace(binary_content, metrics=metrics))) is None


def test_chart_opens_with_the_ratio_to_overall(binary_content: ReportContent) -> None:
    """Its parameter names a column of the rows."""
    parts = gaps.parts(build_view(binary_content))
    assert parts is not None
    measure = parts.figures["gaps"].chart.values["measure"]
    assert measure == "ratio_to_overall"
    assert measure in parts.figures["gaps"].still["metrics"]
