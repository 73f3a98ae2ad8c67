"""What all runs on real clusters share: the same runs in memory, and lines for people at the end of each test."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engines.runs import run

RunInMemory = Callable[..., Path]


@pytest.fixture(scope="session")
def in_memory(tmp_path_factory: pytest.TempPathFactory) -> RunInMemory:
    """Return what gives the root of a run in memory by its task and options; each runs once."""
    roots: dict[tuple[str, ...], Path] = {}

    def root_of(*arguments: str) -> Path:
        if arguments not in roots:
            roots[arguments] = tmp_path_factory.mktemp("in-memory") / "root"
            run(roots[arguments], *arguments)
        return roots[arguments]

    return root_of


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """Lines that are printed at the end of a test, with its seconds."""
    lines: list[str] = []
    started = time.monotonic()
    yield lines
    with capsys.disabled():
        print("", *lines, f"{time.monotonic() - started:.0f} s", sep="\n")
