import hashlib
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from data import download
from data.download import fetch, unreachable
from fairgate.errors import InputError

CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ALTERNATIVES = "or use the sample"


@dataclass
class Answers:
    """What the server does: one status per request, then `content` without faults; and the requests that it saw."""

    url: str = ""
    content: bytes = CONTENT
    etag: str | None = '"v1"'
    statuses: list[int] = field(default_factory=list)
    break_after: list[int] = field(default_factory=list)
    location: str = ""
    announce_length: bool = True
    ranges: list[str | None] = field(default_factory=list)


def handler(answers: Answers) -> type[BaseHTTPRequestHandler]:
    """A handler that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.ranges.append(self.headers.get("Range"))
            status = answers.statuses.pop(0) if answers.statuses else 200
            if status != 200:
                self.send_response(status)
                self.send_header("Location", answers.location)
                self.end_headers()
                return
            start = 0
            if (wanted := self.headers.get("Range")) and self.headers.get("If-Range") == answers.etag:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self._send(start)

        def _send(self, start: int) -> None:
            size = len(answers.content)
            self.send_response(416 if start >= size else 206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes */{size}" if start >= size else f"bytes {start}-{size - 1}/{size}")
            if answers.etag:
                self.send_header("ETag", answers.etag)
            body = answers.content[start:]
            if answers.announce_length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: answers.break_after.pop(0) if answers.break_after else None])

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    return Handler


@pytest.fixture
def server() -> Iterator[Answers]:
    """A server on this machine."""
    answers = Answers()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(answers)) as http_server:
        answers.url = f"http://127.0.0.1:{http_server.server_port}/folder/file.bin"
        thread = threading.Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield answers
        http_server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_pauses_and_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once, and no proxy comes between."""
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0)
    monkeypatch.setenv("no_proxy", "*")


def names(folder: Path) -> list[str]:
    """The files in the folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_whole_file(server: Answers, tmp_path: Path) -> None:
    """It appears under its name, progress ends at the total, and a second call asks nothing."""
    seen: list[tuple[int, int | None]] = []
    target = tmp_path / "new" / "file.bin"
    for _ in range(2):
        assert fetch(server.url, target, sha256=SHA256.upper(), size=10240, progress=lambda *now: seen.append(now)) == target
    assert target.read_bytes() == CONTENT
    assert seen[-1] == (10240, 10240)
    assert names(target.parent) == ["file.bin"]
    assert server.ranges == [None]


def test_a_file_that_is_there_but_wrong_is_replaced(server: Answers, tmp_path: Path) -> None:
    """The checksum decides."""
    target = tmp_path / "file.bin"
    target.write_bytes(b"older")
    fetch(server.url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_a_link_is_filled(server: Answers, tmp_path: Path) -> None:
    """Its target may be on another disk; what is fetched is kept beside it."""
    target, link = tmp_path / "disk" / "file.bin", tmp_path / "file.bin"
    link.symlink_to(target)
    assert fetch(server.url, link, sha256=SHA256) == link
    assert (link.is_symlink(), target.read_bytes(), names(target.parent)) == (True, CONTENT, ["file.bin"])


def test_a_folder_that_cannot_be_made_is_named(server: Answers, tmp_path: Path) -> None:
    """Here a file is in its place, or the place is a folder."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "a.bin", tmp_path):
        with pytest.raises(InputError, match=f"{path}: cannot be written .*; name a writable folder"):
            fetch(server.url, path)


def test_a_broken_transfer_is_resumed(server: Answers, tmp_path: Path) -> None:
    """The second attempt asks for the rest only."""
    server.break_after = [4000]
    fetch(server.url, tmp_path / "file.bin", sha256=SHA256)
    assert server.ranges == [None, "bytes=4000-"]
    assert (tmp_path / "file.bin").read_bytes() == CONTENT


