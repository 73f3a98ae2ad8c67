"""A report's folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fairgate.report import content
from fairgate.report.content import ReportContent
from fairgate.report.write import write_report

WORDS = "a comment that names somebody"


@pytest.mark.parametrize("text", [True, False])
def test_text_is_left_out_of_page_and_tables_alike(
    text: bool, binary_maker: Callable[..., ReportContent], tmp_path: Path
) -> None:
    """The folder is made; all nine parts are in it; with `text` false no file holds a word of an example."""
    report = tmp_path / "reports" / "one"
    write_report(binary_maker(rows=600, texts=(WORDS,)), report, text)
    assert {path.name for path in report.iterdir()} == {
        "report.html",
        "verdict.md",
        "verdict.json",
        "metrics.parquet",
        "content",
        "datasheet.md",
        "datasheet.json",
        "model_card.md",
        "model_card.json",
    }
    examples = content.load(report).examples
    assert examples is not None
    assert ("text" in examples) is text
    assert (WORDS in (report / "report.html").read_text("utf-8")) is text
    cards = ("datasheet.md", "datasheet.json", "model_card.md", "model_card.json")
    assert [name for name in cards if WORDS in (report / name).read_text("utf-8")] == []
    assert (report / "verdict.md").read_text("utf-8").startswith("# ")
