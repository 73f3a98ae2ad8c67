"""What a discovery says: numbers of the second half, words, rules."""

from typing import Any

import numpy as np
import pytest

from fairgate.discovery.events import HarmfulRate
from fairgate.discovery.gather import EQUAL_ROWS, ExampleBatch, ExampleGatherer
from fairgate.discovery.result import Detectable, DiscoveredSlice, Discovery
from fairgate.discovery.rows import Condition
from fairgate.discovery.rules import policy_of, policy_yaml
from fairgate.discovery.words import markdown, plain, sentences_of, slice_words
from fairgate.gate.policy import Policy
from fairgate.statistics.intervals import rate_ratio

MALE, BLACK = Condition("gender", "male"), Condition("race", "black")
SPREAD = np.random.default_rng(8).integers(0, 2**63, 8_000).astype(np.uint64)


def batch(copies: int = 1) -> ExampleBatch:
    """8,000 examples, a fifth of them wrong where both groups meet, else a tenth."""
    random = np.random.default_rng(7)
    male, black = random.random(8_000) < 0.5, random.random(8_000) < 0.4
    wrong = random.random(8_000) < np.where(male & black, 0.25, 0.1)
    rows = np.tile(np.arange(8_000), copies)
    members = {MALE: np.flatnonzero(male[rows]), BLACK: np.flatnonzero(black[rows])}
    scores = np.where(wrong, 0.9, 0.1)
    scores[0] = np.nan
    return ExampleBatch(np.zeros(rows.size, bool), scores[rows], members, clusters=SPREAD[rows])


def discovery(worse: str = "higher", copies: int = 1, clusters: str = "") -> Any:  # a Discovery, none of whose values is absent
    """Return what is found in it: by false positive rate, or true negative rate, which is one minus it."""
    metric = "false_positive_rate" if worse == "higher" else "true_negative_rate"
    gatherer = ExampleGatherer(HarmfulRate(metric, worse, (0.5,)))  # type: ignore[arg-type]
    gatherer.add(batch(copies))
    return gatherer.discovery(clusters, depth=2)


def test_a_slice_shows_what_the_second_half_says() -> None:
    """Counts of both halves, by a loop over examples; the ratio with Koopman's interval."""
    found = discovery()
    shown = next(each for each in found.slices if each.slice == "gender:male × race:black")
    parent = {"gender:male": MALE, "race:black": BLACK}[shown.against]
    given = batch()
    member = {name: np.isin(np.arange(8_000), rows) for name, rows in given.members.items()}
    inside, valid = member[MALE] & member[BLACK], np.isfinite(given.scores)
    wrong = given.scores > 0.5
    assert sum(found.trials) == valid.sum() == 7_999 == found.rows - found.invalid
    assert shown.n + shown.first_n == (inside & valid).sum()
    events, first_events = shown.rate * shown.n, shown.first_rate * shown.first_n
    assert events + first_events == pytest.approx((inside & wrong).sum())
    rest = member[parent] & ~inside & valid
    assert shown.other_n < rest.sum()
    low, high = rate_ratio(events, shown.n, shown.other_rate * shown.other_n, shown.other_n)
    assert (shown.low, shown.high, shown.ratio) == pytest.approx((low, high, shown.rate / shown.other_rate))
    assert shown.confirmed
    assert (found.possible, found.tested, found.too_small) == (3, 3, 0)


def test_halves_are_about_equal_and_come_from_the_clusters() -> None:
    """Copies lie in the half of their original."""
    once, twice = discovery(clusters="user"), discovery(copies=2, clusters="user")
    assert abs(once.trials[0] - once.trials[1]) < 5 * np.sqrt(8_000)
    assert twice.trials == (2 * once.trials[0], 2 * once.trials[1])


def test_a_rate_that_is_bad_when_low_finds_the_same_slices() -> None:
    """Its values are one minus those of the other."""
    first, second = discovery(), discovery("lower")
    assert [each.slice for each in first.slices] == [each.slice for each in second.slices]
    assert [each.rate for each in second.slices] == pytest.approx([1 - each.rate for each in first.slices])
    assert all(each.ratio < 1 for each in second.slices)
    assert second.overall == pytest.approx(1 - first.overall)
    assert second.detectable[0].rate == pytest.approx(1 - first.detectable[0].rate)


def test_equal_rows_are_one_cluster_where_that_is_asked_for() -> None:
    """A handful of different rows is no sample: too few clusters to test anything."""
    found = discovery(clusters=EQUAL_ROWS)
    assert (found.tested, found.few_clusters + found.too_small) == (0, 3)
    assert "nothing could have been found" in list(sentences_of(found))[-1]


