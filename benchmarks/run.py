"""Measure the promised speeds, as ratios of two sides that run in turn on the same machine.

In: names of benchmarks (all by default). Out: `benchmarks/latest.json` and a table. `benchmarks/README.md` explains both.

Run: python benchmarks/run.py [NAMES…] [--runs 3] [--rows 200000]; about two hours for all of them on two cores.
A smaller run (--rows, --steps, --runs below 3) tests that the code works, and writes FOLDER/latest.json instead.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # started as a file, Python looks for modules beside it alone

from benchmarks import ratios, table
from benchmarks.ratios import Goal, Run
from benchmarks.sides import Setting, arguments

PROJECT = Path(__file__).resolve().parents[1]
LEAST_RUNS = 3
PACKAGES = ("tfx", "tensorflow", "tensorflow-model-analysis", "apache-beam", "keras", "numpy", "pyarrow")

console = Console()


@dataclass(frozen=True)
class Benchmark:
    """A comparison of two sides.

    Attributes:
        goal: goal of the ratio numerator / denominator.
        numerator, denominator: names of the sides.
        unit: the compared figure of a side, "seconds" or "bytes".
        sizes: fields of the Setting that the figures depend on.
        check: a side that is run after each pair; its result is stored beside the pair's figures.
    """

    goal: Goal
    numerator: str
    denominator: str
    unit: str = "seconds"
    sizes: tuple[str, ...] = ("rows",)
    check: str | None = None


TRAINING = ("train_rows", "steps")
BENCHMARKS: Mapping[str, Benchmark] = {
    "evaluation_vs_tfma": Benchmark(Goal(">=", 10), "stock", "ours", check="largest_difference"),
    "evaluation_vs_tfma_intervals": Benchmark(Goal(">=", 25), "stock_jackknife", "ours"),
    "evaluation_vs_bare": Benchmark(Goal("<=", 2), "ours", "bare"),
    "training_baseline_vs_tutorial": Benchmark(Goal(">=", 3), "tutorial_baseline", "ours_baseline", sizes=TRAINING),
    "training_candidate_vs_tutorial": Benchmark(Goal(">=", 4), "tutorial_candidate", "ours_candidate", sizes=TRAINING),
    "training_candidate_vs_baseline": Benchmark(Goal(">=", 0.95), "ours_baseline", "ours_candidate", sizes=TRAINING),
    "sample_run_vs_bare": Benchmark(Goal("<=", 3), "sample_run", "bare_parts", sizes=()),
    "slices_x10": Benchmark(Goal("<=", 1.3), "ours_10x_slices", "ours"),
    "thresholds_x10": Benchmark(Goal("<=", 1.3), "ours_10x_thresholds", "ours"),
    "memory_1800k_vs_200k": Benchmark(Goal("<=", 1.5), "ours_9x_rows", "ours", unit="bytes"),
    "table_vs_bare": Benchmark(Goal("<=", 2), "table_ours", "table_bare", sizes=("table_rows",)),
    "table_vs_fairlearn": Benchmark(Goal(">=", 1000), "table_fairlearn", "table_ours", sizes=("table_rows",)),
    "table_memory": Benchmark(Goal("<=", 1.3), "table_ours_10x", "table_ours", unit="bytes", sizes=("table_rows",)),
    "table_memory_exact": Benchmark(Goal("<=", 2), "table_exact_10x", "table_exact", unit="bytes", sizes=("table_rows",)),
}


def measure(name: str, setting: Setting, runs: int) -> Iterator[dict[str, object]]:
    """Measure `runs` pairs, each side in its own process, alternating the first side; yield the result after each pair."""
    benchmark = BENCHMARKS[name]
    sides = (benchmark.numerator, benchmark.denominator)
    for side in sides:
        _process(side, setting)
    pairs: list[Run] = []
    for at in range(runs):
        ordered = sides if at % 2 == 0 else sides[::-1]
        figures = {side: _process(side, setting, setting.folder / "result.json")[benchmark.unit] for side in ordered}
        pair: dict[str, float | str] = {side: round(figures[side], 3) for side in sides}
        pair |= {"unit": benchmark.unit, **{size: getattr(setting, size) for size in benchmark.sizes}}
        if benchmark.check:
            pair[benchmark.check] = _process(benchmark.check, setting, setting.folder / "result.json")["seconds"]
        console.print(f"{name} {at + 1} of {runs}: {pair}", highlight=False)
        pairs.append(pair)
        yield result(benchmark, pairs)


def result(benchmark: Benchmark, pairs: Sequence[Run]) -> dict[str, object]:
    """Return the entry of a benchmark in the file."""
    ratio = ratios.median_ratio(pairs, benchmark.numerator, benchmark.denominator)
    return {"ratio": round(ratio, 4), "goal": str(benchmark.goal), "runs": list(pairs)}


def machine() -> dict[str, object]:
    """Describe the machine that the figures were measured on."""
    return {
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "python": platform.python_version(),
        "packages": {package: version(package) for package in PACKAGES},
    }


def parse(given: Sequence[str] | None) -> tuple[list[str], int, Setting, Path]:
    """Parse the command line: names, pairs per benchmark, sizes, and the file of results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAMES", help=f"of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--runs", type=int, default=LEAST_RUNS, help="pairs per benchmark")
    parser.add_argument("--folder", type=Path, default=PROJECT / "runs" / "benchmarks", help="of generated files and logs")
    parser.add_argument("--output", type=Path, help="the file of results; what it holds of other benchmarks is kept")
    for field in fields(Setting)[1:]:
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=int, default=field.default)
    known = parser.parse_args(given)
    if unknown := set(known.names) - set(BENCHMARKS):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    if known.runs < 1:
        parser.error(f"--runs is {known.runs}; give at least 1")
    setting = Setting(known.folder.resolve(), known.rows, known.train_rows, known.steps, known.table_rows)
    whole = replace(setting, folder=Path()) == Setting(Path()) and known.runs >= LEAST_RUNS
    output = known.output or (PROJECT / "benchmarks" if whole else setting.folder) / "latest.json"
    return known.names or [name for name in BENCHMARKS if _is_possible(name)], known.runs, setting, output