def test_a_later_call_resumes_what_an_earlier_one_left(server: Answers, tmp_path: Path) -> None:
    """The part stays after the last attempt."""
    server.break_after = [1000, 1000, 1000]
    with pytest.raises(InputError, match=r"the connection broke off after 3,000 of 10,240 bytes\); or use the sample"):
        fetch(server.url, tmp_path / "file.bin", alternatives=ALTERNATIVES)
    assert names(tmp_path) == ["file.bin.part", "file.bin.part.etag"]
    fetch(server.url, tmp_path / "file.bin", sha256=SHA256)
    assert server.ranges[-1] == "bytes=3000-"
    assert names(tmp_path) == ["file.bin"]


def test_changed_content_starts_anew(server: Answers, tmp_path: Path) -> None:
    """A part of other content is never continued."""
    server.break_after = [1000] * 3
    with pytest.raises(InputError):
        fetch(server.url, tmp_path / "file.bin")
    server.content, server.etag = CONTENT[::-1], '"v2"'
    fetch(server.url, tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("etag", [None, 'W/"v1"'])
def test_content_without_a_strong_name_is_not_resumed(server: Answers, tmp_path: Path, etag: str | None) -> None:
    """Nobody could say that both parts belong together."""
    server.etag, server.break_after = etag, [4000]
    fetch(server.url, tmp_path / "file.bin")
    assert server.ranges == [None, None]
    assert (tmp_path / "file.bin").read_bytes() == CONTENT


def test_a_part_that_is_whole_already(server: Answers, tmp_path: Path) -> None:
    """A process that ended before the renaming loses nothing."""
    (tmp_path / "file.bin.part").write_bytes(CONTENT)
    (tmp_path / "file.bin.part.etag").write_text('"v1"')
    fetch(server.url, tmp_path / "file.bin", sha256=SHA256)
    assert names(tmp_path) == ["file.bin"]
    assert server.ranges == ["bytes=10240-"]


@pytest.mark.parametrize("part", [CONTENT + b"more", b"x" * 100])
def test_a_part_that_belongs_to_something_else(server: Answers, tmp_path: Path, part: bytes) -> None:
    """Too long, or of a wrong checksum at the end: it is fetched once more from the start."""
    (tmp_path / "file.bin.part").write_bytes(part)
    (tmp_path / "file.bin.part.etag").write_text('"v1"')
    fetch(server.url, tmp_path / "file.bin", sha256=SHA256)
    assert (tmp_path / "file.bin").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("sums", "message"),
    [
        ({"sha256": "0" * 64}, f"its SHA-256 is {SHA256}, not 0000"),
        ({"size": 99}, "the server announces 10,240 bytes, not 99"),
    ],
)
def test_wrong_content_is_refused(server: Answers, tmp_path: Path, sums: dict[str, str], message: str) -> None:
    """Nothing of it stays, what was there before does, and no further attempt is made."""
    (tmp_path / "file.bin").write_bytes(b"older")
    with pytest.raises(InputError, match=f"/folder/file.bin: cannot be fetched .{message}"):
        fetch(server.url, tmp_path / "file.bin", **sums)  # type: ignore[arg-type]
    assert (tmp_path / "file.bin").read_bytes() == b"older"
    assert not (tmp_path / "file.bin.part").exists() or not (tmp_path / "file.bin.part").stat().st_size
    assert len(server.ranges) == 1


def test_a_server_that_does_not_announce_a_size(server: Answers, tmp_path: Path) -> None:
    """Then the size that is asked for is checked at the end."""
    server.announce_length, server.break_after = False, [4000]
    with pytest.raises(InputError, match="it has 4,000 bytes, not 10,240"):
        fetch(server.url, tmp_path / "file.bin", size=10240)


@pytest.mark.parametrize(
    ("statuses", "requests", "message"),
    [
        ([500], 2, None),
        ([503, 429], 3, None),
        ([500, 502, 503], 3, "HTTP status 503"),
        ([404], 1, "HTTP status 404"),
        ([403], 1, "HTTP status 403"),
        ([416], 1, "HTTP status 416"),
    ],
)
def test_failing_servers(server: Answers, tmp_path: Path, statuses: list[int], requests: int, message: str | None) -> None:
    """What may pass is tried three times, what will not is an error at once."""
    server.statuses = statuses
    if message is None:
        fetch(server.url, tmp_path / "file.bin")
    else:
        with pytest.raises(InputError, match=rf"file.bin: cannot be fetched \({message}\); or use the sample"):
            fetch(server.url, tmp_path / "file.bin", alternatives=ALTERNATIVES)
        assert names(tmp_path) == []
    assert len(server.ranges) == requests


