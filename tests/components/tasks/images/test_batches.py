"""Held-out shares and shuffled batches of training images."""

import keras
import numpy as np
import pytest

from components.tasks.images.batches import Images, Labels, hold_out, shuffled


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


def epochs(batch_size: int, seed: int) -> list[list[tuple[Images, Labels]]]:
    """Two epochs of ten images, all pixels of image i being i, labelled i modulo 3."""
    images = np.arange(10, dtype=np.float32)[:, None].repeat(9, axis=1)
    batches = shuffled(images, np.arange(10) % 3, batch_size, seed)
    return [list(batches.as_numpy_iterator()) for _ in range(2)]


def orders(seed: int) -> list[list[float]]:
    """The images of two epochs, in order."""
    return [[float(image[0]) for images, _ in epoch for image in images] for epoch in epochs(4, seed)]


def test_an_epoch_has_every_image_once_with_its_label() -> None:
    """The last batch is smaller."""
    first, _ = epochs(4, seed=0)
    assert [len(labels) for _, labels in first] == [4, 4, 2]
    images, labels = (np.concatenate(parts) for parts in zip(*first, strict=True))
    assert sorted(images[:, 0]) == list(range(10))
    np.testing.assert_array_equal(labels, images[:, 0] % 3)


def test_each_epoch_has_an_order_of_its_own() -> None:
    """Also where the seed of everything else is set."""
    keras.utils.set_random_seed(0)
    first, second = orders(seed=0)
    assert sorted(first) == sorted(second)
    assert first != second


def test_the_seed_sets_the_orders() -> None:
    """Equal seeds give equal orders, other seeds others."""
    assert orders(1) == orders(1)
    assert orders(1) != orders(2)
