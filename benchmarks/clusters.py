"""Measure by simulation how often a violation is proven falsely where examples come in clusters, with `--cluster` and without.

    nice -n 19 .venv/bin/python -m benchmarks.clusters                      # half an hour; writes docs/clusters.md
    .venv/bin/python -m benchmarks.clusters --tables 500 --to /tmp/table.md

In: nothing; the seed is fixed. Out: a Markdown page: for every setting the share of tables in which `fairgate.evaluate` proves
a violation, although the true value lies exactly on the limit.

Rates and changes are judged on each slice alone, so one call holds many tables, as slices. A ratio to the rest is judged of each
table alone.
"""

import argparse
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

import fairgate
from fairgate.counting.slices import MAX_SLICES
from fairgate.gate import decision
from fairgate.judging import counting

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PAGE = Path(__file__).parents[1] / "docs" / "clusters.md"
TABLES, SINGLE_TABLES = 10_000, 3200
AT_ONCE = 400  # tables of one call
WITHOUT = 4  # so many times fewer tables without --cluster, where shares are far from 2.5 %
CORRELATION = 0.3
RATIO = 1.25
MARGIN = 0.05
RATE = {"metric": "false_positive_rate", "thresholds": [0.5]}


@dataclass(frozen=True)
class ClusteredRows:
    """The examples of T tables, N in all; every one is a negative.

    Attributes:
        table: int64[N].
        user: int64[N], the cluster; no user is in two tables.
        wrong: bool[N], whether the candidate calls it positive.
        other: likewise, of the baseline; None without one.
        group: int64[N], 0 or 1; None where there are no groups.
        stratum: int64[N]; None where there are none.
        weight: float64[N]; None where all count once.
    """

    table: Ints
    user: Ints
    wrong: npt.NDArray[np.bool_]
    other: npt.NDArray[np.bool_] | None = None
    group: Ints | None = None
    stratum: Ints | None = None
    weight: Floats | None = None


@dataclass(frozen=True)
class SimulatedSetting:
    """What is simulated.

    Attributes:
        name: in words.
        draw: random numbers, number of tables -> their rows.
        rule: of the policy, without id and slices; the true value lies on its limit.
        single: whether each table is judged alone.
    """

    name: str
    draw: Callable[[np.random.Generator, int], ClusteredRows]
    rule: Mapping[str, Any]
    single: bool = False