def test_an_interval_of_clustered_rows_is_wider() -> None:
    """Than Koopman's of as many independent rows, where every row is there twice."""
    shown = discovery(copies=2, clusters="user").slices[0]
    naive = rate_ratio(shown.rate * shown.n, shown.n, shown.other_rate * shown.other_n, shown.other_n)
    assert shown.low < naive.low < shown.ratio < naive.high < shown.high


def test_numeric_features_are_cut() -> None:
    """Ranges of the examples that count; one without a number is in none."""
    gatherer = ExampleGatherer(HarmfulRate("false_positive_rate", "higher", (0.5,)), {"age": 4})
    ages = np.append(np.arange(1.0, 400.0), np.nan)
    label = ages > 200
    gatherer.add(ExampleBatch(label, np.where(ages > 150, 0.9, 0.1), {}, {"age": ages}))
    found = gatherer.discovery(min_examples=10)
    assert found.edges == {"age": (50, 100, 150)}
    assert found.unknown == {"age": 1}
    assert {each.slice: each.ranges for each in found.slices} == {"age:over 150": True}
    assert policy_of(found) is None
    assert policy_yaml(found) is None
    assert "age: ranges end at 50, 100, 150 (quantiles)." in sentences_of(found)


def test_equal_examples_have_equal_hashes() -> None:
    """In any order of their groups; a group, the label, the score or a number more makes another."""
    one = np.zeros(1, np.int64)
    base = {"label": np.array([True]), "scores": np.array([0.3]), "members": {MALE: one}, "numbers": {"age": one + 1.0}}

    def hashed(**changed: object) -> int:
        gatherer = ExampleGatherer(HarmfulRate("positive_rate", "higher", (0.5,)), {"age": 2})
        return int(gatherer.add(ExampleBatch(**{**base, **changed}))[0])  # type: ignore[arg-type]

    assert hashed() == hashed()
    assert hashed(members={MALE: one, BLACK: one}) == hashed(members={BLACK: one, MALE: one})
    others = [
        hashed(label=np.array([False])),
        hashed(scores=np.array([0.4])),
        hashed(members={}),
        hashed(numbers={"age": one + 2.0}),
    ]
    assert len({hashed(), *others}) == 5


FOUND = DiscoveredSlice(
    slice="g:a",
    against="",
    threshold=0.5,
    n=1_000,
    rate=0.25,
    other_n=9_000,
    other_rate=0.125,
    ratio=2.0,
    low=1.5,
    high=None,
    p=0.00001,
    confirmed=True,
    first_n=900,
    first_rate=0.3,
    first_p=0.0001,
)


def made(**changed: object) -> Any:
    """Return a discovery with one slice."""
    values = {
        "metric": "false_positive_rate",
        "worse": "higher",
        "thresholds": (0.5,),
        "rows": 12_000,
        "trials": (5_000, 5_000),
        "overall": 0.13,
        "depth": 3,
        "min_examples": 100,
        "possible": 50,
        "tested": 40,
        "same": 2,
        "few_clusters": 0,
        "explained": 1,
        "detectable": (Detectable(n=100, rate=0.4), Detectable(n=50, rate=None)),
        "slices": (FOUND,),
    }
    return Discovery.model_validate({**values, **changed})


def test_a_slice_is_said_in_the_cells_of_a_table() -> None:
    """An end without a bound, a p-value that is tiny; against what."""
    cells = list(vars(slice_words(FOUND, several=False)).values())
    assert cells == ["g:a", "0.25", "1,000", "all other examples", "0.125", "2 × (1.5–∞)", "< .0001"]
    child = FOUND.model_copy(update={"against": "h:b", "ratio": None, "low": None, "p": 0.0214})
    cells = list(vars(slice_words(child, several=True)).values())
    assert cells == ["g:a", "0.25 at 0.5", "1,000", "the rest of h:b", "0.125", "–", ".0214"]


def test_the_words_say_what_was_looked_at() -> None:
    """How many, what could have been found, and what was left out."""
    said = list(sentences_of(made(invalid=3, clusters="user", unknown={"g": 7}, few_clusters=1, edges={"age": ()})))
    assert said == [
        "50 slices of up to 3 conditions: 40 tested (not tested, fewer than 100 examples: 7, the rows of a larger slice: 2, too "
        "few clusters: 1); 1 found in one half of the examples, 1 confirmed in the other.",
        "False positive rate above that of the rest, overall 0.13; 10,000 of 12,000 rows count for it, 3 rows without a valid "
        "score not.",
        "Examples with the same user are one cluster, all in one half.",
        "Left out, because a larger slice explains their value: 1 slice.",
        "g: 7 examples without a value, in none of its slices.",
        "age: ranges end at none: all values are equal, or absent (quantiles).",
        "A slice of 100 examples would have been found and confirmed in 80 % of cases, from a value of 0.4 on.",
        "A slice of 50 examples would not have been found, whatever its value.",
    ]
    assert "The table counts as duplicated" in "".join(sentences_of(made(clusters=EQUAL_ROWS)))


