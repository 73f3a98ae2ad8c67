"""Rule kind `improvement`: the candidate's gap to overall is smaller than the baseline's."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from fairgate.gate import mistakes, sentences
from fairgate.gate.finding import Bounds, Finding, NotMeasuredError, Unjudged
from fairgate.gate.outcome import RuleMeasure
from fairgate.gate.rule import Limit, Measure, Rule
from fairgate.measurement import MetricKey
from fairgate.names import BASELINE, CANDIDATE, OVERALL
from fairgate.statistics.comparison import Estimate, contrast

if TYPE_CHECKING:
    from fairgate.gate.evidence import Evidence
    from fairgate.gate.measured import Measured


class ImprovementRule(Rule):
    """The candidate's gap against overall is smaller than the baseline's. A gap in the better direction counts as none.

    Attributes:
        measure: as in the kind gap.
        across: "worst" compares the largest gap of each model, "each" compares slice by slice.
        small_enough: a gap of the candidate up to this size (as the limit of the kind gap) need not shrink further.
    """

    includes_overall: ClassVar[bool] = False

    kind: Literal["improvement"] = "improvement"
    measure: Measure = "ratio"
    across: Literal["worst", "each"] = "worst"
    small_enough: Limit | None = None

    @property
    def needs_baseline(self) -> bool:
        """Return True: a gap shrinks from the baseline's."""
        return True

    @property
    def measures(self) -> RuleMeasure:
        """Return the change of the gap; a finding whose gap is small enough holds the gap itself."""
        return "gap_change"

    @property
    def reports_worst(self) -> bool:
        """Return whether the largest gaps are compared and no others."""
        return self.across == "worst"

    @property
    def more_slices_are_stricter(self) -> bool:
        """Return whether each gap must shrink. The largest of more gaps may shrink where the largest of fewer has grown."""
        return self.across == "each"

    @property
    def limit_words(self) -> str:
        """Return that the gap must shrink, and down to which size."""
        if self.small_enough is None:
            return "gap to overall shrinks"
        times = " times" if self.measure == "ratio" else ""
        return f"gap to overall shrinks, or is at most {sentences.exact(self.small_enough)}{times}"

    def is_as_strict(self, key: str, other: Rule) -> bool | None:
        """Compare sizes that are small enough; without one every gap must shrink."""
        if key != "small_enough" or not isinstance(other, ImprovementRule):
            return None
        return self.small_enough is None or (other.small_enough is not None and self.small_enough <= other.small_enough)

    def apply(self, evidence: "Evidence") -> Iterator[Finding | Unjudged]:
        """Compare the candidate's gaps with the baseline's: slice by slice, or the largest of each model."""
        names, absent = evidence.select(self)
        yield from absent
        for key in self.metric_keys():
            sound, unjudged = evidence.sound(self, names, key, BASELINE)
            yield from unjudged
            try:
                candidate, baseline = (self._gaps(evidence, list(sound), key, model) for model in (CANDIDATE, BASELINE))
            except NotMeasuredError as error:
                yield Unjudged.of(self, OVERALL, key, error)
                continue
            if self.across == "each":
                for name in sound:
                    yield self._finding(evidence, key, (name, candidate[name]), (name, baseline[name]), [name])
            elif sound:
                ours, theirs = (max(gaps.items(), key=_by_size) for gaps in (candidate, baseline))
                others = [name for name in sound if name != ours[0]]
                yield self._finding(evidence, key, ours, theirs, [ours[0], *others])
                other = self._other_small_enough(evidence, candidate, ours[0])
                if other is not None:
                    yield self._finding(evidence, key, (other, candidate[other]), theirs, list(sound))

    def _other_small_enough(self, evidence: "Evidence", gaps: Mapping[str, Estimate], largest: str) -> str | None:
        """Return the slice that decides where all gaps are small enough, the largest provably and another one not."""
        if self.small_enough is None or not gaps[largest].value <= self.small_enough:
            return None
        return evidence.other_slice(self, gaps, largest, Bounds(upper=self.small_enough))

    def _gaps(self, evidence: "Evidence", names: list[str], key: MetricKey, model: str) -> dict[str, Estimate]:
        evidence.metrics(OVERALL, key, model)  # raises also where no slice can be judged
        return {name: evidence.gap(self, name, key, self.measure, model) for name in names}

    def _finding(
        self,
        evidence: "Evidence",
        key: MetricKey,
        candidate: tuple[str, Estimate],
        baseline: tuple[str, Estimate],
        names: list[str],
    ) -> Finding | Unjudged:
        """Judge the candidate's gap of one slice against the baseline's, each the largest of `names`."""
        (name, gap), (other, before) = candidate, baseline
        by, none = ("a factor of ", 1.0) if self.measure == "ratio" else ("", 0.0)
        size = "not worse than overall" if gap.value <= none else f"worse than overall by {by}{sentences.number(gap.value)}"
        text = f"{sentences.of(key, name)} is {size}"
        if self.small_enough is not None and gap.value <= self.small_enough:
            limit_text = f"up to {sentences.exact(self.small_enough)} it need not shrink"
            return Finding(self, name, key, gap, Bounds(upper=self.small_enough), text, limit_text, len(names), "gap")
        unpaired = contrast(gap, before, "difference")
        unpaired = replace(unpaired, alone=lambda _: unpaired)
        joint = evidence.gap_change(self, names, key, self.measure, unpaired)
        change = joint or unpaired
        if change.problem:
            return Unjudged(self, name, key, "unproven", f"The change of the gap of {name} {change.problem}.")
        reference = f"the baseline's {sentences.label(key)} of {other} by {by}{sentences.number(before.value, gap.value)}"
        text = f"{text}, {reference}: a change of {sentences.number(change.value, 0.0)}"
        bounds = Bounds(upper=0.0, strict=gap.value > none)
        # The bounds of the largest gap know from how many slices it was picked; an unpaired interval does not.
        return Finding(self, name, key, change, bounds, text, "the gap must shrink", 1 if joint else len(names))

    def lint(self, measured: "Measured") -> Iterator[str]:
        """Yield what is wrong with the rule, also that there is no overall to compare with."""
        yield from super().lint(measured)
        yield from mistakes.without_overall(self, measured)

    def lint_limits(self) -> Iterator[str]:
        """Yield a size that every gap or no gap keeps."""
        if self.small_enough is not None:
            yield from mistakes.in_size("small_enough", self.small_enough, self.metric, self.measure)


def _by_size(gap: tuple[str, Estimate]) -> tuple[bool, float]:
    """Return what orders gaps by size; one that is undefined goes before all, so that it is not overlooked."""
    return math.isnan(gap[1].value), gap[1].value
