"""What is fuzzed: every loader of a file that people bring or that a run left, with valid files to start from.

A loader is a function of a path that reads everything which the file holds. Whatever the file holds, it may raise InputError and
nothing else.
"""

import gzip
import io
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from components.modelling.prediction import InputFile
from components.tasks.civil_comments import predict
from data.comments.civil_comments import MalformedRowError, parse_comment
from data.comments.conversion_plan import Sources, make_plan
from data.comments.readers import read_rows
from data.conversion_report import ConversionReport, SourceReport, SplitReport
from data.images.formats import FASHION_MNIST as FORMAT
from data.images.idx import read_images, read_labels
from data.images.loading import load_images
from data.records import Values, encode_example
from data.text.word_vectors import read_glove
from fairgate import run_folder
from fairgate.gate.verdict import DataInfo, Provenance, Verdict
from fairgate.gate.verdict import read as read_verdict
from fairgate.manifest import Folder, Manifest
from fairgate.manifest import read as read_manifest
from fairgate.report import content
from pipeline.check import problems
from pipeline.config import Overrides, load
from tests.framing import frame


@dataclass(frozen=True)
class Loader:
    """What is fuzzed.

    Attributes:
        read: reads a file.
        name: that the file gets; formats are recognised by content or by name.
        seeds: contents of valid files.
        words: bytes that mean something in the format.
    """

    read: Callable[[Path], object]
    name: str
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()


def _comments(path: Path) -> None:
    for source in make_plan(Sources((str(path),))).sources:
        for row in read_rows(source.file):
            with suppress(MalformedRowError):
                parse_comment(row.cells)


def _configuration(path: Path) -> None:
    problems(load("civil-comments", Overrides(path)))


def _settings(path: Path) -> None:
    setting = path.read_bytes().decode("utf-8", "surrogateescape")
    problems(load("civil-comments", Overrides(settings=(setting,))))


def _picture(path: Path) -> None:
    load_images(path, FORMAT)


def _saved(name: str) -> Callable[[Path], object]:
    """Reads a report of which one table is the file."""

    def read(path: Path) -> None:
        (path.parent / run_folder.VERDICT).write_bytes(VERDICT)
        (path.parent / run_folder.CONTENT).mkdir(exist_ok=True)
        path.replace(path.parent / name)
        if name != run_folder.METRICS:
            (path.parent / run_folder.METRICS).write_bytes(METRICS)
        content.load(path.parent)

    return read


