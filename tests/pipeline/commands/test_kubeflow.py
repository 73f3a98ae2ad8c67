"""`fairgate kubeflow compile` up to the compiler: what is answered before TFX is loaded."""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fairgate.cli import main as cli
from pipeline.commands import kubeflow

COMMAND = ("kubeflow", "compile", "civil-comments", "--image", "example.org/fairgate:1")
EMBEDDING = "training.embedding=/mnt/fairgate/embedding"


@pytest.mark.parametrize("embedding", ["auto", "training-text", "vectors.txt"])
def test_embedding_must_be_built_before(embedding: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No step of the graph builds it."""
    assert cli.main([*COMMAND, "--set", f"training.embedding={embedding}", "--set", "training.model=dnn"]) == 3
    assert f"training.embedding={embedding} is built on this machine" in capsys.readouterr().err


def test_everything_that_a_cluster_would_refuse_is_reported_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With the exit code of bad input, and nothing written."""
    output = tmp_path / "pipeline.yaml"
    wrong = ("--image", "Fairgate:1", "--volume", "a.b:/", "--root", "/x", "--serving", "s", "--examples", "e", "-o", str(output))
    assert cli.main(["kubeflow", "compile", "civil-comments", "--set", EMBEDDING, *wrong]) == 3
    errors = capsys.readouterr().err
    assert [line.partition(" ")[0] for line in errors.removeprefix("Error: ").splitlines()] == [
        *("--image", "--volume", "--volume", "--root", "--examples", "--serving"),
    ]
    assert not output.exists()


def test_policy_is_linted(capsys: pytest.CaptureFixture[str]) -> None:
    """As for a run on this machine."""
    rules = "policy.rules=[{id: a, kind: guard, metric: no_such_metric, margin: 0.1}]"
    assert cli.main([*COMMAND, "--set", EMBEDDING, "--set", rules]) == 3
    assert "no_such_metric" in capsys.readouterr().err


def test_missing_kfp_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It names the remedy; nothing is written."""

    def without_kfp(name: str, *more: Any) -> Any:
        return None if name == "kfp" else find_spec(name, *more)

    monkeypatch.setattr(kubeflow, "find_spec", without_kfp)
    output = tmp_path / "pipeline.yaml"
    assert cli.main([*COMMAND, "--set", EMBEDDING, "-o", str(output)]) == 3
    assert "scripts/uv.sh sync --group kubeflow" in capsys.readouterr().err
    assert not output.exists()


def test_preset_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*COMMAND, "--preset", "exercice"]) == 3
    assert "did you mean --preset exercise?" in capsys.readouterr().err


def test_policy_without_a_pass_mark_is_not_compiled(capsys: pytest.CaptureFixture[str]) -> None:
    """The run could publish nothing."""
    assert cli.main([*COMMAND, "--set", EMBEDDING, "--policy", "ll144"]) == 3
    assert "policy.reports_only: the policy sets no pass mark" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--beam-arg=--runner=DaskRunner", "--runner=dask: refused, for its numbers cannot be trusted"),
        ("--beam-arg=--direct_workers=2", "type --beam-arg=--direct_num_workers=2"),
        ("--engine=flink://h:8081", "--engine flink://h:8081: a compiled pipeline hands no work to a cluster of Flink or Spark"),
    ],
)
def test_engine_that_would_not_do_is_refused(option: str, words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    output = tmp_path / "pipeline.yaml"
    assert cli.main([*COMMAND, "--set", EMBEDDING, option, "-o", str(output)]) == 3
    assert words in capsys.readouterr().err
    assert not output.exists()


def test_folder_on_no_volume_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The cluster may mount something there by other means."""
    compiler = SimpleNamespace(Target=lambda *_: None, compile_pipeline=lambda *_: "compiled")
    monkeypatch.setitem(sys.modules, "pipeline.kubeflow.compile", compiler)  # the real one loads TFX
    output = tmp_path / "pipeline.yaml"
    assert cli.main([*COMMAND, "--set", EMBEDDING, "--volume", "c:/mnt/f", "-o", str(output)]) == 0
    assert "Warning: --serving /mnt/fairgate/serving is on no volume" in capsys.readouterr().err
    assert output.read_text(encoding="utf-8") == "compiled"
