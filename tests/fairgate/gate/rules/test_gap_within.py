"""A rule of kind `gap` with `within`: the gap inside strata beside the one over all examples, and its lint."""

from collections.abc import Mapping
from typing import Any

import pytest

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.gate.measured import Measured, measured
from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation, MetricKey, Rate, SliceMetrics
from tests.fairgate.gate.judging import decide, outcome, outcomes
from tests.fairgate.gate.linting import COMMENTS, IMAGES, messages_of
from tests.fairgate.statistics.test_strata import BERKELEY

KEY = MetricKey("positive_rate", 0.5)
WITHIN: dict[str, Any] = {
    "kind": "gap", "metric": "positive_rate", "thresholds": [0.5], "worse": "lower", "slices": ["sex:female"], "against": "rest",
    "within": "department", "limit": 1.25,
}  # fmt: skip
CRUDE = {**WITHIN, "within": None}
Strata = Mapping[str, tuple[float, float, float, float]]
ADMISSIONS: Strata = dict(zip("ABCDEF", BERKELEY, strict=True))


def of(successes: float, trials: float) -> SliceMetrics:
    return SliceMetrics(n=round(trials), rates={KEY: Rate(successes, trials)})


def by_stratum(counts: Strata, unknown: tuple[float, float] = (0, 0), **facts: Any) -> Evaluation:
    """An evaluation of women and men by department: admitted and applied of both; `unknown` are women without a department."""
    a, n, b, m = (sum(column) for column in zip(*counts.values(), strict=True))
    women, men = (a + unknown[0], n + unknown[1]), (b, m)
    slices = {"overall": of(women[0] + men[0], women[1] + men[1]), "sex:female": of(*women), "sex:male": of(*men)}
    for name, (a, n, b, m) in counts.items():
        slices[f"department:{name}"] = of(a + b, n + m)
        slices |= {f"department:{name} × sex:female": of(a, n)} if n else {}
        slices |= {f"department:{name} × sex:male": of(b, m)} if m else {}
    return Evaluation({"candidate": slices}, unknown_groups={"department": round(unknown[1])}, **facts)


def test_berkeley_reverses_within_departments() -> None:
    """Women are admitted .68 times as often as men over all departments, and 1.06 times within them."""
    within, crude = outcomes(by_stratum(ADMISSIONS), WITHIN, CRUDE)
    assert crude.outcome == "failed"
    assert crude.value == pytest.approx((557 / 1835) / (1198 / 2691))
    assert (within.outcome, within.measure, within.n) == ("passed", "ratio_to_rest_within", 1835)
    weighed = [sum(w) for w in zip(*((a * m / (n + m), b * n / (n + m)) for a, n, b, m in BERKELEY), strict=True)]
    assert within.value == pytest.approx(weighed[0] / weighed[1])
    assert within.reason == (
        "Positive rate of sex:female at 0.5 is 0.304, over all examples 0.682 times that of the others; the gap reverses within "
        "department (6 strata), where it is 1.06 times theirs (95 % interval 0.97–1.15, n = 1,835); at least 0.8 is required."
    )


def test_berkeley_as_a_difference() -> None:
    """14 points below over all departments, 1.8 points above within them."""
    within = outcome(by_stratum(ADMISSIONS), {**WITHIN, "measure": "difference", "limit": 0.1})
    assert (within.outcome, within.measure, within.limit) == ("passed", "difference_to_rest_within", -0.1)
    assert (
        "0.142 below that of the others; the gap reverses within department (6 strata), where it is 0.0184 above" in within.reason
    )


HALF: Strata = {"A": (80, 200, 400, 800), "B": (160, 800, 50, 200)}  # .8 times within both, .53 over both
MORE: Strata = {"A": (30, 100, 200, 400), "B": (200, 300, 95, 100)}
MOST: Strata = {"A": (30, 100, 200, 400), "B": (270, 300, 95, 100)}


