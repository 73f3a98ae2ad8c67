"""Bad input as a person meets it: the command exits with 3, names the remedy in one message, and leaves nothing behind.

The files of each loader are tested one by one in `tests/data`; here they are those that people send, through the command.
"""

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.conversion_report import ConversionReport
from data.records import encode_example
from fairgate.cli import main as cli
from tests.framing import frame

HEADER = b"comment_text,target\n"
ROWS = b"".join(b"text %d,%d\n" % (number, number % 2) for number in range(200))
GOOD = HEADER + ROWS
RECORD = frame(encode_example({"comment_text": [b"a"], "toxicity": [0.5]}))
IMAGES = frame(encode_example({"image": [0] * 784, "label": [1]}))
LATIN_1 = HEADER + b"".join(b"caf\xe9 %d,1\n" % number for number in range(200))


def flipped(content: bytes, place: int) -> bytes:
    """One bit of it."""
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


# Name of the file -> content, and what the message must say beside the file's name.
COMMENTS = {
    "empty": ("a.csv", b"", "the file is empty"),
    "blank lines": ("a.csv", b"\n\n\n", "no column comment_text"),
    "header alone": ("a.csv", HEADER, "no usable row; 0 rows read"),
    "no header": ("a.csv", ROWS, "no column comment_text and none called toxicity or target; columns found: 'text 0', '0'"),
    "semicolons": (
        "a.csv",
        GOOD.replace(b"comment_text,", b"body;"),
        "this looks separated by semicolons: no column comment_text",
    ),
    "no text column": ("a.csv", GOOD.replace(b"comment_text", b"text"), "Rename the text column"),
    "no label column": ("a.csv", GOOD.replace(b"target", b"label"), "Rename the label column"),
    "misspelt label column": ("a.csv", GOOD.replace(b"target", b"Target"), "--columns label=Target"),
    "misspelt identity": ("a.csv", GOOD.replace(b"target", b"target,Femal").replace(b",1", b",1,0"), "--columns female=Femal"),
    "text column twice": ("a.csv", b"comment_text," + GOOD, "the column comment_text appears 2 times; keep one"),
    "open quote": ("a.csv", GOOD + b'"never closed,0\n', "wrong quoting in the row that starts in line 202"),
    "quote within a text": ("a.csv", GOOD + b'"a" b,0\n', "write quotes inside it twice"),
    "texts with bare commas": ("a.csv", HEADER + ROWS.replace(b"text", b"text, too"), "3 cells, but the header has 2 columns"),
    "label in words": ("a.csv", GOOD.replace(b",1\n", b",toxic\n"), "row 2: target is 'toxic', not a number"),
    "percent": ("a.csv", GOOD.replace(b",1\n", b",100\n"), "target is '100', not a fraction from 0 to 1"),
    "negative label": ("a.csv", GOOD.replace(b",1\n", b",-1\n"), "target is '-1', not a fraction from 0 to 1"),
    "label nan": ("a.csv", GOOD.replace(b",1\n", b",nan\n"), "target is 'nan', which says nothing; leave the row out"),
    "label inf": ("a.csv", GOOD.replace(b",1\n", b",inf\n"), "target is 'inf', not a fraction"),
    "no label": ("a.csv", GOOD.replace(b",1\n", b",\n"), "target is empty"),
    "only empty texts": ("a.csv", HEADER + b",0\n" * 200, "200 with empty text"),
    "NUL bytes": ("a.csv", HEADER + ROWS.replace(b"text", b"te\0xt"), "not UTF-8, or NUL"),
    "Latin-1": ("a.csv", LATIN_1, "comment_text holds bytes that are not UTF-8"),
    "UTF-16 without a mark": ("a.csv", GOOD.decode().encode("utf-16-le"), "name its encoding: --encoding utf-16-le"),
    "zip": ("a.csv", b"PK\x03\x04" + bytes(100), "a zip archive; unpack it first"),
    "Parquet": ("a.csv", b"PAR1" + bytes(100), "a Parquet file; export it as CSV"),
    "picture": ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture; name a file of comments"),
    "gzip cut off": ("a.csv.gz", gzip.compress(GOOD)[:-30], "damaged gzip file"),
    "gzip with a flipped bit": ("a.csv.gz", flipped(gzip.compress(GOOD), -6), "damaged gzip file"),
    "not gzip at all": ("a.tfrecord.gz", b"\x1f\x8bnot gzip", "damaged gzip file"),
    "TFRecord cut off": ("a.tfrecord", RECORD * 200 + RECORD[:-1], "record 201 is cut off"),
    "TFRecord with a flipped bit": ("a.tfrecord", flipped(RECORD * 200, 5_000), "has a wrong checksum|has a damaged length"),
    "TFRecord of images": (
        "a.tfrecord",
        IMAGES * 20,
        "none called toxicity or target; columns found: 'image', 'label'",
    ),
    "TFRecord of something else": (
        "a.tfrecord",
        frame(b"\xff\xff") * 20,
        "none called toxicity or target; columns found: none",
    ),
    "one class of one split": ("a.csv", b"comment_text,target,split\n" + b"a,0,train\n" * 200, "no row for eval"),
    "unknown split": ("a.csv", b"comment_text,target,split\n" + b"a,0,dev\n" * 200, "split is 'dev'"),
}


