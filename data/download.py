"""Download one public file over HTTPS to a local path, whole or not at all.

In: a URL and, where known, size and SHA-256 (for Civil Comments, neither is published; then
only the size that the server announces is checked). Out: the file, renamed from `<name>.part` when it is whole. A `.part` file
that an interrupted download left is resumed, provided that the server still has the same content.

    fetch(PUBLIC_FILES["eval"], Path("validate.tfrecord"), progress=lambda done, total: …)
"""

import logging
import shutil
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from tenacity import Retrying, before_sleep_log, retry_if_exception, stop_after_attempt, wait_exponential

from data import web
from fairgate import files
from fairgate.errors import InputError, os_reason
from fairgate.files import hex_digest

Progress = Callable[[int, int | None], None]

ATTEMPTS = 3
PAUSE_SECONDS = 1.0  # before the second attempt; doubles from one to the next
TIMEOUT_SECONDS = 20.0  # without a byte
ALTERNATIVES = "fetch it on a machine with network access and name the local file instead"
PROBE_SECONDS = 5.0
_FINAL_STATUS = frozenset({401, 403, 404, 410})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})

logger = logging.getLogger(__name__)


class _TransferError(Exception):
    """A transfer failed; `again` says whether another attempt may succeed."""

    def __init__(self, reason: str, *, again: bool = True) -> None:
        super().__init__(reason)
        self.again = again


@dataclass(frozen=True)
class PartialFile:
    """The incomplete file beside the destination, and the validator (ETag) that says which content it is a part of."""

    path: Path
    validator_path: Path

    @property
    def size(self) -> int:
        """Return the number of bytes that can be resumed: 0 if the server sent no validator."""
        return self.path.stat().st_size if self.path.exists() and self.validator_path.exists() else 0

    def begin(self, validator: str | None) -> None:
        """Start with an empty file."""
        self.remove()
        if validator:
            self.validator_path.write_text(validator)

    def remove(self) -> None:
        """Remove the file and its validator."""
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
    """Download `url` to `destination`, unless it is there already, and return `destination`.

    Args:
        url: HTTPS; plain HTTP only from this machine.
        destination: a file; folders are created. An existing file is kept if it has the size and checksum, else replaced.
        sha256: the expected digest, hexadecimal.
        size: the expected size in bytes.
        progress: called with the bytes on disk and the total (None while unknown).
        alternatives: what the user can do without the network; the end of an error message.

    Raises:
        InputError: the URL is not allowed, the network or the file is unreachable, the disk is full, or size or checksum differ.
            `destination` is then unchanged; an incomplete transfer stays as `.part`, a wrong one is removed.
    """
    _check_allowed(url)
    if destination.is_file() and not _difference(destination, sha256, size):
        return destination
    place = _place(destination)
    part = PartialFile(*(place.with_name(place.name + suffix) for suffix in (".part", ".part.etag")))
    attempts = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, _TransferError) and error.again),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(PAUSE_SECONDS),
        before_sleep=before_sleep_log(logger, logging.INFO),
        reraise=True,
    )
    try:
        attempts(_attempt, url, part, sha256, size, progress)
    except _TransferError as error:
        raise InputError(f"{_shown(url)}: cannot be fetched ({error}); {alternatives}") from None
    part.path.replace(place)
    part.remove()
    return destination


def unreachable(url: str) -> str:
    """Return why nothing can be fetched from an address; "" if it can, or if the server does not answer in time.

    Args:
        url: HTTPS, or plain HTTP on this machine. Its content is not read.
    """
    try:
        with web.client(PROBE_SECONDS) as client, client.stream("GET", url, follow_redirects=True) as response:
            return f"HTTP status {response.status_code}" if response.status_code in _FINAL_STATUS else ""
    except httpx.TimeoutException:
        return ""
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ImportError, ValueError) as error:
        return str(error) or type(error).__name__


def _place(path: Path) -> Path:
    """Return the file to write, where a link may lead, in a folder that is there.

    Raises:
        InputError: there is no such folder and none can be made, or something else than a file is there.
    """
    try:
        place = files.destination(path)
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({os_reason(error)}); name a writable folder") from None
    return place


