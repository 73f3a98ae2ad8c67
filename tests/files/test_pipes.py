"""A pipe works wherever a file does: process substitution, the standard input and named pipes, read once."""

import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Thread

import pytest

from data.conversion_report import ConversionReport
from fairgate.cli import main as cli
from tests.files.strange_comments import CSV, RECORDS

CONTENTS = {"CSV": CSV.encode(), "gzip": gzip.compress(CSV.encode()), "TFRecords": RECORDS}


@contextmanager
def _process_substitution(folder: Path, content: bytes) -> Iterator[str]:  # noqa: ARG001  # as the other ways
    """What a shell makes of <(cat a.csv)."""
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    yield f"/dev/fd/{reading}"
    os.close(reading)


@contextmanager
def _standard_input(folder: Path, content: bytes) -> Iterator[str]:
    kept = os.dup(0)
    with _process_substitution(folder, content) as pipe:
        os.dup2(int(Path(pipe).name), 0)
        yield "/dev/stdin"
    os.dup2(kept, 0)
    os.close(kept)


@contextmanager
def _named_pipe(folder: Path, content: bytes) -> Iterator[str]:
    path = folder / "pipe [1]"
    os.mkfifo(path)
    writer = Thread(target=path.write_bytes, args=(content,))
    writer.start()
    yield str(path)
    writer.join()


WAYS = {"process substitution": _process_substitution, "standard input": _standard_input, "named pipe": _named_pipe}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_pipe_is_converted_as_a_file(
    tmp_path: Path, way: Callable[[Path, bytes], AbstractContextManager[str]], content: bytes
) -> None:
    with way(tmp_path, content) as pipe:
        assert cli.main(("data", "convert", "civil-comments", "--train", pipe, "--to", str(tmp_path / "made"))) == 0
    report = ConversionReport.read(tmp_path / "made")
    assert {name: split.rows for name, split in report.splits.items()} == {"train": 2, "eval": 1}
    assert report.sources[0].file == pipe


def test_a_hyphen_is_the_standard_input(tmp_path: Path) -> None:
    with _standard_input(tmp_path, CSV.encode()):
        assert cli.main(("data", "convert", "civil-comments", "--train", "-", "--to", str(tmp_path / "made"))) == 0
    assert ConversionReport.read(tmp_path / "made").rows_kept == 3