def test_of_several_thresholds_the_words_say_at_which_a_rate_is() -> None:
    said = "\n".join(sentences_of(made(thresholds=(0.3, 0.5))))
    assert "overall 0.13 at 0.3; " in said
    assert "from a value of 0.4 at 0.3 on." in said


def test_the_ends_of_ranges_are_those_of_their_names() -> None:
    assert "age: ranges end at 20240115, 20240116 (quantiles)." in sentences_of(made(edges={"age": (20240115.0, 20240116.0)}))


def test_markdown_shows_the_confirmed_slices() -> None:
    """What comes from the table is escaped; without any it says so."""
    text = markdown(made(slices=(FOUND.model_copy(update={"slice": "g:<b>"}),)))
    assert "| g:&lt;b&gt; | 0.25 | 1,000 |" in text
    assert "No slice was confirmed." in markdown(made(slices=(FOUND.model_copy(update={"confirmed": False}),)))


def test_confirmed_slices_become_rules_of_each_threshold() -> None:
    """The policy is read back equal; unconfirmed slices are not in it."""
    slices = (
        FOUND,
        FOUND.model_copy(update={"slice": "g:b × h:c", "threshold": 0.3}),
        FOUND.model_copy(update={"slice": "g:d", "confirmed": False}),
    )
    found = made(thresholds=(0.3, 0.5), slices=slices)
    policy, text = policy_of(found), policy_yaml(found)
    assert policy is not None
    assert text is not None
    assert Policy.parse(text, "rules.yaml") == policy
    assert [(rule.id, rule.thresholds, rule.slices, rule.worse) for rule in policy.rules] == [
        ("discovered-false-positive-rate-at-0.3", (0.3,), ("g:b × h:c",), None),
        ("discovered-false-positive-rate-at-0.5", (0.5,), ("g:a",), None),
    ]


def test_a_rule_says_which_side_is_bad_where_the_metric_does_not() -> None:
    """A policy could not know it otherwise."""
    policy = policy_of(made(metric="positive_rate", worse="lower"))
    assert policy is not None
    assert [rule.worse for rule in policy.rules] == ["lower"]


ECHO = FOUND.model_copy(update={"slice": "g:b", "echo_of": "g:a"})


def test_an_echo_is_named_and_makes_no_rule() -> None:
    """The table and the policy hold the slice that explains it."""
    found = made(slices=(ECHO, FOUND))
    assert [each.slice for each in found.own] == ["g:a"]
    said = "Mostly explained by g:a, without whose examples they are not proven worse than the rest: g:b."
    assert said in list(sentences_of(found))
    assert "| g:b |" not in markdown(found)
    policy = policy_of(found)
    assert policy is not None
    assert policy.rules[0].slices == ("g:a",)
    assert "judge new data" in policy.rationale


def test_slices_with_the_most_errors_in_excess_come_first() -> None:
    """Although the p-value of the smaller slice is the smaller one. 1,000 examples at .25 and not .125 are 125 in excess."""
    assert FOUND.excess == 125
    random = np.random.default_rng(3)
    wrong = random.random(20_000) < 0.1
    wrong[:6_000] = random.random(6_000) < 0.15
    wrong[-200:] = random.random(200) < 0.7
    members = {MALE: np.arange(6_000), BLACK: np.arange(19_800, 20_000)}
    gatherer = ExampleGatherer(HarmfulRate("false_positive_rate", "higher", (0.5,)))
    gatherer.add(ExampleBatch(np.zeros(20_000, bool), np.where(wrong, 0.9, 0.1), members))
    large, small = gatherer.discovery(min_examples=50).slices
    assert (large.slice, small.slice) == ("gender:male", "race:black")
    assert large.p > small.p


def test_a_discovery_prints_itself_in_a_few_lines() -> None:
    """At most 12 slices; without control characters."""
    lines = repr(made(slices=(FOUND, FOUND.model_copy(update={"slice": "g:\x1b", "ratio": None, "p": 0.02})))).splitlines()
    assert lines[:2] == [
        "  • g:a: 0.25 (n = 1,000), 2 × (1.5–∞) the 0.125 of all other examples; p < .0001",
        "  • g:\ufffd: 0.25 (n = 1,000); p = .0200",
    ]
    assert str(made(slices=())).startswith("No slice was confirmed.\n50 slices")
    assert plain(made(slices=(FOUND,) * 14)).splitlines()[12] == "  … and 2 more, in `own`."
