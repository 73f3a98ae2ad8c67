"""Charts compiled and drawn without a browser."""

import base64
import re
from pathlib import Path

import altair as alt
import pandas as pd
import pytest
import vl_convert

from fairgate.report import vega


def still(name: str) -> str:
    """The SVG of a bar with this name."""
    chart = alt.layer(alt.Chart(alt.NamedData("rows")).mark_bar().encode(y="name:N", x="value:Q"))
    address = vega.still(vega.compiled(chart), {"rows": pd.DataFrame({"name": [name], "value": [1.0]})})
    return base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")).decode()


def test_picture_holds_the_rows() -> None:
    """The named source is filled."""
    assert "gender:male" in still("gender:male")


def test_picture_leaves_room_for_a_wider_font() -> None:
    """A label of 200 pixels may need 36 more where the reader's font is not that of this machine."""
    chart = alt.layer(alt.Chart(alt.NamedData("rows")).mark_point().encode(x="value:Q"))
    address = vega.still(vega.compiled(chart), {"rows": pd.DataFrame({"value": [1.0]})})
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


def test_bundle_is_made_once_and_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The second process reads the first one's script; a folder that cannot be written is no error."""
    made: list[str] = []

    def make(snippet: str) -> str:
        made.append(snippet)
        return "made"

    monkeypatch.setattr(vl_convert, "javascript_bundle", make)
    (tmp_path / "file").touch()
    for cache in ("home", "home", "file/below"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / cache))
        assert vega.bundle.__wrapped__() == "(() => {made})();"
    assert made == ["window.vegaEmbed = vegaEmbed;"] * 2
    assert len(list((tmp_path / "home" / "fairgate").iterdir())) == 1
