"""Slice names that are long, or hold HTML, terminal codes and marks of direction: in page, verdict.md and terminal."""

import dataclasses
import io
import json
from html.parser import HTMLParser

import pytest
import yaml
from rich.console import Console

from fairgate.cli.summary import print_verdict
from fairgate.gate import markdown
from fairgate.gate.verdict import Verdict
from fairgate.names import place
from fairgate.report import cards, page
from fairgate.report.content import ReportContent

VALUES = {
    "long": "x" * 80,
    "html": "</td></table></bdi><script>alert(1)</script><img src=x onerror=alert(1)>",
    "terminal": "\x1b[31mred\x1b[0m\x07\r\n\x9b2J",
    "direction": "a\u202egnp\u202c\u2066b\u2069\u200fc",
}
RAW = ("<script>alert", "<img src=x", "\x1b", "\x07", "\x9b", "\u202e", "\u202c", "\u2066", "\u2069", "\u200f")
VOID = {"meta", "link", "br", "img", "input", "wbr", "hr", "path", "rect"}


class Nesting(HTMLParser):
    """Read a page, and keep end tags that end something else than what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  # HTMLParser's signature
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)


def renamed(verdict: Verdict, name: str) -> Verdict:
    """Return the verdict with every slice of gender:male under another name, in sentences too."""
    return Verdict.model_validate_json(verdict.model_dump_json().replace("gender:male", name.replace("\\", "\\\\")))


@pytest.fixture(params=VALUES)
def hostile(request: pytest.FixtureRequest, binary_content: ReportContent) -> ReportContent:
    name = place("gender", VALUES[request.param])
    verdict = renamed(binary_content.verdict, name)
    assert {line.slice for line in verdict.slices} & {line.slice for line in verdict.rules} >= {name}
    metrics = binary_content.metrics.replace({"slice": {"gender:male": name}})
    return dataclasses.replace(binary_content, verdict=verdict, metrics=metrics)


def test_page_shows_no_raw_character_and_stays_well_formed(hostile: ReportContent) -> None:
    html = page.build(hostile)
    assert [raw for raw in RAW if raw in html] == []
    nesting = Nesting()
    nesting.feed(html)
    assert (nesting.wrong, nesting.open) == ([], [])


def test_verdict_md_shows_no_raw_character(hostile: ReportContent) -> None:
    text = markdown.render(hostile.verdict)
    assert [raw for raw in (*RAW, "<", "\r") if raw in text] == []


@pytest.mark.parametrize("name", ["datasheet.md", "model_card.md", "datasheet.json", "model_card.json"])
def test_cards_show_no_raw_character(hostile: ReportContent, name: str) -> None:
    """The front matter stays one block, and JSON stays JSON."""
    text = cards.render(hostile)[name]
    assert [raw for raw in (*RAW, "\r", "<script") if raw in text] == []
    if name.endswith(".json"):
        json.loads(text)
        assert "<" not in text
    else:
        body = text.split("\n---\n", 1)[1] if text.startswith("---\n") else text
        assert "<" not in body


def test_front_matter_holds_a_hostile_source(binary_content: ReportContent) -> None:
    """A line of its own, a second document and a tag of YAML stay text."""
    source = "a\n---\nlicense: mit\n# b: !!python/object [c"
    info = binary_content.verdict.data.model_copy(update={"source": source})
    text = cards.render(dataclasses.replace(binary_content, verdict=binary_content.verdict.model_copy(update={"data": info})))
    front = yaml.safe_load(text["model_card.md"].split("\n---\n")[0])
    assert front["model-index"][0]["results"][0]["dataset"]["name"] == " ".join(source.split())
    assert "license" not in front


def test_terminal_shows_no_raw_character(hostile: ReportContent) -> None:
    written = io.StringIO()
    print_verdict(Console(file=written, force_terminal=False, width=100), hostile.verdict)
    assert [raw for raw in RAW if not raw.startswith("<") and raw in written.getvalue()] == []
