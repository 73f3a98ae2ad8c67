"""Read the YAML that users write, strictly: what could be meant in two ways is an error that names the file and the line.

In: a YAML file, or the text of one value. Out: a `Document`: plain values, and the line of each key. PyYAML parses; what a plain
word means is decided here, as in the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema):

    null, true and false, whole numbers, decimal numbers, .inf, .nan      are what they look like
    everything else is text: yes, no, on, off, 0100, 1:30, 1_000, 0x1F, 2026-12-31

so that `min_examples: yes` is text where a number is expected, and `fairgate.strict` refuses it. (YAML 1.1 reads `yes` as true,
which Python counts as 1, `0100` as 64 and `1:30` as 90.) Errors: a key given twice, merge keys (`<<`), tags, several documents, a
file larger than MAX_BYTES, and aliases that expand to more than MAX_VALUES values. Imports no third-party package but PyYAML.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import yaml

from fairgate.errors import InputError

Keys = tuple[str | int, ...]  # ("rules", 0, "limit")

MAX_BYTES = 1 << 19  # of a file; PyYAML needs some 5 seconds for them
MAX_VALUES = 100_000  # of a document, aliases expanded
MAX_DEPTH = 50

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MAX_DIGITS = 400  # of a whole number; no number of any use has more, and Python would need long for a million
_TAGS = {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:str"}


@dataclass(frozen=True)
class Document:
    """What a YAML file holds.

    Attributes:
        name: of the file, as messages name it.
        value: mappings, lists, texts, numbers, booleans and None.
        lines: the line, from 1, of each key and each item of a list; 0 where there are no lines.
    """

    name: str
    value: object
    lines: Mapping[Keys, int] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def without_lines(cls, name: str, value: object) -> "Document":
        """Return values of another source, such as the command line."""
        return cls(name, value, dict.fromkeys(_paths(value, ()), 0))

    @property
    def mapping(self) -> dict[str, object]:
        """Return the keys and values at the top.

        Raises:
            InputError: there are none.
        """
        if isinstance(self.value, dict):
            return self.value
        kind = "nothing" if self.value is None else "a list" if isinstance(self.value, list) else "a single value"
        raise InputError(f"{self.name} must hold keys and values at its top, such as `seed: 1`, not {kind}.")

    def known(self, keys: Keys) -> Keys:
        """Return the longest beginning of the keys that the document has."""
        return next((keys[:end] for end in range(len(keys), 0, -1) if keys[:end] in self.lines), ())

    def place(self, keys: Keys) -> str:
        """Return where the keys, or the longest beginning of them, stand: "policy.yaml, line 3"."""
        line = self.lines.get(self.known(keys))
        return f"{self.name}, line {line}" if line else self.name


def load(path: str | Path, what: str = "file") -> Document:
    """Read a YAML file.

    Args:
        path: of the file.
        what: the file as messages name it: "policy".

    Raises:
        InputError: the file cannot be read, is no YAML or none that is read; states file, line and remedy.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read the {what} {path}: {error}.") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{path} is larger than {MAX_BYTES:,} bytes; no {what} is. Name another file.")
    return parse(text, str(path))


def parse(text: str, name: str) -> Document:
    """Read a YAML document, which may be a single value.

    Args:
        text: to read.
        name: of the source, for messages.

    Raises:
        InputError: it is no YAML or none that is read.
    """
    try:
        node = yaml.compose(text, Loader=_Untyped)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = name if mark is None else f"{name}, line {mark.line + 1}"
        words = " ".join(f"{error.context or ''} {error.problem or ''}".split())
        raise InputError(f"{where} is not valid YAML: {words}.") from None  # PyYAML's words quote the line, perhaps a secret
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:  # the last two: no such code point
        raise InputError(f"{name} is not valid YAML: {' '.join(str(error).split())}.") from error
    reader = _Reader(name)
    value = None if node is None else reader.value(node, ())
    return Document(name, value, MappingProxyType(reader.lines))


class _Untyped(yaml.BaseLoader):
    """Leave the tag of a node empty where none is written."""

    def resolve(self, kind: type[yaml.Node], value: object, implicit: object) -> str:  # noqa: ARG002  # PyYAML's signature
        return ""


class _Reader:
    """Turn the nodes of a document into values."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Keys, int] = {}
        self._values = 0

    def value(self, node: yaml.Node, keys: Keys) -> object:
        """Return the value of a node.

        Raises:
            InputError: it is none that is read.
        """
        self._values += 1
        if self._values > MAX_VALUES or len(keys) > MAX_DEPTH:
            much = f"more than {MAX_VALUES:,} values" if self._values > MAX_VALUES else f"more than {MAX_DEPTH} levels"
            raise self._error(node, f"{much}, with its aliases (*name) expanded; write less")
        self._refuse_tag(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, keys)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        return [self._item(item, (*keys, number)) for number, item in enumerate(node.value)]

    def _item(self, node: yaml.Node, keys: Keys) -> object:
        self.lines[keys] = _line(node)
        return self.value(node, keys)

    def _mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, object]:
        written: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(key_node, "a key is a list or a mapping; write a word")
            key = str(key_node.value)
            if key_node.style is None and key == "<<":
                raise self._error(key_node, "the merge key << is not read; write the keys out")
            path = (*keys, key)
            if key in written:
                first = self.lines[path]
                raise self._error(key_node, f"the key {key!r} is given a second time, after line {first}; remove one")
            self.lines[path] = _line(key_node)
            written[key] = self.value(value_node, path)
        return written

    def _scalar(self, node: yaml.ScalarNode) -> str | int | float | bool | None:
        text = str(node.value)
        if node.style is not None or node.tag:  # quoted, or !!str
            return text
        if text in _NULL:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if not_finite := _NOT_FINITE.fullmatch(text):
            return math.nan if not_finite[3] else -math.inf if not_finite[1] == "-" else math.inf
        if len(text) > _MAX_DIGITS:
            return text
        if _WHOLE.fullmatch(text):
            return int(text)
        return float(text) if _DECIMAL.fullmatch(text) else text

    def _refuse_tag(self, node: yaml.Node) -> None:
        if node.tag and node.tag not in _TAGS:
            raise self._error(node, f"the tag {node.tag} is not read; write the value alone")

    def _error(self, node: yaml.Node, problem: str) -> InputError:
        return InputError(f"{self.name}, line {_line(node)}: {problem}.")


def _paths(value: object, keys: Keys) -> Iterator[Keys]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*keys, key)
        yield from _paths(inner, (*keys, key))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
