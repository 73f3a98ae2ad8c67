import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.metrics import roc_auc_score

from tests.situations.recipes import Floats, Ints, Recipe, Stratum, make


def of(recipe: dict[str, object], rows: int = 1000, positives: int = 300, seed: int = 1) -> tuple[Ints, Floats]:
    """Labels and scores of one model on one stratum."""
    table = make([Stratum(rows=rows, positives=positives)], {"candidate": Recipe.model_validate(recipe)}, seed)
    return table.labels, table.scores["candidate"]


def test_rates_are_exact() -> None:
    labels, scores = of({"fpr": 0.2, "fnr": 0.3})
    assert (scores[labels == 0] > 0.5).sum() == 140
    assert (scores[labels == 1] <= 0.5).sum() == 90
    assert len(np.unique(scores)) == 1000


def test_rates_are_exact_at_another_threshold() -> None:
    labels, scores = of({"fpr": 0.1, "fnr": 0.5, "at": 0.9})
    assert ((scores[labels == 0] > 0.9).sum(), (scores[labels == 1] > 0.9).sum()) == (70, 150)


def test_scores_have_the_auc_of_the_recipe() -> None:
    labels, scores = of({"auc": 0.88}, 200_000, 16_000)
    assert roc_auc_score(labels, scores) == pytest.approx(0.88, abs=0.005)


def test_scores_with_an_auc_are_calibrated() -> None:
    """Among the examples with scores near p the share of positives is p."""
    labels, scores = of({"auc": 0.88}, 200_000, 60_000)
    for low in (0.1, 0.4, 0.8):
        near = (scores > low) & (scores < low + 0.05)
        assert labels[near].mean() == pytest.approx(scores[near].mean(), abs=0.02)


def test_balanced_scores_err_alike_on_both_labels() -> None:
    labels, scores = of({"auc": 0.9, "balanced": True}, 200_000, 16_000)
    assert (scores[labels == 0] > 0.5).mean() == pytest.approx((scores[labels == 1] <= 0.5).mean(), abs=0.01)


@pytest.mark.parametrize(
    ("recipe", "least", "most"),
    [
        ({"constant": 0.9}, 0.9, 0.9),
        ({"rate": True}, 0.3, 0.3),
        ({"random": True}, 0.0, 1.0),
        ({"random": True, "lift": True}, 0.5, 1.0),
        ({"random": True, "lower": True}, 0.0, 0.5),
        ({"constant": 0.5, "times": 100}, 50.0, 50.0),
        ({"constant": 0.5, "logits": True}, 0.0, 0.0),
        ({"constant": 0.9, "invert": True}, 0.1, 0.1),
        ({"constant": 0.916, "digits": 1}, 0.9, 0.9),
    ],
)
def test_scores_lie_where_the_recipe_puts_them(recipe: dict[str, object], least: float, most: float) -> None:
    _, scores = of(recipe)
    assert least - 1e-12 <= scores.min() <= scores.max() <= most + 1e-12


def test_perfect_scores_divide_the_labels() -> None:
    labels, scores = of({"perfect": True})
    assert scores[labels == 0].max() < 0.5 < scores[labels == 1].min()


def test_the_given_share_of_scores_is_missing() -> None:
    assert np.isnan(of({"constant": 0.9, "missing": 0.01})[1]).sum() == 10


def test_another_recipe_holds_on_a_slice() -> None:
    """And on the intersection of two."""
    strata = [
        Stratum.model_validate({"rows": 10, "gender": "male", "race": "black"}),
        Stratum.model_validate({"rows": 10, "gender": "male"}),
        Stratum(rows=10),
    ]
    where = {"gender:male": {"constant": 0.2}, "gender:male × race:black": {"constant": 0.3}}
    recipe = Recipe.model_validate({"constant": 0.1, "where": where})
    assert make(strata, {"candidate": recipe}).scores["candidate"].tolist() == [0.3] * 10 + [0.2] * 10 + [0.1] * 10


def test_models_of_one_recipe_agree_as_far_as_they_correlate() -> None:
    recipe = Recipe(auc=0.9)
    for correlation, low, high in ((1.0, 1.0, 1.0), (0.9, 0.8, 0.95), (0.0, 0.2, 0.6)):
        table = make([Stratum(rows=2000, positives=600)], {"baseline": recipe, "candidate": recipe}, 1, correlation)
        assert low - 1e-9 <= np.corrcoef(table.scores["baseline"], table.scores["candidate"])[0, 1] <= high + 1e-9


def test_a_seed_makes_one_table() -> None:
    assert (of({"auc": 0.9})[1] == of({"auc": 0.9})[1]).all()
    assert (of({"auc": 0.9})[1] != of({"auc": 0.9}, seed=2)[1]).all()


def test_repeated_examples_keep_their_identity() -> None:
    table = make([Stratum.model_validate({"rows": 3, "weight": 2, "gender": ["male", "female"]})], {"candidate": Recipe(auc=0.9)})
    again = table.repeated(2)
    assert again.ids.tolist() == [0, 1, 2, 0, 1, 2]
    assert again.weights is not None
    assert again.weights.tolist() == [2.0] * 6
    assert again.slices == {"gender": [("male", "female")] * 6}


def test_classes_are_predicted_as_often_as_the_recipe_says() -> None:
    strata = [Stratum(rows=300, labels=(100, 100, 100))]
    table = make(strata, {"candidate": Recipe(class_accuracy=(1.0, 0.5, 0.0)), "baseline": Recipe(always=2)})
    right = table.scores["candidate"].argmax(axis=1) == table.labels
    assert [right[table.labels == label].sum() for label in range(3)] == [100, 50, 0]
    assert (table.scores["baseline"].argmax(axis=1) == 2).all()
    assert table.scores["candidate"].sum(axis=1) == pytest.approx(1.0)


def test_a_recipe_says_exactly_one_way() -> None:
    for wrong in ({}, {"auc": 0.9, "constant": 0.1}, {"fpr": 0.1}):
        with pytest.raises(ValidationError, match="exactly one of"):
            Recipe.model_validate(wrong)


def test_labels_have_to_fill_the_stratum() -> None:
    with pytest.raises(ValueError, match="are not 3 examples"):
        make([Stratum(rows=3, positives=4)], {"candidate": Recipe(auc=0.9)})
