"""Alerts against a receiver on this machine: up, down, slow, failing for a while."""

import json
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from fairgate.errors import InputError
from pipeline import webhook
from pipeline.alerts import Alerts, Ending, of_error

VARIABLE = "FAIRGATE_TEST_WEBHOOK"
SECRET = "T0/B0/s3cr3t"  # noqa: S105  # nobody's
CLOSED = "http://127.0.0.1:1/"
ENDING = Ending("digits", "refused", "1 of 3 rules failed.", ("The gap is <!here> & wide.",), Path("/r"), Path("/r/reports/one"))


class Receiver:
    """A receiver that answers one status after another, the last one for ever.

    Attributes:
        bodies: of the requests, in their order.
        keys: of the requests, from their header.
        hold: while it is not set, nothing is answered.
    """

    def __init__(self, statuses: tuple[int, ...]) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.hold = Event()
        self.hold.set()
        receiver, left = self, list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.keys.append(self.headers["Idempotency-Key"])
                receiver.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                receiver.hold.wait(10)
                self.send_response(left.pop(0) if len(left) > 1 else left[0])
                self.send_header("Location", f"http://127.0.0.1/{SECRET}")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/{SECRET}"
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        """Stops it; nobody listens there any more."""
        self.hold.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver of these statuses, 200 by default, which the environment names; pauses are short."""
    found = Receiver(getattr(request, "param", (200,)))
    monkeypatch.setenv(VARIABLE, found.url)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(webhook, "FIRST_PAUSE", 0.01)
    yield found
    found.close()


def test_refused_run_is_told_once(receiver: Receiver) -> None:
    """In words for people and in fields for programs; nothing of the data can call anybody in Slack."""
    assert webhook.send(Alerts(url_variable=VARIABLE), ENDING) == "sent"
    (body,) = receiver.bodies
    assert body["text"] == (
        "❌ fairgate: digits refused\n1 of 3 rules failed.\n• The gap is &lt;!here&gt; &amp; wide.\n/r/reports/one"
    )
    assert body["fairgate"] == {
        "version": 1,
        "id": receiver.keys[0],
        "task": "digits",
        "event": "refused",
        "exit_code": 1,
        "summary": "1 of 3 rules failed.",
        "reasons": ["The gap is <!here> & wide."],
        "root": "/r",
        "details": "/r/reports/one",
    }


def test_address_is_never_logged(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever reads the log could send messages in the run's name."""
    with caplog.at_level(logging.DEBUG):
        assert webhook.send(Alerts(url_variable=VARIABLE), ENDING) == "sent"
    assert len(receiver.bodies) == 1
    assert caplog.messages == []


@pytest.mark.parametrize("receiver", [(500, 429, 503, 200)], indirect=True)
def test_failing_receiver_is_tried_again_until_it_takes_it(receiver: Receiver) -> None:
    """With one key, so that it can tell a repetition; never again once it has taken it."""
    assert webhook.send(Alerts(url_variable=VARIABLE), ENDING) == "sent"
    assert len(receiver.bodies) == 4
    assert len(set(receiver.keys)) == 1


@pytest.mark.parametrize("receiver", [(400,), (404,), (302,), (307,)], indirect=True)
def test_answer_that_will_not_change_ends_it(receiver: Receiver) -> None:
    """Neither a mistake nor a redirection is tried twice, or counts as delivered."""
    assert webhook.send(Alerts(url_variable=VARIABLE), ENDING).startswith("not sent (the receiver answered ")
    assert len(receiver.bodies) == 1


@pytest.mark.parametrize("receiver", [(500,)], indirect=True)
def test_time_limit_ends_the_attempts(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause that would reach beyond it is not begun; the last answer is told."""
    monkeypatch.setattr(webhook, "FIRST_PAUSE", 30)
    assert webhook.send(Alerts(url_variable=VARIABLE), ENDING) == "not sent (the receiver answered 500)"
    assert len(receiver.bodies) == 1


def test_slow_receiver_is_not_told_twice(receiver: Receiver) -> None:
    """It may have taken the message; the run does not wait longer than the limit."""
    receiver.hold.clear()
    answer = webhook.send(Alerts(url_variable=VARIABLE, seconds=1), ENDING)
    assert answer.startswith("not sent (no answer ")
    receiver.hold.set()
    assert len(receiver.bodies) == 1


def test_receiver_that_comes_up_late_is_told(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody had taken the message before; the pauses grow."""
    pauses: list[float] = []
    attempt = webhook._attempt
    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr(webhook, "_attempt", lambda url, *rest: attempt(url if len(pauses) == 3 else CLOSED, *rest))
    assert webhook.send(Alerts(url_variable=VARIABLE), ENDING) == "sent"
    assert pauses == [0.01, 0.02, 0.04]
    assert len(receiver.bodies) == 1


def test_receiver_that_is_down_is_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """In words that do not hold the address, on the terminal and in the log."""
    monkeypatch.setenv(VARIABLE, CLOSED + SECRET)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(webhook, "FIRST_PAUSE", 30)
    with caplog.at_level(logging.DEBUG):
        answer = webhook.send(Alerts(url_variable=VARIABLE), ENDING)
    assert answer == "not sent (no connection (ConnectionRefusedError))"
    assert caplog.messages == ["The alert was not sent: no connection (ConnectionRefusedError)."]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x/s3cr3t",
        "file:///s3cr3t",
        "http://[s3cr3t",
        "http://127.0.0.1:99999/s3cr3t",
        "http://a b/s3cr3t",
        "hooks.example.com/s3cr3t",
        "/s3cr3t",
        "//hooks.example.com/s3cr3t",
    ],
)
def test_unusable_address_is_said_and_not_shown(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the libraries would say about it."""
    monkeypatch.setenv(VARIABLE, url)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(webhook, "FIRST_PAUSE", 30)
    answer = webhook.send(Alerts(url_variable=VARIABLE), ENDING)
    assert answer.startswith("not sent (")
    assert "s3cr3t" not in answer + caplog.text


@pytest.mark.parametrize(
    "alerts", [Alerts(), Alerts(url_variable=VARIABLE, on=("failed",)), Alerts(url_variable=VARIABLE, on=())], ids=str
)
def test_nothing_is_sent_unasked(alerts: Alerts, receiver: Receiver) -> None:
    """Without an address, or for an ending that nobody asked about."""
    assert webhook.send(alerts, ENDING) == ""
    assert receiver.bodies == []


@pytest.mark.parametrize(
    ("error", "summary"),
    [(InputError("a.csv is empty"), "a.csv is empty"), (ValueError("you are all ..."), "The run crashed (ValueError).")],
    ids=str,
)
def test_crash_is_told_by_its_type(error: Exception, summary: str) -> None:
    """The words of an error that is no user's mistake may hold a comment."""
    assert of_error("digits", error, Path("r"), Path("r/log")).summary == summary


def test_name_of_a_variable_that_is_not_there_is_not_repeated(caplog: pytest.LogCaptureFixture) -> None:
    """It may be the secret itself, taken for the name of its variable."""
    answer = webhook.send(Alerts(url_variable="xoxb_s3cr3t", on=(ENDING.event,)), ENDING)
    assert answer == "not sent (there is no environment variable of the name that alerts.url_variable gives)"
    assert "s3cr3t" not in answer + caplog.text
