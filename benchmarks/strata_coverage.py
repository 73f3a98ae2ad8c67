"""Measure by simulation how often the intervals of Mantel-Haenszel ratios and differences hold the true value.

    nice -n 19 .venv/bin/python -m benchmarks.strata_coverage      # three minutes; prints the table of docs/statistics.md

In: nothing; the seed is fixed. Out: a Markdown table: strata, shares of tables whose interval covers, and misses to both sides.
"""

import argparse
from dataclasses import dataclass

import numpy as np

from fairgate.measurement import MetricKey, Rate, SliceMetrics
from fairgate.statistics.comparison import Measure
from fairgate.statistics.strata import compare

KEY = MetricKey("false_positive_rate", 0.5)
DRAWS = 3000


@dataclass(frozen=True)
class SimulatedStrata:
    """Strata of a group and others.

    Attributes:
        name: in words.
        group, others: examples of each stratum.
        rates: of the others in each stratum.
        ratio, difference: of the group's rates to them, the same in all strata.
    """

    name: str
    group: tuple[int, ...]
    others: tuple[int, ...]
    rates: tuple[float, ...]
    ratio: float = 1.25
    difference: float = 0.05


def _between(low: float, high: float, number: int) -> tuple[float, ...]:
    return tuple(np.linspace(low, high, number).tolist())


CASES = (
    SimulatedStrata("6 of 100 and 300 examples, rates .1 to .5", (100,) * 6, (300,) * 6, _between(0.1, 0.5, 6)),
    SimulatedStrata("6 of 20 and 60, rates .05 to .3", (20,) * 6, (60,) * 6, _between(0.05, 0.3, 6)),
    SimulatedStrata("100 of 2 and 4, rates .05 to .4", (2,) * 100, (4,) * 100, _between(0.05, 0.4, 100)),
    SimulatedStrata("200 pairs, rates .1 to .5", (1,) * 200, (1,) * 200, _between(0.1, 0.5, 200)),
    SimulatedStrata("3 of 500/50, 50/500, 5/800, rates .3, .1, .02", (500, 50, 5), (50, 500, 800), (0.3, 0.1, 0.02)),
    SimulatedStrata("6 of 100 and 300, rates .5 to .9, ratio .8", (100,) * 6, (300,) * 6, _between(0.5, 0.9, 6), 0.8, -0.1),
    SimulatedStrata(
        "the sizes and rates of Berkeley, ratio 1",
        (108, 25, 593, 375, 393, 341),
        (825, 560, 325, 417, 191, 373),
        (0.62, 0.63, 0.37, 0.33, 0.28, 0.06),
        1.0,
        0.0,
    ),
)


def measured(case: SimulatedStrata, measure: Measure, draws: int, seed: int = 1) -> tuple[float, float, float]:
    """Return the shares of tables whose interval holds the true value, lies above it, and lies below it."""
    rng = np.random.default_rng(seed)
    group, others, rates = np.array(case.group), np.array(case.others), np.array(case.rates)
    own = rates * case.ratio if measure == "ratio" else rates + case.difference
    true = case.ratio if measure == "ratio" else case.difference
    missed = np.zeros(2)
    for _ in range(draws):
        a, b = rng.binomial(group, own), rng.binomial(others, rates)
        parts = [_slice(*counts) for counts in zip(a, group, strict=True)]
        wholes = [_slice(*counts) for counts in zip(a + b, group + others, strict=True)]
        low, high = compare(parts, wholes, KEY, measure).gap.interval(0.95)
        missed += true < low, true > high
    above, below = (missed / draws).tolist()
    return 1 - above - below, above, below


def _slice(successes: int, trials: int) -> SliceMetrics:
    return SliceMetrics(int(trials), rates={KEY: Rate(float(successes), float(trials))})


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=DRAWS)
    draws = parser.parse_args(arguments).draws
    print("| strata | ratio covered | interval above the true ratio | below | difference covered |\n|---|---|---|---|---|")
    for case in CASES:
        ratio, difference = measured(case, "ratio", draws), measured(case, "difference", draws)
        shares = " | ".join(f"{share:.3f}".lstrip("0") for share in (*ratio, difference[0]))
        print(f"| {case.name} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
