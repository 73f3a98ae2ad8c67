r"""Make one self-contained HTML file: template, styles, scripts and data in one, and a policy that forbids everything else.

In: a template, the payload for the page's script, values for the template. Out: HTML text.

Three things keep text from data inert: the template engine escapes it in HTML; in the payload `<`, `>` and `&` are written as
\u003c, \u003e, \u0026, so that no data can end the script element; and the page's Content-Security-Policy lets only the scripts
run whose digests it names, without `eval`.
"""

import base64
import contextlib
import functools
import hashlib
import importlib.util
import json
import math
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import numpy.typing as npt
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from fairgate.frame import Frame, Tabular, Values, is_text
from fairgate.metrics.words import metric_words
from fairgate.report import vega
from fairgate.text import printable

_ASSETS = Path(__file__).parent / "assets"
_MACROS = '{% from "macros.html" import chart, range, scrolling, badge, class_pictures with context %}\n'
_PARTS = jinja2.DictLoader({})  # digest -> text of a part of a page
_DIGITS = 7  # significant digits of a value in a page; the exact numbers are in metrics.parquet
_FEW_DIGITS = 4  # of interval ends and comparisons, which are only drawn and shown with three decimals
_LONG = 1e15
_COARSE = ("low", "high", "_to_overall", "_to_rest")
_PLACES = re.compile("[:_×]")
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def render(template: str, payload: Mapping[str, Any], **values: Any) -> str:
    """Return a whole page: a template of the assets folder, filled.

    Args:
        template: file name; it extends layout.html.
        payload: becomes the JSON that page.js reads; plain values only, no NaN.
        values: for the template; every text among them is escaped and cleaned of control characters.
    """
    scripts = [vega.script(), (_ASSETS / "page.js").read_text(encoding="utf-8")]
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


def fill(text: str, **values: Any) -> Markup:
    """Return a part of a page: the text of a template, filled; it may use the macros of `assets/macros.html`."""
    return Markup(_parsed(text).render(**values))  # noqa: S704 — escaped by the template


def to_json(payload: Mapping[str, Any]) -> str:
    """Return JSON that can stand inside a script element whatever text it holds.

    Raises:
        ValueError: a number is NaN or infinite.
    """
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escaped in _ESCAPES.items():
        text = text.replace(character, escaped)
    return text


def columnar(table: Tabular) -> dict[str, Any]:
    """Return the table as plain lists, small enough to embed in a page.

    A column of text becomes {"values": distinct texts, "codes": index per row, -1 for missing}; a column of lists of text
    becomes {"values", "lists": lists of indices}. Numbers keep 7 significant digits, ends of intervals, differences and ratios 4;
    what is not finite becomes None.
    """
    frame = Frame.of(table)
    return {"rows": len(frame), "columns": {name: _column(name, column) for name, column in frame.columns.items()}}


def _column(name: str, column: Values) -> Any:
    if not is_text(column):
        digits = _FEW_DIGITS if name.endswith(_COARSE) else _DIGITS
        return column.tolist() if column.dtype.kind == "b" else _rounded(column.astype(np.float64), digits)
    if len(column) and isinstance(column[0], (list, tuple, np.ndarray)):
        values, codes = _codes(name for names in column for name in names)
        return {"values": values, "lists": [[codes[name] for name in names] for names in column]}
    listed = column.tolist()
    values, codes = _codes(value for value in dict.fromkeys(listed) if isinstance(value, str))
    return {"values": values, "codes": [codes.get(value, -1) for value in listed]}


def _codes(names: Iterable[str]) -> tuple[list[str], dict[str, int]]:
    codes: dict[str, int] = {}
    for name in names:
        codes.setdefault(name, len(codes))
    return list(codes), codes


def _rounded(column: npt.NDArray[np.float64], digits: int) -> list[float | int | None]:
    """Return numbers of so many significant digits; whole ones as integers, None for what is not finite."""
    finite, size = np.isfinite(column), np.abs(column)
    plain = finite & (size < _LONG) & (size > 1 / _LONG)  # the powers of ten that these are scaled by are exact
    places = digits - 1 - np.floor(np.log10(size, where=plain, out=np.zeros_like(size))).astype(np.int64)
    up, down = 10.0 ** np.maximum(places, 0), 10.0 ** np.maximum(-places, 0)
    found = np.rint(np.where(plain, column, 0.0) / down * up) / up * down
    found[finite & ~plain] = [float(f"{value:.{digits}g}") for value in column[finite & ~plain].tolist()]
    shown: list[float | int | None] = found.tolist()
    for at in np.flatnonzero((found == np.rint(found)) & (np.abs(found) < _LONG)).tolist():
        shown[at] = int(found[at])
    for at in np.flatnonzero(~finite).tolist():
        shown[at] = None
    return shown


def number(value: float | None, digits: int = 3) -> str:
    """Write a number for readers: "0.283", "1,204" for whole numbers from 10 on, "–" where it is undefined."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    whole = float(value).is_integer() and abs(value) >= 10
    return f"{round(value, digits) + 0.0:,.{0 if whole else digits}f}".replace("-", "−")  # + 0.0 makes one zero of the two


def signed(value: float | None, digits: int = 3) -> str:
    """Write a difference for readers: "+0.050", "−0.120", "±0.000"."""
    if value is None or math.isnan(value):
        return "–"
    size = number(abs(value), digits)
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{size}"


def unbroken(sentence: str) -> str:
    """Keep the numbers and units of a sentence on one line: "95 %", "n = 544"."""
    return sentence.replace(" %", "\u00a0%").replace("n = ", "n\u00a0=\u00a0")


def breakable(name: str) -> Markup:
    """Mark where a line may break in the name of a slice or feature."""
    return Markup(_PLACES.sub("\\g<0><wbr>", str(escape(printable(name)))))  # noqa: S704 — escaped


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """Keeps compiled templates where Python keeps compiled modules, and where it may: compiling takes longer than filling."""

    def __init__(self) -> None:
        """Take the folder of this module's own compiled code, which no list of the project's files includes."""
        super().__init__(str(Path(importlib.util.cache_from_source(__file__)).parent))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store a template, unless PYTHONDONTWRITEBYTECODE forbids it, or somebody else owns the folder, or the disk is full."""
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                Path(self.directory).mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)


@functools.cache
def templates() -> jinja2.Environment:
    """Return the engine that fills templates and escapes everything that it fills in."""
    engine = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.FileSystemLoader(_ASSETS), _PARTS]),
        bytecode_cache=CompiledTemplates(),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    engine.filters.update(number=number, signed=signed, words=metric_words, unbroken=unbroken, breakable=breakable)
    return engine


@functools.cache
def _parsed(text: str) -> jinja2.Template:
    name = hashlib.sha256(text.encode()).hexdigest()
    _PARTS.mapping = {**_PARTS.mapping, name: _MACROS + text}
    return templates().get_template(name)


def _policy(scripts: list[str]) -> str:
    digests = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {digests}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
