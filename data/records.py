"""Records: `tf.train.Example` as bytes, and the TFRecord files that hold them.

In: features as lists of bytes, floats or ints. Out: serialized examples and gzip files
`<folder>/Split-<split>/<split>-00000-of-0000N.tfrecord.gz`, byte-identical for identical input; file after file they hold the
examples in the order in which they came, however many files there are. The reader takes plain and compressed files and checks
every checksum.

Only `write_split` imports TensorFlow, when it is called: `fairgate predict` and the conversion report a mistake in a file within
a second, without waiting for that import.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, cast

import google_crc32c
from google.protobuf import descriptor_pb2, descriptor_pool, text_format
from google.protobuf.message import DecodeError

from data.opening import open_content
from data.plain_paths import plain
from data.stacks import message_class
from fairgate.errors import InputError

Values = Sequence[bytes] | Sequence[float] | Sequence[int]

# tensorflow/core/example/{example,feature}.proto, whose classes cannot be had without importing all of TensorFlow. The map of
# features is declared as the repeated key and value that it is on the wire, so that the caller chooses their order, and with it
# every byte.
_DEFINITION = """
name: "example.proto" package: "tensorflow" syntax: "proto3"
message_type { name: "BytesList" field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_BYTES } }
message_type { name: "FloatList" field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_FLOAT } }
message_type { name: "Int64List" field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_INT64 } }
message_type {
  name: "Feature" oneof_decl { name: "kind" }
  field { name: "bytes_list" number: 1 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: "BytesList" oneof_index: 0 }
  field { name: "float_list" number: 2 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: "FloatList" oneof_index: 0 }
  field { name: "int64_list" number: 3 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: "Int64List" oneof_index: 0 }
}
message_type {
  name: "Entry"
  field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
  field { name: "value" number: 2 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: "Feature" }
}
message_type {
  name: "Features"
  field { name: "feature" number: 1 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: "Entry" }
}
message_type {
  name: "Example"
  field { name: "features" number: 1 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: "Features" }
}
"""
_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
_HEADER_BYTES = _LENGTH.size + _CHECKSUM.size
_MAX_RECORD_BYTES = 1 << 28
SHARD_BYTES = 1 << 23  # of the examples in a file, before compression: about 25,000 comments, work for one worker at a time
_GZIP_LEVEL = 3  # larger files than level 6 by a tenth, in a third of its time


def _example_class() -> Any:
    """Return the message class of `tf.train.Example`, in its own descriptor pool, so that it does not clash with TensorFlow's."""
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(text_format.Parse(_DEFINITION, descriptor_pb2.FileDescriptorProto()).SerializeToString())
    return message_class(pool, "tensorflow.Example")


_Example = _example_class()


def encode_example(features: Mapping[str, Values]) -> bytes:
    """Serialize the features as a `tf.train.Example`, in their given order; a feature without values is left out.

    The first value of a feature says its kind: bytes, float (stored as float32) or int.

    Raises:
        TypeError: a value is of another kind than the first of its feature.
    """
    example = _Example()
    for name, values in features.items():
        if values:
            entry = example.features.feature.add(key=name)
            _value_list(entry.value, values[0]).extend(values)
    return cast(bytes, example.SerializeToString())


def decode_example(serialized: bytes) -> dict[str, Values]:
    """Parse a serialized `tf.train.Example` into lists of bytes, float or int; a feature of no kind is an empty list.

    Raises:
        ValueError: the bytes are no `tf.train.Example`.
    """
    try:
        example = _Example.FromString(serialized)
    except DecodeError:
        raise ValueError("not a tf.train.Example") from None
    return {entry.key: _values(entry.value) for entry in example.features.feature}


def _value_list(feature: Any, value: bytes | float) -> Any:
    if isinstance(value, bytes):
        return feature.bytes_list.value
    return feature.int64_list.value if isinstance(value, int) else feature.float_list.value


def _values(feature: Any) -> Values:
    kind = feature.WhichOneof("kind")
    return list(getattr(feature, kind).value) if kind else []


def shard_path(folder: Path, split: str, shard: int, shards: int) -> Path:
    """Return `<folder>/Split-<split>/<split>-00000-of-0000N.tfrecord.gz`; TFX looks for the folder of a split under this name."""
    return folder / f"Split-{split}" / f"{split}-{shard:05d}-of-{shards:05d}.tfrecord.gz"


