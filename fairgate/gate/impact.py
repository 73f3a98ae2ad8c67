"""Tabulate selection rates by category as US employment law compares them: 29 CFR 1607.4D, and New York City's 6 RCNY 5-301.

In: a policy and an evaluation. Out: one table for each feature, or pair of features, that a rule compares with its best category:

    category  applicants  selected  selection rate  impact ratio  Fisher's exact p
    male      92          50        0.543           1.00          –
    female    76          34        0.447           0.82          0.22

The impact ratio divides a rate by the highest one. Fisher's exact test compares a category with that of the highest rate. As in
the rule's own verdict, a category with too few examples to be judged is not what the others are compared with.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from fairgate.gate import sentences
from fairgate.gate.finding import ROUNDING
from fairgate.gate.outcome import Number
from fairgate.measurement import MetricKey, SliceMetrics
from fairgate.names import CANDIDATE, OVERALL, PAIR, features_of, matching, value_of
from fairgate.statistics.fisher import fisher_exact

if TYPE_CHECKING:  # whoever reads a verdict need not know how policies are written
    from fairgate.gate.evidence import Evidence
    from fairgate.gate.rule import Rule

LEAST_SHARE = 0.02  # of the applicants: a smaller category may be left out (6 RCNY 5-301)
TOO_SMALL = f"fewer than {LEAST_SHARE * 100:g} % of the examples"
TOO_FEW = "too few, not a reference"
RATES = ("positive_rate", "scoring_rate")
_LEAST_P = 0.001  # that is written out
_CLEAR_P = 0.05
_COUNTED = 1e-6  # by which rate · n misses the number of the selected at most, where examples have no weights
_BELOW = " *"  # behind a ratio below the limit
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
        limit: the least ratio that the rule allows; None where the policy sets no pass mark.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: tuple[str, ...]
    metric: str
    threshold: Number
    rows: tuple[ImpactRow, ...]
    unknown: int
    limit: Number = None

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
                self._ratio_cell(row),
                _ABSENT if row.p is None else sentences.number(row.p) if row.p >= _LEAST_P else f"< {_LEAST_P:g}",
            )
            for row in self.rows
        ]
        return (*rows, ("unknown", sentences.count(self.unknown), *[_ABSENT] * 4))

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return the sentences below the rows: what the mark means, who was not judged, and why p may say something else."""
        below = [row for row in self.rows if self._is_below(row)]
        few, small = ([row.category for row in self.rows if row.left_out == why] for why in (TOO_FEW, TOO_SMALL))
        said = []
        if below and self.limit is not None:
            said.append(f"{_BELOW.strip()} below {sentences.exact(self.limit)}.")
        if any(row.rate is not None and not math.isclose(row.selected, row.rate * row.n, abs_tol=_COUNTED) for row in self.rows):
            said.append(
                "Examples have weights: the number of the selected is the sum of theirs, and the rate divides it by the sum of "
                "all weights of the category, not by the number of applicants."
            )
        if small:
            said.append(f"Left out, for {TOO_SMALL}: {sentences.listed(small)}.")
        if few:
            said.append(
                f"Not judged, and no reference, for too few examples (`min_examples` of the policy): {sentences.listed(few)}."
            )
        if self.limit is not None and any(row.p is not None and row.p < _CLEAR_P for row in below):
            said.append(
                f"A p below {_CLEAR_P:g} says that a ratio is different from 1, not that it is proven below "
                f"{sentences.exact(self.limit)}, which the verdict asks for."
            )
        return tuple(said)

    def _ratio_cell(self, row: ImpactRow) -> str:
        if row.ratio is None:
            return "left out" if row.left_out else _ABSENT
        return f"{row.ratio:.2f}{_BELOW if self._is_below(row) else ''}"

    def _is_below(self, row: ImpactRow) -> bool:
        return self.limit is not None and row.ratio is not None and row.ratio < self.limit - ROUNDING

    @property
    def _rate(self) -> str:
        return "Selection rate" if self.metric == "positive_rate" else "Scoring rate"