def test_redirects(server: Answers, tmp_path: Path) -> None:
    """They are followed to where a download may start, and nowhere else."""
    server.statuses, server.location = [302], server.url
    fetch(server.url, tmp_path / "file.bin", sha256=SHA256)
    for location in ("http://example.com/file", "ftp://example.com/file", "file:///etc/passwd"):
        server.statuses, server.location = [302], location
        with pytest.raises(InputError, match=r"only https is allowed|cannot be fetched"):
            fetch(server.url, tmp_path / "other.bin")
    assert names(tmp_path) == ["file.bin"]


@pytest.mark.parametrize(
    "url", ["http://example.com/a", "ftp://example.com/a", "file:///etc/passwd", "a.csv", "http://localhost.evil.com/"]
)
def test_addresses_that_are_not_allowed(tmp_path: Path, url: str) -> None:
    """Only https, and http on this machine."""
    with pytest.raises(InputError, match="only https is allowed"):
        fetch(url, tmp_path / "file.bin")


def test_secrets_in_an_address_are_not_shown(tmp_path: Path) -> None:
    """Nor are they sent."""
    with pytest.raises(InputError, match=r"https://example.com/a: an address with user or password is not supported"):
        fetch("https://user:secret@example.com/a?token=secret", tmp_path / "file.bin")


def test_an_address_is_never_logged(server: Answers, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The client's own log lines would hold the query."""
    server.statuses = [500]
    with caplog.at_level(logging.DEBUG):
        fetch(f"{server.url}?token=s3cr3t", tmp_path / "file.bin")
    assert [record.name for record in caplog.records] == ["data.download"]
    assert "s3cr3t" not in caplog.text


def test_a_redirect_from_https_never_leads_to_this_machine() -> None:
    """A public server cannot send the download to a local service."""
    request = httpx.Request("GET", "https://example.com/a?token=secret")
    response = httpx.Response(302, headers={"Location": "http://127.0.0.1/admin"}, request=request)
    with pytest.raises(InputError, match=r"example.com/a: redirects to http://127.0.0.1/admin, which is not https"):
        download._check_redirect(response)


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that cannot be resolved is one error at once, with what to do instead."""
    calls: list[str] = []

    def unresolved(host: str, *_: object) -> None:
        calls.append(host)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr("socket.getaddrinfo", unresolved)
    with pytest.raises(InputError, match=r"https://example.com/a: cannot be fetched \(.*name resolution\); or use the sample"):
        fetch("https://example.com/a?token=secret", tmp_path / "file.bin", alternatives=ALTERNATIVES)
    assert len(calls) == 1
    assert names(tmp_path) == []


def test_nobody_listens(tmp_path: Path) -> None:
    """A refused connection is tried three times."""
    with pytest.raises(InputError, match="Connection refused"):
        fetch("http://127.0.0.1:9/file", tmp_path / "file.bin")


def test_a_full_disk(server: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found out before the first byte."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(InputError, match=r"it needs 10,240 bytes, but .* has 10 left"):
        fetch(server.url, tmp_path / "file.bin")


@pytest.mark.parametrize(
    ("status", "problem"), [(200, ""), (404, "HTTP status 404"), (403, "HTTP status 403"), (503, ""), (429, "")]
)
def test_address_is_tried_without_reading_it(server: Answers, status: int, problem: str) -> None:
    """What another attempt may change is no problem yet."""
    server.statuses = [status]
    assert unreachable(server.url) == problem


def test_address_that_nobody_answers_at_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once; a server that only takes its time is none."""
    assert unreachable("http://127.0.0.1:9/a") != ""
    assert unreachable("no address") != ""

    def late(*_: object, **__: object) -> None:
        raise httpx.ReadTimeout("timed out")

    monkeypatch.setattr(httpx.Client, "stream", late)
    assert unreachable("https://example.com") == ""
