"""Held-out shares of training images."""

import numpy as np
import pytest

from components.fashion_mnist.batches import hold_out


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_each_class_gives_its_share(share: float) -> None:
    """Stratified: every class is held out in the same proportion, nothing is lost, nothing doubled."""
    labels = np.repeat([0, 1, 2], [100, 50, 10])
    fitted, held_out = hold_out(labels, share, seed=0)
    assert np.bincount(labels[held_out], minlength=3).tolist() == [100 * share, 50 * share, 10 * share]
    assert sorted([*fitted, *held_out]) == list(range(160))


def test_the_seed_chooses_what_is_held_out() -> None:
    """Equal seeds hold out the same rows, others do not."""
    labels = np.zeros(100, int)
    np.testing.assert_array_equal(hold_out(labels, 0.1, 1)[1], hold_out(labels, 0.1, 1)[1])
    assert set(hold_out(labels, 0.1, 1)[1]) != set(hold_out(labels, 0.1, 2)[1])
