"""Print on when nobody reads any more, as after `fairgate … | head`: the command does its work and keeps its exit code."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO


@contextmanager
def unread_pipes() -> Iterator[None]:
    """Write stdout and stderr to nowhere from when a pipe behind them is closed; without it, that would raise an error."""
    out, err = _Unread(sys.stdout), _Unread(sys.stderr)
    with redirect_stdout(out), redirect_stderr(err):
        try:
            yield
        finally:
            out.flush()  # here, for at the exit of the process it is too late for another exit code
            err.flush()


class _Unread:
    """A text stream that goes on without its reader."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write; return the number of characters."""
        self._unless_closed(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Write what is held back."""
        self._unless_closed(self._stream.flush)

    def _unless_closed(self, write: Callable[[], object]) -> None:
        try:
            write()
        except BrokenPipeError:  # what is held back in the stream would be tried again and again
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
