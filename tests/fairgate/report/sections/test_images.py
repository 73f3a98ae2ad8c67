"""Pictures and classes."""

import dataclasses

import pandas as pd

from fairgate.report.content import ReportContent
from fairgate.report.sections import images
from fairgate.report.view import build_view


def test_mistakes_are_the_surest_first(image_content: ReportContent) -> None:
    """Only wrong answers, at most 24, by how wrong they are."""
    parts = images.parts(build_view(image_content))
    assert parts is not None
    mistakes = parts.values["mistakes"]
    assert 0 < len(mistakes) <= 24
    assert all(row["predicted"] != row["label"] for row in mistakes)
    wrong = [row["wrong"] for row in mistakes]
    assert wrong == sorted(wrong, reverse=True)


def test_left_out_for_tasks_without_pictures(binary_content: ReportContent) -> None:
    """A task of comments has none of its parts."""
    assert images.parts(build_view(binary_content)) is None


def test_without_examples_there_are_no_mistakes(image_content: ReportContent) -> None:
    """The other parts are drawn all the same."""
    parts = images.parts(build_view(dataclasses.replace(image_content, examples=None)))
    assert parts is not None
    assert parts.values["mistakes"] == []
    assert list(parts.figures) == ["confusion", "coverage"]


def test_pictures_of_an_older_run_are_not_called_training_images(image_content: ReportContent) -> None:
    """Its pictures and intensities are those of the test images; a newer run has a section for the training images."""
    older = images.parts(build_view(dataclasses.replace(image_content, pixel_statistics=None)))
    newer = images.parts(build_view(image_content))
    assert older is not None
    assert newer is not None
    assert (list(older.figures), len(older.values["class_grids"])) == (["confusion", "coverage", "pixels"], 10)
    assert newer.values["class_grids"] == {}


def test_coverage_of_other_rules_is_drawn_beside_that_of_confidence(image_content: ReportContent) -> None:
    """The rules to choose from are those of the table but confidence; a table from before abstentions were counted has none."""
    assert image_content.coverage is not None
    old = images.parts(build_view(image_content))
    assert old is not None
    assert old.values["coverage_rules"] == []
    margin = image_content.coverage.assign(rule="margin", abstained="12 margin too small")
    both = pd.concat([image_content.coverage, margin], ignore_index=True)
    parts = images.parts(build_view(dataclasses.replace(image_content, coverage=both)))
    assert parts is not None
    assert parts.values["coverage_rules"] == ["margin"]
    assert parts.values["coverage"][-1]["abstained"] == "12 margin too small"
