"""report.html: everything about one run in one file that opens anywhere, without server or network.

In: `ReportContent`. Out: HTML text. The look is in `assets/`, the charts in `figures`, what keeps data inert in `document`.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from fairgate.gate.outcome import RuleLine
from fairgate.gate.verdict import Verdict
from fairgate.names import BASELINE, CANDIDATE, OVERALL
from fairgate.report import document, figures, frames, vega
from fairgate.report.content import ReportContent
from fairgate.report.examples import OVERALL_WORST, PER_SLICE
from fairgate.report.figures import Figure
from fairgate.report.slice_charts import View
from fairgate.report.words import metric_words

_TILES = 4
_GROUP_METRICS = 5
_GRAVITY = ("failed", "unproven", "not enough data", "not applicable", "passed")


def build(content: ReportContent, text: bool = True) -> str:
    """The whole page.

    Args:
        content: what it shows; a part that is absent has no section.
        text: False leaves out every word of the examples, also from the file's data.
    """
    shown = (content if text else content.without_text()).printable()
    view = figures.view_of(shown)
    tables = figures.tables_of(shown)
    charts = figures.figures_of(tables, view)
    specs = {name: vega.compiled(figure.chart) for name, figure in charts.items()}
    drawn = {
        name: {"caption": figure.caption, "picture": vega.still(specs[name], figures.still_tables(figure, name, tables, view))}
        for name, figure in charts.items()
    }
    payload = {
        **_start(shown, view, tables),
        "tables": {name: frames.columnar(table) for name, table in tables.items()},
        "charts": {name: {"spec": spec, "tables": charts[name].tables} for name, spec in specs.items()},
    }
    values = {
        **_facts(shown),
        **_explorer(shown, view, tables),
        **_overall(shown, view),
        **_groups(shown, view),
        **_extras(shown),
    }
    return document.render("report.html", payload, figures=drawn, contents=_contents(shown, charts), **values)


def _start(content: ReportContent, view: View, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """What the page's script knows besides charts and tables: the choices that there are, and those it starts with."""
    pairs = _pairs(tables)
    return {
        "metrics": figures.metric_choices(content.metrics),
        "thresholds": frames.thresholds_of(content.metrics),
        "slices": frames.slices_of(content.metrics)[["slice", "order"]].to_dict("records"),
        "per_slice": PER_SLICE,
        "start": {
            "metric": view.metric,
            "threshold": _defined(view.threshold),
            "focus": view.focus,
            "pair": pairs[0] if pairs else None,
        },
    }


def _facts(content: ReportContent) -> dict[str, Any]:
    verdict = content.verdict
    rows = ", ".join(f"{count:,} {split}" for split, count in verdict.data.rows.items())
    facts = [verdict.data.source, f"{rows} rows" if rows else "", verdict.provenance.finished[:16].replace("T", " ")]
    return {
        "title": f"{verdict.task}: {verdict.outcome}",
        "facts": [fact for fact in facts if fact],
        "verdict": verdict,
        "decisive": decisive_rules(verdict),
        "rules": sorted(verdict.rules, key=lambda rule: _GRAVITY.index(rule.outcome)),
        "confidence": f"{verdict.confidence:.0%}",
        "models": _models(content.metrics),
        "card": content.card,
    }


def decisive_rules(verdict: Verdict) -> list[RuleLine]:
    """The rules that led to the outcome: what failed, else what stayed open, else what passed."""
    for outcomes in (("failed",), ("unproven", "not enough data"), ("passed",)):
        found = [rule for rule in verdict.rules if rule.outcome in outcomes]
        if found:
            return found
    return []


def _models(metrics: pd.DataFrame) -> list[str]:
    measured = set(metrics["model"])
    return [model for model in (BASELINE, CANDIDATE) if model in measured]


