"""Say how many more examples decide a finding that is open, and of which slice and label.

In: a finding whose interval reaches across its limit, or a slice with too few examples. Out: `Needed`, a part of verdict.json.

`RuleLine` holds a `Needed`, and the command reads the outcomes of `RuleLine` before anything else: so this module imports numpy
and the statistics only where it computes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from fairgate.names import is_pattern, matching

if TYPE_CHECKING:  # findings import the module that holds RuleLine
    from fairgate.gate.finding import Finding, Unjudged
    from fairgate.measurement import MetricKey, SliceMetrics

Label = Literal["negative", "positive", ""]
Available = Mapping[str, Mapping[str, int]]  # slice -> label -> examples outside of the evaluation

POWER = 0.8

_ROUNDING = 1e-9  # as in `finding.ROUNDING`, which imports this module
_DIGITS = 3
_NEARLY = 0.03  # by so much the power may be missed
_PLURAL: Mapping[Label, str] = {"negative": "negatives", "positive": "positives", "": "examples"}


@dataclass(frozen=True)
class _Question:
    """What an interval has to lie clear of, and at which confidence."""

    limits: tuple[float, ...]
    confidence: float


class Needed(BaseModel):
    """How many more examples decide a finding; also a part of verdict.json.

    It is assumed that the observed rates are the true ones, and that the rest of the data grows in proportion.

    Attributes:
        slice: of which slice; "all others than gender:male" where those that it is compared with are too few.
        label: of which label; empty where both count, in their present proportion.
        examples: how many more; None where no number decides, or none is known.
        have: how many there are, unweighted.
        power: the probability with which that many decide; None where they are only the least that the policy judges.
        available: how many the rest of the data holds, such as the training split; None where that is not known.
        sentence: for people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slice: str
    label: Label
    examples: int | None
    have: int
    power: float | None
    available: int | None = None
    sentence: str


def needed_for(
    finding: "Finding",
    policy_confidence: float,
    *,
    measured: "SliceMetrics | None" = None,
    available: Available | None = None,
    family: int | None = None,
) -> Needed | None:
    """Return how many more examples decide an open finding; None where it is decided, or has no interval. Never raises.

    Args:
        finding: of a rule on a slice.
        policy_confidence: level of the policy; the rule's own goes before.
        measured: the slice that the finding rests on, which says how many examples there are; without it they are counted by the
            estimate, whose number is the effective one where examples are weighted.
        available: what the rest of the data holds, where that is known.
        family: how many findings Holm's correction counts; None without correction. A broken limit is then planned for the
            strictest step, so that Holm may prove it with fewer.
    """
    label = _label(finding.key)
    have = _count(measured, label, finding.estimate.n)
    alone = True
    try:
        question = _question(finding, finding.rule.confidence or policy_confidence, family)
        if question is None:
            return None
        factor = _growth(finding, question)
        more = have * (factor - 1)
        if math.isfinite(more) and have:
            alone = _suffices_alone(finding, question, (have + about(_whole(more))) / have)
    except (ArithmeticError, ValueError):  # counts near the ends of float64
        factor = more = math.nan
    held = _held(available, finding.slice, label)
    if math.isfinite(more) and have:
        examples = _whole(more)
        sentence = _sentence(examples, have, finding.slice, label, held, alone=alone)
        return Needed(
            slice=finding.slice, label=label, examples=examples, have=have, power=POWER, available=held, sentence=sentence
        )
    sentence = _why_not(finding, factor)
    return Needed(slice=finding.slice, label=label, examples=None, have=have, power=POWER, available=held, sentence=sentence)


def needed_for_unjudged(
    unjudged: "Unjudged", least: int, *, measured: "SliceMetrics | None" = None, available: Available | None = None
) -> Needed | None:
    """Return how many more examples it takes until a slice is judged at all; None unless it has too few. Never raises.

    Of a pattern that is None too: see `nearest`.

    Args:
        unjudged: what was said of the slice.
        least: examples that the rule or the policy asks for, effective ones where examples are weighted.
        measured: the slice; None where it was left out of the evaluation, so that its examples were not counted by label.
        available: as in `needed_for`.
    """
    if unjudged.result != "not enough data" or is_pattern(unjudged.slice):
        return None
    label: Label
    if unjudged.outside is not None:
        label, measured = unjudged.outside, None
        unjudged = replace(unjudged, slice=f"all others than {unjudged.slice}")
    else:
        label = "" if measured is None else _label(unjudged.key)
    have = _count(measured, label, unjudged.n)
    missing = least - unjudged.n
    weighed = have / unjudged.n if have and unjudged.n > 0 else 1.0  # examples for each effective one
    examples = _whole(missing * weighed) if math.isfinite(missing * weighed) else least
    held = _held(available, unjudged.slice, label)
    are = "is" if examples == 1 else "are"
    what = f"{_counted(examples, label)} of {unjudged.slice} {are} needed before this is judged (there are {have:,})"
    sentence = f"At least {what}{_rest(held, examples)}."
    return Needed(slice=unjudged.slice, label=label, examples=examples, have=have, power=None, available=held, sentence=sentence)


