"""Get the examples of a table ready for the graph, with the counts that a conversion reports."""

from collections.abc import Sequence
from pathlib import Path

from components.tasks.base import Preparation, Prepared
from data.conversion_report import REPORT_NAME, ConversionReport, SplitReport
from data.folders import whole_folder
from data.records import write_split
from fairgate.files import file_digest
from fairgate.names import EVAL, TRAIN
from scripted.config import ScriptedInput
from scripted.table import TRAIN_ROWS, Table


def prepare(request: Preparation) -> Prepared:
    """Write the examples of the table, or find those of an earlier run."""
    if not isinstance(request.input, ScriptedInput):
        raise TypeError(f"not of this task: {type(request.input).__name__}")
    path, classes = Path(request.input.table), request.input.classes
    folder = request.folder("examples", "scripted", {"table": file_digest(path), "classes": classes})
    if not folder.exists():
        table = Table.read(path)
        with whole_folder(folder) as fresh:
            write_split(fresh, TRAIN, table.train_examples(classes))
            write_split(fresh, EVAL, table.examples())
            (fresh / REPORT_NAME).write_text(report(table.rows).to_json(), encoding="utf-8")
    return Prepared(folder, request.training, "a table that a test made", generated=True)


def report(rows: Sequence[int]) -> ConversionReport:
    """Return what a conversion would report of examples with these rows."""
    splits = {
        TRAIN: SplitReport(TRAIN_ROWS, positive=0, duplicates=0, identities={}),
        EVAL: SplitReport(len(rows), positive=0, duplicates=len(rows) - len(set(rows)), identities={}),
    }
    read = TRAIN_ROWS + len(rows)
    return ConversionReport((), read, read, 0, 0, shared_rows=0, splits=splits, warnings=())
