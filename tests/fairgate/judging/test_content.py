"""A key of every example's content: which rows are copies, and which bucket each falls into."""

import numpy as np
import pyarrow as pa
import pytest

from fairgate.counting.joint import split_decision_keys
from fairgate.errors import InputError
from fairgate.judging.judgement import Judgement, evaluate

ROWS = 200
LABELS = np.arange(ROWS) % 2


def judged(keys: pa.Array | list[str], cluster: str | None = None) -> Judgement:
    """Scores that are all different, so that nothing but the keys can tell copies."""
    table = pa.table({"y": LABELS, "p": np.linspace(0.01, 0.99, ROWS), "key": keys, "user": np.arange(ROWS) % 40})
    policy = {"rules": [{"id": "auc", "kind": "quality", "metric": "auc", "min": 0.1}], "min_examples": 1}
    return evaluate(table, label="y", scores="p", content="key", cluster=cluster, policy=policy)


def test_numbers_without_sign_fall_into_the_bucket_of_their_remainder() -> None:
    """As `fairgate predictions` writes them."""
    counted = judged(pa.array(np.where(LABELS, 7, 50 * 10**15 + 3).astype(np.uint64))).counted
    counts = counted.detail.counts["candidate"]["overall"]
    labels, buckets, _ = split_decision_keys(counts.decisions.keys)
    assert set(zip(labels.tolist(), buckets.tolist(), strict=True)) == {(0, 3), (1, 7)}


@pytest.mark.parametrize("kind", [pa.int64(), pa.string()])
@pytest.mark.parametrize(("distinct", "clustered"), [(189, True), (190, False), (200, False)])
def test_fewer_than_95_percent_distinct_keys_are_copies(kind: pa.DataType, distinct: int, clustered: bool) -> None:
    evaluation = judged(pa.array(np.arange(ROWS) % distinct).cast(kind)).counted.evaluation
    assert (evaluation.distinct, evaluation.clustered) == (distinct, clustered)


def test_a_cluster_beside_the_content_makes_the_buckets() -> None:
    beside, alone = judged(pa.array(np.arange(ROWS)), "user"), judged(pa.array(np.arange(ROWS)))
    assert beside.counted.evaluation.clustered
    assert beside.counted.evaluation.distinct == ROWS
    assert not alone.counted.evaluation.clustered


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (pa.array([None, *range(1, ROWS)]), "1 row without a key in the column key; fill them, or leave out content"),
        (pa.array([[1]] * ROWS), "The column key holds list"),
    ],
)
def test_a_column_without_keys_is_refused(keys: pa.Array, message: str) -> None:
    with pytest.raises(InputError, match=message):
        judged(keys)


@pytest.mark.parametrize("step", [1, 5, 50, 1000])
def test_whole_numbers_in_steps_fall_into_all_buckets(step: int) -> None:
    """Remainders of 50 would be few; every row is there twice, and is judged."""
    counts = judged(pa.array(np.arange(ROWS) // 2 * step)).counted.detail.counts["candidate"]["overall"]
    _, buckets, _ = split_decision_keys(counts.decisions.keys)
    assert len(set(buckets.tolist())) >= 35
