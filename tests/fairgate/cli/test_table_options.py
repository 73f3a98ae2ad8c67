"""Names of columns as they are typed."""

import pytest

from fairgate.cli import table_options
from fairgate.errors import InputError


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("sex,race", ("sex", "race")),
        ("sex, race,", ("sex", " race")),
        ('"a, b",c', ("a, b", "c")),
        ('5" pipe', ('5" pipe',)),
        (" ", ()),
        ('a"\nb', ('a"\nb',)),
    ],
)
def test_names_stand_between_commas(typed: str, names: tuple[str, ...]) -> None:
    """With their spaces; a comma within double quotes is part of a name."""
    assert table_options.split(typed) == names


def test_repeated_options_add_up() -> None:
    assert table_options.slice_columns(["a,b", "c"]) == ("a", "b", "c")
    assert table_options.slice_columns(None) == ()


def test_an_option_without_a_name_is_refused() -> None:
    with pytest.raises(InputError, match="--slices ',' names no column"):
        table_options.slice_columns([","])
