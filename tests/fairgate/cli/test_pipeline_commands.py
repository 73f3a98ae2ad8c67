"""The command where there is no pipeline, and what counts as one."""

import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairgate.cli import main as cli
from fairgate.cli import pipeline_commands, verify
from fairgate.gate.presets import image_quality
from tests.fairgate.finished_run import write_run
from tests.fairgate.report.conftest import make_image_content


@pytest.fixture
def _without_pipeline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pipeline_commands, "is_present", lambda: False)
    monkeypatch.setattr(cli, "is_present", lambda: False)
    cli.application.cache_clear()
    yield
    cli.application.cache_clear()


@pytest.mark.usefixtures("_without_pipeline")
@pytest.mark.parametrize("name", pipeline_commands.COMMANDS)
def test_command_of_the_pipeline_answers_with_the_remedy(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([name], [name, "digits", "--seed", "3"], [name, "--help"]):
        assert cli.main(arguments) == 3
        assert capsys.readouterr().err == (
            f"Error: `fairgate {name}` needs the pipeline, which is not installed with the library: "
            "get the sources of fairgate, type `make setup` there, and use `.venv/bin/fairgate`.\n"
        )


@pytest.mark.usefixtures("_without_pipeline")
def test_worker_of_the_pipeline_answers_with_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert pipeline_commands.worker([]) == 3
    assert capsys.readouterr().err.startswith(
        "Error: `fairgate-worker` needs the pipeline, which is not installed with the library: get "
    )


@pytest.mark.usefixtures("_without_pipeline")
def test_help_lists_the_library_s_commands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    usage = capsys.readouterr().out
    assert [name for name in ("check", "report", "verify") if f"\n  {name} " in usage] == ["check", "report", "verify"]
    assert [name for name in pipeline_commands.COMMANDS if f"\n  {name} " in usage or f"fairgate {name} " in usage] == []


@pytest.mark.usefixtures("_without_pipeline")
def test_sources_are_not_compared_without_the_pipeline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = write_run(tmp_path, make_image_content(1000), image_quality(0.85, 0.6, 0.05))
    assert cli.main(["verify", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "The pipeline is not installed here, so its source files were not compared.",
        f"{report}: unchanged since the run.",
    ]
    assert verify._source_digests() is None


@pytest.mark.parametrize("foreign", [None, "pipeline"], ids=["none", "another package of that name"])
def test_pipeline_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, foreign: str | None) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "pipeline"]:
        monkeypatch.delitem(sys.modules, name)
    if foreign:
        (tmp_path / foreign).mkdir()
        (tmp_path / foreign / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(sys, "meta_path", [finder for finder in sys.meta_path if "Path" in str(finder)])
    found = pipeline_commands.is_present()
    sys.modules.pop("pipeline", None)  # the foreign one; what was there before comes back
    assert not found


def test_pipeline_is_found() -> None:
    assert pipeline_commands.is_present()


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"fairgate {importlib.metadata.version('fairgate')}\n"


def test_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fairgate", "check", "nowhere.yaml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "nowhere.yaml" in done.stderr
