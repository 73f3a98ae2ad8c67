"""The DAG files of `fairgate airflow dag`, read as Python; `tests/environments/test_airflow.py` has Airflow read them."""

import ast
import sys
from pathlib import Path

import pytest

from fairgate.cli import main as cli
from pipeline.airflow.dag import DagSchedule, Invocation, text


def constants(written: str) -> dict[str, object]:
    """The values that a file gives to its names."""
    assigned = [node for node in ast.parse(written).body if isinstance(node, ast.Assign)]
    return {ast.unparse(node.targets[0]): ast.literal_eval(node.value) for node in assigned}


def imported(written: str) -> set[str]:
    """The packages that a file imports."""
    nodes = list(ast.walk(ast.parse(written)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name.partition(".")[0] for name in plain | {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}}


CALL = Invocation(["/a/fairgate"], Path("/nightly"), Path("/nightly/runs/digits"), ["digits", "--set", 'a.b="c\\d"'])


@pytest.mark.parametrize("upstream", [None, {"StatisticsGen": [], "Pusher": ["StatisticsGen"]}])
def test_file_imports_airflow_and_plain_python_alone(upstream: dict[str, list[str]] | None) -> None:
    written = text("digits", DagSchedule("0 3 * * *"), CALL, upstream, "FAIRGATE_WEBHOOK")
    compile(written, "dag.py", "exec")
    assert imported(written) - sys.stdlib_module_names == {"airflow"}


def test_every_value_is_written_as_python_reads_it() -> None:
    written = text("digits", DagSchedule("0 3 * * *"), CALL, {"Pusher": []}, "HOOK")
    assert constants(written) == {
        "FAIRGATE": ["/a/fairgate"],
        "FOLDER": "/nightly",
        "ROOT": "/nightly/runs/digits",
        "OPTIONS": ["digits", "--set", 'a.b="c\\d"'],
        "UPSTREAM": {"Pusher": []},
        "ALERTS": "HOOK",
        "SECONDS": 10,
        "REFUSALS": {1: "refused", 3: "bad input or configuration"},
    }


def test_command_takes_the_options_of_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ("airflow", "dag", "digits", "--whole", "--schedule", "0 3 * * *", "--seed", "3", "-o", "night.py")
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out == "night.py: digits, 1 task, 0 3 * * *. Put it into the folder dags/ of Airflow.\n"
    known = constants((tmp_path / "night.py").read_text())
    root = f"{tmp_path}/runs/digits"
    assert (known["FOLDER"], known["ROOT"]) == (str(tmp_path), root)
    assert known["FAIRGATE"] == [str(Path(sys.executable).with_name("fairgate"))]
    assert known["OPTIONS"] == ["digits", "--seed", "3", "--root", root]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--schedule", "0 3 *"), "The schedule '0 3 *' has 3 fields"),
        (("--timezone", "Mars/Olympus"), "Mars/Olympus"),
        (("--schedul", "0 3 * * *"), "No such option: --schedul"),
        (("--policy", "strictt"), "strictt"),
        (("--nodes",), "--nodes and --whole exclude each other"),
        (("--engine", "flink:/h:8081"), "--engine flink:/h:8081: not the address of a cluster; type --engine flink://HOST:8081"),
        (("--beam-arg=--runner=DaskRunner",), "--runner=dask: refused"),
        (("--beam-arg=--direct_workers=2",), "type --beam-arg=--direct_num_workers=2"),
    ],
    ids=" ".join,
)
def test_mistake_is_an_error_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: tuple[str, ...], words: str
) -> None:
    """Also one in an option of `fairgate run`."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(("airflow", "dag", "digits", "--whole", *option)) == 3
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_folder_of_the_file_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(("airflow", "dag", "digits", "--whole", "-o", "dags/new/night.py")) == 0
    assert (tmp_path / "dags" / "new" / "night.py").is_file()
