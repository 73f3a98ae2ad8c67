"""The numbers of a configuration: what a field is declared as, so that none is infinite, NaN, or true or false.

A field adds its own bounds: `batch_size: Whole = Field(default=512, ge=1, le=1_000_000)`.

Imports no third-party package but pydantic.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true and false (in YAML also yes, no, on, off) are no numbers; write a number")
    return value


Whole = Annotated[int, BeforeValidator(_no_flag)]
Real = Annotated[float, BeforeValidator(_no_flag), Field(allow_inf_nan=False)]
