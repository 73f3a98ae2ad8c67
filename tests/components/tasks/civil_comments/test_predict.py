"""Comments to predict on, from files: the same rows as a conversion reads, and an account of each."""

import bz2
import gzip
import lzma
from pathlib import Path

import pytest

from components.modelling.prediction import InputFile, Inputs, MalformedInput
from components.tasks.civil_comments.predict import read
from data.comments.conversion_blocks import PlannedSource, RowTally, TextHash, convert_block, read_blocks
from data.comments.readers import inspect
from data.records import encode_example
from fairgate.errors import InputError
from fairgate.names import TRAIN
from tests.framing import frame

HEADER = b"comment_text,target\n"
ROWS = HEADER + b'fine,0\n,0\n"two\nlines",1\ncut\n\nalso fine,1\n'
RECORDS = b"".join(
    frame(content)
    for content in (
        encode_example({"comment_text": [b"fine"], "toxicity": [0.0]}),
        encode_example({"comment_text": [b""], "toxicity": [0.0]}),
        encode_example({"comment_text": [b"caf\xe9"], "toxicity": [0.0]}),
        encode_example({"comment_text": [b"a", b"b"], "toxicity": [0.0]}),
        b"\xff\xff",
        encode_example({"comment_text": [b"bad"], "toxicity": [1.0]}),
    )
)
# Content -> the rows that are answered, those without text, and those that are malformed.
ODD_FILES = {
    "cut-off, empty and blank rows": (ROWS, (1, 3, 5), 1, (4,)),
    "no line end at the end": (HEADER + b"a,0\nb,1", (1, 2), 0, ()),
    "a last row that is cut off": (HEADER + b"a,0\nb", (1,), 0, (2,)),
    "more cells than columns": (HEADER + b"a,0\nb, too,1\nc,0\n", (1, 3), 0, (2,)),
    "semicolons": (ROWS.replace(b",", b";"), (1, 3, 5), 1, (4,)),
    "tabs": (ROWS.replace(b",", b"\t"), (1, 3, 5), 1, (4,)),
    "a declared separator": (b"sep=|\r\n" + ROWS.replace(b",", b"|"), (1, 3, 5), 1, (4,)),
    "carriage returns": (ROWS.replace(b"\n", b"\r"), (1, 3, 5), 1, (4,)),
    "CRLF": (ROWS.replace(b"\n", b"\r\n"), (1, 3, 5), 1, (4,)),
    "mixed line ends": (HEADER + b"a,0\r\nb,1\rc,0\n", (1, 2, 3), 0, ()),
    "separators of lines that end none": (HEADER + "a\u2028b\x85c\x0cd\x1ce,0\nf,1\n".encode(), (1, 2), 0, ()),
    "a byte-order mark": (b"\xef\xbb\xbf" + ROWS, (1, 3, 5), 1, (4,)),
    "UTF-16": (ROWS.decode().encode("utf-16"), (1, 3, 5), 1, (4,)),
    "bytes that are not UTF-8": (HEADER + b"caf\xe9,0\nfine,1\n", (2,), 0, (1,)),
    "NUL": (HEADER + b"a\0b,0\nfine,1\n", (2,), 0, (1,)),
    "a comment of 150,000 characters": (HEADER + b"a" * 150_000 + b",0\nb,1\n", (1, 2), 0, ()),
    "white space": (HEADER + b" ,0\n\t,1\na ,1\n", (1, 2, 3), 0, ()),
    "spaces around names": (b" comment_text , target\na,0\n", (1,), 0, ()),
    "other columns, twice": (b"x,comment_text,x,target\n1,a,2,0\n", (1,), 0, ()),
    "gzip": (gzip.compress(ROWS, mtime=0), (1, 3, 5), 1, (4,)),
    "bzip2": (bz2.compress(ROWS), (1, 3, 5), 1, (4,)),
    "xz": (lzma.compress(ROWS), (1, 3, 5), 1, (4,)),
    "TFRecords": (RECORDS, (1, 6), 1, (3, 4, 5)),
    "TFRecords in xz": (lzma.compress(RECORDS), (1, 6), 1, (3, 4, 5)),
}


def predicted(folder: Path, content: bytes, name: str = "a.txt", **options: str) -> Inputs:
    """What is predicted on of a file with this content."""
    path = folder / name
    path.write_bytes(content)
    return read((), InputFile(path, **options))  # type: ignore[arg-type]


def converted(path: Path) -> list[RowTally]:
    """What a conversion counts, block by block."""
    source = PlannedSource(0, inspect(path), TRAIN)
    return [convert_block(block, TextHash(0.0, 0)).tally for block in read_blocks(source)]


