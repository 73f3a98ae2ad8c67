"""Find the mistakes in a rule that several kinds share: its metric, thresholds, slices, direction and sizes.

In: a rule and what the evaluation will measure. Out: what is wrong, each with its remedy. Imports no third-party package but
pydantic.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from fairgate.asked import option, typed
from fairgate.errors import UnknownNameError
from fairgate.gate.measured import Measured
from fairgate.metrics import registry
from fairgate.metrics.registry import Metric
from fairgate.names import (
    CLASS,
    LONGEST_VALUE,
    OVERALL,
    PAIR,
    TRAIN,
    features_of,
    is_cut,
    is_pair,
    is_pattern,
    matching,
    whole_feature,
)

if TYPE_CHECKING:
    from fairgate.gate.rule import Measure, Rule

EVERY = "so the rule could not refuse anything"
NONE = "so no candidate could ever pass"
_MOST = 12  # names listed in a message
WIDEST_RATIO = 10.0  # no model that anyone would publish comes near it
_WIDEST = 1e6  # of a metric without a bound, such as a loss
_NEAR = 1e-6  # a limit that is nearer than this to the end of a metric's range limits nothing
_MOST_EXAMPLES = 10**8  # more than any slice has
_MOST_CONFIDENCE = 0.9999  # beyond it an interval reaches over nearly everything


def in_metric(rule: "Rule", measured: Measured) -> Iterator[str]:
    """Yield a metric that is unknown, renamed or not measured, or thresholds that are not measured."""
    try:
        metric = registry.get(rule.metric)
    except UnknownNameError as error:
        yield str(error) if error.now else _not_evaluated(rule.metric, measured)
        return
    if measured.metric(rule.metric) is not None:
        yield from in_thresholds(rule, measured, metric)
    elif "train" in metric.needs and TRAIN not in measured.splits:
        if measured.of_table:
            yield f"{rule.metric} needs the split {TRAIN!r}, and a table has none; leave the rule out."
        else:
            yield f"{rule.metric} needs the split {TRAIN!r} in evaluation.splits, which has {list(measured.splits)}."
    elif metric.is_of(measured.task) and metric.needs & measured.lacking:
        yield _lacking(metric, measured)
    else:
        yield _not_evaluated(rule.metric, measured)


def _lacking(metric: Metric, measured: Measured) -> str:
    """Return what of a table a metric needs and the table does not have."""
    known = ", ".join(each.name for each in measured.metrics)
    if "labels" in metric.needs & measured.lacking:
        return (
            f"{metric.name} needs labels, and none are named; type {typed('label', 'COLUMN')}. Without labels there is {known}."
        )
    return (
        f"{metric.name} needs scores, and there are decisions alone; type {typed('scores', {'MODEL': 'COLUMN'})} instead of "
        f"{option('decisions')}, or leave the rule out. Of decisions there is {known}."
    )


def metric_of(rule: "Rule", measured: Measured) -> Metric | None:
    """Return the rule's metric if it is known and measured."""
    try:
        return measured.metric(rule.metric)
    except UnknownNameError:
        return None


def _not_evaluated(name: str, measured: Measured) -> str:
    known = [metric.name for metric in measured.metrics]
    return ended(f"metric {name!r} is not evaluated; {suggestion(name, known)}")


def in_thresholds(rule: "Rule", measured: Measured, metric: Metric) -> Iterator[str]:
    """Yield thresholds that are missing, superfluous, not measured or given twice."""
    thresholded = measured.at_thresholds(metric)
    if thresholded and not rule.thresholds:
        yield f"{rule.metric} depends on a threshold; add thresholds, of {listed(measured.thresholds)}."
    if not thresholded and rule.thresholds:
        yield f"{rule.metric} depends on no threshold; remove thresholds {list(rule.thresholds)}."
        return
    for threshold in rule.thresholds:
        if threshold not in measured.thresholds:
            known = listed(measured.thresholds)
            if "scores" in measured.lacking:
                yield f"threshold {threshold:g} divides no scores, for there are decisions alone; write thresholds: [{known}]."
                continue
            yield f"threshold {threshold:g} is not evaluated; add it to evaluation.thresholds or use one of {known}."
    if len(set(rule.thresholds)) < len(rule.thresholds):
        yield f"thresholds {list(rule.thresholds)} name one twice; remove it."


def in_slices(rule: "Rule", measured: Measured) -> Iterator[str]:
    """Yield slices that do not exist, or on which the metric is not measured."""
    metric = metric_of(rule, measured)
    if not rule.slices:
        yield 'slices is empty; name some, such as "overall" or "gender:*".'
    for pattern in rule.slices:
        slices = matching(pattern, measured.slices())
        if not pattern.endswith("*") and (unseen := _ends_unseen(pattern, measured)):
            yield (
                f"{pattern!r} cannot see the end of values of more than {LONGEST_VALUE} characters, such as that of {unseen!r}; "
                "end it with a star, or name such slices."
            )
        elif not slices and (meant := _meant(pattern, measured)):
            yield f"no slice matches {pattern!r}; did you mean '{meant}'?"
        elif not slices and not _open_ended(pattern, measured):
            yield _no_slice(pattern, measured)
        elif pattern == OVERALL and not rule.includes_overall:
            yield 'a gap is that of a slice; replace "overall" in slices by slices, such as "gender:*".'
        elif metric:
            included = [name for name in slices if name != OVERALL or rule.includes_overall]
            yield from _not_measured(pattern, included, metric, measured)


