"""Histograms and confusion matrices from the counts of an evaluation."""

from collections.abc import Callable

import numpy as np

from fairgate.counting.detail import EvaluationCounts
from fairgate.evaluation import evaluate_counts
from fairgate.names import OVERALL
from fairgate.report import tallies


def test_histogram_counts_every_finite_score_once(counted: Callable[..., EvaluationCounts]) -> None:
    """A bin includes its upper edge, the first one 0 too; NaN is in none; shares are of the label's examples."""
    labels, scores = np.array([0, 0, 0, 1, 1]), np.array([0.0, 0.5, 1.0, 0.2, np.nan])
    table = tallies.score_histograms(counted(labels, {"candidate": scores}, [["overall"]] * 5, ("no", "yes")), bins=2).pandas()
    assert table.drop(columns=["model", "slice"]).values.tolist() == [
        ["no", 0.0, 0.5, 2.0, 2 / 3],
        ["no", 0.5, 1.0, 1.0, 1 / 3],
        ["yes", 0.0, 0.5, 1.0, 1.0],
        ["yes", 0.5, 1.0, 0.0, 0.0],
    ]


def test_histogram_of_every_model_and_slice(counted: Callable[..., EvaluationCounts]) -> None:
    """A label that a slice lacks has zeros."""
    scores = {"baseline": np.array([0.1, 0.2]), "candidate": np.array([0.9, 0.8])}
    table = tallies.score_histograms(
        counted(np.array([0, 1]), scores, [["overall"], ["overall", "a"]], ("no", "yes")), bins=1
    ).pandas()
    assert table[["model", "slice", "label", "share"]].values.tolist() == [
        [model, *row]
        for model in scores
        for row in (["overall", "no", 1.0], ["overall", "yes", 1.0], ["a", "no", 0.0], ["a", "yes", 1.0])
    ]


def test_histogram_of_several_classes_is_of_their_confidence(counted: Callable[..., EvaluationCounts]) -> None:
    """By whether the prediction was right."""
    probabilities = np.array([[0.75, 0.25, 0.0], [0.375, 0.5, 0.125]])
    detail = counted(np.array([0, 0]), {"candidate": probabilities}, [["overall"]] * 2, ("cat", "dog", "cow"))
    table = tallies.score_histograms(detail, bins=2).pandas()
    assert table.loc[table["count"] > 0, ["label", "low", "count"]].values.tolist() == [["wrong", 0.0, 1.0], ["right", 0.5, 1.0]]


def test_confusion_has_every_pair_of_classes(counted: Callable[..., EvaluationCounts]) -> None:
    """Rows are true classes; a class without examples has no shares."""
    answers = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1]])
    table = tallies.confusion(
        counted(np.array([0, 0, 1]), {"candidate": answers}, [["overall"]] * 3, ("cat", "dog", "cow"))
    ).pandas()
    counts = table.pivot(index="label", columns="predicted", values="count")
    assert counts.loc["cat", "dog"] == 1
    assert len(table) == 9
    assert table.loc[table["label"] == "cat", "share"].tolist() == [0.5, 0.5, 0.0]
    assert table.loc[table["label"] == "cow", "share"].isna().all()


def test_roc_is_exact_at_the_thresholds(counted: Callable[..., EvaluationCounts]) -> None:
    """From nothing is positive to everything is; without examples of both labels there is no curve."""
    labels = np.array([0, 0, 0, 1, 1])
    scores = np.array([0.05, 0.2, 0.6, 0.4, 0.8])
    slices = [[OVERALL, "a:x"], [OVERALL, "a:x"], [OVERALL], [OVERALL], [OVERALL]]
    found = tallies.roc(counted(labels, {"candidate": scores}, slices, ("no", "yes")))
    assert found is not None
    table = found.pandas()
    assert set(table["slice"]) == {OVERALL}
    assert (table["n"] == 2).all()
    (half,) = table[table["threshold"] == 0.5].to_dict("records")
    assert (half["false_positive_rate"], half["true_positive_rate"], half["precision"]) == (1 / 3, 1 / 2, 1 / 2)
    ends = table[["false_positive_rate", "true_positive_rate"]].iloc[[0, -1]].to_numpy().tolist()
    assert ends == [[0.0, 0.0], [1.0, 1.0]]


def test_roc_needs_one_score(counted: Callable[..., EvaluationCounts]) -> None:
    """Several classes have none."""
    answers = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    assert tallies.roc(counted(np.array([0, 1]), {"candidate": answers}, [[OVERALL], [OVERALL]], ("a", "b", "c"))) is None


def test_roc_of_one_label_is_an_empty_table(counted: Callable[..., EvaluationCounts]) -> None:
    table = tallies.roc(counted(np.array([0, 0]), {"candidate": np.array([0.1, 0.2])}, [[OVERALL], [OVERALL]], ("no", "yes")))
    assert table is not None
    assert (len(table), "precision" in table) == (0, True)


def test_calibration_compares_the_mean_score_with_the_share(counted: Callable[..., EvaluationCounts]) -> None:
    """By bin; one without examples has no row."""
    labels, scores = np.array([0, 1, 1, 0]), np.array([0.25, 0.75, 0.76, 0.77])
    table = tallies.calibration(counted(labels, {"candidate": scores}, [[OVERALL]] * 4, ("no", "yes")))
    assert table["n"].tolist() == [1, 3]
    assert table["share"].tolist() == [0, 2 / 3]
    np.testing.assert_allclose(table["score"], [0.25, 0.76], atol=1e-6)
    assert (table["low"] < table["share"] + 1e-12).all()


def test_changes_are_those_of_both_models(counted: Callable[..., EvaluationCounts]) -> None:
    """One model alone changes nothing; an interval holds the change that was measured."""
    labels = np.array([0, 1] * 30)
    scores = {"baseline": np.where(labels, 0.6, 0.4), "candidate": np.where(labels, 0.6, 0.6)}
    detail = counted(labels, scores, [[OVERALL]] * 60, ("no", "yes"))
    found = tallies.paired_changes(evaluate_counts(detail))
    assert found is not None
    table = found.pandas()
    rate = table[(table["metric"] == "false_positive_rate") & (table["threshold"] == 0.5)].iloc[0]
    assert 0.8 < rate["low"] <= 1 <= rate["high"] + 1e-9
    assert np.isnan(table.loc[table["metric"] == "auc", "threshold"]).all()
    assert (
        tallies.paired_changes(
            evaluate_counts(counted(labels, {"candidate": scores["candidate"]}, [[OVERALL]] * 60, ("no", "yes")))
        )
        is None
    )


def test_the_largest_slices_of_a_feature_have_curves(counted: Callable[..., EvaluationCounts]) -> None:
    """More cannot be told apart; intersections have none."""
    labels = np.array([0, 1] * 12)
    slices = [[OVERALL, f"a:{row // 2}", f"a:{row // 2} × b:x"] for row in range(20)] + [[OVERALL, "a:0"]] * 4
    table = tallies.calibration(counted(labels, {"candidate": np.full(24, 0.5)}, slices, ("no", "yes")))
    assert table.distinct("slice") == [OVERALL, *(f"a:{number}" for number in range(tallies.MOST_CURVES))]
