"""Put a discovery into words, once for the terminal, the page and the Markdown file."""

from collections.abc import Iterator
from dataclasses import dataclass

from fairgate.asked import option
from fairgate.discovery.ranges import ends_of
from fairgate.discovery.result import DiscoveredSlice, Discovery
from fairgate.gate import sentences
from fairgate.metrics.words import metric_words
from fairgate.text import plural, printable

HEADINGS = ("slice", "value", "n", "compared with", "its value", "ratio (95 % interval)", "p")
REST = "all other examples"
_MOST_SLICES = 12


@dataclass(frozen=True)
class SliceWords:
    """A slice as the cells of a table, in the order of `HEADINGS`."""

    slice: str
    value: str
    n: str
    against: str
    other_value: str
    ratio: str
    p: str


def slice_words(found: DiscoveredSlice, several: bool) -> SliceWords:
    """Return the cells of a slice.

    Args:
        found: the slice.
        several: whether there are several thresholds, so that the value says at which.
    """
    at = f" at {found.threshold:g}" if several and found.threshold is not None else ""
    low = "0" if found.low is None else sentences.number(found.low)
    high = "∞" if found.high is None else sentences.number(found.high)
    ratio = "–" if found.ratio is None else f"{sentences.number(found.ratio)} × ({low}–{high})"
    against = f"the rest of {found.against}" if found.against else REST
    p = "< .0001" if found.p < 0.0001 else f"{found.p:.4f}".lstrip("0")
    return SliceWords(
        found.slice,
        f"{_number(found.rate)}{at}",
        sentences.count(found.n),
        against,
        _number(found.other_rate),
        ratio,
        p,
    )


def sentences_of(found: Discovery) -> Iterator[str]:
    """Yield what was looked at, how it was chosen, and what could have been found."""
    yield (
        f"{plural(found.possible, 'slice')} of up to {found.depth} conditions: {sentences.count(found.tested)} tested"
        f"{_aside(found)}; {len(found.slices)} found in one half of the examples, {len(found.confirmed)} confirmed in the other."
    )
    for of, echoes in _echoes(found).items():
        yield f"Mostly explained by {of}, without whose examples they are not proven worse than the rest: {', '.join(echoes)}."
    label = metric_words(found.metric).label
    yield (
        f"{label} {'above' if found.worse == 'higher' else 'below'} that of the rest, overall "
        f"{_number(found.overall)}{_first(found)}; "
        f"{sentences.count(sum(found.trials))} of {plural(found.rows, 'row')} count for it"
        + (f", {plural(found.invalid, 'row')} without a valid score not" if found.invalid else "")
        + "."
    )
    if found.clusters:
        yield (
            f"Examples with the same {found.clusters} are one cluster, all in one half."
            if found.clusters != "equal rows"
            else ("The table counts as duplicated: equal rows are one cluster, all in one half.")
        )
    if found.explained:
        yield f"Left out, because a larger slice explains their value: {plural(found.explained, 'slice')}."
    for feature, rows in found.unknown.items():
        yield f"{feature}: {plural(rows, 'example')} without a value, in none of its slices."
    for feature, edges in found.edges.items():
        ends = ", ".join(ends_of(edges)) or "none: all values are equal, or absent"
        yield f"{feature}: ranges end at {ends} (quantiles)."
    yield from _detectable(found)


def plain(found: Discovery) -> str:
    """Return the confirmed slices and what was looked at, as lines of plain text."""
    lines = [] if found.confirmed else ["No slice was confirmed."]
    for each in found.own[:_MOST_SLICES]:
        words = slice_words(each, len(found.thresholds) > 1)
        ratio = f", {words.ratio} the {words.other_value} of {words.against}" if each.ratio is not None else ""
        lines.append(
            f"  • {words.slice}: {words.value} (n = {words.n}){ratio}; p {words.p if '<' in words.p else f'= {words.p}'}"
        )
    if (more := len(found.own) - _MOST_SLICES) > 0:
        lines.append(f"  … and {more:,} more, in `own`.")
    return "\n".join(printable(line.replace("\n", " ")) for line in (*lines, *sentences_of(found)))


def _echoes(found: Discovery) -> dict[str, list[str]]:
    """Return slice -> the larger slices that are worse only because it is."""
    echoes: dict[str, list[str]] = {}
    for each in found.confirmed:
        if each.echo_of:
            echoes.setdefault(each.echo_of, []).append(each.slice)
    return echoes


def _aside(found: Discovery) -> str:
    parts = [
        (found.too_small, f"fewer than {sentences.count(found.min_examples)} examples"),
        (found.same, "the rows of a larger slice"),
        (found.few_clusters, "too few clusters"),
    ]
    said = ", ".join(f"{what}: {sentences.count(number)}" for number, what in parts if number)
    return f" (not tested, {said})" if said else ""


def _detectable(found: Discovery) -> Iterator[str]:
    if not found.tested:
        fewer = option("min_examples")
        yield f"No slice has enough examples in both halves, so nothing could have been found; type a lower {fewer}."
        return
    for each in found.detectable:
        if each.rate is None:
            yield f"A slice of {sentences.count(each.n)} examples would not have been found, whatever its value."
        else:
            yield (
                f"A slice of {sentences.count(each.n)} examples would have been found and confirmed in 80 % of cases, from "
                f"a value of {_number(each.rate)}{_first(found)} on."
            )


def markdown(found: Discovery) -> str:
    """Return everything as a Markdown page."""
    from fairgate.text import escaped

    lines = ["# Slices that nobody named", "", *(f"{escaped(sentence)}  " for sentence in sentences_of(found)), ""]
    if found.confirmed:
        lines += [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
        for each in found.own:
            words = slice_words(each, len(found.thresholds) > 1)
            lines.append(f"| {' | '.join(escaped(cell) for cell in vars(words).values())} |")
    else:
        lines.append("No slice was confirmed.")
    return "\n".join(lines) + "\n"


def _first(found: Discovery) -> str:
    """Return at which of several thresholds the rates of all examples, and those that could be found, are."""
    return f" at {found.thresholds[0]:g}" if len(found.thresholds) > 1 else ""


def _number(value: float | None) -> str:
    return "–" if value is None else sentences.number(value)
