"""The counterfactual test."""

import dataclasses

from fairgate.report.content import ReportContent
from fairgate.report.sections import counterfactual
from fairgate.report.view import build_view


def test_charts_are_those_of_the_tests_that_were_run(binary_content: ReportContent) -> None:
    """Swaps have flips and shifts, probes have shifts alone; without any test there is no section."""
    table = binary_content.counterfactual
    assert table is not None
    wanted = {"swaps": ["counterfactual", "counterfactual_shift"], "probes": ["probes"]}
    for test, names in wanted.items():
        parts = counterfactual.parts(build_view(dataclasses.replace(binary_content, counterfactual=table[table["test"] == test])))
        assert parts is not None
        assert list(parts.figures) == names
    assert counterfactual.parts(build_view(dataclasses.replace(binary_content, counterfactual=None))) is None


def test_table_is_of_the_opening_threshold(binary_content: ReportContent) -> None:
    """One row per test, term and model."""
    view = build_view(binary_content)
    parts = counterfactual.parts(view)
    assert parts is not None
    rows = parts.values["rows"]
    assert {row["threshold"] for row in rows} == {view.start.threshold}
    assert len({(row["test"], row["term"], row["model"]) for row in rows}) == len(rows)
