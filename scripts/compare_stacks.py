"""Compare two stacks: test counts, and outcome and rates of the same sample run. Needs only the standard library.

In: two folders, each with `verdict.json` and, if tests were run, `tests.xml` (pytest's JUnit file). Out: a table, and the exit
code: 1 if the outcomes differ, a test failed, or a rate differs by more than TOLERANCE.

Why there is a tolerance: both stacks train on the same bytes and nothing is random, but their numpy, SciPy and TensorFlow may sum
in different orders, and every iteration of a fit carries the last digit further. TOLERANCE is less than half of the policy's
margin for a group: the limit of 1.25 on an overall false positive rate of 0.19 is a distance of 0.047.

Run: python scripts/compare_stacks.py runs/stacks/here runs/stacks/modern
"""

import json
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOLERANCE = 0.02
LEAST = 100  # minimum number of trials of a compared rate, as in the policy
TRIALS = {"false_positive_rate": "n_negative", "false_negative_rate": "n_positive", "auc": "n"}
SHOWN = {0.5, None}  # thresholds whose rates are printed; those of all thresholds are compared
PACKAGES = ("tfx", "tensorflow", "numpy")

Key = tuple[str, str, str, float | None]  # metric, slice, model, threshold


@dataclass(frozen=True)
class Stack:
    """The results of one stack.

    Attributes:
        packages: "tfx 1.16.0, tensorflow 2.16.2, numpy 1.26.4".
        tests: "2300 passed, 3 skipped", or "not run".
        failed: names of the tests that did not pass.
        outcome: of the sample run.
        rates: those that rest on enough examples.
    """

    packages: str
    tests: str
    failed: tuple[str, ...]
    outcome: str
    rates: Mapping[Key, float]


def read(folder: Path) -> Stack:
    """Read the results of a stack. Raises FileNotFoundError if there is no verdict."""
    verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    versions = verdict["provenance"]["package_versions"]
    tests, failed = count(folder / "tests.xml")
    return Stack(
        packages=", ".join(f"{name} {versions[name]}" for name in PACKAGES if name in versions),
        tests=tests,
        failed=failed,
        outcome=verdict["outcome"],
        rates=dict(rates(verdict["slices"])),
    )


def count(file: Path) -> tuple[str, tuple[str, ...]]:
    """Return the tests of a JUnit file in words, and the names of those that did not pass."""
    if not file.exists():
        return "not run", ()
    suite = next(ElementTree.parse(file).getroot().iter("testsuite"))  # noqa: S314  # written by pytest a moment ago
    total, failures, errors, skipped = (int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped"))
    counts = {"passed": total - failures - errors - skipped, "failed": failures + errors, "skipped": skipped}
    failed = tuple(
        f"{case.get('classname')}::{case.get('name')}"
        for case in suite.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    )
    return ", ".join(f"{number} {what}" for what, number in counts.items() if number) or "none", failed


def rates(lines: list[dict[str, Any]]) -> Iterator[tuple[Key, float]]:
    """Return the rates of a verdict's slices with at least LEAST examples."""
    for line in lines:
        for metric, trials in TRIALS.items():
            value = line.get(metric)
            if value is not None and line[trials] >= LEAST:
                yield (metric, line["slice"], line["model"], line["threshold"]), value


def table(first: Stack, second: Stack) -> Iterator[str]:
    """Return lines of three columns: tests, outcome, and the rates of the overall and the gender slices."""
    rows = [("packages", first.packages, second.packages), ("tests", first.tests, second.tests)]
    rows.append(("sample run", first.outcome, second.outcome))
    for key in sorted(shared(first, second), key=str):
        metric, name, model, threshold = key
        if threshold in SHOWN and name.partition(":")[0] in ("overall", "gender") and "×" not in name:
            at = "" if threshold is None else f" @{threshold:g}"
            rows.append((f"{model} {metric}{at}, {name}", f"{first.rates[key]:.4f}", f"{second.rates[key]:.4f}"))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for label, left, right in rows:
        yield f"{label:{widths[0]}}  {left:{widths[1]}}  {right}"


def shared(first: Stack, second: Stack) -> set[Key]:
    """Return the rates that both stacks measured."""
    return first.rates.keys() & second.rates.keys()


def disagreements(first: Stack, second: Stack) -> Iterator[str]:
    """Return the differences that make the comparison fail; empty if there are none."""
    for stack in (first, second):
        for name in stack.failed:
            yield f"{name} failed with {stack.packages}"
    if first.outcome != second.outcome:
        yield f"the sample run is {first.outcome} on one stack and {second.outcome} on the other"
    if not shared(first, second):
        yield "the two runs have no rate in common"
    for key in sorted(shared(first, second), key=str):
        difference = abs(first.rates[key] - second.rates[key])
        if not difference <= TOLERANCE:
            yield f"{' '.join(map(str, key))} differs by {difference:.4f}, more than {TOLERANCE}"


def main(folders: list[str]) -> int:
    """Print the comparison and return the exit code."""
    first, second = (read(Path(folder)) for folder in folders)
    print("\n".join(table(first, second)))
    wrong = list(disagreements(first, second))
    if wrong:
        print("\n".join(f"stacks: {reason}" for reason in wrong))
        return 1
    apart = max(shared(first, second), key=lambda key: abs(first.rates[key] - second.rates[key]))
    largest = abs(first.rates[apart] - second.rates[apart])
    print(
        f"stacks agree: {len(shared(first, second))} rates, the largest difference is {largest:.4f} ({' '.join(map(str, apart))})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
