"""Ranges of numbers, the power of both halves, and what counts against a model."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from fairgate.discovery.events import RATES, HarmfulRate, question
from fairgate.discovery.power import detectable_rate
from fairgate.discovery.ranges import edges_of, range_names
from fairgate.errors import InputError
from fairgate.measurement import MetricKey
from fairgate.predictions import evaluate_predictions


def test_ranges_hold_equally_many() -> None:
    """The edges are quantiles that occur; each is the end of its range."""
    assert edges_of(np.arange(1.0, 101.0), 4) == (25, 50, 75)
    assert range_names((25.0, 50.5)) == ["to 25", "over 25 to 50.5", "over 50.5"]


def test_a_value_of_many_examples_makes_fewer_ranges() -> None:
    """One where all values are equal, none where there are none."""
    assert edges_of(np.array([1.0] * 9 + [2.0]), 5) == (1,)
    assert edges_of(np.ones(9), 5) == edges_of(np.zeros(0), 5) == ()
    assert range_names(()) == ["any"]


def test_edges_that_look_alike_are_written_in_full() -> None:
    """Six digits would make one name of two."""
    assert range_names((0.12345678, 0.12345679)) == ["to 0.12345678", "over 0.12345678 to 0.12345679", "over 0.12345679"]


def test_whole_numbers_are_written_in_full() -> None:
    """A year with its month and day, or an income, is not rounded to six digits; -0 is 0."""
    assert range_names((20240115.0, 1e20)) == ["to 20240115", "over 20240115 to 1e+20", "over 1e+20"]
    assert range_names(edges_of(np.array([-0.0, 0.0, 1.0]), 2)) == ["to 0", "over 0"]


def test_the_detectable_rate_is_found_in_eighty_percent() -> None:
    """By scipy's binomial distribution: the critical numbers of both halves, and the power at that rate and just below it."""
    found = detectable_rate(1_000, 0.1, 1e-4, 0.05)
    first, second = (int(stats.binom.isf(level, 500, 0.1)) for level in (1e-4, 0.05))
    assert found is not None
    power = [stats.binom.sf(first, 500, rate) * stats.binom.sf(second, 500, rate) for rate in (found, found - 1e-6)]
    assert power[0] >= 0.8 > power[1]


@pytest.mark.parametrize(("trials", "rate", "level"), [(4, 0.5, 1e-4), (100, 1.0, 0.05)])
def test_what_cannot_be_found_has_no_rate(trials: int, rate: float, level: float) -> None:
    """Too few examples, or errors everywhere."""
    assert detectable_rate(trials, rate, level, 0.05) is None


def test_a_rest_without_errors_makes_any_error_a_proof() -> None:
    """One error in each half."""
    found = detectable_rate(100, 0.0, 1e-4, 0.05)
    assert found is not None
    assert (1 - (1 - found) ** 50) ** 2 == pytest.approx(0.8)


@pytest.mark.parametrize("metric", RATES)
def test_trials_and_events_are_those_of_the_metric(metric: str) -> None:
    """The rate of the events, or 1 minus it, is what `evaluate_predictions` measures."""
    random = np.random.default_rng(6)
    label, scores = random.random(400) < 0.4, random.random(400)
    asked = question(metric, (0.6,), 2, None if metric != "positive_rate" else "lower")
    decisions = (scores > 0.6)[None]
    trials, events = asked.trials(label, decisions), asked.events(label, decisions)[0]
    overall = evaluate_predictions(label.astype(int), {"candidate": scores}, thresholds=(0.6,)).models["candidate"]["overall"]
    rate = overall.rates[MetricKey(metric, 0.6)]
    assert asked.value((events & trials).sum() / trials.sum()) == pytest.approx(rate.value)
    assert trials.sum() == rate.trials


def test_a_wrong_class_counts_against_the_model() -> None:
    """Of several classes, every example is a trial."""
    asked = question("accuracy", (0.5,), 3)
    right = np.array([True, False])
    assert asked == HarmfulRate("accuracy", "lower", (0.0,))
    assert (asked.trials(right, right[None]).tolist(), asked.events(right, right[None]).tolist()) == ([True] * 2, [[False, True]])


MISTAKES: dict[str, tuple[tuple[Any, ...], str]] = {
    "unknown": (("false_positives", (0.5,), 2), "did you mean metric=.false_positive_rate."),
    "of classes": (("false_positive_rate", (0.5,), 3), "known: accuracy"),
    "no side": (("positive_rate", (0.5,), 2), "type worse=.higher. or worse=.lower."),
    "wrong side": (("precision", (0.5,), 2, "higher"), "precision gets worse when lower; leave worse out"),
    "threshold": (("precision", (1.0,), 2), "thresholds=.1. is not between 0 and 1"),
    "thresholds": (("precision", (0.4, 0.5), 2), "type one, such as thresholds=.0.5."),
    "none": (("false_positive_rate", (), 2), "type thresholds=.0.5."),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_questions_without_sense_are_refused(mistake: str) -> None:
    """With what to type."""
    arguments, message = MISTAKES[mistake]
    with pytest.raises(InputError, match=message):
        question(*arguments)