def _is_possible(name: str) -> bool:
    """Return whether a benchmark has what it needs; that with fairlearn needs an environment of its own."""
    return BENCHMARKS[name].numerator != "table_fairlearn" or table.FAIRLEARN.is_file()


def main(given: Sequence[str] | None = None) -> None:
    """Measure, write the file after every benchmark, and print the table."""
    names, runs, setting, output = parse(given)
    for name in names:
        for found in measure(name, setting, runs):
            new = {name: found, ratios.MACHINE: machine()}
            ratios.write(ratios.merged(ratios.read(output), new, tuple(BENCHMARKS)), output)
    results = ratios.read(output)
    console.print(ratios.table({name: results[name] for name in names}))
    console.print(f"Written to {output}", soft_wrap=True)


def _process(side: str, setting: Setting, result_file: Path | None = None) -> dict[str, float]:
    """Run one side in its own process: prepare it, or measure it if a result file is given."""
    command = [sys.executable, "-m", "benchmarks.sides", side, str(setting.folder)]
    command += [*([str(result_file)] if result_file else []), *arguments(setting)]
    log = setting.folder / "logs" / f"{side}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        done = subprocess.run(command, cwd=PROJECT, stdout=file, stderr=subprocess.STDOUT, check=False)  # noqa: S603  # our own
    if done.returncode:
        raise SystemExit(f"{side} failed with {done.returncode}; the log is {log}.")
    found: dict[str, float] = json.loads(result_file.read_text(encoding="utf-8")) if result_file else {}
    return found


if __name__ == "__main__":
    main()
