"""Compare two verdicts of one configuration, value by value. Needs only the standard library.

`python scripts/compare_verdicts.py FIRST.json SECOND.json`. Outcome, rows, every rule and every value of every slice must be
equal, numbers to TOLERANCE. What names a place, a time or a machine is not compared. Prints the number of compared values
and their largest difference; ends with 1, and up to SHOWN lines, where something differs.
"""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOLERANCE = 1e-9
COMPARED = ("outcome", "summary", "rules", "slices")
SHOWN = 10

Leaf = tuple[str, Any]


def leaves(value: Any, name: str = "") -> Iterator[Leaf]:
    """Return every value below, with its path: `slices[3].auc`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        yield f"{name}.length", len(value)
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{name}[{index}]")
    else:
        yield name, value


def compared(verdict: dict[str, Any]) -> dict[str, Any]:
    """Return what two runs of one configuration have in common, by path."""
    return dict(leaves({**{key: verdict[key] for key in COMPARED}, "rows": verdict["data"]["rows"]}))


def difference(first: Any, second: Any) -> float:
    """Return 0 for equal values, their distance for numbers, else infinity."""
    if first == second and isinstance(first, bool) == isinstance(second, bool):
        return 0.0
    numbers = [value for value in (first, second) if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < 2:  # one of two is no number
        return math.inf
    distance = abs(first - second)
    return 0.0 if all(map(math.isnan, numbers)) else math.inf if math.isnan(distance) else distance


def main(files: list[str]) -> int:
    """Print the comparison and return the exit code."""
    first, second = (compared(json.loads(Path(file).read_text(encoding="utf-8"))) for file in files)
    missing = object()
    apart = {key: difference(first.get(key, missing), second.get(key, missing)) for key in first | second}
    wrong = [key for key, distance in apart.items() if not distance <= TOLERANCE]
    for key in wrong[:SHOWN]:
        print(f"verdicts: {key}: {first.get(key, 'missing')} and {second.get(key, 'missing')}")
    largest = max(apart.values(), default=0.0)
    print(
        f"verdicts: {len(apart)} values, {len(wrong)} differ by more than {TOLERANCE:g}; the largest difference is {largest:.2g}"
    )
    return 1 if wrong or not first else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
