"""Every loader is fed with damaged files, each for so long: `make fuzz SECONDS=300`. Nothing but InputError may escape."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fairgate.errors import InputError
from tests.fuzz.loaders import LOADERS, Loader

SECONDS = float(os.environ.get("FAIRGATE_FUZZ_SECONDS", "5"))
FIRST_SEED = int(os.environ.get("FAIRGATE_FUZZ_SEED", "1"))
# The examples of one round; then the clock is looked at.
ROUND = settings(
    max_examples=200,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)

Edit = tuple[str, int, int, bytes]


def edits(loader: Loader) -> st.SearchStrategy[list[Edit]]:
    """A few edits: what is done, two places, and new bytes."""
    places = st.integers(0, max(map(len, loader.seeds)))
    new = st.binary(max_size=12) | st.sampled_from(loader.words or (b"",))
    kinds = st.sampled_from(["replace", "cut", "insert", "double", "flip", "many"])
    return st.lists(st.tuples(kinds, places, places, new), min_size=1, max_size=4)


def damage(content: bytes, done: list[Edit]) -> bytes:
    """The content after the edits."""
    for kind, one, other, new in done:
        start, end = sorted((one, other))
        if kind == "flip" and start < len(content):
            new, end = bytes([content[start] ^ (1 << end % 8)]), start + 1
        elif kind == "cut":
            new, end = b"", len(content)
        elif kind == "insert":
            end = start
        elif kind == "double":
            new = content[start:end] * 2
        elif kind == "many":
            new, end = new * 300, start
        content = content[:start] + new + content[end:]
    return content


@pytest.mark.fuzz
@pytest.mark.parametrize("name", LOADERS)
def test_nothing_but_an_input_error_escapes(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """For as long as it was asked for; the number of inputs is printed."""
    loader, path = LOADERS[name], tmp_path / LOADERS[name].name
    tried = refused = 0
    start, number = time.monotonic(), FIRST_SEED

    def attempt(content: bytes) -> None:
        nonlocal tried, refused
        tried += 1
        path.write_bytes(content)
        try:
            loader.read(path)
        except InputError:
            refused += 1

    contents = st.builds(damage, st.sampled_from(loader.seeds), edits(loader)) | st.binary(max_size=300)
    while time.monotonic() - start < SECONDS:
        seed(number)(ROUND(given(contents)(attempt)))()
        number += 1
    with capsys.disabled():
        print(f"\n{name}: {tried:,} inputs in {time.monotonic() - start:.0f} s, {refused:,} refused, nothing else escaped")


@pytest.mark.parametrize("name", LOADERS)
def test_the_files_to_start_from_are_valid(tmp_path: Path, name: str) -> None:
    """Damage to what is refused anyway would show nothing."""
    loader = LOADERS[name]
    for content in loader.seeds:
        path = tmp_path / loader.name
        path.write_bytes(content)
        loader.read(path)
