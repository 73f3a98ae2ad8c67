"""Take a part of the rows of a table by an expression: `split == 'test' and age >= 18`.

In: the text of an expression, and batches. Out: the columns that it names, and the rows for which it is true. The expression is
parsed, never run: comparisons (==, !=, <, <=, >, >=), `and`, `or`, `not`, `in [..]`, `is null`, names of columns, `column('any
name')`, text in quotes, numbers, true and false. A comparison with an empty cell is neither true nor false, as in SQL, so that
its row is left out; `is null` asks for it.
"""

import ast
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import reduce
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from fairgate.asked import option, typed
from fairgate.errors import InputError
from fairgate.judging.plain import plain

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
_CONSTANTS: Mapping[str, object] = MappingProxyType(
    {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
)
_EXAMPLE = "split == 'test' and age >= 18"
_QUOTED = f'"{_EXAMPLE}"'
_DEEPEST = 100  # parts in one another; Python's own limit is some hundreds
_TEXT = r"(?:'(?:\\.|''|[^'\\])*'|\"(?:\\.|\"\"|[^\"\\])*\")"
_CALL = "column"  # for names that are no words: column('age group')

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


def columns_of(expression: str) -> list[str]:
    """Return the names of the columns that an expression reads, each once; none of "".

    Raises:
        InputError: it is no expression of this language; the message shows the place.
    """
    if not expression:
        return []
    found: dict[str, None] = {}
    _Checker(expression, found).visit(_parsed(expression))
    if not found:
        raise InputError(
            f"{option('where')} {expression!r} names no column, so it takes all rows or none; write such as {_QUOTED}."
        )
    return list(found)


def with_quotes(expression: str, known: Collection[str]) -> str:
    """Return an expression with quotes around what is no column and is compared with one: split == test -> split == 'test'.

    Args:
        expression: of this language, or "".
        known: names of the table's columns.
    """
    if not expression:
        return expression
    tree, changed = _parsed(expression), False
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.Compare)):
        sides = [node.left, *node.comparators]
        texts = [isinstance(side, ast.Name) and side.id not in {*known, *_CONSTANTS} for side in sides]
        if any(isinstance(side, ast.Call) or (isinstance(side, ast.Name) and side.id in known) for side in sides) and any(texts):
            node.left, *node.comparators = (
                ast.Constant(side.id) if is_text and isinstance(side, ast.Name) else side
                for side, is_text in zip(sides, texts, strict=True)
            )
            changed = True
    return ast.unparse(tree) if changed else expression


def taken(expression: str, batch: pa.RecordBatch) -> pa.BooleanArray:
    """Return for every row whether the expression is true of it; an unknown one, for an empty cell, is not.

    Raises:
        InputError: a column cannot be compared with what it is compared with.
    """
    found = _truth(_evaluated(_parsed(expression), batch, expression), expression)
    return pc.fill_null(found, fill_value=False)


