"""What the containers' entry point evens out between the engines, without TFX."""

import errno
import json
import os
from argparse import Namespace
from collections.abc import Callable, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import pytest

import data
from components.artifacts.imported import write_pointer
from fairgate.errors import InputError
from pipeline.kubeflow import entry
from pipeline.kubeflow.entry import Interface, local_path, localized, restored

Json = dict[str, Any]
BEAM = Path(PathFinder.find_spec("apache_beam").origin).parent  # type: ignore[union-attr, arg-type]  # it is not imported
INTERFACE = Interface(
    inputs={"model": "tfx.Model"}, outputs={"report": "tfx.ModelEvaluation"}, views={"page": "report/report.html"}
)


def canonical(folder: Path) -> Path:
    """Return the folder, with a file in each split."""
    for split in ("train", "eval"):
        (folder / f"Split-{split}").mkdir(parents=True)
        (folder / f"Split-{split}" / "a.tfrecord.gz").touch()
    return folder


def artifacts(**uris: str) -> Json:
    """Artifacts of the plain engine: no type."""
    return {key: {"artifacts": [{"uri": uri, "metadata": {"known": 1.0}}]} for key, uri in uris.items()}


@pytest.fixture
def asked(tmp_path: Path) -> Json:
    """An executor input of Kubeflow Pipelines v2."""
    return {
        "inputs": {
            "artifacts": artifacts(model="minio://b/model"),
            "parameterValues": {"steps": 3.0, "words": "package of three"},
        },
        "outputs": {
            "artifacts": artifacts(report="minio://b/report", page="minio://b/page"),
            "outputFile": str(tmp_path / "outputs" / "output_metadata.json"),
        },
    }


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("minio://bucket/a/b", "/minio/bucket/a/b"),
        ("s3://bucket/a", "/s3/bucket/a"),
        ("gs://bucket/a", "/gcs/bucket/a"),
        ("/mnt/shared/a", "/mnt/shared/a"),
        ("https://example.org/a", "https://example.org/a"),
    ],
)
def test_files_lie_where_the_launcher_puts_them(uri: str, path: str) -> None:
    """Object stores are folders of the container; everything else is left alone."""
    assert local_path(uri, Path("/")) == path


def test_artifacts_get_the_types_that_the_compiler_knew(asked: Json, tmp_path: Path) -> None:
    """Whatever type the engine gives, or none."""
    asked["outputs"]["artifacts"]["report"]["artifacts"][0]["type"] = {"schemaTitle": "system.Artifact"}
    step = localized(asked, INTERFACE, tmp_path)
    (model,) = step["inputs"]["artifacts"]["model"]["artifacts"]
    (report,) = step["outputs"]["artifacts"]["report"]["artifacts"]
    assert model == {"uri": str(tmp_path / "minio/b/model"), "metadata": {"known": 1.0}, "type": {"schemaTitle": "tfx.Model"}}
    assert report["type"] == {"schemaTitle": "tfx.ModelEvaluation"}


def test_tfx_is_not_told_of_views(asked: Json, tmp_path: Path) -> None:
    """Nor of anything else that it would not know, such as a log."""
    asked["outputs"]["artifacts"] |= artifacts(log="minio://b/log")
    assert set(localized(asked, INTERFACE, tmp_path)["outputs"]["artifacts"]) == {"report"}


def test_executor_input_is_not_changed_in_place(asked: Json, tmp_path: Path) -> None:
    """It is needed again for the URIs of the outputs."""
    before = json.dumps(asked)
    localized(asked, INTERFACE, tmp_path)
    assert json.dumps(asked) == before


def test_file_of_a_package_is_found_where_that_is_installed(asked: Json, tmp_path: Path) -> None:
    """The compiler's machine had it elsewhere; other words stay as they are."""
    asked["inputs"]["parameterValues"]["schema_file"] = "package:data/schemas/digits.pbtxt"
    values = localized(asked, INTERFACE, tmp_path)["inputs"]["parameterValues"]
    assert values == {
        "steps": 3.0,
        "words": "package of three",
        "schema_file": str(Path(data.__path__[0]) / "schemas" / "digits.pbtxt"),
    }


def test_image_without_a_package_is_named(asked: Json, tmp_path: Path) -> None:
    """An image that was made for something else."""
    asked["inputs"]["parameterValues"]["schema_file"] = "package:no_such_package/schema.pbtxt"
    with pytest.raises(InputError, match="the image has no package no_such_package"):
        localized(asked, INTERFACE, tmp_path)


def test_examples_are_read_where_their_artifact_says(asked: Json, tmp_path: Path) -> None:
    """The artifact holds the name of a folder of the volume; an output of the same step is left alone."""
    write_pointer(tmp_path / "minio/b/model", canonical(tmp_path / "volume"))
    step = localized(asked, INTERFACE, tmp_path)
    assert step["inputs"]["artifacts"]["model"]["artifacts"][0]["uri"] == str(tmp_path / "volume")
    assert step["outputs"]["artifacts"]["report"]["artifacts"][0]["uri"] == str(tmp_path / "minio/b/report")


