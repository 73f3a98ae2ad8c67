"""Run notebooks of this project from top to bottom and write them with their outputs, ready to be committed.

In: notebooks/NAME.ipynb, and FAIRGATE_ROOT where a notebook shows another run than its default. Out: the same files.
What belongs to one machine or one moment is taken out: paths, times, run ids, what libraries write to stderr.
Charts are kept as pictures.

    .venv/bin/python scripts/notebooks.py first_steps
"""

import base64
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import vl_convert
from PIL import Image

PROJECT = Path(__file__).resolve().parents[1]
FOLDER = PROJECT / "notebooks"
# Bytes of a notebook with its outputs. Together they must stay a small part of a clone.
LARGEST = 300_000
# Characters of an SVG picture. A larger one, mostly points, is smaller as PNG.
LARGEST_SVG = 40_000
COLOURS = 256
# Interactive forms of a chart, with all its rows: drawn again by whoever runs the notebook.
INTERACTIVE = ("application/vnd.vega.v5+json",)
# A widget has no other form than a long line of its values.
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
MOMENTS = {
    re.compile(r"\b\d{8}T\d{6}Z(?:-\d+)?\b"): "(run id)",
    re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"): "(time)",
    re.compile(r"(?<=>)\d\d:\d\d(?::\d\d)?(?: [AP]M)?(?=<)"): "(time)",  # the axis of a chart
}
# What only a machine knows. Not looked for in pictures: base64 may spell anything.
OF_A_MACHINE = [
    ("an absolute path", re.compile(r"(?<![\w.:/<-])/(?:home|tmp|root|work|usr|var|opt|mnt|srv|private|Users)/[\w.]+")),
    ("an address in memory", re.compile(r"\b0x[0-9a-f]{8,}")),
    *((f"a moment, {word}", pattern) for pattern, word in MOMENTS.items()),
]
PICTURE = re.compile(r"data:image/[\w+]+;base64,[\w+/=]+")


def executed(notebook: Any, root: str | None = None) -> Any:
    """Run all cells of a notebook, in the folder of the notebooks.

    Args:
        notebook: a notebook as nbformat reads it; changed in place.
        root: the run's root folder, which FAIRGATE_ROOT tells the notebook; its own default when it is not given.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    place = {"metadata": {"path": str(FOLDER)}}
    environment = {**os.environ, "JUPYTER_PLATFORM_DIRS": "1", **({"FAIRGATE_ROOT": root} if root else {})}
    client = nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources=place, record_timing=False)
    client.execute(env=environment)
    return notebook


def stripped(notebook: Any, folders: dict[str, str]) -> Any:
    """Take out what belongs to one machine or one moment, and give cells and outputs the same form in every run.

    Args:
        notebook: an executed notebook; changed in place.
        folders: path -> what stands for it.
    """
    notebook.metadata = nbformat.from_dict(METADATA)  # type: ignore[no-untyped-call]
    for position, cell in enumerate(notebook.cells):
        cell.update(id=f"cell-{position:02}", metadata={})
        if cell.cell_type == "code":
            cell.outputs = [
                output for output in cell.outputs if output.get("name") != "stderr" and WIDGET not in output.get("data", {})
            ]
        for output in cell.get("outputs", []):
            output.pop("metadata", None)
            if "text" in output:
                output.text = _plain(output.text, folders)
            if "data" in output:
                output.update(data=_kept(output.data, folders), metadata={})
    return notebook


def _kept(forms: dict[str, Any], folders: dict[str, str]) -> dict[str, Any]:
    kept = {kind: _plain(form, folders) for kind, form in forms.items() if kind not in INTERACTIVE}
    svg = kept.get("image/svg+xml", "")
    if len(svg) > LARGEST_SVG:
        del kept["image/svg+xml"]
        kept["image/png"] = _png(svg)
    return kept


def _png(svg: str) -> str:
    """Return a chart as base64 PNG of few colours, which a chart has anyway: a sixth of the bytes."""
    # On white, as text and lines are dark. vl-convert gives translucent marks without a background another hue.
    on_white = svg.replace(">", '><rect width="100%" height="100%" fill="white"/>', 1)
    picture = Image.open(io.BytesIO(vl_convert.svg_to_png(on_white, scale=1.5))).convert("RGB").quantize(COLOURS)
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return base64.b64encode(written.getvalue()).decode()


def _plain(form: Any, folders: dict[str, str]) -> Any:
    if not isinstance(form, str):
        return form
    for path, word in folders.items():
        form = form.replace(path, word)
    for pattern, word in MOMENTS.items():
        form = pattern.sub(word, form)
    return form


def complaints(notebook: Any) -> Iterator[str]:
    """Yield why a notebook cannot be committed; nothing if it can."""
    text = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    if len(text.encode()) >= LARGEST:
        yield f"it has {len(text.encode()):,} bytes, the limit is {LARGEST:,}: show fewer rows, or smaller charts"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)) or not any(cell.outputs for cell in code):
        yield "it was not run from top to bottom"
    for cell in code:
        shown = PICTURE.sub("", "\n".join(_texts(cell.outputs)))
        for what, pattern in OF_A_MACHINE:
            if hit := pattern.search(shown):
                yield f"the output of {cell.id} holds {what}: {hit[0]!r}"


def _texts(outputs: list[Any]) -> Iterator[str]:
    for output in outputs:
        forms = {"text/plain": output.text} if "text" in output else output.get("data", {})
        for kind, form in forms.items():
            if kind not in ("image/png", "image/jpeg"):
                yield form if isinstance(form, str) else str(form)


def main(names: list[str]) -> int:
    """Write the named notebooks, all when none is named; return 1 if one cannot be committed.

    A notebook with a complaint is left as it was.
    """
    root = os.environ.get("FAIRGATE_ROOT")
    if root and len(names) != 1:
        print("FAIRGATE_ROOT names one run, so name one notebook: make notebooks NAME=inspect FAIRGATE_ROOT=runs/civil-comments")
        return 1
    root = root and str(Path(root).absolute())
    folders = {**({root: "(root)", str(Path(root).resolve()): "(root)"} if root else {}), str(PROJECT): "(project)"}
    failed = 0
    for path in [FOLDER / f"{name}.ipynb" for name in names] or sorted(FOLDER.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        stripped(executed(notebook, root), folders)
        wrong = list(complaints(notebook))
        if not wrong:
            nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
        failed |= bool(wrong)
        print(path.name, "not written: " + "; ".join(wrong) if wrong else f"{path.stat().st_size:,} bytes")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
