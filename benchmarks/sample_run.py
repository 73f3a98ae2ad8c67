"""Time the command on the generated sample against the bare parts of its work, both including process start.

Flow: `whole` runs `fairgate run civil-comments --sample` in a fresh root -> `bare` starts `benchmarks.bare_parts` on the examples
and the embedding that the run wrote, for as many batches as the run trained.
"""

import json
import math
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from components.tasks.civil_comments.config import CommentsInput, CommentsTraining

FINISHED = (0, 1, 2)  # blessed, refused, inconclusive


def whole(folder: Path) -> float:
    """Return the seconds of the command in a fresh folder `root`."""
    root = folder / "root"
    shutil.rmtree(root, ignore_errors=True)
    command = str(Path(sys.executable).with_name("fairgate"))
    return _seconds([command, "run", "civil-comments", "--sample", "--root", str(root)], folder / "run.log")


def bare(folder: Path) -> float:
    """Return the seconds of the bare parts, on the output of the newest run; run the command first if there is none."""
    if not (folder / "root" / "latest").exists():
        whole(folder)
    request = {
        "examples": str(_only(folder / "root" / "examples")),
        "embedding": str(_only(folder / "root" / "embeddings")),
        "steps": {recipe: _steps(folder / "root" / "artifacts" / step) for recipe, step in TRAINERS.items()},
    }
    return _seconds([sys.executable, "-m", "benchmarks.bare_parts", json.dumps(request)], folder / "bare.log")


TRAINERS = {"baseline": "TrainerBaseline", "remediated": "TrainerCandidate"}


def _steps(trainer: Path) -> int:
    """Return the number of batches that a Trainer took, from its curves: one point an epoch, the last one cut short."""
    from fairgate import parquet

    (curves,) = trainer.rglob("curves.parquet")
    epochs: int = max(parquet.read_arrow(curves, {"step": "number"}).column("step").to_pylist())
    training, rows = CommentsTraining(), CommentsInput().sample_train_rows
    fitted = rows - round(rows * training.validation_share)
    return min(training.steps, epochs * math.ceil(fitted / training.batch_size))


def _only(folder: Path) -> Path:
    (entry,) = folder.iterdir()
    return entry


def _seconds(command: Sequence[str], log: Path) -> float:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        started = time.perf_counter()
        code = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False).returncode  # noqa: S603  # our own
        seconds = time.perf_counter() - started
    if code not in FINISHED:
        raise RuntimeError(f"{' '.join(command)} ended with {code}; see {log}")
    return seconds
