"""Hold a table as it was given, a frame or one of pandas, and make a DataFrame of it when somebody reads it."""

from typing import Any, Generic, TypeVar, cast

from fairgate.frame import Frame, Tabular

T = TypeVar("T")
_REQUIRED: Any = object()


class HeldTable(Generic[T]):
    """A field of a dataclass that holds a table; a descriptor, so that only what is read is converted."""

    def __init__(self, default: T = _REQUIRED) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, content: object | None, owner: type | None = None) -> T:
        """Return the table as a DataFrame, which is made once; of the class itself, the default of the field."""
        if content is None:
            if self._default is _REQUIRED:
                raise AttributeError(self._name)  # so that a dataclass asks for it
            return self._default
        values = vars(content)
        held, made = values[f"_{self._name}"], f"_{self._name}_as_pandas"
        if isinstance(held, Frame) and made not in values:
            values[made] = held.pandas()
        return cast("T", values.get(made, held))

    def __set__(self, content: object, table: "Tabular | T") -> None:
        """Hold the table."""
        vars(content)[f"_{self._name}"] = table

    @staticmethod
    def held(content: object, name: str) -> Tabular | None:
        """Return a table as it was given."""
        return cast("Tabular | None", vars(content)[f"_{name}"])
