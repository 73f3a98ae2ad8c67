"""Operating points in words."""

import pytest
from pydantic import ValidationError

from fairgate.model_facts import OperatingPoint, Remedy


@pytest.mark.parametrize(
    ("name", "aim"),
    [
        ("balanced", "equal error rates"),
        ("max_f1", "the greatest F1"),
        ("target_fpr: 0.05", "a false positive rate of 0.05"),
        ("target_fpr", "target_fpr"),
        ("by hand", "by hand"),
    ],
)
def test_an_operating_point_says_what_it_aims_at(name: str, aim: str) -> None:
    assert OperatingPoint(name=name, chosen_on="validation", rows=2000).words == f"{aim}, chosen on validation (2,000 examples)"


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ({"false_positive_rate": 0.18, "false_negative_rate": 0.2234}, "; false positive rate 0.18, false negative rate 0.223"),
        ({"false_negative_rate": 0.0}, "; false negative rate 0"),
    ],
)
def test_rates_that_are_known_are_said(rates: dict[str, float], words: str) -> None:
    point = OperatingPoint(name="balanced", chosen_on="out-of-fold scores of train", rows=25_000, **rates)
    assert point.words == f"equal error rates, chosen on out-of-fold scores of train (25,000 examples{words})"


def test_the_threshold_is_one_half_where_nothing_is_said() -> None:
    assert OperatingPoint(name="balanced", chosen_on="validation", rows=1).threshold == 0.5


@pytest.mark.parametrize("fact", [OperatingPoint, Remedy])
def test_a_key_that_is_not_known_is_refused(fact: type[OperatingPoint | Remedy]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        fact.model_validate({"name": "a", "chosen_on": "b", "rows": 1, "sentence": "c", "other": 2})


def test_a_remedy_without_a_choice_says_neither_strength_nor_success() -> None:
    assert Remedy(name="a", sentence="b").model_dump() == {"name": "a", "strength": None, "sentence": "b", "reached": None}
