import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from data import records
from data.comments.civil_comments import Comment
from data.comments.examples import encode_comment
from data.comments.names import IDENTITIES
from data.records import (
    Values,
    decode_example,
    encode_example,
    even_sizes,
    read_records,
    shard_path,
    write_records,
    write_split,
)
from fairgate.errors import InputError
from tests.reading import decode_comment

COMMENT = Comment(
    "Grüße\nan alle", True, {feature: names[:2] if feature == "race" else () for feature, names in IDENTITIES.items()}
)
FEATURES = st.dictionaries(
    st.text(),
    st.lists(st.binary(), min_size=1)
    | st.lists(st.floats(width=32, allow_nan=False), min_size=1)
    | st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1),
)


def test_importing_records_leaves_tensorflow_alone() -> None:
    """TensorFlow takes seconds to import."""
    code = "import sys, data.records; print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


@given(features=FEATURES)
def test_an_example_survives_encoding(features: dict[str, Values]) -> None:
    """Names, kinds and values come back."""
    assert decode_example(encode_example(features)) == features


def test_features_keep_their_order_and_empty_ones_are_left_out() -> None:
    """The bytes follow from the order that is given."""
    assert list(decode_example(encode_example({"b": [1], "a": [b"x"], "c": []}))) == ["b", "a"]


def test_the_canonical_bytes_of_a_comment() -> None:
    """Text, label and the non-empty features, and nothing else."""
    assert decode_example(encode_comment(COMMENT)) == {
        "comment_text": ["Grüße\nan alle".encode()],
        "toxicity": [1.0],
        "race": [b"black", b"white"],
    }
    assert decode_comment(encode_comment(COMMENT)) == COMMENT


def test_records_are_written_as_tensorflow_writes_them(tmp_path: Path) -> None:
    """Byte for byte, the empty one too."""
    contents = [b"", b"a", bytes(100_000), bytes(range(256))]
    write_records(tmp_path / "ours", contents)
    with tf.io.TFRecordWriter(str(tmp_path / "theirs")) as file:
        for content in contents:
            file.write(content)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_bytes_that_are_no_example() -> None:
    with pytest.raises(ValueError, match=r"not a tf.train.Example"):
        decode_example(b"\xff\xff")


def test_values_of_two_kinds() -> None:
    """A feature has one kind."""
    with pytest.raises(TypeError):
        encode_example({"a": [b"x", 1]})  # type: ignore[dict-item]


def test_a_split_is_cut_into_files_of_consecutive_examples(tmp_path: Path) -> None:
    """Under the names that TFX reads."""
    assert write_split(tmp_path, "train", (b"%d" % i for i in range(5)), even_sizes(5, 2)) == 5
    assert sorted(path.name for path in (tmp_path / "Split-train").iterdir()) == [
        "train-00000-of-00002.tfrecord.gz",
        "train-00001-of-00002.tfrecord.gz",
    ]
    assert list(read_records(shard_path(tmp_path, "train", 0, 2))) == [b"0", b"1"]
    assert list(read_records(shard_path(tmp_path, "train", 1, 2))) == [b"2", b"3", b"4"]


@pytest.mark.parametrize(
    ("rows", "shards", "sizes"), [(7, 3, (2, 2, 3)), (2, 3, (1, 1)), (0, 3, (0,)), (10, 7, (1, 1, 2, 1, 2, 1, 2))]
)
def test_sizes_of_files_differ_by_one_at_most_and_none_is_empty(rows: int, shards: int, sizes: tuple[int, ...]) -> None:
    assert even_sizes(rows, shards) == sizes