def clustered(
    rng: np.random.Generator, tables: int, shape: tuple[int, int, int], rate: float, correlation: float = CORRELATION
) -> ClusteredRows:
    """Draw users whose own rates follow a beta distribution: the intraclass correlation of a beta-binomial count.

    Args:
        rng: random numbers.
        tables: how many.
        shape: users of a table, the least and the most rows of a user; all sizes between them are equally likely.
        rate: mean of the users' rates.
        correlation: of two rows of a user; 0 for independent rows.
    """
    users, least, most = shape
    sizes = rng.integers(least, most, users * tables, endpoint=True)
    own = _own(rng, users * tables, rate, correlation)
    user = np.repeat(np.arange(users * tables), sizes)
    return ClusteredRows(user // users, user, rng.random(user.size) < own[user])


def _own(rng: np.random.Generator, users: int, rate: float, correlation: float) -> Floats:
    strength = 1 / correlation - 1 if correlation else 0.0
    return rng.beta(rate * strength, (1 - rate) * strength, users) if strength else np.full(users, rate)


def twice(rng: np.random.Generator, tables: int) -> ClusteredRows:
    """Draw 400 rows of the rate .2 and take each twice."""
    once = clustered(rng, tables, (400, 1, 1), 0.2, 0.0)
    return ClusteredRows(np.repeat(once.table, 2), np.repeat(once.user, 2), np.repeat(once.wrong, 2))


def weighted(rng: np.random.Generator, tables: int) -> ClusteredRows:
    """Draw 160 users of 5 rows with the rate .2; every user has a weight of 1 or 5."""
    rows = clustered(rng, tables, (160, 5, 5), 0.2)
    return ClusteredRows(rows.table, rows.user, rows.wrong, weight=rng.choice([1.0, 5.0], 160 * tables)[rows.user])


def changed(rng: np.random.Generator, tables: int) -> ClusteredRows:
    """Draw 160 users of 5 rows; the candidate is worse than the baseline by the margin, and both err on the same users."""
    user = np.repeat(np.arange(160 * tables), 5)
    share = rng.random(160 * tables)[user]  # of the user, which both models share
    rank = np.where(rng.random(user.size) < 0.55, share, rng.random(user.size))  # correlation of two rows about .3
    before, after = rank < 0.2, rank < 0.2 + MARGIN
    return ClusteredRows(user // 160, user, after, before)


def grouped(rng: np.random.Generator, tables: int, *, mixed: bool, strata: bool = False) -> ClusteredRows:
    """Draw 160 users of 10 rows of two groups, whose rates have the ratio of the limit; a user may be in both groups."""
    user = np.repeat(np.arange(160 * tables), 10)
    group = rng.integers(0, 2, user.size) if mixed else user % 2
    stratum = rng.integers(0, 3, user.size) if strata else np.zeros(user.size, np.int64)
    base = 0.12 + 0.06 * stratum
    shared = _own(rng, 160 * tables, 0.5, CORRELATION)[user]  # a level of the user, with the mean 1/2, that doubles into a factor
    rate = base * np.where(group == 1, RATIO, 1.0) * 2 * shared
    return ClusteredRows(user // 160, user, rng.random(user.size) < rate, group=group, stratum=stratum if strata else None)


def _on_limit(rate: float) -> dict[str, Any]:
    return {"kind": "quality", **RATE, "max": rate}


_TO_REST = {"kind": "gap", **RATE, "against": "rest", "limit": RATIO}
SETTINGS = (
    SimulatedSetting(
        "160 users × 5 rows, correlation .3, rate .2", partial(clustered, shape=(160, 5, 5), rate=0.2), _on_limit(0.2)
    ),
    SimulatedSetting(
        "80 users × 10 rows, correlation .3, rate .2", partial(clustered, shape=(80, 10, 10), rate=0.2), _on_limit(0.2)
    ),
    SimulatedSetting("400 rows, each twice, rate .2", twice, _on_limit(0.2)),
    SimulatedSetting("160 × 5, correlation .3, rate .05", partial(clustered, shape=(160, 5, 5), rate=0.05), _on_limit(0.05)),
    SimulatedSetting("160 × 5, correlation .3, rate .5", partial(clustered, shape=(160, 5, 5), rate=0.5), _on_limit(0.5)),
    SimulatedSetting("40 × 20, correlation .3, rate .2", partial(clustered, shape=(40, 20, 20), rate=0.2), _on_limit(0.2)),
    SimulatedSetting("80 × 1 to 20, correlation .3, rate .2", partial(clustered, shape=(80, 1, 20), rate=0.2), _on_limit(0.2)),
    SimulatedSetting(
        "160 × 5, correlation .05, rate .2", partial(clustered, shape=(160, 5, 5), rate=0.2, correlation=0.05), _on_limit(0.2)
    ),
    SimulatedSetting(
        "800 × 1, independent, rate .2", partial(clustered, shape=(800, 1, 1), rate=0.2, correlation=0.0), _on_limit(0.2)
    ),
    SimulatedSetting("160 × 5, correlation .3, users of weight 1 or 5, rate .2", weighted, _on_limit(0.2)),
    SimulatedSetting("160 × 5, worse than the baseline by the margin .05", changed, {"kind": "guard", **RATE, "margin": MARGIN}),
    SimulatedSetting(
        "ratio to the rest 1.25, 160 × 10, users of one group", partial(grouped, mixed=False), _TO_REST, single=True
    ),
    SimulatedSetting(
        "ratio to the rest 1.25, 160 × 10, users of both groups", partial(grouped, mixed=True), _TO_REST, single=True
    ),
    SimulatedSetting(
        "the same within three strata",
        partial(grouped, mixed=True, strata=True),
        {**_TO_REST, "within": "stratum"},
        single=True,
    ),
)


def proven(rows: ClusteredRows, setting: SimulatedSetting, *, with_clusters: bool) -> int:
    """Return in how many tables a violation is proven."""
    rng = np.random.default_rng(0)
    table: dict[str, Any] = {"label": np.zeros(rows.table.size, np.int64), "candidate": _scores(rows.wrong, rng)}
    table |= {} if rows.other is None else {"baseline": _scores(rows.other, rng)}
    table |= {} if rows.weight is None else {"weight": rows.weight}
    table["user"] = rows.user
    slices = {"group": rows.group, "stratum": rows.stratum, "table": None if setting.single else rows.table}
    named = {name: np.char.add("t", values.astype(str)) for name, values in slices.items() if values is not None}
    pattern = "group:t1" if setting.single else "table:*"
    many = patch.object(counting, "MOST_SLICES", MAX_SLICES)  # of which each is a table of its own
    with (
        many,
        patch.object(decision, "_MOST_PLANNED", 0),
    ):  # how many more examples would decide is not asked here, and takes time
        judged = fairgate.evaluate(
            table | named,
            label="label",
            scores={name: name for name in ("candidate", "baseline") if name in table},
            slices=list(named),
            weight="weight" if "weight" in table else None,
            cluster="user" if with_clusters else None,
            thresholds=(0.5,),
            policy={
                "rules": [{"id": "limit", "slices": [pattern], **setting.rule}],
                "unproven_violation": "pass",  # only a proof counts here
                "uncovered_harm": "report",
            },
        )
    return sum(line.id == "limit" and line.outcome == "failed" for line in judged.verdict.rules)


def _scores(positive: npt.NDArray[np.bool_], rng: np.random.Generator) -> Floats:
    """Return scores above .5 where the decision is positive; all of them differ, so that no table is one of copies."""
    return 0.5 * positive + 0.01 + 0.48 * rng.random(positive.size)


def simulated(setting: SimulatedSetting, tables: int, *, with_clusters: bool, seed: int = 1) -> float:
    """Return the share of tables in which a violation is proven falsely."""
    rng = np.random.default_rng(seed)
    at_once = 1 if setting.single else min(AT_ONCE, tables)
    calls = math.ceil(tables / at_once)
    found = sum(proven(setting.draw(rng, at_once), setting, with_clusters=with_clusters) for _ in range(calls))
    return found / (calls * at_once)


def row(setting: SimulatedSetting, tables: int) -> str:
    """Return a row of the page."""
    cells = []
    for with_clusters, draws in ((True, tables), (False, max(tables // WITHOUT, 1))):
        share = simulated(setting, draws, with_clusters=with_clusters)
        cells.append(f"{100 * share:.1f} % ± {100 * math.sqrt(share * (1 - share) / draws):.1f}")
    return f"| {setting.name} | {tables:,} | {' | '.join(cells)} |"


def page(tables: int, single_tables: int) -> str:
    """Return the page."""
    rows = []
    for setting in SETTINGS:
        rows.append(row(setting, single_tables if setting.single else tables))
        print(rows[-1], flush=True)
    return TEXT.format(rows="\n".join(rows))


TEXT = """# False proofs where examples come in clusters

The true value lies exactly on the limit, so a two-sided interval of 95 % may prove a violation in 2.5 % of all tables.
Where the examples of one user resemble each other, intervals for independent examples prove it far more often;
`--cluster` keeps them from that ([how](statistics.md)). Every table went through `fairgate.evaluate`.
Written by `python -m benchmarks.clusters`; ± is the standard error of the simulation, which took
a quarter of the tables for the last column. Where fewer tables are stated than its defaults, it was
run with `--tables` and `--single-tables` of that number.

| setting | tables | with `--cluster` | without |
|---|---|---|---|
{rows}
"""


def main(arguments: list[str] | None = None) -> None:
    """Simulate all settings and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=TABLES)
    parser.add_argument("--single-tables", type=int, default=SINGLE_TABLES)
    parser.add_argument("--to", type=Path, default=PAGE)
    given = parser.parse_args(arguments)
    given.to.write_text(page(given.tables, given.single_tables), encoding="utf-8")


if __name__ == "__main__":
    main()
