"""Held-out shares, shuffling and augmentation of training images."""

import numpy as np
import pytest
from numpy.typing import NDArray

from components.tasks.images.batches import Images, Labels, TrainingBatches, hold_out, mirrored, shifted
from components.tasks.images.model_config import ImageModelConfig


def numbered(count: int) -> tuple[Images, Labels]:
    """Images of 3x3 pixels, all of image i being i, labelled i modulo 3."""
    return np.arange(count, dtype=np.float32)[:, None].repeat(9, axis=1), np.arange(count) % 3


def epoch(batches: TrainingBatches) -> NDArray[np.float32]:
    """The first pixels of an epoch's images, in order."""
    return np.concatenate([batches[index][0][:, 0] for index in range(len(batches))])


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


def test_an_epoch_has_every_image_once_with_its_label() -> None:
    """The last batch is smaller; the order is another in the next epoch."""
    batches = TrainingBatches(*numbered(10), ImageModelConfig(batch_size=4), seed=0)
    assert [len(batches[index][1]) for index in range(len(batches))] == [4, 4, 2]
    first = epoch(batches)
    assert sorted(first) == list(range(10))
    labels = np.concatenate([batches[index][1] for index in range(3)])
    np.testing.assert_array_equal(labels, first % 3)
    batches.on_epoch_end()
    assert sorted(epoch(batches)) == list(range(10))
    assert (epoch(batches) != first).any()


def test_batches_are_drawn_by_the_seed() -> None:
    """Order and augmentation repeat with the seed."""
    config = ImageModelConfig(batch_size=4, mirror=True, shift=1)
    first, again, other = (TrainingBatches(*numbered(9), config, seed)[0][0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_augmentation_leaves_the_images_alone() -> None:
    """A batch is a copy; the next epoch starts from the same images."""
    images, labels = numbered(9)
    TrainingBatches(images, labels, ImageModelConfig(mirror=True, shift=1), seed=0)[0]
    np.testing.assert_array_equal(images, numbered(9)[0])


def test_mirroring_half_of_the_images() -> None:
    """An image is as it was or mirrored left to right, about equally often."""
    image = np.arange(6, dtype=np.float32).reshape(2, 3)
    out = mirrored(np.stack([image] * 200), np.random.default_rng(0))
    turned = (out == image[:, ::-1]).all(axis=(1, 2))
    assert ((out == image).all(axis=(1, 2)) != turned).all()
    assert 80 < turned.sum() < 120


def test_shifting_in_all_directions() -> None:
    """One bright pixel reaches each of the nine places around it, and leaves black behind."""
    image = np.zeros((3, 3), np.float32)
    image[1, 1] = 1
    out = shifted(np.stack([image] * 300), np.random.default_rng(0), 1)
    assert set(out.sum(axis=(1, 2))) == {1}
    assert (out.sum(axis=0) > 10).all()


def test_what_is_shifted_out_is_lost() -> None:
    """A pixel at the border leaves the image; it does not come back on the other side."""
    image = np.zeros((2, 2), np.float32)
    image[0, 0] = 1
    out = shifted(np.stack([image] * 200), np.random.default_rng(0), 1)
    assert set(out.sum(axis=(1, 2))) == {0, 1}
