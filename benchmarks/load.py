"""Run the toxicity task on as many comments as the real data set has; report time and peak memory of every step.

Run: python benchmarks/load.py [--rows 1800000] [--shards N] [--preset exercise] [--root FOLDER], or `make load`. In: nothing, the
comments are generated. Out: a table with the peak resident memory of the process during each step, packages and TensorFlow
included (the kernel's VmHWM, reset when a step starts; Linux only); a line of it is printed when its step ends.
"""

import argparse
import logging
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # started as a file, Python looks for modules beside it alone

from pipeline import config as configuration
from pipeline import local
from pipeline.progress import StepEnd, StepLog, StepStart

PROJECT = Path(__file__).resolve().parents[1]
EVAL_SHARE = 0.05  # about the share of the public data's test split
GIB = 1 << 30


def run(rows: int, root: Path, shards: int | None, preset: str | None) -> tuple[Table, str]:
    """Run the task on `rows` generated comments in `root`; return the table and the outcome as text.

    Args:
        rows: of train and eval together.
        root: of the run.
        shards: files of each split; None for files by size.
        preset: of the configuration.
    """
    held_out = round(rows * EVAL_SHARE)
    sample = {"sample": True, "sample_train_rows": rows - held_out, "sample_eval_rows": held_out, "shards": shards}
    table = Table("step", "seconds", "peak memory, GiB")

    def start(_: StepStart) -> None:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # see proc(5): resets VmHWM to the current size

    def end(step: StepEnd) -> None:
        row = (step.step, f"{step.seconds:.1f}", f"{_peak_bytes() / GIB:.2f}")
        table.add_row(*row)
        print("  ".join(row), file=sys.stderr, flush=True)

    logging.getLogger(local.TFX_LOGGER).propagate = False  # StepLog gets its records; on the screen they would hide the table
    started = time.monotonic()
    config = configuration.load(
        "civil-comments", configuration.Overrides(values={"input": sample} | ({"preset": preset} if preset else {}))
    )
    result = local.run(config, root, (), StepLog(start, end))
    return table, f"{rows} rows: {result.verdict.outcome} after {(time.monotonic() - started) / 60:.1f} minutes"


def _peak_bytes() -> int:
    (line,) = [line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def main() -> None:
    """Run the task and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_800_000)
    parser.add_argument("--root", type=Path, default=PROJECT / "runs" / "load")
    parser.add_argument("--shards", type=int, help="files of each split (default: by size)")
    parser.add_argument("--preset", help="of the configuration (default: none)")
    given = parser.parse_args()
    table, outcome = run(given.rows, given.root, given.shards, given.preset)
    console = Console()
    console.print(table)
    console.print(outcome)


if __name__ == "__main__":
    main()
