"""Measure by simulation how often paired intervals hold the true difference of two models, and how wide they are.

    .venv/bin/python -m benchmarks.paired_coverage            # a minute; writes docs/paired-intervals.md
    .venv/bin/python -m benchmarks.paired_coverage --draws 500 --to /tmp/table.md

In: nothing; the seed is fixed. Out: a Markdown page with the whole grid: rates .05 to .4, differences 0 to .1, correlations of
the two models' successes 0 to .95 where they exist, 30 to 10,000 examples; then weighted examples.
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fairgate.measurement import Rate
from fairgate.statistics import intervals
from fairgate.statistics.effective import Weighed, effective
from fairgate.statistics.intervals import Array, Interval
from fairgate.statistics.paired import difference_influence, effective_sizes, tango

RATES = (0.05, 0.1, 0.2, 0.4)
DIFFERENCES = (0.0, 0.02, 0.05, 0.1)
CORRELATIONS = (0.0, 0.5, 0.8, 0.95)
SIZES = (30, 100, 300, 1000, 3000, 10_000)
EFFECTIVE_SIZES = (30, 100, 150, 300, 500, 1000, 3000)
HEAVY = 5.0
HEAVY_SHARES = np.array([0.5, 0.8, 0.8, 0.1])  # of examples that both, the baseline alone, the candidate alone, neither get wrong
LEAST_DISCORDANT = 10
DRAWS = 10_000
PAGE = Path(__file__).parents[1] / "docs" / "paired-intervals.md"


@dataclass(frozen=True)
class Population:
    """Two models: the true shares of both, the baseline alone, the candidate alone, neither."""

    rate: float
    difference: float
    correlation: float

    @property
    def cells(self) -> Array:
        """Return float64[4]; one is negative where the correlation does not exist."""
        one, other = self.rate, self.rate + self.difference
        both = one * other + self.correlation * math.sqrt(one * (1 - one) * other * (1 - other))
        return np.round(np.array([both, one - both, other - both, 1 - one - other + both]), 12)


@dataclass(frozen=True)
class Result:
    """One case at one number of examples: coverage and mean width of the paired interval, and of the unpaired one."""

    case: Population
    n: int
    coverage: float
    width: float
    unpaired_coverage: float
    unpaired_width: float
    discordant: float


def cases() -> Iterator[Population]:
    """Yield the cases of the grid that exist."""
    for rate in RATES:
        for difference in DIFFERENCES:
            for correlation in CORRELATIONS:
                case = Population(rate, difference, correlation)
                if (case.cells >= 0).all():
                    yield case


def unweighted(generator: np.random.Generator, draws: int) -> list[Result]:
    """Return the results of the grid."""
    return [_simulated(generator, case, n, draws) for case in cases() for n in SIZES]


def weighted(generator: np.random.Generator, draws: int) -> list[Result]:
    """Return the results where four of five examples on which the models differ weigh 5, and one of ten others 1."""
    results = []
    for case in cases():
        shares = case.cells
        mean, square = (float((shares * (1 + HEAVY_SHARES * (HEAVY**power - 1))).sum()) for power in (1, 2))
        results += [_heavy(generator, case, round(size * square / mean**2), size, draws) for size in EFFECTIVE_SIZES]
    return results


def by_label(generator: np.random.Generator, draws: int) -> list[tuple[int, float, float]]:
    """Return coverage of a false negative rate of .2 among positives (8 % of rows) that weigh 11, and of Kish's over the slice.

    Returns:
        rows of the slice, coverage by the squares of the rate, coverage by the squares of the slice.
    """
    results = []
    for rows in (1000, 3000, 10_000):
        positives = generator.binomial(rows, 0.08, draws)
        errors = generator.binomial(positives, 0.2)
        weights, squares = 11.0 * positives + (rows - positives), 121.0 * positives + (rows - positives)
        drawn = zip(errors.tolist(), positives.tolist(), strict=True)
        rates = [Rate(11.0 * x, 11.0 * n, (121.0 * x, 121.0 * (n - x))) for x, n in drawn]
        scales = (squares / weights).tolist()
        held = []
        for of_draw in (rates, [Rate(rate.successes, rate.trials) for rate in rates]):
            counts = effective(Weighed.of(of_draw, scales))
            held.append(_coverage(intervals.wilson(counts.successes, counts.trials), 0.2))
        results.append((rows, held[0], held[1]))
    return results


def by_error(generator: np.random.Generator, draws: int) -> list[tuple[int, float, float]]:
    """Return the coverage of a single rate whose successes weigh 5 and whose failures weigh 1.

    Returns:
        effective number of examples, mean coverage over the rates of the grid, the lowest of them.
    """
    results = []
    for size in EFFECTIVE_SIZES:
        covered = []
        for share in RATES:
            mean, square = (share * HEAVY**power + 1 - share for power in (1, 2))
            n = round(size * square / mean**2)
            hits = generator.binomial(n, share, draws).tolist()
            rates = [Rate(HEAVY * x, HEAVY * x + n - x, (HEAVY**2 * x, n - x)) for x in hits]
            counts = effective(Weighed.of(rates, [1.0] * draws))
            covered.append(_coverage(intervals.wilson(counts.successes, counts.trials), HEAVY * share / mean))
        results.append((size, float(np.mean(covered)), min(covered)))
    return results


def _simulated(generator: np.random.Generator, case: Population, n: int, draws: int) -> Result:
    counts = generator.multinomial(n, case.cells, draws).T
    both, lost, gained = counts[:3]
    paired = tango(gained, lost, n)
    unpaired = intervals.rate_difference(both + gained, n, both + lost, n)
    return _result(case, n, paired, unpaired, case.difference, n * float(case.cells[1:3].sum()))


def _heavy(generator: np.random.Generator, case: Population, rows: int, size: int, draws: int) -> Result:
    shares = case.cells
    split = np.concatenate([shares * (1 - HEAVY_SHARES), shares * HEAVY_SHARES])
    light, heavy = generator.multinomial(rows, split, draws).T.astype(float).reshape(2, 4, draws)
    weights, squares = light + HEAVY * heavy, light + HEAVY**2 * heavy
    total = weights.sum(axis=0)
    cells = weights / total
    kish, sizes = effective_sizes(cells, total, squares, difference_influence(cells[2] - cells[1]))
    paired = tango(cells[2] * sizes, cells[1] * sizes, sizes)
    unpaired = intervals.rate_difference((cells[0] + cells[2]) * kish, kish, (cells[0] + cells[1]) * kish, kish)
    means = shares * (1 + HEAVY_SHARES * (HEAVY - 1))
    return _result(case, size, paired, unpaired, (means[2] - means[1]) / means.sum(), rows * float(shares[1:3].sum()))


def _result(case: Population, n: int, paired: Interval, unpaired: Interval, true: float, discordant: float) -> Result:
    widths = (float((ends.high - ends.low).mean()) for ends in (paired, unpaired))
    covered = (_coverage(ends, true) for ends in (paired, unpaired))
    return Result(case, n, next(covered), next(widths), next(covered), next(widths), discordant)


def _coverage(ends: Interval, true: float) -> float:
    return float(((ends.low <= true + 1e-12) & (true - 1e-12 <= ends.high)).mean())


def means_table(results: list[Result]) -> Iterator[str]:
    """Yield, by number of examples, the mean coverage and width over cases, and over those with enough discordant pairs."""
    yield "| n | cases | coverage | with ≥ 10 discordant pairs | their coverage | lowest of them | width / unpaired |"
    yield "|--:|--:|--:|--:|--:|--:|--:|"
    for n in sorted({result.n for result in results}):
        every = [result for result in results if result.n == n]
        enough = [result.coverage for result in every if result.discordant >= LEAST_DISCORDANT]
        mean, least = (f"{np.mean(enough):.3f}", f"{min(enough):.3f}") if enough else ("", "")
        width = np.mean([result.width / result.unpaired_width for result in every])
        coverage = np.mean([result.coverage for result in every])
        yield f"| {n:,} | {len(every)} | {coverage:.3f} | {len(enough)} | {mean} | {least} | {width:.2f} |"


def grid_table(results: list[Result]) -> Iterator[str]:
    """Yield every case: the coverage at each number of examples, and the width in relation to the unpaired interval's."""
    sizes = sorted({result.n for result in results})
    yield f"| rate | difference | correlation | {' | '.join(f'n = {n:,}' for n in sizes)} |"
    yield f"|--:|--:|--:|{'--:|' * len(sizes)}"
    for case in cases():
        of_case = [result for result in results if result.case == case]
        texts = [f"{result.coverage:.3f} ({result.width / result.unpaired_width:.2f})" for result in of_case]
        yield f"| {case.rate:g} | {case.difference:g} | {case.correlation:g} | {' | '.join(texts)} |"


