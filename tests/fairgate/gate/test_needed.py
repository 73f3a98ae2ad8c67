"""How many more examples decide: the sentence, the number, and why there is none."""

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from fairgate.gate.evidence import Evidence
from fairgate.gate.finding import Bounds, Finding, Unjudged
from fairgate.gate.needed import Needed, about, nearest, needed_for, needed_for_unjudged
from fairgate.gate.outcome import RuleLine
from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.statistics import intervals
from fairgate.statistics.comparison import Estimate
from tests.fairgate.gate.judging import decide

FPR = MetricKey("false_positive_rate", 0.5)
FNR = MetricKey("false_negative_rate", 0.5)
RATE = {"metric": "false_positive_rate", "thresholds": [0.5]}
CEILING = {"kind": "quality", "id": "ceiling", "metric": "false_positive_rate", "thresholds": [0.5], "max": 0.22}


def make(fpr: tuple[float, float] = (57, 300), fnr: tuple[float, float] = (20, 100), **changes: Any) -> SliceMetrics:
    """A slice of 300 negatives and 100 positives."""
    values: dict[str, Any] = {"n": 400, "n_negative": 300, "n_positive": 100}
    values |= {"rates": {FPR: Rate(*fpr), FNR: Rate(*fnr)}, "scalars": {MetricKey("auc"): Scalar(0.86, 0.02)}}
    return SliceMetrics(**values | changes)


def finding_of(rule: dict[str, Any], slices: dict[str, SliceMetrics] | None = None) -> Finding:
    """The only finding of a rule."""
    policy = Policy.model_validate({"rules": [rule]})
    evidence = Evidence(Evaluation({"candidate": slices or {"overall": make()}}), policy)
    (found,) = policy.rules[0].apply(evidence)
    assert isinstance(found, Finding)
    return found


def needed(rule: dict[str, Any], slices: dict[str, SliceMetrics] | None = None, **settings: Any) -> Needed | None:
    """What the finding of a rule needs."""
    return needed_for(finding_of(rule, slices), 0.95, **settings)


def odd(value: float, *ends: float, n: float = 300, bounds: Bounds | None = None) -> Finding:
    """A finding of numbers that no rule would measure."""
    rule = Policy.model_validate({"rules": [CEILING]}).rules[0]
    estimate = Estimate(value, n, lambda _: (ends[0], ends[1]))
    return Finding(rule, "overall", FPR, estimate, bounds or Bounds(upper=0.22), "", "")


def power_of(rate: float, limit: float, trials: int, confidence: float = 0.95) -> float:
    """The power by enumeration of all counts."""
    counts = np.arange(trials + 1)
    low, high = intervals.wilson(counts, float(trials), confidence)
    return float(binom.pmf(counts, trials, rate)[high < limit if limit > rate else low > limit].sum())


def test_a_limit_that_is_kept_but_not_proven_says_how_many_negatives_decide() -> None:
    found = needed(CEILING)
    assert found is not None
    assert found.examples is not None
    assert (found.slice, found.label, found.have, found.power) == ("overall", "negative", 300, 0.8)
    assert power_of(0.19, 0.22, 300 + found.examples) == pytest.approx(0.8, abs=0.03)
    assert found.sentence == "About 1,150 more negatives of overall decide this at 80 % power (there are 300)."


def test_a_violation_that_is_not_proven_says_how_many_decide() -> None:
    found = needed(CEILING, {"overall": make(fpr=(75, 300))})
    assert found is not None
    assert found.examples is not None
    assert power_of(0.25, 0.22, 300 + found.examples) == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("successes", [30, 120])
def test_what_is_proven_either_way_needs_nothing(successes: float) -> None:
    assert needed(CEILING, {"overall": make(fpr=(successes, 300))}) is None


def test_a_false_negative_rate_needs_positives() -> None:
    found = needed({**CEILING, "metric": "false_negative_rate"})
    assert found is not None
    assert (found.label, found.have) == ("positive", 100)
    assert "more positives of overall" in found.sentence


