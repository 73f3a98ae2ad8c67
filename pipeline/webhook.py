"""Sends an alert by HTTP, once.

In: `Alerts` and the run's `Ending`. Out: what became of it, in words. Nothing here raises, and no word holds the address.

An attempt is repeated, with growing pauses, only while nobody can have taken the message: the connection failed, or the
receiver answered 429 or 5xx. A receiver that took it and did not answer in time is not sent it twice.
"""

import json
import logging
import os
import queue
import threading
import time
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pipeline.alerts import Alerts, Ending, message

FIRST_PAUSE = 1.0  # seconds; doubled after each attempt
_AGAIN = {HTTPStatus.TOO_MANY_REQUESTS, *(status for status in HTTPStatus if status >= HTTPStatus.INTERNAL_SERVER_ERROR)}

logger = logging.getLogger(__name__)


def send(alerts: Alerts, ending: Ending) -> str:
    """Tells an ending, where this is asked for.

    Returns:
        "sent", "not sent (reason)", or "" when there was nothing to send.
    """
    if not alerts.url_variable or ending.event not in alerts.on:
        return ""
    url = os.environ.get(alerts.url_variable, "").strip()
    if url.startswith(("https://", "http://")):
        key = uuid.uuid4().hex
        failure = _deliver(url, message(ending, key), key, alerts.seconds)
    else:
        failure = f"the environment variable {alerts.url_variable} holds no address that begins with https://"
    if failure:
        logger.warning("The alert was not sent: %s.", failure)
    return f"not sent ({failure})" if failure else "sent"


def _deliver(url: str, content: Mapping[str, Any], key: str, seconds: float) -> str:
    """Why it was not delivered, "" when it was. In a thread: looking up a name knows no time limit, nor does a slow drip."""
    answer: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=lambda: answer.put(_attempts(url, content, key, seconds)), daemon=True).start()
    try:
        return answer.get(timeout=seconds)
    except queue.Empty:
        return f"no answer within {seconds:g} s"


def _attempts(url: str, content: Mapping[str, Any], key: str, seconds: float) -> str:
    end = time.monotonic() + seconds
    pause = FIRST_PAUSE
    while True:
        failure, again = _attempt(url, content, key, max(end - time.monotonic(), 0.001))
        if not again or time.monotonic() + pause >= end:
            return failure
        time.sleep(pause)
        pause *= 2


def _attempt(url: str, content: Mapping[str, Any], key: str, seconds: float) -> tuple[str, bool]:
    """Why it failed, "" when it did not; whether it may be tried again."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key, "User-Agent": "fairgate"}
    try:
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        request = Request(url, body, headers, method="POST")  # noqa: S310  # `send` looked at the scheme
        with build_opener(_NoRedirects).open(request, timeout=seconds):
            return "", False
    except HTTPError as error:
        with error:
            return f"the receiver answered {error.code}", error.code in _AGAIN
    except URLError as error:  # before the request was through
        return f"no connection ({type(error.reason).__name__})", True
    except Exception as error:  # whatever it is, the run's outcome stands; its words may hold the address
        return f"no answer ({type(error).__name__})", False


class _NoRedirects(HTTPRedirectHandler):
    """A redirected POST would arrive as a GET without its body, and count as delivered."""

    def redirect_request(self, *_: Any) -> None:
        """Follows none."""
