"""Files by path or by glob pattern, as users write them on the command line."""

import os
from glob import glob
from pathlib import Path


def matching(pattern: str) -> list[Path]:
    """Return the files and folders that a path or a pattern names, sorted; none if there are none.

    What exists under the very name is meant, whatever characters are in it: the file `a[1].csv`, and in the pattern
    `old [2025]/*.csv` the folder `old [2025]`.
    """
    if os.path.lexists(pattern):
        return [Path(pattern)]
    base, *rest = Path(pattern).parts or ("",)
    start = Path(base) if os.path.lexists(base) else Path()
    rest = rest if os.path.lexists(base) else [base, *rest]
    while rest and os.path.lexists(start / rest[0]):
        start /= rest.pop(0)
    return sorted(start / name for name in glob(os.path.join(*rest), root_dir=start, recursive=True)) if rest else []  # noqa: PTH118, PTH207  # Path.glob takes no `**` at the end
