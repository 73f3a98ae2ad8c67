"""Files of comments that are written strangely and must be read right, as `fairgate predict --file` is given them."""

import bz2
import gzip
import lzma

from data.records import encode_example
from data.records import frame_record as frame
from tests.files.strange import StrangeInput

LINES = "first text\nsecond text\n"
TEXTS = ("first text", "second text")
CSV = "id,comment_text\n1,first text\n2,second text\n"
RECORDS = b"".join(frame(encode_example({"comment_text": [text.encode()]})) for text in TEXTS)
SEPARATORS = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\x1dh\x1ei"  # that Python takes for line ends, and no editor does

TEXT_FILES = {
    "one comment a line": StrangeInput(LINES, TEXTS),
    "one line": StrangeInput("only\n", ("only",)),
    "no end of the last line": StrangeInput(LINES.rstrip("\n"), TEXTS),
    "\\r\\n": StrangeInput(LINES.replace("\n", "\r\n"), TEXTS),
    "blank lines": StrangeInput("\n\nfirst text\n\nsecond text\n\n", TEXTS),
    "line separators of Unicode within a line": StrangeInput(f"{SEPARATORS}\nsecond text\n", (SEPARATORS, "second text")),
    "UTF-8 with a byte-order mark": StrangeInput(LINES.encode("utf-8-sig"), TEXTS),
    "UTF-16 with a mark": StrangeInput("größe\n日本\n".encode("utf-16"), ("größe", "日本")),
    "Latin-1": StrangeInput("größe\n".encode("latin-1"), ("größe",), arguments=("--encoding", "latin-1")),
    "a line of 150,000 characters": StrangeInput("ab " * 50_000 + "c\n", ("ab " * 50_000 + "c",)),
    "10,000 lines": StrangeInput("".join(f"text {row}\n" for row in range(10_000)), [f"text {row}" for row in range(10_000)]),
    "quotes and commas": StrangeInput('"a", b; c\td|e\n"open\n', ('"a", b; c\td|e', '"open')),
    "the name of the text within a line": StrangeInput("a comment_text, he said\nb\n", ("a comment_text, he said", "b")),
    "commas in all lines": StrangeInput(
        "well, a!\nwell, b!\n",
        ("well, a!", "well, b!"),
        said="one comment a line, although commas divide its lines evenly",
    ),
    "JSON, as lines": StrangeInput('{"a": 1}\n', ('{"a": 1}',), arguments=("--delimiter", "none")),
    "a tag first": StrangeInput("<b>no</b>\n[deleted]\n", ("<b>no</b>", "[deleted]")),
    "gzip, named text": StrangeInput(gzip.compress(LINES.encode()), TEXTS),
    "bzip2": StrangeInput(bz2.compress(LINES.encode()), TEXTS, name="a.txt.bz2"),
    "xz, named gzip": StrangeInput(lzma.compress(LINES.encode()), TEXTS, name="a.txt.gz"),
    "text, named CSV": StrangeInput(LINES, TEXTS, name="a.csv"),
    "text, named TFRecord": StrangeInput(LINES, TEXTS, name="a.tfrecord"),
    "a line with NUL": StrangeInput("first text\nno\0thing\nsecond text\n", TEXTS, malformed={2: "NUL"}),
    "a line that is not UTF-8": StrangeInput(
        b"first text\ngr\xf6\xdfe\nsecond text\n", TEXTS, malformed={2: "not UTF-8"}, said="2 of 3 rows answered"
    ),
}
TABLES = {
    "CSV": StrangeInput(CSV, TEXTS, name="a.csv"),
    "CSV without a label": StrangeInput("comment_text\nfirst text\nsecond text\n", TEXTS, name="a.csv"),
    "CSV, named text": StrangeInput(CSV, TEXTS),
    "CSV, named after TFRecords": StrangeInput(CSV, TEXTS, name="from_tfrecord.csv"),
    "semicolons": StrangeInput(
        CSV.replace(",", ";"), TEXTS, name="a.csv", said="this looks separated by semicolons, and is read so"
    ),
    "tabs": StrangeInput(CSV.replace(",", "\t"), TEXTS, name="a.tsv", said="this looks separated by tabs, and is read so"),
    "carets": StrangeInput(
        CSV.replace(",", "^"),
        TEXTS,
        said="this looks separated by carets, and is read so; to read one comment a line: --d",
    ),
    "number signs": StrangeInput(CSV.replace(",", "#"), TEXTS, said="this looks separated by '#', and is read so"),
    "spaces before quotes": StrangeInput('id, "comment_text"\n1, "first text"\n2, "second text"\n', TEXTS),
    "two byte-order marks": StrangeInput(b"\xef\xbb\xbf\xef\xbb\xbf" + CSV.encode(), TEXTS),
    "both commas and semicolons in the header": StrangeInput(
        "comment_text;toxicity,x\nfirst text;0\nsecond text;1\n", TEXTS, said="this looks separated by semicolons"
    ),
    "pipes, given": StrangeInput(CSV.replace(",", "|"), TEXTS, arguments=("--delimiter", "|")),
    "another name of the text": StrangeInput(
        CSV.replace("comment_text", "Body [of it]"), TEXTS, arguments=("--columns", "text=Body [of it]")
    ),
    "texts over several lines": StrangeInput('comment_text\n"a\r\nb\rc"\n"d\u2028e"\n', ("a\r\nb\rc", "d\u2028e"), name="a.csv"),
    "UTF-16 of Excel": StrangeInput(CSV.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"), TEXTS),
    "a text of 150,000 characters": StrangeInput(CSV + f"3,{'ab ' * 50_000}\n", (*TEXTS, "ab " * 50_000), name="a.csv"),
    "rows without a text": StrangeInput(
        CSV + "3,\n", TEXTS, name="a.csv", said="2 of 3 rows answered (1 without text, 0 malformed)"
    ),
    "a row cut off": StrangeInput(CSV + "3\n", TEXTS, name="a.csv", malformed={3: "1 cell, but the header has 2 columns"}),
    "a row with a bare comma": StrangeInput(
        CSV + "3,a, b\n4,c\n", (*TEXTS, "c"), name="a.csv", malformed={3: "3 cells, but the header has 2 columns"}
    ),
    "a row with NUL": StrangeInput(CSV + "3,a\0b\n4,c\n", (*TEXTS, "c"), name="a.csv", malformed={3: "NUL"}),
    "a row that is not UTF-8": StrangeInput(
        CSV.encode() + b"3,gr\xf6\xdfe\n4,c\n", (*TEXTS, "c"), name="a.csv", malformed={3: "not UTF-8"}
    ),
    "gzip, named CSV": StrangeInput(gzip.compress(CSV.encode()), TEXTS, name="a.csv"),
    "TFRecords": StrangeInput(RECORDS, TEXTS, name="a.tfrecord"),
    "TFRecords in gzip, named CSV": StrangeInput(gzip.compress(RECORDS), TEXTS, name="a.csv"),
    "a record that is no example": StrangeInput(
        RECORDS + frame(b"\xff\xff"), TEXTS, name="a.tfrecord", malformed={3: "not a tf.train.Example"}
    ),
}
INPUTS = {
    f"{kind}: {name}": given for kind, inputs in {"text": TEXT_FILES, "table": TABLES}.items() for name, given in inputs.items()
}
