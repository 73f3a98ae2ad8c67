"""Draw history.html: metrics and gaps run after run; blessed runs are marked, sudden changes of a positive rate are flagged.

In: `reports/*/` below a run's root folder. Out: one self-contained HTML file beside them, which links to each run's own report.
"""

import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fairgate.errors import InputError, UnknownNameError
from fairgate.files import replace_text
from fairgate.frame import Frame
from fairgate.metrics import registry
from fairgate.metrics.words import metric_words
from fairgate.names import CANDIDATE
from fairgate.report import document, notebook, reader, vega
from fairgate.report.charts import FEW, Chart, ChartState
from fairgate.report.content import ReportContent
from fairgate.report.notebook import Drawing
from fairgate.report.reader import Results
from fairgate.report.rows import slices_of, thresholds_of, with_comparisons, without_reference
from fairgate.report.view import build_view, metric_choices
from fairgate.run_folder import HISTORY, REPORTS
from fairgate.table import present_names

FLAGGED = "positive_rate"
FACTOR = 2.0
_NEWEST = 50  # runs that are drawn; the table lists all
_COLUMNS = ["run", "at", "outcome", "model", "slice", "metric", "threshold", "value", "low", "high", "n", "ratio_to_overall"]
_CAPTIONS = {
    "values": "The slice in focus, run after run, with intervals. The mark of a run is its outcome, n of the candidate stands"
    f" above. Hollow: fewer than {FEW} examples.",
    "gaps": "The candidate’s slices as ratio to overall, one mark per slice; vermillion is the slice farthest above. Pale or"
    f" hollow: fewer than {FEW} examples.",
}


def write(root: Path) -> Path:
    """Draw the history of a root folder.

    Returns:
        the file, `reports/history.html` in the root folder.

    Raises:
        InputError: there is no report, or one cannot be read.
        OSError: the page cannot be written.
    """
    page = root / REPORTS / HISTORY
    replace_text(page, build(_runs(root), page.parent))
    return page


def history(root: str | Path, metric: str | None = None, slice_name: str | None = None) -> Drawing:
    """Draw one metric of one slice, run after run, for both models; circles are blessed runs.

    Args:
        root: a run's root folder.
        metric: name of the metric (default: the one that the newest report opens with).
        slice_name: name of the slice (default: as for the metric).

    Raises:
        InputError: there is no report, or one cannot be read.
        UnknownNameError: no run measured this metric, or this slice.
    """
    runs = _runs(Path(root))[-_NEWEST:]
    rows = table(runs)
    start = _start(runs[-1].content)
    if metric is not None:
        start = replace(start, metric=_known("metric", present_names([metric])[metric], rows["metric"]))
    if slice_name is not None:
        start = replace(start, focus=_known("slice", slice_name, rows["slice"]))
    spec = vega.filled(Chart("history_values", start.signals), notebook.WIDTH)
    return Drawing(vega.with_rows(spec, {"history": rows[_COLUMNS]}), _CAPTIONS["values"])


def _known(kind: str, name: str, column: pd.Series) -> str:
    if name not in set(column):
        raise UnknownNameError(kind, name, sorted(column.unique()))
    return name


def _start(newest: ReportContent) -> ChartState:
    """Return what the charts open with: the same as the newest report, but a metric that the slice in focus has."""
    view = build_view(newest.printable())
    start, metrics = view.start, view.metrics
    known = set(metrics["metric"][(metrics["slice"] == start.focus) & ~np.isnan(metrics["value"])])
    names = [start.metric, *(rule.metric for rule in newest.verdict.rules), *(choice.name for choice in view.choices)]
    return replace(start, metric=next((name for name in names if name in known), start.metric))


def _runs(root: Path) -> list[Results]:
    runs = reader.every(root)
    if not runs:
        raise InputError(f"There is no report below {root}. Run the pipeline first, or name a run's root folder.")
    return runs


