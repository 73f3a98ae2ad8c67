"""The slice of the examples without a value of a feature, by subtraction."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import fairgate
from fairgate.gate.without_value import feature_without_value, with_unknown
from fairgate.measurement import Evaluation, SliceMetrics

UNKNOWN = "sex:(no value)"


def slices_of(sex: list[str | None], **roles: Any) -> tuple[Evaluation, Mapping[str, SliceMetrics]]:
    """The evaluation of a model with a rate of its own for each sex, and the candidate's slices with those without one."""
    draws = np.random.default_rng(3)
    label = draws.random(len(sex)) < 0.4
    score = np.clip(draws.normal(np.where(label, 0.6, 0.4), 0.2), 0, 1)
    table = {
        "y": label.astype(int),
        "p": score,
        "sex": sex,
        "w": draws.lognormal(0, 1, len(sex)),
        "user": draws.integers(0, 300, len(sex)),
    }
    evaluation = fairgate.evaluate(table, label="y", scores="p", slices=["sex"], **roles).counted.evaluation
    return evaluation, with_unknown(evaluation).models["candidate"]


SEX: list[str | None] = list(np.random.default_rng(4).choice(["f", "m", "none"], 2000))


@pytest.mark.parametrize("roles", [{}, {"weight": "w"}, {"cluster": "user"}, {"weight": "w", "cluster": "user"}])
def test_it_is_measured_as_if_it_were_a_group(roles: dict[str, str]) -> None:
    """Counts, weights and buckets of the rows that have an empty cell are those of the same rows with a word in it."""
    _, without = slices_of([None if sex == "none" else sex for sex in SEX], **roles)
    _, named = slices_of(SEX, **roles)
    found, expected = without[UNKNOWN], named["sex:none"]
    assert (found.n, found.n_positive, found.n_negative) == (expected.n, expected.n_positive, expected.n_negative)
    assert (found.mean_weight, found.design_effect) == pytest.approx((expected.mean_weight, expected.design_effect))
    assert found.rates.keys() == expected.rates.keys()
    for key, rate in expected.rates.items():
        own = found.rates[key]
        assert (own.successes, own.trials) == pytest.approx((rate.successes, rate.trials))
        assert own.squares == pytest.approx(rate.squares)
        assert (own.buckets is None) == (rate.buckets is None) == ("cluster" not in roles)
        if own.buckets is not None and rate.buckets is not None:
            np.testing.assert_allclose(own.buckets.successes, rate.buckets.successes, atol=1e-9)
            np.testing.assert_allclose(own.buckets.trials, rate.buckets.trials, atol=1e-9)


@pytest.mark.parametrize(
    "sex",
    [
        ["f", "m"] * 100,  # nobody
        ["f", "(no value)", None] * 70,  # a group is called so
        [["f"], ["m"], []] * 70,  # of a list, none may be the truth
    ],
)
def test_where_there_is_no_such_slice(sex: list[Any]) -> None:
    evaluation, slices = slices_of(sex)
    assert slices == evaluation.models["candidate"]


def test_groups_of_several_columns_leave_out_who_is_in_none() -> None:
    """Columns of flags say who is mentioned; whom they do not mention is no unknown member."""
    table = {"y": [0, 1] * 100, "p": [0.2, 0.9] * 100, "f": [1, 0, 0, 0] * 50}
    evaluation = fairgate.evaluate(table, label="y", scores="p", groups={"sex": ["f"]}).counted.evaluation
    assert (evaluation.unknown_groups, evaluation.single_valued) == ({"sex": 150}, ())


def test_the_name_says_the_feature() -> None:
    assert [feature_without_value(name) for name in (UNKNOWN, "sex:f", "overall")] == ["sex", None, None]


SELECTED = {"f": 300, "m": 300, None: 0}  # of 600 each


def test_harm_to_those_without_a_value_is_not_blessed() -> None:
    """Nobody whose sex is unknown is hired; four fifths of women and men are alike."""
    table = {
        "sex": [sex for sex in SELECTED for _ in range(600)],
        "hired": [number < hired for hired in SELECTED.values() for number in range(600)],
    }
    verdict = fairgate.evaluate(table, decisions="hired", slices=["sex"], policy="four-fifths").verdict
    (line,) = [each for each in verdict.rules if each.id == "uncovered-harm"]
    assert (verdict.outcome, line.slice, line.value, line.n) == ("inconclusive", UNKNOWN, 0.0, 600)
    assert line.reason.endswith(
        "No rule judges this: give these examples a value of sex, such as unknown, which is a group then, "
        "or set `uncovered_harm: report`."
    )
    alike = {**table, "hired": [number % 2 for number in range(1800)]}
    assert fairgate.evaluate(alike, decisions="hired", slices=["sex"], policy="four-fifths").verdict.outcome == "blessed"
