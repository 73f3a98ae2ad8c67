"""Write the API reference of the library as HTML, with pdoc: every public name of `fairgate`.

In: the docstrings. Out: FOLDER/index.html and FOLDER/fairgate.html. A warning of pdoc, such as that of a name that it cannot
resolve, is an error.

    .venv/bin/python scripts/api.py [FOLDER]        # default runs/api; a few seconds
"""

import sys
import warnings
from pathlib import Path

import pdoc

import fairgate

FOLDER = Path(__file__).resolve().parents[1] / "runs" / "api"


def write(folder: Path) -> Path:
    """Write the reference, and return its page.

    Args:
        folder: is made.

    Raises:
        Warning: pdoc could not document something.
    """
    for name in fairgate.__all__:  # they are imported when they are first used; pdoc looks for what is there
        setattr(fairgate, name, getattr(fairgate, name))
    pdoc.render.configure(docformat="google", search=False)
    with warnings.catch_warnings():
        for kind in (UserWarning, RuntimeWarning):  # the kinds that pdoc gives
            warnings.simplefilter("error", kind)
        pdoc.pdoc("fairgate", r"!fairgate\..+", output_directory=folder)
    return folder / "fairgate.html"


if __name__ == "__main__":
    print(write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