def _parsed(expression: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a backslash in a text
            return ast.parse(_with_none(expression).strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = getattr(error, "offset", None) or len(expression) + 1  # at the end, where something is missing
        _refuse(expression, "is no expression", min(at - 1, len(expression)))


def _with_none(expression: str) -> str:
    """Return the expression as Python writes it: `is null`, and a quote in a text, doubled as in SQL. Places stay the same.

    Raises:
        InputError: two texts stand side by side, which Python would join.
    """
    signs = list(re.finditer(rf"({_TEXT})|\S", expression))
    for before, sign in pairwise(signs):
        if before[1] and sign[1]:
            _refuse(expression, "has two texts side by side", sign.start())
    return re.sub(
        rf"({_TEXT})|\b(is(?:\s+not)?\s+)(?:null|NULL)\b",
        lambda m: m[1][0] + m[1][1:-1].replace(m[1][0] * 2, f"\\{m[1][0]}") + m[1][-1] if m[1] else f"{m[2]}None",
        expression,
    )


def _refuse(expression: str, problem: str, at: int) -> NoReturn:
    raise InputError(
        f"{option('where')} {problem}:\n  {expression}\n  {' ' * at}^\nWrite comparisons of columns with and, or, not, in [..], "
        f"is null, such as {typed('where', _EXAMPLE)}; quote text, and write {_CALL}('name') where the name of a column is no "
        "word."
    )


class _Checker(ast.NodeVisitor):
    """Collects the names of columns, and refuses everything that the language does not have."""

    def __init__(self, expression: str, found: dict[str, None]) -> None:
        self._expression, self._found = expression, found
        self._depth = 0

    def visit(self, node: ast.AST) -> None:
        """Visit a part, unless it lies too deep."""
        if self._depth == _DEEPEST:
            _refuse(self._expression, f"has more than {_DEEPEST} parts in one another", getattr(node, "col_offset", 0))
        self._depth += 1
        super().visit(node)
        self._depth -= 1

    def generic_visit(self, node: ast.AST) -> None:
        """Refuse what no other method knows."""
        kind = type(node).__name__
        _refuse(self._expression, f"has what it may not have ({kind})", getattr(node, "col_offset", 0))

    def visit_BoolOp(self, node: ast.BoolOp) -> None:  # as ast calls it
        """Visit `a and b`, `a or b`."""
        for value in node.values:
            self.visit(value)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Visit `not a`, and a negative number."""
        if isinstance(node.op, ast.Not):
            self.visit(node.operand)
        elif not _is_literal(node):
            self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Visit `a < b`, `a in [..]`, `a is null`."""
        self.visit(node.left)
        if len(node.ops) > 1 and any(isinstance(each, ast.Is | ast.IsNot | ast.In | ast.NotIn) for each in node.ops):
            _refuse(self._expression, "chains `is` or `in` with another comparison; use parentheses", node.col_offset)
        for operator, other in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.In | ast.NotIn):
                if not isinstance(other, ast.List | ast.Tuple | ast.Set) or not other.elts:
                    _refuse(self._expression, "has an `in` without a list such as ['a', 'b']", other.col_offset)
                for each in other.elts:
                    if not _is_literal(each):
                        _refuse(self._expression, "has a list of more than texts and numbers", each.col_offset)
            elif isinstance(operator, ast.Is | ast.IsNot):
                if not (isinstance(other, ast.Constant) and other.value is None):
                    _refuse(self._expression, "has an `is` without null; write == for a comparison", other.col_offset)
            elif any(isinstance(side, ast.Constant | ast.Name) and _is_null(side) for side in (node.left, other)):
                _refuse(self._expression, "compares with null; write `is null`, or `is not null`", other.col_offset)
            else:
                self.visit(other)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Accept text, numbers, true and false."""
        if not isinstance(node.value, str | int | float):
            _refuse(self._expression, "compares with what is neither text nor number", node.col_offset)

    def visit_Name(self, node: ast.Name) -> None:
        """Collect a column."""
        if node.id not in _CONSTANTS:
            self._found[node.id] = None

    def visit_Call(self, node: ast.Call) -> None:
        """Collect `column('any name')`."""
        self._found[_called(node, self._expression)] = None


def _called(node: ast.Call, expression: str) -> str:
    named = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if not (isinstance(node.func, ast.Name) and node.func.id == _CALL and len(named) == len(node.args) == 1) or node.keywords:
        _refuse(expression, f"calls a function; there is {_CALL}('any name') alone", node.col_offset)
    return named[0]


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        known = node.operand if isinstance(node.op, ast.USub) else None
        return isinstance(known, ast.Constant) and isinstance(known.value, int | float)
    return (isinstance(node, ast.Constant) and isinstance(node.value, str | int | float)) or (
        isinstance(node, ast.Name) and _CONSTANTS.get(node.id) is not None
    )


def _is_null(node: ast.Constant | ast.Name) -> bool:
    return node.value is None if isinstance(node, ast.Constant) else node.id in _CONSTANTS and _CONSTANTS[node.id] is None


def _evaluated(node: ast.expr, batch: pa.RecordBatch, expression: str) -> Any:
    """Return an array of a value for every row, or a literal; of an expression that was checked."""
    if isinstance(node, ast.BoolOp):
        join: Callable[[Column, Column], Column] = pc.and_kleene if isinstance(node.op, ast.And) else pc.or_kleene
        return reduce(join, (_rows(_truth(_evaluated(each, batch, expression), expression), batch) for each in node.values))
    if isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.Not):
            return pc.invert(_rows(_truth(_evaluated(node.operand, batch, expression), expression), batch))
        return -_literal(node.operand)
    if isinstance(node, ast.Compare):
        return _chain(node, batch, expression)
    if isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in _CONSTANTS):
        return _literal(node)
    name = node.id if isinstance(node, ast.Name) else _called(node, expression)  # type: ignore[arg-type]  # checked
    return plain(batch.column(batch.schema.get_field_index(name)), name)


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.UnaryOp):
        return -_literal(node.operand)
    return node.value if isinstance(node, ast.Constant) else _CONSTANTS[node.id]  # type: ignore[attr-defined]  # checked


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
    raise InputError(
        f"{option('where')} {expression!r} has a part that is neither true nor false; compare it, such as {_QUOTED}."
    )


def _chain(node: ast.Compare, batch: pa.RecordBatch, expression: str) -> Column:
    """Return `18 <= age < 65` as the comparisons that it is made of, joined by and."""
    left, parts = node.left, []
    for operator, other in zip(node.ops, node.comparators, strict=True):
        value = _evaluated(left, batch, expression)
        if isinstance(operator, ast.Is | ast.IsNot):
            empty = _is_empty(value) if isinstance(value, pa.Array) else pa.array([False] * batch.num_rows)
            parts.append(pc.invert(empty) if isinstance(operator, ast.IsNot) else empty)
        elif isinstance(operator, ast.In | ast.NotIn):
            each = [_compared("equal", value, _literal(one), expression) for one in other.elts]  # type: ignore[attr-defined]
            inside = reduce(pc.or_kleene, (_rows(one, batch) for one in each))
            parts.append(pc.invert(inside) if isinstance(operator, ast.NotIn) else inside)
        else:
            sides = _both_numbers(value, _evaluated(other, batch, expression), batch, expression)
            parts.append(_rows(_compared(_COMPARISONS[type(operator)], *sides, expression), batch))
        left = other
    return reduce(pc.and_kleene, parts)


def _both_numbers(left: Any, right: Any, batch: pa.RecordBatch, expression: str) -> tuple[Any, Any]:
    """Return two columns of a CSV file as numbers where their cells are, for the file does not say so; others as they are.

    Raises:
        InputError: some cells are numbers and others are not.
    """
    untyped = (batch.schema.metadata or {}).get(UNTYPED) is not None
    if not untyped or not all(isinstance(side, pa.Array) and pa.types.is_string(side.type) for side in (left, right)):
        return left, right
    cells = pa.concat_arrays([side.filter(pc.not_equal(pc.utf8_trim_whitespace(side), "")) for side in (left, right)])
    numeric = pc.match_substring_regex(pc.utf8_trim_whitespace(cells), r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
    if not pc.any(numeric).as_py():
        return left, right
    if not pc.all(numeric).as_py():
        raise InputError(
            f"{option('where')} {expression!r} compares two columns that hold numbers and other text; write the table as "
            "Parquet, where each column has one kind."
        )
    return _as_number(left), _as_number(right)


def _is_empty(column: Column) -> Column:
    empty = pc.is_null(column)
    return pc.or_(empty, pc.fill_null(pc.is_nan(column), fill_value=False)) if pa.types.is_floating(column.type) else empty


def _compared(function: str, left: Any, right: Any, expression: str) -> Any:
    """Return the comparison of two columns, of a column and a literal, or of two literals.

    Text that is compared with a number is read as one, as the columns of CSV files must be; a literal beside a date
    as a date.
    """
    try:
        if any(isinstance(side, pa.Array) and pa.types.is_floating(side.type) for side in (left, right)):
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
    first, second = (side if isinstance(side, pa.Array) else pa.scalar(side) for side in (left, right))
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
        read = _as_number(own) if _is_number(other.type) else own.cast(other.type)
        return (read, other) if text[0] else (other, read)
    return first, second


def _as_flag(side: Any) -> Any:
    return pc.utf8_lower(pc.utf8_trim_whitespace(side)).cast(pa.bool_())


def _as_number(side: Any) -> Any:
    return pc.utf8_trim_whitespace(side).cast(pa.float64())


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
