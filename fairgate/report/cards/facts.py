"""Put what a run counted in its data into sentences, the same for data sheet, model card and checklist.

In: `ReportContent`. Out: sentences and rows; none where nothing was counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fairgate.gate.outcome import CHECK
from fairgate.gate.sentences import count, number
from fairgate.gate.verdict import SliceLine, Verdict
from fairgate.names import CANDIDATE, EVAL, OVERALL, is_pair
from fairgate.report.content import TEXT_KIND, ReportContent
from fairgate.report.data_summary import DataSummary, SplitCount
from fairgate.statements import CardStatements
from fairgate.statistics.intervals import wilson

APART = "Their intervals do not overlap, which shows a difference."
TOUCHING = "Their intervals overlap, which decides nothing: they may differ or not."
LEAST = 100  # examples of a group below which its share is not named as the highest or lowest


@dataclass(frozen=True)
class BaseRate:
    """How often a group's examples have the positive label.

    Attributes:
        slice: name of the slice.
        n, positive: examples, and those of the positive class.
        low, high: ends of the Wilson interval of their share.
    """

    slice: str
    n: int
    positive: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Return the share of positives."""
        return self.positive / self.n

    def words(self) -> str:
        """Return "gender:male 0.31 (0.28–0.34, n = 1,204)"."""
        return f"{self.slice} {number(self.share)} ({number(self.low)}–{number(self.high)}, n = {count(self.n)})"


def percent(part: float, whole: float) -> str:
    """Return a share as "12.3 %"; empty where there is nothing to share."""
    return f"{100 * part / whole:.3g} %" if whole else ""


def slice_lines(verdict: Verdict) -> dict[str, SliceLine]:
    """Return slice -> one of the candidate's lines about it."""
    return {line.slice: line for line in verdict.slices if line.model == CANDIDATE}


def base_rates(verdict: Verdict) -> list[BaseRate]:
    """Return the base rate of every slice of the evaluated split, overall first; none for a task of many classes."""
    found = []
    for name, line in slice_lines(verdict).items():
        if line.n and line.n_positive is not None:
            low, high = wilson(line.n_positive, line.n, verdict.confidence)
            found.append(BaseRate(name, line.n, line.n_positive, float(low), float(high)))
    return sorted(found, key=lambda rate: (rate.slice != OVERALL, -rate.share, rate.slice))


def base_rate_sentences(verdict: Verdict) -> Iterator[str]:
    """Yield how the base rates of the groups lie apart in the evaluated split."""
    rates = base_rates(verdict)
    groups = [rate for rate in rates if rate.slice != OVERALL and not is_pair(rate.slice) and rate.n >= LEAST]
    if rates and rates[0].slice == OVERALL:
        yield f"Share of positive labels in {EVAL}: {rates[0].words()}."
    if len(groups) > 1:
        highest, lowest = groups[0], groups[-1]
        apart = highest.low > lowest.high
        yield f"Highest among the groups: {highest.words()}; lowest: {lowest.words()}."
        yield f"{APART if apart else TOUCHING} {_picked(len(groups))}"


def _picked(groups: int) -> str:
    """Return how the two groups came to be compared."""
    if groups == 2:
        return "They are the only two groups with enough examples."
    return f"They are the highest and the lowest of {groups} groups, picked after counting: some always lie apart by chance."


def split_sentences(summary: DataSummary) -> Iterator[str]:
    """Yield how many examples every split has, of which class, and how many differ."""
    for name, split in summary.splits.items():
        yield f"{name}: {_split_words(split)}."


def _split_words(split: SplitCount) -> str:
    words = [f"{count(split.rows)} examples"]
    if split.distinct is not None:
        words.append(f"{count(split.distinct)} of them distinct")
    if split.shared is not None:
        words.append(f"{count(split.shared)} with content that an earlier split also has")
    labels = ", ".join(f"{name} {count(rows)} ({percent(rows, split.rows)})" for name, rows in split.labels.items())
    return ", ".join(words) + (f"; {labels}" if labels else "")


def left_out(summary: DataSummary) -> Iterator[str]:
    """Yield what the conversion dropped or removed; nothing where nothing was converted."""
    if summary.rows_read is None:
        return
    malformed, empty, removed = (count(rows or 0) for rows in (summary.rows_malformed, summary.rows_empty, summary.rows_removed))
    yield (
        f"Of {count(summary.rows_read)} rows that were read, {malformed} were set aside as malformed, {empty} dropped as empty, "
        f"and {removed} removed from training because an example of the evaluated split has the same content."
    )
    repeated = {name: split.rows - split.distinct for name, split in summary.splits.items() if split.distinct is not None}
    listed = ", ".join(f"{count(rows)} in {name}" for name, rows in repeated.items())
    if listed:
        yield f"Examples that repeat an earlier one of their split stay: {listed}."


def unknown_groups(verdict: Verdict, summary: DataSummary) -> Iterator[str]:
    """Yield of how many examples nobody said what group they are about, also of none."""
    for feature, rows in verdict.unknown_groups.items():
        of = f" of {count(verdict.rows)}" if verdict.rows else ""
        yield f"{feature}: unknown for {count(rows)}{of} examples of {EVAL}."
    for name, split in summary.splits.items():
        if name != EVAL:
            for feature, rows in split.unannotated.items():
                yield f"{feature}: unknown for {count(rows)} of {count(split.rows)} examples of {name}."


def unjudged_groups(verdict: Verdict) -> Iterator[str]:
    """Yield the groups that were measured, and that have too few examples for every rule that names them."""
    results: dict[str, set[str]] = {}
    most: dict[str, int] = {name: line.n for name, line in slice_lines(verdict).items() if name != OVERALL}
    for line in verdict.rules:
        if line.slice in most and line.kind != CHECK:
            results.setdefault(line.slice, set()).add(line.outcome)
    few = [f"{name} ({count(most[name])})" for name, outcomes in results.items() if outcomes == {"not enough data"}]
    if few:
        yield f"Measured, but too few examples for every rule that names them: {', '.join(few)}."


def absent_groups(verdict: Verdict) -> Iterator[str]:
    """Yield the groups about which the data say nothing, or too little to judge."""
    for names, words in (
        (verdict.absent_columns, "The source has no column for"),
        (verdict.absent_groups, "No example is about"),
        (tuple(verdict.omitted), "Too few examples to measure"),
    ):
        if names:
            yield f"{words}: {', '.join(names)}."
    yield from unjudged_groups(verdict)


def tagged(verdict: Verdict) -> Iterator[str]:
    """Yield which features a word list has tagged in place of people."""
    if verdict.data.tagged_features:
        yield f"fairgate's own list of identity terms tags {', '.join(verdict.data.tagged_features)}; no people did."


def kind(content: ReportContent) -> str:
    """Return what the model classifies: "image", "text" or "tabular"."""
    if content.pixels is not None or content.class_grids:
        return "image"
    has_text = content.statistics is not None and (content.statistics["kind"] == TEXT_KIND).any()
    return "text" if has_text else "tabular"


def remedy(content: ReportContent, key: str) -> str:
    """Return where an open question is answered, as the end of its line: a key of the configuration, which a table has not."""
    return "" if content.verdict.of_table or not key else f" (`card.{key}` of the configuration)"


def said(content: ReportContent) -> CardStatements:
    """Return what people say, and below that what the task's own card says of the model's use and limits."""
    own = content.card
    below: Mapping[str, object] = (
        {}
        if own is None
        else {"name": own.title, "intended_use": own.intended_use, "limits": own.limits, "out_of_scope": own.out_of_scope}
    )
    return content.statements.over({key: value for key, value in below.items() if value})
