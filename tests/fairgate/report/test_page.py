"""report.html as a file: what is in it, and what is not."""

import dataclasses
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from fairgate.report import page
from fairgate.report.content import ReportContent
from fairgate.report.rows import with_comparisons
from fairgate.run_folder import CARDS

SECTIONS = ["verdict", "models", "indicators", "gaps", "scores", "intersections", "counterfactual", "training", "input", "card"]
IMAGE_SECTIONS = ["verdict", "models", "indicators", "gaps", "scores", "training", "input", "images", "card"]
BARE_SECTIONS = ["verdict", "models", "indicators", "gaps", "card"]


def sections_of(html: str) -> list[str]:
    """The sections of the page in their order; one that is not listed above is tested in a file of its own."""
    return [name for name in Elements(html).sections if name in {*SECTIONS, *IMAGE_SECTIONS}]


class Elements(HTMLParser):
    """Collects ids of sections, and every address that an element names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sections: list[str] = []
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "section":
            self.sections.append(values["id"])
        self.addresses += [values[name] for name in ("src", "href", "action") if name in values]


def payload(html: str) -> dict[str, Any]:
    """What the page's script reads."""
    found = re.search(r'<script type="application/json" id="page">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])  # type: ignore[no-any-return]


def test_sections_are_those_of_the_content_in_order(binary_page: Path, image_page: Path) -> None:
    """The binary report has ten; the image report has no thresholds or intersections, but images."""
    assert sections_of(binary_page.read_text("utf-8")) == SECTIONS
    assert sections_of(image_page.read_text("utf-8")) == IMAGE_SECTIONS


def test_a_bare_report_has_verdict_metrics_and_card(image_content: ReportContent) -> None:
    """Verdict and metrics alone are enough."""
    html = page.build(ReportContent(image_content.verdict, image_content.metrics))
    assert sections_of(html) == BARE_SECTIONS


def test_one_model_alone_is_shown(image_content: ReportContent) -> None:
    """A first run has no baseline."""
    candidate = image_content.metrics.query("model == 'candidate'")
    html = page.build(ReportContent(image_content.verdict, candidate))
    assert "candidate" in html


@pytest.mark.parametrize("kind", ["binary_page", "image_page"])
def test_nothing_points_outside(kind: str, request: pytest.FixtureRequest) -> None:
    """Every address is a place in the page, data in it, or a card that lies beside it."""
    html = request.getfixturevalue(kind).read_text("utf-8")
    assert all(address.startswith(("#", "data:")) or address in CARDS for address in Elements(html).addresses)
    assert "default-src &#39;none&#39;" in html


@pytest.mark.parametrize("kind", ["binary", "image"])
def test_every_metric_of_the_evaluation_is_in_the_page(kind: str, request: pytest.FixtureRequest) -> None:
    """Each model, slice, metric and threshold, with its value to seven digits."""
    content: ReportContent = request.getfixturevalue(f"{kind}_content")
    table = payload(request.getfixturevalue(f"{kind}_page").read_text("utf-8"))["tables"]["metrics"]
    columns = table["columns"]
    text = {name: [columns[name]["values"][code] for code in columns[name]["codes"]] for name in ("model", "slice", "metric")}
    shown = dict(zip(zip(*text.values(), columns["threshold"], strict=True), columns["value"], strict=True))
    measured = with_comparisons(content.metrics).pandas()
    assert len(shown) == len(measured)
    for row in measured.itertuples():
        key = (row.model, row.slice, row.metric, None if row.threshold != row.threshold else row.threshold)
        assert shown[key] == (None if row.value != row.value else pytest.approx(row.value, rel=1e-6))


def test_without_text_no_word_of_an_example_is_in_the_file(binary_content: ReportContent) -> None:
    """Neither shown nor in the data; with text it is in the data alone, as JSON."""
    assert binary_content.examples is not None
    secret = binary_content.examples.assign(text="SECRET words")
    content = dataclasses.replace(binary_content, examples=secret)
    assert "SECRET" not in page.build(content, text=False)
    html = page.build(content)
    assert "SECRET" not in html.replace(
        json.dumps(payload(html)["tables"]["examples"], ensure_ascii=False, separators=(",", ":")), ""
    )
    assert "SECRET words" in json.dumps(payload(html)["tables"]["examples"])


def test_a_hundred_slices_stay_below_five_megabytes(binary_maker: Callable[..., ReportContent]) -> None:
    """5 genders, 8 races and 8 religions with all pairs; the worst comment has a million characters."""
    groups = {
        feature: tuple(f"{feature}_{index}" for index in range(count))
        for feature, count in (("gender", 5), ("race", 8), ("religion", 8))
    }
    content = binary_maker(20_000, groups, ("x" * 1_000_000,))
    assert content.metrics["slice"].nunique() >= 100
    assert len(page.build(content).encode()) < 5_000_000
