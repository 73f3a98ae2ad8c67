"""Files of comments that are written strangely and must be read right, as `fairgate data convert` is given them."""

import bz2
import gzip
import lzma
from collections.abc import Iterable, Mapping
from pathlib import Path

from data.comments.civil_comments import Comment
from data.records import Values, encode_example
from tests.files.strange import EVAL, ROWS, TRAIN, Make, StrangeSource, comment, table
from tests.framing import frame

CSV = table()
HELD_OUT = "comment_text,toxicity\nthird text,0\n"
TWO_FILES = ("--train", "a.csv", "--eval", "b.csv")


def with_text(text: str) -> str:
    """Return the table with another text, as it is quoted, in place of the first."""
    return CSV.replace("first text", text)


def reading(text: str) -> tuple[Comment, ...]:
    """Return the train rows with that text first."""
    return (comment(text), TRAIN[1])


def headed(header: str) -> str:
    """Return the table under another header."""
    return CSV.replace(",".join(ROWS[0]), header)


def labelled(no: str, yes: str) -> str:
    """Return the table with other words for the labels."""
    return table([ROWS[0], *([text, {"0": no, "1": yes}[label], *rest] for text, label, *rest in ROWS[1:])])


def files(contents: Mapping[str, str | bytes]) -> Make:
    """Return what writes the files, by name, into a folder."""

    def make(folder: Path) -> None:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return make


