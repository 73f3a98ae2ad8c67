import numpy as np
import numpy.typing as npt
import pytest

from components.modelling.linear.operating_point import choose_operating_point
from fairgate.errors import InputError
from fairgate.model_facts import OperatingPoint


def ties(seed: int, rows: int = 60) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8]]:
    """Logits with many ties."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(rows) < 0.4).astype(np.uint8)
    return np.round(rng.normal(size=rows) + labels, 1), labels


def thresholds(logits: npt.NDArray[np.float64]) -> list[float]:
    """One threshold of each set of decisions, falling."""
    return [*np.unique(logits)[::-1], float(logits.min()) - 1]


def fpr(logits: npt.NDArray[np.float64], labels: npt.NDArray[np.uint8], threshold: float) -> float:
    return float((logits > threshold)[labels == 0].mean())


def f1(logits: npt.NDArray[np.float64], labels: npt.NDArray[np.uint8], threshold: float) -> float:
    called = logits > threshold
    return float(2 * (called & (labels == 1)).sum() / (called.sum() + labels.sum()))


def decisions(logits: npt.NDArray[np.float64], shift: float) -> list[bool]:
    return [bool(decision) for decision in logits + shift > 0]


def test_balanced_is_no_shift() -> None:
    shift, point = choose_operating_point(
        "balanced", np.array([-1.0, 0.0, 2.0, -3.0]), np.array([0, 0, 0, 1], np.uint8), "validation"
    )
    assert shift == 0
    assert point == OperatingPoint(
        name="balanced", chosen_on="validation", rows=4, false_positive_rate=1 / 3, false_negative_rate=1.0
    )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("target", [0.01, 0.05, 0.2, 0.5])
def test_a_target_rate_is_the_greatest_that_does_not_exceed_it(seed: int, target: float) -> None:
    logits, labels = ties(seed)
    shift, point = choose_operating_point(target, logits, labels, "validation")
    best = [threshold for threshold in thresholds(logits) if fpr(logits, labels, threshold) <= target]
    assert point.false_positive_rate == max(fpr(logits, labels, threshold) for threshold in best)
    assert point.false_positive_rate == ((logits + shift > 0)[labels == 0]).mean()
    assert point.false_negative_rate == ((logits + shift <= 0)[labels == 1]).mean()


def test_a_target_rate_takes_all_positives_that_cost_no_false_positive() -> None:
    shift, point = choose_operating_point(0.5, np.array([4.0, 3, 2, 1]), np.array([0, 1, 1, 0], np.uint8), "validation")
    assert (shift, point.name) == (-1.5, "target_fpr: 0.5")
    assert (point.false_positive_rate, point.false_negative_rate) == (0.5, 0)


def test_negatives_with_one_logit_are_called_together_or_not_at_all() -> None:
    shift, point = choose_operating_point(0.5, np.array([1.0, 1, 1, 0]), np.array([0, 0, 0, 1], np.uint8), "validation")
    assert (shift, point.false_positive_rate, point.false_negative_rate) == (-1, 0, 1)


def test_a_rate_that_is_a_whole_number_of_negatives_is_reached_exactly() -> None:
    logits, labels = np.arange(100.0), np.zeros(100, np.uint8)
    assert choose_operating_point(0.29, logits, labels, "validation")[1].false_positive_rate == 0.29


@pytest.mark.parametrize("seed", range(20))
def test_the_greatest_f1_is_that_of_all_thresholds(seed: int) -> None:
    logits, labels = ties(seed)
    shift, _ = choose_operating_point("max_f1", logits, labels, "validation")
    best = max(thresholds(logits), key=lambda threshold: f1(logits, labels, threshold))
    assert decisions(logits, shift) == [bool(decision) for decision in logits > best]


def test_of_two_thresholds_with_the_greatest_f1_the_greater_is_chosen() -> None:
    logits, labels = np.array([5.0, 4, 3, 2, 1]), np.array([1, 0, 0, 1, 0], np.uint8)
    assert f1(logits, labels, 4.5) == f1(logits, labels, 1.5) == 2 / 3
    assert choose_operating_point("max_f1", logits, labels, "validation")[0] == -4.5


def test_the_greatest_f1_may_call_everything_positive() -> None:
    shift, point = choose_operating_point("max_f1", np.array([1.0, 2, 3]), np.array([1, 1, 1], np.uint8), "validation")
    assert decisions(np.array([1.0, 2, 3]), shift) == [True, True, True]
    assert (point.false_positive_rate, point.false_negative_rate) == (None, 0)


def test_neighbouring_floats_are_told_apart() -> None:
    logits = np.array([1.0, np.nextafter(1, 2)])
    shift, point = choose_operating_point(0.4, logits, np.array([0, 1], np.uint8), "validation")
    assert (point.false_positive_rate, point.false_negative_rate) == (0, 0)
    assert decisions(logits, shift) == [False, True]


@pytest.mark.parametrize(("choice", "label"), [(0.05, 1), ("max_f1", 0)])
def test_a_label_that_the_choice_needs_is_named_where_it_is_absent(choice: str | float, label: int) -> None:
    with pytest.raises(InputError, match=rf"validation: none of the 3 examples has label {1 - label}.*operating_point=balanced"):
        choose_operating_point(choice, np.zeros(3), np.full(3, label, np.uint8), "validation")


def test_the_rates_of_an_absent_label_are_not_known() -> None:
    _, point = choose_operating_point("balanced", np.array([1.0, -1]), np.array([0, 0], np.uint8), "validation")
    assert (point.false_positive_rate, point.false_negative_rate) == (0.5, None)


def test_a_logit_that_is_nan_is_named() -> None:
    with pytest.raises(InputError, match="validation: the logit of row 1 is NaN"):
        choose_operating_point("balanced", np.array([0, np.nan]), np.array([0, 1], np.uint8), "validation")


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="no operating point 'equal'"):
        choose_operating_point("equal", np.zeros(2), np.array([0, 1], np.uint8), "validation")
