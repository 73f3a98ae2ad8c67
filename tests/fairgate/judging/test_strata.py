"""A table is counted by the intersections that its policy needs."""

from typing import Any

import numpy as np
import pytest

import fairgate
from fairgate.errors import InputError
from tests.fairgate.gate.rules.test_gap_within import CRUDE, WITHIN
from tests.fairgate.statistics.test_strata import BERKELEY


def admissions() -> dict[str, Any]:
    """The 4,526 applications, one row each."""
    rows = [
        (sex, name, int(admitted))
        for name, (a, n, b, m) in zip("ABCDEF", BERKELEY, strict=True)
        for sex, successes, size in (("female", a, n), ("male", b, m))
        for admitted in np.arange(size) < successes
    ]
    sex, department, admitted = map(np.array, zip(*rows, strict=True))
    return {"sex": sex, "department": department, "admitted": admitted, "label": np.arange(len(rows)) % 2}


def test_the_strata_are_counted_without_being_named() -> None:
    """The slices are two; the policy adds their intersections, and the interval is that of the counts."""
    policy = {"rules": [{"id": "within", **WITHIN}, {"id": "crude", **CRUDE}]}
    judged = fairgate.evaluate(admissions(), label="label", scores="admitted", slices=["sex", "department"], policy=policy)
    lines = {line.id: line for line in judged.verdict.rules}
    assert lines["within"].value == pytest.approx(1.0583, abs=5e-5)
    assert lines["within"].outcome == "passed"
    assert lines["crude"].outcome == "failed"
    assert "department:A × sex:female" in judged.counted.evaluation.models["candidate"]


def test_slices_of_two_features() -> None:
    """A rule may name them; without one they are not counted."""
    rule = {"id": "pairs", **CRUDE, "slices": ["sex:* × department:*"]}
    judged = fairgate.evaluate(
        admissions(), label="label", scores="admitted", slices=["sex", "department"], policy={"rules": [rule], "min_examples": 20}
    )
    assert len([line for line in judged.verdict.rules if line.id == "pairs"]) == 12


def test_strata_that_are_no_slices_of_the_table() -> None:
    """The remedy is the argument."""
    with pytest.raises(
        InputError, match=r"within: 'department' is no slice feature; there are sex. To have it, name it with slices=..department"
    ):
        fairgate.evaluate(
            admissions(), label="label", scores="admitted", slices=["sex"], policy={"rules": [{"id": "within", **WITHIN}]}
        )