def nearest(unjudged: "Unjudged", least: int, slices: "Mapping[str, SliceMetrics]") -> "Unjudged":
    """Return what was said of a pattern whose slices are compared, as said of the slice that makes the second with enough.

    Args:
        unjudged: of a pattern, for fewer than two of its slices have enough examples.
        least: as in `needed_for_unjudged`.
        slices: the candidate's, by name.

    Returns:
        the argument itself where it is of a single slice, or no second slice lacks examples.
    """
    if not is_pattern(unjudged.slice) or unjudged.result != "not enough data":
        return unjudged
    label = _label(unjudged.key)
    sizes = sorted(((_count(slices[name], label, 0), name) for name in matching(unjudged.slice, slices)), reverse=True)
    if len(sizes) < 2 or sizes[1][0] >= least:
        return unjudged
    return replace(unjudged, slice=sizes[1][1], n=float(sizes[1][0]))


def _question(finding: "Finding", confidence: float, family: int | None) -> _Question | None:
    """Return what the interval has to lie clear of; None where the finding is decided, or its value alone decides."""
    import numpy as np

    estimate, bounds = finding.estimate, finding.bounds
    kept = bounds.kept_by(estimate.value)
    if family is not None and not kept:
        confidence = 1 - (1 - confidence) / (max(family, 1) * finding.num_comparisons)
    with np.errstate(all="ignore"):
        low, high = estimate.interval(confidence)
    decided = math.isnan(low) or math.isnan(high) or (bounds.contains(low, high) if kept else bounds.excludes(low, high))
    if decided and not math.isnan(estimate.value):
        return None
    return _Question((bounds.lower, bounds.upper) if kept else (bounds.limit_for(estimate.value),), confidence)


def _growth(finding: "Finding", question: _Question) -> float:
    """Return the factor by which the examples have to grow, the slice's and the others' alike."""
    from fairgate.statistics import sample_size

    if math.isnan(finding.estimate.value):
        return math.nan
    return sample_size.growth(finding.estimate, question.limits, question.confidence, POWER)


def _suffices_alone(finding: "Finding", question: _Question, factor: float) -> bool:
    """Return whether it decides too if the slice alone grows by a factor: where it is compared, the others limit that."""
    from fairgate.statistics import sample_size

    alone = finding.estimate.alone
    if alone is None:
        return True
    return sample_size.power_of(alone(factor), question.limits, question.confidence) >= POWER - _NEARLY


def _label(key: "MetricKey") -> Label:
    """Return the label of the examples that a metric's trials are; empty for a metric that is not registered."""
    from fairgate.errors import UnknownNameError
    from fairgate.metrics import registry

    try:
        return registry.get(key.name).trials
    except UnknownNameError:
        return ""


def _count(measured: "SliceMetrics | None", label: Label, n: float) -> int:
    """Return how many examples there are: those of the slice, or else those of the estimate."""
    if measured is not None:
        counted = {"negative": measured.n_negative, "positive": measured.n_positive, "": measured.n}[label]
        if counted is not None:
            return counted
    return round(n) if math.isfinite(n) else 0


def _whole(examples: float) -> int:
    """Return the whole number of examples, at least 1, that is no less; what rounding adds to a whole number is none."""
    return max(1, math.ceil(examples - _ROUNDING * max(1.0, examples)))


def _held(available: Available | None, name: str, label: Label) -> int | None:
    return None if available is None else available.get(name, {}).get(label)


def _sentence(examples: int, have: int, name: str, label: Label, held: int | None, *, alone: bool) -> str:
    others = "" if alone else ", and of the others in proportion,"
    what = f"{_counted(about(examples), label)} of {name}{others} decide this at {POWER * 100:g} % power (there are {have:,})"
    return f"About {what}{_rest(held, examples)}."


def _rest(held: int | None, examples: int) -> str:
    if held is None:
        return ""
    return f"; the rest of the data holds {held:,}" if held >= examples else f"; the rest of the data holds only {held:,}"


def _counted(examples: int, label: Label) -> str:
    """Return "1,210 more negatives"."""
    plural = _PLURAL[label]
    return f"{examples:,} more {plural.removesuffix('s') if examples == 1 else plural}"


def about(examples: int) -> int:
    """Return the number with three significant digits, rounded up: a computed number of examples is no more exact than that."""
    step: int = 10 ** max(len(str(examples)) - _DIGITS, 0)
    return -(-examples // step) * step


def _why_not(finding: "Finding", factor: float) -> str:
    value, bounds = finding.estimate.value, finding.bounds
    if math.isinf(factor):
        at_limit = min(abs(value - bounds.lower), abs(value - bounds.upper)) <= _ROUNDING
        because = "the value lies exactly at the limit" if at_limit else "the interval does not get clear of the limit"
        return f"No number of examples decides this: {because}."
    return "How many examples decide this is not known: the value or its interval is undefined."
