import numpy as np
import pytest

from components.modelling.linear.folds import FOLDS, fold_models, fold_of, held_out_logits, out_of_fold
from components.modelling.linear.rows import read_rows
from components.modelling.linear.solver import fit
from fairgate.errors import InputError
from tests.components.modelling.linear.made import dense, examples

MADE = examples(500)
WEIGHTS = np.ones(500, np.float32)
FOLD_OF_ROWS = fold_of(MADE.keys)


def split_mix(key: int) -> int:
    """Mix a number in whole numbers of Python."""
    key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    key = (key ^ (key >> 27)) * 0x94D049BB133111EB % 2**64
    return key ^ (key >> 31)


def test_a_fold_is_the_mixed_fingerprint_modulo_five() -> None:
    keys = [0, 1, 2, 3, 2**64 - 1, 2**63, 0]
    assert fold_of(np.array(keys, np.uint64)).tolist() == [split_mix(key) % 5 for key in keys]
    assert fold_of(np.array([1, 2, 3], np.uint64)).tolist() == [4, 0, 1]


@pytest.mark.parametrize("step", [1, 5, 10, 1 << 32])
def test_folds_are_of_equal_size_whatever_the_fingerprints_have_in_common(step: int) -> None:
    counts = np.bincount(fold_of(np.arange(50_000, dtype=np.uint64) * np.uint64(step)), minlength=FOLDS)
    assert counts.min() > 9_700
    assert counts.max() < 10_300


def test_each_row_is_scored_by_the_model_of_the_rows_outside_its_fold() -> None:
    found = out_of_fold(MADE.shards(), WEIGHTS)
    for fold in (0, 3):
        held_out = np.equal(FOLD_OF_ROWS, fold)
        model = fit(MADE.shards(), np.where(held_out, np.float32(0), WEIGHTS))
        design = MADE.design() @ np.concatenate([dense(model.words), dense(model.characters)]) + model.bias
        assert found[held_out] == pytest.approx(design[held_out], abs=1e-5)


def test_a_label_that_is_turned_round_does_not_change_the_score_of_its_row() -> None:
    labels = MADE.labels.copy()
    labels[7] = 1 - labels[7]
    turned = type(MADE)(MADE.words, MADE.characters, MADE.vectors, labels, MADE.groups, MADE.keys)
    one, other = out_of_fold(MADE.shards(), WEIGHTS), out_of_fold(turned.shards(), WEIGHTS)
    same = np.equal(FOLD_OF_ROWS, FOLD_OF_ROWS[7])
    assert one[same].tolist() == other[same].tolist()
    assert one[~same].tolist() != other[~same].tolist()


def test_starts_of_the_same_folds_lead_to_the_same_models() -> None:
    starts = fold_models(MADE.shards(), WEIGHTS, c=1)
    warm = held_out_logits(fold_models(MADE.shards(), WEIGHTS, starts=starts), MADE.shards())
    assert warm == pytest.approx(out_of_fold(MADE.shards(), WEIGHTS), abs=0.02)


def test_a_label_that_lies_in_one_fold_alone_is_named() -> None:
    labels = np.zeros(500, np.uint8)
    labels[[3, 4]] = 1
    keys = MADE.keys.copy()
    keys[4] = keys[3]
    few = type(MADE)(MADE.words, MADE.characters, MADE.vectors, labels, MADE.groups, keys)
    with pytest.raises(InputError, match=r"label 1 are too few texts .* all 2 lie in one fold.*--train FILES"):
        out_of_fold(few.shards(), WEIGHTS)


def test_rows_are_read_in_the_order_of_the_shards() -> None:
    rows = read_rows(MADE.shards(70))
    assert rows.labels.tolist() == MADE.labels.tolist()
    assert rows.groups.tolist() == MADE.groups.tolist()
    assert rows.folds.tolist() == FOLD_OF_ROWS.tolist()
    assert [str(column.dtype) for column in (rows.labels, rows.groups, rows.folds)] == ["uint8", "uint64", "uint8"]


def test_no_shards_are_no_rows() -> None:
    assert len(read_rows(lambda: iter(())).labels) == 0
