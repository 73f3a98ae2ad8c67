"""Define the errors that a user can fix: bad input, bad configuration, bad data. The command prints them and exits with 3."""

from collections.abc import Iterable
from difflib import get_close_matches

from fairgate.asked import typed


class InputError(Exception):
    """A mistake outside fairgate's code.

    The message is written for the person who can fix it: it names the file, row or key, the offending value, and the remedy.
    A notebook shows it without the lines of code that lead to it.
    """

    def _render_traceback_(self) -> list[str]:  # IPython asks for it
        return [f"{type(self).__name__}: {self}"]


def os_reason(error: OSError) -> str:
    """Return why the system refused, "Permission denied"; never "None", also of an error without a number of the system."""
    return error.strerror or str(error) or type(error).__name__


class UnknownNameError(InputError):
    """A name that nothing is registered under: of a metric, a kind of rule, a task or a slice.

    Attributes:
        name: what was asked for.
        known: the registered names.
        now: the present name, if it was renamed.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], now: str | None = None, argument: str = "") -> None:
        """Write the message: the new name if it is known, else a close match and the list of known names.

        Args:
            kind: what the name should name, "metric".
            name: what was asked for.
            known: the registered names.
            now: the present name of something that was renamed.
            argument: that takes such a name, as of `asked.option`, "policy"; the close match is written with it.
        """
        self.name, self.known, self.now = name, tuple(known), now
        if now is not None:
            super().__init__(f"{kind} {name!r} is now called {now!r}; write that.")
            return
        near = get_close_matches(name, self.known, n=1, cutoff=0.6)
        guess = f"did you mean {typed(argument, near[0]) if argument else repr(near[0])}? " if near else ""
        super().__init__(f"there is no {kind} {name!r}; {guess}known: {', '.join(self.known) or 'none'}.")
