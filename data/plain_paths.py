r"""Plain names for paths that TensorFlow, Beam and TFX would take for patterns.

These libraries look up by `glob` also what is no pattern: a path with `*`, `?`, `[` or `\` in it finds nothing, or other files;
and a name that is no UTF-8 cannot be written into their messages. They build the patterns themselves, so nothing can be escaped
from outside. They are given a symbolic link with a plain name instead.

    with plain(Path("models [old]/5")) as path:      # /tmp/fairgate-x1y2/link, gone after the block
        tf.saved_model.load(str(path))
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fairgate.errors import InputError, os_reason

_MAGIC = "*?[\\"
_TEMPORARY = "/tmp"  # noqa: S108  # preferred, since it is the same whatever TMPDIR a session has
_ENDS = r"name another folder, without any of * ? [ \ in its name"


@dataclass(frozen=True)
class PlainName:
    """A folder and the name by which libraries know it.

    Attributes:
        real: the folder, absolute.
        path: the same folder under a name without pattern characters; `real` itself where that is plain.
    """

    real: Path
    path: Path

    def place(self, path: Path) -> Path:
        """Return a path below `path` as one below `real`; any other as it is."""
        return self.real / path.relative_to(self.path) if path.is_relative_to(self.path) else path

    def words(self, text: str) -> str:
        """Return a message with the real name of the folder in it."""
        return text if self.path == self.real else text.replace(str(self.path), str(self.real))


def is_plain(path: Path) -> bool:
    """Return whether every library takes the path for what it is."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return not set(_MAGIC).intersection(str(path))


@contextmanager
def plain(path: Path) -> Iterator[Path]:
    """Yield the path, or, where it is not plain, a link to it that is there until the block ends.

    Raises:
        InputError: no such link can be made.
    """
    if is_plain(path):
        yield path
        return
    try:
        folder = tempfile.TemporaryDirectory(prefix="fairgate-", dir=_private_folder(path))
    except OSError as error:
        raise _no_link(path, error) from error
    with folder as name:
        link = Path(name, "link")
        link.symlink_to(path.resolve())
        yield link


def kept_name(folder: Path) -> PlainName:
    """Return a plain name of a folder, the same one for every process of this user.

    What a run writes into ML Metadata contains the name, and the next run finds it there: so the link stays, and one that was
    removed meanwhile is made again.

    Args:
        folder: absolute; need not exist.

    Raises:
        InputError: no link can be made.
    """
    if is_plain(folder):
        return PlainName(folder, folder)
    try:
        link = _private_folder(folder) / _link_name(folder)
        with suppress(FileExistsError):
            link.symlink_to(folder)
        if link.readlink() != folder:
            raise FileExistsError(0, "it leads elsewhere", str(link))
    except OSError as error:
        raise _no_link(folder, error) from error
    return PlainName(folder, link)


def real_name(path: Path) -> Path:
    """Return a path below a link of `kept_name` as one below the folder that it leads to; any other as it is."""
    for link in (path, *path.parents):
        if link.parent.name == _private_name() and link.is_symlink():
            folder = link.readlink()
            return folder / path.relative_to(link) if link.name == _link_name(folder) else path
    return path


def _private_name() -> str:
    return f"fairgate-{os.geteuid()}"


def _link_name(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]


def _private_folder(path: Path) -> Path:
    """Return a folder for links that nobody else can write to, the same one in every session of the user.

    Raises:
        InputError: there is none, and none can be made.
    """
    problems = []
    for parent in dict.fromkeys((_TEMPORARY, tempfile.gettempdir())):
        folder = Path(parent, _private_name())
        if not is_plain(folder):
            continue
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            found = folder.lstat()
        except OSError as error:
            problems.append(f"{folder}: {os_reason(error)}")
            continue
        if folder.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            problems.append(f"{folder}: not a folder of your own that only you can write to")
            continue
        return folder
    raise _no_link(path, OSError(0, "; ".join(problems) or "no temporary folder has a plain name itself"))


def _no_link(path: Path, error: OSError) -> InputError:
    odd = next((character for character in str(path) if character in _MAGIC), "a character that is no UTF-8")
    return InputError(f"{path}: TensorFlow takes {odd} for a pattern, and no link can stand in ({os_reason(error)}); {_ENDS}")
