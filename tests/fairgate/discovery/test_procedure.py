"""What is kept and what is confirmed, against statsmodels and by hand."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from fairgate.discovery.procedure import LEVEL, NONE, REST, choose
from fairgate.discovery.search import CountedSlices, Places

Row = tuple[int, int, int, int]  # trials and events of the first half, and of the second


def counted(all_rows: Row, slices: dict[Places, Row]) -> CountedSlices:
    """Return the counts of independent rows at one threshold."""
    table = np.array([*slices.values()], np.int64).reshape(-1, 2, 2)
    whole = np.array(all_rows, np.int64).reshape(2, 2)
    return CountedSlices(list(slices), table[:, :, :1], table[:, None, :, 1:], whole[:, :1], whole[None, :, 1:])


def fisher(row: Row, other: Row, half: int) -> float:
    """Return scipy's one-sided p-value of one half."""
    n, x, m, y = row[2 * half], row[2 * half + 1], other[2 * half], other[2 * half + 1]
    return float(stats.fisher_exact([[x, n - x], [y, m - y]], "greater")[1])


def less(whole: Row, part: Row) -> Row:
    """Return the counts outside of a part."""
    a, b, c, d = (of_whole - of_part for of_whole, of_part in zip(whole, part, strict=True))
    return a, b, c, d


def test_single_conditions_are_kept_and_confirmed_as_statsmodels_does() -> None:
    """Benjamini-Hochberg on the first half, Holm on the second."""
    random = np.random.default_rng(4)
    whole: Row = (20_000, 2_000, 20_000, 2_000)
    slices: dict[Places, Row] = {}
    for at in range(40):
        rate = 0.1 if at > 8 else 0.12 + 0.01 * at
        slices[(at,)] = (500, int(random.binomial(500, rate)), 400, int(random.binomial(400, rate)))
    p_values = [fisher(row, less(whole, row), 0) for row in slices.values()]
    rejected = np.flatnonzero(multipletests(p_values, 0.1, "fdr_bh")[0]).tolist()
    chosen = choose(counted(whole, slices), 0.1)
    assert 3 < len(rejected) < 12
    assert sorted(found.slice for found in chosen.found) == rejected
    second = [fisher(slices[(at,)], less(whole, slices[(at,)]), 1) for at in rejected]
    expected = dict(zip(rejected, multipletests(second, method="holm")[1], strict=True))
    assert {found.slice: found.confirmed_p for found in chosen.found} == pytest.approx(expected)
    assert {found.slice: found.p for found in chosen.found} == pytest.approx({at: p_values[at] for at in rejected})
    assert (chosen.tested, chosen.explained, {found.parent for found in chosen.found}) == (40, 0, {REST})


WHOLE: Row = (20_000, 2_000, 20_000, 2_000)
PARENT: Row = (2_000, 500, 2_000, 500)
OTHER: Row = (2_000, 200, 2_000, 200)


def test_a_child_that_is_as_bad_as_its_parent_is_left_out() -> None:
    """It is much worse than the rest, and is counted as explained."""
    chosen = choose(counted(WHOLE, {(0,): PARENT, (0, 1): (400, 100, 400, 100), (1,): OTHER}), 0.1)
    assert [(found.slice, found.parent) for found in chosen.found] == [(0, REST)]
    assert (chosen.explained, chosen.tested) == (1, 3)


def test_a_child_that_is_worse_than_its_parent_is_kept() -> None:
    """Compared with the parent without it; p-values are the greater of that and of the comparison with the rest."""
    child: Row = (400, 200, 400, 190)
    chosen = choose(counted(WHOLE, {(0,): PARENT, (0, 1): child, (1,): OTHER}), 0.1)
    kept = {found.slice: found for found in chosen.found}
    assert {at: found.parent for at, found in kept.items()} == {0: REST, 1: 0}
    assert kept[1].p == pytest.approx(fisher(child, less(PARENT, child), 0), rel=1e-6)
    assert fisher(child, less(PARENT, child), 0) > fisher(child, less(WHOLE, child), 0)
    assert max(found.confirmed_p for found in kept.values()) < 1e-20


