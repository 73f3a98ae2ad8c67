"""What the gate's step takes from the artifacts."""

import pytest

from components.steps.fairness_gate import _elsewhere


@pytest.mark.parametrize(
    ("rows", "times"),
    [
        ({"train": 40_000, "eval": 20_000}, 2.0),
        ({"train": 70_000, "validation": 10_000, "eval": 20_000}, 4.0),
        ({"train": 10, "eval": 0}, None),
        ({"eval": 10}, None),
        ({}, None),
    ],
)
def test_rest_of_the_data_are_train_and_validation(rows: dict[str, int], times: float | None) -> None:
    assert _elsewhere(rows) == times