def test_files_are_cut_by_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file ends with the example that fills it."""
    monkeypatch.setattr(records, "SHARD_BYTES", 10)
    assert write_split(tmp_path, "train", [b"x" * 4] * 7) == 7
    assert [len(list(read_records(shard_path(tmp_path, "train", shard, 3)))) for shard in range(3)] == [3, 3, 1]


@pytest.mark.parametrize("sizes", [(1, 1), (2, 2)])
def test_sizes_of_another_number_of_examples_are_refused(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="zip"):
        write_split(tmp_path, "train", [b"a"] * 3, sizes)
    assert list((tmp_path / "Split-train").iterdir()) == []


def test_a_split_without_examples_has_a_file(tmp_path: Path) -> None:
    assert write_split(tmp_path, "train", []) == 0
    assert list(read_records(shard_path(tmp_path, "train", 0, 1))) == []


@pytest.mark.parametrize("name", ["a [1]", "a\udcff"])
def test_a_split_is_written_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    """TensorFlow writes no name that is not UTF-8."""
    folder = tmp_path / "new" / name
    assert write_split(folder, "train", [b"a", b"b"]) == 2
    assert list(read_records(shard_path(folder, "train", 0, 1))) == [b"a", b"b"]


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    """No time and no name in the gzip header."""
    for name in ("a", "b"):
        write_split(tmp_path / name, "train", [b"x"] * 100)
    first, second = (shard_path(tmp_path / name, "train", 0, 1).read_bytes() for name in ("a", "b"))
    assert first == second
    assert first[4:8] == bytes(4)


def test_a_failed_split_leaves_no_file(tmp_path: Path) -> None:
    """Files get their names when all are whole."""

    def broken() -> list[bytes]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_split(tmp_path, "train", (record for _ in range(1) for record in broken()))
    assert list((tmp_path / "Split-train").iterdir()) == []


def test_plain_and_gzip_are_read_alike(tmp_path: Path) -> None:
    """The content says what is compressed, not the name."""
    plain = tmp_path / "records.tfrecord.gz"
    write_records(plain, [b"a", b"", b"c" * 100_000])
    assert list(read_records(plain)) == [b"a", b"", b"c" * 100_000]
    write_split(tmp_path, "train", [b"a"])
    unusual = shard_path(tmp_path, "train", 0, 1).rename(tmp_path / "plain.tfrecord")
    assert list(read_records(unusual)) == [b"a"]


def flip(place: int) -> Callable[[bytes], bytes]:
    """Damages one byte."""
    return lambda content: content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: content[:-1], "record 2 is cut off"),
        (lambda content: content[:25], "record 2 is cut off"),
        (lambda content: content + b"\0" * 5, "record 3 is cut off"),
        (flip(0), "record 1 has a damaged length"),
        (flip(9), "record 1 has a damaged length"),
        (flip(13), "record 1 has a wrong checksum"),
        (flip(18), "record 1 has a wrong checksum"),
        (lambda content: gzip.compress(content)[:-9], "damaged gzip file"),
        (lambda content: flip(25)(gzip.compress(content)), "damaged gzip file|record . has a (wrong checksum|damaged length)"),
        (lambda content: gzip.compress(content)[:4], "damaged gzip file"),
    ],
)
def test_damaged_files(tmp_path: Path, damage: Callable[[bytes], bytes], message: str) -> None:
    """The error names the file and the record."""
    path = tmp_path / "a.tfrecord"
    write_records(path, [b"hello", b"world"])
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=f"a.tfrecord: ({message})"):
        list(read_records(path))


def test_every_flipped_bit_is_noticed(tmp_path: Path) -> None:
    """Both checksums together cover the whole file."""
    path = tmp_path / "a.tfrecord"
    write_records(path, [b"hello"])
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(flip(place)(content))
        with pytest.raises(InputError):
            list(read_records(path))


@pytest.mark.slow
@settings(deadline=None)  # the first example imports TensorFlow
@given(features=FEATURES)
def test_tensorflow_reads_what_we_write(features: dict[str, Values]) -> None:
    """The messages are those of tf.train.Example, in both directions."""
    import tensorflow as tf

    theirs = tf.train.Example.FromString(encode_example(features))
    assert decode_example(theirs.SerializeToString()) == features
    assert {
        name: list(getattr(value, value.WhichOneof("kind")).value) for name, value in theirs.features.feature.items()
    } == features


@pytest.mark.slow
def test_tensorflow_reads_our_files(tmp_path: Path) -> None:
    """The gzip TFRecord files are those of tf.data, in both directions."""
    import tensorflow as tf

    write_split(tmp_path, "train", [b"a", b"b" * 1000])
    ours = str(shard_path(tmp_path, "train", 0, 1))
    assert list(tf.data.TFRecordDataset(ours, compression_type="GZIP").as_numpy_iterator()) == [b"a", b"b" * 1000]
    theirs = tmp_path / "theirs"
    with tf.io.TFRecordWriter(str(theirs), "GZIP") as writer:
        writer.write(b"c")
    assert list(read_records(theirs)) == [b"c"]