def test_an_auc_needs_examples_of_both_labels() -> None:
    found = needed({"kind": "quality", "id": "floor", "metric": "auc", "min": 0.84})
    assert found is not None
    assert (found.label, found.have) == ("", 400)
    errors = (math.log(0.86 / 0.14) - math.log(0.84 / 0.16)) * 0.86 * 0.14 / 0.02  # between value and floor, on the logit scale
    assert found.examples == pytest.approx(400 * (((1.9600 + 0.8416) / errors) ** 2 - 1), rel=0.05)
    assert "more examples of overall" in found.sentence


def test_the_samples_male_slice_needs_what_was_simulated() -> None:
    """About 2,000 negatives in all, of which there are 794."""
    slices = {
        "overall": make(fpr=(3043, 17362), n=20000, n_negative=17362, n_positive=2638),
        "gender:male": make(fpr=(154, 794), n=1076, n_negative=794, n_positive=282),
    }
    gap = {**CEILING, "kind": "gap", "id": "gap", "slices": ["gender:male"], "limit": 1.25}
    del gap["max"]
    found = needed(gap, slices)
    assert found is not None
    assert found.have + (found.examples or 0) == pytest.approx(2000, rel=0.03)
    assert found.sentence == "About 1,170 more negatives of gender:male decide this at 80 % power (there are 794)."


def test_the_others_must_grow_too_where_a_slice_is_compared_with_few() -> None:
    """Against 100 others the slice's rate stays within reach of the limit however many examples it has itself."""
    slices = {"overall": make(fpr=(255, 1100), n_negative=1100), "g:a": make(fpr=(235, 1000), n_negative=1000)}
    gap = {"kind": "gap", "id": "gap", **RATE, "slices": ["g:a"], "against": "rest", "limit": 1.25}
    found = needed(gap, slices, measured=slices["g:a"])
    assert found is not None
    assert (found.slice, found.have) == ("g:a", 1000)
    assert found.sentence.endswith(
        " more negatives of g:a, and of the others in proportion, decide this at 80 % power (there are 1,000)."
    )


def test_a_slice_beside_many_others_may_grow_alone() -> None:
    """The ratio is .14 / .2; with the number that is named, drawn of the slice alone, the limit of .8 is proven broken."""
    slices = {"overall": make(fpr=(40_000, 200_000), n_negative=200_000), "g:a": make(fpr=(84, 600), n_negative=600)}
    gap = {"kind": "gap", "id": "gap", **RATE, "slices": ["g:a"], "against": "rest"}
    found = needed({**gap, "limit": 1.28, "direction": "both"}, slices, measured=slices["g:a"])
    assert found is not None
    assert found.examples is not None
    assert "in proportion" not in found.sentence
    trials = 600 + found.examples
    counts = np.random.default_rng(1).binomial(trials, 0.14, 2000)
    ends = intervals.rate_ratio(counts, float(trials), 39_916.0, 199_400.0)
    assert float((ends.high < 1 / 1.28).mean()) == pytest.approx(0.8, abs=0.04)


def test_too_few_others_are_named_and_not_the_slice() -> None:
    """2,000 negatives of the slice and 40 others: more of the slice would change nothing."""
    slices = {"overall": make(fpr=(400, 2040), n_negative=2040), "g:a": make(fpr=(390, 2000), n_negative=2000)}
    rule = {"kind": "gap", "id": "gap", **RATE, "slices": ["g:a"], "against": "rest", "limit": 1.25}
    policy = Policy.model_validate({"rules": [rule]})
    (line,) = [line for line in decide(policy, Evaluation({"candidate": slices})).rules if line.id == "gap"]
    assert line.outcome == "not enough data"
    assert line.needed == Needed(
        slice="all others than g:a",
        label="negative",
        examples=60,
        have=40,
        power=None,
        sentence="At least 60 more negatives of all others than g:a are needed before this is judged (there are 40).",
    )


