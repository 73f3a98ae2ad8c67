"""The slices that nobody named, in the page."""

import dataclasses
from pathlib import Path

from fairgate.discovery.result import Discovery
from fairgate.report import content as contents
from fairgate.report import document
from fairgate.report.content import ReportContent
from fairgate.report.sections import discovery
from fairgate.report.view import build_view
from tests.fairgate.report.discovered import DISCOVERY, FOUND


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
    assert FOUND.slice not in html
    assert "gender:female" not in html
    assert "<strong>false positive rate</strong> is higher than that of the rest" in html
    assert "3 found in one half of the examples, 2 confirmed in the other." in html


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
