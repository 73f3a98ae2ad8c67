"""Read the results of a run for notebooks and scripts: verdict, tables and charts. Imports in an instant, never TensorFlow.

In: a run's root folder (`runs/civil-comments`), or one report's folder in it. Out: `Results`.

    import fairgate
    fairgate.load("runs/civil-comments")                    # shows itself in a notebook
    fairgate.load("runs/civil-comments").metrics            # a DataFrame
    fairgate.load("runs/civil-comments").charts.indicators()
    fairgate.compare(fairgate.load(root, "20260301T…"), fairgate.load(root))
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fairgate.errors import InputError
from fairgate.names import PREDICTIONS
from fairgate.run_files import inside
from fairgate.run_folder import PAGE, REPORTS, VERDICT, newest, require_folder, run_ids

if TYPE_CHECKING:  # the libraries behind a result are imported when it is asked for
    import pandas as pd

    from fairgate.gate.verdict import Verdict
    from fairgate.report.content import ReportContent
    from fairgate.report.notebook import Charts


@dataclass(frozen=True)
class Results:
    """One run's results, read when they are asked for.

    Attributes:
        folder: the report's folder.
    """

    folder: Path

    @property
    def run(self) -> str:
        """Return the run's id."""
        return self.folder.resolve().name

    @functools.cached_property
    def verdict(self) -> Verdict:
        """Return the gate's verdict."""
        from fairgate.gate import verdict

        return verdict.read(self.folder / VERDICT)

    @functools.cached_property
    def content(self) -> ReportContent:
        """Return everything that the report shows."""
        from fairgate.report import content

        return content.load(self.folder)

    @property
    def metrics(self) -> pd.DataFrame:
        """Return the columns model, slice, metric, threshold, value, low, high, n."""
        return self.content.metrics

    @property
    def rules(self) -> pd.DataFrame:
        """Return one row per rule that was judged; the columns are the fields of `RuleLine`."""
        import pandas as pd

        return pd.DataFrame([rule.model_dump() for rule in self.verdict.rules])

    @functools.cached_property
    def charts(self) -> Charts:
        """Return the report's charts, to be shown in a notebook."""
        from fairgate.report.notebook import Charts

        return Charts(self.content)

    @property
    def page(self) -> Path:
        """Return the path of report.html, the whole report as one file."""
        return self.folder / PAGE

    @property
    def evaluation(self) -> Path:
        """Return the folder of TFMA's own result, for `tfma.load_eval_result`; found also after the root folder was moved.

        Raises:
            InputError: the report is one of a table of predictions, which TFMA has not seen.
        """
        if not self.content.evaluation and self.verdict.task == PREDICTIONS:
            raise InputError(f"{self.folder} is no report of a run, so it has no result of TFMA; its numbers are in metrics.")
        recorded = Path(self.content.evaluation)
        beside = self.folder.resolve().parents[1].joinpath(*recorded.parts[-4:])  # artifacts/Evaluator/evaluation/<id>
        if recorded.is_dir() and beside.is_dir() and recorded.samefile(beside):
            return recorded  # perhaps a plain name of the folder, which TFMA needs
        return beside if beside.is_dir() else recorded

    def _repr_html_(self) -> str:
        from fairgate.report.notebook import summary

        return summary(self.run, self.content)


def load(root: str | Path, run: str | None = None) -> Results:
    """Open a run's results.

    Args:
        root: a run's root folder, or the folder of one report.
        run: id of a run, as `runs` lists them; the newest when it is not given.

    Raises:
        InputError: there is no such report, or it lies outside of the root.
    """
    base = require_folder(Path(root))
    folder = inside(base, base / REPORTS / run) if run else newest(base)
    if not (folder / VERDICT).is_file():
        known = ", ".join(run_ids(base)[-5:]) or "none"
        remedy = "Name a run's root folder, or run the pipeline first."
        raise InputError(f"There is no report in {folder} (no {VERDICT}). Runs in {base}: {known}. {remedy}")
    return Results(folder)


def every(root: str | Path) -> list[Results]:
    """List all runs of a root folder, the oldest first."""
    return [Results(Path(root) / REPORTS / run) for run in run_ids(Path(root))]


def runs(root: str | Path) -> pd.DataFrame:
    """List the runs, the oldest first.

    Args:
        root: folder of a task's runs.

    Returns:
        columns run, task, outcome, finished, summary, and one per metric of the candidate on all examples, NaN where it was
        not measured.
    """
    import pandas as pd

    return pd.DataFrame([_line(results) for results in every(root)])


def compare(first: Results, second: Results) -> pd.DataFrame:
    """Put the same metrics of two runs side by side.

    Args:
        first: a run that `load` has opened.
        second: another one.

    Returns:
        columns model, slice, metric, threshold, first, second, change (second - first); NaN where one run lacks the metric.
    """
    keys = ["model", "slice", "metric", "threshold"]
    one, two = (results.metrics[[*keys, "value"]] for results in (first, second))
    both = one.rename(columns={"value": "first"}).merge(two.rename(columns={"value": "second"}), on=keys, how="outer")
    return both.assign(change=both["second"] - both["first"])


def _line(results: Results) -> dict[str, object]:
    verdict = results.verdict
    facts = {"run": results.run, "task": verdict.task, "outcome": verdict.outcome, "finished": verdict.provenance.finished}
    return {**facts, "summary": verdict.summary, **{key: values.get("candidate") for key, values in verdict.overall.items()}}
