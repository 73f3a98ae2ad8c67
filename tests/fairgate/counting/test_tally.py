from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from fairgate.counting.cells import group, keys_of, merge
from fairgate.counting.counts import Counts, layout, observe
from fairgate.counting.joint import arrays_of
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceSpec, members
from fairgate.counting.tally import SliceCounts, SliceTally, merged
from fairgate.counting.tally_bytes import decode, decode_joint, encode, encode_joint, pack
from fairgate.errors import InputError

BINARY = CountSettings("toxicity", ("ok", "toxic"), "binary", thresholds=(0.25, 0.5), score_bins=100)
CLASSES = CountSettings("label", ("a", "b", "c"), "multiclass", score_bins=100)
SPECS = (SliceSpec(), SliceSpec(("group",)))

Batch = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], list[list[bytes]]]


def batch(rows: int, seed: int, settings: CountSettings) -> Batch:
    """Labels, predictions, weights and groups."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, len(settings.classes), rows)
    scores = generator.random((rows, 1 if settings.kind == "binary" else 3)).astype(np.float32)
    if settings.kind == "multiclass":
        scores /= scores.sum(axis=1, keepdims=True)
    groups = [[value for value in (b"x", b"y") if generator.random() < 0.4] for _ in range(rows)]
    return labels, scores, generator.choice([0.0, 0.5, 2.0], rows), groups


def tallied(batches: list[Batch], settings: CountSettings, compared: tuple[int, int] | None = None) -> SliceCounts:
    """The counts of batches that follow one another, under two models of which the second answers one row wrongly."""
    tally = SliceTally(settings, compared)
    for labels, scores, weights, groups in batches:
        column = pa.array(groups, pa.list_(pa.binary()))
        spoilt = scores.copy()
        spoilt[0, 0] = np.nan
        observed = [observe(labels, predictions, weights, settings) for predictions in (scores, spoilt)]
        tally.add(members({"group": column}.get, SPECS, len(labels)), observed)
    return tally.counts()


def same(left: Counts, right: Counts) -> None:
    """Asserts that two counts are equal up to rounding."""
    np.testing.assert_allclose(left.totals, right.totals, atol=1e-9)
    for one, other in zip(left.series, right.series, strict=True):
        np.testing.assert_array_equal(one.keys, other.keys)
        np.testing.assert_allclose(one.weights, other.weights)
        np.testing.assert_allclose(one.sums, other.sums)


@pytest.mark.parametrize("settings", [BINARY, CLASSES], ids=["binary", "multiclass"])
@settings_of_hypothesis(deadline=None, max_examples=25)
@given(sizes=st.lists(st.integers(1, 30), min_size=2, max_size=6), cut=st.integers(0, 6))
def test_bundles_do_not_matter(settings: CountSettings, sizes: list[int], cut: int) -> None:
    """Batches counted in two bundles and merged, either one first, give what one bundle gives."""
    batches = [batch(size, seed, settings) for seed, size in enumerate(sizes)]
    parts = [tallied(part, settings) for part in (batches[cut:], batches[:cut])]
    together, apart = tallied(batches, settings), merged(parts, settings.cells)
    assert set(together) == set(apart)
    for key, counts in together.items():
        for left, right in zip(counts.models, apart[key].models, strict=True):
            same(left, right)


def test_many_batches_are_merged_on_the_way() -> None:
    """More batches than a slice keeps waiting lose nothing."""
    batches = [batch(5, seed, BINARY) for seed in range(80)]
    fields = layout(BINARY).read(tallied(batches, BINARY)[()].models[0].totals)
    assert fields["examples"].sum() == 400


def test_many_fine_batches_are_as_one_large_batch() -> None:
    """More scores than a table may hold, in more batches than wait to be merged; the large one is sorted in another way."""
    batches = [batch(1750, seed, BINARY) for seed in range(40)]
    labels, scores, weights = (np.concatenate([one[at] for one in batches]) for at in range(3))
    whole = (labels, scores, weights, [groups for one in batches for groups in one[3]])
    apart, together = (counted(each) for each in (batches, [whole]))
    assert set(apart) == set(together)
    for key, totals in apart.items():
        same(totals.models[0], together[key].models[0])
        table = totals.models[0].series[0]
        assert table.level > 0
        assert table.keys.size <= BINARY.cells < 2 * table.keys.size + 2 * 3
        exact = together[key].models[0].series[0]
        np.testing.assert_allclose(table.squared(), exact.squared())


def counted(batches: list[Batch]) -> SliceCounts:
    """The counts of one model."""
    tally = SliceTally(BINARY)
    for labels, scores, weights, groups in batches:
        column = pa.array(groups, pa.list_(pa.binary()))
        tally.add(members({"group": column}.get, SPECS, len(labels)), [observe(labels, scores, weights, BINARY)])
    return tally.counts()


@pytest.mark.parametrize("cut", [0, 1, 4])
def test_two_models_together_add_up_over_bundles(cut: int) -> None:
    """Decisions, ranks and unknown groups; in any order."""
    settings = replace(BINARY, auc_slices=("group:x",))
    batches = [batch(40, seed, settings) for seed in range(5)]
    parts = [tallied(part, settings, (1, 0)) for part in (batches[cut:], batches[:cut])]
    together, apart = tallied(batches, settings, (1, 0)), merged(parts, settings.cells)
    for key, totals in together.items():
        assert totals.ranks.level == apart[key].ranks.level
        for one, other in ((totals.joint, apart[key].joint), (totals.ranks.cells, apart[key].ranks.cells)):
            np.testing.assert_array_equal(one.keys, other.keys)
            for sums in ("rows", "weights", "squares"):
                np.testing.assert_allclose(getattr(one, sums), getattr(other, sums))
        assert totals.unknown == apart[key].unknown
    assert together[()].unknown == {"group": sum(not groups for one in batches for groups in one[3])}
    assert [bool(together[key].ranks.cells.keys.size) for key in ((), (("group", "x"),), (("group", "y"),))] == [
        True,
        True,
        False,
    ]
    assert together[()].joint.rows.sum() == 195  # of 200, five have an invalid score


def test_two_models_together_survive_being_written() -> None:
    totals = tallied([batch(60, 7, BINARY)], replace(BINARY, auc_slices=("overall",)), (0, 1))[()]
    totals = replace(totals, ranks=totals.ranks.coarser(3))
    joint, ranks = decode_joint(encode_joint(totals))
    assert ranks.level == 3
    for read, cells in ((joint, totals.joint), (ranks.cells, totals.ranks.cells)):
        for name in ("keys", "rows", "weights", "squares"):
            np.testing.assert_array_equal(getattr(read, name), getattr(cells, name))


def test_ranks_that_were_written_without_a_level_are_not_read() -> None:
    """Their keys had another form."""
    totals = tallied([batch(60, 7, BINARY)], replace(BINARY, auc_slices=("overall",)), (0, 1))[()]
    with pytest.raises(ValueError, match="not enough values"):
        decode_joint(pack([*arrays_of(totals.joint), *arrays_of(totals.ranks.cells)]))


def test_totals_of_a_slice_are_those_of_its_rows() -> None:
    """Number and squared weights by label, against a direct count."""
    labels, scores, weights, groups = batch(200, 1, BINARY)
    counts = tallied([(labels, scores, weights, groups)], BINARY)
    inside = np.array([b"x" in found for found in groups])
    fields = layout(BINARY).read(counts[(("group", "x"),)].models[0].totals)
    for label in (0, 1):
        chosen = inside & (labels == label)
        assert fields["examples"][label] == chosen.sum()
        assert fields["squares"][label] == pytest.approx((weights[chosen] ** 2).sum())


@pytest.mark.parametrize("value", ["x", "y"])
def test_scores_of_a_slice_are_those_of_its_rows(value: str) -> None:
    """Not those of the slices beside it in the same table."""
    labels, scores, weights, groups = batch(200, 1, BINARY)
    found = tallied([(labels, scores, weights, groups)], BINARY)[(("group", value),)].models[0].series[0]
    inside = np.array([value.encode() in names for names in groups])
    expected = group(
        keys_of(labels, scores[:, 0], BINARY.thresholds)[inside], weights[inside], scores[inside, 0].astype(np.float64)
    )
    np.testing.assert_array_equal(found.keys, merge([expected], BINARY.cells).keys)
    np.testing.assert_allclose(found.weights, merge([expected], BINARY.cells).weights)


def test_an_invalid_score_is_counted_apart() -> None:
    """NaN and infinite scores are in no count but their own; the other model is not affected."""
    counts = tallied([batch(50, 2, BINARY)], BINARY)[()].models
    sound, spoilt = (layout(BINARY).read(of_model.totals) for of_model in counts)
    assert (sound["invalid"][0], spoilt["invalid"][0]) == (0, 1)
    assert (sound["examples"].sum(), spoilt["examples"].sum()) == (50, 49)
    assert spoilt["squares"].sum() <= sound["squares"].sum()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_probability_spoils_the_row(bad: float) -> None:
    """A class probability that is no number leaves the whole prediction out."""
    labels, scores, weights, _ = batch(20, 3, CLASSES)
    scores[4, 2] = bad
    observed = observe(labels, scores, weights, CLASSES)
    assert observed.weights[4] == 0
    assert all(np.isfinite(column.value).all() for columns in observed.columns.values() for column in columns)


def test_another_shape_is_an_error() -> None:
    """A model with two outputs per row where one is expected."""
    with pytest.raises(InputError, match=r"shape \(3, 2\); \(3, 1\) is expected"):
        observe(np.zeros(3, np.int64), np.zeros((3, 2), np.float32), np.ones(3), BINARY)


@pytest.mark.parametrize("settings", [BINARY, CLASSES], ids=["binary", "multiclass"])
def test_what_is_written_is_read(settings: CountSettings) -> None:
    """Counts survive the artifact bit by bit."""
    counts = tallied([batch(100, 4, settings)], settings)[()].models[0]
    read = decode(encode(counts))
    np.testing.assert_array_equal(read.totals, counts.totals)
    for one, other in zip(read.series, counts.series, strict=True):
        np.testing.assert_array_equal(one.keys, other.keys)
        np.testing.assert_array_equal(one.weights, other.weights)
        np.testing.assert_array_equal(one.sums, other.sums)
        assert one.level == other.level
