"""Measure the power of the sizes that `fairgate plan` names, by simulation, and write the table of docs/plan.md.

    .venv/bin/python benchmarks/plan_power.py             the table, into docs/plan.md; about four minutes
    .venv/bin/python benchmarks/plan_power.py --print     the table, on the terminal

Each row: the size that `fairgate.statistics.sample_size` computes; new data of that size are drawn 20,000 times at the assumed
rates, and the interval of the rule is computed for each. The share of intervals that lie clear of the limit is the power, which
is to be within 3 points of 80 %. Seeds are fixed.
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from fairgate.measurement import PairedRate
from fairgate.statistics import gap_changes, intervals, paired, sample_size
from fairgate.statistics.comparison import Estimate
from fairgate.statistics.intervals import Array, Interval

PAGE = Path(__file__).resolve().parents[1] / "docs" / "plan.md"
START, END = "<!-- power: begin -->", "<!-- power: end -->"
DRAWS = 20_000
_FEWER = 3_000  # where every draw has draws of its own
CONFIDENCE = 0.95


@dataclass(frozen=True)
class RateCase:
    """A rate against a limit, by Wilson's interval."""

    rate: float
    limit: float

    def name(self) -> str:
        """Return the first two cells of the row."""
        return f"rate against a limit | {self.rate:g} against {self.limit:g}"

    def size(self) -> float:
        """Return the computed number of examples."""
        return sample_size.growth(sample_size.plain_rate(self.rate, 100), [self.limit], CONFIDENCE) * 100

    def power(self, size: int, random: np.random.Generator) -> float:
        """Return the share of draws whose interval lies clear of the limit."""
        interval = intervals.wilson(random.binomial(size, self.rate, DRAWS), float(size), CONFIDENCE)
        return _clear(interval, self.limit, self.limit > self.rate)


@dataclass(frozen=True)
class SliceCase:
    """A slice against all examples: Koopman's ratio or Newcombe's difference, translated from slice against rest.

    Attributes:
        trials: that the slice has; `rest`: outside of it.
        rest_grows: all examples grow in proportion, not the slice alone.
    """

    rate: float
    overall: float
    limit: float
    trials: int
    rest: int
    measure: Literal["ratio", "difference"] = "ratio"
    rest_grows: bool = True

    def name(self) -> str:
        """Return the first two cells of the row."""
        share = self.trials / (self.trials + self.rest)
        grows = f"share {share:.3g}" if self.rest_grows else f"only the slice grows, the rest holds {self.rest:,}"
        what = f"{self.measure} of {self.rate:g} to {self.overall:g} against {self.limit:g}"
        return f"slice against overall | {what}; {grows}"

    def size(self) -> float:
        """Return the computed number of examples of the slice."""
        counts = self.rate, self.overall, self.trials, self.rest
        estimate = sample_size.part_of_whole(*counts, self.measure, self.rest_grows)
        return sample_size.growth(estimate, [self.limit], CONFIDENCE) * self.trials

    def power(self, size: int, random: np.random.Generator) -> float:
        """Return the share of draws whose interval lies clear of the limit."""
        rest = round(self.rest * size / self.trials) if self.rest_grows else self.rest
        share = size / (size + rest)
        outside = (self.overall - share * self.rate) / (1 - share)
        counts = random.binomial(size, self.rate, DRAWS), size, random.binomial(rest, outside, DRAWS), rest
        if self.measure == "ratio":
            ends = [intervals.ratio_to_whole(end, share) for end in intervals.rate_ratio(*counts, CONFIDENCE)]
            return _clear(Interval(*ends), self.limit, self.limit > self.rate / self.overall)
        ends = [intervals.difference_to_whole(end, share) for end in intervals.rate_difference(*counts, CONFIDENCE)]
        return _clear(Interval(*ends), self.limit, self.limit > self.rate - self.overall)


@dataclass(frozen=True)
class PairedCase:
    """A change from the baseline to the candidate, by Tango's interval of two paired rates.

    Attributes:
        gained, lost: shares of the trials in which the candidate alone errs, and the baseline alone.
        limit: of the change.
    """

    gained: float
    lost: float
    limit: float
    both: float = 0.1

    def name(self) -> str:
        """Return the first two cells of the row."""
        change = f"change of {self.gained - self.lost:.3g} against {self.limit:g}"
        return f"candidate against baseline | {change}; new errors {self.gained:g}, errors fixed {self.lost:g}"

    def size(self) -> float:
        """Return the computed number of trials."""
        estimate = paired.difference(_pair(np.array(self._shares(), np.float64) * 1000))
        return sample_size.growth(estimate, [self.limit], CONFIDENCE) * 1000

    def power(self, size: int, random: np.random.Generator) -> float:
        """Return the share of draws whose interval lies clear of the limit."""
        _, lost, gained, _ = random.multinomial(size, self._shares(), DRAWS).T
        interval = paired.tango(gained, lost, float(size), CONFIDENCE)
        return _clear(interval, self.limit, self.limit > self.gained - self.lost)

    def _shares(self) -> tuple[float, float, float, float]:
        return self.both, self.lost, self.gained, 1 - self.both - self.lost - self.gained


