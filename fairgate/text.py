"""Clean and escape text that comes from a data set, hide addresses in what a user has written, and count in words."""

import re

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~$&])")
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_LINK = re.compile(r"(?<=\w)(://)|(?<=\bwww)\.")

_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*://)[^\s'\"]+", re.IGNORECASE)


def plural(number: int, noun: str) -> str:
    """Return "1 row", "3 rows", "1,000 rows"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def masked(text: str) -> str:
    """Return the text with "https://…" in place of each web address, which may be a webhook's, and so a secret."""
    return _ADDRESS.sub(r"\1…", text)


def printable(text: str) -> str:
    """Return the text with control characters, marks that turn the direction, lone surrogates and non-characters as U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", text)


def escaped(text: str) -> str:
    """Return the text as one line that Markdown and HTML show as it is, without formatting, tables, tags, links or mentions."""
    line = printable(" ".join(text.split()))
    special = _SPECIAL.sub(r"\\\1", line).replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")
    return _LINK.sub(lambda found: f"\u200b{found.group(0)}", _MENTION.sub("@\u200b", special))
