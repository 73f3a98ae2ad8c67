"""Read an expression that takes a part of a table: `split == 'test' and age >= 18`.

In: its text. Out: the tree of the expression, which is parsed by Python and never run, and the columns that it names. There are
comparisons (==, !=, <, <=, >, >=), `and`, `or`, `not`, `in [..]`, `is null`, names of columns, `column('any name')`, text in
quotes, numbers, true and false; everything else is refused. `fairgate.judging.where` says of which rows an expression is true.
"""

import ast
import re
import warnings
from collections.abc import Collection, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NoReturn

from fairgate.asked import option, typed
from fairgate.errors import InputError

CONSTANTS: Mapping[str, object] = MappingProxyType(
    {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
)
_EXAMPLE = "split == 'test' and age >= 18"
QUOTED = f'"{_EXAMPLE}"'
_DEEPEST = 100  # parts in one another; Python's own limit is some hundreds
_TEXT = r"(?:'(?:\\.|''|[^'\\])*'|\"(?:\\.|\"\"|[^\"\\])*\")"
_CALL = "column"  # for names that are no words: column('age group')


def columns_of(expression: str) -> list[str]:
    """Return the names of the columns that an expression reads, each once; none of "".

    Raises:
        InputError: it is no expression of this language; the message shows the place.
    """
    if not expression:
        return []
    found: dict[str, None] = {}
    _Checker(expression, found).visit(parsed(expression))
    if not found:
        raise InputError(
            f"{option('where')} {expression!r} names no column, so it takes all rows or none; write such as {QUOTED}."
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
    tree, changed = parsed(expression), False
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.Compare)):
        sides = [node.left, *node.comparators]
        texts = [isinstance(side, ast.Name) and side.id not in {*known, *CONSTANTS} for side in sides]
        if any(isinstance(side, ast.Call) or (isinstance(side, ast.Name) and side.id in known) for side in sides) and any(texts):
            node.left, *node.comparators = (
                ast.Constant(side.id) if is_text and isinstance(side, ast.Name) else side
                for side, is_text in zip(sides, texts, strict=True)
            )
            changed = True
    return ast.unparse(tree) if changed else expression


def with_columns(expression: str, names: Mapping[str, str]) -> str:
    """Return an expression that reads other columns in the place of its own.

    Args:
        expression: of this language, or "".
        names: of each of its columns -> that of the one to read. Where all are equal, the expression stays as it is written.
    """
    changed = {own: other for own, other in names.items() if own != other}
    return ast.unparse(_Renaming(expression, changed).visit(parsed(expression))) if changed else expression


class _Renaming(ast.NodeTransformer):
    """Replaces the names of columns, by `column('name')`: Python composes the letters of a name that is written alone."""

    def __init__(self, expression: str, names: Mapping[str, str]) -> None:
        self._expression, self._names = expression, names

    def visit_Name(self, node: ast.Name) -> ast.expr:  # as ast calls it
        """Replace `name`."""
        return self._replaced(node, node.id)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Replace `column('any name')`."""
        return self._replaced(node, called(node, self._expression))

    def _replaced(self, node: ast.expr, name: str) -> ast.expr:
        if name not in self._names:
            return node
        return ast.Call(ast.Name(_CALL, ast.Load()), [ast.Constant(self._names[name])], [])


def parsed(expression: str) -> ast.expr:
    """Return the tree of an expression, whose parts are checked by `columns_of` alone."""
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
        if node.id not in CONSTANTS:
            self._found[node.id] = None

    def visit_Call(self, node: ast.Call) -> None:
        """Collect `column('any name')`."""
        self._found[called(node, self._expression)] = None


def called(node: ast.Call, expression: str) -> str:
    """Return the name in `column('any name')`; an InputError where something else is called."""
    named = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if not (isinstance(node.func, ast.Name) and node.func.id == _CALL and len(named) == len(node.args) == 1) or node.keywords:
        _refuse(expression, f"calls a function; there is {_CALL}('any name') alone", node.col_offset)
    return named[0]


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        known = node.operand if isinstance(node.op, ast.USub) else None
        return isinstance(known, ast.Constant) and isinstance(known.value, int | float)
    return (isinstance(node, ast.Constant) and isinstance(node.value, str | int | float)) or (
        isinstance(node, ast.Name) and CONSTANTS.get(node.id) is not None
    )


def _is_null(node: ast.Constant | ast.Name) -> bool:
    return node.value is None if isinstance(node, ast.Constant) else node.id in CONSTANTS and CONSTANTS[node.id] is None


def literal(node: ast.expr) -> Any:
    """Return a text, a number, true or false; of a part that was checked."""
    if isinstance(node, ast.UnaryOp):
        return -literal(node.operand)
    return node.value if isinstance(node, ast.Constant) else CONSTANTS[node.id]  # type: ignore[attr-defined]  # checked
