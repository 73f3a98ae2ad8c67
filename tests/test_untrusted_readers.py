"""Nothing that is read runs code: Parquet with a pickle in its schema, and the readers that the project may not use at all."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fairgate
from components.reporting import tables
from fairgate import parquet
from fairgate.cli import main as cli
from fairgate.cli.policy_check import measured_by
from fairgate.errors import InputError
from fairgate.gate.policy import Policy
from fairgate.report import content
from fairgate.report.content import ReportContent
from fairgate.run_folder import CONTENT, METRICS
from fairgate.table import read_table
from tests.exploit import write_exploit
from tests.fairgate.finished_run import write_run
from tests.fairgate.report.conftest import make_binary_content

PROJECT = Path(__file__).resolve().parents[1]
FOLDERS = ("fairgate", "data", "components", "pipeline", "kubeflow", "docs", "benchmarks", "scripts")


def _curves(folder: Path) -> None:
    tables.curves({"candidate": str(folder)})


READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "parquet.read": ("any.parquet", lambda folder: parquet.read(folder / "any.parquet", {})),
    "parquet.read_arrow": ("any.parquet", lambda folder: parquet.read_arrow(folder / "any.parquet", {})),
    "parquet.Batches": ("any.parquet", lambda folder: parquet.Batches(folder / "any.parquet")),
    "parquet.Batches, Arrow": ("any.arrow", lambda folder: parquet.Batches(folder / "any.arrow")),
    "table.read_table": (METRICS, lambda folder: read_table(folder / METRICS)),
    "content.load": (METRICS, content.load),
    "content.load, another table": (f"{CONTENT}/curves.parquet", content.load),
    "fairgate.load": (METRICS, lambda folder: fairgate.load(folder).metrics),
    "fairgate.history": (METRICS, lambda folder: fairgate.history(folder.parents[1])),
    "policy_check.measured_by": (METRICS, measured_by),
    "policy_check, the swaps": (f"{CONTENT}/counterfactual.parquet", measured_by),
    "training curves": (tables.CURVES, _curves),
}


@pytest.fixture(scope="module")
def made() -> ReportContent:
    """What a report shows."""
    return make_binary_content(rows=1500)


@pytest.fixture
def report(made: ReportContent, tmp_path: Path) -> Path:
    """The report of a finished run."""
    return write_run(tmp_path / "root", made, Policy())


@pytest.mark.parametrize("name", READERS)
def test_no_reader_runs_the_code_in_a_file(name: str, report: Path, tmp_path: Path) -> None:
    """Whichever file of a run it stands in, it is named and nothing has happened."""
    file, read = READERS[name]
    touched = tmp_path / "touched"
    honest = pq.read_table(report / file).replace_schema_metadata(None) if (report / file).exists() else None
    write_exploit(report / file, touched, honest)
    with pytest.raises(InputError, match=Path(file).name):
        read(report)
    assert not touched.exists()


@pytest.mark.parametrize("arguments", [("report",), ("report", "--history"), ("verify",), ("check",)])
def test_no_command_runs_the_code_in_a_parquet_file(
    arguments: tuple[str, ...], report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where no manifest says that the file was changed."""
    touched = tmp_path / "touched"
    write_exploit(report / METRICS, touched, pq.read_table(report / METRICS).replace_schema_metadata(None))
    (report / "manifest.json").unlink()
    assert cli.main([*arguments, str(report.parents[1])]) == 3
    assert ".parquet" in capsys.readouterr().err or arguments == ("verify",)
    assert not touched.exists()


@pytest.mark.parametrize(
    ("name", "reader"),
    [("a.parquet", "import pyarrow.parquet as pq; pq.read_metadata"), ("a.arrow", "import pyarrow as pa; pa.ipc.open_file")],
)
def test_the_exploit_is_one(name: str, reader: str, tmp_path: Path) -> None:
    """A bare reader of an old Arrow runs it, in a process of its own; a newer one, and ours in either, does not."""
    file, touched = tmp_path / name, tmp_path / "touched"
    write_exploit(file, touched)
    subprocess.run([sys.executable, "-I", "-c", f"{reader}({str(file)!r})"], check=False, capture_output=True)
    assert touched.exists() is (int(pa.__version__.split(".")[0]) < 14)


def test_a_table_is_read_as_plain_columns(tmp_path: Path) -> None:
    """Without the index that pandas would make of the file's metadata; text, lists, numbers and missing numbers as they are."""
    made = pa.table({"text": ["a", "b"], "lists": [["x", "y"], []], "whole": [1, 2], "gone": pa.nulls(2), "flag": [True, False]})
    hostile = made.replace_schema_metadata({"pandas": b'{"index_columns": ["text"], "columns": 3}'})
    pq.write_table(hostile, tmp_path / "a.parquet")
    found = parquet.read(tmp_path / "a.parquet", {"text": "text", "lists": "texts", "whole": "number", "gone": "number"})
    assert found.columns.tolist() == made.column_names
    assert found["text"].tolist() == ["a", "b"]
    assert [list(names) for names in found["lists"]] == [["x", "y"], []]
    assert found["whole"].dtype == "int64"
    assert found["gone"].isna().all()
    assert found["gone"].dtype == "float64"


def _large_text() -> pa.Table:
    """A gigabyte and more of text, in a file of some kilobytes."""
    return pa.table({"text": pa.DictionaryArray.from_arrays(pa.array([0] * 3_000), pa.array(["a" * 1_000_000]))})


