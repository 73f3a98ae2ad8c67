"""Measure what `fairgate discover` promises, on planted data, and write the tables of docs/discovery.md.

    nice -n 19 .venv/bin/python -m benchmarks.discovery            all tables, into docs/discovery.md; about half an hour
    .venv/bin/python -m benchmarks.discovery --print --seeds 10    on the terminal, from fewer seeds

100,000 examples of the label in question have 30 flags, which overlap freely: 4,525 slices to depth 3. Errors come at a base
rate; in three planted slices, by one, two and three flags that no other planted slice has, the rate is doubled. All flags are
independent, so the rate of every slice in the generator is known. A slice that was found is true when that exceeds the rate of
all examples and of every kept slice by fewer of its flags. Seeds are fixed.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from fairgate.discovery.events import HarmfulRate
from fairgate.discovery.gather import ExampleBatch, ExampleGatherer
from fairgate.discovery.result import Discovery
from fairgate.discovery.rows import BATCH, Condition
from fairgate.names import pairs_of

PAGE = Path(__file__).resolve().parents[1] / "docs" / "discovery.md"
START, END = "<!-- discovery: begin -->", "<!-- discovery: end -->"
FLAGS, SIZE, SEEDS = 30, 100_000, 100
SIZES, RATES = (250, 500, 1_000, 2_000, 4_000), (0.02, 0.05, 0.1, 0.2)
ASKED = HarmfulRate("false_positive_rate", "higher", (0.5,))
PLANTED = ((0,), (1, 2), (3, 4, 5))  # flags
NARROWEST, WIDEST = 0.02, 0.4  # shares of the other flags
PER_USER, CORRELATION = 10, 0.3
TIMED_ROWS = 1_800_000

Slice = frozenset[int]


@dataclass(frozen=True)
class PlantedData:
    """How examples are drawn.

    Attributes:
        num: expected examples of each planted slice; 0 for none.
        rate: of errors, base.
        times: by which a planted slice multiplies it.
        users: whether examples come in users of ten, who share flags and, with a correlation of .3, errors.
        size: examples.
        flags: number of flags, six at least.
    """

    num: int
    rate: float
    times: float = 2.0
    users: bool = False
    size: int = SIZE
    flags: int = FLAGS

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """Return float64[flags], how many of the examples have each."""
        shares = np.geomspace(NARROWEST, WIDEST, self.flags)[::-1].copy()
        for planted in PLANTED if self.num else ():
            shares[list(planted)] = (self.num / self.size) ** (1 / len(planted))
        return shares

    def rate_of(self, flags: Slice) -> float:
        """Return the rate of a slice in the generator, by inclusion and exclusion of the planted slices."""
        if not self.num:
            return self.rate
        shares, inside = self.shares, 0.0
        for size in range(1, len(PLANTED) + 1):
            for chosen in combinations(PLANTED, size):
                needed = frozenset(flag for planted in chosen for flag in planted) - flags
                inside -= (-1) ** size * prod(shares[flag] for flag in needed)
        return self.rate * (1 + (self.times - 1) * inside)

    def discovery(self, seed: int) -> Discovery:
        """Return what is discovered in the examples of a seed."""
        random = np.random.default_rng([seed, self.num, int(1000 * self.rate), self.users])
        per_user = PER_USER if self.users else 1
        users = np.repeat(np.arange(self.size // per_user), per_user)
        flags = (random.random((self.size // per_user, self.flags)) < self.shares)[users]
        inside = np.zeros(self.size, bool)
        for planted in PLANTED if self.num else ():
            inside |= flags[:, list(planted)].all(axis=1)
        rates = self.rate * np.where(inside, self.times, 1.0)
        # A user's own error decides for a share of his examples that makes the correlation of two of them.
        own = (random.random(self.size // per_user)[users] < rates) if self.users else np.zeros(self.size, bool)
        shared = random.random(self.size) < (np.sqrt(CORRELATION) if self.users else 0)
        wrong = np.where(shared, own, random.random(self.size) < rates)
        gatherer = ExampleGatherer(ASKED)
        hashes = users.astype(np.uint64)
        for at in range(0, self.size, BATCH):
            rows = slice(at, at + BATCH)
            members = {Condition("g", str(flag)): np.flatnonzero(flags[rows, flag]) for flag in range(self.flags)}
            scores = np.where(wrong[rows], 0.9, 0.1)
            gatherer.add(ExampleBatch(np.zeros(len(scores), bool), scores, members, clusters=hashes[rows]))
        return gatherer.discovery("user" if self.users else "")


@dataclass(frozen=True)
class Score:
    """How one discovery did.

    Attributes:
        found, false: slices kept by the first half, and those of them that are not true.
        confirmed, falsely_confirmed: likewise, of those that the second half confirmed.
        planted: how many of the planted slices were found.
        planted_confirmed: how many of them were confirmed.
        own, falsely_own: like found and false, of the confirmed ones that are no echoes.
        planted_own: how many of the planted slices are among these.
    """

    found: int
    false: int
    confirmed: int
    falsely_confirmed: int
    planted: int
    planted_confirmed: int
    own: int
    falsely_own: int
    planted_own: int


def score(setting: PlantedData, found: Discovery) -> Score:
    """Return how a discovery did, by the rates in the generator."""
    confirmed = {_flags(each.slice): each.confirmed for each in found.slices}
    false = {flags for flags in confirmed if not _is_true(setting, flags, confirmed)}
    planted = [frozenset(flags) for flags in PLANTED] if setting.num else []
    own = {_flags(each.slice) for each in found.own}
    return Score(
        len(confirmed),
        len(false),
        sum(confirmed.values()),
        sum(confirmed[flags] for flags in false),
        sum(flags in confirmed for flags in planted),
        sum(confirmed.get(flags, False) for flags in planted),
        len(own),
        len(own & false),
        sum(flags in own for flags in planted),
    )


def _is_true(setting: PlantedData, flags: Slice, kept: "dict[Slice, bool]") -> bool:
    above = [parent for parent in kept if parent < flags]
    least = max([setting.rate_of(frozenset()), *map(setting.rate_of, above)])
    return setting.rate_of(flags) > least * (1 + 1e-9)


def _flags(name: str) -> Slice:
    return frozenset(int(value) for _, value in pairs_of(name))


def false_share(scores: Sequence[Score]) -> tuple[float, float, float]:
    """Return the mean shares of false slices: of the found, of the confirmed, and of those of them that are no echoes."""
    counts = [(each.false, each.found, each.falsely_confirmed, each.confirmed, each.falsely_own, each.own) for each in scores]
    table = np.array(counts, np.float64)
    found, confirmed, own = (table[:, ::2] / np.maximum(table[:, 1::2], 1)).mean(axis=0).tolist()
    return found, confirmed, own


def scores_of(setting: PlantedData, seeds: int) -> list[Score]:
    """Return how the discoveries of some seeds did."""
    return [score(setting, setting.discovery(seed)) for seed in range(seeds)]


def rates_table(seeds: int) -> Iterator[str]:
    """Yield the lines of the table of false discovery rates."""
    settings = {
        "nothing planted, base rate .10": PlantedData(0, 0.1),
        "nothing planted, base rate .02": PlantedData(0, 0.02),
        "three slices of 1,000, .10 doubled": PlantedData(1_000, 0.1),
        "three slices of 4,000, .10 doubled": PlantedData(4_000, 0.1),
        "three slices of 4,000, .10 times 1.3": PlantedData(4_000, 0.1, times=1.3),
        "nothing planted, users of ten, correlation .3, with `--cluster`": PlantedData(0, 0.1, users=True),
        "three slices of 4,000, .10 doubled, the same users": PlantedData(4_000, 0.1, users=True),
    }
    kinds = "slices found, mean | false | confirmed, mean | false | without echoes, mean | false"
    yield f"| data | {kinds} | planted, confirmed | not as echo |"
    yield f"|{'---|' * 9}"
    for name, setting in settings.items():
        scores = scores_of(setting, seeds)
        means = [float(np.mean([getattr(each, kind) for each in scores])) for kind in ("found", "confirmed", "own")]
        pairs = " | ".join(f"{mean:.1f} | {share:.1%}" for mean, share in zip(means, false_share(scores), strict=True))
        planted = [sum(getattr(each, kind) for each in scores) for kind in ("planted_confirmed", "planted_own")]
        shares = [f"{number / (len(PLANTED) * seeds):.0%}" if setting.num else "–" for number in planted]
        yield f"| {name} | {pairs} | {shares[0]} | {shares[1]} |"


def power_table(seeds: int) -> Iterator[str]:
    """Yield the lines of the table of planted slices that are found (and confirmed)."""
    yield "| examples of the slice | " + " | ".join(f"base rate {rate:g}" for rate in RATES) + " |"
    yield "|---|" + "---|" * len(RATES)
    for num in SIZES:
        cells = []
        for rate in RATES:
            scores = scores_of(PlantedData(num, rate), seeds)
            of_all = len(scores) * len(PLANTED)
            found, confirmed = (sum(getattr(each, name) for each in scores) for name in ("planted", "planted_confirmed"))
            cells.append(f"{found / of_all:.0%} ({confirmed / of_all:.0%})")
        yield f"| {num:,} | {' | '.join(cells)} |"


def time_table() -> Iterator[str]:
    """Yield the lines of the table of times, each of a process of its own."""
    yield f"| {TIMED_ROWS:,} rows, 30 flags | slices | seconds | of the processor | MiB |"
    yield "|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.parquet")
        random = np.random.default_rng(0)
        labels = random.random(TIMED_ROWS) < 0.1
        columns = {f"g{flag}": random.random(TIMED_ROWS) < 0.1 for flag in range(FLAGS)}
        scores = random.random(TIMED_ROWS).astype(np.float32)
        pq.write_table(pa.table({"y": labels, "p": scores, **columns}), path)
        for depth, slices in ((1, 30), (2, 465), (3, 4_525)):
            seconds, processor, mebibytes = _timed(
                [str(path), "--label", "y", "--score", "candidate=p", "--depth", str(depth)], list(columns)
            )
            yield f"| `--depth {depth}` | {slices:,} | {seconds:.2f} | {processor:.2f} | {mebibytes:,.0f} |"


def _timed(arguments: Sequence[str], groups: Sequence[str]) -> tuple[float, float, float]:
    """Return seconds, seconds of the processor and mebibytes of a command, from its start to its end."""
    code = "import resource, sys; from fairgate.cli.main import main; main(sys.argv[1:]); "
    code += "used = resource.getrusage(resource.RUSAGE_SELF); "
    code += "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)"
    command = [sys.executable, "-c", code, "discover", *arguments, "--group", f"g={','.join(groups)}"]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # our own command
    processor, mebibytes = map(float, done.stderr.split()[-2:])
    return time.perf_counter() - started, processor, mebibytes


def main() -> None:
    """Write or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print", action="store_true", help="Print the tables; change no file.")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="Seeds of each setting.")
    parser.add_argument("--only", choices=["rates", "power", "time"], help="One of the tables; implies --print.")
    given = parser.parse_args()
    parts = {"rates": lambda: rates_table(given.seeds), "power": lambda: power_table(given.seeds), "time": time_table}
    chosen = [parts[given.only]] if given.only else list(parts.values())
    tables = []
    for part in chosen:
        lines = []
        for line in part():
            print(line, flush=True)
            lines.append(line)
        tables.append("\n".join(lines))
    if not (given.print or given.only):
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
        text = "\n\n".join(tables)
        PAGE.write_text(f"{before}{START}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.process_time():.0f} s of processor time, {peak:.0f} MiB", file=sys.stderr)


if __name__ == "__main__":
    main()
