"""Tabulate selection rates by category as US employment law compares them: 29 CFR 1607.4D, and New York City's 6 RCNY 5-301.

In: a policy and an evaluation. Out: one table for each feature, or pair of features, that a rule compares with its best category:

    category  applicants  selected  selection rate  impact ratio  Fisher's exact p
    male      92          50        0.543           1.00          –
    female    76          34        0.447           0.82          0.22

The impact ratio divides a rate by the highest one. Fisher's exact test compares a category with that of the highest rate.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from fairgate.gate import sentences
from fairgate.gate.outcome import Number
from fairgate.measurement import Evaluation, MetricKey, SliceMetrics
from fairgate.names import CANDIDATE, OVERALL, PAIR, features_of, matching, value_of
from fairgate.statistics.fisher import fisher_exact

if TYPE_CHECKING:  # whoever reads a verdict need not know how policies are written
    from fairgate.gate.policy import Policy
    from fairgate.gate.rule import Rule

LEAST_SHARE = 0.02  # of the applicants: a smaller category may be left out (6 RCNY 5-301)
RATES = ("positive_rate", "scoring_rate")
_LEAST_P = 0.001  # that is written out
_ABSENT = "–"


class ImpactRow(BaseModel):
    """One category.

    Attributes:
        category: the value, or the values of both features.
        slice: its name.
        n: examples.
        selected: of them, those with a positive decision, or a score above the median; weighted where examples are.
        rate: selected / examples.
        ratio: rate / the highest rate; None where that is 0 or the category is left out.
        p: of Fisher's exact test against the category of the highest rate; None for that one, and where examples are weighted.
        left_out: why the category has no ratio; "" where it has one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: str
    slice: str
    n: int
    selected: float
    rate: Number
    ratio: Number
    p: Number
    left_out: str = ""


class ImpactTable(BaseModel):
    """The categories of a feature, or the combined ones of two.

    Attributes:
        features: their names.
        metric: "positive_rate" or "scoring_rate".
        threshold: of the decision; None for the scoring rate.
        rows: by the names of the categories.
        unknown: examples without a category.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: tuple[str, ...]
    metric: str
    threshold: Number
    rows: tuple[ImpactRow, ...]
    unknown: int

    @property
    def title(self) -> str:
        """Return what the table compares: "Selection rate at 0.5 by race × sex"."""
        at = "" if self.threshold is None else f" at {self.threshold:g}"
        return f"{self._rate}{at} by {PAIR.join(self.features)}"

    @property
    def headings(self) -> tuple[str, ...]:
        """Return the names of the columns, as the rule of New York City calls them."""
        chosen = "# selected" if self.metric == "positive_rate" else "# above the median"
        return "category", "# applicants", chosen, self._rate.lower(), "impact ratio", "Fisher's exact p"

    @property
    def cells(self) -> tuple[tuple[str, ...], ...]:
        """Return the rows as text, and below them those of unknown category."""
        rows = [
            (
                row.category,
                sentences.count(row.n),
                sentences.count(row.selected),
                _ABSENT if row.rate is None else f"{row.rate * 100:.1f} %",
                (row.left_out and f"left out: {row.left_out}") or _ABSENT if row.ratio is None else f"{row.ratio:.2f}",
                _ABSENT if row.p is None else sentences.number(row.p) if row.p >= _LEAST_P else f"< {_LEAST_P:g}",
            )
            for row in self.rows
        ]
        return (*rows, ("unknown", sentences.count(self.unknown), *[_ABSENT] * 4))

    @property
    def _rate(self) -> str:
        return "Selection rate" if self.metric == "positive_rate" else "Scoring rate"


def impact_tables(policy: "Policy", evaluation: Evaluation) -> tuple[ImpactTable, ...]:
    """Return the tables of the rules that compare a rate of selection, which is wanted, with that of the best category.

    A policy that sets no pass mark leaves categories below `LEAST_SHARE` of the examples out; they are shown without a ratio.
    """
    slices = evaluation.models.get(CANDIDATE, {})
    tables = (
        _table(features, names, key, evaluation, LEAST_SHARE if policy.reports_only else 0.0)
        for rule in policy.rules
        if rule.measures == "ratio_to_best" and rule.metric in RATES and rule.worse == "lower" and OVERALL in slices
        for features, names in _by_features(rule, slices).items()
        for key in rule.metric_keys()
        if key in slices[OVERALL].rates
    )
    return tuple(sorted(tables, key=lambda table: len(table.features)))


def _by_features(rule: "Rule", slices: Mapping[str, SliceMetrics]) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for pattern in rule.slices:
        for name in matching(pattern, slices):
            found.setdefault(features_of(name), []).append(name)
    return found


def _table(
    features: tuple[str, ...], names: Sequence[str], key: MetricKey, evaluation: Evaluation, least_share: float
) -> ImpactTable:
    slices = evaluation.models[CANDIDATE]
    examples = slices[OVERALL].n
    kept = [name for name in names if slices[name].n >= least_share * examples]
    best = max(kept, key=lambda name: slices[name].rates[key].value, default=None)
    rows = tuple(_rows(names, kept, best, key, slices))
    members = sum(row.n for row in rows)
    alone = evaluation.unknown_groups.get(features[0], 0) if len(features) == 1 else max(0, examples - members)
    return ImpactTable(features=features, metric=key.name, threshold=key.threshold, rows=rows, unknown=alone)


def _rows(
    names: Sequence[str], kept: Sequence[str], best: str | None, key: MetricKey, slices: Mapping[str, SliceMetrics]
) -> Iterator[ImpactRow]:
    highest = math.nan if best is None else slices[best].rates[key].value
    for name in names:
        rate, ratio, p = slices[name].rates[key], math.nan, math.nan
        if name in kept and best is not None:
            ratio = rate.value / highest if highest else math.nan
            p = math.nan if name == best else _p(slices[name], slices[best], key)
        why = "" if name in kept else f"fewer than {LEAST_SHARE * 100:g} % of the examples"
        yield ImpactRow(
            category=value_of(name),
            slice=name,
            n=slices[name].n,
            selected=rate.successes,
            rate=rate.value,
            ratio=ratio,
            p=p,
            left_out=why,
        )


def _p(own: SliceMetrics, best: SliceMetrics, key: MetricKey) -> float:
    """Return the p-value of Fisher's test; NaN where examples are weighted."""
    rates = (own.rates[key], best.rates[key])
    counts = [number for rate in rates for number in (rate.successes, rate.trials)]
    if any(metrics.mean_weight != 1 or metrics.design_effect != 1 for metrics in (own, best)):
        return math.nan
    first, of_first, second, of_second = map(round, counts)
    return fisher_exact((first, second), (of_first, of_second))