def test_too_few_positives_outside_of_a_slice_are_named() -> None:
    """The BPSN AUC compares the slice's negatives with the positives of all others."""
    bpsn = {MetricKey("bpsn_auc"): Scalar(0.9, 0.01)}
    slices = {
        "overall": make(n=800, n_negative=690, n_positive=110),
        "g:a": make(n=400, n_negative=300, n_positive=100, scalars=bpsn),
    }
    rule = {"kind": "quality", "id": "bpsn", "metric": "bpsn_auc", "slices": ["g:a"], "min": 0.8}
    policy = Policy.model_validate({"rules": [rule]})
    (line,) = [line for line in decide(policy, Evaluation({"candidate": slices})).rules if line.id == "bpsn"]
    assert line.reason == (
        "BPSN AUC of g:a rests on 10 positives outside of g:a; 20 are needed. At least 10 more positives of all others than g:a "
        "are needed before this is judged (there are 10)."
    )


def test_at_the_limit_no_number_decides() -> None:
    found = needed(CEILING, {"overall": make(fpr=(66, 300))})
    assert found is not None
    assert found.examples is None
    assert found.sentence == "No number of examples decides this: the value lies exactly at the limit."


def test_so_near_the_limit_that_no_number_would_do_is_said_so() -> None:
    found = needed({**CEILING, "max": 0.19 + 1e-8})
    assert found is not None
    assert found.examples is None
    assert found.sentence == "No number of examples decides this: the interval does not get clear of the limit."


def test_a_value_that_is_undefined_has_no_number() -> None:
    found = needed_for(odd(math.nan, 0.1, 0.3), 0.95)
    assert found is not None
    assert found.examples is None
    assert found.sentence == "How many examples decide this is not known: the value or its interval is undefined."


def test_without_an_interval_the_value_decides_and_nothing_is_needed() -> None:
    assert needed_for(odd(0.19, math.nan, math.nan), 0.95) is None


def test_an_interval_with_an_unbounded_end_never_raises() -> None:
    found = needed_for(odd(0.19, 0.1, math.inf), 0.95)
    assert found is not None
    assert found.examples is None


@pytest.mark.parametrize("n", [0.0, math.inf, math.nan])
def test_without_a_number_of_examples_there_is_nothing_to_multiply(n: float) -> None:
    found = needed_for(odd(0.19, 0.1, 0.3, n=n), 0.95)
    assert found is not None
    assert (found.examples, found.have) == (None, 0)


def test_an_estimate_that_raises_is_no_crash_of_the_gate() -> None:
    def interval(_: float) -> tuple[float, float]:
        raise OverflowError

    rule = Policy.model_validate({"rules": [CEILING]}).rules[0]
    found = needed_for(Finding(rule, "overall", FPR, Estimate(0.19, 9, interval), Bounds(upper=0.22), "", ""), 0.95)
    assert found is not None
    assert found.examples is None


def test_the_rules_own_confidence_counts() -> None:
    usual, strict = needed(CEILING), needed({**CEILING, "confidence": 0.99})
    assert usual is not None
    assert strict is not None
    assert strict.examples is not None
    assert power_of(0.19, 0.22, 300 + strict.examples, 0.99) == pytest.approx(0.8, abs=0.03)
    assert strict == needed_for(finding_of(CEILING), 0.99)


def test_a_violation_is_planned_for_the_strictest_step_of_holm() -> None:
    broken = {"overall": make(fpr=(75, 300))}
    found = needed(CEILING, broken, family=20)
    assert found is not None
    assert found.examples is not None
    assert power_of(0.25, 0.22, 300 + found.examples, 1 - 0.05 / 20) == pytest.approx(0.8, abs=0.03)


def test_the_worst_of_several_counts_as_often_as_it_was_picked_from() -> None:
    worst = {**CEILING, "kind": "worst_slice", "id": "worst", "slices": ["g:*"]}
    slices = {"overall": make(), "g:a": make(fpr=(75, 300)), "g:b": make(), "g:c": make()}
    once = needed({**CEILING, "slices": ["g:a"]}, slices, family=6)
    assert needed(worst, slices, family=2) == once


def test_a_limit_that_is_kept_is_not_corrected() -> None:
    assert needed(CEILING, family=20) == needed(CEILING)


def test_between_two_limits_both_must_be_clear() -> None:
    both = needed({**CEILING, "min": 0.15})
    upper = needed(CEILING)
    assert both is not None
    assert upper is not None
    assert (both.examples or 0) > (upper.examples or 0)


