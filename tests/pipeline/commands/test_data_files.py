"""`fairgate data`: fetch, convert, sample, embedding."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.tasks.civil_comments.conversion_sources import options_of
from data import download
from data.comments import sample
from data.comments.civil_comments import IDENTITY_COLUMNS, PUBLIC_FOLDER
from data.conversion_report import ConversionReport, SplitReport
from data.opening import TextFormat
from data.records import read_records
from fairgate.cli import main as cli
from pipeline import config as configuration
from pipeline import tasks
from pipeline.commands import data_files
from tests.reading import decode_comment

HEADER = ("comment_text", "toxicity", *IDENTITY_COLUMNS)


def write_comments(path: Path, rows: Sequence[tuple[str, str]]) -> str:
    """A CSV file of texts and toxicities that mention nobody; returns its path."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows((text, toxicity, *[""] * len(IDENTITY_COLUMNS)) for text, toxicity in rows)
    return str(path)


def texts(folder: Path, split: str) -> list[str]:
    """The texts of a converted split."""
    return [
        decode_comment(record).text for path in sorted((folder / f"Split-{split}").iterdir()) for record in read_records(path)
    ]


def test_fetch_downloads_the_processed_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each under its own name, with progress, and the files are listed."""
    asked = []

    def fetch(url: str, destination: Path, *, progress: Any) -> None:
        asked.append(url)
        progress(5, 10)
        destination.write_text("content")

    monkeypatch.setattr(download, "fetch", fetch)
    assert cli.main(["data", "fetch", "civil-comments", "--to", str(tmp_path)]) == 0
    names = ["train_tf_processed.tfrecord", "validate_tf_processed.tfrecord"]
    assert asked == [PUBLIC_FOLDER + name for name in names]
    assert capsys.readouterr().out.split()[-2:] == [str(tmp_path / name) for name in names]


@pytest.mark.parametrize("verb", ["fetch", "convert"])
def test_task_without_files_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    """Not every task has something to fetch or to convert."""
    bare = replace(tasks.TASKS["civil-comments"], fetch=None, convert=None)
    monkeypatch.setitem(tasks.TASKS, "civil-comments", bare)
    assert cli.main(["data", verb, "civil-comments", "--to", str(tmp_path)]) == 3
    assert "fairgate run civil-comments" in capsys.readouterr().err


@pytest.mark.slow
def test_convert_counts_what_it_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Splits as given, empty texts dropped, counts printed."""
    train = write_comments(tmp_path / "train.csv", [("good", "0.1"), ("bad", "0.9"), ("", "0.2")])
    evaluation = write_comments(tmp_path / "eval.csv", [("new", "0")])
    to = tmp_path / "converted"
    assert cli.main(["data", "convert", "civil-comments", "--train", train, "--eval", evaluation, "--to", str(to)]) == 0
    assert (texts(to, "train"), texts(to, "eval")) == (["good", "bad"], ["new"])
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"{to}: 3 of 4 rows kept (1 without text, 0 malformed)"
    assert printed[1].startswith("  train: 2 rows, 1 positive, 0 duplicates; gender 0, ")


def test_convert_takes_separator_and_encoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def converted(chosen: Any, *_: Any) -> ConversionReport:
        asked.append(chosen.text_format)
        return ConversionReport((), 0, 0, 0, 0, 0, {}, ())

    monkeypatch.setitem(tasks.TASKS, "civil-comments", replace(tasks.TASKS["civil-comments"], convert=converted))
    for delimiter, options in (
        (",", ()),
        ("\t", ("--delimiter", "tab", "--encoding", "cp1252")),
        (";", ("--set", "input.delimiter=;")),
    ):
        (tmp_path / "a.csv").write_text(f"comment_text{delimiter}toxicity\na{delimiter}0\nb{delimiter}1\n")
        given = ("--train", str(tmp_path / "a.csv"), "--to", str(tmp_path / "out"))
        assert cli.main(("data", "convert", "civil-comments", *given, *options)) == 0
    assert asked == [TextFormat(), TextFormat("\t", "cp1252"), TextFormat(";")]


def test_convert_tags_identities_where_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def converted(chosen: Any, *_: Any) -> ConversionReport:
        asked.append(chosen.tag_identities)
        return ConversionReport((), 0, 0, 0, 0, 0, {}, ())

    monkeypatch.setitem(tasks.TASKS, "civil-comments", replace(tasks.TASKS["civil-comments"], convert=converted))
    given = ("--train", write_comments(tmp_path / "a.csv", [("a", "0"), ("b", "1")]), "--to", str(tmp_path / "out"))
    for options in ((), ("--tag-identities",)):
        assert cli.main(("data", "convert", "civil-comments", *given, *options)) == 0
    assert asked == [False, True]


