"""Run the code of a notebook, or of a script, as one program: plain Python, without IPython or a kernel.

In: the file. Out: what it prints; the exit code is 1 where a cell raises.

    env/bin/python -I scripts/run_cells.py notebooks/tutorial.ipynb
"""

import json
import sys
from pathlib import Path


def code_of(file: Path) -> list[str]:
    """Return the code cells of a notebook, or the whole of another file."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".ipynb":
        return [text]
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]


def main(file: Path) -> None:
    """Run every cell in one namespace."""
    names = {"__name__": "__main__"}
    for number, code in enumerate(code_of(file), 1):
        exec(compile(code, f"{file.name}, cell {number}", "exec"), names)  # noqa: S102  # a file of this repository


if __name__ == "__main__":
    main(Path(sys.argv[1]))
