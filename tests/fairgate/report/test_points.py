from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from fairgate.report import content, vega
from fairgate.report.content import ReportContent
from fairgate.report.notebook import Charts
from fairgate.report.points import ACCUSED, BOUNDS, CLEARED, SAME, clusters, points_of, slice_scatter
from fairgate.report.specs.compiling import compiled

# slices, label, truth, score of the baseline, score of the candidate
ROWS = [
    (["gender:female"], "non-toxic", 0, 0.75, 0.25),
    (["gender:female", "gender:male"], "non-toxic", 0, 0.5, 0.625),
    (["gender:female"], "toxic", 1, 0.75, 0.25),
    (["gender:female"], "non-toxic", 0, 0.25, 0.125),
    (["gender:male"], "toxic", 1, 0.875, 0.75),
]


@pytest.fixture
def points() -> pd.DataFrame:
    rows = [
        {"slices": slices, "label": label, "baseline": before, "candidate": after, "wrong": abs(truth - after)}
        for slices, label, truth, before, after in ROWS
    ]
    return pd.DataFrame(rows)


def test_decisions_that_change_are_found_on_both_sides(points: pd.DataFrame) -> None:
    """A score above the threshold is positive, one that equals it is not."""
    found = points_of(points, "gender:female", 0.5)
    assert found["change"].tolist() == [CLEARED, ACCUSED, CLEARED, SAME]
    assert found["negative"].tolist() == [True, True, False, True]


def test_slice_has_all_of_its_points_and_no_others(points: pd.DataFrame) -> None:
    assert points_of(points, "gender:male", 0.5)["baseline"].tolist() == [0.5, 0.875]


def test_slice_without_points_is_named_with_those_that_have_some(points: pd.DataFrame) -> None:
    with pytest.raises(KeyError, match=r"no points of the slice 'race:black'.*gender:female, gender:male"):
        points_of(points, "race:black", 0.5)


def test_cluster_holds_all_changed_negatives() -> None:
    """From the lowest to the highest score of each model; a positive does not count."""
    changed = pd.DataFrame(
        {"baseline": [0.625, 0.75, 0.875], "candidate": [0.25, 0.125, 0.375], "negative": True, "change": CLEARED}
    )
    positive = changed.head(1).assign(negative=False, baseline=0.99)
    (found,) = clusters(pd.concat([changed, positive])).to_dict("records")
    assert found == {"change": CLEARED, "n": 3, **dict(zip(BOUNDS, [0.625, 0.875, 0.125, 0.375], strict=True))}


def test_frame_lies_around_the_outermost_rings(points: pd.DataFrame) -> None:
    """A frame that ended at the points would cut their rings; none leaves the plot."""
    chart = slice_scatter(points_of(points, "gender:female", 0.5), 0.5).to_dict()
    (rows,) = (rows for rows in chart["datasets"].values() if {row.get("change") for row in rows} == {CLEARED, ACCUSED})
    edges = {row["change"]: (row["x"], row["x2"], row["y"], row["y2"]) for row in rows}
    assert edges[CLEARED] == pytest.approx((0.738, 0.762, 0.238, 0.262))
    assert edges[ACCUSED] == pytest.approx((0.488, 0.512, 0.613, 0.637))


def test_picture_says_how_many_negatives_changed(points: pd.DataFrame) -> None:
    picture = vega.still(compiled(slice_scatter(points_of(points, "gender:female", 0.5), 0.5), 300), {}, 300)
    assert picture.startswith("data:image/svg+xml")


def test_nothing_changed_has_no_frame(points: pd.DataFrame) -> None:
    found = points_of(points, "gender:male", 0.7)
    assert found["change"].tolist() == [SAME, SAME]
    assert clusters(found).empty
    slice_scatter(found, 0.7).to_dict()


def test_caption_counts_the_points_that_were_kept(binary_content: ReportContent, points: pd.DataFrame) -> None:
    drawing = Charts(replace(binary_content, points=points)).points("gender:female")
    assert "The examples of gender:female, 4 of " in drawing.caption
    assert drawing.svg().count("negatives") == 2


def test_run_without_points_says_why(binary_content: ReportContent) -> None:
    with pytest.raises(ValueError, match="the run kept no points of slices"):
        Charts(binary_content).points("gender:female")


def test_points_survive_saving(binary_content: ReportContent, points: pd.DataFrame, tmp_path: Path) -> None:
    replace(binary_content, points=points).save(tmp_path)
    found = content.load(tmp_path).points
    assert found is not None
    assert [list(names) for names in found["slices"]] == points["slices"].tolist()
    assert found.drop(columns="slices").equals(points.drop(columns="slices"))
