"""Calls of a cluster's REST API. Imports nothing heavy."""

import logging
from typing import Any

SECONDS = 10.0  # for an answer


class RestError(Exception):
    """A cluster that does not answer, or not as its API says; the message is one line.

    Attributes:
        refused: whether nothing listens at the address.
    """

    def __init__(self, message: str, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


def get(address: str) -> Any:
    """Return the JSON values at an address. Raises RestError."""
    return _call("GET", address).json()


def patch(address: str) -> None:
    """Ask for a change. Raises RestError."""
    _call("PATCH", address)


def _call(method: str, address: str) -> Any:
    import httpx  # 0.3 s

    logging.getLogger("httpx").setLevel(logging.WARNING)  # else the log has lines for every look at a cluster
    try:
        return httpx.request(method, address, timeout=SECONDS, follow_redirects=True).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RestError(words, isinstance(error, httpx.ConnectError)) from None
