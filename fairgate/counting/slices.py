"""Find which rows belong to which slices, from Arrow columns at once: TFMA's slicing specs without a Python loop over rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from fairgate.errors import InputError
from fairgate.names import CLASS, composed, spell

Value = str | int | float
SliceKey = tuple[tuple[str, Value], ...]
Ints = npt.NDArray[np.int64]

MAX_SLICES = 20_000


@dataclass(frozen=True)
class SliceSpec:
    """One slicing spec of TFMA: each combination of values of `features` among the rows that have all `values`.

    Both empty means all rows. Texts are read in Unicode's composed form (NFC), so that two values that look alike are one group.
    """

    features: tuple[str, ...] = ()
    values: tuple[tuple[str, Value], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple((feature, _composed(value)) for feature, value in self.values))


@dataclass(frozen=True, eq=False)
class Membership:
    """The rows of every slice, also as pairs: row `rows[i]` is in slice `keys[slices[i]]`, each pair once.

    Attributes:
        of_slices: slice -> int64[n], its rows, rising.
        unknown: slice feature -> number of rows that have no value of it.
    """

    of_slices: Mapping[SliceKey, Ints]
    unknown: Mapping[str, int] = field(default_factory=dict)

    @property
    def keys(self) -> list[SliceKey]:
        """The slices."""
        return list(self.of_slices)

    @cached_property
    def rows(self) -> Ints:
        """int64[P], slice by slice."""
        return np.concatenate([np.zeros(0, np.int64), *self.of_slices.values()])

    @cached_property
    def slices(self) -> Ints:
        """int64[P], the numbers of the slices."""
        return np.repeat(np.arange(len(self.of_slices)), [rows.size for rows in self.of_slices.values()])


@dataclass(frozen=True, eq=False)
class Flags:
    """A feature as one column of true and false for each of its values: an example may have several, or none.

    Attributes:
        names: of the values, each once.
        inside: bool[N] of each.
    """

    names: Sequence[str]
    inside: Sequence[npt.NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class _Pairs:
    """A feature as pairs of row and value, ascending by row, each pair once."""

    rows: Ints
    codes: Ints
    values: list[Value]


def members(columns: Callable[[str], pa.Array | Flags | None], specs: Iterable[SliceSpec], rows: int) -> Membership:
    """Return the slices of every row.

    Args:
        columns: feature name -> its column, a list array of `rows` lists (None or of null type where the feature is absent), or
            its flags.
        specs: what to slice by; a key that several specs produce counts once.
        rows: number of rows.

    Raises:
        InputError: a feature value that is no UTF-8 text, or a feature with so many values that its slices cannot be held.
    """
    specs, features = list(specs), dict[str, _Pairs]()

    def feature(name: str) -> _Pairs:
        if name not in features:
            features[name] = _pairs(columns(name), name)
        return features[name]

    parts: dict[SliceKey, Ints] = {}
    for spec in specs:
        if flags := _flags_alone(spec, columns):
            for key, rows_of_key in _flagged(spec.features[0], flags):
                parts.setdefault(key, rows_of_key)
            continue
        at, codes, keys = _combine(spec, feature, rows)
        order = np.argsort(codes, kind="stable")
        bounds = np.searchsorted(codes[order], np.arange(len(keys) + 1))
        for code, key in enumerate(keys):
            parts.setdefault(key, at[order[bounds[code] : bounds[code + 1]]])
    if len(parts) > MAX_SLICES:
        raise InputError(
            f"The slices by {sorted({name for spec in specs for name in spec.features})} are {len(parts)}, over {MAX_SLICES}; "
            "slice by features with few values."
        )
    single = [spec.features[0] for spec in specs if len(spec.features) == 1 and not spec.values]
    unknown = {name: rows - _known(columns(name), feature, name) for name in single}
    return Membership(parts, unknown)


def slice_name_of(key: SliceKey, label_key: str = "", classes: Sequence[str] = ()) -> str:
    """Return the slice's name, see `names.spell`; where it is a label alone, "class:<name of the label>"."""
    return spell(_spelled(feature, value, label_key, classes) for feature, value in key)


def _spelled(feature: str, value: Value, label_key: str, classes: Sequence[str]) -> tuple[str, str]:
    if feature == label_key and classes and isinstance(value, int | float):
        return CLASS, classes[int(value)]
    return feature, _digits(value) if isinstance(value, float) else str(value)


def _digits(value: float) -> str:
    """Return the shortest digits that no other number of its precision has; most numbers are float32 written as float64."""
    written = (f"{value:.{digits}g}" for digits in range(6, 18))
    return next((text for text in written if value in (float(text), float(np.float32(text)))), str(value))


