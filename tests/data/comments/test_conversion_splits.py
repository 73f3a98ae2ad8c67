"""The split "validation": when there is one, which rows it takes, and what it leaves as it was."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from data.comments import conversion_splits
from data.comments.conversion import ConversionOptions, ConversionReport, Sources, convert
from data.comments.conversion_blocks import TextHash
from data.records import read_records
from fairgate.errors import InputError
from tests.reading import decode_comment

TABLE = [[f"text {i % 900}", f"{i % 11 / 10}", f"{i % 2}"] for i in range(1000)]  # a hundred texts twice


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A train of 500 rows can spare some."""
    monkeypatch.setattr(conversion_splits, "LEAST_TRAIN_ROWS", 500)


def write_csv(path: Path, rows: Sequence[Sequence[str]], *columns: str) -> str:
    """A CSV file; returns its name."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["comment_text", "target", "male", *columns], *rows])
    return str(path)


def texts(folder: Path, split: str) -> list[str]:
    """The texts of a split in their order."""
    paths = sorted((folder / f"Split-{split}").glob("*"))
    return [decode_comment(record).text for path in paths for record in read_records(path)]


def content(folder: Path, split: str) -> list[bytes]:
    """The bytes of a split's files."""
    return [path.read_bytes() for path in sorted((folder / f"Split-{split}").glob("*"))]


def converted(folder: Path, sources: Sources, validation_fraction: float = 0.1) -> ConversionReport:
    return convert(sources, folder, options=ConversionOptions(validation_fraction=validation_fraction))


def counts(report: ConversionReport) -> dict[str, tuple[int, int]]:
    """Split -> rows and duplicates."""
    return {name: (split.rows, split.duplicates) for name, split in report.splits.items()}


def test_a_tenth_of_all_rows_leaves_train_and_no_row_leaves_eval(tmp_path: Path) -> None:
    sources = Sources((write_csv(tmp_path / "a.csv", TABLE),))
    report, before = converted(tmp_path / "three", sources), converted(tmp_path / "two", sources, 0.0)
    assert counts(report) == {"train": (671, 64), "validation": (108, 12), "eval": (221, 24)}
    assert counts(before) == {"train": (779, 76), "eval": (221, 24)}
    assert content(tmp_path / "three", "eval") == content(tmp_path / "two", "eval")
    train, validation = texts(tmp_path / "three", "train"), texts(tmp_path / "three", "validation")
    whole = texts(tmp_path / "two", "train")
    chosen = set(validation)
    assert train == [text for text in whole if text not in chosen]
    assert validation == [text for text in whole if text in chosen]
    assert (report.shared_rows, report.validation_fraction, report.seed) == (0, 0.1, 0)
    assert before.validation_fraction is None
    assert ConversionReport.read(tmp_path / "three") == report


def test_what_is_counted_of_train_is_counted_of_both(tmp_path: Path) -> None:
    sources = Sources((write_csv(tmp_path / "a.csv", TABLE),))
    three, two = converted(tmp_path / "three", sources).splits, converted(tmp_path / "two", sources, 0.0).splits
    train, validation, whole = three["train"], three["validation"], two["train"]
    assert (whole.positive, whole.identities["gender"]["male"], whole.toxic["gender"]["male"]) == (425, 386, 207)
    assert train.positive + validation.positive == 425
    assert train.identities["gender"]["male"] + validation.identities["gender"]["male"] == 386
    assert train.toxic["gender"]["male"] + validation.toxic["gender"]["male"] == 207
    assert train.unannotated["race"] + validation.unannotated["race"] == whole.unannotated["race"] == 779
    assert three["eval"] == two["eval"]


@pytest.mark.parametrize(("least", "splits"), [(779, ["train", "validation", "eval"]), (780, ["train", "eval"])])
def test_a_small_train_keeps_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int, splits: list[str]) -> None:
    """What train has before any are taken decides; without validation everything is as if none had been asked for."""
    monkeypatch.setattr(conversion_splits, "LEAST_TRAIN_ROWS", least)
    sources = Sources((write_csv(tmp_path / "a.csv", TABLE),))
    report, never = converted(tmp_path / "out", sources), converted(tmp_path / "never", sources, 0.0)
    assert list(report.splits) == splits
    assert (report == never) == ("validation" not in splits)
    assert (content(tmp_path / "out", "train") == content(tmp_path / "never", "train")) == ("validation" not in splits)


def test_files_of_eval_stay_whole(tmp_path: Path) -> None:
    """A tenth of train's own rows is taken; what eval shares with them counts as shared, wherever it went."""
    train, evaluation = write_csv(tmp_path / "a.csv", TABLE), write_csv(tmp_path / "b.csv", TABLE[:300])
    report = convert(Sources((train,), (evaluation,)), tmp_path / "out", options=ConversionOptions(shared_texts="keep"))
    assert counts(report) == {"train": (916, 94), "validation": (84, 6), "eval": (300, 0)}
    assert (report.shared_rows, report.eval_fraction, report.seed) == (300, None, 0)
    assert texts(tmp_path / "out", "eval") == [text for text, _, _ in TABLE[:300]]


def test_a_column_of_splits_is_kept(tmp_path: Path) -> None:
    table = [[*row, "train" if number < 800 else "test"] for number, row in enumerate(TABLE)]
    report = converted(tmp_path / "out", Sources((write_csv(tmp_path / "a.csv", table, "split"),)))
    assert counts(report) == {"train": (637, 0), "validation": (63, 0), "eval": (200, 0)}
    assert report.rows_removed == 100  # of a hundred texts, those rows that are not in eval
    assert texts(tmp_path / "out", "eval") == [text for text, _, _ in TABLE[800:]]


def test_validation_never_takes_the_last_row_of_train(tmp_path: Path) -> None:
    options = ConversionOptions(eval_fraction=0.2, validation_fraction=0.9)
    with pytest.raises(InputError, match="no row for train; give more rows, or --train FILES, or set none aside: --set input"):
        convert(Sources((write_csv(tmp_path / "a.csv", TABLE),)), tmp_path / "out", options=options)


@pytest.mark.parametrize(
    ("value", "split", "chosen"),
    [(0, "eval", False), (2**62 - 1, "eval", False), (2**62, "train", True), (2**63 - 1, "train", True), (2**63, "train", False)],
)
def test_hashes_next_to_those_of_eval_are_chosen(value: int, split: str, chosen: bool) -> None:
    """A quarter for eval, the next quarter for validation."""
    text_hash = TextHash(0.25, 0, 0.25)
    assert (text_hash.split(value), text_hash.chooses(value)) == (split, chosen)
