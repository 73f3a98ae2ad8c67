"""Where lines end."""

import io

import pytest

from data import text_lines
from data.text_lines import read_lines, whole_lines
from fairgate.errors import InputError


def test_lines_end_at_line_ends_only() -> None:
    """No form feed, vertical tab, separator of ASCII, U+0085, U+2028 or U+2029."""
    inner = "a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i"
    text = io.StringIO(f"{inner}\nb\r\nc\rd\n\ne", newline="")
    assert list(read_lines("a.txt", text)) == [inner, "b", "c", "d", "", "e"]


def test_whole_lines_keep_their_ends_and_mark_nul() -> None:
    assert list(whole_lines("a.txt", io.StringIO("a\0b\r\nc\r", newline=""))) == ["a\udc00b\r\n", "c\r"]


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_lines, "MAX_CHARACTERS", 1000)
    with pytest.raises(InputError, match=r"^a.txt: line 2 is longer than 1,000 characters"):
        list(read_lines("a.txt", io.StringIO("a\n" + "b" * 1000)))
