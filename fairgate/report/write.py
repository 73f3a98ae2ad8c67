"""Write a report's folder: the page for people, the tables behind it for programs.

In: `ReportContent` and a folder. Out, in the folder: report.html, verdict.md, verdict.json, metrics.parquet, content/, and the
data sheet and model card of `cards`.
"""

from pathlib import Path

from fairgate.files import replace_text
from fairgate.gate import markdown
from fairgate.report import cards, page
from fairgate.report.content import ReportContent
from fairgate.run_folder import PAGE, VERDICT_TEXT


def write_report(content: ReportContent, folder: Path, text: bool = True, pictures: bool = True) -> None:
    """Write everything, each file to a temporary name that is then renamed.

    Args:
        content: what to show.
        folder: made if need be.
        text: False leaves out every word of the examples, from the page and from the tables.
        pictures: as for `page.build`.
    """
    shown = content if text else content.without_text()
    folder.mkdir(parents=True, exist_ok=True)
    shown.save(folder)
    markdown.write(shown.verdict, folder / VERDICT_TEXT)
    draw(shown, folder, pictures=pictures)


def draw(content: ReportContent, folder: Path, text: bool = True, pictures: bool = True) -> None:
    """Write what is drawn from the other files of the folder, `run_folder.DRAWN`: the page, the data sheet and the model card.

    Args:
        content: what to show.
        folder: of the report.
        text: as for `write_report`.
        pictures: likewise.
    """
    shown = content if text else content.without_text()
    cards.write(shown, folder)
    replace_text(folder / PAGE, page.build(shown, pictures=pictures))
