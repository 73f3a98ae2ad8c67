"""The slices that nobody named, in the page."""

import dataclasses
from pathlib import Path

from fairgate.discovery.result import DiscoveredSlice, Discovery
from fairgate.report import content as contents
from fairgate.report import document
from fairgate.report.content import ReportContent
from fairgate.report.sections import discovery
from fairgate.report.view import build_view

FOUND = DiscoveredSlice(
    slice="g:<b>",
    against="",
    threshold=0.5,
    n=1_000,
    rate=0.25,
    other_n=9_000,
    other_rate=0.125,
    ratio=2.0,
    low=1.5,
    high=None,
    p=0.01,
    confirmed=True,
    first_n=900,
    first_rate=0.3,
    first_p=0.0001,
)
DISCOVERY = Discovery(
    metric="false_positive_rate",
    worse="higher",
    thresholds=(0.5,),
    rows=12_000,
    trials=(5_000, 5_000),
    overall=0.13,
    depth=3,
    min_examples=100,
    possible=50,
    tested=40,
    same=2,
    few_clusters=0,
    explained=1,
    slices=(FOUND, FOUND.model_copy(update={"slice": "g:c", "confirmed": False})),
)


def _drawn(content: ReportContent, found: Discovery | None) -> str | None:
    view = build_view(dataclasses.replace(content, discovery=found))
    parts = discovery.parts(view)
    if parts is None:
        return None
    return document.fill(discovery.TEMPLATE, view=view, verdict=view.verdict, figures={}, **parts.values).replace("<wbr>", "")


def test_confirmed_slices_are_rows_of_a_table(image_content: ReportContent) -> None:
    """Escaped; those that were found alone are counted and not shown."""
    html = _drawn(image_content, DISCOVERY)
    assert html is not None
    assert "<bdi>g:&lt;b&gt;</bdi>" in html
    assert "g:c" not in html
    assert "<strong>false positive rate</strong> is higher than that of the rest" in html
    assert "2 found in one half of the examples, 1 confirmed in the other." in html


def test_nothing_confirmed_is_said(image_content: ReportContent) -> None:
    """With what was looked at."""
    html = _drawn(image_content, DISCOVERY.model_copy(update={"slices": ()}))
    assert html is not None
    assert "No slice was confirmed." in html
    assert "<table>" not in html


def test_a_report_without_discovery_has_no_section(image_content: ReportContent) -> None:
    """As those of earlier versions."""
    assert _drawn(image_content, None) is None


def test_a_discovery_is_kept_beside_the_report(image_content: ReportContent, tmp_path: Path) -> None:
    """Written and read back equal."""
    dataclasses.replace(image_content, discovery=DISCOVERY).save(tmp_path)
    assert contents.load(tmp_path).discovery == DISCOVERY
