import csv
import errno
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from data.comments import conversion, conversion_blocks
from data.comments.civil_comments import Comment, parse_comment
from data.comments.column_mapping import ColumnNames, read_mapping
from data.comments.conversion import ConversionOptions, ConversionReport, ConvertSources, Sources, convert
from data.comments.conversion_blocks import TextHash
from data.comments.conversion_plan import make_plan
from data.comments.names import IDENTITIES
from data.comments.readers import inspect, read_rows
from data.records import Values, encode_example, read_records, write_records
from fairgate.errors import InputError
from tests.reading import decode_comment

FIELDS = ["comment_text", "target", "male", "black"]


def write_csv(path: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = FIELDS) -> str:
    """A CSV file; returns its name."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


def comments(folder: Path, split: str) -> list[Comment]:
    """The comments of a split, shard by shard."""
    return [decode_comment(record) for path in sorted((folder / f"Split-{split}").iterdir()) for record in read_records(path)]


def files(folder: Path) -> dict[str, bytes]:
    """Every file below the folder and its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """1,000 rows, three blocks of a source, with repeated and empty texts."""
    monkeypatch.setattr(conversion_blocks, "BLOCK_ROWS", 400)
    return [["" if i % 100 == 7 else f"text\n{i % 900}", f"{i % 11 / 10}", f"{i % 2}", ""] for i in range(1000)]


def test_beam_agrees_with_a_loop_over_the_rows(tmp_path: Path, rows: list[list[str]]) -> None:
    """Two ways, one answer: the same comments, in the order of the source, in the split that the hash says."""
    source = write_csv(tmp_path / "a.csv", rows)
    report = convert(Sources((source,)), tmp_path / "out")
    expected: dict[str, list[Comment]] = {"train": [], "eval": []}
    text_hash = TextHash(0.25, 0)
    for row in read_rows(inspect(Path(source))):
        if (comment := parse_comment(row.cells)) is not None:
            expected[text_hash.split(text_hash(comment.text))].append(comment)
    assert comments(tmp_path / "out", "train") == expected["train"]
    assert comments(tmp_path / "out", "eval") == expected["eval"]
    assert (report.rows_read, report.rows_empty, report.rows_kept) == (1000, 10, 990)
    assert report.splits["eval"].rows == 217
    assert report.shared_rows == 0
    assert sum(split.duplicates for split in report.splits.values()) == 99
    assert report.splits["train"].positive == sum(comment.toxic for comment in expected["train"])
    men = [comment for comment in expected["eval"] if "male" in comment.identities["gender"]]
    assert report.splits["eval"].identities["gender"]["male"] == len(men)
    assert report.splits["eval"].toxic["gender"]["male"] == sum(comment.toxic for comment in men)