def test_a_parent_that_is_worse_only_by_its_child_is_its_echo() -> None:
    """Without the child its rate is that of the rest; also where another child, itself an echo, lies between."""
    child: Row = (500, 200, 500, 200)
    slices: dict[Places, Row] = {(0,): (5_000, 650, 5_000, 640), (0, 1): (1_000, 250, 1_000, 252), (0, 1, 2): child}
    slices |= {(1,): OTHER, (2,): OTHER, (0, 2): (1_500, 150, 1_500, 150), (1, 2): (1_000, 100, 1_000, 100)}
    found = {each.slice: each for each in choose(counted(WHOLE, slices), 0.1).found}
    rest = less(WHOLE, slices[(0,)])
    assert fisher(less(slices[(0,)], child), rest, 1) > LEVEL
    assert {at: each.child for at, each in found.items()} == {0: 2, 1: 2, 2: NONE}


def test_a_parent_that_is_worse_without_its_child_too_is_no_echo() -> None:
    """Two slices are confirmed, so half of the level is what it must prove itself at."""
    child: Row = (500, 300, 500, 300)
    slices: dict[Places, Row] = {(0,): PARENT, (0, 1): child, (1,): OTHER}
    found = {each.slice: each.child for each in choose(counted(WHOLE, slices), 0.1).found}
    assert fisher(less(PARENT, child), less(WHOLE, PARENT), 1) < LEVEL / 2
    assert found == {0: NONE, 1: NONE}


def test_every_kept_parent_must_be_exceeded() -> None:
    """The larger one is better by far, the smaller one is not."""
    larger: Row = (4_000, 800, 4_000, 800)
    smaller: Row = (1_000, 400, 1_000, 400)
    child: Row = (200, 82, 200, 80)
    slices = {(0,): larger, (0, 1): smaller, (0, 1, 2): child, (0, 2): (400, 84, 400, 84), (1,): OTHER, (2,): OTHER}
    slices |= {(1, 2): (400, 84, 400, 84)}
    kept = {found.slice for found in choose(counted(WHOLE, slices), 0.1).found}
    assert {0, 1} <= kept
    assert 2 not in kept


def test_what_one_half_invents_the_other_does_not_confirm() -> None:
    """It is found, and not confirmed."""
    (found,) = choose(counted(WHOLE, {(0,): (500, 100, 500, 50)}), 0.1).found
    assert found.p < 1e-6
    assert found.confirmed_p > 0.4


def test_a_slice_with_the_rows_of_its_parent_is_no_slice_of_its_own() -> None:
    """Nor is one that holds all rows, or that one half has none of."""
    slices: dict[Places, Row] = {(0,): PARENT, (0, 1): PARENT, (1,): WHOLE, (2,): (200, 90, 0, 0)}
    chosen = choose(counted(WHOLE, slices), 0.1)
    assert (chosen.tested, chosen.same) == (1, 2)


def test_a_slice_of_few_clusters_is_not_tested() -> None:
    """All of its rows lie in 19 of 50 buckets of the second half."""
    trials, events = np.full((2, 2, 50), 10), np.full((2, 1, 2, 50), 2)
    trials[0, 1, 19:] = events[0, 0, 1, 19:] = 0
    chosen = choose(CountedSlices([(0,), (1,)], trials, events, np.full((2, 50), 40), np.full((1, 2, 50), 8)), 0.1)
    assert (chosen.tested, chosen.few_clusters) == (1, 1)


def test_several_thresholds_are_one_p_value() -> None:
    """Twice the smaller of two; the slice is shown at the threshold that speaks most clearly."""
    trials = np.array([[[500], [500]]])
    events = np.array([[[[52], [52]], [[90], [90]]]])
    whole = counted(WHOLE, {})
    chosen = choose(CountedSlices([(0,)], trials, events, whole.all_trials, np.repeat(whole.all_events, 2, axis=0)), 0.1)
    (found,) = chosen.found
    expected = fisher((500, 90, 500, 90), less(WHOLE, (500, 90, 500, 90)), 0)
    assert found.threshold == 1
    assert found.p == pytest.approx(2 * expected, rel=1e-6)


def test_nothing_is_found_where_nothing_can_be_tested() -> None:
    """No slices at all."""
    assert choose(counted(WHOLE, {}), 0.1).found == ()
