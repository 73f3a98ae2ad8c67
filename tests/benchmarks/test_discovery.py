"""The simulation behind docs/discovery.md, on small data."""

from itertools import product

import numpy as np
import pytest

from benchmarks import discovery
from benchmarks.discovery import PLANTED, PlantedData, Score, false_share, score
from fairgate.discovery.result import Discovery

SMALL = PlantedData(num=600, rate=0.1, times=4.0, size=6_000, flags=7)


def test_the_rate_of_a_slice_is_that_of_an_enumeration() -> None:
    """Over all 2^7 combinations of flags, each with its probability."""
    shares = SMALL.shares
    for flags in (set[int](), {0}, {1}, {1, 2}, {3, 4}, {6}, {1, 2, 6}):
        total = wrong = 0.0
        for has in product((False, True), repeat=7):
            if all(has[flag] for flag in flags):
                probability = np.prod(np.where(has, shares, 1 - shares))
                inside = any(all(has[flag] for flag in planted) for planted in PLANTED)
                total += probability
                wrong += probability * SMALL.rate * (SMALL.times if inside else 1)
        assert SMALL.rate_of(frozenset(flags)) == pytest.approx(wrong / total)
    assert PlantedData(0, 0.1).rate_of(frozenset({3})) == 0.1


def test_planted_slices_are_found_and_shares_are_counted() -> None:
    """A rate four times that of the rest, in 600 examples: all three, under fixed seeds."""
    scores = [score(SMALL, SMALL.discovery(seed)) for seed in range(3)]
    assert [each.planted for each in scores] == [3, 3, 3]
    assert [each.planted_confirmed for each in scores] == [3, 3, 3]
    assert all(each.found >= each.confirmed >= 3 for each in scores)
    assert sum(each.falsely_confirmed for each in scores) == 0


def test_what_is_no_worse_than_its_kept_parent_is_false() -> None:
    """By the rates in the generator, not by those that were measured; without a parent, than all examples."""
    found = SMALL.discovery(0)
    names = ["g:0", "g:0 × g:6", "g:6", "g:1", "g:1 × g:2"]
    slices = [found.slices[0].model_copy(update={"slice": name, "confirmed": name != "g:6", "echo_of": ""}) for name in names]
    slices[0] = slices[0].model_copy(update={"echo_of": "g:0 × g:6"})
    made: Discovery = found.model_copy(update={"slices": tuple(slices)})
    assert score(SMALL, made) == Score(
        found=5, false=2, confirmed=4, falsely_confirmed=1, planted=2, planted_confirmed=2, own=3, falsely_own=1, planted_own=1
    )


def test_users_share_flags_and_errors() -> None:
    """With the share of equal errors that the correlation of two of a user's examples makes."""
    found = PlantedData(0, 0.1, users=True, size=6_000, flags=6).discovery(1)
    assert found.clusters == "user"
    assert [size % discovery.PER_USER for size in found.trials] == [0, 0]


def test_the_false_discovery_rate_is_the_mean_share() -> None:
    """Where nothing was found there is nothing false."""
    assert false_share([Score(4, 1, 2, 1, 0, 0, 5, 2, 0), Score(*[0] * 9)]) == (0.125, 0.25, 0.2)
