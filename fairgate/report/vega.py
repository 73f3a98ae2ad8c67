"""Fill charts that were compiled ahead, draw them as pictures, find the script that draws them in a browser.

In: a `Chart`, the rows of its sources. Out: Vega as plain values; an SVG address; JavaScript. `make charts` writes the files in
assets/charts that this reads. vl-convert holds the programs: that which draws a picture, and the script of the browser, which is
taken from it once and kept in the user's cache folder.
"""

import base64
import contextlib
import functools
import hashlib
import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fairgate.files import replace_text
from fairgate.frame import Frame, Tabular
from fairgate.report import theme
from fairgate.report.charts import Chart
from fairgate.text import printable

CHARTS = Path(__file__).parent / "assets" / "charts"
GAP = "⟦{}⟧"  # what stands in a compiled chart for a value that is no parameter of Vega
_CONTROLS = {"by": "order by"}  # signal -> what its control is called
# Text at the edge of a picture is measured in the font of this machine, and drawn in the reader's, which may be a sixth wider.
_MARGIN = {"left": 36, "right": 16, "top": 4, "bottom": 4}
_STYLE = "<style>svg{color:#1b1f24}@media(prefers-color-scheme:dark){svg{color:#e7eaee}}</style>"


def filled(chart: Chart, width: int | None = None) -> dict[str, Any]:
    """Return a compiled chart with its values: those of its signals, and those that stand in its gaps.

    Args:
        chart: by its name.
        width: of the plot in pixels; None for as wide as its place.
    """
    spec: dict[str, Any] = _with_values(_read(chart.name), {GAP.format(name): value for name, value in chart.values.items()})
    found = with_signals(spec, chart.values)
    return found if width is None else _with_width(found, width)


def with_signals(spec: Mapping[str, Any], values: Mapping[str, Any], choices: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a chart with other values of its signals, and with controls for some of them.

    Args:
        spec: as `filled` gives it.
        values: name of a signal -> its value; the chart may lack some.
        choices: name of a signal -> the values of its control.
    """
    signals = []
    for item in spec["signals"]:
        name = item["name"]
        value = {"value": values[name]} if name in values else {}
        control = (
            {"bind": {"input": "select", "options": choices[name], "name": f"{_CONTROLS.get(name, name)} "}}
            if choices and name in choices
            else {}
        )
        signals.append({**item, **value, **control})
    return {**spec, "signals": signals}


def with_rows(spec: Mapping[str, Any], tables: Mapping[str, Tabular]) -> dict[str, Any]:
    """Put the rows of its sources into a chart."""
    sources = [
        {**source, "values": records(tables[source["name"]])} if source["name"] in tables else source for source in spec["data"]
    ]
    return {**spec, "data": sources}


def still(spec: Mapping[str, Any], tables: Mapping[str, Tabular], width: int = theme.STATIC_WIDTH) -> str:
    """Draw a chart for where JavaScript does not run.

    Args:
        spec: as `filled` gives it.
        tables: name of a source -> its rows.
        width: of the plot, in pixels, where the chart has none of its own.

    Returns:
        an SVG as "data:image/svg+xml;base64,…", which an <img> shows without ever running what is in it.
    """
    import vl_convert  # here, because it costs 0.1 s and 100 MB, and a page without pictures does not need it

    signals = [{"name": "width", "value": width} if signal["name"] == "width" else signal for signal in spec.get("signals", [])]
    svg = vl_convert.vega_to_svg({**with_rows(spec, tables), "signals": signals, "padding": _MARGIN}, allowed_base_urls=[])
    head, mark, rest = svg.partition(">")
    return "data:image/svg+xml;base64," + base64.b64encode(f"{head}{mark}{_STYLE}{rest}".encode()).decode()


@functools.cache
def script() -> str:
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
    import vl_convert  # here, for the same reason as above

    made: str = vl_convert.javascript_bundle(snippet)
    with contextlib.suppress(OSError):  # a cache folder that cannot be written only costs the seconds again
        kept.parent.mkdir(parents=True, exist_ok=True)
        replace_text(kept, made)
    return made


def records(table: Tabular) -> list[dict[str, Any]]:
    """Return rows as plain Python values; what is missing or not finite becomes None."""
    columns = {name: [_plain(value) for value in column.tolist()] for name, column in Frame.of(table).columns.items()}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


@functools.cache
def _read(name: str) -> Any:
    return json.loads((CHARTS / f"{name}.json").read_text(encoding="utf-8"))


def _with_values(node: Any, values: Mapping[str, Any]) -> Any:
    """Return a copy in which each gap has its value; a list that holds a gap alone becomes the value."""
    if isinstance(node, dict):
        return {key: _with_values(item, values) for key, item in node.items()}
    if isinstance(node, list):
        alone = len(node) == 1 and isinstance(node[0], str) and node[0] in values
        return values[node[0]] if alone else [_with_values(item, values) for item in node]
    if isinstance(node, str) and GAP[0] in node:
        if node in values:
            return values[node]
        for name, value in values.items():
            node = node.replace(name, str(value))
    return node


def _with_width(spec: Mapping[str, Any], width: int) -> dict[str, Any]:
    kept = {key: item for key, item in spec.items() if key != "autosize"}
    return {**kept, "width": width, "signals": [item for item in spec["signals"] if item["name"] != "width"]}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, str):
        return printable(value)  # measuring a text with a control character aborts vl-convert's whole process
    return [str(item) for item in value] if hasattr(value, "tolist") else value