def without_overall(rule: "Rule", measured: Measured) -> Iterator[str]:
    """Yield a metric that is not measured on overall, so that slices cannot be compared with it."""
    metric = metric_of(rule, measured)
    if metric and not measured.on_overall(metric):
        yield f"{rule.metric} is not evaluated on overall, so no slice can be compared with it; take another metric."


def without_second_slice(rule: "Rule", measured: Measured) -> Iterator[str]:
    """Yield slices that are the only one of their feature, so that there is nothing to compare them with."""
    named = {
        name
        for pattern in rule.slices
        for name in (matching(pattern, measured.slices()) if is_pattern(pattern) else [pattern] * (":" in pattern))
    }
    open_ended = {features_of(pattern) for pattern in rule.slices if is_pattern(pattern) and _open_ended(pattern, measured)}
    for features, times in Counter(features_of(name) for name in named).items():
        if times < 2 and features not in open_ended:
            alone = next(name for name in named if features_of(name) == features)
            yield f"{alone} is the only slice of its feature that is named, so there is nothing to compare it with; name another."


def in_direction(rule: "Rule") -> Iterator[str]:
    """Yield a direction that contradicts the metric's own."""
    known = registry.get(rule.metric).worse
    if rule.worse is not None and known is not None and rule.worse != known:
        yield f"worse is {rule.worse!r}, but {rule.metric} gets worse when {known}; remove worse."


def without_direction(rule: "Rule") -> Iterator[str]:
    """Yield a metric that has no direction, for a rule that needs one."""
    if rule.worse is None and registry.get(rule.metric).worse is None:
        yield f"{rule.metric} has no direction in which it gets worse; add worse: higher or worse: lower."


def in_threshold_range(rule: "Rule") -> Iterator[str]:
    """Yield thresholds at which every score, or none, is positive."""
    for threshold in rule.thresholds:
        if not 0 < threshold < 1:
            yield f"threshold {threshold:g} is not between 0 and 1, so it divides no scores; change it."


def in_evidence(min_examples: int | None, confidence: float | None) -> Iterator[str]:
    """Yield a number of examples that no slice has, or a confidence at which nothing can be proven."""
    if min_examples is not None and min_examples > _MOST_EXAMPLES:
        yield f"min_examples {min_examples:,} is more than any slice has, {NONE}; lower it."
    if confidence is not None and confidence > _MOST_CONFIDENCE:
        yield f"confidence {confidence!r} makes intervals so wide that nothing is proven, {EVERY}; 0.95 or 0.99 is usual."


def in_floor_and_ceiling(metric: str, floor: float | None, ceiling: float | None) -> Iterator[str]:
    """Yield limits that every value or no value keeps."""
    least, most = _bounds(metric)
    near = _NEAR * (most - least if most < _WIDEST else 1.0)  # a loss has no end, but near 0 it is a share
    if floor is not None and ceiling is not None and floor > ceiling:
        yield f"min {floor:g} lies above max {ceiling:g}, {NONE}; exchange or change them."
    if floor is not None and floor <= least + near:
        yield f"min {floor:g} is kept by every {metric}, which is at least {least:g}, {EVERY}; raise it."
    if ceiling is not None and ceiling >= most - near:
        yield f"max {ceiling:g} is kept by every {metric}, which is at most {most:g}, {EVERY}; lower it."
    if floor is not None and floor > most:
        yield f"min {floor:g} is beyond every {metric}, which is at most {most:g}, {NONE}; lower it."
    if ceiling is not None and ceiling < least:
        yield f"max {ceiling:g} is beyond every {metric}, which is at least {least:g}, {NONE}; raise it."


def in_side(rule: "Rule", floor: float | None, ceiling: float | None) -> Iterator[str]:
    """Yield a single limit on the side on which a metric is better: it is kept the more surely the worse a candidate is."""
    worse = registry.get(rule.metric).worse or rule.worse
    wrong, given, needed = (floor, "min", "max") if worse == "higher" else (ceiling, "max", "min")
    other = ceiling if worse == "higher" else floor
    if worse is not None and wrong is not None and other is None:
        yield (
            f"{given} {wrong:g} alone limits how good {rule.metric} may be, which gets worse when {worse}, so the rule could "
            f"refuse no bad candidate; write {needed} in its place, or both."
        )


