"""Rule kind `gap`: no slice of the candidate is much worse than overall, or than the best slice of its feature."""

import math
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from fairgate.gate import mistakes, sentences
from fairgate.gate.finding import Bounds, Finding, NotMeasuredError, Unjudged
from fairgate.gate.outcome import RuleMeasure
from fairgate.gate.rule import Limit, Measure, Rule, worse_direction
from fairgate.gate.within import Strata
from fairgate.gate.within import problems as within_strata
from fairgate.measurement import MetricKey
from fairgate.metrics.classes import ACCURACY
from fairgate.metrics.rates import DECISION_RATES
from fairgate.names import CANDIDATE, OVERALL, PAIR, features_of, whole_feature
from fairgate.statistics.comparison import Estimate, against_overall, against_rest, contrast

if TYPE_CHECKING:
    from fairgate.gate.evidence import Evidence
    from fairgate.gate.measured import Measured


_RATES = {metric.name for metric in (*DECISION_RATES, ACCURACY)}  # what is outside of a slice follows from their counts


class GapRule(Rule):
    """No named slice of the candidate is much worse than the rest.

    Attributes:
        against: "overall" compares each slice with all examples, "rest" with all examples outside of it; "best" compares, within
            each feature, the worst slice with the best; where their few examples prove nothing, and those of two others prove
            that the limit is broken, a second line names these, and likewise where the two keep it provably and others do not.
        measure: "ratio" (slice / overall) or "difference" (slice - overall, in the metric's unit).
        limit: for a ratio at least 1: 1.25 allows a false positive rate 25 % above overall, or (metrics that are better when
            higher) a rate down to 1 / 1.25 of overall. For a difference the distance that is allowed.
        within: a feature, such as department: each slice is compared with the others of the same value, over all values together
            (Mantel-Haenszel); with against: rest alone. None compares over all examples.
        direction: "worse" limits slices that are worse than the rest alone, "both" also those that are better.
    """

    includes_overall: ClassVar[bool] = False

    kind: Literal["gap"] = "gap"
    against: Literal["overall", "rest", "best"] = "overall"
    measure: Measure = "ratio"
    limit: Limit
    within: str | None = Field(default=None, min_length=1)
    direction: Literal["worse", "both"] = "worse"

    @property
    def measures(self) -> RuleMeasure:
        """Return the ratio or difference to overall, to the rest or to the best slice."""
        if self.against == "overall":
            return self.measure
        if self.within is not None:
            return "ratio_to_rest_within" if self.measure == "ratio" else "difference_to_rest_within"
        if self.against == "rest":
            return "ratio_to_rest" if self.measure == "ratio" else "difference_to_rest"
        return "ratio_to_best" if self.measure == "ratio" else "difference_to_best"

    @property
    def reports_worst(self) -> bool:
        """Return whether only the worst slice of a feature is reported."""
        return self.against == "best"

    @property
    def limit_words(self) -> str:
        """Return the ratio or difference that is allowed, and to what."""
        other = {"overall": "overall", "rest": "the rest", "best": "the best slice"}[self.against]
        other += f" within {self.within}" if self.within else ""
        worse = None if self.direction == "both" else worse_direction(self)
        if self.measure == "ratio":
            least = 1 / self.limit if self.limit > 0 else math.inf
            ends = (None if worse == "higher" else least, None if worse == "lower" else self.limit)
            return f"{sentences.range_words(*ends)} times {other}"
        side = {"higher": "above", "lower": "below", None: "from"}[worse]
        return f"at most {sentences.exact(self.limit)} {side} {other}"

    def is_as_strict(self, key: str, other: Rule) -> bool | None:
        """Compare limits; to limit both directions is stricter than one."""
        if not isinstance(other, GapRule):
            return None
        return {"limit": self.limit <= other.limit, "direction": self.direction == "both"}.get(key)

    @property
    def explained_by(self) -> str | None:
        """Return the feature of the strata."""
        return self.within

    @property
    def crossed_features(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of features whose combined values the rule names, or compares within the strata."""
        if self.within is None:
            return super().crossed_features
        singles = {features[0] for features in map(features_of, self.slices) if len(features) == 1}
        within = {(min(feature, self.within), max(feature, self.within)) for feature in singles - {self.within, OVERALL}}
        return tuple(sorted({*super().crossed_features, *within}))

    def apply(self, evidence: "Evidence") -> Iterator[Finding | Unjudged]:
        """Compare each slice with overall, or the worst slice of each feature with the best."""
        names, absent = evidence.select(self)
        yield from absent
        worse = None if self.direction == "both" else worse_direction(self)
        least = -self.limit if self.measure == "difference" else 1 / self.limit if self.limit > 0 else math.inf
        bounds = Bounds.worse_side(worse, least, self.limit)
        strata = None if self.within is None else Strata(evidence, self, self.within, self.measure, bounds)
        for key in self.metric_keys():
            if strata is not None:
                yield from (self._within_strata(strata, name, key) for name in names)
                continue
            if self.against == "best":
                yield from self._against_best(evidence, names, key, bounds)
                continue
            yield from (self._against_others(evidence, name, key, bounds) for name in names)

    def _within_strata(self, strata: Strata, name: str, key: MetricKey) -> Finding | Unjudged:
        """Compare a slice with the rest of each stratum."""
        try:
            found = strata.compared(name, key)
        except NotMeasuredError as error:
            return Unjudged.of(self, name, key, error)
        bounds = strata.bounds
        return Finding(self, name, key, found.gap, bounds, found.text, sentences.between(bounds.lower, bounds.upper))

    def _against_others(self, evidence: "Evidence", name: str, key: MetricKey, bounds: Bounds) -> Finding | Unjudged:
        """Compare a slice with overall or with the rest."""
        compare = against_rest if self.against == "rest" else against_overall
        try:
            own, other = evidence.estimates(self, name, key, (OVERALL, CANDIDATE))
            reference = f"the overall {sentences.number(other.value)}"
            if self.against == "rest":
                reference = f"the {sentences.number(evidence.rest(self, name, key).value)} of all other examples"
            gap = compare(evidence.metrics(name, key), evidence.metrics(OVERALL, key), key, self.measure)
            if gap.problem:
                evidence.require(self, name, key, gap)
        except NotMeasuredError as error:
            return Unjudged.of(self, name, key, error)
        text = sentences.comparison(key, name, own.value, gap.value, reference, self.measure, bounds)
        return Finding(self, name, key, gap, bounds, text, sentences.between(bounds.lower, bounds.upper))

    def _against_best(
        self, evidence: "Evidence", names: list[str], key: MetricKey, bounds: Bounds
    ) -> Iterator[Finding | Unjudged]:
        sound, unjudged = evidence.sound(self, names, key)
        yield from unjudged
        for features, group in groupby(sorted(names, key=features_of), key=features_of):
            compared = {name: sound[name] for name in group if name in sound}
            if len(compared) < 2:
                yield self._nothing_to_compare(PAIR.join(map(whole_feature, features)), key, compared)
                continue
            ranked = sorted(compared, key=lambda name: (sound[name].value, name), reverse=worse_direction(self) != "lower")
            yield self._of_pair((ranked[0], ranked[-1]), key, compared, bounds)
            if pair := evidence.other_pair(self, [compared[name] for name in ranked], self.measure, bounds):
                yield self._of_pair((ranked[pair[0]], ranked[pair[1]]), key, compared, bounds)

    def _of_pair(self, pair: tuple[str, str], key: MetricKey, compared: Mapping[str, Estimate], bounds: Bounds) -> Finding:
        """Compare two slices, the worse one first, that were picked from all pairs."""
        (worse, own), (better, reference) = ((name, compared[name]) for name in pair)
        gap = contrast(own, reference, self.measure)
        other = f"that of {better}, {sentences.number(reference.value)}"
        text = sentences.comparison(key, worse, own.value, gap.value, other, self.measure, bounds)
        pairs = len(compared) * (len(compared) - 1) // 2
        limits = sentences.between(bounds.lower, bounds.upper)
        return Finding(self, worse, key, gap, bounds, text, limits, pairs, own_n=own.n)

    def _nothing_to_compare(self, pattern: str, key: MetricKey, compared: Mapping[str, Estimate]) -> Unjudged:
        reason = f"Fewer than two slices of {pattern} have enough examples, so there is nothing to compare."
        n = max((estimate.n for estimate in compared.values()), default=0.0)
        return Unjudged(self, pattern, key, "not enough data", reason, n)

    def on_each_slice(self) -> Rule | None:
        """Return the rule itself; against the rest where it compares a feature's slices, among which small ones have no place."""
        return self.model_copy(update={"against": "rest"}) if self.against == "best" else self

    def lint(self, measured: "Measured") -> Iterator[str]:
        """Yield what is wrong with the rule, also that slices have nothing to be compared with."""
        yield from super().lint(measured)
        find = mistakes.without_second_slice if self.against == "best" else mistakes.without_overall
        yield from find(self, measured)
        if self.within is not None:
            yield from within_strata(self, self.within, measured)
        if self.against == "rest" and mistakes.metric_of(self, measured) is not None and self.metric not in _RATES:
            yield f"{self.metric} is no rate, so it has no value outside of a slice; write against: overall."

    def lint_limits(self) -> Iterator[str]:
        """Yield a limit that every gap or no gap keeps, and strata of what has none."""
        if self.within is not None and self.against != "rest":
            yield f"within {self.within} a slice is compared with the others of its stratum, and not with {self.against}; " + (
                "write against: rest."
            )
        yield from mistakes.in_size("limit", self.limit, self.metric, self.measure)
