"""TFRecord files as bytes, for tests that damage them."""

from pathlib import Path
from tempfile import TemporaryDirectory

from data.records import write_records


def frame(record: bytes) -> bytes:
    """Return the record as it stands in a TFRecord file: its length, the record, and the checksum of each."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "one.tfrecord")
        write_records(path, [record])
        return path.read_bytes()
