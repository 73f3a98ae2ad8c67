"""Read the true classes of images to predict on: one a line as names or numbers, the first column of a CSV, or IDX.

In: a file and the names of the classes. Out: int64[N], in the order of the file.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.images import idx
from data.opening import open_content, open_text
from fairgate.errors import InputError, os_reason
from fairgate.text import printable

_IDX_START = b"\0\0"
_HEADER = "label"


def load_labels(path: Path, classes: Sequence[str], count: int) -> NDArray[np.int64]:
    """Return the classes of `count` images by number, int64[count].

    Args:
        path: IDX; or text with one image a line, of which the first cell is the name of its class, in any case, or its number
            from 0; a first line "label" is a header, and blank lines are passed over.
        classes: their names.
        count: how many images there are.

    Raises:
        InputError: the file cannot be read, a label is none of the classes, or there are not as many labels as images.
    """
    try:
        with open_content(path) as file:
            is_idx = file.read(len(_IDX_START)) == _IDX_START
        labels = idx.read_labels(path, classes=len(classes)).astype(np.int64) if is_idx else _read_lines(path, classes)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({os_reason(error)}); name a file with one label a line") from None
    if len(labels) != count:
        raise InputError(f"{path}: {len(labels):,} labels for {count:,} images; give one label for each image, in their order")
    return labels


def _read_lines(path: Path, classes: Sequence[str]) -> NDArray[np.int64]:
    numbers = {str(number): number for number in range(len(classes))} | {
        name.casefold(): number for number, name in enumerate(classes)
    }
    labels: list[int] = []
    with open_text(path) as text:
        for line, written in enumerate(text, start=1):
            if "\0" in written:  # which Python's reader of CSV refuses before 3.11
                raise InputError(f"{path}: line {line:,} holds a NUL; write one label a line as text")
            cell = next(csv.reader([written.strip()]), [""])[0].strip() if written.strip() else ""
            if not cell or (cell.casefold() == _HEADER and not labels):
                continue
            if cell.casefold() not in numbers:
                known = ", ".join(classes)
                raise InputError(
                    f"{path}: line {line:,} is {printable(cell[:40])!r}, no class; give a number from 0 to {len(classes) - 1}, "
                    f"or one of {known}"
                )
            labels.append(numbers[cell.casefold()])
    return np.array(labels, np.int64)
