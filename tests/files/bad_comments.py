"""Files of comments that cannot be converted, as `fairgate data convert` and `fairgate run` are given them."""

import bz2
import gzip
import lzma
from pathlib import Path

from data.records import encode_example
from tests.files.mistakes import Mistake
from tests.framing import frame

CONVERT = "data convert civil-comments --to made"
HEADER = "comment_text,toxicity\n"
ROWS = "".join(f"text {row},{row % 2}\n" for row in range(20))
GOOD = HEADER + ROWS
RECORD = frame(encode_example({"comment_text": [b"a"], "toxicity": [0.5]}))
IMAGES = frame(encode_example({"image": [0] * 784, "label": [1]}))
RAISED = "--set input.max_malformed_fraction="
NAMES = "--columns text=NAME,label=NAME"
REPLACED = "--train good.csv"  # where no column of the file will do


def flipped(content: bytes, place: int) -> bytes:
    """Return the content with one other bit."""
    place %= len(content)
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


def one(
    content: str | bytes, *says: str, advice: dict[str, str] | None = None, name: str = "a.csv", options: str = ""
) -> Mistake:
    """Return the mistake of one file; its name must be said."""
    return Mistake(f"{CONVERT} --train {name}{options}", (name, *says), {name: content, "good.csv": GOOD}, advice or {})


def option(options: str, *says: str, advice: dict[str, str] | None = None) -> Mistake:
    """Return the mistake of an option beside a good file."""
    return Mistake(f"{CONVERT} --train good.csv {options}", says, {"good.csv": GOOD}, advice or {})


def rows(bad: str, share: str, *says: str) -> Mistake:
    """Return the mistake of a bad row among 20 good ones; the share of bad rows above which it stops is advised."""
    return one(HEADER + ROWS + bad, *says, "1 malformed", advice={RAISED + share: ""})


def scale(bad: str, ends: str) -> Mistake:
    """Return the mistake of a rating among 20 good labels; the scale is advised."""
    option = f"--set 'input.label_scales.toxicity={ends}'"
    return one(HEADER + ROWS + f"more,{bad}\n", f"row 21: toxicity is {bad!r}", advice={RAISED + "0.048": "", option: ""})


def looped(folder: Path) -> None:
    """Make a link that leads to itself, and a good file."""
    (folder / "loop").symlink_to("loop")
    (folder / "a.csv").write_text(GOOD)