def test_weighted_examples_are_counted_as_examples() -> None:
    """A design effect of 2: 300 negatives that count as 150."""
    plain = needed(CEILING)
    weighted = needed(CEILING, {"overall": make(design_effect=2.0)}, measured=make(design_effect=2.0))
    assert plain is not None
    assert weighted is not None
    assert weighted.have == 300
    assert 300 + (weighted.examples or 0) == pytest.approx(2 * (300 + (plain.examples or 0)), rel=0.01)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ({"overall": {"negative": 9000}}, "(there are 300); the rest of the data holds 9,000."),
        ({"overall": {"negative": 20}}, "(there are 300); the rest of the data holds only 20."),
        ({"overall": {"positive": 20}}, "(there are 300)."),
        ({}, "(there are 300)."),
    ],
)
def test_the_rest_of_the_data_is_named_where_it_is_known(held: dict[str, dict[str, int]], words: str) -> None:
    found = needed(CEILING, available=held)
    assert found is not None
    assert found.available == held.get("overall", {}).get("negative")
    assert found.sentence.endswith(words)


def unjudged(n: float, result: Any = "not enough data", key: MetricKey = FPR) -> Unjudged:
    """What the gate says of a slice that it could not judge."""
    rule = Policy.model_validate({"rules": [CEILING]}).rules[0]
    return Unjudged(rule, "gender:female", key, result, "A reason.", n)


def test_too_few_examples_need_what_the_policy_asks_for() -> None:
    assert needed_for_unjudged(unjudged(40), 100, measured=make(n_negative=40)) == Needed(
        slice="gender:female",
        label="negative",
        examples=60,
        have=40,
        power=None,
        sentence="At least 60 more negatives of gender:female are needed before this is judged (there are 40).",
    )


def test_a_single_example_is_written_in_the_singular() -> None:
    found = needed_for_unjudged(unjudged(99), 100, measured=make(n_negative=99))
    assert found is not None
    assert found.sentence == "At least 1 more negative of gender:female is needed before this is judged (there are 99)."


def test_too_few_weighted_examples_need_more_than_the_difference() -> None:
    """300 negatives that count as 75: for 100 there must be 400."""
    found = needed_for_unjudged(unjudged(75), 100, measured=make())
    assert found is not None
    assert (found.have, found.examples) == (300, 100)


def test_too_few_examples_that_the_rest_of_the_data_holds() -> None:
    found = needed_for_unjudged(unjudged(40), 100, measured=make(n_negative=40), available={"gender:female": {"negative": 70}})
    assert found is not None
    assert found.available == 70
    assert found.sentence.endswith("(there are 40); the rest of the data holds 70.")


def test_a_slice_that_was_left_out_has_no_count_by_label() -> None:
    found = needed_for_unjudged(unjudged(12), 100)
    assert found is not None
    assert found.label == ""
    assert found.sentence == "At least 88 more examples of gender:female are needed before this is judged (there are 12)."


def test_an_absent_slice_needs_everything() -> None:
    found = needed_for_unjudged(unjudged(0), 100)
    assert found is not None
    assert (found.have, found.examples) == (0, 100)


@pytest.mark.parametrize("n", [math.nan, -math.inf])
def test_an_odd_number_of_examples_never_raises(n: float) -> None:
    found = needed_for_unjudged(unjudged(n), 100)
    assert found is not None
    assert found.examples == 100


@pytest.mark.parametrize("result", ["unproven", "not applicable"])
def test_what_no_example_would_change_needs_none(result: str) -> None:
    assert needed_for_unjudged(unjudged(40, result), 100) is None


def test_a_metric_that_is_not_registered_rests_on_examples() -> None:
    found = needed_for_unjudged(unjudged(40, key=MetricKey("unheard_of")), 100, measured=make())
    assert found is not None
    assert found.label == ""


def test_a_line_of_the_verdict_holds_it_and_reads_back_equal() -> None:
    line = RuleLine(id="a", kind="quality", measure="value", outcome="unproven", reason="A reason.", needed=needed(CEILING))
    assert RuleLine.model_validate_json(line.model_dump_json()) == line


