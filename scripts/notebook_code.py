"""Print the code of a notebook, or of a script, as one program of plain Python, which runs without IPython or a kernel.

In: the file. Out: its code.

    env/bin/python scripts/notebook_code.py notebooks/tutorial.ipynb | env/bin/python -I -
"""

import json
import sys
from pathlib import Path


def code_of(file: Path) -> str:
    """Return the code cells of a notebook one below the other, or the whole of another file."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


if __name__ == "__main__":
    print(code_of(Path(sys.argv[1])))
