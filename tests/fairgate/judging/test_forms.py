"""One table in every form: in memory, in files of any kind, in several, in another order. All give one verdict."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fairgate
from fairgate.judging.judgement import Judgement
from fairgate.table import metric_frame

ROWS = 600
NUMBERS = ("value", "low", "high", "n")


@dataclass(frozen=True)
class Form:
    """A table of scores at thresholds and at the edges of bins, in float32; weights whose sums are not exact; odd groups."""

    table: pa.Table
    folder: Path

    def csv(self, name: str, *, digits: bool = False) -> str:
        """Write a CSV file: as pandas does, or with all digits of float32, as Polars does."""
        frame = self.table.to_pandas()
        wide = frame.astype({"new": "float64", "old": "float64"}) if digits else frame
        wide.to_csv(self.folder / name, index=False)
        return str(self.folder / name)

    def json(self) -> str:
        """Write JSON lines, without the empty cells."""
        rows = ({key: value for key, value in row.items() if value is not None} for row in self.table.to_pylist())
        (self.folder / "t.json").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        return str(self.folder / "t.json")

    def parquet(self, name: str, first: int = 0, last: int = ROWS) -> str:
        """Write some rows."""
        pq.write_table(self.table.slice(first, last - first), self.folder / name)
        return str(self.folder / name)


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    """The table."""
    random = np.random.default_rng(7)
    label = random.random(ROWS) < 0.4
    grid = np.array([0.0, 0.1, 0.2, 0.3, 1 / 3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    new = random.choice(grid, ROWS).astype(np.float32)
    table = {
        "label": np.where(label, "Yes", "no"),
        "new": pa.array(np.where(random.random(ROWS) < 0.02, np.nan, new), pa.float32(), from_pandas=True),
        "old": pa.array(random.choice(grid, ROWS), pa.float32()),
        "w": random.choice([0.1, 0.3, 0.7, 1.1], ROWS),
        "age group": pa.array([None if each == 2 else float(each) for each in random.choice([-1, -0.0, 1, 2], ROWS)]),
        "größe × b:c": random.choice(["été", "NA", "a,b", 'q"u', "Ja "], ROWS),
        "member": pa.array([None if each > 1 else bool(each) for each in random.integers(0, 3, ROWS)]),
    }
    return Form(pa.table(table), tmp_path_factory.mktemp("forms"))


FORMS: dict[str, Callable[[Form], Any]] = {
    "pandas": lambda form: form.table.to_pandas(),
    "lists": lambda form: form.table.to_pydict(),
    "dictionaries": lambda form: form.table.set_column(5, "größe × b:c", form.table[5].dictionary_encode()),
    "chunks": lambda form: pa.concat_tables([form.table.slice(at, 7) for at in range(0, ROWS, 7)]),
    "rows in another order": lambda form: form.table.take(pa.array(np.random.default_rng(1).permutation(ROWS))),
    "columns in another order": lambda form: form.table.select(form.table.column_names[::-1]),
    "parquet": lambda form: form.parquet("t.parquet"),
    "two files": lambda form: [form.parquet("b.parquet", 0, 11), form.parquet("a.parquet", 11)],
    "csv": lambda form: form.csv("t.csv"),
    "csv with all digits": lambda form: form.csv("d.csv", digits=True),
    "json lines": lambda form: form.json(),
    "nullable types of pandas": lambda form: pd.DataFrame(form.table.to_pandas()).convert_dtypes(),
}


def _judged(table: Any) -> Judgement:
    return fairgate.evaluate(
        table,
        label="label",
        scores={"candidate": "new", "baseline": "old"},
        slices=["age group", "größe × b:c"],
        groups={"in": ["member"]},
        weight="w",
        thresholds=[0.1, 0.3, 1 / 3, 0.7],
    )


@pytest.fixture(scope="module")
def expected(form: Form) -> Judgement:
    """The judgement of the table of Arrow."""
    return _judged(form.table)


@pytest.mark.parametrize("name", FORMS)
def test_a_table_has_one_verdict_in_every_form(name: str, form: Form, expected: Judgement) -> None:
    """The same slices in the same order, every number to 1e-6 (scores of float32 as text), every line of the verdict."""
    found = _judged(FORMS[name](form))
    own, other = (metric_frame(each.counted.evaluation, 0.95) for each in (found, expected))
    for column in ("model", "slice", "metric"):
        assert list(own[column]) == list(other[column])
    for column in NUMBERS:
        np.testing.assert_allclose(own[column], other[column], rtol=1e-6, atol=1e-7)
    assert [(line.id, line.slice, line.outcome, line.proven) for line in found.verdict.rules] == [
        (line.id, line.slice, line.outcome, line.proven) for line in expected.verdict.rules
    ]
    assert [line.reason for line in found.verdict.rules] == [line.reason for line in expected.verdict.rules]
    assert found.verdict.outcome == expected.verdict.outcome


@pytest.mark.parametrize("values", [[None, None, "a", "b"], [None, None, 1, 2], ["", " ", "a", "b"], [None, None, 1.0, 2.0]])
def test_a_batch_without_any_group_is_like_the_others(values: list[Any]) -> None:
    """The first of two batches has none; text, whole numbers, empty cells of a CSV file, floats with gaps."""
    batches = [
        pa.table({"y": [0, 1], "p": [0.25, 0.75], "g": pa.array(values[at : at + 2], pa.array(values).type)}) for at in (0, 2)
    ]
    judged = fairgate.evaluate(pa.concat_tables(batches), label="y", scores="p", slices=["g"])
    names = list(judged.counted.evaluation.models["candidate"])
    assert [name.partition(":")[2] for name in names] == ["", *("ab" if isinstance(values[2], str) else "12")]