def test_a_line_of_an_older_verdict_holds_none() -> None:
    assert RuleLine.model_validate({"id": "a", "kind": "check", "measure": "", "outcome": "passed", "reason": "."}).needed is None


def test_the_outcomes_are_imported_without_numpy() -> None:
    code = "import sys, fairgate.gate.outcome; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_value_at_the_limit_says_so_with_what_the_rest_holds() -> None:
    """A ceiling and a floor that are met exactly."""
    found = needed(CEILING, {"overall": make(fpr=(66, 300))}, available={"overall": {"negative": 5}})
    assert found
    assert (found.examples, found.power, found.available, found.have) == (None, 0.8, 5, 300)
    at_floor = needed(
        {"kind": "quality", "id": "floor", "metric": "false_negative_rate", "thresholds": [0.5], "min": 0.2}, {"overall": make()}
    )
    assert at_floor
    assert at_floor.sentence == "No number of examples decides this: the value lies exactly at the limit."
    assert (at_floor.label, at_floor.have) == ("positive", 100)


def test_family_of_one_asks_for_no_more() -> None:
    broken = {**CEILING, "max": 0.18}
    assert needed(broken, family=1) == needed(broken)


def test_rest_that_holds_exactly_what_is_needed_suffices() -> None:
    first = needed(CEILING)
    assert first
    assert first.examples
    enough, short = (needed(CEILING, available={"overall": {"negative": first.examples - less}}) for less in (0, 1))
    assert enough
    assert short
    assert f"; the rest of the data holds {first.examples:,}." in enough.sentence
    assert f"; the rest of the data holds only {first.examples - 1:,}." in short.sentence


@pytest.mark.parametrize(("examples", "shown"), [(1, 1), (99, 99), (123, 123), (999, 999), (1001, 1010), (12_341, 12_400)])
def test_three_digits_rounded_up(examples: int, shown: int) -> None:
    assert about(examples) == shown


@pytest.mark.parametrize(
    ("n", "negatives", "examples"),
    [
        (0.0, 10, 100),  # weights of nothing: how many examples make an effective one is not known
        (0.5, 10, 1990),
        (0.3, None, 100),
        (50.0, 100, 100),
    ],
)
def test_effective_examples_are_turned_into_examples(n: float, negatives: int | None, examples: int) -> None:
    rule = Policy.model_validate({"rules": [CEILING]}).rules[0]
    few = Unjudged(rule, "overall", FPR, "not enough data", "Too few.", n)
    measured = None if negatives is None else make(n=100 + negatives, n_negative=negatives)
    found = needed_for_unjudged(few, 100, measured=measured)
    assert found
    assert found.examples == examples


def test_of_slices_that_are_compared_the_second_needs_examples() -> None:
    """The one that is nearest to enough, beside the largest; one group alone is compared with nothing, however large."""
    rule = Policy.model_validate({"rules": [CEILING]}).rules[0]
    compared = Unjudged(rule, "gender:*", FPR, "not enough data", "A reason.", 0)
    sizes = {"gender:a": 120, "gender:b": 70, "gender:c": 10, "overall": 200}
    slices = {name: make(n_negative=n) for name, n in sizes.items()}
    found = nearest(compared, 100, slices)
    assert (found.slice, found.n) == ("gender:b", 70)
    assert nearest(compared, 50, slices) is compared
    alone = nearest(compared, 100, {"gender:a": slices["gender:a"]})
    assert alone is compared
    assert needed_for_unjudged(alone, 100) is None
    assert nearest(found, 100, slices) is found


@pytest.mark.parametrize("rounded", [49.99999999999997, 50.0, 50.00000000000003])
def test_what_rounding_takes_from_an_effective_number_asks_for_no_example_more(rounded: float) -> None:
    """50 examples of weight .3 are 50, in whatever order they are added."""
    found = needed_for_unjudged(unjudged(rounded), 100, measured=make(n=50, n_negative=50))
    assert found is not None
    assert found.examples == 50
