"""Put a decision into words: numbers, intervals and sentences as a reader wants them."""

import math
from typing import TYPE_CHECKING

from fairgate import text
from fairgate.measurement import MetricKey
from fairgate.metrics import registry

if TYPE_CHECKING:  # findings are put into sentences by rules, which import this module
    from fairgate.gate.finding import Bounds, Finding
    from fairgate.gate.outcome import RuleLine
    from fairgate.statistics.comparison import Ends, Measure

_DIGITS = 3
_MOST_DIGITS = 9
_SURE_DECIMALS = 12  # those behind them depend on the order in which numbers were added
_NOTHING = 1e-12
_MOST_IN_FULL = 1e15
REVERSES = "the gap reverses"
_APART = (f"; {REVERSES} within ", " there and kept within ", " there and broken within ")


def reason(finding: "Finding", ends: "Ends", confidence: float, remark: str) -> str:
    """Return the sentence of a judged finding: what was measured with interval and n; the limit; what else decided."""
    return f"{measured(finding, ends, confidence)}; {finding.limit_text}. {remark}".rstrip()


def measured(finding: "Finding", ends: "Ends", confidence: float) -> str:
    """Return the first half of the sentence: what was measured with interval and n.

    Where the slice is compared with fewer examples than it has itself, both numbers: "n = 437 and 152".
    """
    support = f"n = {count(finding.n)}"
    if finding.estimate.n < finding.n:
        support += f" and {count(finding.estimate.n)}"
    if not any(map(math.isnan, ends)):
        support = f"{interval(*ends, confidence)}, {support}"
    return f"{finding.measured_text} ({support})"


def strata_disagree(line: "RuleLine") -> bool:
    """Return whether a line says that a gap over all examples tells something else than the one within strata."""
    return line.measure.endswith("_within") and any(words in line.reason for words in _APART)


def comparison(
    key: MetricKey, slice_name: str, value: float, gap: float, reference: str, measure: "Measure", bounds: "Bounds"
) -> str:
    """Return what was compared: "False positive rate of gender:male at 0.5 is 0.51, 1.83 times the overall 0.28".

    Args:
        key: the metric.
        slice_name: the slice.
        value: of the metric on the slice.
        gap: the ratio or difference of the value to that of the reference.
        reference: with its value, "the overall 0.28".
        measure: which of the two `gap` is.
        bounds: what `gap` is held to; it gets the digits that distinguish it from the limit.
    """
    return f"{of(key, slice_name)} is {number(value)}, {distance(gap, reference, measure, bounds.limit_for(gap))}"


def number(value: float, apart_from: float = math.nan) -> str:
    """Return three significant digits; as many more as it takes to differ from `apart_from` where the two are not equal."""
    for digits in range(_DIGITS, _MOST_DIGITS):
        text = _plain(value, digits)
        if value == apart_from or text != _plain(apart_from, digits):
            return text
    return _plain(value, _MOST_DIGITS)


def interval(low: float, high: float, confidence: float) -> str:
    """Return "95 % interval 1.7–2.0"; with "to" where a minus would be read as a dash, or an end is unbounded."""
    return f"{confidence * 100:g} % interval {ends(low, high)}"


def ends(low: float, high: float) -> str:
    """Return "1.7–2.0"; "−0.2 to 0.1" where a minus would be read as a dash, or an end is unbounded."""
    joint = "–" if low >= 0 and math.isfinite(high) else " to "
    return f"{number(low)}{joint}{number(high)}"


def count(n: float) -> str:
    """Return a number of examples as "12,345"; effective numbers are rounded."""
    return f"{n:,.0f}"


def of(key: MetricKey, slice_name: str) -> str:
    """Return the metric and where it was measured: "False positive rate of gender:male at 0.5"."""
    return f"{registry.get(key.name).label} of {slice_name}{at(key)}"


def at(key: MetricKey) -> str:
    """Return " at 0.5"; empty for metrics without a threshold."""
    return "" if key.threshold is None else f" at {key.threshold:g}"


def label(key: MetricKey) -> str:
    """Return the metric's name inside a sentence: "false positive rate", "AUC"."""
    text = registry.get(key.name).label
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def distance(gap: float, reference: str, measure: "Measure", limit: float) -> str:
    """Return "1.83 times the overall 0.28" or "0.23 above the overall 0.28", with digits that distinguish it from the limit."""
    if measure == "ratio":
        return f"{number(gap, limit)} times {reference}"
    if abs(gap) < _NOTHING:
        return f"equal to {reference}"
    return f"{number(abs(gap), abs(limit))} {'above' if gap > 0 else 'below'} {reference}"


def between(lower: float, upper: float) -> str:
    """Return what limits require: "the limit is 1.25", "at least 0.8 is required"."""
    if lower == -math.inf:
        return f"the limit is {exact(upper)}"
    if upper == math.inf:
        return f"at least {exact(lower)} is required"
    return f"{exact(lower)} to {exact(upper)} is allowed"


def range_words(least: float | None, most: float | None) -> str:
    """Return "at least 0.8", "at most 0.35", "0.1 to 0.2"; "" without limits."""
    if least is not None and most is not None:
        return f"{exact(least)} to {exact(most)}"
    if least is not None:
        return f"at least {exact(least)}"
    return "" if most is None else f"at most {exact(most)}"


def exact(limit: float) -> str:
    """Return a limit as it was written, with all of its digits; those of a quotient such as 1 / 1.25 end after the ninth."""
    return _plain(limit, _MOST_DIGITS)


def plural(number: int, noun: str) -> str:
    """Return "1 slice", "3 slices"."""
    return text.plural(number, noun)


def listed(names: list[str], most: int = 8) -> str:
    """Return "a", "a and b", "a, b and c", "a, b and 7 more"."""
    shown = names if len(names) <= most else [*names[:most], f"{len(names) - most} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def _plain(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return "undefined" if math.isnan(value) else "unbounded"
    value = round(value, _SURE_DECIMALS)  # .3125 and what another order of the rows makes of it are one number
    text = f"{value + 0.0:.{digits}g}"  # a negative zero becomes 0
    if abs(value) >= _MOST_IN_FULL:
        text = f"{value:.{_DIGITS}g}"
    elif "e" in text:
        text = f"{value:,.0f}" if abs(value) > 1 else f"{value:.{digits + 6}f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")