@pytest.mark.parametrize("name", ["a.csv", "from_tfrecord.csv", "a.tfrecord"])
@pytest.mark.parametrize(("content", "answered", "empty", "malformed"), ODD_FILES.values(), ids=ODD_FILES)
def test_predict_and_convert_give_the_same_account_of_a_file(
    tmp_path: Path, name: str, content: bytes, answered: tuple[int, ...], empty: int, malformed: tuple[int, ...]
) -> None:
    """Whatever the file is called."""
    inputs = predicted(tmp_path, content, name)
    assert (inputs.rows, tuple(row.row for row in inputs.malformed)) == (answered, malformed)
    tally, _ = converted(tmp_path / name)  # the end
    assert (tally.read, tally.kept, tally.empty) == (len(answered) + empty + len(malformed), len(answered), empty)
    assert tally.malformed == [(row.row, row.reason) for row in inputs.malformed]
    counts = f"{len(answered)} of {tally.read} rows answered ({empty} without text, {len(malformed)} malformed)"
    assert [note for note in inputs.notes if "answered" in note] == (
        [f"{tmp_path / name}: {counts}"] if empty or malformed else []
    )


def test_texts_keep_their_characters(tmp_path: Path) -> None:
    text = "a\u2028b\x85c\x0cd\x1ce"
    assert predicted(tmp_path, f"{text}\nsecond\r\nthird\r\r\nlast".encode()).names == (text, "second", "third", "last")


def test_lines_of_a_text_keep_their_numbers(tmp_path: Path) -> None:
    """Blank lines are counted."""
    inputs = predicted(tmp_path, b"one\n\n  \ncaf\xe9\ntwo\n")
    assert (inputs.names, inputs.rows) == (("one", "two"), (1, 5))
    reason = "comment_text holds bytes that are not UTF-8, or NUL; if the file has another encoding, name it: --encoding cp1252"
    assert inputs.malformed == (MalformedInput(4, reason),)
    assert inputs.notes == (f"{tmp_path / 'a.txt'}: 2 of 5 rows answered (2 without text, 1 malformed)",)


def test_arguments_have_no_row(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\ntwo\n")
    assert read(("zero",), InputFile(path)).rows == (0, 1, 2)
    assert read(("zero",), None).rows == ()


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"hello, you\ngood day\n", ("hello, you", "good day")),
        (b"one, two\nthree, four!\nfive\n", ("one, two", "three, four!", "five")),
        (b"Hello, you!\nDear me, yes\n", ("Hello, you!", "Dear me, yes")),
        (b"hello, you\n", ("hello, you",)),
        (b'"quoted\nand open\n', ('"quoted', "and open")),
        (b"comment_text\n", None),
        (b"id,body\n1,a\n2,b\n", None),
        (b"id\tbody\n1\ta\n2\tb\n", None),
    ],
)
def test_content_decides_whether_a_file_is_a_table(tmp_path: Path, content: bytes, texts: tuple[str, ...] | None) -> None:
    """None: it is one, and has no usable comment; that its text column has another name is said."""
    if texts is not None:
        assert predicted(tmp_path, content, "a.csv").names == texts
    else:
        with pytest.raises(InputError, match=r"no column comment_text; columns found|no comments to judge"):
            predicted(tmp_path, content)


def test_a_column_is_read_under_the_name_that_is_given(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"id;body\n1;a, b\n")
    inputs = read((), InputFile(path, {"comment_text": "body"}))
    note = f"{path}: this looks separated by semicolons, and is read so; to read one comment a line: --delimiter none"
    assert (inputs.names, inputs.notes) == (("a, b",), (note,))


@pytest.mark.parametrize(
    ("content", "options", "texts"),
    [
        (b"comment_text^id\na^1\n", {"delimiter": "^"}, ("a",)),
        (b"comment_text\tid\na\t1\n", {"delimiter": "tab"}, ("a",)),
        (b"id,body\n1,a\n", {"delimiter": "none"}, ("id,body", "1,a")),
        (b"caf\xe9\n", {"encoding": "cp1252"}, ("café",)),
        ("comment_text\ncafé\n".encode("utf-16-le"), {"encoding": "utf-16-le"}, ("café",)),
    ],
)
def test_separator_and_encoding_can_be_named(
    tmp_path: Path, content: bytes, options: dict[str, str], texts: tuple[str, ...]
) -> None:
    assert predicted(tmp_path, content, **options).names == texts


@pytest.mark.parametrize(
    ("options", "message"), [({"delimiter": "comma"}, "delimiter is"), ({"encoding": "x"}, "no encoding 'x'")]
)
def test_options_of_no_known_value_are_refused(tmp_path: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        predicted(tmp_path, b"a\n", **options)