def places(tables: Sequence[ImpactTable]) -> list[tuple[str, str, float | None]]:
    """Return slice, metric and threshold of every rate in the tables, that of all examples first."""
    found = [(name, table.metric, table.threshold) for table in tables for name in (OVERALL, *(row.slice for row in table.rows))]
    return sorted(dict.fromkeys(found), key=lambda place: place[0] != OVERALL)


def impact_tables(evidence: "Evidence") -> tuple[ImpactTable, ...]:
    """Return the tables of the rules that compare a rate of selection, which is wanted, with that of the best category.

    A category that the rule cannot judge has no ratio and is no reference. A policy that sets no pass mark judges none: then
    those below `LEAST_SHARE` of the examples are left out.
    """
    slices = evidence.evaluation.models.get(CANDIDATE, {})
    tables = (
        _table(_Compared(evidence, rule, key), features, names)
        for rule in evidence.policy.rules
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


@dataclass(frozen=True)
class _Compared:
    """What a rule compares: the candidate's rate, on categories with enough examples."""

    evidence: "Evidence"
    rule: "Rule"
    key: MetricKey

    @property
    def slices(self) -> Mapping[str, SliceMetrics]:
        """Return the candidate's metrics by slice."""
        return self.evidence.evaluation.models[CANDIDATE]

    @property
    def limit(self) -> float | None:
        """Return the least ratio that is allowed, if any is."""
        limit = getattr(self.rule, "limit", 0.0)
        return None if self.evidence.policy.reports_only or not limit > 0 else 1 / limit

    def left_out(self, names: Sequence[str]) -> dict[str, str]:
        """Return which of the slices have no ratio, and why."""
        if self.evidence.policy.reports_only:
            least = LEAST_SHARE * self.slices[OVERALL].n
            return {name: TOO_SMALL for name in names if self.slices[name].n < least}
        _, unjudged = self.evidence.sound(self.rule, names, self.key)
        return {each.slice: TOO_FEW for each in unjudged}


def _table(compared: _Compared, features: tuple[str, ...], names: Sequence[str]) -> ImpactTable:
    slices, key, evaluation = compared.slices, compared.key, compared.evidence.evaluation
    examples = slices[OVERALL].n
    left_out = compared.left_out(names)
    kept = [name for name in names if name not in left_out]
    best = max(kept, key=lambda name: (slices[name].rates[key].value, name), default=None)  # of equal ones as in the rule
    rows = tuple(_rows(names, left_out, best, key, slices))
    members = sum(row.n for row in rows)
    alone = max(0, examples - members)
    if len(features) == 1:  # of all rows, also those whose score is invalid, which are not among the examples
        rows_alone, invalid = evaluation.unknown_groups.get(features[0], 0), evaluation.invalid_scores.get(CANDIDATE, 0)
        alone = min(max(alone, rows_alone - invalid), rows_alone)
    return ImpactTable(
        features=features, metric=key.name, threshold=key.threshold, rows=rows, unknown=alone, limit=compared.limit
    )


def _rows(
    names: Sequence[str], left_out: Mapping[str, str], best: str | None, key: MetricKey, slices: Mapping[str, SliceMetrics]
) -> Iterator[ImpactRow]:
    highest = math.nan if best is None else slices[best].rates[key].value
    for name in names:
        rate, ratio, p = slices[name].rates[key], math.nan, math.nan
        if name not in left_out and best is not None:
            ratio = rate.value / highest if highest else math.nan
            p = math.nan if name == best else _p(slices[name], slices[best], key)
        yield ImpactRow(
            category=value_of(name),
            slice=name,
            n=slices[name].n,
            selected=rate.successes,
            rate=rate.value,
            ratio=ratio,
            p=p,
            left_out=left_out.get(name, ""),
        )


def _p(own: SliceMetrics, best: SliceMetrics, key: MetricKey) -> float:
    """Return the p-value of Fisher's test; NaN where examples are weighted."""
    rates = (own.rates[key], best.rates[key])
    counts = [number for rate in rates for number in (rate.successes, rate.trials)]
    if any(metrics.mean_weight != 1 or metrics.design_effect != 1 for metrics in (own, best)):
        return math.nan
    first, of_first, second, of_second = map(round, counts)
    return fisher_exact((first, second), (of_first, of_second))
