"""Which charts a report has, each with the tables it draws and a caption. A chart is there when its content is.

In: `ReportContent`. Out: `Figure` values and tables, for the page, for still pictures and for notebooks alike.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from fairgate.gate.outcome import RuleLine
from fairgate.gate.verdict import Verdict
from fairgate.names import OVERALL, PAIR
from fairgate.report import counterfactual_charts, example_charts, frames, image_charts, slice_charts
from fairgate.report.content import ReportContent
from fairgate.report.examples import shorten
from fairgate.report.slice_charts import View
from fairgate.report.tallies import RIGHT_OR_WRONG
from fairgate.report.words import metric_words

MAX_TEXT = 500  # characters of a comment in a page
_STILL_POINTS = 300  # of a scatter, in a still picture
_LIMIT_COLUMNS = ["metric", "threshold", "measure", "limit", "rule"]


@dataclass(frozen=True)
class Figure:
    """A chart.

    Attributes:
        chart: its sources are names of tables.
        tables: these names.
        caption: what it shows, in a sentence; also for those who do not see it.
    """

    chart: alt.TopLevelMixin
    tables: tuple[str, ...]
    caption: str


def view_of(content: ReportContent) -> View:
    """What a report opens with: the metric that its policy limits per slice, the threshold nearest to 0.5, single features."""
    per_slice = sliced_metrics(content.metrics)
    limited = [rule.metric for rule in content.verdict.rules if rule.kind in ("gap", "worst_slice") and rule.metric in per_slice]
    slices = frames.slices_of(content.metrics)
    shown = slices.loc[~slices["pair"], "slice"]
    return View(
        metric=(limited or per_slice)[0],
        threshold=frames.main_threshold(content.metrics),
        slices=tuple(shown),
        focus=next(
            (rule.slice for rule in content.verdict.rules if rule.outcome == "failed" and rule.slice in set(slices["slice"])),
            OVERALL,
        ),
    )


def sliced_metrics(metrics: pd.DataFrame) -> list[str]:
    """The metrics that were measured on more than overall; all metrics when none was."""
    plain = frames.plain_metrics(metrics)
    sliced = plain[plain["slice"] != OVERALL]
    return frames.metric_names(sliced if len(sliced) else plain)


def metric_choices(metrics: pd.DataFrame) -> list[dict[str, Any]]:
    """What a metric picker offers: name, label, meaning, whether the metric has thresholds, and gaps to overall."""
    names = sliced_metrics(metrics)
    timed = set(metrics.loc[metrics["threshold"].notna(), "metric"])
    whole = set(metrics.loc[(metrics["slice"] == OVERALL) & metrics["value"].notna(), "metric"])
    return [
        {
            "name": name,
            "label": metric_words(name).label,
            "meaning": metric_words(name).meaning,
            "thresholds": name in timed,
            "gaps": name in whole,
        }
        for name in names
    ]


def tables_of(content: ReportContent) -> dict[str, pd.DataFrame]:
    """Every table that a chart of this report may draw, by name."""
    tables = {"metrics": metric_rows(content.metrics), "limits": limits(content.verdict, content.metrics)}
    for name in ("histograms", "curves", "counterfactual", "pixels", "confusion", "coverage"):
        table = getattr(content, name)
        if table is not None and len(table):
            tables[name] = table
    if content.examples is not None and len(content.examples):
        tables["examples"] = _example_rows(content.examples, content.metrics["slice"].unique())
    return tables


def figures_of(tables: Mapping[str, pd.DataFrame], view: View) -> dict[str, Figure]:
    """The charts of a report, by name; `tables` as `tables_of` gives them."""
    return dict(
        [*_slice_figures(tables, view), *_example_figures(tables, view), *_curve_figures(tables), *_image_figures(tables)]
    )


def still_tables(figure: Figure, name: str, tables: Mapping[str, pd.DataFrame], view: View) -> dict[str, pd.DataFrame]:
    """The rows that a still picture needs: of the opening metric, threshold and slice alone."""
    chosen = {table: tables[table] for table in figure.tables}
    if "metrics" in chosen and name not in ("overall", "thresholds"):
        rows = frames.at_threshold(chosen["metrics"], view.threshold)
        chosen["metrics"] = rows[rows["metric"] == view.metric]
    elif "metrics" in chosen:
        chosen["metrics"] = chosen["metrics"][chosen["metrics"]["slice"].isin([OVERALL, view.focus])]
    if "examples" in chosen:
        plain = chosen["examples"].drop(columns=["text", "image"], errors="ignore")
        chosen["examples"] = plain[plain["sampled"]].head(_STILL_POINTS)
    if "histograms" in chosen:
        chosen["histograms"] = chosen["histograms"][chosen["histograms"]["slice"] == view.focus]
    return chosen


def metric_rows(metrics: pd.DataFrame) -> pd.DataFrame:
    """The metrics as charts draw them: with gaps, the order of slices and metrics, and the two features of intersections."""
    plain = frames.with_gaps(metrics)
    place = {name: index for index, name in enumerate(frames.metric_names(plain))}
    slices = frames.slices_of(plain)[["slice", "order", "pair"]]
    halves = [name.split(PAIR) if is_pair else [] for name, is_pair in zip(slices["slice"], slices["pair"], strict=True)]
    for index, column in enumerate(("first", "second")):
        slices[column] = [half[index].partition(":")[2] if half else None for half in halves]
    slices["pair"] = [PAIR.join(part.partition(":")[0] for part in half) if half else None for half in halves]
    names = {name: metric_words(name).label for name in place}
    rows = plain.merge(slices, on="slice", how="left")
    return rows.assign(place=rows["metric"].map(place), name=rows["metric"].map(names))


def limits(verdict: Verdict, metrics: pd.DataFrame) -> pd.DataFrame:
    """The policy's limits on slices, as lines of charts.

    Returns:
        columns metric, threshold, measure ("value", "ratio" or "gap"), limit, rule; each limit once.
    """
    plain = frames.with_gaps(metrics)
    lines = [
        (rule.metric, math.nan if rule.threshold is None else rule.threshold, _measure(rule, plain), rule.limit, rule.id)
        for rule in verdict.rules
        if rule.kind in ("gap", "quality", "worst_slice") and rule.limit is not None and rule.metric
    ]
    return pd.DataFrame(lines, columns=_LIMIT_COLUMNS).astype({"threshold": float, "limit": float}).drop_duplicates()


def _measure(rule: RuleLine, plain: pd.DataFrame) -> str:
    """What the rule compared with its limit; the verdict holds the number, not its name, so the nearer one is taken."""
    if rule.kind != "gap":
        return "value"
    here = frames.at_threshold(plain, math.nan if rule.threshold is None else rule.threshold)
    row = here[(here["slice"] == rule.slice) & (here["metric"] == rule.metric) & (here["model"] == "candidate")]
    if rule.value is None or row.empty:
        return "ratio" if rule.limit is not None and rule.limit >= 0.5 else "gap"
    ratio, gap = row["ratio"].iloc[0], row["gap"].iloc[0]
    return "gap" if abs(gap - rule.value) < abs(ratio - rule.value) else "ratio"


def _example_rows(examples: pd.DataFrame, slices: Iterable[str]) -> pd.DataFrame:
    """The examples with a number, short texts, and the intersections that they lie in."""
    rows = examples.reset_index(drop=True)
    pairs = {name: name.split(PAIR) for name in slices if PAIR in name}
    names = [_with_pairs(list(own), pairs) for own in rows["slices"]]
    rows = rows.assign(row=range(len(rows)), label=rows["label"].astype(str), slices=pd.Series(names, dtype=object))
    return rows.assign(text=[shorten(text, MAX_TEXT) for text in rows["text"]]) if "text" in rows else rows


def _with_pairs(own: list[str], pairs: Mapping[str, list[str]]) -> list[str]:
    inside = set(own)
    return own + [name for name, parts in pairs.items() if name not in inside and inside.issuperset(parts)]


def _slice_figures(tables: Mapping[str, pd.DataFrame], view: View) -> Iterator[tuple[str, Figure]]:
    rows, lines = alt.NamedData("metrics"), alt.NamedData("limits")
    metrics = tables["metrics"]
    yield (
        "overall",
        Figure(
            slice_charts.overall(rows, view), ("metrics",), "Both models on all examples, metric by metric; bands are intervals."
        ),
    )
    caption = "Both models on every slice, with intervals; dashed: each model’s overall value and, in vermillion, the limit."
    yield "indicators", Figure(slice_charts.indicators(rows, lines, view), ("metrics", "limits"), caption)
    if metrics["threshold"].notna().any():
        caption = "The metric at every threshold: the slice (solid, with its interval) and overall (dashed)."
        yield "thresholds", Figure(slice_charts.thresholds(rows, view), ("metrics",), caption)
    if metrics.loc[metrics["slice"] != OVERALL, "gap"].notna().any():
        caption = "Each slice set against overall or against the rest, both models, with intervals."
        yield "gaps", Figure(slice_charts.gaps(rows, lines, view), ("metrics", "limits"), caption)
    if metrics["pair"].notna().any():
        first = metrics["pair"].dropna().iloc[0]
        caption = "The candidate where two features meet: the number is its metric, the colour its gap to overall."
        yield "intersections", Figure(slice_charts.intersections(rows, view, first), ("metrics",), caption)


def _example_figures(tables: Mapping[str, pd.DataFrame], view: View) -> Iterator[tuple[str, Figure]]:
    if "examples" in tables and tables["examples"]["baseline"].notna().any():
        labels = sorted(tables["examples"]["label"].unique())
        meaning = "score" if math.isfinite(view.threshold) else "probability of the true class"
        caption = f"One point per example: the baseline’s {meaning} against the candidate’s, by label."
        if math.isfinite(view.threshold):
            caption += " Dotted lines mark the threshold."
        yield "scatter", Figure(example_charts.scatter(alt.NamedData("examples"), labels, view), ("examples",), caption)
    if "histograms" in tables:
        labels = sorted(tables["histograms"]["label"].astype(str).unique())
        caption = "Scores of the {}, by label."
        if set(labels) <= set(RIGHT_OR_WRONG):
            labels, caption = list(RIGHT_OR_WRONG), "Confidence of the {}, when it is right and when it is wrong."
        for model in sorted(tables["histograms"]["model"].unique()):
            chart = example_charts.histogram(alt.NamedData("histograms"), labels, model, view)
            yield f"histogram_{model}", Figure(chart, ("histograms",), caption.format(model))
    if "counterfactual" in tables:
        yield from _counterfactual_figures(set(tables["counterfactual"]["test"]), view)


def _counterfactual_figures(tests: set[str], view: View) -> Iterator[tuple[str, Figure]]:
    rows, names = alt.NamedData("counterfactual"), ("counterfactual",)
    if "swaps" in tests:
        caption = "Share of decisions that flip when the term of a comment is swapped, with intervals."
        yield "counterfactual", Figure(counterfactual_charts.flips(rows, view), names, caption)
        caption = "How much higher the same comments score with the term than with the others, with intervals."
        yield "counterfactual_shift", Figure(counterfactual_charts.shifts(rows, view, "swaps"), names, caption)
    if "probes" in tests:
        caption = "How much higher the same template sentences score with the term than on average, with intervals."
        yield "probes", Figure(counterfactual_charts.shifts(rows, view, "probes"), names, caption)


def _curve_figures(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, Figure]]:
    names = curve_names(tables["curves"]) if "curves" in tables else []
    for index, name in enumerate(names):
        chart = example_charts.curves(alt.NamedData("curves"), name)
        yield f"curve_{index}", Figure(chart, ("curves",), "Over the course of training, per model and split.")


def _image_figures(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, Figure]]:
    if "confusion" in tables:
        classes = list(tables["confusion"]["label"].unique())
        caption = "What each class is called: rows are true classes, the colour is the share of the row."
        yield "confusion", Figure(image_charts.confusion(alt.NamedData("confusion"), classes), ("confusion",), caption)
    if "coverage" in tables:
        caption = "Accuracy on the examples that a model decides, against their share, as the decision rule gets stricter."
        yield "coverage", Figure(image_charts.coverage(alt.NamedData("coverage")), ("coverage",), caption)
    if "pixels" in tables:
        yield (
            "pixels",
            Figure(image_charts.pixels(alt.NamedData("pixels")), ("pixels",), "How often each intensity occurs; zeros left out."),
        )


def curve_names(curves: pd.DataFrame) -> list[str]:
    """The metrics whose curves were kept, in the order of their first row."""
    return [str(name) for name in curves["metric"].unique()]
