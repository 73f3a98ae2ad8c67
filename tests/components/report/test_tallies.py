"""Histograms and confusion matrices from arrays."""

import numpy as np

from components.report import tallies


def test_members_name_the_examples_of_each_slice() -> None:
    """One mask per slice."""
    inside = tallies.members([["overall"], ["overall", "a"]])
    assert {name: mask.tolist() for name, mask in inside.items()} == {"overall": [True, True], "a": [False, True]}


def test_histogram_counts_every_finite_score_once() -> None:
    """Edges belong to the bin above, 1 to the last; NaN is in none; shares are of the label's examples."""
    labels = np.array(["no", "no", "no", "yes", "yes"])
    scores = np.array([0.0, 0.5, 1.0, 0.2, np.nan])
    table = tallies.score_histograms(labels, {"overall": np.ones(5, dtype=bool)}, {"candidate": scores}, bins=2)
    assert table[["label", "low", "high", "count", "share"]].values.tolist() == [
        ["no", 0.0, 0.5, 1, 1 / 3],
        ["no", 0.5, 1.0, 2, 2 / 3],
        ["yes", 0.0, 0.5, 1, 1.0],
        ["yes", 0.5, 1.0, 0, 0.0],
    ]


def test_confusion_has_every_pair_of_classes() -> None:
    """Rows are true classes; a class without examples has no shares."""
    table = tallies.confusion(np.array([0, 0, 1]), {"candidate": np.array([0, 1, 1])}, ("cat", "dog", "cow"))
    counts = table.pivot(index="label", columns="predicted", values="count")
    assert counts.loc["cat", "dog"] == 1
    assert len(table) == 9
    assert table.loc[table["label"] == "cat", "share"].tolist() == [0.5, 0.5, 0.0]
    assert table.loc[table["label"] == "cow", "share"].isna().all()
