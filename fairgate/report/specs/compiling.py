"""Compile charts to Vega, and write all of them as files of the package.

    python -m fairgate.report.specs.compiling      # make charts

In: Altair charts whose sources are names of tables. Out: assets/charts/NAME.json. vl-convert holds Vega-Lite's compiler, and
needs neither browser nor network.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from fairgate.files import replace_text
from fairgate.report import theme, vega
from fairgate.report.specs.catalogue import CHARTS


def compiled(chart: alt.TopLevelMixin, width: int | str = "container") -> dict[str, Any]:
    """Compile a chart to Vega. This happens before a page is opened, so that it starts faster and shows what the tests have seen.

    Args:
        chart: its sources are names of tables.
        width: of the plot in pixels, or "container": as wide as its place.
    """
    spec = {**chart.to_dict(validate=False), "width": width, "config": theme.config()}
    found: dict[str, Any] = vl_convert.vegalite_to_vega(spec)
    for mark in found["marks"]:
        mark["aria"] = False  # the chart as a whole has a label, and tables hold the numbers
    return found


def files() -> Iterator[tuple[Path, str]]:
    """Yield path and text of each compiled chart."""
    for name, make in CHARTS.items():
        yield vega.CHARTS / f"{name}.json", json.dumps(compiled(make()), ensure_ascii=False, indent=1) + "\n"


def write() -> None:
    """Write all files, each to a temporary name that is then renamed, and remove compiled charts that are no more."""
    texts = dict(files())
    vega.CHARTS.mkdir(exist_ok=True)
    for path, text in texts.items():
        replace_text(path, text)
    for path in set(vega.CHARTS.glob("*.json")) - texts.keys():
        path.unlink()


if __name__ == "__main__":
    write()