def test_beam_counts_the_rows(tmp_path: Path) -> None:
    """A monitor of the Beam job sees what is kept, dropped and malformed."""
    source = write_csv(tmp_path / "a.csv", [["a", "0", "", ""], ["", "0", "", ""], ["b", "x", "", ""], ["c", "1", "", ""]])
    root = beam.Pipeline(options=PipelineOptions(["--direct_running_mode=in_memory"]))
    _ = root | beam.Create(make_plan(Sources((source,))).sources) | ConvertSources(tmp_path, TextHash(0.25, 0))
    counters = root.run().metrics().query()["counters"]
    assert {counter.key.metric.name: counter.committed for counter in counters} == {"kept": 2, "dropped_empty": 1, "malformed": 1}


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, rows: list[list[str]]) -> None:
    """Also from several workers that do every bundle twice, in place of an earlier conversion; another seed divides otherwise."""
    sources = Sources((write_csv(tmp_path / "a.csv", rows), write_csv(tmp_path / "b.csv", rows[:50])))
    convert(sources, tmp_path / "out")
    first = files(tmp_path / "out")
    threads = ("--direct_running_mode=multi_threading", "--direct_num_workers=2", "--direct_runner_bundle_repeat=1")
    convert(sources, tmp_path / "out", options=ConversionOptions(beam_args=threads))
    assert files(tmp_path / "out") == first
    assert list(first) == [
        "Split-eval/eval-00000-of-00001.tfrecord.gz",
        "Split-train/train-00000-of-00001.tfrecord.gz",
        "conversion.json",
        "quarantine.jsonl",
    ]
    convert(sources, tmp_path / "out", options=ConversionOptions(seed=1))
    assert (
        files(tmp_path / "out")["Split-eval/eval-00000-of-00001.tfrecord.gz"]
        != first["Split-eval/eval-00000-of-00001.tfrecord.gz"]
    )
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_report_survives_json(tmp_path: Path) -> None:
    """`conversion.json` is what `convert` returns."""
    sources = Sources(
        (write_csv(tmp_path / "a.csv", [["a", "1", "1", ""]]),), (write_csv(tmp_path / "b.csv", [["b", "0", "", ""]]),)
    )
    report = convert(sources, tmp_path / "out")
    assert ConversionReport.read(tmp_path / "out") == report
    assert (report.eval_fraction, report.seed) == (None, None)
    assert [(Path(source.file).name, source.kind, source.split, source.rows) for source in report.sources] == [
        ("a.csv", "csv", "train", 1),
        ("b.csv", "csv", "eval", 1),
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": 2}', '{"schema_version": 1, "splits": 3}'])
def test_what_is_no_report(text: str) -> None:
    """The remedy is to convert again."""
    with pytest.raises(InputError, match=r"conversion.json: .*; convert the sources again"):
        ConversionReport.from_json(text)


def test_the_split_column_and_texts_in_both(tmp_path: Path) -> None:
    """`train` is train, `test` and `eval` are eval, `valid…` is validation; texts that this puts into both are counted."""
    table = [
        ["a", "0", "train"],
        ["A ", "1", "train"],
        ["e", "1", "train"],
        ["b", "1", "test"],
        ["c", "1", "validation"],
        ["a", "0", "valid"],
        ["d", "0", "eval"],
        ["E", "0", "test"],
    ]
    source = write_csv(tmp_path / "all_data.csv", table, ["comment_text", "toxicity", "split"])
    report = convert(Sources((source,)), tmp_path / "out", options=ConversionOptions(shared_texts="keep"))
    assert [comment.text for comment in comments(tmp_path / "out", "train")] == ["a", "A ", "e"]
    assert [comment.text for comment in comments(tmp_path / "out", "validation")] == ["c", "a"]
    assert [comment.text for comment in comments(tmp_path / "out", "eval")] == ["b", "d", "E"]
    assert (report.shared_rows, report.rows_removed, report.validation_fraction, report.seed) == (1, 0, None, None)
    assert report.warnings[-1] == (
        "1 of 3 rows of eval have a text that train has too (up to case, white space and Unicode's forms); "
        "to remove them from train: --set input.shared_texts=remove"
    )


def test_rows_named_validation_lose_the_texts_of_eval(tmp_path: Path) -> None:
    table = [["a", "0", "train"], ["b", "1", "validation"], ["c", "1", "valid"], ["B", "0", "test"], ["d", "1", "test"]]
    source = write_csv(tmp_path / "a.csv", table, ["comment_text", "toxicity", "split"])
    report = convert(Sources((source,)), tmp_path / "out")
    assert [comment.text for comment in comments(tmp_path / "out", "validation")] == ["c"]
    assert {name: (split.rows, split.positive) for name, split in report.splits.items()} == {
        "train": (1, 0),
        "validation": (1, 1),
        "eval": (2, 1),
    }
    assert (report.rows_removed, report.rows_kept, report.shared_rows) == (1, 4, 0)


def test_rows_named_validation_are_eval_where_none_is_named_so(tmp_path: Path) -> None:
    table = [["a", "0", "train"], ["b", "1", "validation"], ["c", "1", "valid"]]
    source = write_csv(tmp_path / "a.csv", table, ["comment_text", "toxicity", "split"])
    report = convert(Sources((source,)), tmp_path / "out")
    assert [comment.text for comment in comments(tmp_path / "out", "eval")] == ["b", "c"]
    assert "eval: 2 rows named valid… in the column split, because no row is named test or eval" in report.warnings


def write_shared(folder: Path) -> Sources:
    """Train with 300 texts of eval that differ from them by a space or by case, and 100 of its own."""
    folder.mkdir()
    texts = [f"the text {number}" for number in range(400)]
    alike = [
        [f"The  text {number}\u00a0", "1", "1", ""] if number < 300 else [text, "0", "0", ""] for number, text in enumerate(texts)
    ]
    train = write_csv(folder / "train.csv", alike)
    return Sources(
        (train,), (write_csv(folder / "eval.csv", [[text, str(i % 2), "", ""] for i, text in enumerate(texts[:300])]),)
    )


def test_rows_with_texts_of_eval_are_removed_from_train_and_counted(tmp_path: Path) -> None:
    report = convert(write_shared(tmp_path / "files"), tmp_path / "out")
    train = report.splits["train"]
    assert (train.rows, train.positive, train.identities["gender"]["male"], report.splits["eval"].rows) == (100, 0, 0, 300)
    assert (report.rows_read, report.rows_kept, report.rows_removed, report.shared_rows) == (700, 400, 300, 0)
    assert len(comments(tmp_path / "out", "train")) == 100
    assert any(
        warning.startswith("300 rows of train removed, because eval has the same texts")
        and warning.endswith("to keep them: --set input.shared_texts=keep")
        for warning in report.warnings
    )


def test_shared_texts_are_refused_on_demand(tmp_path: Path) -> None:
    options = ConversionOptions(shared_texts="refuse")
    with pytest.raises(
        InputError, match=r"300 of 300 rows of eval have a text that train has too .* --set input.shared_texts=keep"
    ):
        convert(write_shared(tmp_path / "files"), tmp_path / "out", options=options)


def test_a_train_of_eval_s_texts_alone_is_refused(tmp_path: Path) -> None:
    train = write_csv(tmp_path / "a.csv", [["A", "0", "", ""]])
    evaluation = write_csv(tmp_path / "b.csv", [["a", "0", "", ""]])
    with pytest.raises(InputError, match=r"without them train has no row; .*or --set input.shared_texts=keep"):
        convert(Sources((train,), (evaluation,)), tmp_path / "out")


def test_texts_that_are_the_same_never_part(tmp_path: Path) -> None:
    """The hash that divides the rows does not see case, white space or the form of a letter."""
    rows = [[text, "0", "", ""] for number in range(100) for text in (f"Caf\u00e9 {number}", f"cafe\u0301  {number} ")]
    report = convert(Sources((write_csv(tmp_path / "a.csv", rows),)), tmp_path / "out")
    assert report.shared_rows == 0
    assert sum(split.distinct for split in report.splits.values()) == 100


def test_shards_and_the_share_of_eval(tmp_path: Path, rows: list[list[str]]) -> None:
    """As many files as asked for, of consecutive rows; no eval when none is asked for."""
    options = ConversionOptions(eval_fraction=0, shards=3)
    report = convert(Sources((write_csv(tmp_path / "a.csv", rows),)), tmp_path / "out", options=options)
    shards = sorted((tmp_path / "out" / "Split-train").iterdir())
    assert [sum(1 for _ in read_records(path)) for path in shards] == [330, 330, 330]
    assert list(report.splits) == ["train"]


def test_a_few_malformed_rows_are_quarantined(tmp_path: Path) -> None:
    """Their file, row and reason are kept, their text is not; up to the limit the conversion goes on."""
    table = [[f"text {i}", "0.1", "", ""] for i in range(398)]
    table[9] = ["secret", "1.2", "", ""]
    table[300] = ["secret", "0", "maybe", ""]
    table.append(["secret", "0", "1"])
    table.append(["sécret", "x", "", ""])
    source = write_csv(tmp_path / "a.csv", table)
    report = convert(Sources((source,)), tmp_path / "out")
    quarantine = (tmp_path / "out" / "quarantine.jsonl").read_text()
    assert [json.loads(line) for line in quarantine.splitlines()] == [
        {"file": source, "row": 10, "reason": "target is '1.2', not a fraction from 0 to 1"},
        {"file": source, "row": 301, "reason": "male is 'maybe', not a number, true or false, or yes or no"},
        {"file": source, "row": 399, "reason": "3 cells, but the header has 4 columns"},
        {"file": source, "row": 400, "reason": "target is 'x', not a number, true or false, or yes or no"},
    ]
    assert (report.rows_read, report.rows_kept, report.rows_malformed) == (400, 396, 4)


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (
            [["a", "x", "", ""], ["b", "0", "", ""]],
            {},
            r"2 rows read, .* 1 malformed \(.*a.csv row 1: target is 'x'.* = 0.01 of them",
        ),
        (
            [["a", "x", "", ""]] * 5,
            {"max_malformed_fraction": 1},
            "a.csv: no usable row; 5 rows read, 0 with empty text, 5 malformed",
        ),
        ([["", "0", "", ""]] * 5, {}, "a.csv: no usable row; 5 rows read, 5 with empty text, 0 malformed"),
        ([], {}, "a.csv: no usable row; 0 rows read"),
        ([["a", "0", "", ""]], {"eval_fraction": 0.01}, "a.csv: no row for eval; give more rows, or --eval FILES"),
        ([["a", "0", "", ""]], {"eval_fraction": 0.99}, "a.csv: no row for train"),
    ],
)
def test_conversions_that_stop(tmp_path: Path, table: list[list[str]], options: dict[str, float], message: str) -> None:
    """One message; nothing is left behind."""
    source = write_csv(tmp_path / "a.csv", table)
    with pytest.raises(InputError, match=message):
        convert(Sources((source,)), tmp_path / "out", options=ConversionOptions(**options))  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_file_that_is_damaged_further_on(tmp_path: Path) -> None:
    """The error is found while Beam runs; an earlier conversion stays as it was."""
    source = write_csv(tmp_path / "a.csv", [[f"a{i}", "0", "", ""] for i in range(20)])
    convert(Sources((source,)), tmp_path / "out")
    before = files(tmp_path / "out")
    records = tmp_path / "b.tfrecord"
    write_records(records, [encode_example({"comment_text": [b"a"], "toxicity": [0.5]})] * 50)
    records.write_bytes(records.read_bytes()[:-7])
    with pytest.raises(InputError, match=r"b.tfrecord: record 50 is cut off"):
        convert(Sources((source,), (str(records),)), tmp_path / "out")
    assert files(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.tfrecord", "out"]


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message instead of Beam's, and nothing is left behind."""

    def full(portion: conversion_blocks.Portion, folder: Path) -> conversion_blocks.RowTally:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / portion.name))

    monkeypatch.setattr(conversion, "write_portion", full)
    source = write_csv(tmp_path / "a.csv", [["a", "0", "", ""]])
    with pytest.raises(InputError, match="out: no space left on the disk"):
        convert(Sources((source,)), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_place_where_no_folder_can_be(tmp_path: Path) -> None:
    """The parent is a file."""
    source = write_csv(tmp_path / "a.csv", [["a", "0", "", ""]])
    with pytest.raises(InputError, match=r"a\.csv/out: .*a\.csv is a file, so no folder can be in it"):
        convert(Sources((source,)), tmp_path / "a.csv" / "out")


def test_folders_of_others_are_not_replaced(tmp_path: Path) -> None:
    """Only an empty folder or an earlier conversion gives way."""
    source = write_csv(tmp_path / "a.csv", [[f"a{i}", "0", "", ""] for i in range(20)])
    with pytest.raises(InputError, match="a folder with other content"):
        convert(Sources((source,)), tmp_path)
    with pytest.raises(InputError, match="a file; name a folder"):
        convert(Sources((source,)), tmp_path / "a.csv")


@pytest.mark.parametrize("options", [{"eval_fraction": 1.0}, {"max_malformed_fraction": -1}, {"shards": 0}])
def test_options_that_make_no_sense(options: dict[str, float]) -> None:
    """The message names the option."""
    with pytest.raises(InputError, match=next(iter(options))):
        ConversionOptions(**options)  # type: ignore[arg-type]


def test_raw_and_processed_tfrecords(tmp_path: Path) -> None:
    """Raw floats and their processed form give the same comments; converting a conversion changes nothing."""
    raw, processed = tmp_path / "train_tf.tfrecord", tmp_path / "train_tf_processed.tfrecord"
    write_records(raw, [encode_example({"comment_text": [b"a"], "toxicity": [0.6], "male": [0.5], "female": [0.4], "x": [1]})])
    write_records(processed, [encode_example({"comment_text": [b"b"], "toxicity": [1.0], "gender": [b"male"]})])
    report = convert(Sources((str(raw),), (str(processed),)), tmp_path / "out")
    train, eval_ = comments(tmp_path / "out", "train"), comments(tmp_path / "out", "eval")
    assert (train[0].toxic, train[0].identities) == (eval_[0].toxic, eval_[0].identities)
    assert "train_tf.tfrecord: transgender, other_gender, heterosexual" in report.warnings[0]
    assert "train_tf_processed.tfrecord: heterosexual" in report.warnings[0]
    convert(Sources((str(tmp_path / "out/Split-train/*"),), (str(tmp_path / "out/Split-eval/*"),)), tmp_path / "again")
    assert files(tmp_path / "again" / "Split-train") == files(tmp_path / "out" / "Split-train")


def test_the_full_kaggle_columns(tmp_path: Path, shared_data: Path) -> None:
    """250 toxic comments, texts over several lines, 71 rows annotated: no row is lost, nothing is absent."""
    source = shared_data / "civil-comments" / "cc_full_schema_toxic_250.csv"
    report = convert(Sources((str(source),)), tmp_path / "out")
    assert (report.rows_read, report.rows_kept, report.rows_empty, report.rows_malformed) == (250, 250, 0, 0)
    assert report.sources[0].sha256 == "004cd7f9ae3dce5af8ebfed41e811c9f5a81177d8655c6cd950f75d1df67cb74"
    assert report.warnings == ("target: all 250 rows are positive (0.5 and above or '1'), so this label tells nothing apart",)
    assert sum(split.positive for split in report.splits.values()) == 250
    assert {name: split.rows for name, split in report.splits.items()} == {"train": 183, "eval": 67}
    counts = {
        identity: sum(split.identities[feature][identity] for split in report.splits.values())
        for feature, identities in report.splits["train"].identities.items()
        for identity in identities
    }
    assert {identity: count for identity, count in counts.items() if count} == {
        "male": 8,
        "female": 15,
        "homosexual_gay_or_lesbian": 2,
        "christian": 7,
        "jewish": 1,
        "muslim": 8,
        "black": 5,
        "white": 2,
        "latino": 1,
        "psychiatric_or_mental_illness": 2,
    }
    texts = [comment.text for split in ("train", "eval") for comment in comments(tmp_path / "out", split)]
    assert sum("\n" in text for text in texts) == 84


def test_only_two_identity_columns(tmp_path: Path, shared_data: Path) -> None:
    """2,000 comments with male and female: one warning lists the other 22 columns."""
    source = shared_data / "civil-comments" / "cc_gender_2000.csv"
    report = convert(Sources((str(source),)), tmp_path / "out")
    assert (report.rows_read, report.rows_kept) == (2000, 2000)
    (warning,) = report.warnings
    assert warning.count(",") == 21
    assert "transgender" in warning
    assert " male" not in warning
    train, eval_ = report.splits["train"], report.splits["eval"]
    assert (train.rows, train.positive, train.duplicates) == (1500, 779, 0)
    assert (eval_.rows, eval_.positive, eval_.duplicates) == (500, 280, 1)
    assert (train.identities["gender"]["male"], eval_.identities["gender"]["male"]) == (493, 180)
    assert (train.identities["gender"]["female"], eval_.identities["gender"]["female"]) == (495, 180)


def annotated(folder: Path, name: str, header: str, cells: str, rows: int = 40) -> str:
    """A file whose rows all have these cells behind text and label."""
    lines = [f"text {name} {row},{row % 2},{cells}" for row in range(rows)]
    path = folder / name
    path.write_text("\n".join([f"comment_text,target,{header}", *lines]) + "\n")
    return str(path)


def test_unknown_membership_is_told_from_none(tmp_path: Path) -> None:
    """Annotated as no woman, not annotated, and no column at all."""
    train = annotated(tmp_path, "train.csv", "female,black", "0.1,")
    evaluation = annotated(tmp_path, "eval.csv", "female,black", ",0.9")
    report = convert(Sources((train,), (evaluation,)), tmp_path / "out")
    everything = dict.fromkeys(("sexual_orientation", "religion", "disability"), 40)
    assert report.splits["train"].unannotated == {"gender": 0, "race": 40, **everything}
    assert report.splits["eval"].unannotated == {"gender": 40, "race": 0, **everything}
    assert report.splits["train"].rows == report.splits["eval"].rows == 40


def test_groups_without_a_column_in_eval_are_absent(tmp_path: Path) -> None:
    """What train has does not make it measurable."""
    train = annotated(tmp_path, "train.csv", "female,black", "0.1,0.2")
    evaluation = annotated(tmp_path, "eval.csv", "female,male", "0.1,0.2")
    report = convert(Sources((train,), (evaluation,)), tmp_path / "out")
    absent = {f"{feature}:{name}" for feature, names in IDENTITIES.items() for name in names} - {"gender:female", "gender:male"}
    assert set(report.absent_columns) == absent
    assert ConversionReport.read(tmp_path / "out") == report


def test_a_feature_that_processed_records_list_is_not_absent(tmp_path: Path) -> None:
    """One row with a list is enough; records without any are as if the column were absent."""
    path = tmp_path / "a.tfrecord"
    rows: list[dict[str, Values]] = [{"comment_text": [b"text %d" % row], "toxicity": [float(row % 2)]} for row in range(40)]
    write_records(path, [encode_example({**row, "gender": [b"male"] if number < 30 else []}) for number, row in enumerate(rows)])
    report = convert(Sources((str(path),)), tmp_path / "out")
    features = {name.partition(":")[0] for name in report.absent_columns}
    assert features == IDENTITIES.keys() - {"gender"}
    assert sum(split.unannotated["gender"] for split in report.splits.values()) == 10


def test_misspelt_columns_convert_when_they_are_mapped(tmp_path: Path) -> None:
    source = annotated(tmp_path, "a.csv", "Female,trans_gender", "0.9,0.1")
    columns = ColumnNames({"female": "Female", "transgender": "trans_gender"})
    report = convert(Sources((source,), columns=columns), tmp_path / "out")
    assert sum(split.identities["gender"]["female"] for split in report.splits.values()) == 40
    assert not {"gender:female", "gender:transgender"}.intersection(report.absent_columns)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (
            {"female": "Femael"},
            "no file has the column 'Femael', which is to be read as female; did you mean --columns female=Female\\? "
            "columns found: 'comment_text', 'target', 'Female', 'male'",
        ),
        ({"text": "body", "male": "Female"}, "no file has the column 'body', which is to be read as text; columns found: 'comm"),
        ({"label": ("target", "x"), "male": "Female"}, r"no column 'x', which is a label beside 'target'"),
        ({"label": "x", "male": "Female"}, "no file has the column 'x', which is to be read as label; columns found"),
    ],
)
def test_a_mapping_of_nothing_is_refused(tmp_path: Path, mapping: dict[str, str | tuple[str, ...]], message: str) -> None:
    source = annotated(tmp_path, "a.csv", "Female,male", "0.9,0.1")
    with pytest.raises(InputError, match=message):
        convert(Sources((source,), columns=replace(read_mapping(mapping), ignored=("Female",))), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("copies", "warns"), [(1, False), (10, True)])
