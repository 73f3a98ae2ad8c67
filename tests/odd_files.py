"""Ways to spoil one file of a finished run: well-formed or not, by somebody who may write it."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Spoil = Callable[[Path], object]
Json = dict[str, Any]


def _json(change: Callable[[Json], object]) -> Spoil:
    """Change the values of a JSON file."""

    def spoil(path: Path) -> None:
        found = json.loads(path.read_text(encoding="utf-8"))
        change(found)
        path.write_text(json.dumps(found), encoding="utf-8")

    return spoil


def _put(value: object, *place: str | int) -> Spoil:
    """Put a value at a place of a JSON file."""

    def change(found: Any) -> None:
        for key in place[:-1]:
            found = found[key]
        found[place[-1]] = value

    return _json(change)


def _drop(*place: str | int) -> Spoil:
    def change(found: Any) -> None:
        for key in place[:-1]:
            found = found[key]
        del found[place[-1]]

    return _json(change)


def _replace(old: str, new: str) -> Spoil:
    """Replace the first `old` of a file's text."""

    def spoil(path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


def _write(content: bytes) -> Spoil:
    return lambda path: path.write_bytes(content)


def _column(name: str, change: Callable[[pa.Table], object]) -> Spoil:
    """Put other values into a column of a Parquet file."""

    def spoil(path: Path) -> None:
        table = pq.read_table(path).replace_schema_metadata(None)
        pq.write_table(table.set_column(table.column_names.index(name), name, change(table)), path)

    return spoil


def _constant(name: str, value: object) -> Spoil:
    return _column(name, lambda table: pa.array([value] * table.num_rows))


def _table(change: Callable[[pa.Table], pa.Table]) -> Spoil:
    return lambda path: pq.write_table(change(pq.read_table(path).replace_schema_metadata(None)), path)


def _instead(make: Callable[[Path], object]) -> Spoil:
    """Put something else in the place of a file."""

    def spoil(path: Path) -> None:
        path.unlink()
        make(path)

    return spoil


def _link_outside(path: Path) -> None:
    outside = path.parents[4] / f"outside-{path.name}"
    outside.write_bytes(b"{}")
    path.symlink_to(outside)


def _half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


VERDICT, METRICS, MANIFEST, CONFIG = "verdict.json", "metrics.parquet", "manifest.json", "config.json"
FACTS = "content/facts.json"
_EXAMPLES, _CURVES, _SCORES, _SWAPS = (
    f"content/{name}.parquet" for name in ("examples", "curves", "histograms", "counterfactual")
)

ANY_FILE: dict[str, Spoil] = {
    "a FIFO": _instead(os.mkfifo),
    "a folder": _instead(Path.mkdir),
    "a link to a device": _instead(lambda path: path.symlink_to("/dev/zero")),
    "a link out of the root": _instead(_link_outside),
    "a link to itself": _instead(lambda path: path.symlink_to(path.name)),
    "empty": _write(b""),
    "half of it": _half,
    "no UTF-8": _write(b"\xff\xfe\x00\x01"),
    "zeros": _write(b"\0" * 4096),
}
ANY_JSON: dict[str, Spoil] = {
    "a list": _write(b"[]"),
    "null": _write(b"null"),
    "a number": _write(b"17"),
    "text": _write(b'"a"'),
    "an empty object": _write(b"{}"),
    "100,000 lists in each other": _write(b"[" * 100_000 + b"]" * 100_000),
    "100,000 objects in each other": _write(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "200 lists in each other": _write(b"[" * 200 + b"]" * 200),
    "half of a surrogate pair": _replace("{", '{"\\ud800": 1,'),
    "an unknown key": _put(1, "unheard of"),
    "a byte order mark": lambda path: path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes()),
    "no number": _replace("{", '{"unheard of": NaN,'),
    "two values": lambda path: path.write_bytes(path.read_bytes() * 2),
}
OF_VERDICT: dict[str, Spoil] = {
    "version 4": _put(4, "schema_version"),
    "not judged of another shape": _put([{"slice": 1}], "not_judged"),
    "waivers that are text": _put("all", "waivers"),
    "unknown groups of text": _put({"gender": "many"}, "unknown_groups"),
    "changes that are null": _put([None], "changes"),
    "rows of -1.5": _put(-1.5, "rows"),
    "version 1": _put(1, "schema_version"),
    "a version of text": _put("2", "schema_version"),
    "another outcome": _put("approved", "outcome"),
    "an outcome that is a list": _put(["blessed"], "outcome"),
    "no task": _drop("task"),
    "a task of 1e6 characters": _put("a" * 1_000_000, "task"),
    "a summary of control characters": _put("\x1b[2J\r\0", "summary"),
    "a duplicate key": _replace('"outcome"', '"outcome": "blessed", "outcome"'),
    "a confidence of 17": _put(17, "confidence"),
    "a confidence of NaN": _replace('"confidence": 0.95', '"confidence": NaN'),
    "a confidence of 1e999": _replace('"confidence": 0.95', '"confidence": 1e999'),
    "a confidence of text": _put("0.95", "confidence"),
    "a number of 5,000 digits": _replace('"confidence": 0.95', '"confidence": ' + "9" * 5000),
    "no rules": _put([], "rules"),
    "rules that are an object": _put({}, "rules"),
    "a rule that is null": _put([None], "rules"),
    "a rule of another outcome": _put("maybe", "rules", 0, "outcome"),
    "a rule of another measure": _put("weight", "rules", 0, "measure"),
    "an interval of three ends": _put([0, 1, 2], "rules", 1, "interval"),
    "a threshold of text": _put("half", "rules", 1, "threshold"),
    "a metric that nobody knows": _put("of_my_own", "rules", 1, "metric"),
    "a rule about no slice": _put("gender:nobody", "rules", 1, "slice"),
    "no slices": _put([], "slices"),
    "a slice with n of -1": _put(-1, "slices", 0, "n"),
    "a slice with n of 1e300": _put(1e300, "slices", 0, "n"),
    "a slice with n of true": _put(True, "slices", 0, "n"),
    "a slice whose metric is text": _put("high", "slices", 0, "of_my_own"),
    "a slice without a name": _put("", "slices", 0, "slice"),
    "another model": _put("third", "slices", 0, "model"),
    "models that are a list": _put([], "models"),
    "no models": _put({}, "models"),
    "a digest that is null": _put(None, "models", "candidate", "digest"),
    "an address of the model outside": _put("/etc", "models", "candidate", "uri"),
    "overall of text": _put({"auc": {"candidate": "high"}}, "overall"),
    "overall of no model": _put({"auc": {}}, "overall"),
    "overall that is null": _put(None, "overall"),
    "rows of text": _put({"eval": "many"}, "data", "rows"),
    "rows of -1": _put({"eval": -1}, "data", "rows"),
    "no source of the data": _drop("data", "source"),
    "a moment that is none": _put("yesterday", "provenance", "finished"),
    "a seed of text": _put("one", "provenance", "seed"),
}
OF_FACTS: dict[str, Spoil] = {
    "anomalies that are an object": _put({}, "anomalies"),
    "an anomaly of another shape": _put([{"feature": 1}], "anomalies"),
    "an anomaly with a further key": _put([{"feature": "a", "reason": "b", "detail": "c", "d": 1}], "anomalies"),
    "pictures that are a list": _put([], "class_grids"),
    "a picture that is none": _put({"a": '"><script>alert(1)</script>'}, "class_grids"),
    "a picture of no PNG": _put({"a": "AAAA"}, "class_grids"),
    "a card that is text": _put("card", "card"),
    "a card without a title": _drop("card", "title"),
    "a card whose limits are text": _put("none", "card", "limits"),
    "an evaluation that is a number": _put(1, "evaluation"),
    "an evaluation elsewhere": _put("/etc/../etc", "evaluation"),
}
OF_MANIFEST: dict[str, Spoil] = {
    "version 2": _put(2, "schema_version"),
    "no folders": _put([], "folders"),
    "folders that are an object": _put({}, "folders"),
    "another run": _put("20200101T000000Z", "run"),
    "a run upwards": _put("../..", "run"),
    "another kind": _put("secrets", "folders", 1, "kind"),
    "a folder outside": _put("/etc", "folders", 1, "path"),
    "a folder upwards": _put("../..", "folders", 1, "path"),
    "the root as a folder": _put(".", "folders", 1, "path"),
    "files that are a list": _put([], "folders", 1, "files"),
    "a digest of another form": _put({"a": "md5:0"}, "folders", 1, "files"),
    "a digest that is null": _put({"a": None}, "folders", 1, "files"),
}
OF_METRICS: dict[str, Spoil] = {
    "no rows": _table(lambda table: table.slice(0, 0)),
    "no columns": _write(b""),
    "one row": _table(lambda table: table.slice(0, 1)),
    "each row twice": _table(lambda table: pa.concat_tables([table, table])),
    "another column of bytes": _table(lambda table: table.append_column("b", pa.array([b"a"] * table.num_rows))),
    "no column n": _table(lambda table: table.drop(["n"])),
    "no overall": _table(lambda table: table.filter(pc.not_equal(table["slice"], "overall"))),
    "a baseline alone": _table(lambda table: table.filter(pc.equal(table["model"], "baseline"))),
    "another model": _constant("model", "third"),
    "one slice": _constant("slice", "overall"),
    "slices without a name": _constant("slice", ""),
    "metrics that nobody knows": _column("metric", lambda table: pc.binary_join_element_wise(table["metric"], "x", "_")),
    "thresholds of text": _constant("threshold", "half"),
    "thresholds of 17": _constant("threshold", 17.0),
    "values of text": _constant("value", "high"),
    "values that are missing": _constant("value", None),
    "values without end": _constant("value", float("inf")),
    "values of 1e308": _constant("value", 1e308),
    "whole numbers": _constant("value", 2**62),
    "lists of values": _constant("value", [1.0]),
    "n that is missing": _constant("n", None),
    "n of -1": _constant("n", -1.0),
    "n of 1e300": _constant("n", 1e300),
    "n without end": _constant("n", float("inf")),
    "n that is true": _constant("n", True),
    "ends that are exchanged": _column("low", lambda table: table["value"]),
}
OF_TABLES: dict[str, dict[str, Spoil]] = {
    _EXAMPLES: {
        "no rows": _table(lambda table: table.slice(0, 0)),
        "slices that are text": _constant("slices", "overall"),
        "no slices": _constant("slices", []),
        "labels that are lists": _constant("label", ["a"]),
        "labels that are numbers": _constant("label", 1.0),
        "scores of text": _constant("baseline", "high"),
        "scores that are missing": _constant("baseline", None),
        "scores without end": _constant("candidate", float("-inf")),
        "sampled that is a number": _constant("sampled", 3),
        "texts that are numbers": _constant("text", 1.0),
        "texts that are missing": _constant("text", None),
        "another column": _table(lambda table: table.append_column("more", table["label"])),
    },
    _CURVES: {
        "no rows": _table(lambda table: table.slice(0, 0)),
        "steps of text": _constant("step", "one"),
        "steps that are missing": _constant("step", None),
        "another metric": _constant("metric", "<b>x</b>"),
        "10,000 metrics": _table(lambda _: _many_curves(10_000)),
        "values without end": _constant("value", float("inf")),
        "no values": _table(lambda table: table.drop(["value"])),
    },
    _SCORES: {
        "other models": _column("model", lambda table: pa.array([f"model {row}" for row in range(table.num_rows)])),
        "another label": _column("label", lambda table: pa.array([f"label {row}" for row in range(table.num_rows)])),
        "edges without end": _constant("high", float("inf")),
        "counts of text": _constant("count", "many"),
    },
    _SWAPS: {
        "groups that are numbers": _constant("group", 1),
        "another test": _constant("test", "third"),
        "another model": _constant("model", "third"),
        "thresholds that are missing": _constant("threshold", None),
        "each row twice": _table(lambda table: pa.concat_tables([table, table])),
    },
}
OF_CONFIG: dict[str, Spoil] = {
    "a policy of text": _put("all", "policy"),
    "a rule of another kind": _put([{"id": "a", "kind": "b", "metric": "auc"}], "policy", "rules"),
    "a rule that is a number": _put([1], "policy", "rules"),
    "a limit of text": _put([{"id": "a", "kind": "gap", "metric": "auc", "limit": "wide"}], "policy", "rules"),
}


def _many_curves(count: int) -> pa.Table:
    names = [f"metric {number}" for number in range(count)]
    texts = {name: [name] * count for name in ("model", "split")}
    return pa.table({**texts, "metric": names, "step": [1.0] * count, "value": [0.5] * count})


def every() -> Iterator[tuple[str, str, Spoil]]:
    """Yield file, what is done to it, and the function that does it."""
    for file in (VERDICT, METRICS, FACTS, MANIFEST, CONFIG, _EXAMPLES):
        yield from ((file, name, spoil) for name, spoil in ANY_FILE.items())
    for file in (VERDICT, FACTS, MANIFEST, CONFIG):
        yield from ((file, name, spoil) for name, spoil in ANY_JSON.items())
    tables = {VERDICT: OF_VERDICT, FACTS: OF_FACTS, MANIFEST: OF_MANIFEST, METRICS: OF_METRICS, CONFIG: OF_CONFIG, **OF_TABLES}
    for file, spoils in tables.items():
        yield from ((file, name, spoil) for name, spoil in spoils.items())
