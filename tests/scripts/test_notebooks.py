"""Notebooks are committed as they ran, without what belongs to one machine or one moment."""

import base64
import io
from types import ModuleType
from typing import Any

import nbformat
import pytest
from PIL import Image

FOLDERS = {"/srv/runs": "(root)"}


def notebook(*outputs: dict[str, Any], source: str = "1") -> Any:
    """A notebook of one code cell, executed."""
    cell = nbformat.v4.new_code_cell(source, execution_count=1, outputs=[nbformat.from_dict(one) for one in outputs])  # type: ignore[no-untyped-call]
    return nbformat.v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]


def shown(**forms: str) -> dict[str, Any]:
    """An output of one form."""
    written = {kind.replace("_", "/"): form for kind, form in forms.items()}
    return {"output_type": "display_data", "metadata": {"a": 1}, "data": written}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("in /srv/runs/latest", "in (root)/latest"),
        ("20261127T134809Z is newest", "(run id) is newest"),
        ("ended 2026-11-27T13:48:32+00:00.", "ended (time)."),
        ("ended 2026-11-27 13:48", "ended (time)"),
        ("<text>01:47 PM</text>", "<text>(time)</text>"),
        ("a rate of 0.28 at 0.5", "a rate of 0.28 at 0.5"),
    ],
)
def test_paths_times_and_run_ids_are_replaced(notebooks_script: ModuleType, written: str, kept: str) -> None:
    (cell,) = notebooks_script.stripped(notebook(shown(text_plain=written)), FOLDERS).cells
    assert cell.outputs[0].data == {"text/plain": kept}
    assert cell.outputs[0].metadata == {}


def test_ids_of_cells_are_their_positions(notebooks_script: ModuleType) -> None:
    assert notebooks_script.stripped(notebook(), {}).cells[0].id == "cell-00"


def test_what_libraries_write_to_stderr_is_left_out(notebooks_script: ModuleType) -> None:
    streams = [{"output_type": "stream", "name": name, "text": name} for name in ("stderr", "stdout")]
    (cell,) = notebooks_script.stripped(notebook(*streams), {}).cells
    assert [output.text for output in cell.outputs] == ["stdout"]


def test_charts_are_kept_as_pictures_alone(notebooks_script: ModuleType) -> None:
    """A large one becomes PNG."""
    large = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">' + "<g></g>" * 6000 + "</svg>"
    forms: dict[str, Any] = {"application/vnd.vega.v5+json": {"a": 1}, "image/svg+xml": "<svg/>", "text/plain": "chart"}
    small = {"output_type": "display_data", "metadata": {}, "data": forms}
    big = {"output_type": "display_data", "metadata": {}, "data": {**forms, "image/svg+xml": large}}
    (cell,) = notebooks_script.stripped(notebook(small, big), {}).cells
    assert [sorted(output.data) for output in cell.outputs] == [["image/svg+xml", "text/plain"], ["image/png", "text/plain"]]


def test_picture_of_a_large_chart_is_white_where_nothing_is_drawn(notebooks_script: ModuleType) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">' + "<g></g>" * 6000 + "</svg>"
    (cell,) = notebooks_script.stripped(notebook(shown(**{"image/svg+xml": svg})), {}).cells
    picture = Image.open(io.BytesIO(base64.b64decode(cell.outputs[0].data["image/png"]))).convert("RGB")
    assert picture.getpixel((4, 4)) == (255, 255, 255)


def test_widget_is_left_out_whole(notebooks_script: ModuleType) -> None:
    """Its text is a long line of all its values."""
    (cell,) = notebooks_script.stripped(notebook(shown(text_plain="Viewer(...)", **{notebooks_script.WIDGET: "{}"})), {}).cells
    assert cell.outputs == []


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("see /opt/me/runs", "an absolute path: '/opt/me'"),
        ("<object at 0x7f0011223344>", "an address in memory: '0x7f0011223344'"),
        ("2026-11-27 13:48:32", "a moment, (time): '2026-11-27 13:48:32'"),
        ("20261127T134809Z", "a moment, (run id): '20261127T134809Z'"),
    ],
)
def test_what_belongs_to_a_machine_is_refused(notebooks_script: ModuleType, written: str, complaint: str) -> None:
    made = notebook(shown(text_html=written))
    made.cells[0].id = "cell-00"
    assert list(notebooks_script.complaints(made)) == [f"the output of cell-00 holds {complaint}"]


def test_pictures_are_not_searched(notebooks_script: ModuleType) -> None:
    made = notebook(shown(image_png="/tmp/x"), shown(text_html='<img src="data:image/png;base64,/tmp/x">'))  # noqa: S108
    assert list(notebooks_script.complaints(made)) == []


def test_translucent_marks_keep_their_hue(notebooks_script: ModuleType) -> None:
    """Vermillion of 45 % on white is a light orange."""
    mark = '<rect width="90" height="90" fill="#D55E00" fill-opacity="0.45"/>'
    large = f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90">{mark}{" " * notebooks_script.LARGEST_SVG}</svg>'
    (cell,) = notebooks_script.stripped(notebook(shown(**{"image/svg+xml": large})), FOLDERS).cells
    picture = Image.open(io.BytesIO(base64.b64decode(cell.outputs[0].data["image/png"])))
    expected = [round(0.45 * channel + 0.55 * 255) for channel in (0xD5, 0x5E, 0x00)]
    assert picture.convert("RGB").getpixel((45, 45)) == pytest.approx(expected, abs=2)


def test_links_and_closing_tags_are_no_paths(notebooks_script: ModuleType) -> None:
    assert list(notebooks_script.complaints(notebook(shown(text_html="https://a.b/opt/c <b>x</b> ../runs/x")))) == []


def test_notebook_without_outputs_is_refused(notebooks_script: ModuleType) -> None:
    assert list(notebooks_script.complaints(notebook())) == ["it was not run from top to bottom"]


def test_large_notebook_is_refused(notebooks_script: ModuleType) -> None:
    (complaint,) = notebooks_script.complaints(notebook(shown(text_plain="x" * notebooks_script.LARGEST)))
    assert "the limit is 300,000" in complaint


def test_run_that_two_notebooks_would_show_is_refused(
    notebooks_script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAIRGATE_ROOT", "runs/digits")
    assert notebooks_script.main([]) == 1
    assert "make notebooks NAME=inspect FAIRGATE_ROOT=runs/civil-comments" in capsys.readouterr().out
