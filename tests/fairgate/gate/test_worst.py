"""Which other slice decides where the one with the worst value proves nothing."""

from typing import Any

import pytest

from fairgate.gate.finding import Bounds
from fairgate.gate.worst import other_pair, other_slice
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from fairgate.statistics.comparison import Estimate, Measure, contrast
from fairgate.statistics.sample_size import plain_rate
from tests.fairgate.gate.judging import FPR, FPR_KEY, outcomes, paired

CEILING = Bounds(upper=0.35)
WORST = {"kind": "worst_slice", **FPR, "slices": ["g:*"], "max": 0.35}
BEST = {"kind": "gap", **FPR, "slices": ["g:*"], "against": "best", "limit": 1.25}


def rates(**of_slices: tuple[int, int]) -> Evaluation:
    """An evaluation of slices by counts of false positives and negatives."""
    slices = {
        f"g:{name}": SliceMetrics(n=trials, rates={FPR_KEY: Rate(successes, trials)})
        for name, (successes, trials) in of_slices.items()
    }
    return Evaluation({"candidate": {"overall": SliceMetrics(n=1), **slices}})


def ended(evaluation: Evaluation, rule: dict[str, Any], **settings: Any) -> list[tuple[str, str]]:
    return [(line.slice, line.outcome) for line in outcomes(evaluation, rule, **settings)]


def test_few_examples_of_the_worst_slice_do_not_hide_a_proven_harm() -> None:
    """0.4 of 100 may be chance, 0.39 of 10,000 is not."""
    evaluation = rates(few=(40, 100), many=(3900, 10_000), good=(100, 1000))
    assert ended(evaluation, WORST) == [("g:few", "unproven"), ("g:many", "failed")]
    assert ended(evaluation, WORST, unproven_violation="pass") == [("g:few", "passed"), ("g:many", "failed")]
    _, second = outcomes(evaluation, WORST)
    assert second.reason == (
        "False positive rate of g:many at 0.5 is 0.39, not the highest of 3, but the one that decides "
        "(95 % interval 0.38–0.4, n = 10,000); the limit is 0.35."
    )


def test_a_floor_is_broken_by_the_surest_slice_too() -> None:
    key = MetricKey("true_positive_rate", 0.5)
    rule = {"kind": "worst_slice", "metric": key.name, "thresholds": [0.5], "slices": ["g:*"], "min": 0.65}
    counts = {"g:few": (60, 100), "g:many": (6100, 10_000)}
    slices = {name: SliceMetrics(n=trials, rates={key: Rate(found, trials)}) for name, (found, trials) in counts.items()}
    found = ended(Evaluation({"candidate": slices}), rule)
    assert found == [("g:few", "unproven"), ("g:many", "failed")]


def test_the_worst_slice_that_proves_its_violation_has_the_only_line() -> None:
    assert ended(rates(worst=(500, 1000), other=(400, 1000)), WORST) == [("g:worst", "failed")]


def test_a_limit_that_the_worst_keeps_provably_and_another_does_not_is_not_proven() -> None:
    """0.33 of 10,000 is below 0.35 for certain, 0.3 of 100 is not."""
    evaluation = rates(many=(3300, 10_000), few=(30, 100), best=(100, 1000))
    assert ended(evaluation, WORST, unproven="inconclusive") == [("g:many", "passed"), ("g:few", "unproven")]
    assert [line.proven for line in outcomes(evaluation, WORST)] == [True, False]


def test_a_limit_that_all_keep_provably_needs_one_line() -> None:
    assert ended(rates(many=(3300, 10_000), other=(200, 1000)), WORST) == [("g:many", "passed")]


def test_what_holm_leaves_unproven_does_not_hide_the_surest_slice() -> None:
    """The worst has p = .04, which three comparisons of each of two rules do not prove; the second worst is beyond doubt."""
    evaluation = rates(few=(45, 100), many=(4200, 10_000), good=(100, 1000))
    assert ended(evaluation, WORST) == [("g:few", "failed")]
    found = outcomes(evaluation, WORST, {**WORST, "max": 0.36}, multiplicity="holm")
    assert [(line.slice, line.outcome) for line in found[:2]] == [("g:few", "unproven"), ("g:many", "failed")]


def test_a_policy_that_judges_nothing_reports_the_worst_alone() -> None:
    evaluation = rates(few=(40, 100), many=(3900, 10_000), good=(100, 1000))
    assert [line.slice for line in outcomes(evaluation, WORST, reports_only=True)] == ["g:few"]
    assert [line.slice for line in outcomes(evaluation, BEST, reports_only=True)] == ["g:few"]


