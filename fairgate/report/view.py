"""Compute everything that a report shows, once: slices, thresholds, metric rows with comparisons, limits, decisive rules.

In: `ReportContent`. Out: `ReportView`, one frozen value that sections, still pictures and notebooks draw from.
"""

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fairgate.frame import Frame
from fairgate.gate.outcome import RuleLine, decisive
from fairgate.gate.verdict import Verdict
from fairgate.metrics.registry import Better
from fairgate.metrics.words import metric_words
from fairgate.names import BASELINE, CANDIDATE, OVERALL, feature_of, is_pair, parts_of, place
from fairgate.report.charts import ChartState
from fairgate.report.content import ReportContent
from fairgate.report.examples import shorten
from fairgate.report.rows import (
    at_threshold,
    labels_of,
    metric_names,
    slices_of,
    thresholds_of,
    truths,
    with_changes,
    with_comparisons,
    without_reference,
)
from fairgate.table import present_names
from fairgate.text import printable

MAX_TEXT = 500  # characters of a comment in a page
# Tables of the content, as they are.
_DRAWN = (
    "histograms",
    "counterfactual",
    "pixels",
    "pixel_statistics",
    "pixel_maxima",
    "confusion",
    "coverage",
    "roc",
    "calibration",
)
_BY_FEATURE = {"roc", "calibration"}
# Measures of the candidate alone.
_OF_SLICES = (
    "value",
    "ratio",
    "difference",
    "ratio_to_rest",
    "difference_to_rest",
    "ratio_to_rest_within",
    "difference_to_rest_within",
    "ratio_to_best",
    "difference_to_best",
)
# What a rule compares with its limit -> where the limit is drawn.
_DRAWN_MEASURES: dict[str, str] = {
    "value": "value",
    "ratio": "ratio_to_overall",
    "difference": "difference_to_overall",
    "ratio_to_rest": "ratio_to_rest",
    "difference_to_rest": "difference_to_rest",
}
_LIMIT_COLUMNS = ["slice", "metric", "threshold", "measure", "limit", "rule"]


@dataclass(frozen=True)
class MetricChoice:
    """A metric that a reader can pick.

    Attributes:
        name, label: of the metric.
        meaning: in a sentence, with the direction that is better.
        better: that direction.
        thresholds: whether it has thresholds.
        compared: whether it is known on all examples, so that slices can be compared with overall.
    """

    name: str
    label: str
    meaning: str
    better: Better
    thresholds: bool
    compared: bool


@dataclass(frozen=True, eq=False)
class ReportView:
    """What a report shows.

    Attributes:
        content: its parts, cleaned of control characters.
        decisive: the rules that led to the outcome.
        metrics: the rows of `with_comparisons` with place and name (of the metric: its order and label), order (of the slice),
            for intersections pair (the two features), first and second (their values), and with change_low and change_high, see
            `rows.with_changes`.
        limits: what each rule held each slice to: slice, metric, threshold, measure ("value" or a comparison), limit, rule; each
            once.
        slices: as `slices_of` gives them.
        thresholds: decision thresholds, rising; empty when no metric has any.
        choices: the metrics that a reader can pick.
        models: those that were measured, the baseline first.
        pairs: pairs of features that have intersections.
        tables: name -> every table that a chart may draw, "metrics" and "limits" among them.
        start: what the charts open with.
    """

    content: ReportContent
    decisive: tuple[RuleLine, ...]
    metrics: Frame
    limits: Frame
    slices: Frame
    thresholds: tuple[float, ...]
    choices: tuple[MetricChoice, ...]
    models: tuple[str, ...]
    pairs: tuple[str, ...]
    tables: Mapping[str, Frame]
    start: ChartState

    @property
    def verdict(self) -> Verdict:
        """Return the gate's verdict."""
        return self.content.verdict

    @property
    def confidence(self) -> str:
        """Return the level of the intervals, as "95%"."""
        return f"{self.verdict.confidence:.0%}"

    @property
    def chosen(self) -> MetricChoice:
        """Return the metric that the charts open with."""
        return next(choice for choice in self.choices if choice.name == self.start.metric)

    @property
    def start_words(self) -> str:
        """Return the metric and threshold that the charts open with, in words."""
        at = f" at threshold {self.start.threshold:g}" if self.chosen.thresholds else ""
        return self.chosen.label + at

    @property
    def at_threshold(self) -> str:
        """Return the threshold that the charts open with; empty when there is none."""
        return f"{self.start.threshold:g}" if self.thresholds else ""

    @functools.cached_property
    def here(self) -> Frame:
        """Return the metric rows of the opening threshold, together with those of metrics that have none."""
        return at_threshold(self.metrics, self.start.threshold)

    @functools.cached_property
    def opening(self) -> Frame:
        """Return the rows of the opening metric and threshold."""
        return self.here.where(self.here["metric"] == self.start.metric)

    @functools.cached_property
    def focused(self) -> Frame:
        """Return the metric rows of overall and of the slice in focus, at every threshold."""
        return self.metrics.where(np.isin(self.metrics["slice"], [OVERALL, self.start.focus]))


