"""The data that the models saw."""

import dataclasses

from fairgate.report.content import ReportContent
from fairgate.report.sections import input as input_section
from fairgate.report.view import build_view


def test_splits_of_a_feature_stand_together(binary_content: ReportContent) -> None:
    """The features keep their order."""
    parts = input_section.parts(build_view(binary_content))
    assert parts is not None
    rows = [(row["feature"], row["split"]) for row in parts.values["statistics"]]
    assert rows[:4] == [("comment_text", "train"), ("comment_text", "eval"), ("toxicity", "train"), ("toxicity", "eval")]


def test_no_anomaly_is_more_than_no_validation(binary_content: ReportContent) -> None:
    """An empty list says that the data were validated; without any part the section is left out."""
    bare = dataclasses.replace(binary_content, statistics=None, drift=None)
    assert input_section.parts(build_view(bare)) is not None
    assert input_section.parts(build_view(dataclasses.replace(bare, anomalies=None))) is None
