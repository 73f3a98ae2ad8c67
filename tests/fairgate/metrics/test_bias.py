import math
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import roc_auc_score

from fairgate.counting.counts import observe
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership
from fairgate.counting.tally import SliceTally
from fairgate.measurement import Scalar
from fairgate.metrics import bias, registry
from fairgate.metrics.counted import Counted, Rates
from fairgate.metrics.rates import FALSE_POSITIVE_RATE
from fairgate.metrics.registry import Metric
from tests.fairgate.metrics.samples import drawn

Array = npt.NDArray[Any]


@pytest.mark.parametrize("score_bins", [10**6, 1000])
def test_bias_aucs_are_those_of_the_raw_scores(score_bins: int) -> None:
    """Subgroup, BPSN and BNSP against scikit-learn on the rows that Borkan et al. name."""
    labels, scores, _, inside = drawn(30_000, 3, 2)
    settings = CountSettings("toxicity", ("ok", "toxic"), "binary", score_bins=score_bins)
    membership = Membership({(): np.arange(30_000), (("g", "a"),): np.flatnonzero(inside)})
    tally = SliceTally(settings)
    tally.add(membership, [observe(labels, scores, np.ones(30_000), settings)])
    beside: dict[str, Counted] = {}
    for name, totals in zip(("overall", "g:a"), tally.counts().values(), strict=True):
        beside[name] = Counted(name, totals.models[0], settings, beside)
    chosen = (inside, np.where(labels == 1, ~inside, inside), np.where(labels == 0, ~inside, inside))
    for metric, kept in zip((bias.SUBGROUP_AUC, bias.BPSN_AUC, bias.BNSP_AUC), chosen, strict=True):
        scalar = beside["g:a"].scalar(metric)
        assert scalar.value == pytest.approx(roc_auc_score(labels[kept], scores[kept]), abs=5e-5)
        assert 0 < scalar.standard_error < 0.05


def test_jigsaw_score_is_the_competition_formula() -> None:
    """0.25·overall + 0.25·Σ of the power means with p = -5, groups with an undefined AUC left out."""
    aucs = [tuple(Scalar(value, 0.01) for value in of_group) for of_group in ((0.9, 0.8, 0.7), (0.6, 0.95, 0.85))]
    undefined = (Scalar(0.9), Scalar(math.nan), Scalar(0.9))
    final = bias.jigsaw_score(Scalar(0.92, 0.01), [*aucs, undefined])  # type: ignore[list-item]
    means = [(((first**-5) + (second**-5)) / 2) ** (-1 / 5) for first, second in ((0.9, 0.6), (0.8, 0.95), (0.7, 0.85))]
    assert final.value == pytest.approx(0.25 * 0.92 + 0.25 * sum(means))
    assert math.isnan(bias.jigsaw_score(Scalar(0.92, 0.01), [undefined]).value)
    assert math.isnan(bias.jigsaw_score(Scalar(math.nan), aucs).value)  # type: ignore[arg-type]


def test_jigsaw_score_has_the_error_of_the_delta_method() -> None:
    """The slopes are those of small differences: moving one AUC at a time by a millionth."""
    values = np.array([[0.9, 0.8, 0.7], [0.6, 0.95, 0.85]])
    errors = np.array([[0.01, 0.02, 0.03], [0.04, 0.05, 0.06]])

    def score(moved: Array) -> Scalar:
        rows = [tuple(Scalar(*pair) for pair in zip(*row, strict=True)) for row in zip(moved, errors, strict=True)]
        return bias.jigsaw_score(Scalar(0.92, 0.07), rows)  # type: ignore[arg-type]

    variance = (0.25 * 0.07) ** 2
    for place in np.ndindex(values.shape):
        moved = values.copy()
        moved[place] += 1e-6
        variance += ((score(moved).value - score(values).value) / 1e-6 * errors[place]) ** 2
    assert score(values).standard_error == pytest.approx(math.sqrt(variance), rel=1e-4)


