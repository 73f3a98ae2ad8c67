"""Several things at once, and one after the other where columns are long."""

import threading

import pytest

from fairgate.counting.threads import LONG, at_once


@pytest.mark.parametrize("rows", [1, LONG + 1])
def test_results_come_in_the_order_of_the_arguments(rows: int) -> None:
    assert at_once(lambda each: each * 2, [3, 1, 2], rows) == [6, 2, 4]


def test_long_columns_are_computed_in_the_thread_that_asks() -> None:
    assert at_once(lambda _: threading.get_ident(), range(3), LONG + 1) == [threading.get_ident()] * 3