def _combine(spec: SliceSpec, feature: Callable[[str], _Pairs], rows: int) -> tuple[Ints, Ints, list[SliceKey]]:
    at = np.arange(rows, dtype=np.int64)
    for name, value in spec.values:
        at = at[np.isin(at, _rows_with(feature(name), value))]
    codes = np.zeros(at.size, np.int64)
    keys: list[SliceKey] = [spec.values]
    for name in spec.features:
        pairs = feature(name)
        left, right = _join(at, pairs.rows, rows)
        combined = codes[left] * len(pairs.values) + pairs.codes[right]
        seen, codes = np.unique(combined, return_inverse=True)
        keys = [(*keys[code // len(pairs.values)], (name, pairs.values[code % len(pairs.values)])) for code in seen.tolist()]
        at = at[left]
    return at, codes.astype(np.int64), [tuple(sorted(key)) for key in keys] if at.size else []


def _rows_with(pairs: _Pairs, value: Value) -> Ints:
    wanted = [code for code, found in enumerate(pairs.values) if found in (value, str(value))]
    return pairs.rows[np.isin(pairs.codes, wanted)]


def _join(at: Ints, sorted_rows: Ints, rows: int) -> tuple[Ints, Ints]:
    """Return the positions (i, j) with at[i] == sorted_rows[j], all of them."""
    counts = np.bincount(sorted_rows, minlength=rows).astype(np.int64)
    starts = np.cumsum(counts) - counts
    repeats = counts[at]
    left = np.repeat(np.arange(at.size), repeats)
    within = np.arange(left.size) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return left, starts[at][left] + within


def _flags_alone(spec: SliceSpec, columns: Callable[[str], pa.Array | Flags | None]) -> Flags | None:
    """Return the flags of the only feature of a spec; None for other specs and columns."""
    column = columns(spec.features[0]) if len(spec.features) == 1 and not spec.values else None
    return column if isinstance(column, Flags) else None


def _flagged(name: str, flags: Flags) -> Iterable[tuple[SliceKey, Ints]]:
    """Yield each value that occurs, as a key, and its rows."""
    for value, inside in zip(flags.names, flags.inside, strict=True):
        rows = np.flatnonzero(inside)
        if rows.size:
            yield ((name, _composed(value)),), rows


def _known(column: pa.Array | Flags | None, feature: Callable[[str], _Pairs], name: str) -> int:
    """Return how many rows have a value of a feature."""
    if isinstance(column, Flags):
        known = np.zeros(len(column.inside[0]), bool)
        for inside in column.inside:  # a tenth of the time of NumPy's reduction of them all
            known |= inside
        return int(np.count_nonzero(known))
    return int(np.unique(feature(name).rows).size)


def _pairs(column: pa.Array | Flags | None, name: str) -> _Pairs:
    if isinstance(column, Flags):
        rows, codes = np.nonzero(np.stack(column.inside, axis=1))
        return _Pairs(rows, codes, [_composed(value) for value in column.names])
    if column is None or pa.types.is_null(column.type) or pa.types.is_null(column.type.value_type):
        return _Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), [])
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    encoded = column.flatten().dictionary_encode()
    found = [_text(value, name) for value in encoded.dictionary.to_pylist()]
    values = list(dict.fromkeys(found))  # 0.0 and -0.0 are one value
    place = {value: code for code, value in enumerate(values)}
    indices = pc.fill_null(encoded.indices, pa.scalar(len(found), encoded.indices.type))  # a null in a list: no value
    codes = indices.to_numpy(zero_copy_only=False).astype(np.int64)
    codes = np.array([*(place[value] for value in found), -1], np.int64)[codes]
    is_value = [value == value and value != "" for value in values]  # NaN equals nothing; "" is an empty cell of a CSV file
    known = np.array([*is_value, False], bool)[codes]
    pairs = np.unique((np.repeat(np.arange(lengths.size), lengths) * max(len(values), 1) + codes)[known])
    return _Pairs(pairs // max(len(values), 1), pairs % max(len(values), 1), values)


def _text(value: bytes | Value, name: str) -> Value:
    try:
        return _composed(value.decode("utf-8") if isinstance(value, bytes) else value)
    except UnicodeDecodeError as error:
        raise InputError(f"Feature {name} has the value {value!r}, which is not UTF-8 text; it cannot name a slice.") from error


def _composed(value: Value) -> Value:
    return composed(value) if isinstance(value, str) else value
