"""Rule kind `worst_slice`: the worst of several slices keeps a limit."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import model_validator

from fairgate.gate import mistakes, sentences
from fairgate.gate.finding import Bounds, Finding, Unjudged
from fairgate.gate.rule import Limit, Rule, ceiling_is_as_strict, floor_is_as_strict, worse_direction
from fairgate.gate.rules.quality import QualityRule
from fairgate.measurement import MetricKey
from fairgate.statistics.comparison import Estimate

if TYPE_CHECKING:
    from fairgate.gate.evidence import Evidence


class WorstSliceRule(Rule):
    """The worst of the named slices keeps the limit; reported as one line that names this slice.

    Where its few examples prove nothing, and those of another slice prove that the limit is broken, a second line names that one;
    likewise where the worst keeps the limit provably and another one does not.

    Attributes:
        min: floor, for a metric that is better when higher (recall).
        max: ceiling, for one that is better when lower. Exactly one of the two is given.
    """

    kind: Literal["worst_slice"] = "worst_slice"
    min: Limit | None = None
    max: Limit | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> "WorstSliceRule":
        if (self.min is None) == (self.max is None):
            raise ValueError("a worst_slice rule needs either min or max")
        return self

    @property
    def reports_worst(self) -> bool:
        """Return True: the worst slice stands for all."""
        return True

    @property
    def limit_words(self) -> str:
        """Return the limit of the worst slice."""
        return f"{sentences.range_words(self.min, self.max)}, worst slice"

    def is_as_strict(self, key: str, other: Rule) -> bool | None:
        """Compare floors and ceilings."""
        if not isinstance(other, WorstSliceRule):
            return None
        floor, ceiling = floor_is_as_strict(self.min, other.min), ceiling_is_as_strict(self.max, other.max)
        return {"min": floor, "max": ceiling}.get(key)

    def apply(self, evidence: "Evidence") -> Iterator[Finding | Unjudged]:
        """Hold the slice with the lowest (`min`) or highest (`max`) value among those with enough examples to the limit."""
        names, absent = evidence.select(self)
        yield from absent
        bounds = Bounds(-math.inf if self.min is None else self.min, math.inf if self.max is None else self.max)
        pick, adjective = (max, "highest") if self.min is None else (min, "lowest")
        for key in self.metric_keys():
            sound, unjudged = evidence.sound(self, names, key)
            yield from unjudged
            if not sound:
                continue
            name, _ = pick(sound.items(), key=lambda item: item[1].value)
            yield self._finding(name, key, sound, bounds, f"the {adjective} of {len(sound)}")
            other = evidence.other_slice(self, sound, name, bounds)
            if other is not None:
                yield self._finding(other, key, sound, bounds, f"not the {adjective} of {len(sound)}, but the one that decides")

    def _finding(self, name: str, key: MetricKey, sound: Mapping[str, Estimate], bounds: Bounds, remark: str) -> Finding:
        own = sound[name]
        text = f"{sentences.of(key, name)} is {sentences.number(own.value, bounds.limit_for(own.value))}, {remark}"
        return Finding(self, name, key, own, bounds, text, sentences.between(bounds.lower, bounds.upper), len(sound))

    def lint_limits(self) -> Iterator[str]:
        """Yield limits that every value or no value keeps, or that limit the best slice instead of the worst."""
        found = list(mistakes.in_floor_and_ceiling(self.metric, self.min, self.max))
        worse = worse_direction(self)
        if not found and ((worse == "higher" and self.min is not None) or (worse == "lower" and self.max is not None)):
            given, needed, extreme = ("min", "max", "highest") if worse == "higher" else ("max", "min", "lowest")
            found = [f"the worst {self.metric} is the {extreme}; replace {given} by {needed}."]
        yield from found

    def on_each_slice(self) -> Rule:
        """Return the rule that holds every slice to the limit of the worst."""
        return QualityRule(
            id=self.id, metric=self.metric, thresholds=self.thresholds, worse=self.worse, min=self.min, max=self.max
        )

    def limits(self) -> tuple[float | None, float | None]:
        """Return `min` and `max`."""
        return self.min, self.max