ENCODINGS = {
    "UTF-8 of many scripts": StrangeSource(with_text("größe 日本語 👩‍🚀 e\u0301"), train=reading("größe 日本語 👩‍🚀 e\u0301")),
    "UTF-8 with a byte-order mark": StrangeSource(CSV.encode("utf-8-sig")),
    "a byte-order mark before a quoted header": StrangeSource(CSV.replace("comment_text", '"comment_text"').encode("utf-8-sig")),
    "two byte-order marks": StrangeSource(b"\xef\xbb\xbf" + CSV.encode("utf-8-sig")),
    "UTF-16, little end first": StrangeSource(
        "\ufeff".encode("utf-16-le") + with_text("größe").encode("utf-16-le"), train=reading("größe")
    ),
    "UTF-16, big end first": StrangeSource(
        "\ufeff".encode("utf-16-be") + with_text("größe").encode("utf-16-be"), train=reading("größe")
    ),
    "UTF-16 without a mark": StrangeSource(CSV.encode("utf-16-le"), arguments=("--encoding", "utf-16-le")),
    "Latin-1": StrangeSource(with_text("größe").encode("latin-1"), arguments=("--encoding", "latin-1"), train=reading("größe")),
    "Windows-1252": StrangeSource(
        with_text("“10 €”").encode("cp1252"), arguments=("--encoding", "cp1252"), train=reading("“10 €”")
    ),
    "Shift JIS": StrangeSource(
        with_text("日本語").encode("shift_jis"), arguments=("--encoding", "shift_jis"), train=reading("日本語")
    ),
    "UTF-16 of Excel, separated by tabs": StrangeSource(table(separator="\t", end="\r\n").encode("utf-16"), name="a.txt"),
}
SEPARATORS = {
    "semicolons": StrangeSource(table(separator=";"), said=("a.csv: this looks separated by semicolons, and is read so",)),
    "tabs": StrangeSource(table(separator="\t"), name="a.tsv", said=("a.tsv: this looks separated by tabs, and is read so",)),
    "pipes": StrangeSource(table(separator="|"), said=("a.csv: this looks separated by vertical bars, and is read so",)),
    "semicolons, given": StrangeSource(table(separator=";"), arguments=("--delimiter", ";")),
    "tabs, given": StrangeSource(table(separator="\t"), arguments=("--delimiter", "tab")),
    "pipes, given": StrangeSource(table(separator="|"), arguments=("--delimiter", "|")),
    "commas, given": StrangeSource(CSV, arguments=("--delimiter", ",")),
    "carets": StrangeSource(table(separator="^"), said=("a.csv: this looks separated by carets, and is read so",)),
    "section signs": StrangeSource(table(separator="§"), said=("a.csv: this looks separated by '§', and is read so",)),
    "spaces before quotes": StrangeSource("".join(", ".join(f'"{cell}"' for cell in row) + "\n" for row in ROWS)),
    "semicolons around bare commas": StrangeSource(
        table(separator=";").replace("first text", "first, second, third"), train=reading("first, second, third")
    ),
    "tabs around bare quotes": StrangeSource(
        table(separator="\t").replace("first text", 'she said "no"'), train=reading('she said "no"')
    ),
    "commas around bare semicolons": StrangeSource(with_text("a; b; c; d; e; f; g"), train=reading("a; b; c; d; e; f; g")),
    "commas, and a column name with semicolons": StrangeSource(
        headed("comment_text,toxicity,a;b;c;d,split"), train=(comment("first text"), comment("second text", toxic=True))
    ),
    "semicolons in a gzip file of Latin-1": StrangeSource(
        gzip.compress(table(separator=";").replace("first text", "größe").encode("latin-1")),
        arguments=("--encoding", "latin-1"),
        train=reading("größe"),
    ),
}
QUOTING = {
    "every cell quoted": StrangeSource("".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in ROWS)),
    "doubled quotes": StrangeSource(with_text('"a ""quoted"" word"'), train=reading('a "quoted" word')),
    "a text of quotes": StrangeSource(with_text('""""""'), train=reading('""')),
    "commas in quotes": StrangeSource(with_text('"a, b, and c"'), train=reading("a, b, and c")),
    "quotes within a bare text": StrangeSource(with_text('she said "no"'), train=reading('she said "no"')),
    "apostrophes": StrangeSource(with_text("'tis isn't"), train=reading("'tis isn't")),
    "backslashes": StrangeSource(with_text(r'"a\n, \\ and \,"'), train=reading(r"a\n, \\ and \,")),
    "HTML and markup": StrangeSource(with_text("<b>[red]a[/]</b> &amp;"), train=reading("<b>[red]a[/]</b> &amp;")),
    "a header in a text": StrangeSource(with_text('"comment_text,toxicity"'), train=reading("comment_text,toxicity")),
    "formulas": StrangeSource(with_text("=1+1"), train=reading("=1+1")),
}
LINE_ENDS = {
    "\\r\\n": StrangeSource(table(end="\r\n")),
    "\\r": StrangeSource(table(end="\r")),
    "\\n and \\r\\n in turn": StrangeSource(CSV.replace("train\n", "train\r\n", 1)),
    "\\n within quotes": StrangeSource(with_text('"one\ntwo"'), train=reading("one\ntwo")),
    "\\r\\n within quotes": StrangeSource(with_text('"one\r\ntwo"'), train=reading("one\r\ntwo")),
    "\\r within quotes": StrangeSource(with_text('"one\rtwo"'), train=reading("one\rtwo")),
    "all of them within quotes": StrangeSource(with_text('"1\r2\n3\r\n\n4"'), train=reading("1\r2\n3\r\n\n4")),
    "no end of the last line": StrangeSource(CSV.rstrip("\n")),
    "no end of the last line, which is quoted": StrangeSource(CSV.rstrip("\n").removesuffix("test") + '"test"'),
    "blank lines everywhere": StrangeSource("\n\n" + CSV.replace("\n", "\n\n\n")),
    "line separators of Unicode within a text": StrangeSource(
        with_text("a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"), train=reading("a\u2028b\u2029c\x85d\x0be\x0cf\x1cg")
    ),
}
SIZES = {
    "one row in each split": StrangeSource(
        files({"a.csv": "comment_text,toxicity\none,1\n", "b.csv": HELD_OUT}),
        arguments=TWO_FILES,
        train=(comment("one", toxic=True),),
    ),
    "a text of 150,000 characters": StrangeSource(with_text("ab " * 50_000), train=reading("ab " * 50_000)),
    "a text of one character": StrangeSource(with_text("ä"), train=reading("ä")),
    "a text of spaces around a word": StrangeSource(with_text("  word "), train=reading("  word ")),
    "10,000 rows": StrangeSource(
        "comment_text,toxicity,split\n"
        + "".join(f"text {row},{row % 2},{'test' if row % 10 == 0 else 'train'}\n" for row in range(10_000)),
        train=[comment(f"text {row}", toxic=row % 2 == 1) for row in range(10_000) if row % 10],
        eval=[comment(f"text {row}") for row in range(0, 10_000, 10)],
    ),
    "500 further columns": StrangeSource(
        table([(*row, *(f"x{place}" if place % 2 else "" for place in range(500))) for row in ROWS[:1]])
        + table([(*row, *["0.5"] * 500) for row in ROWS[1:]])
    ),
    "rows without a text are counted": StrangeSource(
        CSV + ",0,0,train\n,1,,test\n", said=("3 of 5 rows kept (2 without text, 0 malformed)",)
    ),
}
COLUMNS = {
    "names with spaces, cases and brackets": StrangeSource(
        headed("Comment Text,Is it toxic? [0/1],Men (%),split"),
        arguments=("--columns", "text=Comment Text,label=Is it toxic? [0/1],male=Men (%)"),
    ),
    "one option for each name": StrangeSource(
        headed("comment,rating,men,part"),
        arguments=("--columns", "text=comment", "--columns", "label=rating", "--columns", "male=men", "--columns", "split=part"),
    ),
    "names of the configuration": StrangeSource(
        headed("comment,score,men,split"), arguments=("--set", "input.columns={text: comment, label: score, male: men}")
    ),
    "known names in full": StrangeSource(
        headed("comment,score,male,split"), arguments=("--columns", "comment_text=comment,toxicity=score")
    ),
    "names of another script": StrangeSource(
        headed("Kommentär,毒性,male,split"), arguments=("--columns", "text=Kommentär,label=毒性")
    ),
    "names that are nearly right": StrangeSource(
        headed("Comment Text,Toxicity,Male,split"), arguments=("--columns", "text=Comment Text,label=Toxicity,male=Male")
    ),
    "names with spaces around them": StrangeSource(
        headed("comment_text, toxicity,male,split"), arguments=("--columns", "label= toxicity")
    ),
    "a name with an equals sign": StrangeSource(headed("a=b,toxicity,male,split"), arguments=("--columns", "text=a=b")),
    "a column of group names": StrangeSource(
        files(
            {"a.csv": "comment,rating,sex\none,1,female\ntwo,0,male\nthree,0,\n", "b.csv": "comment,rating,sex\nthird text,0,\n"}
        ),
        arguments=(*TWO_FILES, "--columns", "text=comment,label=rating,gender=sex"),
        train=(comment("one", toxic=True, gender="female"), comment("two", gender="male"), comment("three")),
    ),
    "groups that are not said": StrangeSource(
        CSV.replace("text,0,0,", "text,0,NA,").replace("text,0,,", "text,0, ,"),
        said=("cells that say nothing count as not annotated, in so many rows: male 'NA' 1, male ' ' 1",),
    ),
    "columns in another order": StrangeSource(table([row[::-1] for row in ROWS])),
    "Kaggle's further columns": StrangeSource(
        table([(*ROWS[0], "rating", "id", "funny", "likes"), *((*row, "approved", "7", "0", "3") for row in ROWS[1:])])
    ),
    "an unused column twice": StrangeSource(table([(*ROWS[0], "x", "x"), *((*row, "1", "2") for row in ROWS[1:])])),
    "Kaggle's name of the label": StrangeSource(headed("comment_text,target,male,split")),
    "a file of its own for eval": StrangeSource(
        files({"a.csv": "comment_text,toxicity\none,1\n", "b.csv": "comment_text,target\nthird text,0\n"}),
        arguments=TWO_FILES,
        train=(comment("one", toxic=True),),
    ),
}
LABELS = {
    "0.0 and 1.0": StrangeSource(labelled("0.0", "1.0")),
    "true and false": StrangeSource(labelled("false", "true")),
    "True and FALSE": StrangeSource(labelled("FALSE", "True")),
    "yes and no": StrangeSource(labelled("no", "yes"), said=("'yes' is positive",)),
    "Yes and NO": StrangeSource(labelled("NO", "Yes")),
    "shares of raters": StrangeSource(labelled("0.49", "0.5")),
    "shares as science writes them": StrangeSource(labelled("1e-3", "5E-1")),
    "T and F": StrangeSource(labelled("F", "T"), said=("'t' is positive (1 row), 'f' negative (2)",)),
    "y and N": StrangeSource(labelled("N", "y")),
    "percentages": StrangeSource(labelled("20 %", "100%")),
    "decimal commas": StrangeSource(table(separator=";").replace(";0;", ";0,2;").replace(";1;", ";0,7;")),
    "ratings": StrangeSource(
        labelled("1", "4"),
        arguments=("--set", "input.label_scales.toxicity=[1,5]"),
        said=("toxicity: 3 and above is positive (1 row), below 3 negative (2)",),
    ),
    "-1 and 1": StrangeSource(labelled("-1", "1"), arguments=("--set", "input.label_scales.toxicity=[-1,1]")),
    "a threshold of a column with a dot": StrangeSource(
        labelled("0.6", "0.8").replace("toxicity", "a.b"),
        arguments=("--columns", "label=a.b", "--set", 'input.label_thresholds={"a.b": 0.7}'),
    ),
    "shares without a leading zero": StrangeSource(labelled(".25", ".75")),
}