def _explorer(content: ReportContent, view: View, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    thresholds = frames.thresholds_of(content.metrics)
    words = metric_words(view.metric)
    timed = bool(frames.thresholds_of(content.metrics, view.metric))
    choices = figures.metric_choices(content.metrics)
    return {
        "indicators_title": "Fairness Indicators" if thresholds else "Metrics per slice",
        "thresholds": thresholds,
        "metrics": choices,
        "slices": frames.slices_of(content.metrics).to_dict("records"),
        "shown": view.slices,
        "start": view,
        "start_words": f"{words.label} at threshold {view.threshold:g}" if timed else words.label,
        "start_meaning": words.meaning,
        "table": _slice_table(tables["metrics"], view),
        "has_examples": "examples" in tables,
        "has_texts": "examples" in tables and "text" in tables["examples"],
        "has_limits": bool(len(tables["limits"])),
        "start_gaps": any(metric["gaps"] for metric in choices if metric["name"] == view.metric),
        "pairs": _pairs(tables),
    }


def _slice_table(metrics: pd.DataFrame, view: View) -> list[dict[str, Any]]:
    rows = metrics[(metrics["metric"] == view.metric)]
    wide = frames.side_by_side(rows, view.threshold)
    judged = rows[rows["model"] == _models(rows)[-1]]
    gaps = frames.at_threshold(judged, view.threshold)[["slice", "gap", "ratio", "order"]]
    return [_with_change(row) for row in wide.merge(gaps, on="slice").sort_values("order").to_dict("records")]


def _with_change(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The row with both models' columns, absent ones as None, and the candidate's change against the baseline."""
    filled = {f"{model}{end}": row.get(f"{model}{end}") for model in (BASELINE, CANDIDATE) for end in ("", "_low", "_high")}
    before, now = filled[BASELINE], filled[CANDIDATE]
    return {**row, **filled, "change": None if before is None or now is None else now - before}


def _overall(content: ReportContent, view: View) -> dict[str, Any]:
    plain = frames.plain_metrics(content.metrics)
    wide = frames.side_by_side(plain[plain["slice"] == OVERALL], view.threshold)
    by_metric = {row["metric"]: _judged(_with_change(row)) for row in wide.to_dict("records")}
    overall = [by_metric[name] for name in frames.metric_names(plain) if name in by_metric]
    wanted = list(dict.fromkeys(rule.metric for rule in content.verdict.rules if rule.metric in by_metric))
    tiles = [by_metric[name] for name in (wanted or list(by_metric))[:_TILES] if by_metric[name][CANDIDATE] is not None]
    return {"overall": overall, "tiles": tiles, "at_threshold": "" if math.isnan(view.threshold) else f"{view.threshold:g}"}


def _judged(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the metric's words and whether the change is for better or worse."""
    words = metric_words(row["metric"])
    change = row["change"]
    direction = {"higher": 1, "lower": -1, "neither": 0}[words.better]
    gain = 0 if change is None or math.isnan(change) else change * direction
    return {**row, "words": words, "verdict": "good" if gain > 0 else "bad" if gain < 0 else "muted"}


def _groups(content: ReportContent, view: View) -> dict[str, Any]:
    plain = frames.plain_metrics(content.metrics)
    rows = frames.at_threshold(plain[plain["model"] == _models(plain)[-1]], view.threshold)
    names = figures.sliced_metrics(content.metrics)
    ruled = list(dict.fromkeys(rule.metric for rule in content.verdict.rules if rule.metric in names))
    chosen = (ruled + [name for name in names if name not in ruled])[:_GROUP_METRICS]
    cells = {(row["slice"], row["metric"]): row for row in rows.to_dict("records")}
    slices = frames.slices_of(content.metrics).to_dict("records")
    return {
        "group_metrics": chosen,
        "groups": [{**item, "cells": [cells.get((item["slice"], name)) for name in chosen]} for item in slices],
    }


def _extras(content: ReportContent) -> dict[str, Any]:
    return {
        "curves": [] if content.curves is None else figures.curve_names(content.curves),
        "statistics": _records(content.statistics if content.statistics is None else _paired(content.statistics)),
        "anomalies": content.anomalies,
        "drift": _records(content.drift),
        "counterfactual": _records(_at_start(content)),
        "embedding_bias": _records(content.embedding_bias),
        "coverage": _records(content.coverage),
        "class_grids": content.class_grids,
        "mistakes": _mistakes(content.examples),
    }


def _paired(statistics: pd.DataFrame) -> pd.DataFrame:
    """The splits of a feature one below the other, the features as they come."""
    order = {name: at for at, name in enumerate(statistics["feature"].unique())}
    return statistics.sort_values("feature", key=lambda names: names.map(order), kind="stable")


def _at_start(content: ReportContent) -> pd.DataFrame | None:
    """The counterfactual test at the threshold that the page opens with."""
    table = content.counterfactual
    return table if table is None else frames.at_threshold(table, frames.main_threshold(content.metrics))


def _mistakes(examples: pd.DataFrame | None) -> list[dict[str, Any]]:
    """The pictures that the candidate gets wrong most surely."""
    if examples is None or not {"image", "predicted"} <= set(examples.columns):
        return []
    wrong = examples[examples["predicted"] != examples["label"]].sort_values("wrong", ascending=False, kind="stable")
    return _records(wrong.head(OVERALL_WORST))


def _contents(content: ReportContent, charts: Mapping[str, Figure]) -> list[tuple[str, str]]:
    data_shown = any(part is not None for part in (content.statistics, content.anomalies, content.drift))
    pictures_shown = bool(content.class_grids) or not {"pixels", "confusion", "coverage"}.isdisjoint(charts)
    entries = [
        ("verdict", "Verdict", True),
        ("models", "Baseline against candidate", True),
        ("indicators", "Fairness Indicators" if frames.thresholds_of(content.metrics) else "Metrics per slice", True),
        ("gaps", "Gaps", "gaps" in charts),
        ("scores", "Scores", "scatter" in charts),
        ("intersections", "Intersections", "intersections" in charts or bool(content.verdict.omitted)),
        ("counterfactual", "Counterfactual terms", not {"counterfactual", "probes"}.isdisjoint(charts)),
        ("training", "Training curves", "curve_0" in charts),
        ("input", "Data", data_shown),
        ("images", "Images and classes", pictures_shown),
        ("card", "Model card", True),
    ]
    return [(name, label) for name, label, there in entries if there]


def _pairs(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    return [str(pair) for pair in tables["metrics"]["pair"].dropna().unique()]


def _records(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    return [] if table is None else [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value
