"""Judge a table of predictions from the start of the process, and count the same table in bare numpy.

In: a Parquet file that `make` wrote: the label, two scores, thirty flags of groups that overlap. Out: seconds, timed from
outside, and the peak memory of the process alone (VmHWM; a child's resource usage would begin with that of the parent).

Run: python -m benchmarks.table SIDE FILE, of the sides ours, ours_exact, bare and fairlearn; prints the peak memory in bytes.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # each side imports what it needs, for imports are timed
    import numpy as np
    import numpy.typing as npt

PROJECT = Path(__file__).resolve().parents[1]
GROUPS = tuple(f"g{at}" for at in range(30))
THRESHOLDS = tuple(round(at / 10, 1) for at in range(1, 10))
MODELS = ("baseline", "candidate")
AT_ONCE = 1_000_000  # rows that are generated and written together
FAIRLEARN = PROJECT / ".tools" / "environments" / "fairness" / "bin" / "python"  # `make environments` makes it
SMALL = 100  # fairlearn is given so many times fewer rows; its time is scaled up


def make(path: Path, rows: int) -> Path:
    """Write a table unless it is there: 10 % positives, scores that overlap, groups of .2 to 30 %."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    random, part = np.random.default_rng(7), path.with_suffix(".part")
    kinds = {"y": pa.bool_(), **dict.fromkeys(MODELS, pa.float32()), **dict.fromkeys(GROUPS, pa.bool_())}
    with parquet.ParquetWriter(part, pa.schema(kinds)) as writer:
        for first in range(0, rows, AT_ONCE):
            size = min(AT_ONCE, rows - first)
            label = random.random(size) < 0.1
            shared = random.beta(1 + label, 3 - label)
            table: dict[str, Any] = {"y": label}
            for model in MODELS:
                table[model] = np.clip(shared + random.normal(0, 0.1, size), 0, 1).astype(np.float32)
            table |= {
                group: random.random(size) < share for group, share in zip(GROUPS, np.geomspace(0.002, 0.3, 30), strict=True)
            }
            writer.write_table(pa.table(table, schema=pa.schema(kinds)), row_group_size=1 << 17)
    return part.rename(path)


def ours(path: Path, *options: str) -> None:
    """Judge the table by the command: every metric with its interval, the verdict and the whole report."""
    from fairgate.cli.main import main

    with tempfile.TemporaryDirectory() as folder:
        scores = [part for model in MODELS for part in ("--score", f"{model}={model}")]
        places = ["--thresholds", ",".join(map(str, THRESHOLDS)), "--out", f"{folder}/report"]
        main(["evaluate", str(path), "--label", "y", *scores, "--group", f"group={','.join(GROUPS)}", *places, *options])


def bare(path: Path) -> None:
    """Count the same slices: joint decisions of both models, exact AUCs, and DeLong's error of their difference."""
    import numpy as np
    from pyarrow import parquet

    table = parquet.read_table(path)
    label = table["y"].to_numpy()
    decided, ranks = label.astype(np.int64), []
    for model in MODELS:
        scores = table[model].to_numpy()
        decided = decided * 10 + np.searchsorted(np.array(THRESHOLDS, np.float32), scores)
        ranks.append(np.unique(scores, return_inverse=True)[1].ravel())
    for group in (None, *GROUPS):
        rows = np.arange(len(label)) if group is None else np.flatnonzero(table[group].to_numpy())
        np.bincount(decided[rows], minlength=200)
        _delong(label[rows], [of_model[rows] for of_model in ranks])


def _delong(label: "npt.NDArray[np.bool_]", ranks: "list[npt.NDArray[np.int64]]") -> "tuple[npt.NDArray[np.float64], float]":
    """Return both AUCs, and the standard error of their difference."""
    import numpy as np

    wins: list[list[npt.NDArray[np.float64]]] = [[], []]
    for rank in ranks:
        width = int(rank.max()) + 1
        counts = [np.bincount(rank[label == own], minlength=width) for own in (False, True)]
        shares = [(of_label.cumsum() - of_label / 2) / of_label.sum() for of_label in counts]
        wins[0].append(shares[0][rank[label]])
        wins[1].append(1 - shares[1][rank[~label]])
    covariance = sum(np.cov(of_side) / len(of_side[0]) for of_side in wins)
    return np.mean(wins[0], axis=1), float(np.sqrt(np.array([1, -1]) @ covariance @ np.array([1, -1])))


def fairlearn(path: Path) -> None:
    """Compute the rates of a small part of the table by fairlearn's MetricFrame: per model, threshold and group."""
    from fairlearn.metrics import (  # of its own environment
        MetricFrame,
        false_negative_rate,
        false_positive_rate,
        selection_rate,
    )
    from pyarrow import parquet

    table = parquet.read_table(path).to_pandas().iloc[: parquet.read_metadata(path).num_rows // SMALL]
    rates = {"fpr": false_positive_rate, "fnr": false_negative_rate, "selected": selection_rate}
    for model in MODELS:
        for threshold in THRESHOLDS:
            for group in GROUPS:  # which overlap, so that each is a frame of its own
                frame = MetricFrame(
                    metrics=rates, y_true=table["y"], y_pred=table[model] > threshold, sensitive_features=table[group]
                )
                frame.by_group, frame.difference(), frame.ratio()  # computed when asked for


SIDES: Mapping[str, Any] = {
    "ours": ours,
    "ours_exact": lambda path: ours(path, "--auc", "exact"),
    "bare": bare,
    "fairlearn": fairlearn,
}


def measure(side: str, path: Path) -> tuple[float, int]:
    """Return the seconds of a side from the start of its process to its end, and its peak memory in bytes."""
    python = str(FAIRLEARN) if side == "fairlearn" else sys.executable
    started = time.perf_counter()
    done = subprocess.run(  # noqa: S603  # our own
        [python, "-m", "benchmarks.table", side, str(path)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - started
    return seconds * (SMALL if side == "fairlearn" else 1), int(json.loads(done.stdout.splitlines()[-1]))


def _peak_bytes() -> int:
    (line,) = [line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    try:
        SIDES[sys.argv[1]](Path(sys.argv[2]))
    except SystemExit as ended:
        if ended.code not in (0, 1, 2):  # a verdict's
            raise
    print(_peak_bytes())
