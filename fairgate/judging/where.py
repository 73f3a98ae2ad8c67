"""Take the rows of a table for which an expression is true: `split == 'test' and age >= 18`.

In: an expression, see `fairgate.judging.expressions`, and batches. Out: the rows. A comparison with an empty cell is neither true
nor false, as in SQL, so that its row is left out; `is null` asks for it. A text of spaces alone is empty, as a CSV file has it.
"""

import ast
import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fairgate.asked import option
from fairgate.errors import InputError
from fairgate.judging.expressions import CONSTANTS, QUOTED, called, literal, parsed
from fairgate.judging.groups import texts_of
from fairgate.judging.plain import number_of, plain, without_blanks

_ANY_INTEGER = pa.decimal128(20)  # holds those of int64 and uint64
UNTYPED = b"untyped"  # metadata of batches whose columns are text because nothing says what they are
_COMPARISONS: Mapping[type[ast.cmpop], str] = MappingProxyType(
    {
        ast.Eq: "equal",
        ast.NotEq: "not_equal",
        ast.Lt: "less",
        ast.LtE: "less_equal",
        ast.Gt: "greater",
        ast.GtE: "greater_equal",
    }
)

Column = Any  # an Arrow array: pyarrow has no types


class Taken:
    """The batches of a table, without the rows that a condition leaves out. Can be iterated more than once.

    Attributes:
        left_out: rows that the condition left out, of the last iteration.
        rows: that it took.
    """

    def __init__(self, batches: Iterable[tuple[int, pa.RecordBatch]], expression: str) -> None:
        """Take all rows where the expression is ""."""
        self._batches, self._expression = batches, expression
        self.rows, self.left_out = 0, 0

    def __iter__(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield the number of the first row among those that are taken, from 1, and the batch.

        Raises:
            InputError: a column cannot be compared with what it is compared with.
        """
        self.rows, self.left_out = 0, 0
        for first_row, batch in self._batches:
            kept = batch if not self._expression else batch.filter(taken(self._expression, batch))
            self.left_out += batch.num_rows - kept.num_rows
            if kept.num_rows:
                yield (self.rows + 1 if self._expression else first_row), kept
                self.rows += kept.num_rows
        if self.left_out and not self.rows:
            raise InputError(
                f"{option('where')} {self._expression!r} takes none of the {self.left_out:,} rows; correct a value, or leave "
                "it out."
            )


def taken(expression: str, batch: pa.RecordBatch) -> pa.BooleanArray:
    """Return for every row whether the expression is true of it; an unknown one, for an empty cell, is not.

    Raises:
        InputError: a column cannot be compared with what it is compared with.
    """
    found = _truth(_evaluated(parsed(expression), batch, expression), expression)
    return pc.fill_null(found, fill_value=False)


def _evaluated(node: ast.expr, batch: pa.RecordBatch, expression: str) -> Any:
    """Return an array of a value for every row, or a literal; of an expression that was checked."""
    if isinstance(node, ast.BoolOp):
        join: Callable[[Column, Column], Column] = pc.and_kleene if isinstance(node.op, ast.And) else pc.or_kleene
        return reduce(join, (_rows(_truth(_evaluated(each, batch, expression), expression), batch) for each in node.values))
    if isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.Not):
            return pc.invert(_rows(_truth(_evaluated(node.operand, batch, expression), expression), batch))
        return -literal(node.operand)
    if isinstance(node, ast.Compare):
        return _chain(node, batch, expression)
    if isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in CONSTANTS):
        return literal(node)
    name = node.id if isinstance(node, ast.Name) else called(node, expression)  # type: ignore[arg-type]  # checked
    return without_blanks(plain(batch.column(batch.schema.get_field_index(name)), name))


def _rows(truth: Any, batch: pa.RecordBatch) -> Column:
    return pa.array([truth] * batch.num_rows, pa.bool_()) if isinstance(truth, bool) else truth


def _truth(value: Any, expression: str) -> Any:
    """Return a column of true and false, from one that Arrow or a CSV file holds."""
    if isinstance(value, bool):
        return value
    if isinstance(value, pa.Array):
        if pa.types.is_boolean(value.type) or pa.types.is_null(value.type):
            return value.cast(pa.bool_())
        if pa.types.is_string(value.type):
            words = pc.utf8_lower(pc.utf8_trim_whitespace(value))
            if pc.all(pc.is_in(words, value_set=pa.array(["true", "false"])).filter(pc.is_valid(words))).as_py() is not False:
                return pc.equal(words, "true")
    raise InputError(f"{option('where')} {expression!r} has a part that is neither true nor false; compare it, such as {QUOTED}.")


def _chain(node: ast.Compare, batch: pa.RecordBatch, expression: str) -> Column:
    """Return `18 <= age < 65` as the comparisons that it is made of, joined by and."""
    left, parts = node.left, []
    for operator, other in zip(node.ops, node.comparators, strict=True):
        value = _evaluated(left, batch, expression)
        if isinstance(operator, ast.Is | ast.IsNot):
            empty = _is_empty(value) if isinstance(value, pa.Array) else pa.array([False] * batch.num_rows)
            parts.append(pc.invert(empty) if isinstance(operator, ast.IsNot) else empty)
        elif isinstance(operator, ast.In | ast.NotIn):
            members = [literal(one) for one in other.elts]  # type: ignore[attr-defined]  # checked
            each = [_compared("equal", *_of_untyped("equal", value, one, batch, expression), expression) for one in members]
            inside = reduce(pc.or_kleene, (_rows(one, batch) for one in each))
            parts.append(pc.invert(inside) if isinstance(operator, ast.NotIn) else inside)
        else:
            function = _COMPARISONS[type(operator)]
            sides = _of_untyped(function, value, _evaluated(other, batch, expression), batch, expression)
            parts.append(_rows(_compared(function, *sides, expression), batch))
        left = other
    return reduce(pc.and_kleene, parts)


def _of_untyped(function: str, left: Any, right: Any, batch: pa.RecordBatch, expression: str) -> tuple[Any, Any]:
    """Return two sides of a comparison in a CSV file as files have them that say what a column holds; others as they are.

    There, '2' is 2.0, and 'true' is True, but '007' is not 7: as groups are called. What is greater than '18' is a number.

    Raises:
        InputError: some cells are numbers and others are not.
    """
    columns = [side for side in (left, right) if isinstance(side, pa.Array) and pa.types.is_string(side.type)]
    texts = [side for side in (left, right) if isinstance(side, str)]
    if (batch.schema.metadata or {}).get(UNTYPED) is None or len(columns) + len(texts) < 2 or not columns:
        return left, right
    if not texts:
        return _both_numbers(left, right, columns, expression)
    if function in ("equal", "not_equal"):
        (named,) = texts_of(pa.array(texts), "").to_pylist()
        is_plain = named in ("true", "false") or not math.isnan(number_of(named or ""))
        return (texts_of(columns[0], ""), named) if is_plain else (left, right)
    if math.isnan(number_of(texts[0])):
        return left, right
    first, second = (pa.array([side] * batch.num_rows) if isinstance(side, str) else side for side in (left, right))
    return _both_numbers(first, second, columns, expression)


def _both_numbers(left: Column, right: Column, judged: Sequence[Column], expression: str) -> tuple[Column, Column]:
    """Return two columns of text as numbers where the cells of those that are judged are; others as they are.

    Raises:
        InputError: some cells are numbers and others are not.
    """
    cells = pa.concat_arrays([side.drop_null() for side in judged])
    numeric = pc.match_substring_regex(pc.utf8_trim_whitespace(cells), r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
    if not pc.any(numeric).as_py():
        return left, right
    if not pc.all(numeric).as_py():
        what = "two columns that hold" if len(judged) > 1 else "a column that holds"
        raise InputError(
            f"{option('where')} {expression!r} compares {what} numbers and other text; write the table as Parquet, where each "
            "column has one kind."
        )
    whole = [_as_whole(side) for side in (left, right)]
    return (_as_number(left), _as_number(right)) if None in whole else (whole[0], whole[1])


def _is_empty(column: Column) -> Column:
    empty = pc.is_null(column)
    return pc.or_(empty, pc.fill_null(pc.is_nan(column), fill_value=False)) if pa.types.is_floating(column.type) else empty


def _compared(function: str, left: Any, right: Any, expression: str) -> Any:
    """Return the comparison of two columns, of a column and a literal, or of two literals.

    Text that is compared with a number is read as one, as the columns of CSV files must be; a literal beside a date
    as a date.
    """
    columns = [side for side in (left, right) if isinstance(side, pa.Array)]
    if any(pa.types.is_null(side.type) for side in columns):  # of one file of several, or of a batch
        return pa.nulls(len(columns[0]), pa.bool_())
    try:
        if any(pa.types.is_floating(side.type) for side in columns):
            left, right = (_known(side) for side in (left, right))
        found = pc.call_function(function, list(_of_one_kind(left, right)))
        return found.as_py() if isinstance(found, pa.Scalar) else found
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        reason = str(error).strip().partition("\n")[0][:200]
        raise InputError(
            f"{option('where')} {expression!r} compares what cannot be compared ({reason}); compare text with text in quotes, "
            "and numbers with numbers."
        ) from None


def _known(side: Any) -> Any:
    """Return a column with empty cells for NaN."""
    if not isinstance(side, pa.Array) or not pa.types.is_floating(side.type):
        return side
    return pc.if_else(pc.is_nan(side), pa.scalar(None, side.type), side)


def _of_one_kind(left: Any, right: Any) -> tuple[Any, Any]:
    sides = ((left, right), (right, left))
    first, second = (side if isinstance(side, pa.Array) else _scalar(side, other) for side, other in sides)
    text = [pa.types.is_string(side.type) for side in (first, second)]
    flag = [pa.types.is_boolean(side.type) for side in (first, second)]
    if all(text):
        return tuple(pc.utf8_trim_whitespace(side) for side in (first, second))
    if any(flag) and not all(flag):
        first, second = (_as_flag(side) if pa.types.is_string(side.type) else side for side in (first, second))
        first, second = (side.cast(pa.int8()) if pa.types.is_boolean(side.type) else side for side in (first, second))
        return first, second
    if text[0] != text[1]:
        own, other = (first, second) if text[0] else (second, first)
        if _is_number(other.type):
            whole = _as_whole(own) if pa.types.is_integer(other.type) else None
            read = _as_number(own) if whole is None else whole
        else:
            read = own.cast(other.type)
        return _of_one_width(read, other) if text[0] else _of_one_width(other, read)
    return _of_one_width(first, second)


def _scalar(value: Any, other: Any) -> Any:
    """Return a literal as Arrow has it: beside float32 as one of that, so that .3 from Parquet is .3 as it is from CSV."""
    narrow = isinstance(value, float) and isinstance(other, pa.Array) and pa.types.is_float32(other.type)
    large = isinstance(value, int) and 2**63 <= value < 2**64
    return pa.scalar(value, pa.float32() if narrow else pa.uint64() if large else None)


def _of_one_width(first: Any, second: Any) -> tuple[Any, Any]:
    """Return two sides of which neither holds whole numbers that the type of both would not: Arrow refuses those."""
    kinds = (first.type, second.type)
    if any(pa.types.is_floating(kind) for kind in kinds):
        wide = (_cast(side, pa.float64()) if pa.types.is_integer(side.type) else side for side in (first, second))
        return next(wide), next(wide)
    if all(pa.types.is_integer(kind) for kind in kinds) and pa.uint64() in kinds and kinds[0] != kinds[1]:
        return _cast(first, _ANY_INTEGER), _cast(second, _ANY_INTEGER)
    return first, second


def _cast(side: Any, kind: pa.DataType) -> Any:
    """Return numbers in another type, rounded; Arrow casts single ones to few."""
    is_column = isinstance(side, pa.Array)
    found = (side if is_column else pa.array([side.as_py()], side.type)).cast(kind, safe=False)
    return found if is_column else found[0]


def _as_flag(side: Any) -> Any:
    return pc.utf8_lower(pc.utf8_trim_whitespace(side)).cast(pa.bool_())


def _as_number(side: Any) -> Any:
    return pc.utf8_trim_whitespace(side).cast(pa.float64())


def _as_whole(side: Any) -> Any:
    """Return text as whole numbers, for float64 has not all of them from 2^53 on; None where it is not whole numbers alone."""
    trimmed = pc.utf8_trim_whitespace(side)
    for kind in (pa.int64(), pa.uint64()):
        with contextlib.suppress(pa.ArrowInvalid):
            return trimmed.cast(kind)
    return None


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
