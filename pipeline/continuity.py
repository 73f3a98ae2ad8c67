"""Compare a finished run with the last blessed run of the same root.

In: the unfinished report, the statistics of its data, and earlier reports. Out: rows in the report's drift table and a section
in its verdict.md. The last blessed run is found by its report, see docs/decisions/2026-11-22-last-blessed-run.md.
"""

import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd

from components.validation.drift import Distance, DriftLimits, markdown, of_data, of_decisions
from fairgate import manifest, run_folder
from fairgate.errors import InputError
from fairgate.files import replace_text
from fairgate.gate import verdict as verdicts
from fairgate.gate.verdict import Verdict
from fairgate.report import content, reader, write

FIRST = "There is no earlier blessed run in this root."

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """A run whose verdict has just been written.

    Attributes:
        root: the run's root folder.
        report: folder of its report, complete except for this comparison and the manifest.
        statistics: the StatisticsGen artifact of its data.
        text_features: the text features of its task.
        with_text: whether its page may show text of the examples.
    """

    root: Path
    report: Path
    statistics: Path
    text_features: tuple[str, ...]
    with_text: bool


@dataclass(frozen=True)
class Blessed:
    """The blessed run to compare with.

    Attributes:
        run: id of the run.
        verdict: verdict of the run.
        statistics: folder of its statistics; None if it was deleted or never recorded.
    """

    run: str
    verdict: Verdict
    statistics: Path | None


def last_blessed(root: Path, task: str) -> Blessed | None:
    """Return the newest blessed run of a task, or None; unreadable reports are skipped."""
    for found in reversed(reader.every(root)):
        try:
            verdict = found.verdict
        except InputError as error:
            logger.warning("%s", error)
            continue
        if verdict.task == task and verdict.outcome == "blessed":
            return Blessed(found.run, verdict, _statistics(root, found.folder))
    return None


def _statistics(root: Path, report: Path) -> Path | None:
    try:
        folders = manifest.read(report).folders
    except InputError as error:
        logger.warning("%s", error)
        return None
    paths = [root / folder.path for folder in folders if folder.kind == "statistics"]
    return next((path for path in paths if path.is_dir()), None)


def compare(run: Run, limits: DriftLimits) -> None:
    """Add the comparison to the report. Errors are logged only: the outcome stands."""
    try:
        _compare(run, limits)
    except Exception:
        logger.exception("The run was not compared with the last blessed one.")


def _compare(run: Run, limits: DriftLimits) -> None:
    verdict = verdicts.read(run.report / run_folder.VERDICT)
    path = run.report / run_folder.VERDICT_TEXT
    text = path.read_text(encoding="utf-8")  # it may say more than the verdict: what the report lacks
    before = last_blessed(run.root, verdict.task)
    distances: list[Distance] = []
    since = FIRST
    if before:
        between = f"{before.run} → this run"
        since = f"Compared with {before.run}."
        if before.statistics:
            distances += of_data(before.statistics, run.statistics, run.text_features, limits, between)
        else:
            since = f"Compared with {before.run}, whose statistics were deleted: only the decisions."
        distances += of_decisions(before.verdict, verdict, limits, between)
    try:
        if before:
            _add(distances, run)
    finally:
        replace_text(path, text + "\n" + markdown(distances, since))


def _add(distances: list[Distance], run: Run) -> None:
    """Append the distances to the report's drift table and redraw its page."""
    known = content.load(run.report)
    rows = pd.DataFrame([asdict(distance) for distance in distances])
    drift = rows if known.drift is None else pd.concat([known.drift, rows], ignore_index=True)
    write.write_report(replace(known, drift=drift), run.report, text=run.with_text)
