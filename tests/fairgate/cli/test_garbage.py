"""The end of a short command does not look for garbage in what it leaves."""

import atexit
import gc

import pytest

from fairgate.cli.garbage import NEW_OBJECTS, seldom_collected


def test_garbage_is_looked_for_seldom_and_not_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    before, at_the_end = gc.get_threshold(), list[object]()
    monkeypatch.setattr(atexit, "register", at_the_end.append)
    try:
        seldom_collected()
        assert gc.get_threshold()[0] == NEW_OBJECTS
    finally:
        gc.set_threshold(*before)
    assert at_the_end == [gc.freeze]