def test_engine_gets_its_own_uris_back(asked: Json) -> None:
    """Together with what the step said of its artifacts."""
    output = {"artifacts": {"report": {"artifacts": [{"uri": "/minio/b/report", "metadata": {"pushed": 1.0}}]}}}
    (report,) = restored(output, asked)["artifacts"]["report"]["artifacts"]
    assert report == {"uri": "minio://b/report", "metadata": {"pushed": 1.0}}


class Tfx:
    """Stands in for TFX: counts the calls, writes the report and the executor output."""

    def __init__(self) -> None:
        """Nothing was called."""
        self.called = 0
        self.beam_args: Sequence[str] = ()

    def execute(self, step: Json, given: Namespace, beam_args: Sequence[str]) -> None:
        """The executor."""
        self.called += 1
        self.beam_args = beam_args
        report = Path(step["outputs"]["artifacts"]["report"]["artifacts"][0]["uri"])
        report.mkdir(parents=True)
        (report / "report.html").write_text("<p>Blessed.")
        self._write(step, given)

    @staticmethod
    def _write(step: Json, _: Namespace) -> None:
        file = Path(step["outputs"]["outputFile"])
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"artifacts": step["outputs"]["artifacts"]}))


@pytest.fixture
def tfx(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tfx:
    """No TFX is imported."""
    found = Tfx()
    monkeypatch.setattr(entry, "_execute", found.execute)
    monkeypatch.setenv("FAIRGATE_MOUNTS", str(tmp_path))
    return found


Run = Callable[..., int]


@pytest.fixture
def run(tfx: Tfx, asked: Json) -> Run:  # noqa: ARG001  # the stand-in must be in place
    """Runs the entry point with an interface and more arguments."""

    def run(interface: Interface, *more: str) -> int:
        words = ("--interface", interface.model_dump_json(), "--json_serialized_invocation_args", json.dumps(asked))
        return entry.main([*words, *more])

    return run


def test_step_leaves_its_outputs_and_what_the_engine_shows(run: Run, tfx: Tfx, asked: Json, tmp_path: Path) -> None:
    """The page is a file at its own URI; the rest of the command line goes to Beam."""
    assert run(INTERFACE, "--executor_class_path", "a.B", "--runner=DirectRunner") == 0
    assert (tmp_path / "minio" / "b" / "page").read_text() == "<p>Blessed."
    output = json.loads(Path(asked["outputs"]["outputFile"]).read_text())
    assert output["artifacts"]["report"]["artifacts"][0]["uri"] == "minio://b/report"
    assert (tfx.called, tfx.beam_args) == (1, ["--runner=DirectRunner"])


def test_input_error_is_one_line(run: Run, tfx: Tfx, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Bad data are reported without a traceback, and fail the step."""

    def refuse(*_: Any) -> None:
        raise InputError("There are no rows.")

    monkeypatch.setattr(entry, "_execute", refuse)
    assert run(INTERFACE) == 3
    assert capsys.readouterr().err == "Error: There are no rows.\n"
    assert tfx.called == 0


def test_examples_that_are_gone_are_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The step that named the folder came from the engine's cache; Beam raises its own error, whose words its source holds."""
    words = "No files found based on the file pattern %s"
    assert f"raise IOError('{words}' % pattern)" in (BEAM / "io" / "filebasedsource.py").read_text()
    pattern = tmp_path / "examples" / "Split-train" / "*"

    def read(*_: Any) -> None:
        raise OSError(words % pattern)

    monkeypatch.setattr(entry, "_execute", read)
    assert run(INTERFACE) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"Error: {pattern}: no such files, though an earlier step wrote or named them. Restore them ")
    assert "--volume" in line
    assert "--root" not in line


def test_error_that_beam_raised_again_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the name of its transform, and the error of the worker as its cause."""

    def refuse(*_: Any) -> None:
        try:
            raise InputError("There are no rows.")
        except InputError as error:
            raise RuntimeError(f"{error} [while running 'Count']") from error

    monkeypatch.setattr(entry, "_execute", refuse)
    assert run(INTERFACE) == 3
    assert capsys.readouterr().err == "Error: There are no rows.\n"


def test_full_disk_is_one_line_for_who_runs_a_cluster(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fill(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(entry, "_execute", fill)
    assert run(INTERFACE) == 3
    words = "no space left on the disk. Give the pod, or the volume, more; finished steps come from the cache"
    assert capsys.readouterr().err == f"Error: {tmp_path / 'outputs'}: {words} when the pipeline is submitted again.\n"


def test_crash_ends_with_its_traceback_and_no_code_of_a_verdict(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 would mean that the model was refused."""

    def crash(*_: Any) -> None:
        raise ValueError("out of luck")

    monkeypatch.setattr(entry, "_execute", crash)
    assert run(INTERFACE) == 70
    assert capsys.readouterr().err.endswith("ValueError: out of luck\n")
