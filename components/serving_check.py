"""The serving check: does the exported model answer raw examples, in a process that knows nothing of its training?

`python -m components.serving_check MODEL TFRECORD [ROWS]` loads the SavedModel, scores the first rows of the gzipped TFRecord
and prints one line of JSON: {"rows", "scores": [[…], …]}. `check` runs that and judges the answer.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

from components.gate.outcome import Check

ROWS = 64
SECONDS = 300
NAME = "serving"


def check(model: str | Path, examples: str | Path) -> Check:
    """Scores ROWS raw examples in a fresh process.

    Args:
        model: folder of the SavedModel.
        examples: a gzipped TFRecord of raw tf.Examples.

    Returns:
        ok when every score is finite and lies in [0, 1]; otherwise the reason says what came instead.
    """
    command = [sys.executable, "-m", __name__, str(model), str(examples), str(ROWS)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  # our own module
    except subprocess.TimeoutExpired:
        return Check(NAME, ok=False, reason=f"The exported model gave no answer within {SECONDS} s in a fresh process.")
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Check(NAME, ok=False, reason=f"The exported model could not be loaded and called in a fresh process: {last}")
    return judge(json.loads(done.stdout.strip().splitlines()[-1])["scores"])


def judge(scores: list[list[float]]) -> Check:
    """Judges scores [rows][1 or classes]: there must be some, all finite, all in [0, 1]."""
    flat = [score for row in scores for score in row]
    if not flat:
        return Check(NAME, ok=False, reason="The exported model answered no rows.")
    wrong = [score for score in flat if not math.isfinite(score) or not 0 <= score <= 1]
    if wrong:
        return Check(
            NAME, ok=False, reason=f"The exported model answered {wrong[0]} and {len(wrong) - 1} more scores outside [0, 1]."
        )
    return Check(
        NAME,
        ok=True,
        reason=f"The exported model scored {len(scores)} raw examples in a fresh process; every score lies in [0, 1].",
    )


def score(model: str, examples: str, rows: int) -> list[list[float]]:
    """Scores of the first rows through the model's one signature, [rows][1 or classes]."""
    import tensorflow as tf

    serve = tf.saved_model.load(model).signatures["serving_default"]
    dataset = tf.data.TFRecordDataset(examples, compression_type="GZIP").take(rows)
    answers = serve(examples=tf.constant(list(dataset.as_numpy_iterator()), tf.string))
    (scores,) = answers.values()
    return [[float(value) for value in row] for row in scores.numpy()]


if __name__ == "__main__":
    found = score(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    sys.stdout.write(json.dumps({"rows": len(found), "scores": found}) + "\n")