def test_copies_are_named(tmp_path: Path, copies: int, warns: bool) -> None:
    """The same rows ten times are no more evidence than once."""
    lines = [f"text {row},{row % 2}" for row in range(100)] * copies
    (tmp_path / "a.csv").write_text("\n".join(["comment_text,target", *lines]) + "\n")
    report = convert(Sources((str(tmp_path / "a.csv"),)), tmp_path / "out")
    found = [warning for warning in report.warnings if "are not independent evidence" in warning]
    assert [warning.partition(":")[0] for warning in found] == (["train", "eval"] if warns else [])
    assert sum(split.distinct for split in report.splits.values()) == 100


def test_identities_are_tagged_where_no_column_holds_them(tmp_path: Path) -> None:
    """The column male, also where it is empty or says no, is left as it is; the report names what was tagged."""
    rows = [[f"{number}: {text}", "0", male] for number in range(20) for text, male in (("a Jewish man", "0.1"), ("women", ""))]
    source = write_csv(tmp_path / "a.csv", rows, ["comment_text", "target", "male"])
    report = convert(Sources((source,), tag_identities=True), tmp_path / "out")
    tagged = ("sexual_orientation", "religion", "race", "disability")
    assert ConversionReport.read(tmp_path / "out").tagged_features == report.tagged_features == tagged
    split = report.splits["train"]
    assert split.identities["gender"] == dict.fromkeys(IDENTITIES["gender"], 0)
    assert split.identities["religion"]["jewish"] == split.rows - split.unannotated["gender"] > 0
    assert [split.unannotated[feature] for feature in tagged] == [0, 0, 0, 0]
    absent = ("gender:female", "gender:transgender", "gender:other_gender", "disability:other_disability")
    assert report.absent_columns == absent
    assert report.warnings[:2] == (
        "identities tagged by word, not by people: sexual_orientation, religion, race, disability",
        f"identity columns that are absent count as not annotated: {source}: female, transgender, other_gender, other_disability",
    )