def _bytes_of(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def _examples() -> bytes:
    raw: dict[str, Values] = {"comment_text": [b"a"], "toxicity": [0.5], "male": [1.0], "split": [b"train"]}
    processed: dict[str, Values] = {"comment_text": [b"b"], "toxicity": [1.0], "gender": [b"male", b"female"]}
    return b"".join(frame(encode_example(features)) for features in (raw, processed, {"comment_text": [b"c"]}))


def _parquet(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _manifest() -> bytes:
    files = {"a.py": "sha256:" + "0" * 64}
    folders = (Folder(kind="report", path="reports/a", files=files), Folder(kind="source", path="", files=files))
    return Manifest(run="a", folders=folders).sealed().text.encode()


def _idx_file(values: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    return bytes((0, 0, 8, values.ndim)) + sizes + values.tobytes()


CSV = b'\xef\xbb\xbfid,comment_text,target,male,split\r\n1,"a, ""b""\n c",0.5,1.0,train\n2,d,0,,test\n3,e\xc3\xa9,1,0.25,train\n'
VERDICT = (
    Verdict.model_validate(
        {
            "task": "digits",
            "outcome": "refused",
            "summary": "One sentence.",
            "models": {"candidate": {"description": "a", "uri": "b", "digest": "sha256:0"}},
            "overall": {"auc": {"candidate": 0.5}},
            "rules": (),
            "slices": (),
            "omitted": {"a": 1},
            "invalid_scores": {},
            "confidence": 0.95,
            "data": DataInfo(source="files"),
            "provenance": Provenance(),
        }
    )
    .model_dump_json()
    .encode()
)
_NUMBERS = {"threshold": [float("nan")], "value": [0.5], "low": [0.4], "high": [0.6], "n": [3.0]}
METRICS = _parquet(pd.DataFrame({"model": ["baseline"], "slice": ["overall"], "metric": ["auc"], **_NUMBERS}))
CONFIGURATION = b"""seed: 2
candidate: baseline
training: {steps: 20, hidden: [8, 4]}
evaluation: {thresholds: [0.3, 0.5], slice_features: [gender, race], intersections: [[gender, race]]}
data_rules: {min_rows: 10, require_slices: ['gender:male']}
policy:
  min_examples: 50
  rules:
  - {id: gap, kind: gap, metric: false_positive_rate, thresholds: [0.5], slices: ['gender:*'], limit: 1.25}
  - {id: floor, kind: quality, metric: auc, min: 0.7}
"""
SETTINGS = (b"training.steps=5", b"policy.rules=[{id: a, kind: guard, metric: auc, margin: 0.1}]", b"evaluation.thresholds=[0.5]")
YAML_WORDS = (b"!!python/object/apply:os.getcwd []", b"&a", b"*a", b"<<: *a", b".nan", b".inf", b"1e999", b"null", b"? ", b"- ")
JSON_WORDS = (b"NaN", b"1e999", b"null", b"[]", b"{}", b"-1", b'"\\ud800"', b"9" * 400, b"[" * 2000)
NUMBERS = (b"\0" * 8, b"\xff" * 8, b"\x7f", b"\x80\x80\x80\x80\x10")
REPORT = ConversionReport(
    (SourceReport("a.csv", "csv", "hash", "0", 3),), 3, 3, 0, 0, 0, {"train": SplitReport(3, 1, 0, {"gender": {"male": 1}})}, ()
)
GREY = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8))
PICTURES = tuple(_bytes_of(image, kind) for image in (GREY, GREY.convert("RGBA"), GREY.convert("P")) for kind in ("PNG",))
PIXELS = b"label," + b",".join(b"p%d" % place for place in range(4)) + b"\n3,0,255,7,8\n4,1,2,3,4\n"
FACTS = json.dumps({"anomalies": [{"feature": "a", "reason": "b", "detail": "c"}], "class_grids": {}, "card": None}).encode()

LOADERS = {
    "comments-csv": Loader(
        _comments, "a.csv", (CSV, gzip.compress(CSV, mtime=0)), (b'"', b'""', b"\0", b"\xff\xfe", b"nan", b",")
    ),
    "comments-tfrecord": Loader(_comments, "a.tfrecord", (_examples(), gzip.compress(_examples(), mtime=0)), NUMBERS),
    "idx-images": Loader(read_images, "a-ubyte", (_idx_file(np.zeros((2, 3, 3), np.uint8)),), NUMBERS),
    "idx-labels": Loader(read_labels, "a-ubyte", (_idx_file(np.arange(5, dtype=np.uint8)),), NUMBERS),
    "pictures": Loader(_picture, "a.png", (*PICTURES, _bytes_of(GREY, "JPEG")), (*NUMBERS, b"IHDR", b"tRNS", b"PLTE", b"IDAT")),
    "pixels-csv": Loader(_picture, "a.csv", (PIXELS,), (b'"', b"\0", b"-1", b"256", b"1e3", b"\xc2\xb2", b"\n")),
    "word-vectors": Loader(
        read_glove, "a.txt", (b"the 1 -2.5\n\xc3\xa9cole 1e-1 0\n",), (b"nan", b"inf", b" ", b"\n", b"\xff", b"_")
    ),
    "configuration": Loader(_configuration, "a.yaml", (CONFIGURATION, b"seed: 1\n"), YAML_WORDS),
    "settings": Loader(_settings, "a.txt", SETTINGS, YAML_WORDS),
    "verdict": Loader(read_verdict, "verdict.json", (VERDICT,), JSON_WORDS),
    "report-metrics": Loader(_saved(run_folder.METRICS), "new", (METRICS,), NUMBERS),
    "report-facts": Loader(_saved(f"{run_folder.CONTENT}/{run_folder.FACTS}"), "new", (FACTS,), JSON_WORDS),
    "manifest": Loader(
        lambda path: read_manifest(path.parent),
        run_folder.MANIFEST,
        (_manifest(),),
        JSON_WORDS,
    ),
    "conversion-report": Loader(
        lambda path: ConversionReport.read(path.parent), "conversion.json", (REPORT.to_json().encode(),), JSON_WORDS
    ),
    "comments-to-predict": Loader(
        lambda path: predict.read((), InputFile(path)), "a.csv", (CSV, gzip.compress(CSV, mtime=0)), (b'"', b"\0")
    ),
}
