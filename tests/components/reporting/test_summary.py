"""What DataGate and conversion counted, for the data sheet."""

import hashlib
from pathlib import Path

from components.reporting.summary import data_summary
from components.validation.decision import DataFacts, SplitFacts
from components.validation.facts import write
from data.conversion_report import REPORT_NAME, ConversionReport, SourceReport, SplitReport
from fairgate.counting.config import LabelSpec
from fairgate.report.data_summary import ListedFile, SplitCount

LABELS = LabelSpec("toxicity", ("harmless", "toxic"), "binary")


def written(folder: Path) -> tuple[str, str]:
    """Write facts and examples; return the folders of both."""
    splits = {
        "train": SplitFacts(5, {0.0: 3, 1.0: 2}, {}, 4, {"gender": 1}),
        "eval": SplitFacts(2, {0.0: 2}, {}, 2, None),
    }
    write(DataFacts(splits, shared_rows={"eval": 1}, absent_columns=("race:asian",)), folder / "facts")
    for split in splits:
        shard = folder / "examples" / f"Split-{split}" / f"{split}.gz"
        shard.parent.mkdir(parents=True)
        shard.write_bytes(split.encode())
    return str(folder / "facts"), str(folder / "examples")


def test_examples_that_nobody_converted_are_counted_by_the_gate(tmp_path: Path) -> None:
    found = data_summary(*written(tmp_path), LABELS)
    assert found.splits == {
        "train": SplitCount(rows=5, labels={"harmless": 3, "toxic": 2}, distinct=4, unannotated={"gender": 1}),
        "eval": SplitCount(rows=2, labels={"harmless": 2}, distinct=2, shared=1),
    }
    assert [(file.name, file.sha256) for file in found.files] == [
        (f"Split-{split}/{split}.gz", hashlib.sha256(split.encode()).hexdigest()) for split in ("train", "eval")
    ]
    assert (found.sources, found.rows_read, found.absent_columns) == ((), None, ("race:asian",))


def test_conversion_says_what_it_read_and_left_out(tmp_path: Path) -> None:
    facts, examples = written(tmp_path)
    train = SplitReport(5, 2, 1, {"gender": {"male": 3, "female": 1}}, {"gender": 1}, {"gender": {"male": 2}})
    source = SourceReport("folder/all.csv", "csv", "hash", "sha256:" + "0" * 64, 12)
    report = ConversionReport((source,), 12, 7, 1, 2, 0, {"train": train}, (), rows_removed=2)
    Path(examples, REPORT_NAME).write_text(report.to_json())
    found = data_summary(facts, examples, LABELS)
    assert found.sources == (ListedFile(name="all.csv", sha256="0" * 64, kind="csv", rows=12),)
    assert (found.rows_read, found.rows_empty, found.rows_malformed, found.rows_removed) == (12, 1, 2, 2)
    assert found.splits["train"].groups == {"gender:male": (3, 2), "gender:female": (1, 0)}
    assert found.splits["eval"].groups == {}


def test_groups_of_an_earlier_conversion_are_not_counted(tmp_path: Path) -> None:
    """It did not say how many of a group are toxic."""
    facts, examples = written(tmp_path)
    report = ConversionReport((), 5, 5, 0, 0, 0, {"train": SplitReport(5, 2, 1, {"gender": {"male": 3}})}, ())
    Path(examples, REPORT_NAME).write_text(report.to_json())
    assert data_summary(facts, examples, LABELS).splits["train"].groups == {}