def build(runs: list[Results], folder: Path) -> str:
    """Return the page.

    Args:
        runs: at least one, in their order.
        folder: the page's; links are relative to it.
    """
    rows = table(runs[-_NEWEST:])
    start = _start(runs[-1].content)
    specs = {
        "values": vega.filled(Chart("history_values", start.signals)),
        "gaps": vega.filled(Chart("history_gaps", start.signals)),
    }
    here = rows[(rows["metric"] == start.metric) & (rows["threshold"].isna() | (rows["threshold"] == start.threshold))]
    drawn = {name: {"caption": _CAPTIONS[name], "picture": vega.still(spec, {"history": here})} for name, spec in specs.items()}
    payload = {
        "tables": {"history": document.columnar(rows[_COLUMNS])},
        "charts": {name: {"spec": spec, "tables": ["history"]} for name, spec in specs.items()},
        "metrics": [asdict(choice) for choice in metric_choices(Frame.of(rows))],
        "thresholds": thresholds_of(rows),
        "start": {
            "metric": start.metric,
            "threshold": start.threshold_or_none,
            "focus": start.focus,
        },
    }
    return document.render("history.html", payload, figures=drawn, **_values(runs, rows, start, folder))


def table(runs: list[Results]) -> pd.DataFrame:
    """Return all metrics of all runs on overall and on single features; intersections are left to each run's own report.

    Returns:
        the columns of `rows.with_comparisons`, and run (id), at (place in time, from 0), outcome, order (of the slice).
    """
    parts = []
    for place, run in enumerate(runs):
        plain = with_comparisons(without_reference(run.content.printable().metrics))
        parts.append(plain.pandas().assign(run=run.run, at=place, outcome=run.verdict.outcome))
    rows = pd.concat(parts, ignore_index=True)
    slices = slices_of(Frame.of(rows)).pandas()
    return rows.merge(slices.loc[~slices["pair"], ["slice", "order"]], on="slice")


def jumps(rows: pd.DataFrame, metric: str = FLAGGED, factor: float = FACTOR) -> pd.DataFrame:
    """Find where the candidate's metric grew to `factor` times or shrank to 1 / factor of what it was in the run before.

    Args:
        rows: as `table` gives them.
        metric: the watched metric.
        factor: above 1.

    Returns:
        columns run, slice, threshold, before, now, ratio; the newest run first. A rate that leaves 0 counts as infinite growth.
    """
    watched = rows[(rows["metric"] == metric) & (rows["model"] == CANDIDATE)].sort_values("at", kind="stable")
    before = watched.groupby(["slice", "threshold"], dropna=False)["value"].shift()
    ratio = (watched["value"] / before).where(before.notna() & ((before != 0) | (watched["value"] != 0)))
    changed = watched.assign(before=before, ratio=ratio)[(ratio >= factor) | (ratio <= 1 / factor)]
    shown = changed.sort_values(["at", "order"], ascending=[False, True], kind="stable").rename(columns={"value": "now"})
    return shown[["run", "slice", "threshold", "before", "now", "ratio"]].reset_index(drop=True)


def _values(runs: list[Results], rows: pd.DataFrame, start: ChartState, folder: Path) -> dict[str, Any]:
    words = metric_words(start.metric)
    lines = [_line(run, folder) for run in reversed(runs)]
    return {
        "title": f"{runs[-1].verdict.task}: {len(runs)} runs",
        "contents": [("values", "Metrics"), ("gaps", "Gaps"), ("jumps", "Sudden changes"), ("runs", "Runs")],
        "runs": lines,
        "blessed": sum(line["outcome"] == "blessed" for line in lines),
        "jumps": jumps(rows).to_dict("records"),
        "jump_words": registry.get(FLAGGED).label,
        "metrics": [asdict(choice) for choice in metric_choices(Frame.of(rows))],
        "thresholds": thresholds_of(rows),
        "slices": slices_of(Frame.of(rows))["slice"].tolist(),
        "start": start,
        "start_meaning": words.sentence,
        "start_words": words.label if math.isnan(start.threshold) else f"{words.label} at threshold {start.threshold:g}",
    }


def _line(run: Results, folder: Path) -> dict[str, Any]:
    verdict = run.verdict
    link = run.page.relative_to(folder).as_posix() if run.page.is_relative_to(folder) else ""
    return {
        "run": run.run,
        "outcome": verdict.outcome,
        "finished": verdict.provenance.finished[:16].replace("T", " "),
        "summary": verdict.summary,
        "link": link,
    }
