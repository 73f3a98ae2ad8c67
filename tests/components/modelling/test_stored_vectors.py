"""Vectors on disk against the same array in memory."""

import numpy as np
import pytest

from components.modelling.stored_vectors import StoredVectors

VECTORS = np.random.default_rng(0).normal(size=(11, 3)).astype(np.float32)


@pytest.fixture
def stored() -> StoredVectors:
    """Written in batches of four."""
    return StoredVectors.write(VECTORS[first : first + 4] for first in range(0, len(VECTORS), 4))


def test_vectors_are_read_as_they_were_written(stored: StoredVectors) -> None:
    assert stored.shape == (11, 3)
    np.testing.assert_array_equal(np.asarray(stored), VECTORS, strict=True)


@pytest.mark.parametrize("chosen", [slice(2, 7), slice(0), np.array([10, 0, 3, 3])], ids=["slice", "none", "rows"])
def test_chosen_rows_are_those_of_the_array(stored: StoredVectors, chosen: slice) -> None:
    np.testing.assert_array_equal(np.asarray(stored[chosen]), VECTORS[chosen], strict=True)


def test_rows_are_chosen_among_chosen_ones(stored: StoredVectors) -> None:
    order = np.random.default_rng(1).permutation(len(VECTORS))
    np.testing.assert_array_equal(np.asarray(stored[order][3:][::2]), VECTORS[order][3:][::2], strict=True)


def test_rows_are_read_as_another_type(stored: StoredVectors) -> None:
    np.testing.assert_array_equal(np.asarray(stored, np.float64), VECTORS.astype(np.float64), strict=True)


def test_batches_of_other_widths_are_refused() -> None:
    with pytest.raises(ValueError, match="unpack"):
        StoredVectors.write([VECTORS, VECTORS[:, :2]])


def test_a_file_that_was_cut_is_not_read_as_zeros(stored: StoredVectors) -> None:
    stored._file.content.truncate(5)
    with pytest.raises(OSError, match="ends before vector 0"):
        np.asarray(stored)
