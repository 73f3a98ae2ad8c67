"""Say what a table of predictions holds: how many examples of which class, and in which files.

In: its counts. Out: the `DataSummary` that data sheet and checklist read.
"""

from collections.abc import Mapping
from pathlib import PurePath

from fairgate.judging.counting import CountedTable
from fairgate.names import CANDIDATE, CLASS, EVAL, OVERALL, place
from fairgate.report.data_summary import DataSummary, ListedFile, SplitCount
from fairgate.text import printable


def clusters_said(cluster: str | None, empty: int = 0) -> str:
    """Return the sentence on the column of --cluster, and one on its empty cells if there are any; "" without such a column."""
    if not cluster:
        return ""
    said = f"Intervals take clusters of {printable(cluster)} into account: its examples are not independent."
    return f"{said} Its empty cells ({empty:,}) count as one cluster." if empty else said


def data_summary(counted: CountedTable, digests: Mapping[str, str], cluster: str | None = None) -> DataSummary:
    """Return the rows by class, the files, and how the rows were taken.

    Args:
        counted: the table.
        digests: path of a file -> "sha256:…".
        cluster: column that is equal for examples that are not independent.
    """
    files = [
        ListedFile(name=PurePath(path).name, sha256=digest.removeprefix("sha256:"), kind=PurePath(path).suffix.lstrip("."))
        for path, digest in digests.items()
    ]
    split = SplitCount(rows=counted.rows, labels=_labels(counted))
    said = clusters_said(cluster, counted.empty_clusters)
    return DataSummary(splits={EVAL: split}, files=tuple(files), statements=(said,) if said else ())


def _labels(counted: CountedTable) -> dict[str, int]:
    """Return class -> examples, those of a binary label as "negative" and "positive"."""
    if "labels" in counted.lacking:
        return {}
    slices = counted.evaluation.models[CANDIDATE]
    whole = slices[OVERALL]
    if whole.n_negative is not None and whole.n_positive is not None:
        return {"negative": whole.n_negative, "positive": whole.n_positive}
    classes = {name: place(CLASS, name) for name in counted.detail.settings.classes}
    omitted = counted.evaluation.omitted
    return {name: slices[where].n if where in slices else omitted.get(where, 0) for name, where in classes.items()}
