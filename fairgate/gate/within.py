"""Measure the gap of a slice within the strata of a feature, such as gender within department: for rules with `within`.

In: an evaluation with the slices of the feature and their intersections with the slice. Out: the Mantel-Haenszel estimate, and
the sentence that says what it rests on and whether the gap over all examples tells something else.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from fairgate.asked import typed
from fairgate.gate import sentences
from fairgate.gate.finding import Bounds, NotMeasuredError
from fairgate.gate.mistakes import suggestion
from fairgate.measurement import MetricKey, SliceMetrics
from fairgate.metrics import registry
from fairgate.names import CANDIDATE, CLASS, OVERALL, crossed, features_of
from fairgate.statistics import strata
from fairgate.statistics.comparison import Estimate, Measure, against_rest

if TYPE_CHECKING:
    from fairgate.gate.evidence import Evidence
    from fairgate.gate.measured import Measured
    from fairgate.gate.rule import Rule


@dataclass(frozen=True)
class Within:
    """A gap within strata.

    Attributes:
        gap: the ratio or difference.
        text: the first half of the sentence.
    """

    gap: Estimate
    text: str


@dataclass(frozen=True)
class Strata:
    """The strata of a feature, as a rule on the gap of slices sees them.

    Attributes:
        evidence: the evaluation.
        rule: asks for them.
        feature: of the strata.
        measure: ratio or difference to the rest of a stratum.
        bounds: what the gap is held to.
    """

    evidence: "Evidence"
    rule: "Rule"
    feature: str
    measure: Measure
    bounds: Bounds

    def compared(self, name: str, key: MetricKey) -> Within:
        """Compare a slice with the rest of each stratum.

        Args:
            name: slice.
            key: a rate.

        Raises:
            NotMeasuredError: there are no strata, they overlap, too few examples are in those that hold both, or the limit is
                kept because of the examples that they leave out.
        """
        own = self.evidence.estimates(self.rule, name, key)[0]
        self.evidence.rest(self.rule, name, key)
        self._require_strata(name, key)
        held = [(crossed(name, stratum), stratum) for stratum in self._names if crossed(name, stratum) in self._measured]
        groups, wholes = ([self.evidence.metrics(place, key) for place in places] for places in zip(*held, strict=True))
        found = strata.compare(groups, wholes, key, self.measure)
        gap = replace(found.gap, weighted=own.weighted)
        if gap.problem == strata.NO_STRATUM or self.bounds.kept_by(gap.value):
            self._require_compared(name, key, groups, wholes, found.strata)
        if gap.problem == strata.NO_STRATUM:
            what = sentences.of(key, name)
            raise NotMeasuredError(f"{what} {gap.problem} within {self.feature}.", "not enough data")
        self.evidence.require(self.rule, f"{name} within {self.feature}", key, gap)
        others, label = replace(gap, n=found.rest), registry.get(key.name).trials
        self.evidence.require(self.rule, f"the others within {self.feature}", key, others, outside=label)
        return Within(gap, self._sentence(name, key, gap.value, found.strata))

    @cached_property
    def _measured(self) -> Mapping[str, SliceMetrics]:
        measured: Mapping[str, SliceMetrics] = self.evidence.evaluation.models.get(CANDIDATE, {})
        return measured

    @cached_property
    def _names(self) -> list[str]:
        return [name for name in self._measured if features_of(name) == (self.feature,)]

    @cached_property
    def _unknown(self) -> int:
        """Return how many examples have no value of the feature, and so are in no stratum."""
        return self.evidence.evaluation.unknown_groups.get(self.feature, 0)

    @cached_property
    def _overlap(self) -> int:
        """Return by how many the members of all strata exceed the examples; some of those without a value may be invalid."""
        unknown = max(self._unknown - self.evidence.evaluation.invalid_scores.get(CANDIDATE, 0), 0)
        return sum(self._measured[name].n for name in self._names) - (self._measured[OVERALL].n - unknown)

    def _left_out(self, name: str) -> list[str]:
        """Return the strata in which the slice has fewer examples than the evaluation measures."""
        return [stratum for stratum in self._names if crossed(name, stratum) in self.evidence.evaluation.omitted]

    def _require_strata(self, name: str, key: MetricKey) -> None:
        what = f"{sentences.of(key, name)} within {self.feature} cannot be judged"
        if not self._names:
            raise NotMeasuredError(f"{what}: the evaluation has no slice by {self.feature}.")
        if self._overlap > 0:
            raise NotMeasuredError(
                f"{what}: some examples are in several strata, which have {sentences.count(self._overlap)} members too many; "
                "name a feature of which every example has one value."
            )
        if any(crossed(name, stratum) in self._measured for stratum in self._names):
            return
        if left_out := self._left_out(name):
            least = "every stratum of the slice was left out of the evaluation for having too few examples"
            n = sum(self.evidence.evaluation.omitted[crossed(name, stratum)] for stratum in left_out)
            raise NotMeasuredError(f"{what}: {least}; lower evaluation.min_intersection.", "not enough data", n)
        raise NotMeasuredError(f"{what}: the evaluation has no slice such as {crossed(name, self._names[0])}.")

    def _require_compared(
        self, name: str, key: MetricKey, groups: Sequence[SliceMetrics], wholes: Sequence[SliceMetrics], counted: int
    ) -> None:
        """Check that the limit is not kept only because of the slice's examples that no stratum compares.

        Raises:
            NotMeasuredError: with these as one more stratum, beside all others, the limit is proven to be broken.
        """
        policy, measured = self.evidence.policy, self._measured
        found = strata.with_left_out(groups, wholes, measured[name], measured[OVERALL], key, self.measure)
        if found is None or policy.reports_only or found[0].n < (self.rule.min_examples or policy.min_examples):
            return
        (gap, share), confidence = found, self.rule.confidence or policy.confidence
        low, high = gap.interval(confidence)
        if not self.bounds.excludes(low, high):
            return
        what = f"{sentences.of(key, name)} within {self.feature} ({self._rests_on(name, counted)})"
        left_out = "less than 1" if share < 0.01 else f"{share * 100:.0f}"
        distance = sentences.distance(gap.value, "that of the others", self.measure, self.bounds.limit_for(gap.value))
        raise NotMeasuredError(
            f"{what} cannot be judged: {left_out} % of what it rests on are in no stratum, or beside no or hardly any others. "
            f"With these as one more stratum, beside all examples outside of {name}, it is {distance} "
            f"({sentences.interval(low, high, confidence)}): {sentences.between(self.bounds.lower, self.bounds.upper)}. "
            f"Give them values of {self.feature} that others share, or leave them out of the evaluation.",
            n=gap.n,
        )

    def _sentence(self, name: str, key: MetricKey, gap: float, counted: int) -> str:
        """Return both gaps, whether they disagree, and what the one within strata rests on."""
        part, whole = self._measured[name], self._measured[OVERALL]
        crude = against_rest(part, whole, key, self.measure).value
        limit, none = self.bounds.limit_for(gap), 1.0 if self.measure == "ratio" else 0.0
        inside = sentences.distance(gap, "theirs", self.measure, limit)
        outside = sentences.distance(crude, "that of the others", self.measure, limit)
        strata_of = f"within {self.feature} ({self._rests_on(name, counted)})"
        if (gap - none) * (crude - none) < 0:
            second = f"{sentences.REVERSES} {strata_of}, where it is {inside}"
        elif self.bounds.kept_by(gap) != self.bounds.kept_by(crude):
            verbs = ("broken", "kept") if self.bounds.kept_by(gap) else ("kept", "broken")
            second = f"the limit is {verbs[0]} there and {verbs[1]} {strata_of}, where it is {inside}"
        else:
            second = f"{strata_of} it is {inside}"
        return f"{sentences.of(key, name)} is {sentences.number(part.value(key))}, over all examples {outside}; {second}"

    def _rests_on(self, name: str, counted: int) -> str:
        """Return how many strata count, and what is left out."""
        left_out = len(self._left_out(name))
        silent = len(self._names) - left_out - counted
        missing = [
            (silent, f"{silent:,} without both"),
            (left_out, f"{left_out:,} with the slice below evaluation.min_intersection"),
            (self._unknown, f"{sentences.plural(self._unknown, 'example')} without a value"),
        ]
        named = ", ".join(text for number, text in missing if number)
        return f"{_strata(counted)}; left out: {named}" if named else _strata(counted)


def problems(rule: "Rule", feature: str, measured: "Measured") -> Iterator[str]:
    """Yield why the slices of a rule cannot be compared within the strata of a feature, each with its remedy."""
    if feature not in measured.features or feature == CLASS:
        remedy = f"name it with {typed('slices', [feature])}"
        remedy = remedy if measured.of_table else "add it to evaluation.slice_features"
        known = suggestion(feature, [name for name in measured.features if name != CLASS])
        known = known if known.endswith("?") else f"{known}."
        yield f"within: {feature!r} is no slice feature; {known} {'If not,' if known.endswith('?') else 'To have it,'} {remedy}."
        return
    missing = []
    for pattern in rule.slices:
        features = features_of(pattern)
        if len(features) > 1 or features[0] in (feature, CLASS):
            yield f"within {feature} no {pattern!r} can be compared; name slices of one other feature, such as 'gender:*'."
        elif features[0] in measured.features and not _is_crossed(features[0], feature, measured):
            missing.append([features[0], feature])
    if missing:
        pairs = json.dumps([*measured.intersections, *missing], ensure_ascii=False)
        yield (
            f"within {feature} needs the slices {missing[0][0]} × {feature}, which are not evaluated; "
            f"type --set 'evaluation.intersections={pairs}'."
        )


def _is_crossed(first: str, second: str, measured: "Measured") -> bool:
    return {first, second} in map(set, measured.intersections)


def _strata(number: int) -> str:
    return "1 stratum" if number == 1 else f"{number:,} strata"