def test_convert_cuts_the_splits_into_files_as_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def converted(chosen: Any, *_: Any) -> ConversionReport:
        asked.append(options_of(chosen).shards)
        return ConversionReport((), 0, 0, 0, 0, 0, {}, ())

    monkeypatch.setitem(tasks.TASKS, "civil-comments", replace(tasks.TASKS["civil-comments"], convert=converted))
    given = ("--train", write_comments(tmp_path / "a.csv", [("a", "0"), ("b", "1")]), "--to", str(tmp_path / "out"))
    for options in ((), ("--shards", "3"), ("--set", "input.shards=4")):
        assert cli.main(("data", "convert", "civil-comments", *given, *options)) == 0
    assert asked == [None, 3, 4]


def test_every_split_is_described_and_rare_groups_are_warned_of(tmp_path: Path) -> None:
    known = SplitReport(1000, 80, 3, {"gender": {"male": 40}, "race": {"black": 200}}, {}, {"gender": {"male": 9}})
    splits = dict.fromkeys(("train", "validation", "eval"), known)
    report = ConversionReport((), 3000, 3000, 0, 0, 0, splits, ())
    counts = "1,000 rows, 80 positive, 3 duplicates; gender 40, race 200"
    assert list(data_files._described(report, tmp_path, configuration.load("civil-comments"))) == [
        f"{tmp_path}: 3,000 of 3,000 rows kept (0 without text, 0 malformed)",
        *(f"  {split}: {counts}" for split in splits),
        "Warning: fewer examples in eval than the policy needs, so its rules stay open there: "
        "gender:male 31 of 100 negatives, 9 of 100 positives, 40 of 100 rows (40 rows; 40 in train)",
    ]


def test_convert_without_files_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As in a run."""
    assert cli.main(["data", "convert", "civil-comments", "--to", str(tmp_path)]) == 3
    assert "No comments to work on" in capsys.readouterr().err


def test_sample_is_split_two_to_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says that it is generated."""
    assert cli.main(["data", "sample", "--to", str(tmp_path), "--rows", "30", "--seed", "2"]) == 0
    assert (len(texts(tmp_path, "train")), len(texts(tmp_path, "eval"))) == (20, 10)
    assert capsys.readouterr().out == f"{tmp_path}: 30 rows. {sample.DESCRIPTION}\n"


def test_sample_as_csv(tmp_path: Path) -> None:
    """One file with Kaggle's columns."""
    assert cli.main(["data", "sample", "--to", str(tmp_path), "--rows", "30", "--csv"]) == 0
    with (tmp_path / "comments.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    assert {"target", "comment_text", *IDENTITY_COLUMNS} < set(rows[0])


@pytest.mark.parametrize("verb", [("sample",), ("embedding", "--vectors", "glove.txt")])
def test_folder_with_content_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: tuple[str, ...]) -> None:
    """The result would take its place."""
    (tmp_path / "thesis.txt").write_text("ten years of work")
    assert cli.main(["data", *verb, "--to", str(tmp_path)]) == 3
    assert "already exists" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("given", [(), ("--vectors", "glove.txt", "--texts", "a.csv")])
def test_embedding_needs_one_source(tmp_path: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...]) -> None:
    """Vectors or texts."""
    assert cli.main(["data", "embedding", "--to", str(tmp_path), *given]) == 3
    assert "Give either --vectors FILE or --texts FILES." in capsys.readouterr().err


@pytest.mark.slow
def test_embedding_of_word_vectors(tmp_path: Path) -> None:
    """A SavedModel str[N] -> float32[N, d]."""
    vectors = tmp_path / "glove.txt"
    vectors.write_text("good 1 0\nbad 0 -1\n")
    assert cli.main(["data", "embedding", "--vectors", str(vectors), "--to", str(tmp_path / "saved")]) == 0
    import tensorflow as tf

    assert tf.saved_model.load(str(tmp_path / "saved"))(tf.constant(["bad", "none"])).numpy().tolist() == [[0, -1], [0, 0]]


@pytest.mark.slow
def test_embedding_of_texts_learns_from_usable_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Malformed rows and empty texts are left out, and counted."""
    rows = [("one two three four", "0.1"), ("four three two one", "0.9"), ("", "0"), ("five five five five", "none")] * 3
    comments = write_comments(tmp_path / "comments.csv", rows)
    assert cli.main(["data", "embedding", "--texts", comments, "--to", str(tmp_path / "saved")]) == 0
    assert capsys.readouterr().err == "Rows left out: 3 without text, 3 malformed.\n"
    import tensorflow as tf

    vectors = tf.saved_model.load(str(tmp_path / "saved"))(tf.constant(["one", "five"])).numpy()
    assert vectors[0].any()
    assert not vectors[1].any()


def test_sample_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Here a file is in the place of a folder above."""
    (tmp_path / "file").touch()
    assert cli.main(["data", "sample", "--to", str(tmp_path / "file" / "new"), "--rows", "3", "--csv"]) == 3
    assert "comments.csv: cannot be written (Not a directory); name a writable folder with --to." in capsys.readouterr().err
