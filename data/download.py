"""Download: one public file over HTTPS to a local path, whole or not at all.

In: a URL and, where known, size and SHA-256 (for Civil Comments, neither is published; then
only the size that the server announces is checked). Out: the file, renamed from `<name>.part` when it is whole. A `.part` file
that an interrupted download left is resumed, provided that the server still has the same content.

    fetch(PUBLIC_FILES["eval"], Path("validate.tfrecord"), progress=lambda done, total: …)
"""

import hashlib
import http.client
import logging
import shutil
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from fairgate.errors import InputError

Progress = Callable[[int, int | None], None]

ATTEMPTS = 3
PAUSE_SECONDS = 1.0  # before the second attempt; doubles from one to the next
TIMEOUT_SECONDS = 20.0  # without a byte
ALTERNATIVES = "fetch it on a machine with network access and name the local file instead"
_CHUNK = 1 << 18
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})

logger = logging.getLogger(__name__)


class _TransferError(Exception):
    """A transfer failed; `again` says whether another attempt may mend it."""

    def __init__(self, reason: str, *, again: bool = True) -> None:
        super().__init__(reason)
        self.again = again


@dataclass(frozen=True)
class _Part:
    """The incomplete file beside the destination, and the validator (ETag) that says which content it is a part of."""

    path: Path
    validator_path: Path

    @property
    def size(self) -> int:
        """Bytes that can be resumed: none when the server never named the content."""
        return self.path.stat().st_size if self.path.exists() and self.validator_path.exists() else 0

    def begin(self, validator: str | None) -> None:
        """Starts from nothing."""
        self.remove()
        if validator:
            self.validator_path.write_text(validator)

    def remove(self) -> None:
        """Forgets everything."""
        self.path.unlink(missing_ok=True)
        self.validator_path.unlink(missing_ok=True)


def fetch(
    url: str,
    destination: Path,
    *,
    sha256: str | None = None,
    size: int | None = None,
    progress: Progress | None = None,
    alternatives: str = ALTERNATIVES,
) -> Path:
    """Downloads `url` to `destination`, unless it is there already, and returns `destination`.

    Args:
        url: HTTPS; plain HTTP only from this machine.
        destination: a file; folders are made. One that is there is kept when it has the size and checksum, and replaced when not.
        sha256: hexadecimal.
        size: in bytes.
        progress: called with the bytes on disk and the total (None while unknown).
        alternatives: what the user can do without the network; the last words of an error.

    Raises:
        InputError: the URL is not allowed, the network or the file is out of reach, the disk is full, or size or checksum differ.
            `destination` is then as it was; an incomplete transfer stays as `.part`, a wrong one is removed.
    """
    _check_allowed(url)
    if destination.is_file() and not _difference(destination, sha256, size):
        return destination
    destination.parent.mkdir(parents=True, exist_ok=True)
    part = _Part(*(destination.with_name(destination.name + suffix) for suffix in (".part", ".part.etag")))
    for attempt in range(1, ATTEMPTS + 1):
        resumed = part.size > 0
        try:
            _transfer(url, part, size, progress)
            if difference := _difference(part.path, sha256, size):
                part.remove()
                raise _TransferError(difference, again=resumed)  # the part before the break may have been the wrong one
        except _TransferError as error:
            logger.info("attempt %d of %d to fetch %s: %s", attempt, ATTEMPTS, _shown(url), error)
            if attempt == ATTEMPTS or not error.again:
                raise InputError(f"{_shown(url)}: cannot be fetched ({error}); {alternatives}") from None
            time.sleep(PAUSE_SECONDS * 2 ** (attempt - 1))
        else:
            break
    part.path.replace(destination)
    part.remove()
    return destination


def _check_allowed(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise InputError(f"{_shown(url)}: only https is allowed; give an https address or a local file")
    if "@" in parts.netloc:
        raise InputError(f"{_shown(url)}: an address with user or password is not supported; give a public one or a local file")


def _shown(url: str) -> str:
    """The URL without user, password and query, which may be secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _difference(path: Path, sha256: str | None, size: int | None) -> str:
    """How the file differs from what it should be; empty when it does not."""
    found = path.stat().st_size
    if size is not None and found != size:
        return f"it has {found:,} bytes, not {size:,}"
    if sha256 is not None and (digest := _sha256(path)) != sha256.lower():
        return f"its SHA-256 is {digest}, not {sha256.lower()}"
    return ""


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(partial(file.read, _CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


class _HttpsRedirects(HTTPRedirectHandler):
    """Follows redirects only to where a download may start."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme != "https" and urlsplit(req.full_url).hostname not in _LOOPBACK:
            raise InputError(f"{_shown(req.full_url)}: redirects to {_shown(newurl)}, which is not https; give its real address")
        _check_allowed(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _transfer(url: str, part: _Part, size: int | None, progress: Progress | None) -> None:
    """Brings the part to its end, from where it broke off if the server can.

    Raises:
        _TransferError: it could not.
    """
    start = part.size
    headers = {"Range": f"bytes={start}-", "If-Range": part.validator_path.read_text()} if start else {}
    request = Request(url, headers={"User-Agent": "fairgate", **headers})  # noqa: S310 (_check_allowed has seen the scheme)
    try:
        with build_opener(_HttpsRedirects).open(request, timeout=TIMEOUT_SECONDS) as response:
            if not (start and response.headers.get("Content-Range", "").startswith(f"bytes {start}-")):
                start = 0
                part.begin(_validator(response))
            total = _total(response, start)
            _check_room(part.path.parent, start, total, size)
            _copy(response, part.path, total, progress)
    except HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and start:
            _judge_unsatisfiable(error, part, start)
        else:
            raise _TransferError(f"HTTP status {error.code}", again=error.code in _TRANSIENT_STATUS) from None
    except URLError as error:
        again = not isinstance(error.reason, socket.gaierror | ssl.SSLCertVerificationError)
        raise _TransferError(str(error.reason), again=again) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _TransferError(str(error) or type(error).__name__) from None


def _validator(response: http.client.HTTPResponse) -> str | None:
    """What `If-Range` may name: a strong ETag, else the time of the last change (RFC 9110, 13.1.5)."""
    etag = response.headers.get("ETag")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")


def _total(response: http.client.HTTPResponse, start: int) -> int | None:
    length = response.headers.get("Content-Length")
    return start + int(length) if length and length.isdigit() else None


def _check_room(folder: Path, start: int, total: int | None, size: int | None) -> None:
    if total is not None and size is not None and total != size:
        raise _TransferError(f"the server announces {total:,} bytes, not {size:,}", again=False)
    needed = (total if total is not None else size or 0) - start
    if needed > (free := shutil.disk_usage(folder).free):
        raise _TransferError(f"it needs {needed:,} bytes, but {folder} has {free:,} left", again=False)


def _copy(response: http.client.HTTPResponse, path: Path, total: int | None, progress: Progress | None) -> None:
    with path.open("ab") as file:
        done = file.tell()
        while chunk := response.read(_CHUNK):
            done += file.write(chunk)
            if progress:
                progress(done, total)
    if total is not None and done != total:
        raise _TransferError(f"the connection broke off after {done:,} of {total:,} bytes")


def _judge_unsatisfiable(error: HTTPError, part: _Part, start: int) -> None:
    """The part is whole already, or it is longer than the file and useless."""
    if error.headers.get("Content-Range") != f"bytes */{start}":
        part.remove()
        raise _TransferError("the file became shorter while it was fetched")
