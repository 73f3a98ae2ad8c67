"""Time every mistake of the corpus as a process of its own: `python benchmarks/bad_cases.py [WORDS]`.

In: `tests.files.bad_corpus.MISTAKES`, or those whose name holds WORDS. Out: a table in Markdown: how many end in under 2 s, the
median, and the slowest ten. One command runs at a time. A wall clock also shows what else the machine does; the processor seconds
(user and system) are those of the command.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))  # the tests are installed nowhere

from tests.files.bad_corpus import MISTAKES  # noqa: E402
from tests.files.mistakes import Mistake  # noqa: E402

LIMIT = 2.0  # seconds
SLOWEST = 10
INPUT_ERROR = 3


@dataclass(frozen=True)
class Timed:
    """One command: its exit code, how many messages it printed, its seconds by the clock and those of the processor."""

    name: str
    code: int
    messages: int
    wall: float
    processor: float


def time_mistake(name: str, mistake: Mistake) -> Timed:
    """Run the command of a mistake in a fresh folder with its files."""
    command = [str(Path(sys.executable).with_name("fairgate")), *mistake.arguments]
    with TemporaryDirectory() as folder:
        mistake.make(Path(folder))
        before, begun = os.times(), time.perf_counter()
        ended = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603  # our own
        wall, after = time.perf_counter() - begun, os.times()
    lines = ended.stderr.decode(errors="replace").splitlines()
    messages = sum(line.startswith(("Error: ", "Traceback", "Warning")) for line in lines)
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return Timed(name, ended.returncode, messages, wall, processor)


def table(timed: Sequence[Timed]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"{len(timed)} command lines; exit code 3 and one message: {sum(map(_ends_well, timed))}"
    yield from ("", "| | processor | wall clock |", "|---|---|---|")
    columns: tuple[Callable[[Timed], float], ...] = (lambda one: one.processor, lambda one: one.wall)
    rows: dict[str, Callable[[list[float]], str]] = {
        "median": lambda seconds: f"{statistics.median(seconds):.2f} s",
        "maximum": lambda seconds: f"{max(seconds):.2f} s",
        f"under {LIMIT:g} s": lambda seconds: f"{sum(each < LIMIT for each in seconds) / len(seconds):.1%}",
    }
    for name, cell in rows.items():
        yield f"| {name} | {' | '.join(cell([column(one) for one in timed]) for column in columns)} |"
    yield from ("", "| the slowest | processor | wall clock |", "|---|---|---|")
    for one in sorted(timed, key=columns[0], reverse=True)[:SLOWEST]:
        yield f"| {one.name} | {one.processor:.2f} s | {one.wall:.2f} s |"
    for one in timed:
        if not _ends_well(one):
            yield f"\n{one.name}: exit code {one.code}, {one.messages} messages"


def _ends_well(one: Timed) -> bool:
    return (one.code, one.messages) == (INPUT_ERROR, 1)


if __name__ == "__main__":
    words = " ".join(sys.argv[1:])
    print("\n".join(table([time_mistake(name, mistake) for name, mistake in MISTAKES.items() if words in name])))
