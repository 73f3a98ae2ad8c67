"""Strange but good files of comments become the right examples, each in its split."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.comments.civil_comments import Comment
from data.records import read_records
from fairgate.cli import main as cli
from tests.files.strange import StrangeSource
from tests.files.strange_comments import SOURCES
from tests.reading import decode_comment


def comments(folder: Path, split: str) -> Iterator[Comment]:
    """The comments of a converted split."""
    for path in sorted(folder.joinpath(f"Split-{split}").iterdir()):
        yield from map(decode_comment, read_records(path))


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_strange_file_is_read_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], source: StrangeSource
) -> None:
    """Text, label and groups of every row, in order; nothing is lost."""
    monkeypatch.chdir(tmp_path)
    source.make(tmp_path)
    code = cli.main(("data", "convert", "civil-comments", *source.command, "--to", "made"))
    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    assert list(comments(tmp_path / "made", "train")) == list(source.train)
    assert list(comments(tmp_path / "made", "eval")) == list(source.eval)
    for words in source.said:
        assert words in printed.out


def test_there_are_at_least_sixty() -> None:
    assert len(SOURCES) >= 60
