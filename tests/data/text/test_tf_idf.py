import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfTransformer

from data.text.tf_idf import DocumentFrequencies, smooth_idf, weigh


def counts_of(rows: list[list[int]]) -> csr_array:
    return csr_array(np.array(rows, np.float64))


def ours(counts: csr_array, idf: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    values = weigh(counts.indptr.astype(np.int64), counts.indices, counts.data.astype(np.uint16), idf)
    weights: npt.NDArray[np.float32] = csr_array((values, counts.indices, counts.indptr), shape=counts.shape).toarray()
    return weights


def idf_of(counts: csr_array) -> npt.NDArray[np.float32]:
    frequencies = np.bincount(counts.indices, minlength=counts.shape[1])
    return smooth_idf(DocumentFrequencies(counts.shape[0], frequencies))


COUNTS = counts_of([[1, 2, 0, 0], [0, 0, 0, 0], [3, 0, 1, 0], [0, 5, 7, 0], [0, 0, 0, 0]])


def test_weights_are_those_of_scikit_learn() -> None:
    expected = TfidfTransformer(sublinear_tf=True, smooth_idf=True).fit_transform(COUNTS).toarray()
    np.testing.assert_allclose(ours(COUNTS, idf_of(COUNTS)), expected, rtol=3e-7)


def test_idf_of_a_bucket_that_training_lacks_is_0() -> None:
    idf = idf_of(COUNTS)
    np.testing.assert_allclose(idf[:3], np.log(6 / 3) + 1, rtol=1e-7)
    assert idf[3] == 0
    assert idf.dtype == np.float32


def test_bucket_that_training_lacks_does_not_count_in_the_norm() -> None:
    weights = ours(counts_of([[1, 0, 0, 9]]), idf_of(COUNTS))
    np.testing.assert_array_equal(weights, [[1, 0, 0, 0]])


def test_row_of_unknown_buckets_has_weights_of_0() -> None:
    np.testing.assert_array_equal(ours(counts_of([[0, 0, 0, 9], [0, 1, 0, 0]]), idf_of(COUNTS)), [[0, 0, 0, 0], [0, 1, 0, 0]])


@pytest.mark.parametrize("rows", [[[0, 0]], [[0, 0], [0, 0]]])
def test_nothing_to_weigh(rows: list[list[int]]) -> None:
    np.testing.assert_array_equal(ours(counts_of(rows), np.ones(2, np.float32)), rows)


def test_frequencies_add_up() -> None:
    both = DocumentFrequencies(2, np.array([1, 0])) + DocumentFrequencies(3, np.array([2, 1]))
    assert (both.texts, both.frequencies.tolist()) == (5, [3, 1])
