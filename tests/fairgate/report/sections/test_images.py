"""Pictures and classes."""

import dataclasses

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