def test_few_examples_of_the_worst_and_the_best_do_not_hide_a_proven_ratio() -> None:
    """0.3 of 100 against 0.2 of 100 may be chance; 0.29 against 0.21 of 10,000 each is not."""
    evaluation = rates(a=(30, 100), b=(2900, 10_000), c=(2100, 10_000), d=(20, 100))
    first, second = outcomes(evaluation, BEST)
    assert [(line.slice, line.outcome) for line in (first, second)] == [("g:a", "unproven"), ("g:b", "failed")]
    assert [first.value, second.value] == pytest.approx([1.5, 2900 / 2100])
    assert "1.38 times that of g:c, 0.21" in second.reason
    of_difference = outcomes(evaluation, {**BEST, "measure": "difference", "limit": 0.05})
    assert [(line.slice, line.outcome) for line in of_difference] == [("g:a", "unproven"), ("g:b", "failed")]


def test_the_interval_of_a_pair_is_that_of_the_finding() -> None:
    """Of all pairs at once and of each alone: the limit lies just inside and just outside of the pair's interval."""
    few, many, other = plain_rate(0.3, 100), plain_rate(0.29, 10_000), plain_rate(0.21, 10_000)
    ranked = [few, many, other, plain_rate(0.2, 100)]
    measures: tuple[Measure, ...] = ("ratio", "difference")
    for measure in measures:
        low, _ = contrast(many, other, measure).interval(0.95)
        assert other_pair(ranked, measure, Bounds(upper=low - 1e-6), 0.95, corrected=False) == (1, 2)
        assert other_pair(ranked, measure, Bounds(upper=low + 1e-6), 0.95, corrected=False) is None


def test_two_slices_are_one_pair() -> None:
    ranked = [plain_rate(0.3, 100), plain_rate(0.2, 100)]
    assert other_pair(ranked, "ratio", Bounds(upper=1.25), 0.95, corrected=True) is None


def test_values_without_counts_are_compared_by_their_intervals() -> None:
    """Two normal estimates, as of an AUC: .9 and .7 with errors of .2 and .01."""

    def normal(value: float, error: float) -> Estimate:
        return Estimate(value, 100, lambda _: (value - 1.96 * error, value + 1.96 * error))

    ranked = [normal(0.70, 0.2), normal(0.71, 0.001), normal(0.9, 0.001), normal(0.91, 0.2)]
    bounds: tuple[tuple[Measure, float], ...] = (("ratio", 0.8), ("difference", -0.1))
    for measure, lower in bounds:
        assert other_pair(ranked, measure, Bounds(lower=lower), 0.95, corrected=False) == (1, 2)


def test_slices_without_an_interval_decide_nothing() -> None:
    nothing = Estimate(0.9, 100, lambda _: (float("nan"), float("nan")))
    few = plain_rate(0.4, 100)
    assert other_slice({"a": few, "b": nothing}, "a", CEILING, 0.95, corrected=False) is None
    assert other_slice({"a": nothing, "b": few}, "a", CEILING, 0.95, corrected=False) is None
    assert other_slice({"a": few}, "a", CEILING, 0.95, corrected=True) is None


def test_an_unbounded_ratio_that_proves_nothing_does_not_hide_a_proven_one() -> None:
    """The best slice has no false positive in 100."""
    evaluation = rates(a=(3, 100), b=(2900, 10_000), c=(2100, 10_000), d=(0, 100))
    assert ended(evaluation, {**BEST, "slices": ["g:a", "g:d"], "limit": 1.25}) == [("g:a", "unproven")]
    assert ended(evaluation, BEST) == [("g:b", "failed")]


def test_gaps_that_are_small_enough_must_all_be_so() -> None:
    """The larger gap is provably below 1.5, the smaller one, of few examples, is not."""
    cells = {
        "overall": (2000.0, 0.0, 0.0, 8000.0),
        "g:many": (1000.0, 0.0, 0.0, 3000.0),
        "g:few": (22.0, 0.0, 0.0, 78.0),
    }
    rule = {"kind": "improvement", **FPR, "slices": ["g:*"], "small_enough": 1.5}
    found = outcomes(paired(cells), rule, unproven="inconclusive")
    assert [(line.slice, line.outcome, line.measure) for line in found] == [
        ("g:many", "passed", "gap"),
        ("g:few", "unproven", "gap"),
    ]