def build_view(content: ReportContent) -> ReportView:
    """Compute what a report shows.

    Args:
        content: `content.printable()`, so that charts can be drawn.
    """
    content = content.with_parts(verdict=_with_present_names(content.verdict))
    plain = with_comparisons(without_reference(content.frame("metrics") or Frame({})))
    slices, choices = slices_of(plain), metric_choices(plain)
    metrics = with_changes(_drawn_rows(plain, slices), content.frame("paired_changes"))
    limits = _limits(content.verdict, set(plain["metric"]))
    thresholds = thresholds_of(plain)
    models = tuple(model for model in (BASELINE, CANDIDATE) if model in set(plain["model"]))
    tables = {"metrics": metrics, "limits": limits, **_tables(content, slices)}
    return ReportView(
        content=content,
        decisive=tuple(decisive(content.verdict.rules)),
        metrics=metrics,
        limits=limits,
        slices=slices,
        thresholds=thresholds,
        choices=choices,
        models=models,
        pairs=tuple(pair for pair in metrics.distinct("pair") if pair is not None),
        tables=tables,
        start=_labelled(_start(content.verdict, slices, choices, thresholds, models), slices, tables.get("counterfactual")),
    )


def metric_choices(plain: Frame) -> tuple[MetricChoice, ...]:
    """List the metrics that a reader can pick: those measured on more than overall, or all of them when none was.

    Args:
        plain: rows of `with_comparisons`.
    """
    overall = plain["slice"] == OVERALL
    sliced = plain.where(~overall)
    timed = set(plain["metric"][~np.isnan(plain["threshold"])])
    whole = set(plain["metric"][overall & ~np.isnan(plain["value"])])
    return tuple(
        MetricChoice(name, words.label, words.sentence, words.better, name in timed, name in whole)
        for name, words in ((name, metric_words(name)) for name in metric_names(sliced if len(sliced) else plain))
    )


def _start(
    verdict: Verdict,
    slices: Frame,
    choices: tuple[MetricChoice, ...],
    thresholds: tuple[float, ...],
    models: tuple[str, ...],
) -> ChartState:
    """Return what a report opens with: a metric limited per slice, the threshold nearest to 0.5, single features."""
    names = [choice.name for choice in choices]
    known = set(slices["slice"])
    per_slice = [rule for rule in verdict.rules if rule.measure in _OF_SLICES and rule.slice != OVERALL]
    limited = [rule.metric for rule in per_slice if rule.metric in names]
    metric = (limited or names)[0]
    compared = [rule for rule in per_slice if rule.measure != "value" and rule.measure in _DRAWN_MEASURES]
    return ChartState(
        metric=metric,
        threshold=min(thresholds, key=lambda threshold: abs(threshold - 0.5), default=math.nan),
        slices=tuple(slices["slice"][~slices["pair"]]),
        focus=next((rule.slice for rule in verdict.rules if rule.outcome == "failed" and rule.slice in known), OVERALL),
        judged=models[-1] if models else CANDIDATE,
        measure=next((_DRAWN_MEASURES[rule.measure] for rule in compared if rule.metric == metric), "ratio_to_overall"),
    )


def _labelled(state: ChartState, slices: Frame, terms: Frame | None) -> ChartState:
    """Return the state with what charts write for slices and for the terms of the counterfactual test."""
    places = [] if terms is None else terms.distinct("place")
    labels = dict(zip(slices["slice"].tolist(), slices["label"].tolist(), strict=True))
    sizes = zip(slices["slice"].tolist(), slices["n"].tolist(), strict=True)
    return replace(
        state,
        labels=(*labels.items(), *labels_of(places).items()),
        named=tuple((name, f"{labels[name]} (n {n:,.0f})") for name, n in sizes),
    )