def records(rows: Iterable[Comment], split: str) -> bytes:
    """Return a TFRecord file with the rows as raw columns."""
    return b"".join(frame(_example(row, split)) for row in rows)


def _example(row: Comment, split: str) -> bytes:
    male = float("male" in row.identities["gender"])
    columns: dict[str, Values] = {"comment_text": [row.text.encode()], "toxicity": [float(row.toxic)], "male": [male]}
    return encode_example({**columns, "split": [split.encode()]})


RECORDS = records(TRAIN, "train") + records(EVAL, "test")
PROCESSED = b"".join(
    frame(encode_example({"comment_text": [text], "toxicity": [label], "gender": gender, "split": [split]}))
    for text, label, gender, split in (
        (b"first text", 0.0, [], b"train"),
        (b"second text", 1.0, [b"male"], b"train"),
        (b"third text", 0.0, [], b"test"),
    )
)
COMPRESSION = {
    "gzip": StrangeSource(gzip.compress(CSV.encode()), name="a.csv.gz"),
    "bzip2": StrangeSource(bz2.compress(CSV.encode()), name="a.csv.bz2"),
    "xz": StrangeSource(lzma.compress(CSV.encode()), name="a.csv.xz"),
    "gzip, named CSV": StrangeSource(gzip.compress(CSV.encode())),
    "bzip2, named gzip": StrangeSource(bz2.compress(CSV.encode()), name="a.csv.gz"),
    "xz, named text": StrangeSource(lzma.compress(CSV.encode()), name="a.txt"),
    "plain, named gzip": StrangeSource(CSV, name="a.csv.gz"),
    "plain, named xz": StrangeSource(CSV, name="a.xz"),
    "several gzip files in one": StrangeSource(gzip.compress(CSV[:40].encode()) + gzip.compress(CSV[40:].encode())),
    "several bzip2 files in one": StrangeSource(bz2.compress(CSV[:40].encode()) + bz2.compress(CSV[40:].encode())),
    "CSV, named after TFRecords": StrangeSource(CSV, name="from_tfrecord.csv"),
    "CSV, named TFRecord": StrangeSource(CSV, name="a.tfrecord.gz"),
    "TFRecords": StrangeSource(RECORDS, name="a.tfrecord"),
    "TFRecords, named CSV": StrangeSource(RECORDS),
    "TFRecords in gzip, named text": StrangeSource(gzip.compress(RECORDS), name="a.txt"),
    "TFRecords in bzip2": StrangeSource(bz2.compress(RECORDS), name="a.tfrecord"),
    "TFRecords in xz": StrangeSource(lzma.compress(RECORDS), name="a.tfrecord.gz"),
    "TFRecords of lists": StrangeSource(PROCESSED, name="a.tfrecord"),
    "TFRecords with another name of the text": StrangeSource(
        RECORDS,
        name="a.tfrecord",
        arguments=("--columns", "female=male"),
        train=(TRAIN[0], comment("second text", toxic=True, gender="female")),
    ),
}


