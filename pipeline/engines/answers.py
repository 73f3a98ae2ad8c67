"""What a worker of Beam answers about itself: its host, Python, packages, source, user, and how it sees the run's files.

`ask` runs on the workers; `own_answer` gives the same facts of the run. Whatever a worker lacks, it must still be able to answer:
this module imports nothing of other distributions, but for Beam, where it counts.
"""

import hashlib
import importlib
import json
import os
import platform
import socket
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from fairgate.errors import os_reason

NAMESPACE = "workers"  # of the counters that bring the answers back
TOKEN = "token"  # noqa: S105  # the file that tells the run's folder from another one of its name
PACKAGES = (
    "apache-beam",
    "tensorflow",
    "tfx",
    "tensorflow-model-analysis",
    "tensorflow-data-validation",
    "tensorflow-transform",
    "pyarrow",
    "numpy",
)
PAUSE = 0.02  # seconds per element: a worker that is free meanwhile takes the next ones
SEEN = ""  # a folder that is the run's, and can be written
MISSING = "missing"
_BLOCK = 1 << 16  # bytes of each end of a file that are compared
_PROCESS = uuid.uuid4().hex[:12]  # names this process, also where containers give each the same process id


@dataclass(frozen=True)
class WorkerQuestion:
    """What is asked of every worker.

    Attributes:
        folder: of the run, with the token in it; the workers leave their answers there.
        token: what that file contains.
        inputs: files and folders that the run reads.
    """

    folder: str
    token: str
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What one process answers.

    Attributes:
        process: names the process.
        host: its host's name.
        user: number of its user.
        python: version.
        packages: name -> version; empty where the package is not installed.
        source: digest of fairgate's source; where it cannot be read, why.
        root: SEEN, MISSING, or what is wrong with the run's folder.
        inputs: path -> digest of what is seen there; MISSING, or why it cannot be read.
    """

    process: str
    host: str
    user: int
    python: str
    packages: dict[str, str]
    source: str
    root: str
    inputs: dict[str, str]

    def to_json(self) -> str:
        """Return the answer as one short line."""
        return json.dumps(asdict(self), separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_json(cls, line: str) -> "Answer":
        """Return the answer that `to_json` has returned."""
        return cls(**json.loads(line))


def ask(element: int, question: WorkerQuestion) -> Iterable[None]:  # noqa: ARG001  # each element asks the same
    """Count the answer of this process under its own words, for one element of a Beam pipeline."""
    from apache_beam.metrics import Metrics

    time.sleep(PAUSE)
    Metrics.counter(NAMESPACE, worker_answer(question)).inc()
    return ()


@lru_cache(maxsize=1)
def worker_answer(question: WorkerQuestion) -> str:
    """Return this process's answer as JSON; it is also left in the run's folder, where that is seen."""
    folder = Path(question.folder)
    root = _look(folder, question.token)
    answer = own_answer(question, root)
    if root == SEEN and (problem := _write(folder, answer)):
        answer = replace(answer, root=problem)
    return answer.to_json()


def own_answer(question: WorkerQuestion, root: str = SEEN) -> Answer:
    """Return the facts of this process.

    Args:
        question: names the inputs.
        root: how it sees the run's folder.
    """
    return Answer(
        process=_PROCESS,
        host=socket.gethostname(),
        user=os.geteuid(),
        python=platform.python_version(),
        packages={name: _version(name) for name in PACKAGES},
        source=_source(),
        root=root,
        inputs={path: _view(Path(path)) for path in question.inputs},
    )


def _look(folder: Path, token: str) -> str:
    """Return how the run's folder is seen; one that has another token, or none, is another folder of its name."""
    try:
        found = (folder / TOKEN).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return MISSING
    except OSError as error:
        return f"cannot be read ({os_reason(error)})"
    return SEEN if found == token else MISSING


def _write(folder: Path, answer: Answer) -> str:
    """Leave the answer in the folder under its final name, as steps do; return why that cannot be done, empty if it was."""
    draft = folder / f".{answer.process}"
    try:
        draft.write_text(answer.to_json(), encoding="utf-8")
        draft.replace(folder / answer.process)
    except OSError as error:
        return f"cannot be written ({os_reason(error)})"
    return SEEN


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _source() -> str:
    """Return the digest of fairgate's source, which a library helps to compute; where that is missing, which one."""
    try:
        return str(importlib.import_module("pipeline.prepared").source())
    except (ImportError, OSError) as error:
        return f"{type(error).__name__}: {error}"


def _view(path: Path) -> str:
    """Return a digest of the ends of a file, or of the names and sizes in a folder: of another file of its name it differs."""
    try:
        found = _entries(path) if path.is_dir() else _ends(path)
    except FileNotFoundError:
        return MISSING
    except OSError as error:
        return f"cannot be read ({os_reason(error)})"
    return hashlib.sha256(found).hexdigest()[:16]


def _entries(folder: Path) -> bytes:
    return repr(sorted((entry.name, entry.stat().st_size if entry.is_file() else -1) for entry in os.scandir(folder))).encode()


def _ends(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        start = file.read(_BLOCK)
        file.seek(max(0, size - _BLOCK))
        return b"%d\0" % size + start + file.read(_BLOCK)
