import numpy as np
import pytest

from fairgate.counting.cells import Predictions
from fairgate.counting.counts import CONFIDENCE, MARGIN, PROBABILITY_FLOOR, Counts, layout, observe
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership
from fairgate.counting.tally import SliceTally, example_count

CLASSES = CountSettings("label", ("a", "b", "c", "d"), "multiclass")
ANSWERS = np.array([[0.1, 0.7, 0.05, 0.15], [0.4, 0.3, 0.2, 0.1], [0.0, 0.0, 0.0, 1.0]], np.float32)
LABELS = np.array([1, 2, 3])


def counted(answers: Predictions = ANSWERS) -> Counts:
    """Three examples, of which the first weighs twice and the second is answered wrongly."""
    tally = SliceTally(CLASSES)
    observed = observe(LABELS, answers, np.array([2.0, 1.0, 1.0]), CLASSES)
    tally.add(Membership({(): np.arange(3)}), [observed])
    return tally.counts()[()].models[0]


def test_confidence_is_the_largest_probability() -> None:
    """By whether the answer was right: wrong at 0.4, right at 0.7 and at 1."""
    cells = counted().series[layout(CLASSES).series.index(CONFIDENCE)]
    assert cells.one_label(0).means().tolist() == pytest.approx([0.4])
    assert cells.one_label(1).means().tolist() == pytest.approx([0.7, 1.0])
    assert cells.one_label(1).weights.tolist() == [2, 1]


def test_margin_is_the_lead_over_the_second() -> None:
    """0.4 against 0.3, 0.7 against 0.15, 1 against 0."""
    cells = counted().series[layout(CLASSES).series.index(MARGIN)]
    assert cells.one_label(0).means().tolist() == pytest.approx([0.1])
    assert cells.one_label(1).means().tolist() == pytest.approx([0.55, 1.0])


def test_loss_is_summed_with_its_square() -> None:
    """Cross-entropy by weight; a certain answer costs what Keras' clipped probability does, not 0."""
    losses = -np.log([0.7, 0.2, 1 - PROBABILITY_FLOOR])
    found = layout(CLASSES).read(counted().totals)["loss"]
    weights = np.array([2, 1, 1])
    assert found == pytest.approx([weights @ losses, weights**2 @ losses, weights**2 @ losses**2])
    certain = counted(np.eye(4, dtype=np.float32)[LABELS])
    assert layout(CLASSES).read(certain.totals)["loss"][0] == pytest.approx(4 * PROBABILITY_FLOOR, rel=1e-6)


def test_probabilities_are_summed_by_label_and_answer() -> None:
    """In float64, whatever the model answers in."""
    found = layout(CLASSES).read(counted().totals)["probabilities"]
    assert found[1, 1].tolist() == (2 * ANSWERS[0].astype(np.float64)).tolist()
    assert found[2, 0].tolist() == ANSWERS[1].astype(np.float64).tolist()
    assert found.sum() == pytest.approx(4)


def test_every_example_counts_once_valid_or_not() -> None:
    """One of three answers is no number."""
    spoilt = ANSWERS.copy()
    spoilt[1, 0] = np.nan
    assert example_count(layout(CLASSES).read(counted(spoilt).totals)) == 3


def test_the_layout_names_every_number_of_the_totals() -> None:
    """Four classes: 4 + 4 + 1 + 1 + 16 + 64 + 3 numbers; two: 2 + 2 + 1 + 1."""
    assert layout(CLASSES).width == len(counted().totals) == 93
    assert layout(CountSettings("label", ("no", "yes"), "binary")).width == 6