def _check_allowed(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise InputError(f"{_shown(url)}: only https is allowed; give an https address or a local file")
    if "@" in parts.netloc:
        raise InputError(f"{_shown(url)}: an address with user or password is not supported; give a public one or a local file")


def _shown(url: str) -> str:
    """Return the URL without user, password and query, which may be secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _difference(path: Path, sha256: str | None, size: int | None) -> str:
    """Return how the file differs from the expected size or checksum; empty if it does not."""
    found = path.stat().st_size
    if size is not None and found != size:
        return f"it has {found:,} bytes, not {size:,}"
    if sha256 is not None and (digest := hex_digest(path)) != sha256.lower():
        return f"its SHA-256 is {digest}, not {sha256.lower()}"
    return ""


def _attempt(url: str, part: PartialFile, sha256: str | None, size: int | None, progress: Progress | None) -> None:
    """Complete the part and check it; _TransferError says why that failed."""
    resumed = part.size > 0
    _transfer(url, part, size, progress)
    if difference := _difference(part.path, sha256, size):
        part.remove()
        raise _TransferError(difference, again=resumed)  # the part before the break may have been the wrong one


def _transfer(url: str, part: PartialFile, size: int | None, progress: Progress | None) -> None:
    """Complete the part, from where it broke off if the server can."""
    start = part.size
    headers = {"Accept-Encoding": "identity"}  # the bytes of the file itself: sizes and ranges count those
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": part.validator_path.read_text()}
    try:
        with web.client(TIMEOUT_SECONDS) as client:
            client.event_hooks = {"response": [_check_redirect]}
            with client.stream("GET", url, headers=headers, follow_redirects=True) as response:
                _receive(response, part, start, size, progress)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ImportError, ValueError) as error:  # ImportError: of a SOCKS proxy
        final = isinstance(web.cause(error), socket.gaierror | ssl.SSLCertVerificationError | ImportError)
        raise _TransferError(str(error) or type(error).__name__, again=not final) from None


def _check_redirect(response: httpx.Response) -> None:
    """Refuse a redirect to an address that is not allowed; a public server must not lead to a service of this machine."""
    if not response.has_redirect_location:
        return
    source, target = str(response.url), str(response.url.join(response.headers["Location"]))
    if urlsplit(target).scheme != "https" and response.url.host not in _LOOPBACK:
        raise InputError(f"{_shown(source)}: redirects to {_shown(target)}, which is not https; give its real address")
    _check_allowed(target)


def _receive(response: httpx.Response, part: PartialFile, start: int, size: int | None, progress: Progress | None) -> None:
    """Write the answer to a request for the bytes from `start` on."""
    content_range = response.headers.get("Content-Range", "")
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and start:
        if content_range != f"bytes */{start}":  # else the part is whole already
            part.remove()
            raise _TransferError("the file became shorter while it was fetched")
        return
    if not response.is_success:
        raise _TransferError(f"HTTP status {response.status_code}", again=response.status_code in _TRANSIENT_STATUS)
    if not (start and content_range.startswith(f"bytes {start}-")):
        start = 0
        part.begin(_validator(response))
    length = response.headers.get("Content-Length")
    total = start + int(length) if length else None
    _check_room(part.path.parent, start, total, size)
    _copy(response, part.path, total, progress)


def _validator(response: httpx.Response) -> str | None:
    """Return the value for `If-Range`: a strong ETag, else the time of the last change (RFC 9110, 13.1.5)."""
    etag: str = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")


def _check_room(folder: Path, start: int, total: int | None, size: int | None) -> None:
    if total is not None and size is not None and total != size:
        raise _TransferError(f"the server announces {total:,} bytes, not {size:,}", again=False)
    needed = (total if total is not None else size or 0) - start
    if needed > (free := shutil.disk_usage(folder).free):
        raise _TransferError(f"it needs {needed:,} bytes, but {folder} has {free:,} left", again=False)


def _copy(response: httpx.Response, path: Path, total: int | None, progress: Progress | None) -> None:
    with path.open("ab") as file:
        done = file.tell()
        try:
            for chunk in response.iter_raw():
                done += file.write(chunk)
                if progress:
                    progress(done, total)
        except httpx.TransportError:
            of_total = "" if total is None else f" of {total:,}"
            raise _TransferError(f"the connection broke off after {done:,}{of_total} bytes") from None
