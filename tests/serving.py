"""The serving check without its fresh process, for runs in which the process is not the point.

Importing TensorFlow once more takes most of the time of a run whose other steps come from the cache. The process itself is
started by tests/components/modelling/test_serving_check.py and in the first runs of the end-to-end tests.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from json import dumps
from subprocess import CompletedProcess, TimeoutExpired
from types import SimpleNamespace

import pytest

from components.modelling import serving_check


@contextmanager
def served_here() -> Iterator[None]:
    """Let the gate ask the exported model in this process until the block ends; what the answer means is judged as ever."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving_check, "subprocess", SimpleNamespace(run=_run, TimeoutExpired=TimeoutExpired))
        yield


def _run(command: Sequence[str], **_: object) -> CompletedProcess[str]:
    """Do what `python -m components.modelling.serving_check MODEL TFRECORD ROWS` does."""
    model, examples, rows = command[-3:]
    try:
        answer = dumps(serving_check.score(model, examples, int(rows)))
    except Exception as error:
        return CompletedProcess(command, 1, stdout="", stderr=f"{type(error).__name__}: {error}")
    return CompletedProcess(command, 0, stdout=answer, stderr="")