def convert(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """`fairgate data convert` for comments: exit code, output, errors."""
    code = cli.main(("data", "convert", "civil-comments", *arguments))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.parametrize(("name", "content", "message"), COMMENTS.values(), ids=COMMENTS)
def test_bad_comments(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, message: str) -> None:
    """Exit code 3; the message names the file and the remedy; no folder, no hidden rest, no output."""
    path = tmp_path / name
    path.write_bytes(content)
    code, out, err = convert(capsys, "--train", str(path), "--to", str(tmp_path / "made"))
    assert (code, out) == (3, "")
    assert err.startswith("Error: ")
    assert str(path) in err
    assert any(part in err for part in message.split("|")), err
    assert "Traceback" not in err
    assert [found.name for found in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("settled", [("--columns", "female=Female"), ("--ignore-column", "Female")])
def test_a_misspelt_column_is_settled_by_the_user(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settled: tuple[str, str]
) -> None:
    """It is that one, or it is something else; both convert."""
    path = tmp_path / "a.csv"
    path.write_text("comment_text,target,Female\n" + "".join(f"text {number},{number % 2},1\n" for number in range(200)))
    to = tmp_path / "made"
    assert convert(capsys, "--train", str(path), "--to", str(to))[0] == 3
    assert convert(capsys, "--train", str(path), "--to", str(to), *settled)[0] == 0
    report = ConversionReport.read(to)
    women = sum(split.identities["gender"]["female"] for split in report.splits.values())
    assert (women, "gender:female" in report.absent_columns) == ((200, False) if settled[0] == "--columns" else (0, True))


@pytest.mark.parametrize("written", ["female", "=Female", "female=", "="])
def test_a_mapping_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str) -> None:
    code, _, err = convert(capsys, "--train", "a.csv", "--to", str(tmp_path / "made"), "--columns", written)
    assert (code, f"--columns {written!r} is not of the form KNOWN=NAME,KNOWN=NAME" in err) == (3, True)


@pytest.mark.parametrize(
    ("train", "evaluation", "message"),
    [
        ("absent.csv", None, "absent.csv: no such file"),
        ("*.tsv", None, "*.tsv: no such file; give an existing file, or a glob in quotes"),
        ("folder", None, "a folder, not a file; name its files, for example"),
        ("folder/*", None, "no such file"),
        ("a.csv", "a.csv", "the same content as"),
        ("a.csv", "absent.csv", "absent.csv: no such file"),
    ],
)
def test_bad_names(tmp_path: Path, capsys: pytest.CaptureFixture[str], train: str, evaluation: str | None, message: str) -> None:
    """Absent files, empty folders, globs that match nothing, a train file used as eval."""
    (tmp_path / "a.csv").write_bytes(GOOD)
    (tmp_path / "folder").mkdir()
    given = ["--train", str(tmp_path / train), *(["--eval", str(tmp_path / evaluation)] if evaluation else [])]
    code, out, err = convert(capsys, *given, "--to", str(tmp_path / "made"))
    assert (code, out) == (3, "")
    assert message in err
    assert sorted(found.name for found in tmp_path.iterdir()) == ["a.csv", "folder"]


def png(size: tuple[int, int] = (8, 8)) -> bytes:
    """A grey picture."""
    buffer = io.BytesIO()
    Image.fromarray(np.zeros(size, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


PICTURES = {
    "empty": ("a.png", b"", "neither PNG, JPEG, IDX nor CSV"),
    "text": ("a.png", b"no picture", "neither PNG, JPEG, IDX nor CSV"),
    "GIF": ("a.gif", b"GIF89a" + bytes(50), "neither PNG, JPEG, IDX nor CSV"),
    "PNG cut off": ("a.png", png()[:-30], "damaged picture"),
    "PNG with a flipped bit": ("a.png", flipped(png(), 45), "damaged picture"),
    "PNG's first bytes": ("a.png", png()[:8], "damaged picture"),
    "JPEG cut off": ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(30), "damaged picture"),
    "IDX that lies": ("a-ubyte", b"\0\0\x08\x03" + b"\0\0\0\x09\0\0\0\x08\0\0\0\x08" + bytes(64), "cut off"),
    "IDX of terabytes": ("a-ubyte", b"\0\0\x08\x03" + b"\xff" * 12, "more than the"),
    "IDX of labels": ("a-ubyte", b"\0\0\x08\x01\0\0\0\x02\1\2", "has 1 dimensions"),
    "IDX of floats": ("a-ubyte", b"\0\0\x0d\x03" + bytes(20), "holds float32"),
    "CSV of words": ("a.csv", b"0,1,2,three\n", "'three', no whole number from 0 to 255"),
    "CSV of 256": ("a.csv", b"0,1,2,256\n", "'256', no whole number"),
    "CSV that is no square": ("a.csv", b"1,2,3,4,5\n", "5 columns of pixels, no square"),
    "CSV with a short row": ("a.csv", b"1,2,3,4\n1,2,3\n", "line 2 has 3 values, not 4"),
    "CSV of a header": ("a.csv", b"label,a,b,c,d\n", "no row; give one image a row"),
}


@pytest.mark.parametrize(("name", "content", "message"), PICTURES.values(), ids=PICTURES)
def test_bad_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, message: str) -> None:
    """The same for what the image tasks are asked to predict on; the model is not even looked for."""
    path = tmp_path / name
    path.write_bytes(content)
    code = cli.main(("predict", "digits", str(path), "--model", str(tmp_path)))
    printed = capsys.readouterr()
    assert (code, printed.out) == (3, "")
    assert printed.err.startswith(f"Error: {path}")
    assert message in printed.err


def test_a_few_bad_rows_are_set_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Below the limit the conversion goes on, counts them, and writes down which they were and why, without their text."""
    path = tmp_path / "a.csv"
    path.write_bytes(GOOD + b"secret words,toxic\n")
    code, out, _ = convert(capsys, "--train", str(path), "--to", str(tmp_path / "made"))
    assert (code, "200 of 201 rows kept" in out, "1 malformed" in out) == (0, True, True)
    quarantined = (tmp_path / "made" / "quarantine.jsonl").read_text()
    assert "target is 'toxic', not a number" in quarantined
    assert '"row": 201' in quarantined
    assert "secret" not in quarantined