@pytest.mark.parametrize(
    ("strata", "limit", "words"),
    [
        (HALF, 1.3, "0.533 times that of the others; the limit is broken there and kept {}, where it is 0.8 times theirs"),
        (MORE, 1.25, "0.975 times that of the others; the limit is kept there and broken {}, where it is 0.665 times theirs"),
        (MOST, 1.25, "1.27 times that of the others; the gap reverses {}, where it is 0.822 times theirs"),
        (HALF, 1.1, "0.533 times that of the others; {} it is 0.8 times theirs"),
    ],
)
def test_the_sentence_says_what_the_strata_change(strata: Strata, limit: float, words: str) -> None:
    """Nothing, the side of 1, or whether the limit is kept."""
    assert words.format("within department (2 strata)") in outcome(by_stratum(strata), {**WITHIN, "limit": limit}).reason


def test_what_is_left_out_is_counted() -> None:
    """A department of men alone, one whose women are too few to be measured, and women of no department."""
    evaluation = by_stratum(
        {**ADMISSIONS, "G": (0, 0, 40, 100), "H": (0, 0, 40, 100)},
        unknown=(20, 37),
        omitted={"department:H × sex:female": 60},
    )
    line = outcome(evaluation, WITHIN)
    assert line.value == pytest.approx(1.0583, abs=5e-5)
    missing = "1 without both, 1 with the slice below evaluation.min_intersection, 37 examples without a value"
    assert f"(6 strata; left out: {missing})" in line.reason


def test_too_few_examples_in_strata_that_hold_both() -> None:
    """The women are many, and the men too; but 60 women are where there are men, or 50 men where there are women."""
    few_women = {"A": (30, 60, 100, 400), "B": (100, 400, 0, 0)}
    line = outcome(by_stratum(few_women), WITHIN)
    assert (line.outcome, line.n) == ("not enough data", 60)
    assert line.reason.startswith(
        "Positive rate of sex:female within department at 0.5 rests on 60 examples; 100 are needed. At least 307 more examples"
    )
    few_men = {"A": (30, 200, 20, 50), "B": (0, 0, 100, 400)}
    assert "of the others within department at 0.5 rests on 50 examples" in outcome(by_stratum(few_men), WITHIN).reason
    apart = outcome(by_stratum({"A": (30, 200, 0, 0), "B": (0, 0, 100, 400)}), WITHIN)
    assert apart.outcome == "not enough data"
    assert "has no stratum that holds both the slice and others within department." in apart.reason


EQUAL = (50, 100, 500, 1000)  # half of the women, and half of the men
REJECTED = "With these as one more stratum, beside all examples outside of sex:female, it is {} times that of the others"


@pytest.mark.parametrize(
    ("strata", "unknown", "left_out", "ratio"),
    [
        # Σ w·p / Σ w·q, with w = 100·1000 / 1100 in A, and all the women outside of A beside all the men
        ({"A": EQUAL}, (0, 900), "1 stratum; left out: 900 examples without a value", "0.161"),
        ({"A": EQUAL, "B": (0, 900, 0, 0)}, (0, 0), "1 stratum; left out: 1 without both", "0.161"),
        ({"A": EQUAL, "B": (0, 900, 1, 1)}, (0, 0), "2 strata", "0.161"),
    ],
)
def test_women_whom_no_stratum_compares_are_not_blessed(
    strata: Strata, unknown: tuple[float, float], left_out: str, ratio: str
) -> None:
    """Nine of ten are all rejected: without a department, in one of women alone, or beside a single man."""
    line = outcome(by_stratum(strata, unknown), WITHIN)
    assert line.outcome == "unproven"
    assert f"within department ({left_out}) cannot be judged: 90 % of what it rests on are in no stratum" in line.reason
    assert REJECTED.format(ratio) in line.reason
    assert outcome(by_stratum(strata, unknown), WITHIN, reports_only=True).value is not None


def test_women_without_any_men_beside_them_are_not_left_to_the_other_slices() -> None:
    """All are rejected in a department of their own; that too few are compared must not leave the decision to others."""
    line = outcome(by_stratum({"A": (0, 900, 0, 0), "B": (0, 0, 500, 1000)}), WITHIN)
    assert line.outcome == "unproven"
    assert REJECTED.format("0") in line.reason


def test_women_left_out_who_change_little() -> None:
    """A few whom no stratum compares do not hold up, however they are treated; nor do many who are treated alike."""
    few, alike = (outcome(by_stratum({"A": EQUAL}, unknown), WITHIN) for unknown in ((0, 10), (450, 900)))
    assert (few.outcome, few.value, alike.outcome, alike.value) == ("passed", 1.0, "passed", 1.0)