@dataclass(frozen=True)
class ShrinkingCase:
    """The change of a slice's gap (its ratio to overall) from the baseline to the candidate, by the bootstrap of joint counts.

    Attributes:
        candidate, baseline: rates of the slice and of all examples.
        share: of the slice. Of the errors that both models could share, they share seven in ten.
    """

    candidate: tuple[float, float]
    baseline: tuple[float, float]
    share: float

    def name(self) -> str:
        """Return the first two cells of the row."""
        (ours, overall), (theirs, before) = self.candidate, self.baseline
        return f"gap against the baseline's | {theirs:g} / {before:g} to {ours:g} / {overall:g}; share {self.share:g}"

    def size(self) -> float:
        """Return the computed number of trials of the slice."""
        own, rest = self._cells(500)
        return sample_size.growth(self._estimate(own, rest), [0.0], CONFIDENCE) * 500

    def power(self, size: int, random: np.random.Generator) -> float:
        """Return the share of draws whose interval lies clear of no change."""
        own, rest = self._cells(size)
        clear = 0
        for _ in range(_FEWER):
            drawn = (random.multinomial(round(cells.sum()), cells / cells.sum()).astype(np.float64) for cells in (own, rest))
            low, high = self._estimate(*drawn).interval(CONFIDENCE)
            clear += high < 0 or low > 0
        return clear / _FEWER

    def _cells(self, trials: float) -> tuple[Array, Array]:
        """Return the expected joint counts of the slice and of the rest."""
        inside, whole = (_joint(ours, theirs) for ours, theirs in zip(self.candidate, self.baseline, strict=True))
        return inside * trials, (whole / self.share - inside) * trials

    def _estimate(self, own: Array, rest: Array) -> Estimate:
        gap = gap_changes.Gap("ratio", "higher")
        rates = [[(c[0] + c[model]) / c.sum() for c in (own, own + rest)] for model in (1, 2)]
        theirs, ours = (float(gap.sizes(np.array(part), np.array(whole))) for part, whole in rates)
        return gap_changes.of_each(_pair(own), _pair(own + rest), gap, ours - theirs, float(own.sum()))


def _joint(ours: float, theirs: float) -> Array:
    both = 0.7 * min(ours, theirs)
    return np.array([both, theirs - both, ours - both, 1 - ours - theirs + both])


def _pair(cells: Array) -> PairedRate:
    counts = (float(cells[0]), float(cells[1]), float(cells[2]), float(cells[3]))
    return PairedRate(counts, counts, counts)


CASES: tuple[RateCase | SliceCase | PairedCase | ShrinkingCase, ...] = (
    RateCase(0.19, 0.22),
    RateCase(0.05, 0.10),
    RateCase(0.10, 0.20),
    RateCase(0.02, 0.04),
    RateCase(0.005, 0.02),
    RateCase(0.30, 0.25),
    RateCase(0.08, 0.05),
    RateCase(0.90, 0.85),
    SliceCase(0.194, 0.1753, 1.25, 794, 16568),
    SliceCase(0.194, 0.1753, 1.25, 794, 16568, rest_grows=False),
    SliceCase(0.30, 0.27, 1.25, 500, 9500),
    SliceCase(0.30, 0.20, 1.25, 100, 900),
    SliceCase(0.06, 0.05, 1.5, 300, 700),
    SliceCase(0.02, 0.01, 1.25, 300, 9700),
    SliceCase(0.15, 0.25, 0.8, 300, 2700),
    SliceCase(0.40, 0.40, 1.25, 300, 2700),
    SliceCase(0.12, 0.10, 0.05, 300, 2700, "difference"),
    SliceCase(0.30, 0.20, 0.05, 300, 2700, "difference"),
    SliceCase(0.12, 0.10, 0.05, 300, 2700, "difference", rest_grows=False),
    PairedCase(0.05, 0.02, 0.10),
    PairedCase(0.05, 0.05, 0.10),
    PairedCase(0.09, 0.015, 0.10),
    PairedCase(0.09, 0.015, 0.0),
    PairedCase(0.03, 0.01, 0.0),
    PairedCase(0.02, 0.0, 0.10),
    PairedCase(0.20, 0.05, 0.10),
    ShrinkingCase((0.19, 0.17), (0.25, 0.18), 0.1),
    ShrinkingCase((0.194, 0.175), (0.433, 0.244), 0.046),
    ShrinkingCase((0.30, 0.20), (0.26, 0.20), 0.1),
)


def rows() -> Iterator[str]:
    """Yield the table, line by line."""
    yield "| what | case | examples | simulated power |"
    yield "|---|---|---|---|"
    for number, case in enumerate(CASES):
        size = math.ceil(case.size())
        power = case.power(size, np.random.default_rng(number))
        yield f"| {case.name()} | {size:,} | {power * 100:.1f} % |"


def _clear(interval: Interval, limit: float, below: bool) -> float:
    return float(np.mean(interval.high < limit if below else interval.low > limit))


def main() -> None:
    """Write the table into the page, or print it."""
    parser = argparse.ArgumentParser(description="Simulate the power of the sizes that `fairgate plan` names.")
    parser.add_argument("--print", action="store_true", dest="only_print", help="Print the table, write nothing.")
    table = "\n".join(rows())
    if parser.parse_args().only_print:
        print(table)
        return
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{START}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
