"""The serving check: does the exported model answer raw examples, in a process that knows nothing of its training?

`python -m components.modelling.serving_check MODEL TFRECORD [ROWS]` loads the SavedModel, scores the first rows of the
gzipped TFRecord and prints one line of JSON: {"rows", "scores": [[…], …]}. `check` runs that and judges the answer.
"""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

from components.modelling.signature import Served
from fairgate.gate.checks import Check
from fairgate.text import plural

ROWS = 64
SECONDS = 900  # most of them go to importing TensorFlow where many others are at work
NAME = "serving"


def check(model: str | Path, examples: str | Path) -> Check:
    """Score ROWS raw examples in a fresh process.

    Args:
        model: folder of the SavedModel.
        examples: a gzipped TFRecord of raw tf.Examples.

    Returns:
        ok when every row has scores, each of them finite and in [0, 1]; otherwise the reason says what came instead.
    """
    command = [sys.executable, "-m", __name__, str(model), str(examples), str(ROWS)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  # our own module
    except subprocess.TimeoutExpired:
        return Check(NAME, ok=False, reason=f"The exported model gave no answer within {SECONDS} s in a fresh process.")
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Check(NAME, ok=False, reason=f"The exported model could not be loaded and called in a fresh process: {last}")
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    return judge(answer["scores"], answer["rows"])


def judge(scores: list[list[float]], rows: int) -> Check:
    """Judge scores [rows][1 or classes]: each requested row must have some, all finite and in [0, 1]."""
    answered = sum(1 for row in scores if row)
    if not answered or answered != rows:
        return Check(NAME, ok=False, reason=f"The exported model answered {answered} of {rows} raw examples in a fresh process.")
    flat = [score for row in scores for score in row]
    wrong = [score for score in flat if not math.isfinite(score) or not 0 <= score <= 1]
    if wrong:
        others = f" and {plural(len(wrong) - 1, 'more score')}" if len(wrong) > 1 else ""
        return Check(NAME, ok=False, reason=f"The exported model answered {wrong[0]}{others}, outside [0, 1].")
    return Check(
        NAME,
        ok=True,
        reason=f"The exported model scored {len(scores)} raw examples in a fresh process; every score lies in [0, 1].",
    )


def score(model: str, examples: str, rows: int) -> dict[str, Any]:
    """Score the first rows through the model's one signature: {"rows": their number, "scores": [[of 1 or all classes], …]}."""
    import tensorflow as tf

    serve = Served(model)
    records = list(tf.data.TFRecordDataset(examples, compression_type="GZIP").take(rows).as_numpy_iterator())
    return {"rows": len(records), "scores": [[float(value) for value in row] for row in serve(records)]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(score(sys.argv[1], sys.argv[2], int(sys.argv[3]))) + "\n")