def test_untagged_files_are_reported_without_tags(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", [[f"{number} Jews", "0"] for number in range(40)], ["comment_text", "target"])
    report = convert(Sources((source,)), tmp_path / "out")
    assert (report.tagged_features, report.splits["train"].identities["religion"]["jewish"]) == ((), 0)
    assert report.warnings[0].endswith("by a list of words: --tag-identities")


def test_a_stranger_s_file(tmp_path: Path) -> None:
    """Yes and no, a column of genders with values that nobody knows, and what is said of both."""
    genders = ["male", "Female", "M", ""]
    rows = [[f"text {i}", "Yes" if i % 4 == 0 else "no", genders[i % 4]] for i in range(400)]
    source = write_csv(tmp_path / "a.csv", rows, ["comment", "rude", "sex"])
    columns = read_mapping({"text": "comment", "label": "rude", "gender": "sex"})
    report = convert(Sources((source,), columns=columns), tmp_path / "out")
    counts = {
        name: sum(split.identities["gender"][name] for split in report.splits.values())
        for name in ("male", "female", "other_gender")
    }
    assert counts == {"male": 100, "female": 100, "other_gender": 0}
    assert sum(split.unannotated["gender"] for split in report.splits.values()) == 200
    assert report.unknown_groups == {"gender": {"M": 100}}
    assert report.notes == ("rude: 'yes' is positive (100 rows), 'no' negative (300)",)
    assert report.warnings[0].startswith("the column sex has values that are no known group of gender")
    assert report.warnings[0].endswith("for example --set input.group_names.gender.M=male")
    assert ConversionReport.read(tmp_path / "out") == report


def test_values_are_read_as_the_user_says(tmp_path: Path) -> None:
    rows = [[f"text {i}", str(i % 2), "M"] for i in range(40)]
    source = write_csv(tmp_path / "a.csv", rows, ["comment_text", "target", "gender"])
    columns = ColumnNames(groups={"gender": {"M": "male"}})
    report = convert(Sources((source,), columns=columns), tmp_path / "out")
    assert (sum(split.identities["gender"]["male"] for split in report.splits.values()), report.unknown_groups) == (40, {})


def test_any_of_several_labels_is_positive(tmp_path: Path) -> None:
    rows = [[f"text {i}", str(i % 2), f"{i % 10 / 10}"] for i in range(100)]
    source = write_csv(tmp_path / "a.csv", rows, ["comment_text", "rude", "mean"])
    columns = ColumnNames(labels=("rude", "mean"), thresholds={"mean": 0.8})
    report = convert(Sources((source,), columns=columns), tmp_path / "out")
    assert sum(split.positive for split in report.splits.values()) == 60
    assert report.notes[2] == "labels: a row is positive where any of rude, mean is (60 rows), negative otherwise (40)"


def test_a_threshold_of_no_label_is_refused(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", [["a", "0", "", ""]])
    with pytest.raises(InputError, match=r"input.label_thresholds has the column 'male', which is no label; labels are target"):
        convert(Sources((source,), columns=ColumnNames(thresholds={"male": 0.3})), tmp_path / "out")
