"""Send an alert by HTTP, once.

In: `Alerts` and the run's `Ending`. Out: the result as text. Nothing here raises, and no text contains the address.

An attempt is repeated, with growing pauses, only if nobody can have received the message: the connection failed, or the
receiver answered 429 or 5xx. A receiver that did not answer in time is not sent the message again.
"""

import json
import logging
import os
import queue
import threading
import uuid
from collections.abc import Mapping
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_result, stop_before_delay, wait_exponential

from data import web
from pipeline.alerts import Alerts, Ending, message

FIRST_PAUSE = 1.0  # seconds; doubled after each attempt

logger = logging.getLogger(__name__)


def send(alerts: Alerts, ending: Ending) -> str:
    """Send the ending of a run, if an alert is configured for it.

    Returns:
        "sent", "not sent (reason)", or "" if there was nothing to send.
    """
    if not alerts.url_variable or ending.event not in alerts.on:
        return ""
    url = os.environ.get(alerts.url_variable, "").strip()
    if url.startswith(("https://", "http://")):
        key = uuid.uuid4().hex
        failure = _deliver(url, message(ending, key), key, alerts.seconds)
    elif alerts.url_variable not in os.environ:  # the name is not repeated: it may be a secret that was taken for the value
        failure = "there is no environment variable of the name that alerts.url_variable gives"
    else:
        failure = f"the environment variable {alerts.url_variable} holds no address that begins with https://"
    if failure:
        logger.warning("The alert was not sent: %s.", failure)
    return f"not sent ({failure})" if failure else "sent"


def _deliver(url: str, content: Mapping[str, Any], key: str, seconds: float) -> str:
    """Return why the message was not delivered, "" if it was. In a thread, as name lookup has no time limit."""
    answer: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=lambda: answer.put(_attempts(url, content, key, seconds)), daemon=True).start()
    try:
        return answer.get(timeout=seconds)
    except queue.Empty:
        return f"no answer within {seconds:g} s"


def _attempts(url: str, content: Mapping[str, Any], key: str, seconds: float) -> str:
    """Return why the message was not delivered, "" if it was. No attempt begins after the time limit."""
    attempts = Retrying(
        retry=retry_if_result(lambda result: result[1]),
        stop=stop_before_delay(seconds),
        wait=wait_exponential(FIRST_PAUSE),
        retry_error_callback=_last_result,
    )
    failure, _ = attempts(lambda: _attempt(url, content, key, seconds))
    return failure


def _last_result(state: RetryCallState) -> Any:
    return state.outcome.result() if state.outcome else None


def _attempt(url: str, content: Mapping[str, Any], key: str, seconds: float) -> tuple[str, bool]:
    """Return why the attempt failed, "" if it did not, and whether it may be repeated."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
    try:
        body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        # A redirect is not followed: the POST would arrive as a GET without its body, and count as delivered.
        with web.client(seconds) as client, client.stream("POST", url, content=body, headers=headers) as response:
            again = response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS
            return ("", False) if response.is_success else (f"the receiver answered {response.status_code}", again)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:  # before the request was through
        return f"no connection ({type(web.cause(error)).__name__})", True
    except Exception as error:  # the run's outcome stands, and the error's words may hold the address
        return f"no answer ({type(error).__name__})", False
