"""Charts compiled and drawn without a browser."""

import base64
import re
from pathlib import Path

import altair as alt
import pandas as pd
import pytest
import vl_convert

from fairgate.report import vega
from fairgate.report.charts import Chart
from fairgate.report.specs.compiling import compiled


def still(name: str) -> str:
    """The SVG of a bar with this name."""
    chart = alt.layer(alt.Chart(alt.NamedData("rows")).mark_bar().encode(y="name:N", x="value:Q"))
    address = vega.still(compiled(chart), {"rows": pd.DataFrame({"name": [name], "value": [1.0]})})
    return base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")).decode()


def test_picture_holds_the_rows() -> None:
    """The named source is filled."""
    assert "gender:male" in still("gender:male")


def test_picture_leaves_room_for_a_wider_font() -> None:
    """A label of 200 pixels may need 36 more where the reader's font is not that of this machine."""
    chart = alt.layer(alt.Chart(alt.NamedData("rows")).mark_point().encode(x="value:Q"))
    address = vega.still(compiled(chart), {"rows": pd.DataFrame({"value": [1.0]})})
    svg = base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")).decode()
    assert int(re.findall(r"translate\((\d+),", svg)[0]) >= 36


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x0c", "\ufffe", "\ud800"])
def test_control_characters_are_replaced(character: str) -> None:
    """vl-convert aborts the whole process when it measures a text that holds one."""
    assert "a\ufffdb" in still(f"a{character}b")


def test_markup_in_a_picture_is_escaped() -> None:
    """A name that is markup stays a name."""
    svg = still("<script>alert(1)</script>")
    assert "<script>" not in svg
    assert "&lt;script&gt;" in svg


def test_values_that_are_not_finite_are_null() -> None:
    """JSON has no NaN; lists and booleans stay."""
    table = pd.DataFrame({"value": [float("nan"), float("inf"), 0.5], "slices": [["a"], [], ["b"]], "flag": [True, False, True]})
    assert vega.records(table) == [
        {"value": None, "slices": ["a"], "flag": True},
        {"value": None, "slices": [], "flag": False},
        {"value": 0.5, "slices": ["b"], "flag": True},
    ]


def test_a_chart_is_filled_with_signals_and_gaps() -> None:
    """A list in a gap replaces the list around it; a text may be a part of a title; what the chart does not know is ignored."""
    values = {"score": "score", "classes": ["no", "yes"], "colours": ["#111", "#222"], "shapes": ["circle", "cross"]}
    spec = vega.filled(Chart("scatter", {**values, "columns": 3, "threshold": 0.5, "focus": "overall", "unknown": 1}))
    scales = {scale["name"]: (scale["domain"], scale["range"]) for scale in spec["scales"] if scale["name"] not in ("x", "y")}
    assert scales == {"color": (["no", "yes"], ["#111", "#222"]), "shape": (["no", "yes"], ["circle", "cross"])}
    assert [axis["title"] for axis in spec["axes"] if "title" in axis] == ["score, baseline", "score, candidate"]
    signals = {item["name"]: item["value"] for item in spec["signals"] if "value" in item}
    assert signals == {"threshold": 0.5, "focus": "overall", "columns": 3}


def test_a_text_from_data_is_no_gap() -> None:
    """A class whose name is written like a gap stays what it is."""
    spec = vega.filled(Chart("confusion", {"classes": ["⟦model⟧", "⟦classes⟧"], "model": "candidate"}))
    assert [scale["domain"] for scale in spec["scales"] if scale["name"] in ("x", "y")] == [["⟦model⟧", "⟦classes⟧"]] * 2


def test_filling_leaves_the_compiled_chart_alone() -> None:
    first = vega.filled(Chart("overall", {"threshold": 0.3}))
    vega.filled(Chart("overall", {"threshold": 0.7}))
    assert [item["value"] for item in first["signals"] if item["name"] == "threshold"] == [0.3]


def test_a_width_replaces_that_of_the_place() -> None:
    spec = vega.filled(Chart("overall", {"threshold": 0.3}), 400)
    assert spec["width"] == 400
    assert "autosize" not in spec
    assert "width" not in {item["name"] for item in spec["signals"]}


def test_script_is_bundled_once_and_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The second process reads the first one's script; a folder that cannot be written is no error."""
    made: list[str] = []

    def make(snippet: str) -> str:
        made.append(snippet)
        return "made"

    monkeypatch.setattr(vl_convert, "javascript_bundle", make)
    (tmp_path / "file").touch()
    for cache in ("home", "home", "file/below"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / cache))
        assert vega.script.__wrapped__() == "(() => {made})();"
    assert made == ["window.vegaEmbed = vegaEmbed;"] * 2
    assert len(list((tmp_path / "home" / "fairgate").iterdir())) == 1
