"""Charts that were compiled ahead."""

import json
from pathlib import Path

import pytest

from fairgate.report import page, vega
from fairgate.report.content import ReportContent
from fairgate.report.specs import compiling
from fairgate.report.specs.catalogue import CHARTS
from fairgate.report.view import build_view


def test_compiled_charts_are_current() -> None:
    """If this fails, run `make charts`."""
    written = {path: json.loads(path.read_text("utf-8")) for path in vega.CHARTS.iterdir()}
    assert written == {path: json.loads(text) for path, text in compiling.files()}


@pytest.mark.parametrize("kind", ["binary_content", "image_content"])
def test_sections_fill_every_gap(kind: str, request: pytest.FixtureRequest) -> None:
    """No gap is left, and no signal without a value but a threshold that the task lacks."""
    content: ReportContent = request.getfixturevalue(kind)
    specs = [vega.filled(figure.chart) for figure in page.figures_of(page.parts_of(build_view(content))).values()]
    assert vega.GAP[0] not in json.dumps(specs, ensure_ascii=False)
    empty = {item["name"] for spec in specs for item in spec["signals"] if "value" in item and item["value"] is None}
    assert empty == ({"threshold"} if kind == "image_content" else set())


def test_files_of_former_charts_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vega, "CHARTS", tmp_path / "charts")
    monkeypatch.setattr(compiling, "CHARTS", {"overall": CHARTS["overall"]})
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "former.json").touch()
    compiling.write()
    assert [path.name for path in (tmp_path / "charts").iterdir()] == ["overall.json"]
