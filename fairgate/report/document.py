r"""Makes one self-contained HTML file: template, styles, scripts and data in one, and a policy that forbids everything else.

In: the name of a template, the payload for the page's script, values for the template. Out: HTML text.

Three things keep text from data inert: the template engine escapes it in HTML; in the payload `<`, `>` and `&` are written
    as \u003c, \u003e, \u0026, so that
no data can end the script element; and the page's Content-Security-Policy lets only the scripts run whose digests it names,
without `eval`.
"""

import base64
import functools
import hashlib
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from fairgate.report import vega
from fairgate.report.words import metric_words
from fairgate.text import printable

_ASSETS = Path(__file__).parent / "assets"
_PLACES = re.compile("[:_×]")
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def render(template: str, payload: Mapping[str, Any], **values: Any) -> str:
    """Fills a template of the assets folder.

    Args:
        template: file name; it extends layout.html.
        payload: becomes the JSON that page.js reads; plain values only, no NaN.
        values: for the template; every text among them is escaped and cleaned of control characters.
    """
    scripts = [vega.bundle(), (_ASSETS / "page.js").read_text(encoding="utf-8")]
    html = (
        templates()
        .get_template(template)
        .render(
            policy=_policy(scripts),
            styles=Markup((_ASSETS / "page.css").read_text(encoding="utf-8")),  # noqa: S704 — our own file
            scripts=[Markup(script) for script in scripts],  # noqa: S704 — our own file, and Vega's bundle
            payload=Markup(to_json(payload)),  # noqa: S704 — escaped by to_json
            **values,
        )
    )
    return html.encode("utf-8", "replace").decode("utf-8")


def to_json(payload: Mapping[str, Any]) -> str:
    """JSON that can stand inside a script element whatever text it holds.

    Raises:
        ValueError: a number is NaN or infinite.
    """
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escaped in _ESCAPES.items():
        text = text.replace(character, escaped)
    return text


def number(value: float | None, digits: int = 3) -> str:
    """A number for readers: "0.283", "1,204" for whole numbers from 10 on, "–" where it is undefined."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    whole = float(value).is_integer() and abs(value) >= 10
    return f"{round(value, digits) + 0.0:,.{0 if whole else digits}f}".replace("-", "−")  # + 0.0 makes one zero of the two


def signed(value: float | None, digits: int = 3) -> str:
    """A difference for readers: "+0.050", "−0.120", "±0.000"."""
    if value is None or math.isnan(value):
        return "–"
    size = number(abs(value), digits)
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{size}"


def unbroken(sentence: str) -> str:
    """The sentence with its numbers and units kept on one line: "95 %", "n = 544"."""
    return sentence.replace(" %", "\u00a0%").replace("n = ", "n\u00a0=\u00a0")


def breakable(name: str) -> Markup:
    """The name of a slice or feature, with places where a line may break."""
    return Markup(_PLACES.sub("\\g<0><wbr>", str(escape(printable(name)))))  # noqa: S704 — escaped


@functools.cache
def templates() -> jinja2.Environment:
    """The engine that fills the templates of the assets folder and escapes everything that it fills in."""
    engine = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_ASSETS),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    engine.filters.update(number=number, signed=signed, words=metric_words, unbroken=unbroken, breakable=breakable)
    return engine


def _policy(scripts: list[str]) -> str:
    digests = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {digests}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