def page(draws: int, seed: int = 17) -> str:
    """Return the page as Markdown."""
    generator = np.random.default_rng(seed)
    plain, heavy = unweighted(generator, draws), weighted(generator, draws)
    labels, errors = by_label(generator, draws), by_error(generator, draws)
    lines = [
        "# Paired intervals, measured",
        "",
        f"Written by `.venv/bin/python -m benchmarks.paired_coverage`: {draws:,} draws per case, seed {seed}.",
        "A case is a true rate of the baseline, a true difference of the candidate,",
        "and a correlation of the two models' successes.",
        "Nominal coverage is .95. The unpaired interval is Newcombe's method 10. [Which interval is used where](statistics.md).",
        "",
        "## Equal weights: Tango's interval",
        "",
        *means_table(plain),
        "",
        "## Weights of 5 : 1 that go with the error",
        "",
        "Of the examples on which the models differ, 80 % weigh 5; of those that both get wrong, half; of the others 10 %.",
        "n is Kish's effective number of examples. The gate judges no rate of unequal weights below 150.",
        "",
        *means_table(heavy),
        "",
        "A single rate whose successes weigh 5 and whose failures weigh 1:",
        "",
        "| n | mean coverage | lowest |",
        "|--:|--:|--:|",
        *(f"| {size:,} | {mean:.3f} | {least:.3f} |" for size, mean, least in errors),
        "",
        "## Weights of 11 : 1 that go with the label",
        "",
        "The false negative rate (true: .2) of a slice with 8 % positives that weigh 11: within the label all weights are equal.",
        "The older way divided by Kish's count of the whole slice.",
        "",
        "| rows | coverage | coverage, the older way |",
        "|--:|--:|--:|",
        *(f"| {rows:,} | {now:.3f} | {before:.3f} |" for rows, now, before in labels),
        "",
        "## Every case, equal weights",
        "",
        "Coverage, and in parentheses the mean width in relation to the unpaired interval.",
        "",
        *grid_table(plain),
        "",
        "## Every case, weights of 5 : 1",
        "",
        *grid_table(heavy),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=DRAWS, help="Draws per case.")
    parser.add_argument("--to", type=Path, default=PAGE, help="File to write (default: docs/paired-intervals.md).")
    arguments = parser.parse_args()
    arguments.to.write_text(page(arguments.draws), encoding="utf-8")


if __name__ == "__main__":
    main()
