"""The HTTP client of downloads and alerts.

In: a time limit. Out: an `httpx.Client`, and the reason behind an error of it.
"""

import logging
import ssl

import httpx


def client(seconds: float) -> httpx.Client:
    """Return a client that trusts the machine's certificates and never logs an address.

    Args:
        seconds: without a byte before it gives up.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)  # below it they log addresses, which may hold secrets
    return httpx.Client(verify=ssl.create_default_context(), timeout=seconds, headers={"User-Agent": "fairgate"})


def cause(error: BaseException) -> BaseException:
    """Return the system's error behind an error of httpx, or the error itself."""
    while source := error.__cause__ or error.__context__:  # httpcore raises again "from None"
        error = source
    return error