def in_size(key: str, size: float, metric: str, measure: "Measure") -> Iterator[str]:
    """Yield a size of a gap, in the policy's `key`, that every gap or no gap keeps."""
    none = 1 if measure == "ratio" else 0
    if size < none:
        yield f"{key} {size:g} is below {none}, which is a {measure} without any gap, {NONE}; raise it."
    if measure == "ratio" and size > WIDEST_RATIO:
        number = "is infinite" if size == math.inf else f"{size:g} is kept by nearly every ratio"
        yield f"{key} {number}, {EVERY}; 1.25 allows 25 % more than overall."
    if measure == "ratio" and -math.inf < registry.get(metric).bounds[0] < 0:
        yield f"{metric} may be negative, so it has no ratio; use measure: difference."
    if measure == "difference" and size >= width(metric):
        yield f"{key} {size:g} allows any difference of {metric}, {EVERY}; make it smaller."


def width(metric: str) -> float:
    """Return the distance between the least and the greatest value of a metric, which nearly every difference keeps."""
    least, most = _bounds(metric)
    return (most - least) * (1 - _NEAR)


def _bounds(metric: str) -> tuple[float, float]:
    """Return the least and the greatest value of a metric, as far as they occur."""
    least, most = registry.get(metric).bounds
    return max(least, -_WIDEST), min(most, _WIDEST)


def suggestion(name: str, known: Sequence[str]) -> str:
    """Return the known name that is nearest to a mistyped one, or else all of them, as half a sentence."""
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"there are {listed(known)}"


def ended(text: str) -> str:
    """Return a sentence with its full stop; a question has a mark of its own."""
    return text if text.endswith("?") else f"{text}."


def listed(values: Sequence[str] | Sequence[float]) -> str:
    """Return the first of the values, joined by commas, and how many more there are."""
    shown = [value if isinstance(value, str) else f"{value:g}" for value in values]
    more = [f"{len(shown) - _MOST} more"] if len(shown) > _MOST else []
    return ", ".join(shown[:_MOST] + more) or "none"


def _meant(pattern: str, measured: Measured) -> str:
    """Return what is meant by the name of a feature alone, or by the letter x between two slices; "" for neither."""
    whole = {feature: whole_feature(feature) for feature in measured.features}
    if pattern in whole:
        return whole[pattern]
    parts = re.split(r" [xX*] ", pattern)
    crosses = len(parts) > 1 and all(part in whole or ":" in part for part in parts)
    known = crosses and all(features_of(whole.get(part, part))[0] in whole for part in parts)
    return PAIR.join(whole.get(part, part) for part in parts) if known else ""


def _open_ended(pattern: str, measured: Measured) -> bool:
    """Return whether the pattern names values of a feature whose values are not known in advance."""
    features = features_of(pattern)
    sliced = features in {(feature,) for feature in measured.features} | {tuple(sorted(pair)) for pair in measured.intersections}
    return sliced and any(not measured.features.get(feature, ()) for feature in features)


def _ends_unseen(pattern: str, measured: Measured) -> str:
    """Return a slice that would match if its value had not been cut in its name, as far as that can be told; "" for none."""
    beginning = pattern[: pattern.rfind("*") + 1]
    cut = [name for name in measured.slices() if is_cut(name)] if beginning else []
    return next(iter(matching(beginning, cut)), "")


def _no_slice(pattern: str, measured: Measured) -> str:
    features = features_of(pattern)
    if (spelled := _with_spelled_features(pattern, measured)) != pattern:
        return f"no slice matches {pattern!r}: a sign in the name of a feature has a backslash before it; write '{spelled}'."
    unknown = [feature for feature in features if feature not in measured.features]
    if unknown and ":" in pattern:
        known = suggestion(unknown[0], list(measured.features))
        named = f"name it with {typed('slices', [unknown[0]])}"
        more = named if measured.of_table else "add it to evaluation.slice_features"
        return f"no slice matches {pattern!r}: {unknown[0]!r} is no slice feature; {known}, or {more}."
    if len(features) > 1 and features not in {tuple(sorted(pair)) for pair in measured.intersections}:
        if measured.of_table:
            return (
                f"no slice matches {pattern!r}: with stars a table has the intersections of two different features; name two, or "
                "every value in full, such as 'a:x × a:y × b:z'."
            )
        return f"no slice matches {pattern!r}: {PAIR.join(features)} is not among evaluation.intersections; add the pair there."
    single = [name for name in measured.slices() if not is_pair(name)]
    whole = [whole_feature(feature) for feature in measured.features if feature != CLASS]
    return ended(f"no slice matches {pattern!r}; {suggestion(pattern, [*single, *whole])}")


def _with_spelled_features(pattern: str, measured: Measured) -> str:
    """Return a pattern with those features spelled as in the names of slices that it writes as their columns are called."""
    for feature in measured.features:
        spelled = whole_feature(feature).removesuffix("*")
        if spelled != f"{feature}:":
            parts = re.split(rf"(?:^|(?<={PAIR})){re.escape(feature)}:", pattern)
            pattern = spelled.join(parts)
    return pattern


def _not_measured(pattern: str, slices: list[str], metric: Metric, measured: Measured) -> Iterator[str]:
    absent = [name for name in slices if not measured.measured_on(metric, name)]
    if absent:
        where = listed(measured.places(metric))
        yield f"{metric.name} is not evaluated on {absent[0]!r}, which {pattern!r} names; it is on {where}."
