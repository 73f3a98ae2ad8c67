"""The features that Beam writes against a twin in memory."""

from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest
import tensorflow as tf
from scipy.sparse import csr_array, vstack
from sklearn.feature_extraction.text import TfidfTransformer

from components.modelling import feature_extraction
from components.modelling.feature_extraction import ExampleFile, Reading, add_frequencies, extract_features
from components.modelling.feature_settings import FeatureSettings
from data.records import Values, encode_example, even_sizes, write_split
from data.text.feature_shards import BLOCKS, FeatureIndex, read_columns, read_idf, read_shards, shard_names
from data.text.ngrams import HashedNgrams
from fairgate.errors import InputError
from fairgate.files import file_digests

SETTINGS = FeatureSettings(text="text", label="toxic", groups={"gender": ("male", "female"), "race": ("black",)})
FILES = 2
Row = tuple[str, int, tuple[str, ...], tuple[str, ...]]  # text, label, gender, race


class Lengths:
    """A text embedding of two dimensions: the bytes of a text, and 1."""

    def __init__(self, handle: str) -> None:
        assert handle == "folder of an embedding"

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        lengths = tf.cast(tf.strings.length(texts), tf.float32)
        return tf.stack([lengths, tf.ones_like(lengths)], axis=1)


def rows(split: str, number: int) -> list[Row]:
    """Rows that differ between the splits; the first is empty, the last too long."""
    texts = [
        "",
        *(f"{split} text number {row} is {'nice' if row % 3 else 'rude, rude'}" for row in range(1, number - 1)),
        "é" * 2001,
    ]
    genders: tuple[tuple[str, ...], ...] = ((), ("male",), ("female", "male"), ("unknown",))
    return [(text, row % 2, genders[row % 4], ("black",) if row % 5 == 0 else ()) for row, text in enumerate(texts)]


def write(folder: Path, split: str, examples: Sequence[Row], files: int = FILES) -> None:
    def encode(row: Row) -> bytes:
        text, label, gender, race = row
        features: dict[str, Values] = {"text": [text.encode()], "toxic": [float(label)]}
        features |= {"gender": [name.encode() for name in gender], "race": [name.encode() for name in race]}
        return encode_example(features)

    write_split(folder, split, map(encode, examples), even_sizes(len(examples), files))


TRAIN, VALIDATION = rows("train", 23), rows("validation", 9)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    write(folder, "train", TRAIN)
    write(folder, "validation", VALIDATION)
    return folder


