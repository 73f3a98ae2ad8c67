"""Output that nobody reads to its end."""

import os
import sys

import pytest

from fairgate.cli.pipes import unread_pipes


def test_a_closed_pipe_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of `fairgate … | head`, however much is printed afterwards, or held back to the end."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with unread_pipes():
            assert not sys.stdout.isatty()
            for _ in range(3):
                print("line\n" * 10_000)
            print("held back")
        assert sys.stdout is stream