def _drawn_rows(plain: Frame, slices: Frame) -> Frame:
    places = {name: index for index, name in enumerate(metric_names(plain))}
    names = {name: metric_words(name).label for name in places}
    known = {name: index for index, name in enumerate(slices["slice"])}
    at = np.array([known[name] for name in plain["slice"]], np.intp)
    halves = [parts_of(name) if pair else () for name, pair in zip(slices["slice"], slices["pair"], strict=True)]
    drawn = Frame(
        {
            "pair": [feature_of(name) if half else None for name, half in zip(slices["slice"], halves, strict=True)],
            **{
                column: [half[index][len(feature_of(half[index])) + 1 :] if half else None for half in halves]
                for index, column in enumerate(("first", "second"))
            },
        }
    )
    return plain.assign(
        order=slices["order"][at],
        **drawn.take(at).columns,
        place=[places[name] for name in plain["metric"]],
        name=[names[name] for name in plain["metric"]],
    )


def _with_present_names(verdict: Verdict) -> Verdict:
    """Return the verdict with the present names of the metrics in its rules; an older run's may have former ones."""
    names = present_names({rule.metric for rule in verdict.rules})
    rules = tuple(rule.model_copy(update={"metric": names[rule.metric]}) for rule in verdict.rules)
    return verdict.model_copy(update={"rules": rules})


def _limits(verdict: Verdict, metrics: set[str]) -> Frame:
    lines = [
        (
            printable(rule.slice),
            rule.metric,
            math.nan if rule.threshold is None else rule.threshold,
            _DRAWN_MEASURES[rule.measure],
            rule.limit,
            rule.id,
        )
        for rule in verdict.rules
        if rule.measure in _DRAWN_MEASURES and rule.metric in metrics and rule.limit is not None
    ]
    frame = Frame.of_rows(lines, _LIMIT_COLUMNS)
    frame = frame.assign(**{name: frame[name].astype(np.float64) for name in ("threshold", "limit")})
    first = {key: place for place, key in reversed([*enumerate(frame.keys(_LIMIT_COLUMNS))])}
    return frame.take(np.array(sorted(first.values()), np.intp))


def _tables(content: ReportContent, slices: Frame) -> dict[str, Frame]:
    found = {name: content.frame(name) for name in _DRAWN}
    tables = {name: table for name, table in found.items() if table is not None and len(table)}
    if "counterfactual" in tables:
        terms = tables["counterfactual"]
        tables["counterfactual"] = terms.assign(place=[place(*pair) for pair in zip(terms["group"], terms["term"], strict=True)])
    for name in _BY_FEATURE & tables.keys():
        tables[name] = tables[name].assign(feature=[feature_of(part) for part in tables[name]["slice"]])
    if "histograms" in tables:
        tables["histograms"] = tables["histograms"].where(tables["histograms"]["count"] > 0)  # a bar without height is none
    curves, examples = content.frame("curves"), content.frame("examples")
    if curves is not None and len(curves):
        tables["curves"] = curves.assign(epoch=curves["epoch" if "epoch" in curves else "step"])
    if examples is not None and len(examples):
        tables["examples"] = _example_rows(examples, slices["slice"].tolist())
    if content.verdict.changes:
        tables["changes"] = _changes(content.verdict)
    return tables


def _changes(verdict: Verdict) -> Frame:
    """Return the changed decisions: slice, threshold (NaN for a multi-class task), n, fixed, broken."""
    lines = verdict.changes
    counts = {name: [getattr(line, name) for line in lines] for name in ("n", "fixed", "broken")}
    thresholds = np.array([math.nan if line.threshold is None else line.threshold for line in lines], np.float64)
    return Frame({"slice": [printable(line.slice) for line in lines], "threshold": thresholds, **counts})


def _example_rows(examples: Frame, slices: Iterable[str]) -> Frame:
    """Return the examples with a number, short texts, what is true of them, and the intersections that they lie in."""
    pairs = {name: parts_of(name) for name in slices if is_pair(name)}
    names = [_with_pairs(list(own), pairs) for own in examples["slices"]]
    rows = examples.assign(row=np.arange(len(examples)), label=list(map(str, examples["label"].tolist())), slices=names)
    rows = rows.assign(truth=truths(rows))
    return rows.assign(text=[shorten(text, MAX_TEXT) for text in rows["text"]]) if "text" in rows else rows


def _with_pairs(own: list[str], pairs: Mapping[str, Sequence[str]]) -> list[str]:
    inside = set(own)
    return own + [name for name, parts in pairs.items() if name not in inside and inside.issuperset(parts)]
