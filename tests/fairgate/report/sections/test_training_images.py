"""The training images."""

import dataclasses
import re
from typing import Any

import pandas as pd
import pytest

from fairgate.report import document
from fairgate.report.content import ReportContent
from fairgate.report.sections import training_images
from fairgate.report.view import build_view


def shown(content: ReportContent) -> str:
    """The section as the page has it, without its charts."""
    parts = training_images.parts(build_view(content))
    assert parts is not None
    figures = {name: {"caption": figure.caption, "picture": ""} for name, figure in parts.figures.items()}
    return str(document.fill(training_images.TEMPLATE, figures=figures, **parts.values))


def test_counts_are_stated(image_content: ReportContent) -> None:
    html = shown(image_content)
    assert "6,000 images of 2 × 3 pixels, 36,000 pixel values." in html
    assert "No pixel and no label is missing." in html


def test_missing_values_are_stated(image_content: ReportContent) -> None:
    assert image_content.pixel_statistics is not None
    statistics = image_content.pixel_statistics.assign(missing=12)
    html = shown(dataclasses.replace(image_content, pixel_statistics=statistics))
    assert "12 more examples lack a pixel or the label and are not counted here." in html
    assert "No pixel" not in html


def test_different_minima_and_maxima_are_listed_in_order(image_content: ReportContent) -> None:
    assert "Different minima of the pixels, in order: 0, 7. Different maxima: 0, 7, 16, 83, 255." in shown(image_content)


def test_each_pixel_has_a_line(image_content: ReportContent) -> None:
    """Place, count, mean, standard deviation, minimum, maximum."""
    table = re.search(r"<th>Row, column</th>.*?<tbody>(.*?)</tbody>", shown(image_content), re.DOTALL)
    assert table is not None
    lines = [re.findall(r">([^<>]+)</t[hd]>", line) for line in table[1].split("</tr>") if line.strip()]
    assert len(lines) == 6
    assert lines[4] == ["1, 1", "6,000", "120.250", "80", "0", "255"]


def test_a_label_is_shown_one_hot() -> None:
    counts = pd.DataFrame({"label": ["cat", "dog"], "code": [0, 1], "count": [30, 10]})
    assert training_images.class_rows(counts) == [
        {"label": "cat", "code": 0, "count": 30, "share": 0.75, "one_hot": "1 0"},
        {"label": "dog", "code": 1, "count": 10, "share": 0.25, "one_hot": "0 1"},
    ]


def test_no_images_have_no_shares() -> None:
    (row,) = training_images.class_rows(pd.DataFrame({"label": ["cat"], "code": [0], "count": [0]}))
    assert row["share"] != row["share"]


def test_values_of_pixels_without_images_are_none() -> None:
    assert training_images.listed(pd.Series([float("nan")])) == "none"


@pytest.mark.parametrize("absent", ["pixels", "pixel_maxima", "class_counts"])
def test_what_is_absent_is_left_out(absent: str, image_content: ReportContent) -> None:
    """The rest is shown."""
    changes: dict[str, Any] = {absent: None}
    missing = dataclasses.replace(image_content, **changes)
    titles = {"pixels": "Values of all pixels", "pixel_maxima": "The greatest value", "class_counts": "One-hot"}
    html = shown(missing)
    assert {name for name, title in titles.items() if title not in html} == {absent}


def test_left_out_where_nothing_was_counted(image_content: ReportContent) -> None:
    """A task of comments, an older run, a split without pixels."""
    for statistics in (None, pd.DataFrame(columns=["row", "column", "count", "missing", "mean", "std", "min", "max"])):
        assert training_images.parts(build_view(dataclasses.replace(image_content, pixel_statistics=statistics))) is None
