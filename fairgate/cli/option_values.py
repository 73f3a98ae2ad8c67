"""Say in one sentence what is wrong with an option's value: the option, the value, and what to type.

In: the error of typer, which has pydantic's words for a value. Out: the sentence.
"""

from typing import Any

import typer
from pydantic import ValidationError

# Kind of pydantic's error -> what is wrong, with the kind's own values; of a kind that no option has yet, pydantic's words.
_NUMBERS = {
    "int_parsing": "not a whole number",
    "float_parsing": "not a number",
    "greater_than_equal": "must be at least {ge}",
}
_FIRST_RATE = 0.5  # an example for an option without a default


def sentence(error: typer.BadParameter) -> str | None:
    """Return what is wrong with a number, or with one of several names, and what to type; None for any other mistake."""
    cause, param = error.__cause__, error.param
    if not isinstance(cause, ValidationError) or param is None:
        return None
    problem = cause.errors()[0]
    option, value = max(param.opts, key=len), problem["input"]
    if problem["type"] == "value_error":  # typer's own, of a choice
        return f"{option} {value}: {_reason(problem)}; type one of them."
    wrong = _NUMBERS.get(problem["type"], problem["msg"]).format(**problem.get("ctx", {}))
    return f"{option} {value}: {wrong}; type for example {option} {_example(param.default, problem)}."


def _reason(problem: Any) -> str:
    """Return typer's words about a choice without the value, which stands before them."""
    return str(problem["ctx"]["error"]).partition(" is ")[2].rstrip(".")


def _example(default: object, problem: Any) -> str:
    """Return a number that the option takes: its default, the least one, or any."""
    if isinstance(default, int | float):
        return f"{default:g}"
    least = problem.get("ctx", {}).get("ge")
    if least is not None:
        return f"{least:g}"
    return f"{_FIRST_RATE:g}" if problem["type"] == "float_parsing" else "1"
