"""Histograms and confusion matrices from the counts of an evaluation."""

from collections.abc import Callable

import numpy as np

from fairgate.counting.detail import EvaluationCounts
from fairgate.report import tallies


def test_histogram_counts_every_finite_score_once(counted: Callable[..., EvaluationCounts]) -> None:
    """A bin includes its upper edge, the first one 0 too; NaN is in none; shares are of the label's examples."""
    labels, scores = np.array([0, 0, 0, 1, 1]), np.array([0.0, 0.5, 1.0, 0.2, np.nan])
    table = tallies.score_histograms(counted(labels, {"candidate": scores}, [["overall"]] * 5, ("no", "yes")), bins=2)
    assert table.drop(columns=["model", "slice"]).values.tolist() == [
        ["no", 0.0, 0.5, 2.0, 2 / 3],
        ["no", 0.5, 1.0, 1.0, 1 / 3],
        ["yes", 0.0, 0.5, 1.0, 1.0],
        ["yes", 0.5, 1.0, 0.0, 0.0],
    ]


def test_histogram_of_every_model_and_slice(counted: Callable[..., EvaluationCounts]) -> None:
    """A label that a slice lacks has zeros."""
    scores = {"baseline": np.array([0.1, 0.2]), "candidate": np.array([0.9, 0.8])}
    table = tallies.score_histograms(counted(np.array([0, 1]), scores, [["overall"], ["overall", "a"]], ("no", "yes")), bins=1)
    assert table[["model", "slice", "label", "share"]].values.tolist() == [
        [model, *row]
        for model in scores
        for row in (["overall", "no", 1.0], ["overall", "yes", 1.0], ["a", "no", 0.0], ["a", "yes", 1.0])
    ]


def test_histogram_of_several_classes_is_of_their_confidence(counted: Callable[..., EvaluationCounts]) -> None:
    """By whether the prediction was right."""
    probabilities = np.array([[0.75, 0.25, 0.0], [0.375, 0.5, 0.125]])
    detail = counted(np.array([0, 0]), {"candidate": probabilities}, [["overall"]] * 2, ("cat", "dog", "cow"))
    table = tallies.score_histograms(detail, bins=2)
    assert table.loc[table["count"] > 0, ["label", "low", "count"]].values.tolist() == [["wrong", 0.0, 1.0], ["right", 0.5, 1.0]]


def test_confusion_has_every_pair_of_classes(counted: Callable[..., EvaluationCounts]) -> None:
    """Rows are true classes; a class without examples has no shares."""
    answers = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1]])
    table = tallies.confusion(counted(np.array([0, 0, 1]), {"candidate": answers}, [["overall"]] * 3, ("cat", "dog", "cow")))
    counts = table.pivot(index="label", columns="predicted", values="count")
    assert counts.loc["cat", "dog"] == 1
    assert len(table) == 9
    assert table.loc[table["label"] == "cat", "share"].tolist() == [0.5, 0.5, 0.0]
    assert table.loc[table["label"] == "cow", "share"].isna().all()