WRONG: dict[str, tuple[Callable[[], pa.Table], parquet.Kind, str]] = {
    "numbers for text": (lambda: pa.table({"text": [1.0]}), "text", "the column text has the type double; text in every row"),
    "text for numbers": (lambda: pa.table({"text": ["a"]}), "number", "numbers must stand there"),
    "an empty cell": (lambda: pa.table({"text": ["a", None]}), "text", "has 1 empty cells"),
    "an empty cell in a list": (lambda: pa.table({"text": [["a", None]]}), "texts", "has 1 empty cells"),
    "lists of numbers": (lambda: pa.table({"text": [[1, 2]]}), "any", "has the type list"),
    "bytes": (lambda: pa.table({"text": [b"a"]}), "any", "has the type"),
    "a struct": (lambda: pa.table({"text": [{"a": 1}]}), "any", "has the type struct"),
    "a moment": (lambda: pa.table({"text": pa.array([0], pa.timestamp("s"))}), "any", "has the type timestamp"),
    "another name": (lambda: pa.table({"other": ["a"]}), "text", "the table lacks the columns text"),
    "two of one name": (
        lambda: pa.Table.from_arrays([pa.array(["a"])] * 2, ["text", "text"]),
        "text",
        "two columns have one name",
    ),
    "no column": (lambda: pa.table({}), "text", "the table lacks the columns text"),
    "text without end": (_large_text, "text", "its cells hold 3,000,024,000 bytes"),
    "text that is no UTF-8": (
        lambda: pa.table({"text": pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff"))}),
        "text",
        "UTF8",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_table_of_other_columns_is_refused(case: str, tmp_path: Path) -> None:
    """By the file's name, the column, its type and what belongs there."""
    make, kind, message = WRONG[case]
    pq.write_table(make(), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet") as error:
        parquet.read(tmp_path / "a.parquet", {"text": kind})
    assert message in str(error.value)


def test_a_table_of_too_many_cells_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what the file says of itself."""
    pq.write_table(pa.table({"text": ["a"] * 12}), tmp_path / "a.parquet")
    monkeypatch.setattr(parquet, "MAX_CELLS", 11)
    with pytest.raises(InputError, match="it has 12 cells, more than the 11 that are read"):
        parquet.read(tmp_path / "a.parquet", {"text": "text"})


def test_a_footer_without_end_is_refused(tmp_path: Path) -> None:
    """Its length stands before the last four bytes."""
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + b"\0" * 8 + b"\xff\xff\xff\x7fPAR1")
    with pytest.raises(InputError, match="its footer has more than"):
        parquet.read(tmp_path / "a.parquet", {})


def test_a_damaged_page_is_refused(tmp_path: Path) -> None:
    """The footer is as it was written; the values before it are not."""
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["abc"] * 1000}), file)
    content = file.read_bytes()
    file.write_bytes(content[:4] + b"\xff" * 40 + content[44:])
    with pytest.raises(InputError, match="it is not a Parquet file that can be read"):
        parquet.read(file, {"text": "text"})


# What may not be called: the last part of the name, or the whole of it.
CALLS = {
    "read_parquet", "read_pickle", "read_feather", "read_orc", "read_hdf", "ParquetFile", "ParquetDataset", "ReadFromParquet",
    "pq.read_table", "pq.read_metadata", "pq.read_schema", "pq.read_pandas", "pa.parquet.read_table",
    "pa.ipc.open_file", "pa.ipc.open_stream", "yaml.load", "yaml.load_all", "unsafe_load", "full_load",
    "unsafe_load_all", "full_load_all", "extractall", "unpack_archive", "eval", "exec",
}  # fmt: skip
MODULES = {
    "pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "jsonpickle", "tarfile", "zipfile",
    "pyarrow.ipc", "pyarrow.feather", "pyarrow.orc", "pyarrow.dataset", "fastparquet",
}  # fmt: skip
THE_READER = "fairgate/parquet.py"


def _dangers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in CALLS or name.rpartition(".")[2] in CALLS or any(item.arg == "allow_pickle" for item in node.keywords):
                yield name
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            yield from sorted(names & MODULES)
            if node.module == "pyarrow.parquet":
                yield "from pyarrow.parquet import"


def _sources() -> list[Path]:
    return sorted(file.relative_to(PROJECT) for folder in FOLDERS for file in (PROJECT / folder).rglob("*.py"))


@pytest.mark.parametrize("file", _sources(), ids=str)
def test_one_module_reads_parquet_and_none_runs_what_it_reads(file: Path) -> None:
    """No pickle, no archive, no other reader of Arrow, no full YAML loader, no eval."""
    found = set(_dangers(ast.parse((PROJECT / file).read_text(encoding="utf-8"))))
    assert found == ({"pq.ParquetFile", "pa.ipc.open_file"} if file.as_posix() == THE_READER else set())


@pytest.mark.parametrize(
    "code",
    [
        "import pandas as pd\npd.read_parquet('a')",
        "import pyarrow.parquet as pq\npq.read_table('a')",
        "from pyarrow.parquet import read_table",
        "from pyarrow import ipc",
        "import pickle",
        "import numpy as np\nnp.load('a', allow_pickle=True)",
        "import yaml\nyaml.load(text, Loader=loader)",
    ],
)
def test_a_dangerous_reader_is_recognised(code: str) -> None:
    """In each of the usual spellings."""
    assert list(_dangers(ast.parse(code)))
