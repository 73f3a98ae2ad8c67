"""Write topics of a policy as text for a terminal of 80 columns, or as the page `docs/policy-reference.md`."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from fairgate.gate.reference import Key, Topic

_WIDTH = 80
_TITLES: Mapping[str, str] = {
    "judging": "How a rule is judged",
    "policy": "Keys of a policy",
    "rule": "Keys of every rule",
    "rule kind": "Kinds of rules",
    "metric": "Metrics",
    "preset": "Presets",
}
_START = """\
# What a policy can say

Written by `make policy-reference` from the code.
`fairgate policy explain` prints the same, and `fairgate policy explain NAME` one entry.
[policies.md](policies.md) says how to write a policy of your own.
"""


def as_text(topics: Sequence[Topic]) -> str:
    """Return topics for a terminal; a title stands before each group where there are several."""
    lines: list[str] = []
    several = len({topic.group for topic in topics}) > 1
    for group, of_group in groupby(topics, lambda topic: topic.group):
        if several:
            lines += [_TITLES[group].upper(), ""]
        for topic in of_group:
            lines += [*_topic_lines(topic, several or len(topics) > 1), ""]
    return "\n".join(lines).rstrip()


def _topic_lines(topic: Topic, indented: bool) -> Iterator[str]:
    if topic.name:
        name = f"{topic.name} of {topic.task}" if topic.task else topic.name
        yield name if indented else f"{name} ({topic.group})"
    for paragraph in topic.text:
        yield from _wrapped(paragraph, 4)
    for key in topic.keys:
        yield ""
        yield from _wrapped(f"{key.name}: {_facts(key)}".removesuffix(": "), 4, 8)
        yield from _wrapped(key.meaning, 8)
    if topic.example:
        yield ""
        yield from (f"    {line}".rstrip() for line in topic.example.splitlines())


def _facts(key: Key) -> str:
    default = key.default if key.default in ("", "required") else f"default {key.default}"
    return f"{key.type} ({default})" if default else key.type


def _wrapped(text: str, indent: int, further: int | None = None) -> list[str]:
    start, rest = " " * indent, " " * (indent if further is None else further)
    return textwrap.wrap(
        text, _WIDTH, initial_indent=start, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def as_markdown(topics: Iterable[Topic]) -> str:
    """Return the page."""
    lines = [_START]
    for group, of_group in groupby(topics, lambda topic: topic.group):
        lines += [f"## {_TITLES[group]}", ""]
        for topic in of_group:
            lines += _markdown(topic)
    return "\n".join(lines).rstrip() + "\n"


def _markdown(topic: Topic) -> Iterator[str]:
    if topic.name:
        yield from (f"### `{topic.name}`{' of ' + topic.task if topic.task else ''}", "")
    for paragraph in topic.text:
        yield from (_escaped(paragraph), "")
    if any(key.type for key in topic.keys):
        yield from ("| key | type | default | meaning |", "|---|---|---|---|", *map(_row, topic.keys), "")
    elif topic.keys:
        yield from ("| | |", "|---|---|", *(f"| {_cell(key.name)} | {_cell(key.meaning)} |" for key in topic.keys), "")
    if topic.example:
        yield from ("```yaml", topic.example.rstrip("\n"), "```", "")


def _row(key: Key) -> str:
    default = f"`{key.default}`" if key.default not in ("", "required") else key.default
    return f"| `{key.name}` | {_cell(key.type)} | {_cell(default)} | {_cell(key.meaning)} |"


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|")


def _escaped(text: str) -> str:
    """Return text in which the asterisk of a pattern is one, unless it stands in code."""
    parts = text.split("`")
    return "`".join(part.replace(":*", ":\\*") if at % 2 == 0 else part for at, part in enumerate(parts))
