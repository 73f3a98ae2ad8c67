"""Fixtures that every test may use."""

from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; tests that need it are skipped where it is absent."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With two workers, a folder's tests stay together, for they share dear fixtures; so do those of each file at the top."""
    tests = PROJECT / "tests"
    for item in items:
        together = item.path if item.path.parent == tests else item.path.parent
        item.add_marker(pytest.mark.xdist_group(str(together.relative_to(tests))))
