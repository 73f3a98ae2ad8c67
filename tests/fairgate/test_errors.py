import errno
import io

import pytest

from fairgate.errors import InputError, UnknownNameError, os_reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EACCES, "Permission denied", "a.csv"), "Permission denied"),
        (io.UnsupportedOperation("underlying stream is not seekable"), "underlying stream is not seekable"),
        (OSError(), "OSError"),
    ],
)
def test_a_system_error_has_a_reason_in_words(error: OSError, reason: str) -> None:
    """Also an error that carries no number and no text of the system: a message never says "(None)"."""
    assert os_reason(error) == reason


def test_an_unknown_name_lists_the_known_ones() -> None:
    """It is an error of the user, and keeps its parts."""
    error = UnknownNameError("kind of rule", "zzz", ["gap", "quality"])
    assert str(error) == "there is no kind of rule 'zzz'; known: gap, quality."
    assert isinstance(error, InputError)
    assert (error.name, error.known, error.now) == ("zzz", ("gap", "quality"), None)


def test_a_near_name_is_suggested() -> None:
    """One letter is missing."""
    assert "did you mean 'quality'?" in str(UnknownNameError("kind of rule", "qualty", ["gap", "quality"]))


def test_where_nothing_is_known_the_message_says_so() -> None:
    """An empty list would look like a defect."""
    assert str(UnknownNameError("task", "x", [])) == "there is no task 'x'; known: none."


def test_a_renamed_thing_is_named() -> None:
    """The new name is all that the user needs."""
    error = UnknownNameError("metric", "old", ["new"], now="new")
    assert (str(error), error.now) == ("metric 'old' is now called 'new'; write that.", "new")


def test_notebook_shows_a_mistake_without_the_code_that_found_it() -> None:
    assert InputError("give a folder").__getattribute__("_render_traceback_")() == ["InputError: give a folder"]
