"""Fixtures of this folder."""

import pytest

from tests.fairgate.judging.rows import Rows, make_rows


@pytest.fixture(scope="package")
def rows() -> Rows:
    """See `make_rows`."""
    return make_rows()
