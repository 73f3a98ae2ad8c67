"""Hide a package that another one imports as soon as it is installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class _Hidden:
    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name: str, *_: object) -> None:
        """Say that the package is not installed, and nothing of any other."""
        if name.partition(".")[0] == self._package:
            raise ModuleNotFoundError(f"No module named {name!r}: it is hidden here.", name=name)


@contextmanager
def hidden(package: str) -> Iterator[None]:
    """Let a package look as if it were not installed, unless it is imported already.

    Arrow imports pandas when it makes its first array, or gives one to NumPy, to recognise what is of pandas. A command that
    reads files has nothing of pandas, and the import takes as long as a report.
    """
    finder = _Hidden(package)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
