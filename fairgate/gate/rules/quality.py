"""Rule kind `quality`: a metric of the candidate lies between limits."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import model_validator

from fairgate.gate import mistakes, sentences
from fairgate.gate.finding import Bounds, Finding, NotMeasuredError, Unjudged
from fairgate.gate.rule import Limit, Rule, ceiling_is_as_strict, floor_is_as_strict

if TYPE_CHECKING:
    from fairgate.gate.evidence import Evidence


class QualityRule(Rule):
    """The candidate's metric lies between limits on every named slice.

    Attributes:
        min, max: the least and the greatest value that is allowed; the one on the side on which the metric gets worse, or both.
    """

    kind: Literal["quality"] = "quality"
    min: Limit | None = None
    max: Limit | None = None

    @model_validator(mode="after")
    def _some_limit(self) -> "QualityRule":
        if self.min is None and self.max is None:
            raise ValueError("a quality rule needs min, max or both")
        return self

    @property
    def limit_words(self) -> str:
        """Return the floor, the ceiling, or both."""
        return sentences.range_words(self.min, self.max)

    def is_as_strict(self, key: str, other: Rule) -> bool | None:
        """Compare floors and ceilings."""
        if not isinstance(other, QualityRule):
            return None
        floor, ceiling = floor_is_as_strict(self.min, other.min), ceiling_is_as_strict(self.max, other.max)
        return {"min": floor, "max": ceiling}.get(key)

    def apply(self, evidence: "Evidence") -> Iterator[Finding | Unjudged]:
        """Hold the metric of each slice to the limits."""
        names, absent = evidence.select(self)
        yield from absent
        bounds = Bounds(-math.inf if self.min is None else self.min, math.inf if self.max is None else self.max)
        for key in self.metric_keys():
            for name in names:
                try:
                    (own,) = evidence.estimates(self, name, key)
                except NotMeasuredError as error:
                    yield Unjudged.of(self, name, key, error)
                    continue
                text = f"{sentences.of(key, name)} is {sentences.number(own.value, bounds.limit_for(own.value))}"
                yield Finding(self, name, key, own, bounds, text, sentences.between(bounds.lower, bounds.upper))

    def lint_limits(self) -> Iterator[str]:
        """Yield limits that every value or no value keeps, or a single one that the worst candidate keeps best."""
        found = list(mistakes.in_floor_and_ceiling(self.metric, self.min, self.max))
        yield from found or mistakes.in_side(self, self.min, self.max)

    def on_each_slice(self) -> Rule:
        """Return the rule itself: it holds every slice alone."""
        return self

    def limits(self) -> tuple[float | None, float | None]:
        """Return `min` and `max`."""
        return self.min, self.max
