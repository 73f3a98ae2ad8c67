"""Results of benchmarks: the ratio of two sides, its goal, and the file of results. Pure functions.

`benchmarks/latest.json` holds per name the median of the paired ratios, the goal, and every pair it was computed from:

    {"evaluation_vs_bare": {"ratio": 1.4, "goal": "<= 2", "runs": [
        {"ours": 21.0, "bare": 15.0, "unit": "seconds", "rows": 200000}, …]}, …}
"""

import json
import operator
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.table import Table

from fairgate.errors import InputError

MACHINE = "_machine"

Run = Mapping[str, float | str]
Results = Mapping[str, Mapping[str, Any]]

_HOLDS = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True)
class Goal:
    """The least or the greatest acceptable ratio."""

    relation: Literal[">=", "<="]
    bound: float

    @classmethod
    def parse(cls, written: str) -> "Goal":
        """Parse the text form of a goal, such as ">= 10"."""
        relation, _, bound = written.partition(" ")
        if relation not in (">=", "<="):
            raise InputError(f"The goal {written!r} is none; write '>= NUMBER' or '<= NUMBER'.")
        return cls(relation, float(bound))  # type: ignore[arg-type]  # one of the two, as was just seen

    def __str__(self) -> str:
        return f"{self.relation} {self.bound:g}"

    def met_by(self, ratio: float) -> bool:
        """Return whether the ratio meets the goal; never for NaN."""
        return bool(_HOLDS[self.relation](ratio, self.bound))


def median_ratio(runs: Iterable[Run], numerator: str, denominator: str) -> float:
    """Return the median over the runs of one side's figure divided by the other's in the same run."""
    return statistics.median(float(run[numerator]) / float(run[denominator]) for run in runs)


def merged(old: Results, new: Results, order: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Merge two result files, preferring the newer results; in the given order, the machine last."""
    found = {**old, **new}
    return {name: found[name] for name in (*order, MACHINE) if name in found}


def read(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the results in a file; empty if there is no file.

    Raises:
        InputError: the file is not JSON.
    """
    if not path.exists():
        return {}
    try:
        found: dict[str, Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise InputError(f"{path} is no JSON ({error}); remove it, or name another file with --output.") from None
    return found


def write(results: Results, path: Path) -> None:
    """Write the file under a temporary name, then rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)


def table(results: Results) -> Table:
    """Return a row per benchmark: median and range of the ratios, the goal, and whether it is met."""
    drawn = Table("benchmark", "ratio", "goal", "", "runs")
    for name, result in results.items():
        if name == MACHINE:
            continue
        met = Goal.parse(result["goal"]).met_by(result["ratio"])
        drawn.add_row(
            name, f"{result['ratio']:.2f}", result["goal"], "[green]met[/]" if met else "[red]missed[/]", str(len(result["runs"]))
        )
    return drawn
