"""Prepare charts for places without Python: compile them to Vega, draw them as pictures, find the scripts that draw them.

In: Altair charts whose sources are names of tables. Out: Vega as plain values; an SVG address; JavaScript. vl-convert holds all
three programs (Vega-Lite's compiler, Vega, vega-embed) and needs neither browser nor network.
"""

import base64
import contextlib
import functools
import hashlib
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from fairgate.files import replace_text
from fairgate.report import theme
from fairgate.text import printable

# Text at the edge of a picture is measured in the font of this machine, and drawn in the reader's, which may be a sixth wider.
_MARGIN = {"left": 36, "right": 16, "top": 4, "bottom": 4}
_STYLE = "<style>svg{color:#1b1f24}@media(prefers-color-scheme:dark){svg{color:#e7eaee}}</style>"


def compiled(chart: alt.TopLevelMixin, width: int | str = "container") -> dict[str, Any]:
    """Compile a chart to Vega. This happens here, so that a page starts faster and shows what the tests have seen.

    Args:
        chart: its sources are names of tables.
        width: of the plot in pixels, or "container": as wide as its place.
    """
    spec = {**chart.to_dict(validate=False), "width": width, "config": theme.config()}
    vega: dict[str, Any] = vl_convert.vegalite_to_vega(spec)
    for mark in vega["marks"]:
        mark["aria"] = False  # the chart as a whole has a label, and tables hold the numbers
    return vega


def with_rows(spec: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Put the rows of its sources into a compiled chart."""
    sources = [
        {**source, "values": records(tables[source["name"]])} if source["name"] in tables else source for source in spec["data"]
    ]
    return {**spec, "data": sources}


def still(spec: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], width: int = theme.STATIC_WIDTH) -> str:
    """Draw a chart for where JavaScript does not run.

    Args:
        spec: as `compiled` gives it.
        tables: name of a source -> its rows.
        width: of the plot, in pixels, where the chart has none of its own.

    Returns:
        an SVG as "data:image/svg+xml;base64,…", which an <img> shows without ever running what is in it.
    """
    signals = [{"name": "width", "value": width} if signal["name"] == "width" else signal for signal in spec.get("signals", [])]
    svg = vl_convert.vega_to_svg({**with_rows(spec, tables), "signals": signals, "padding": _MARGIN}, allowed_base_urls=[])
    head, mark, rest = svg.partition(">")
    return "data:image/svg+xml;base64," + base64.b64encode(f"{head}{mark}{_STYLE}{rest}".encode()).decode()


@functools.cache
def bundle() -> str:
    """Return the script that defines `vegaEmbed`: Vega, Vega-Lite and vega-embed in one."""
    return f"(() => {{{_bundled('window.vegaEmbed = vegaEmbed;')}}})();"


def _bundled(snippet: str) -> str:
    """Return the libraries with a snippet that uses them.

    Bundling takes seconds, so the result is kept in the user's cache folder: a file for each snippet and version of vl-convert.
    """
    name = f"vega-{version('vl-convert-python')}-{hashlib.sha256(snippet.encode()).hexdigest()[:12]}.js"
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser(), "fairgate", name)
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return kept.read_text(encoding="utf-8")
    script: str = vl_convert.javascript_bundle(snippet)
    with contextlib.suppress(OSError):  # a cache folder that cannot be written only costs the seconds again
        kept.parent.mkdir(parents=True, exist_ok=True)
        replace_text(kept, script)
    return script


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain Python values; what is missing or not finite becomes None."""
    columns = {str(name): [_plain(value) for value in table[name].tolist()] for name in table.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, str):
        return printable(value)  # measuring a text with a control character aborts vl-convert's whole process
    return [str(item) for item in value] if hasattr(value, "tolist") else value
