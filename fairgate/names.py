r"""Name models, splits and slices, and select slices by pattern. Imports no third-party package.

A slice is a set of pairs of a feature and its value. Its name spells these pairs so that they can be read back, and no two slices
have the same name: "gender:male", "city:Halle × race:black". A sign of the spelling that a value holds has a backslash before it,
and a character that cannot be seen is written by its number: "city:Halle \× Saale", "grade:A\*", "name:\u202eabc".
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import permutations

BASELINE = "baseline"
CANDIDATE = "candidate"
REFERENCE = "reference"  # a simple model that a candidate must be worth its cost against
OVERALL = "overall"
PAIR = " × "  # joins the parts of an intersection: "gender:male × race:black"
CLASS = "class"  # the feature of slices by label: "class:Sneaker"
PREDICTIONS = "predictions"  # what a table that is judged is called in the place of a task
TRAIN = "train"
EVAL = "eval"
VALIDATION = "validation"  # chooses; absent where train is small
SPLITS = (TRAIN, EVAL)  # that every run has
ALL_SPLITS = (TRAIN, VALIDATION, EVAL)  # that a run may have
LEAST_DISTINCT = 0.95  # share of distinct examples below which they are no independent ones
LONGEST_VALUE = 120  # characters of a value in a name; a longer one is cut and ends with a digest of the whole

_ANYTHING = "*"
# The signs of the spelling (× only where it could be taken for PAIR), spaces that a page would drop, and what cannot be seen or
# turns the direction of the line. A fixed list: Python's own tables of characters change with its version.
_SPECIAL = re.compile(
    r"[\\*]"
    r"|(?<![^ ])×|×(?![^ ])"
    r"|(?<![^ ]) | (?![^ ])"
    r"|[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f]"
    r"|[\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]"
    r"|[\ud800-\udfff\U000e0000-\U000e0fff]"
)
_CUT = re.compile(r"\\…[0-9a-f]{16}\Z")  # ends the spelling of a value that was cut
_ESCAPED = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))", re.DOTALL)
_TOKEN = re.compile(r"\\.|.", re.DOTALL)
Pairs = tuple[tuple[str, str], ...]


def spell(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the name of the slice that has these values of these features; "overall" for none.

    A value of more than `LONGEST_VALUE` characters is cut, and the first 16 digits of its SHA-256 tell it from others.
    """
    return PAIR.join(place(feature, value) for feature, value in pairs) or OVERALL


def place(feature: str, value: str) -> str:
    """Return the name of a slice by one feature, or of a term among those of all groups: "gender:male"."""
    if len(value) > LONGEST_VALUE:
        digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return f"{place(feature, value[:LONGEST_VALUE])}\\…{digest}"
    return f"{_escape(feature).replace(':', chr(92) + ':')}:{_escape(value)}"


def composed(text: str) -> str:
    """Return a text in Unicode's composed form (NFC): two names that look alike are one."""
    return unicodedata.normalize("NFC", text)


def whole_feature(feature: str) -> str:
    """Return the pattern of all slices by a feature: "gender:*"."""
    return place(feature, "") + _ANYTHING


@lru_cache(maxsize=1 << 16)
def pairs_of(name: str) -> Pairs:
    """Return the features and values that a name spells, in its order; none for "overall".

    A part without a colon, which no slice has, is a feature with an empty value. A value that was cut is not whole.
    """
    return () if name == OVERALL else tuple((_read(feature), _read(value)) for feature, _, value in map(_halves, _parts(name)))


def slice_name(test: str, term: str) -> str:
    """Return the name of a test of a term, "swaps:gender:male"."""
    return f"{test}:{term}"


def is_pattern(name: str) -> bool:
    """Return whether the name may match several slices."""
    return _ANYTHING in _TOKEN.findall(name)


def is_cut(name: str) -> bool:
    """Return whether the name of a slice holds a value that was cut."""
    return any(_CUT.search(part) for part in _parts(name))


def literal(pattern: str) -> str:
    """Return a pattern in which whole values of more than `LONGEST_VALUE` characters are cut as the names of slices cut them.

    Parts with a star, and those that are cut already, stay as they are. Letters are composed (NFC), as those of the names are.
    """
    parts = _parts(composed(pattern))
    return PAIR.join(part if is_pattern(part) or is_cut(part) else _cut(part) for part in parts)


def _cut(part: str) -> str:
    feature, _, value = _halves(part)
    return place(_read(feature), _read(value)) if len(_read(value)) > LONGEST_VALUE else part


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    r"""Return the slices that a pattern names, sorted.

    "gender:*" names every single gender and no intersection; "gender:* × race:*" names the intersections of the two features, in
    either order. A star in a value is written "\*".
    """
    expressions = [re.compile(_expression(part), re.DOTALL) for part in _parts(pattern)]

    def fits(parts: Sequence[str]) -> bool:
        orders = permutations(parts) if len(parts) == len(expressions) else ()
        return any(all(map(re.Pattern.fullmatch, expressions, order)) for order in orders)

    return sorted(name for name in set(names) if fits(_parts(name)))


def features_of(slice_name: str) -> tuple[str, ...]:
    """Return the features behind a slice or pattern: ("gender",), ("gender", "race"), ("overall",)."""
    return tuple(sorted(_read(_halves(part)[0]) for part in _parts(slice_name)))


def parts_of(slice_name: str) -> tuple[str, ...]:
    """Return the slices by one feature that an intersection lies in, in its order; the slice itself if it is none."""
    return tuple(_parts(slice_name))


def crossed(first: str, second: str) -> str:
    """Return the name of the intersection of two slices by one feature each: that of the feature that sorts first comes first."""
    return PAIR.join(sorted((first, second), key=features_of))


def feature_of(slice_name: str) -> str:
    """Return the feature (or features) behind a slice: "gender:male × race:black" -> "gender × race", "overall" -> "overall"."""
    return PAIR.join(_halves(part)[0] for part in _parts(slice_name))


def value_of(slice_name: str) -> str:
    """Return what a slice selects, for readers: "gender:other_gender × race:black" -> "other gender × black". Not unique."""
    halves = map(_halves, _parts(slice_name))
    return PAIR.join(value or feature for feature, _, value in halves).replace("_", " ")


def is_pair(slice_name: str) -> bool:
    """Return whether the slice is an intersection of two features."""
    return len(_parts(slice_name)) > 1


def _escape(text: str) -> str:
    return _SPECIAL.sub(_escaped, text)


def _escaped(found: "re.Match[str]") -> str:
    sign = found.group()
    if sign in "\\*×":
        return f"\\{sign}"
    return f"\\u{ord(sign):04x}" if ord(sign) < 1 << 16 else f"\\U{ord(sign):08x}"


def _read(text: str) -> str:
    return _ESCAPED.sub(lambda found: found.group(3) or chr(int(found.group(1) or found.group(2), 16)), text)


def _parts(name: str) -> list[str]:
    return name.split(PAIR)  # in a value, a × between spaces has a backslash before it


def _halves(part: str) -> tuple[str, str, str]:
    """Return feature, colon and value, as they are spelled."""
    found = re.match(r"((?:\\.|[^\\:])*)(:?)(.*)", part, re.DOTALL)
    return (found[1], found[2], found[3]) if found else (part, "", "")


def _expression(part: str) -> str:
    return "".join(".*" if token == _ANYTHING else re.escape(token) for token in _TOKEN.findall(part))
