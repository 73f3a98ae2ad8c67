"""Text from a data set, cleaned and escaped."""

import pytest

from fairgate.text import escaped, masked, printable


def test_printable_replaces_control_characters() -> None:
    """Tabs, line feeds, emoji and right-to-left text stay; NUL, escape and lone surrogates do not."""
    assert printable("a\tb\n\x00\x1b\ud800 😀 שלום") == "a\tb\n\ufffd\ufffd\ufffd 😀 שלום"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "a\\|b"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("R&D", "R&amp;D"),
        ("[click](javascript:x)", "\\[click\\](javascript:x)"),
        ("*a* _b_ `c` ~d~ #1 $x$", "\\*a\\* \\_b\\_ \\`c\\` \\~d\\~ \\#1 \\$x\\$"),
        ("back\\slash", "back\\\\slash"),
        ("two\nlines\r\nand\ttabs", "two lines and tabs"),
        ("\x1b[31mred\x00", "\ufffd\\[31mred\ufffd"),
        ("by @someone", "by @\u200bsomeone"),
        ("rate@0.5", "rate@0.5"),
        ("https://a.example", "https\u200b://a.example"),
        ("www.a.example", "www\u200b.a.example"),
    ],
)
def test_what_comes_from_data_is_escaped(text: str, shown: str) -> None:
    """It cannot format, link, mention anyone, start a tag, or leave its table cell."""
    assert escaped(text) == shown


def test_addresses_are_masked() -> None:
    """Whatever is in them may be a secret: user, host, path or query."""
    text = "alerts: 'https://u:p@hooks.example.org/T0/B0?key=1' and HTTP://x.y; not /a/b or a://"
    assert masked(text) == "alerts: 'https://…' and HTTP://… not /a/b or a://"
