"""Still pictures of charts, drawn without a browser: what a page shows where JavaScript does not run. Needs vl-convert, no network.

In: an Altair chart and the tables that it names. Out: an SVG as a `data:` address, which an <img> shows without ever running what is in it.
"""

import base64
from collections.abc import Mapping
from typing import Any

import pandas as pd
import vl_convert

from components.report import theme

_STYLE = "<style>svg{color:#1b1f24}@media(prefers-color-scheme:dark){svg{color:#e7eaee}}</style>"


def address(spec: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], width: int = theme.STATIC_WIDTH) -> str:
    """Draws a chart.

    Args:
        spec: Vega-Lite, as `Chart.to_dict` gives it, with named sources.
        tables: name of a source -> its rows.
        width: of the plot, in pixels.

    Returns:
        "data:image/svg+xml;base64,…"
    """
    rows = {name: _records(table) for name, table in tables.items()}
    svg = vl_convert.vegalite_to_svg({**spec, "width": width, "datasets": rows, "config": theme.config()}, allowed_base_urls=[])
    head, mark, rest = svg.partition(">")
    return "data:image/svg+xml;base64," + base64.b64encode(f"{head}{mark}{_STYLE}{rest}".encode()).decode()


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain Python values; what is missing or not finite becomes None."""
    columns = {str(name): [_plain(value) for value in table[name].tolist()] for name in table.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    return [str(item) for item in value] if hasattr(value, "tolist") else value
