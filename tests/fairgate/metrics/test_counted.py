"""A slice's metrics, computed from its counts and kept."""

from dataclasses import replace

import numpy as np
import pytest

from fairgate.counting.cells import ScoreCells
from fairgate.counting.counts import observe
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership
from fairgate.counting.tally import SliceTally
from fairgate.metrics import registry
from fairgate.metrics.counted import Counted, Scores

SETTINGS = CountSettings("toxicity", ("ok", "toxic"), "binary", thresholds=(0.5,))


@pytest.fixture
def overall() -> Counted:
    """Four examples without error: scores 0.1 and 0.2 of the label 0, 0.8 and 0.9 of the label 1."""
    observed = observe(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9], np.float32), np.ones(4), SETTINGS)
    tally = SliceTally(SETTINGS)
    tally.add(Membership({(): np.arange(4)}), [observed])
    (counts,) = tally.counts()[()].models
    beside: dict[str, Counted] = {}
    beside["overall"] = Counted("overall", counts, SETTINGS, beside)
    return beside["overall"]


def test_a_metric_is_computed_once(overall: Counted) -> None:
    """However many metrics build on it."""
    auc = registry.get("auc")
    assert overall.scalar(auc).value == 1
    assert overall.of(auc) is overall.of(auc)


def test_a_metric_that_is_measured_elsewhere_is_an_error(overall: Counted) -> None:
    """The flip rate is not in the counts of examples."""
    with pytest.raises(ValueError, match=r"^flip_rate is not computed from counts.$"):
        overall.of(registry.get("flip_rate"))


def test_each_kind_of_metric_has_its_own_question(overall: Counted) -> None:
    """A proportion at thresholds is no single number, and the other way round."""
    assert overall.rates(registry.get("true_positive_rate")).successes.tolist() == [2]
    with pytest.raises(ValueError, match=r"^true_positive_rate is no single number with a standard error.$"):
        overall.scalar(registry.get("true_positive_rate"))
    with pytest.raises(ValueError, match=r"^auc is no proportion at thresholds.$"):
        overall.rates(registry.get("auc"))


@pytest.mark.parametrize(("distinct", "least"), [(None, 1.0), (4, 1.0), (2, 2.0), (8, 1.0)])
def test_copies_have_a_least_design_effect(distinct: int | None, least: float) -> None:
    """Examples / distinct examples of all, never below 1; 1 where copies were not counted."""
    settings = replace(SETTINGS, clustered=True, distinct=distinct)
    observed = observe(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9], np.float32), np.ones(4), settings)
    tally = SliceTally(settings)
    tally.add(Membership({(): np.arange(4)}), [observed])
    beside: dict[str, Counted] = {}
    beside["overall"] = Counted("overall", tally.counts()[()].models[0], settings, beside)
    assert beside["overall"].buckets(np.zeros(50), np.ones(50)).least_effect == least


def test_squares_of_the_rest_are_what_the_part_leaves() -> None:
    """At least 0, whatever rounding leaves."""
    cells = ScoreCells(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    assert Scores(cells, 5.0).without(Scores(cells, 2.0)).squares == 3.0
    assert Scores(cells, 2.0).without(Scores(cells, 2.5)).squares == 0.0