def extract(examples: Path, folder: Path, settings: FeatureSettings = SETTINGS) -> tuple[str, ...]:
    """In shards of four rows, which are counted by two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feature_extraction, "SHARD_ROWS", 4)
        patch.setattr(feature_extraction, "BATCH_ROWS", 2)
        root = beam.Pipeline(argv=["--runner=DirectRunner", "--direct_running_mode=in_memory"])
        return extract_features(root, str(examples), settings, folder)


@pytest.fixture(scope="module")
def features(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("features")
    assert extract(examples, folder) == ("train", "validation")
    return folder


def counts(split: Sequence[Row], block: str) -> csr_array:
    """The counts of all rows of a split, of one batch."""
    counted = getattr(HashedNgrams()(tf.constant([text for text, *_ in split])), block)
    return csr_array((counted.counts, (counted.rows, counted.buckets)), shape=(len(split), BLOCKS[block]))


def written(folder: Path, split: str, block: str) -> csr_array:
    return vstack([getattr(shard, block).matrix(BLOCKS[block]) for shard in read_shards(folder, split)])


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(("split", "examples_of_split"), [("train", TRAIN), ("validation", VALIDATION)])
def test_values_are_those_of_scikit_learn_in_memory(features: Path, split: str, examples_of_split: list[Row], block: str) -> None:
    training = counts(TRAIN, block)
    known = np.zeros(BLOCKS[block])
    known[training.indices] = 1
    twin = TfidfTransformer(sublinear_tf=True, smooth_idf=True).fit(training)
    of_known = counts(examples_of_split, block).multiply(known).tocsr()
    of_known.eliminate_zeros()
    expected = twin.transform(of_known)
    ours = written(features, split, block)
    assert ours.dtype == np.float32
    assert abs(ours - expected).max() < 1e-7


def test_idf_is_that_of_scikit_learn_and_0_for_unseen_buckets(features: Path) -> None:
    idf = read_idf(features)
    for block, part in zip(BLOCKS, np.split(idf, [BLOCKS["words"]]), strict=True):
        training = counts(TRAIN, block)
        seen = np.unique(training.indices)
        np.testing.assert_allclose(part[seen], TfidfTransformer().fit(training).idf_[seen], rtol=2e-7)
        assert np.count_nonzero(part) == len(seen)


def test_columns_are_those_of_the_examples_in_their_order(features: Path) -> None:
    columns, expected = read_columns(features, "train"), TRAIN
    assert columns.labels.tolist() == [label for _, label, *_ in expected]
    bits = {"male": 1, "female": 2, "unknown": 0}
    assert columns.groups.tolist() == [sum(map(bits.__getitem__, gender)) + 4 * len(race) for _, _, gender, race in expected]
    assert len(np.unique(columns.keys)) == len({text for text, *_ in expected}) == len(columns.keys)


def test_index_counts_the_rows_of_each_split(features: Path) -> None:
    assert FeatureIndex.read(features) == FeatureIndex(
        rows={"train": 23, "validation": 9},
        positives={"train": 11, "validation": 4},
        truncated={"train": 1, "validation": 1},
        groups=("gender:male", "gender:female", "race:black"),
        dimension=0,
        embedding="",
    )


def test_shards_are_named_by_their_first_row(features: Path) -> None:
    assert shard_names(features, "validation") == ["000000000000", "000000000004", "000000000008"]
    assert [len(shard.labels) for shard in read_shards(features, "validation")] == [4, 4, 1]


def test_features_do_not_depend_on_the_number_of_files(features: Path, tmp_path: Path) -> None:
    """Two files in the fixture, nine here, in which a shard may begin in one file and end two files later."""
    write(tmp_path / "examples", "train", TRAIN, files=9)
    write(tmp_path / "examples", "validation", VALIDATION, files=9)
    extract(tmp_path / "examples", tmp_path / "features")
    assert file_digests(tmp_path / "features") == file_digests(features)


@pytest.mark.parametrize("number", range(5))
def test_each_row_is_read_for_one_shard(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of 3, 0, 9, 1 and 2 rows in shards of four; other splits do not count."""
    monkeypatch.setattr(feature_extraction, "SHARD_ROWS", 4)
    files = {ExampleFile("train", place, str(place)): rows for place, rows in enumerate([3, 0, 9, 1, 2])}
    expected = [range(4), range(4, 4), range(4, 12), range(12, 15), range(16, 15)]
    reading = Reading.of(list(files)[number], files | {ExampleFile("validation", 0, "other"): 50})
    assert list(reading.rows) == list(expected[number])
    assert reading.skipped == [0, 1, 1, 0, 3][number]
    assert reading.paths == tuple("01234"[number:])


def test_nothing_but_features_is_left(features: Path) -> None:
    assert {path.name for path in features.iterdir()} == {"Split-train", "Split-validation", "features.json", "idf.npy"}
    files = [path.name for path in features.glob("Split-*/*")]
    assert not [name for name in files if name.startswith(".") or "counts" in name]
    assert len(files) == (6 + 3) * 9


def test_equal_examples_give_equal_bytes(examples: Path, features: Path, tmp_path: Path) -> None:
    extract(examples, tmp_path / "again")
    assert file_digests(tmp_path / "again") == file_digests(features)


def test_vectors_are_those_of_the_embedding(examples: Path, tmp_path: Path) -> None:
    embedder = {"embedding": "folder of an embedding", "embedder": f"{__name__}.{Lengths.__name__}"}
    extract(examples, tmp_path, SETTINGS.model_copy(update=embedder))
    vectors = np.concatenate([shard.vectors for shard in read_shards(tmp_path, "train")])
    lengths = np.array([[len(text.encode()), 1] for text, *_ in TRAIN])
    np.testing.assert_allclose(vectors, lengths / np.linalg.norm(lengths, axis=1, keepdims=True), rtol=1e-6)
    index = FeatureIndex.read(tmp_path)
    assert (index.dimension, index.embedding) == (2, "folder of an embedding")


def test_validation_is_left_out_where_there_is_none(tmp_path: Path) -> None:
    write(tmp_path / "examples", "train", TRAIN)
    write(tmp_path / "examples", "eval", VALIDATION)
    assert extract(tmp_path / "examples", tmp_path / "features") == ("train",)
    assert FeatureIndex.read(tmp_path / "features").rows == {"train": 23}


def test_examples_without_a_training_split_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file Split-train/\*; name a folder that `fairgate data convert`"):
        extract(tmp_path, tmp_path / "features")


def test_no_frequencies_add_up_to_0() -> None:
    added = add_frequencies([])
    assert (added.texts, added.frequencies.sum(), len(added.frequencies)) == (0, 0, sum(BLOCKS.values()))