def linked(folder: Path) -> None:
    """Make a.csv a link into another folder."""
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "b.csv").write_text(CSV)
    (folder / "a.csv").symlink_to("elsewhere/b.csv")


PARTS = {
    "train-[1].csv": "comment_text,toxicity\nfirst text,0\n",
    "train-[2].csv": "comment_text,target,male\nsecond text,1,1\n",
    "b.csv": HELD_OUT,
}
NAMES = {
    "a space": StrangeSource(CSV, name="my comments.csv"),
    "brackets": StrangeSource(CSV, name="a[1].csv"),
    "an asterisk": StrangeSource(CSV, name="*.csv"),
    "a question mark": StrangeSource(CSV, name="what?.csv"),
    "quotes": StrangeSource(CSV, name='it\'s "a".csv'),
    "letters of other scripts": StrangeSource(CSV, name="größe—日本.csv"),
    "a dash in front": StrangeSource(CSV, name="-x.csv"),
    "a line end": StrangeSource(CSV, name="a\nb.csv"),
    "a comma and an equals sign": StrangeSource(CSV, name="text=a,b.csv"),
    "a colour of a terminal": StrangeSource(CSV, name="[red]a[bold].csv"),
    "no ending": StrangeSource(CSV, name="comments"),
    "a dot in front": StrangeSource(CSV, name=".csv"),
    "255 bytes": StrangeSource(CSV, name="a" * 251 + ".csv"),
    "a link": StrangeSource(linked),
    "a folder with brackets": StrangeSource(files({"a [1]/b*?.csv": CSV}), arguments=("--train", "a [1]/b*?.csv")),
    "a glob": StrangeSource(files(PARTS), arguments=("--train", "train-*.csv", "--eval", "b.csv")),
    "a glob in a folder with brackets": StrangeSource(
        files({f"a[1]/{name}": content for name, content in PARTS.items()}),
        arguments=("--train", "a[1]/train-*.csv", "--eval", "a[1]/b.csv"),
    ),
    "a glob of a range": StrangeSource(
        files(
            {"part-1.csv": PARTS["train-[1].csv"], "part-2.csv": PARTS["train-[2].csv"], "part-x.csv": "no", "b.csv": HELD_OUT}
        ),
        arguments=("--train", "part-[0-9].csv", "--eval", "b.csv"),
    ),
    "files named one by one": StrangeSource(
        files(PARTS), arguments=("--train", "train-[1].csv", "--train", "train-[2].csv", "--eval", "b.csv")
    ),
    "a glob through folders": StrangeSource(
        files({"x/1.csv": PARTS["train-[1].csv"], "x/y/z/2.csv": PARTS["train-[2].csv"], "b.csv": HELD_OUT}),
        arguments=("--train", "x/**/*.csv", "--eval", "b.csv"),
    ),
}
SOURCES = {
    f"{kind}: {name}": source
    for kind, sources in {
        "encoding": ENCODINGS,
        "separator": SEPARATORS,
        "quoting": QUOTING,
        "line end": LINE_ENDS,
        "size": SIZES,
        "column": COLUMNS,
        "label": LABELS,
        "compression": COMPRESSION,
        "name": NAMES,
    }.items()
    for name, source in sources.items()
}
