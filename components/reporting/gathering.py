"""Gather the parts of a report so that the verdict is never lost.

In: the parts by name, each a function that reads artifacts or asks the models. Out: their tables, and a sentence about each part
that could not be made. The report of a blessed run is complete or the step fails, and then nothing is published. A run that was
not blessed keeps its reasons, whatever else of its artifacts is damaged.
"""

import logging
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from fairgate.files import replace_file, replace_text
from fairgate.gate import markdown
from fairgate.gate import verdict as verdicts
from fairgate.report import write
from fairgate.report.content import ReportContent
from fairgate.run_folder import METRICS, PAGE, VERDICT, VERDICT_TEXT
from fairgate.text import escaped

Part = Callable[[], Mapping[str, Any]]

_PAGE = "<!doctype html><meta charset='utf-8'><title>{title}</title><pre style='white-space: pre-wrap'>{text}</pre>\n"

logger = logging.getLogger(__name__)


def gather(parts: Mapping[str, Part], complete: bool) -> tuple[dict[str, Any], list[str]]:
    """Return the tables of all parts, and a sentence for each part that failed.

    Args:
        parts: name -> function that returns fields of `ReportContent`.
        complete: raise what a part raises instead.
    """
    tables: dict[str, Any] = {}
    missing = []
    for name, make in parts.items():
        try:
            tables |= make()
        except Exception as error:
            if complete:
                raise
            logger.exception("The report lacks a part: %s.", name)
            missing.append(absence(name, error))
    return tables, missing


def absence(name: str, error: Exception) -> str:
    """Return the sentence that says why a part is absent."""
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{name.capitalize()} could not be made ({type(error).__name__}{f': {first}' if first else ''})."


def write_reasons(content: ReportContent, folder: Path, with_text: bool, missing: list[str]) -> None:
    """Write the report of a run that was not blessed: at least the verdict, as file, as text and as a page.

    Args:
        content: what could be gathered.
        folder: of the report.
        with_text: whether the page may show text of the examples.
        missing: a sentence for each part that the report lacks; they are appended to verdict.md.
    """
    try:
        write.write_report(content, folder, text=with_text)
    except Exception as error:
        logger.exception("The page of the report cannot be drawn.")
        missing = [*missing, absence("the page", error)]
        _write_verdict(content, folder)
    if missing:
        text = folder / VERDICT_TEXT
        lines = ["", "## Missing from this report", "", *(f"* {escaped(sentence)}" for sentence in missing), ""]
        replace_text(text, text.read_text(encoding="utf-8") + "\n".join(lines))


def _write_verdict(content: ReportContent, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    verdicts.write(content.verdict, folder / VERDICT)
    markdown.write(content.verdict, folder / VERDICT_TEXT)
    replace_file(folder / METRICS, lambda path: content.metrics.to_parquet(path, index=False))
    page = _PAGE.format(title=escape(content.verdict.summary), text=escape(markdown.render(content.verdict)))
    replace_text(folder / PAGE, page)
