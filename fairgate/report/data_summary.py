"""What a run counted in its data, as plain values beside the tables of a report; a part of facts.json."""

from pydantic import BaseModel, ConfigDict


class DataCount(BaseModel):
    """Frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ListedFile(DataCount):
    """A file that the examples come from.

    Attributes:
        name: without its folder.
        sha256: 64 hexadecimal digits.
        kind: "csv", "tfrecord".
        rows: read from it.
    """

    name: str
    sha256: str
    kind: str
    rows: int | None = None


class SplitCount(DataCount):
    """What was counted in one split.

    Attributes:
        rows: examples.
        labels: class -> examples.
        distinct: examples that differ in their content; None where no feature is compared.
        shared: examples whose content also stands in a split that chose or trained; None for the training split.
        unannotated: slice feature -> examples of which the source does not say what group they are about; empty where no
            conversion counted them.
        groups: slice -> (examples, examples of the positive class); empty where no conversion counted them.
    """

    rows: int
    labels: dict[str, int] = {}
    distinct: int | None = None
    shared: int | None = None
    unannotated: dict[str, int] = {}
    groups: dict[str, tuple[int, int]] = {}


class DataSummary(DataCount):
    """What was counted in the data of a run.

    Attributes:
        splits: name -> its counts.
        files: the files of the examples that the models saw.
        sources: the files that these were converted from; empty where nothing was converted.
        rows_read, rows_empty, rows_malformed, rows_removed: of the conversion: read, dropped without text, set aside as
            malformed, removed from training because eval has their text; None where nothing was converted.
        statements: how labels and columns were read, in sentences.
        absent_columns: known groups for which the source has no column.
    """

    splits: dict[str, SplitCount] = {}
    files: tuple[ListedFile, ...] = ()
    sources: tuple[ListedFile, ...] = ()
    rows_read: int | None = None
    rows_empty: int | None = None
    rows_malformed: int | None = None
    rows_removed: int | None = None
    statements: tuple[str, ...] = ()
    absent_columns: tuple[str, ...] = ()