def test_strata_that_cannot_be_judged() -> None:
    """None; none of the slice; all left out; overlapping ones."""
    whole = by_stratum(ADMISSIONS)
    slices = whole.models["candidate"]

    def reason(kept: Mapping[str, SliceMetrics], **facts: Any) -> tuple[str, str]:
        line = outcome(Evaluation({"candidate": kept}, **facts), WITHIN)
        return line.outcome, line.reason

    single = {name: of_slice for name, of_slice in slices.items() if "×" not in name}
    assert reason({name: of_slice for name, of_slice in single.items() if "department" not in name}) == (
        "unproven",
        "Positive rate of sex:female at 0.5 within department cannot be judged: the evaluation has no slice by department.",
    )
    assert "the evaluation has no slice such as department:A × sex:female." in reason(single)[1]
    result, left_out = reason(single, omitted={f"department:{name} × sex:female": 90 for name in "ABCDEF"})
    assert result == "not enough data"
    assert "lower evaluation.min_intersection" in left_out
    result, overlapping = reason({**slices, "department:G": of(50, 100)})
    assert result == "unproven"
    assert (
        "in several strata, which have 100 members too many; name a feature of which every example has one value" in overlapping
    )


def test_the_strata_are_no_groups_to_be_guarded() -> None:
    """A feature that explains is not held to the limit; one that a rule judges is."""
    low = {
        "id": "low",
        "kind": "quality",
        "metric": "positive_rate",
        "thresholds": [0.5],
        "slices": ["department:*"],
        "min": 0.01,
    }
    for others, expected in (([], False), ([low], True)):
        policy = Policy.model_validate({"rules": [{"id": "gap", **WITHIN}, {"id": "crude", **CRUDE}, *others]})
        noted = [each.slice for each in decide(policy, by_stratum(ADMISSIONS)).not_judged if each.because == "breaks a limit"]
        assert any(name.startswith("department") for name in noted) is expected


def test_pairs_that_a_policy_needs() -> None:
    """The features of its slices with the strata's, and pairs that slices name; in the order of the alphabet."""
    policy = Policy.model_validate(
        {
            "rules": [
                {"id": "a", **WITHIN, "slices": ["sex:*", "age:old"]},
                {"id": "b", **WITHIN, "slices": ["overall", "department:*"]},
                {"id": "c", **CRUDE, "slices": ["sex:* × race:*"]},
            ]
        }
    )
    assert policy.crossed_features == (("age", "department"), ("department", "sex"), ("race", "sex"))
    assert policy.rules[0].words == "Positive rate at 0.5: at least 0.8 times the rest within department"


LINTED = {**WITHIN, "slices": ["gender:*"], "within": "race"}


def test_lint_of_strata() -> None:
    """Each mistake has its remedy, to be typed as it stands."""
    assert messages_of(LINTED) == []
    alone = measured(LabelSpec("y", ("no", "yes"), "binary"), EvaluationConfig(slice_features=("gender", "race")), {})
    cases: list[tuple[dict[str, Any], Measured, str]] = [
        (
            {"against": "overall"},
            COMMENTS,
            "is compared with the others of its stratum, and not with overall; write against: rest.",
        ),
        ({"within": "town"}, COMMENTS, " To have it, add it to evaluation.slice_features."),
        ({"within": "gendre"}, COMMENTS, "within: 'gendre' is no slice feature; did you mean 'gender'? If not, add it to "),
        ({"within": "gender"}, COMMENTS, "within gender no 'gender:*' can be compared; name slices of one other feature"),
        ({"slices": ["gender:* × race:*"]}, COMMENTS, "within race no 'gender:* × race:*' can be compared"),
        ({}, alone, """type --set 'evaluation.intersections=[["gender", "race"]]'."""),
    ]
    for change, by, words in cases:
        assert words in "\n".join(messages_of({**LINTED, **change}, by=by))
    of_class = {**LINTED, "metric": "accuracy", "thresholds": [], "worse": None, "slices": ["class:Bag"], "within": "class"}
    assert "within: 'class' is no slice feature" in "\n".join(messages_of(of_class, by=IMAGES))