def test_jigsaw_score_of_a_group_that_is_ranked_wrong() -> None:
    """A bias AUC of 0 makes its power mean 0, and adds no error."""
    final = bias.jigsaw_score(Scalar(0.8, 0.04), [(Scalar(0.0, 0.01), Scalar(0.0, 0.01), Scalar(0.0, 0.01))])
    assert astuple(final)[:2] == pytest.approx((0.2, 0.01))


def test_power_mean_with_a_zero_is_zero() -> None:
    """The limit of the formula, not a division by zero."""
    assert bias.power_mean(np.array([0.0, 0.9]), -5) == 0
    assert bias.power_mean(np.array([0.0, 0.9]), 1) == pytest.approx(0.45)


def rates(*counts: tuple[float, float]) -> Rates:
    """Return successes and trials at as many thresholds."""
    successes, trials = np.array(counts, np.float64).T
    return Rates(successes, trials)


def test_equality_difference_sums_the_distances_at_every_threshold() -> None:
    """|0.3 - 0.5| + |0.3 - 0.1| at the first; at the second a group of nobody adds nothing."""
    overall = rates((30, 100), (60, 100))
    groups = [rates((5, 10), (0, 0)), rates((1, 10), (1, 10))]
    assert bias.equality_difference(overall, groups).values == pytest.approx([0.4, 0.5])


def test_equality_difference_has_the_errors_of_its_groups() -> None:
    """Binomial: 0.5·0.5/10 and 0.1·0.9/20."""
    difference = bias.equality_difference(rates((30, 100)), [rates((5, 10)), rates((2, 20))])
    assert difference.standard_errors == pytest.approx([math.sqrt(0.025 + 0.0045)])


def test_equality_difference_passes_over_groups_of_nobody() -> None:
    """Wherever they stand: the distance and the error of the other group, 0.5·0.5/10."""
    for groups in ([rates((0, 0)), rates((5, 10))], [rates((5, 10)), rates((0, 0))]):
        difference = bias.equality_difference(rates((30, 100)), groups)
        assert difference.values == pytest.approx([0.2])
        assert difference.standard_errors == pytest.approx([math.sqrt(0.025)])


@pytest.mark.parametrize(("overall", "group"), [((30, 100), (0, 0)), ((0, 0), (5, 10))])
def test_equality_difference_of_nobody_is_undefined(overall: tuple[int, int], group: tuple[int, int]) -> None:
    """Neither without a group that has trials nor without trials overall."""
    difference = bias.equality_difference(rates(overall), [rates(group)])
    assert np.isnan([*difference.values, *difference.standard_errors]).all()


def test_equality_difference_of_a_rate_is_a_metric_of_its_own() -> None:
    """Made when the module is loaded, and made again here."""
    made = bias._equality_difference(FALSE_POSITIVE_RATE)
    assert replace(made, compute=None) == Metric(
        "false_positive_rate_equality_difference",
        "False positive rate equality difference",
        "Sum over the groups of the distance between their false positive rate and the overall one.",
        "lower",
        bounds=(0.0, math.inf),
        task="binary",
        on="overall",
        at_thresholds=True,
        needs=frozenset({"groups", "labels"}),
    )
    assert replace(made, compute=None) == replace(registry.get(made.name), compute=None)
    assert made.compute is not None


def test_equality_difference_of_a_single_trial_overall_is_defined() -> None:
    assert bias.equality_difference(rates((1, 1)), [rates((5, 10))]).values == pytest.approx([0.5])


@pytest.mark.parametrize(("power", "mean"), [(0.5, 0.225), (-5, 0.0)])
def test_power_mean_of_a_zero_is_zero_for_negative_powers_alone(power: float, mean: float) -> None:
    assert bias.power_mean(np.array([0.0, 0.9]), power) == pytest.approx(mean)
