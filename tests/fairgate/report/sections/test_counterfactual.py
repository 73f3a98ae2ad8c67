"""The counterfactual test."""

import dataclasses
import math

import pandas as pd

from fairgate.report import page
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


def test_pairs_of_unknown_words_are_named_without_numbers(binary_content: ReportContent) -> None:
    """A table of an older run has no such column, and all its pairs were measured."""
    numbers = {name: [math.nan, 0.25] for name in ("distance", "low", "high", "effect_size", "p_value")}
    table = pd.DataFrame({"group": "gender", "term": ["male", "female"], "other": "nonbinary", "n": 20.0, **numbers})
    older = counterfactual.parts(build_view(dataclasses.replace(binary_content, embedding_bias=table)))
    assert older is not None
    assert [row["unknown"] for row in older.values["embedding_bias"]] == ["", ""]
    content = dataclasses.replace(binary_content, embedding_bias=table.assign(unknown=["male, nonbinary", ""]))
    html = page.build(content)
    assert "does not know male, nonbinary." in html
    assert html.count("not measured: ") == 1
