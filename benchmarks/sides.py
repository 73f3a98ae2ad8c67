"""The sides that benchmarks compare, each measured in its own process: `python -m benchmarks.sides NAME FOLDER RESULT`.

In: a `Setting`. Out: a JSON file with what the side measured: seconds, and the process's peak memory in bytes.
"""

import argparse
import json
import resource
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import evaluation, sample_run, table, training
from benchmarks.evaluation import EvaluationWorkload
from components.tasks.base import Recipe

MANY_ROWS = 9  # times as many rows: 1,800,000 instead of 200,000
MANY_THRESHOLDS = 90  # instead of 9


@dataclass(frozen=True)
class Setting:
    """Sizes of the workloads.

    Attributes:
        folder: holds generated examples, models, outputs and logs; existing ones are reused.
        rows: number of evaluated examples.
        train_rows: number of training comments.
        steps: number of batches of a training.
        table_rows: number of rows of a table of predictions.
    """

    folder: Path
    rows: int = 200_000
    train_rows: int = 40_000
    steps: int = 1000
    table_rows: int = 1_000_000


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        prepare: creates missing files, in a process of its own.
        measure: returns the seconds (a check returns the checked value), and the peak memory in bytes where it is not that of
            this process.
    """

    prepare: Callable[[Setting], object]
    measure: Callable[[Setting], float | tuple[float, int]]


def _evaluation(
    measure: Callable[[EvaluationWorkload], float],
    many_rows: bool = False,
    many_slices: bool = False,
    many_thresholds: bool = False,
) -> Side:
    def prepare(setting: Setting) -> EvaluationWorkload:
        number = MANY_THRESHOLDS if many_thresholds else len(evaluation.THRESHOLDS)
        thresholds = [round(float(at), 6) for at in np.linspace(0, 1, number + 2)[1:-1]]
        rows = setting.rows * (MANY_ROWS if many_rows else 1)
        return evaluation.prepare(
            setting.folder / "evaluation", rows, thresholds, extra_slices=evaluation.TOPICS if many_slices else 0
        )

    return Side(prepare, lambda setting: measure(prepare(setting)))


def _training(measure: Callable[[training.TrainingWorkload, Recipe], float], recipe: Recipe) -> Side:
    def prepare(setting: Setting) -> training.TrainingWorkload:
        return training.prepare(setting.folder / "training", setting.train_rows, setting.steps)

    return Side(prepare, lambda setting: measure(prepare(setting), recipe))


def _sample_run(measure: Callable[[Path], float]) -> Side:
    return Side(lambda _: None, lambda setting: measure(setting.folder / "sample-run"))


def _table(side: str, times: int = 1) -> Side:
    def path(setting: Setting) -> Path:
        rows = setting.table_rows * times
        return table.make(setting.folder / "table" / f"{rows}.parquet", rows)

    return Side(path, lambda setting: table.measure(side, path(setting)))


def _difference(setting: Setting) -> float:
    return evaluation.largest_difference(setting.folder / "evaluation")


SIDES: Mapping[str, Side] = {
    "stock": _evaluation(evaluation.stock),
    "stock_jackknife": _evaluation(partial(evaluation.stock, intervals=True)),
    "bare": _evaluation(evaluation.bare),
    "ours": _evaluation(evaluation.ours),
    "ours_9x_rows": _evaluation(evaluation.ours, many_rows=True),
    "ours_10x_slices": _evaluation(evaluation.ours, many_slices=True),
    "ours_10x_thresholds": _evaluation(evaluation.ours, many_thresholds=True),
    "largest_difference": Side(lambda _: None, _difference),
    "tutorial_baseline": _training(training.tutorial, "baseline"),
    "tutorial_candidate": _training(training.tutorial, "remediated"),
    "ours_baseline": _training(training.ours, "baseline"),
    "ours_candidate": _training(training.ours, "remediated"),
    "sample_run": _sample_run(sample_run.whole),
    "bare_parts": _sample_run(sample_run.bare),
    "table_ours": _table("ours"),
    "table_ours_10x": _table("ours", times=10),
    "table_exact": _table("ours_exact"),
    "table_exact_10x": _table("ours_exact", times=10),
    "table_bare": _table("bare"),
    "table_fairlearn": _table("fairlearn"),
}


def main() -> None:
    """Prepare or measure one side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("side", choices=SIDES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("result", type=Path, nargs="?", help="a JSON file; without it the side is only prepared")
    for field in fields(Setting)[1:]:
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=int, default=field.default)
    given = vars(parser.parse_args())
    side, result = SIDES[given.pop("side")], given.pop("result")
    setting = Setting(**given)
    if result is None:
        side.prepare(setting)
        return
    measured = side.measure(setting)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB
    seconds, peak = measured if isinstance(measured, tuple) else (measured, own)
    result.write_text(json.dumps({"seconds": seconds, "bytes": peak}), encoding="utf-8")


def arguments(setting: Setting) -> list[str]:
    """Return the setting as command-line arguments for `main`, without the folder."""
    sizes = {name: value for name, value in asdict(setting).items() if name != "folder"}
    return [part for name, value in sizes.items() for part in (f"--{name.replace('_', '-')}", str(value))]


if __name__ == "__main__":
    main()
