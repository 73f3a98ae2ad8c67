"""The options of the commands that read a table of predictions, and what they parse into: which column is what.

In: the texts of options. Out: names of columns, as typed: `Roles.resolved` finds them in the table.
"""

import csv
from collections.abc import Sequence
from typing import Annotated

import typer

from fairgate.errors import InputError

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE…", help="Predictions: Parquet, Arrow (Feather), CSV or JSON lines; paths or globs.", show_default=False
    ),
]
Slices = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN,…", help="Columns of which every value is a group; a name with a comma in double quotes. Repeatable."
    ),
]
Groups = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FEATURE=COLUMN,…",
        help="Feature whose groups have a column each (true or false, or a fraction of raters). Repeatable.",
    ),
]
Cluster = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Column that is equal for examples that are not independent: a user's.")
]
Where = Annotated[str | None, typer.Option(metavar="EXPRESSION", help="Part of the rows: \"split == 'test' and age >= 18\".")]
_EXAMPLES = {
    "--score": "--score candidate=p_new",
    "--decision": "--decision candidate=hired",
    "--group": "--group gender=female,male",
}


def named_columns(option: str, given: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    """Return name -> columns of options NAME=COLUMN,COLUMN.

    Raises:
        InputError: an option is written otherwise, or names what another one names.
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in given or ():
        name, equals, columns = text.partition("=")
        if not (name and equals and split(columns)):
            raise InputError(f"{option} {text}: write NAME=COLUMN, such as {_EXAMPLES[option]}.")
        if name in found:
            raise InputError(f"{option} names {name!r} twice; name all of its columns at once: {option} {name}=COLUMN,COLUMN.")
        found[name] = split(columns)
    return found


def score_columns(given: Sequence[str] | None) -> dict[str, str | tuple[str, ...]]:
    """Return model -> its column, or its columns, of the options --score."""
    return {model: columns if len(columns) > 1 else columns[0] for model, columns in named_columns("--score", given).items()}


def decision_columns(given: Sequence[str] | None) -> dict[str, str]:
    """Return model -> column of the options --decision.

    Raises:
        InputError: one names several columns.
    """
    found = named_columns("--decision", given)
    for model, columns in found.items():
        if len(columns) > 1:
            raise InputError(f"--decision {model}={','.join(columns)} names {len(columns)} columns; a model has one decision.")
    return {model: columns[0] for model, columns in found.items()}


def slice_columns(given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the columns of all options --slices.

    Raises:
        InputError: one names none, as where a variable of the shell is empty.
    """
    found: list[str] = []
    for text in given or ():
        if not split(text):
            raise InputError(f"--slices {text!r} names no column; give names with commas, or leave the option out.")
        found += split(text)
    return tuple(found)


def expression(given: str | None) -> str:
    """Return the condition of the option --where; "" where there is none.

    Raises:
        InputError: it is blank.
    """
    if given is not None and not given.strip():
        raise InputError("--where is empty; write an expression, such as \"split == 'test'\", or leave the option out.")
    return given or ""


def numbers(option: str, text: str) -> tuple[float, ...]:
    """Return the numbers of an option.

    Raises:
        InputError: there is something else.
    """
    try:
        return tuple(map(float, split(text)))
    except ValueError:
        raise InputError(f"{option} {text}: write numbers between 0 and 1 and commas, such as 0.3,0.5.") from None


def split(text: str) -> tuple[str, ...]:
    """Return the parts between commas, with their spaces; commas within double quotes do not part, as in a CSV file."""
    parts = next(csv.reader([text]), []) if '"' in text and "\n" not in text else text.split(",")
    return tuple(part for part in parts if part.strip())
