"""Run commands one after the other in a process that cannot import TensorFlow, Beam or TFX: `python -m tests.files.quick FILE`.

In: a JSON list of [folder, arguments]. Out, in place of it: a list of [exit code, standard output, standard error]. A command
that asks for one of them fails with an ImportError, so that an answer is known to have come without it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from tempfile import TemporaryFile
from types import ModuleType
from typing import IO

HEAVY = ("tensorflow", "tfx", "apache_beam", "tensorflow_model_analysis", "tensorflow_transform")
PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str


class _NothingHeavy(MetaPathFinder):
    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG002
        if name in HEAVY:
            raise ImportError(f"{name} is not to be imported for a mistake")
        return None


def run(commands: Sequence[tuple[Path, Sequence[str]]], exchange: Path) -> list[Ended]:
    """Run each command in its folder, all in one process of its own, and return how they ended.

    Args:
        commands: folder and arguments of each.
        exchange: a file to write to.
    """
    exchange.write_text(json.dumps([[os.fspath(folder), list(arguments)] for folder, arguments in commands]))
    subprocess.run([sys.executable, "-m", "tests.files.quick", os.fspath(exchange)], cwd=PROJECT, check=True, timeout=300)
    return [Ended(*ended) for ended in json.loads(exchange.read_text())]


def _main(exchange: Path) -> None:
    sys.meta_path.insert(0, _NothingHeavy())
    from fairgate.cli.main import main

    ended = []
    for folder, arguments in json.loads(exchange.read_text()):
        os.chdir(folder)
        with _printed(1) as out, _printed(2) as err:
            code = main(arguments)
            sys.stdout.flush()
            sys.stderr.flush()
            ended.append([code, _content(out), _content(err)])
    exchange.write_text(json.dumps(ended))


@contextmanager
def _printed(descriptor: int) -> Iterator[IO[bytes]]:
    """Redirect a file descriptor to a temporary file, which is what C++ prints to as well."""
    kept = os.dup(descriptor)
    with TemporaryFile() as file:
        os.dup2(file.fileno(), descriptor)
        try:
            yield file
        finally:
            (sys.stdout, sys.stderr)[descriptor - 1].flush()
            os.dup2(kept, descriptor)
            os.close(kept)


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
