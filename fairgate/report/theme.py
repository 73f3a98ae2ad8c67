"""How every chart looks: a palette that colour-blind readers can distinguish (Okabe and Ito 2008), and the page's own colours.

Text and lines take the page's own colour (`currentColor`), so that one chart reads in dark, in light and on paper.
"""

from typing import Any

from fairgate.names import BASELINE, CANDIDATE

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
GREY = "#8a8f96"
MODELS = ([BASELINE, CANDIDATE], [GREY, BLUE])
CLASSES = [VERMILLION, GREEN, "#56B4E9", "#E69F00", "#CC79A7", BLUE, "#B8A800", GREY, "#7f5539", "#6a4c93"]
LOW_TO_HIGH = ["#56B4E9", "#f4f4f4", "#E69F00"]
AMOUNT = ["#eef4f8", "#56B4E9"]

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
STATIC_WIDTH = 640  # pixels of a picture; a chart in the page is as wide as its column


def config() -> dict[str, Any]:
    """Return the Vega-Lite configuration of every chart."""
    text = {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12, "titleFontSize": 12}
    return {
        "font": FONT,
        "background": None,
        "padding": 4,
        "view": {"stroke": None},
        "axis": {
            **text,
            "titleFontWeight": "normal",
            "titlePadding": 8,
            "labelLimit": 220,
            "gridColor": "currentColor",
            "gridOpacity": 0.12,
            "domainColor": "currentColor",
            "domainOpacity": 0.3,
            "tickColor": "currentColor",
            "tickOpacity": 0.3,
        },
        "axisQuantitative": {"tickCount": 7, "labelOverlap": "greedy", "labelSeparation": 8},
        "axisBand": {"grid": False, "domain": False, "ticks": False},
        "legend": {
            **text,
            "titleFontWeight": "normal",
            "orient": "top",
            "symbolSize": 90,
            "symbolOpacity": 1,
            "offset": 8,
            "labelLimit": 200,
            "layout": {"top": {"direction": "vertical", "margin": 6}},  # side by side, two legends would not fit a phone
        },
        "text": {"color": "currentColor", "fontSize": 12},
        "rule": {"color": "currentColor"},
        "mark": {"aria": False},
        "aria": False,
    }
