"""Files and arguments that `fairgate predict` cannot answer; the model is not looked for."""

import gzip

from tests.files.mistakes import Mistake
from tests.files.strange_inputs import CSV
from tests.files.strange_pictures import GREY, SHADES, csv, idx, picture

COMMENTS = "predict civil-comments --model ."
LINES = "--delimiter none"
PICTURES = "predict digits --model ."


def file(
    content: str | bytes, *says: str, advice: dict[str, str] | None = None, options: str = "", name: str = "a.csv"
) -> Mistake:
    """Return the mistake of a file of comments; its name must be said."""
    return Mistake(f"{COMMENTS} --file {name}{options}", (name, *says), {name: content}, advice or {})


def drawn(content: str | bytes, *says: str, name: str = "a.png") -> Mistake:
    """Return the mistake of a file of pictures; its name must be said."""
    return Mistake(f"{PICTURES} {name}", (name, *says), {name: content})


INPUTS = {
    "no comment": Mistake(COMMENTS, ("No comments to judge",), {"a.txt": "a\n"}, {"--file FILE": "--file a.txt"}),
    "a blank comment": Mistake(f"{COMMENTS} ' '", ("A comment is blank; give a text",)),
    "a comment that is not UTF-8": Mistake(f"{COMMENTS} '\udcff'", ("is not valid UTF-8",)),
    "no such file": Mistake(f"{COMMENTS} --file absent.txt", ("absent.txt: no such file",)),
    "a folder": Mistake(f"{COMMENTS} --file folder", ("folder: a folder, not a file",), {"folder/a.txt": "a\n"}),
    "an empty file": file("", "the file is empty"),
    "blank lines": file("\n\n", "no comments to judge", name="a.txt"),
    "a header alone": file("id,comment_text\n", "no comments to judge"),
    "the text twice": file("comment_text,comment_text\na,b\n", "the column comment_text appears 2 times"),
    "a column that is absent": file(CSV, "no column 'body', which --columns names", options=" --columns text=body"),
    "an open quote": file(CSV + '3,"a\n', "wrong quoting in the row that starts in line 4"),
    "an encoding that is none": Mistake(
        f"{COMMENTS} --file a.csv --encoding x", ("'x'",), {"a.csv": CSV}, {"--encoding cp1252": ""}
    ),
    "another delimiter than the file's": file(
        CSV,
        "columns found: 'id,comment_text'",
        options=" --delimiter ';'",
        advice={"leave it out": f"fairgate {COMMENTS} --file a.csv", "--columns '\"text=id,comment_text\"'": ""},
    ),
    "an encoding without a file": Mistake(
        f"{COMMENTS} a --encoding latin-1", ("is about a file",), {"a.csv": CSV}, {"--file FILE": "--file a.csv"}
    ),
    "gzip, cut off": file(gzip.compress(CSV.encode())[:-12], "damaged gzip file"),
    "a picture for comments": file(picture(), "a picture; name a file of comments", name="a.png"),
    "JSON lines": file('{"comment_text": "a"}\n', "JSON lines; export it as CSV", advice={LINES: ""}, name="a.jsonl"),
    "a JSON file": file('[\n {"comment_text": "a"}]', "a JSON file; export it as CSV", advice={LINES: ""}, name="a.json"),
    "a page": file("<html>\n", "an HTML page; save its table as CSV", advice={LINES: ""}, name="a.html"),
    "a PDF": file(b"%PDF-1.7\n" + bytes(99), "a PDF document; save its table as CSV", name="a.pdf"),
    "a spreadsheet": file(b"PK\x03\x04" + bytes(26) + b"xl/workbook.xml", "a spreadsheet (.xlsx, .ods); save it as CSV UTF-8"),
    "a Parquet file": file(b"PAR1" + bytes(99), "a Parquet file; export it as CSV"),
    "lines above the header": file(f"exported by X\n\n{CSV}", "line 3 looks like the header", advice={LINES: ""}),
    "apostrophes for quotes": file("'id','comment_text'\n'1','a'\n", "its cells are quoted with '", advice={LINES: ""}),
    "a comment that looks like two columns": file(
        "Hi Bob, how are you\nfine, thanks\n",
        "columns found: 'Hi Bob', 'how are you'",
        advice={LINES: "", "--columns text=NAME": "--columns 'text=Hi Bob'"},
    ),
    "a threshold of 2": Mistake(f"{COMMENTS} a --threshold 2", ("threshold is 2.0; give a number from 0 to 1",)),
    "a limit of another task": Mistake(
        f"{COMMENTS} a --near-tie .1",
        ("--near-tie does not apply to civil-comments",),
        {},
        {
            "--min-margin": "fairgate predict civil-comments --model . a --min-margin .1",
            "--threshold": "fairgate predict civil-comments --model . a --threshold .1",
        },
    ),
    "a root and a model": Mistake("predict digits a.png --root . --model .", ("Give either --root . or --model .",)),
    "no published model": Mistake(
        "predict civil-comments a --root runs",
        ("No model is published in runs/serving",),
        {},
        {"--root FOLDER": "--root .", "--model FOLDER": "fairgate predict civil-comments a --model ."},
    ),
    "no model in the folder": Mistake(f"{COMMENTS} a", ("no SavedModel (no saved_model.pb in it)",)),
}
DRAWN = {
    "no picture": Mistake(PICTURES, ("No images to classify",)),
    "no such file": Mistake(
        f"{PICTURES} absent.png", ("absent.png: cannot be read (No such file or directory); name a PNG, JPEG, IDX or CSV file",)
    ),
    "a folder": Mistake(
        f"{PICTURES} folder", ("folder: cannot be read (Is a directory); name a PNG",), {"folder/a.png": picture()}
    ),
    "--file": Mistake(
        f"{PICTURES} --file a.png", ("--file a.png is for comments; give image files as arguments",), {"a.png": picture()}
    ),
    "empty": drawn("", "neither PNG, JPEG, IDX nor CSV (it starts with nothing)"),
    "a text": drawn("no picture", "neither PNG, JPEG, IDX nor CSV"),
    "GIF": drawn(picture("GIF"), "neither PNG, JPEG, IDX nor CSV", name="a.gif"),
    "PNG, cut off": drawn(picture()[:-30], "damaged picture"),
    "PNG, one bit flipped": drawn(picture()[:45] + bytes([picture()[45] ^ 4]) + picture()[46:], "damaged picture"),
    "PNG's first bytes": drawn(picture()[:8], "damaged picture"),
    "JPEG, cut off": drawn(b"\xff\xd8\xff\xe0" + bytes(30), "damaged picture", name="a.jpg"),
    "IDX, cut off": drawn(idx(SHADES)[:-1], "cut off: its header announces", name="a.idx"),
    "IDX that goes on": drawn(idx(SHADES) + b"\0", "goes on after the", name="a.idx"),
    "IDX of terabytes": drawn(b"\0\0\x08\x03" + b"\xff" * 12, "more than the", name="a.idx"),
    "IDX of labels": drawn(b"\0\0\x08\x01\0\0\0\x02\1\2", "has 1 dimensions", name="a.idx"),
    "IDX of floats": drawn(b"\0\0\x0d\x03" + bytes(20), "holds float32", name="a.idx"),
    "IDX that is too bright": drawn(idx(SHADES, GREY), "image 2 has a pixel above 16", name="a.idx"),
    "IDX in gzip, cut off": drawn(gzip.compress(idx(SHADES))[:-9], "damaged gzip file", name="a.idx"),
    "CSV of words": drawn("0,1,2,three\n", "'three', no whole number from 0 to 255", name="a.csv"),
    "CSV of 256": drawn("0,1,2,256\n", "'256', no whole number", name="a.csv"),
    "CSV that is no square": drawn("1,2,3,4,5\n", "5 columns of pixels, no square", name="a.csv"),
    "CSV with a short row": drawn(csv(SHADES) + "1,2,3\n", "line 2 has 3 values, not 64", name="a.csv"),
    "CSV of a header": drawn("label,a,b,c,d\n", "no row; give one image a row", name="a.csv"),
}