def even_sizes(rows: int, shards: int) -> tuple[int, ...]:
    """Return how many of so many examples each file holds; sizes differ by one at most.

    No file stays empty: there are never more files than examples, and one for no examples.
    """
    shards = max(1, min(shards, rows))
    return tuple((shard + 1) * rows // shards - shard * rows // shards for shard in range(shards))


def write_split(folder: Path, split: str, serialized_examples: Iterable[bytes], sizes: Sequence[int] = ()) -> int:
    """Write the examples to gzip TFRecord files, in their order, and return their number.

    The files appear under their final names only when all are whole. The same examples give the same bytes.

    Args:
        folder: receives `Split-<split>/`.
        split: name of the split.
        serialized_examples: of the split.
        sizes: how many examples each file gets (`even_sizes`); by default a file ends when it has SHARD_BYTES of them.

    Raises:
        ValueError: the sizes are those of more or fewer examples.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with plain(folder) as place:
        return _write_split(place / f"Split-{split}", _by_shard(serialized_examples, sizes))


def _by_shard(serialized_examples: Iterable[bytes], sizes: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield each example with the number of its file."""
    if sizes:
        numbers = (shard for shard, size in enumerate(sizes) for _ in range(size))
        yield from zip(numbers, serialized_examples, strict=True)
        return
    shard, written = 0, 0
    for serialized in serialized_examples:
        if written >= SHARD_BYTES:
            shard, written = shard + 1, 0
        written += len(serialized)
        yield shard, serialized


def _write_split(folder: Path, numbered: Iterable[tuple[int, bytes]]) -> int:
    import tensorflow as tf

    count = 0
    partial: list[Path] = []
    gzipped = tf.io.TFRecordOptions("GZIP", compression_level=_GZIP_LEVEL)

    def opened() -> tf.io.TFRecordWriter:
        partial.append(folder / f".{len(partial):05d}.partial")
        return tf.io.TFRecordWriter(str(partial[-1]), gzipped)

    folder.mkdir(exist_ok=True)
    try:
        for _, examples in groupby(numbered, itemgetter(0)):
            with opened() as file:
                for _, serialized in examples:
                    file.write(serialized)
                    count += 1
        if not partial:
            opened().close()  # a split without examples has a file too
        for shard, whole in enumerate(partial):
            whole.replace(shard_path(folder.parent, folder.name.removeprefix("Split-"), shard, len(partial)))
    finally:
        for path in partial:
            path.unlink(missing_ok=True)
    return count


def write_records(path: Path, records: Iterable[bytes]) -> None:
    """Write one uncompressed TFRecord file; without TensorFlow, so that a mistake in a row is reported before that is loaded."""
    with path.open("wb") as file:
        for record in records:
            file.write(frame_record(record))


def frame_record(record: bytes) -> bytes:
    """Return the record as it stands in a TFRecord file: its length, the record, and the masked CRC-32C of each."""
    length = _LENGTH.pack(len(record))
    return b"".join((length, _CHECKSUM.pack(_masked_crc(length)), record, _CHECKSUM.pack(_masked_crc(record))))


def _masked_crc(content: bytes) -> int:
    """Return TFRecord's masked CRC-32C (tensorflow/core/lib/hash/crc32c.h)."""
    crc: int = google_crc32c.value(content)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def is_record_header(start: bytes) -> bool:
    """Return whether a file's first bytes (uncompressed) are the length of a TFRecord and its checksum."""
    return len(start) >= _HEADER_BYTES and _CHECKSUM.unpack(start[8:_HEADER_BYTES])[0] == _masked_crc(start[:8])


def read_records(path: Path, named: object = None) -> Iterator[bytes]:
    """Yield the records of a TFRecord file, plain or compressed.

    Args:
        path: of the file.
        named: what messages call it, if that is not its path.

    Raises:
        InputError: a record is cut off or its checksum is wrong; names the file and the record, counted from 1.
    """
    with open_content(path, named) as file:
        number = 0
        while header := file.read(_HEADER_BYTES):
            number += 1
            yield _read_record(file, header, f"{named or path}: record {number}")


def _read_record(file: IO[bytes], header: bytes, place: str) -> bytes:
    if len(header) < _HEADER_BYTES:
        raise InputError(f"{place} is cut off; fetch or export the file again")
    (length,) = _LENGTH.unpack(header[:8])
    if not is_record_header(header) or length > _MAX_RECORD_BYTES:
        raise InputError(f"{place} has a damaged length; it is no TFRecord file or it was corrupted: fetch or export it again")
    body = file.read(length + _CHECKSUM.size)
    if len(body) < length + _CHECKSUM.size:
        raise InputError(f"{place} is cut off; fetch or export the file again")
    record = body[:length]
    if _CHECKSUM.unpack(body[length:])[0] != _masked_crc(record):
        raise InputError(f"{place} has a wrong checksum: the file was corrupted; fetch or export it again")
    return record
