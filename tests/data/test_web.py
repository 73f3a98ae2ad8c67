"""The reason behind an error of the HTTP client."""

import httpx
import pytest

from data import web


def test_the_cause_is_the_error_of_the_system() -> None:
    """The client wraps it twice."""
    with web.client(1.0) as client, pytest.raises(httpx.ConnectError) as raised:
        client.get("http://127.0.0.1:9/")
    assert type(web.cause(raised.value)) is ConnectionRefusedError


def test_an_error_without_a_cause_is_its_own() -> None:
    """Nothing is behind it."""
    error = ValueError("alone")
    assert web.cause(error) is error