FORMATS = {
    "empty": one("", "the file is empty"),
    "blank lines alone": one("\n\n\n", "columns found: none", advice={"--delimiter '^'": REPLACED, NAMES: REPLACED}),
    "a header alone": one(HEADER, "no usable row; 0 rows read"),
    "no header": one(
        ROWS,
        "columns found: 'text 0', '0'",
        advice={NAMES: "--columns 'text=text 0,label=0'"},
    ),
    "a zip archive": one(b"PK\x03\x04" + bytes(100), "a zip archive; unpack it first"),
    "a spreadsheet": one(b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", "a spreadsheet (.xlsx, .ods)", name="a.xlsx"),
    "an old spreadsheet": one(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "an old Office document", name="a.xls"),
    "a Parquet file": one(b"PAR1" + bytes(100), "a Parquet file; export it as CSV, for example python -c"),
    "a PDF": one(b"%PDF-1.7\n" + bytes(100), "a PDF document; save its table as CSV"),
    "a picture": one(b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture; name a file of comments"),
    "a JSON file": one('[{"comment_text": "a", "toxicity": 0}]\n', "a JSON file; export it as CSV, for example python -c"),
    "JSON lines": one('{"comment_text": "a", "toxicity": 0}\n', "JSON lines; export it as CSV, for example python -c"),
    "a page": one("<!DOCTYPE html>\n<html>Not found</html>\n", "an HTML page; save its table as CSV"),
    "an SQL dump": one("INSERT INTO comments VALUES ('a', 0);\n", "an SQL dump; export the table as CSV"),
    "lines above the header": one(
        "exported by X\n\n" + GOOD, "line 3 looks like the header; remove the lines above it, for example tail -n +3 a.csv > FILE"
    ),
    "apostrophes for quotes": one(
        "'comment_text','toxicity'\n'a','0'\n'b','1'\n", "its cells are quoted with ', which CSV does not know"
    ),
    "zeros": one(bytes(4096), "neither text nor a TFRecord file"),
    "gzip, cut off": one(gzip.compress(GOOD.encode())[:-30], "damaged gzip file"),
    "gzip, one bit flipped": one(flipped(gzip.compress(GOOD.encode()), -6), "damaged gzip file"),
    "gzip's first bytes": one(b"\x1f\x8bno more", "damaged gzip file"),
    "gzip within gzip": one(gzip.compress(gzip.compress(GOOD.encode())), "compressed twice"),
    "bzip2, cut off": one(bz2.compress(GOOD.encode())[:-10], "damaged bzip2 file"),
    "bzip2, one bit flipped": one(flipped(bz2.compress(GOOD.encode()), -20), "damaged bzip2 file"),
    "xz, cut off": one(lzma.compress(GOOD.encode())[:-30], "damaged xz file"),
    "xz, one bit flipped": one(flipped(lzma.compress(GOOD.encode()), -30), "damaged xz file"),
    "a record cut off": one(RECORD * 20 + RECORD[:-1], "record 21 is cut off", name="a.tfrecord"),
    "a record with a flipped bit": one(RECORD * 20 + flipped(RECORD, -6), "record 21 has a wrong checksum", name="a.tfrecord"),
    "a damaged length": one(RECORD * 20 + flipped(RECORD, 2), "record 21 has a damaged length", name="a.tfrecord"),
    "the first record damaged": one(flipped(RECORD, -6), "record 1 has a wrong checksum", name="a.tfrecord"),
    "records of images": one(
        IMAGES * 20, "columns found: 'image', 'label'", name="a.tfrecord", advice={"--columns text=NAME,label=label": REPLACED}
    ),
    "records of nothing known": one(frame(b"\xff\xff") * 20, "columns found: none", name="a.tfrecord", advice={NAMES: REPLACED}),
}
QUOTING = {
    "an open quote": one(GOOD + '"never closed,0\n', "wrong quoting in the row that starts in line 22"),
    "an open quote in the header": one('"comment_text,toxicity\n' + ROWS, "wrong quoting in the row that starts in line 1"),
    "a quote that ends too early": one(GOOD + '"a" b,0\n', "wrong quoting", "write quotes inside it twice"),
}
ENCODINGS = {
    "Latin-1": one(
        (HEADER + "".join(f"größe {row},{row % 2}\n" for row in range(20))).encode("latin-1"),
        "comment_text holds bytes that are not UTF-8",
        advice={"--encoding cp1252": ""},
    ),
    "an encoding that is none": option("--encoding utf-9", "'utf-9'", advice={"--encoding cp1252": ""}),
    "ASCII that is not": one(
        HEADER + ROWS + "größe,0\n",
        "row 21: comment_text holds bytes that are not",
        options=" --encoding ascii",
        advice={"--encoding cp1252": "", RAISED + "0.048": ""},
    ),
    "UTF-16, cut within a character": one(GOOD.encode("utf-16")[:-3], "row 20: toxicity is ", advice={RAISED + "0.05": ""}),
    "UTF-16 without a mark": one(GOOD.encode("utf-16-le"), "without a byte-order mark", advice={"--encoding utf-16-le": ""}),
}
SEPARATORS = {
    "a delimiter of two characters": option(
        "--delimiter ';;'", "';;'", advice={"--delimiter ';'": "--delimiter ,", "--delimiter tab": "--delimiter ,"}
    ),
    "a delimiter that is none": option(
        "--delimiter x",
        "with --delimiter 'x' (leave it out to have it detected)",
        advice={"--columns text=comment_te,label=NAME": "--delimiter ,"},
    ),
    "another delimiter than the file's": option(
        "--delimiter ';'",
        "columns found: 'comment_text,toxicity'",
        advice={"leave it out": f"fairgate {CONVERT} --train good.csv", NAMES: "--delimiter ,"},
    ),
    "semicolons, and other names": one(
        "comment;rating\na;0\nb;1\n",
        "this looks separated by semicolons",
        "columns found: 'comment', 'rating'",
        advice={"--columns text=comment,label=NAME": "--columns text=comment,label=rating"},
    ),
    "tabs, and other names": one(
        "comment\trating\na\t0\nb\t1\n",
        "this looks separated by tabs",
        "columns found: 'comment', 'rating'",
        advice={"--columns text=comment,label=NAME": "--columns text=comment,label=rating"},
    ),
    "texts with bare commas": one(
        HEADER + ROWS.replace("text", "text, too"),
        "3 cells, but the header has 2 columns",
    ),
}
COLUMNS = {
    "another name of the text": one(
        GOOD.replace("comment_text", "comment"),
        "no column comment_text; columns found: 'comment', 'toxicity'",
        advice={"--columns text=comment": ""},
    ),
    "another name of the label": one(
        GOOD.replace("toxicity", "rating"),
        "no column toxicity or target",
        advice={"--columns label=NAME": "--columns label=rating"},
    ),
    "both names nearly right": one(
        GOOD.replace(HEADER, "Comment Text,Toxicity\n"),
        "'Comment Text'",
        advice={"--columns 'text=Comment Text,label=Toxicity'": ""},
    ),
    "a group nearly right": one(
        "comment_text,toxicity,Femal\na,0,1\nb,1,0\n",
        "'Femal' (did you mean 'female'?)",
        advice={"--columns female=Femal": "", "--ignore-column Femal": ""},
    ),
    "two groups nearly right": one(
        "comment_text,toxicity,Femal,Black people\na,0,1,0\nb,1,0,1\n",
        "'Femal' (did you mean 'female'?)",
        advice={"--columns female=Femal": "", "--ignore-column Femal": ""},
    ),
    "a label that is misspelt": one(
        GOOD.replace("toxicity", "rating"),
        "lacks the column 'ratng', which is to be read as label",
        options=" --columns label=ratng",
        advice={"--columns label=rating": f"fairgate {CONVERT} --train a.csv --columns label=rating"},
    ),
    "an ignored column that is misspelt": Mistake(
        f"{CONVERT} --train a.csv --ignore-column Femael --columns female=Female",
        ("no file has the column 'Femael', which is to be ignored",),
        {"a.csv": "comment_text,toxicity,Female\na,0,1\nb,1,0\nc,0,0\nd,1,1\n"},
        {"--ignore-column Female": f"fairgate {CONVERT} --train a.csv --ignore-column Female"},
    ),
    "a threshold of a misspelt label": Mistake(
        f"""{CONVERT} --train a.csv --columns label=in.sult --set 'input.label_thresholds={{"in.sults": 0.7}}'""",
        ("input.label_thresholds has the column 'in.sults', which is no label",),
        {"a.csv": GOOD.replace("toxicity", "in.sult")},
        {
            """--set 'input.label_thresholds={"in.sult": …}'""": f"fairgate {CONVERT} --train a.csv --columns label=in.sult "
            """--set 'input.label_thresholds={"in.sult": 0.7}'"""
        },
    ),
    "the text twice": one("comment_text,comment_text,toxicity\na,b,0\n", "the column comment_text appears 2 times; keep one"),
    "the label twice": one("comment_text,toxicity,toxicity\na,1,0\n", "the column toxicity appears 2 times; keep one"),
    "a mapping of an absent column": option("--columns text=comment", "no file has the column 'comment'"),
    "a mapping to an unknown column": option("--columns txt=comment_text", "'txt'"),
    "a mapping of one column twice": option("--columns text=x,label=x", "'x' is read both as text and as label; name it once"),
    "a name mapped twice": option("--columns text=x,text=y", "text"),
    "a mapping that is none": option(
        "--columns text",
        "--columns 'text' is not of the form",
        advice={"--columns text=comment,label=rating": f"fairgate {CONVERT} --train good.csv --columns text=comment_text"},
    ),
    "a mapping without a name": option("--columns text=", "is not of the form"),
    "a mapping without a known name": option("--columns =x", "is not of the form"),
}
LABELS = {
    "words": rows("more,toxic\n", "0.048", "row 21: toxicity is 'toxic'"),
    "a comma of thousands": rows('more,"1,000"\n', "0.048", "row 21: toxicity is '1,000'", "may stand before thousands"),
    "a percentage": scale("90", "[0,100]"),
    "ratings": one(
        HEADER + "a,1\nb,1\nc,1\nd,4\ne,5\n",
        "row 4: toxicity is '4', not a fraction from 0 to 1",
        advice={RAISED + "0.4": "", "--set 'input.label_scales.toxicity=[1,5]'": ""},
    ),
    "below zero": scale("-1", "[-1,1]"),
    "a quote behind a space": rows('more, "1"\n', "0.048", "row 21: toxicity is ' \"1\"'", "remove the space"),
    "a missing value": rows("more,NA\n", "0.048", "row 21: toxicity is 'NA', which says nothing"),
    "not a number": rows("more,nan\n", "0.048", "row 21: toxicity is 'nan'"),
    "without end": rows("more,inf\n", "0.048", "row 21: toxicity is 'inf'"),
    "no label": rows("more,\n", "0.048", "row 21: toxicity is empty"),
    "a share of raters for a group": one(
        "comment_text,toxicity,male\n" + ROWS.replace("\n", ",0\n") + "more,1,2\n",
        "row 21: male is '2', not a fraction from 0 to 1",
        advice={RAISED + "0.048": ""},
    ),
    "every label a word": one(HEADER + "a,good\nb,bad\n", "no usable row", "'good'"),
}
ROWS_LOST = {
    "a row cut off": rows("more\n", "0.048", "row 21: 1 cell, but the header has 2 columns"),
    "NUL in a text": rows("mo\0re,1\n", "0.048", "row 21: comment_text holds"),
    "texts without any": one(HEADER + ",0\n" * 20, "no usable row", "20 with empty text"),
    "a line of 17 million characters": one(HEADER + "a" * (17 << 20) + ",1\n", "line 2 is longer"),
}
ONTO = "data convert civil-comments --train a.csv --to"
ONE = {"a.csv": GOOD}
PLACES = {
    "an empty name of a file": Mistake(
        f"{CONVERT} --train=", ("--train is empty", "give a value, or leave it out"), {"a.csv": GOOD}
    ),
    "an empty name of a folder": Mistake(
        "data convert civil-comments --train a.csv --to ''", ("--to is empty", "give a value, or leave it out"), {"a.csv": GOOD}
    ),
    "an empty name among the settings": Mistake(
        f"""{CONVERT} --set "input.train=['']" """, ("input.train: a name is empty",), ONE, {"--train FILE": "--train a.csv"}
    ),
    "a folder in a file": Mistake(
        "data convert civil-comments --train a.csv --to a.csv/x/y",
        ("a.csv is a file, so no folder can be in it",),
        {"a.csv": GOOD},
    ),
    "a folder that is a link to itself": Mistake(f"{ONTO} loop", ("loop: a link that leads back to itself; remove it",), looped),
    "a file that is a link to itself": Mistake(f"{CONVERT} --train loop", ("loop: cannot be read (Too many levels",), looped),
    "a file in a file": Mistake(f"{CONVERT} --train a.csv/b.csv", ("a.csv/b.csv: no such file",), {"a.csv": GOOD}),
}
SPLITS = {
    "an unknown split": one(
        "comment_text,toxicity,split\na,0,train\nb,1,test\nc,1,dev\n",
        "split is 'dev'",
        "train, test, eval or valid",
        advice={RAISED + "0.34": ""},
    ),
    "all rows in train": one(
        "comment_text,toxicity,split\na,0,train\nb,1,train\n", "no row for eval", advice={"--eval FILES": "--eval good.csv"}
    ),
    "one row": one(HEADER + "a,0\n", "no row for train", advice={"--eval FILES": "--eval good.csv"}),
    "the same texts in train and eval": Mistake(
        f"{CONVERT} --train a.csv --eval b.csv --set input.shared_texts=refuse",
        ("20 of 20 rows of eval have a text that train has too",),
        {"a.csv": GOOD + "more,0\n", "b.csv": HEADER + ROWS.replace("text", "  TEXT ")},
        {"--set input.shared_texts=remove": "", "--set input.shared_texts=keep": ""},
    ),
    "the same file twice": Mistake(
        f"{CONVERT} --train a.csv --eval b.csv", ("b.csv: the same content as a.csv",), {"a.csv": GOOD, "b.csv": GOOD}
    ),
    "one file with a column split and one without": Mistake(
        f"{CONVERT} --train a.csv --train b.csv",
        ("b.csv: no column split, but other train files have one",),
        {"a.csv": "comment_text,toxicity,split\na,0,train\nb,1,test\n", "b.csv": GOOD, "c.csv": HEADER + "new,0\n"},
        {"--eval FILES": "--eval c.csv"},
    ),
}
