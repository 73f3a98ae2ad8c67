"""`fairgate verify`: exit code 0 for what a run left, 3 and every name for what is otherwise."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from fairgate import manifest, run_folder
from fairgate.cli import main as cli
from fairgate.files import folder_digest
from fairgate.gate import verdict as verdicts
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Verdict
from pipeline import provenance
from pipeline.provenance import source_digests

CONFIG = '{"seed":1}'


class Root:
    """A finished run, made by hand."""

    def __init__(self, folder: Path, outcome: str = "blessed", **changes: Any) -> None:
        """Writes everything; `changes` are laid over the verdict."""
        self.folder = folder
        self.model, self.published = self._save("artifacts/Trainer/model/5"), self._save("serving/17")
        self._save("examples/sample-1")
        self.report = folder / "reports" / "20260301T120000Z"
        self.report.mkdir(parents=True)
        (self.report / run_folder.CONFIGURATION).write_text(CONFIG)
        values: dict[str, Any] = {"task": "digits", "outcome": outcome, "summary": "One sentence.", "overall": {}}
        values |= {"rules": (), "slices": ()}
        values |= {"omitted": {}, "invalid_scores": {}, "confidence": 0.95, "data": DataInfo(source="files")}
        values |= {"models": {"candidate": ModelInfo(uri=str(self.model), digest=folder_digest(self.model))}}
        values |= {"provenance": Provenance(config_digest=hashlib.sha256(CONFIG.encode()).hexdigest())}
        verdicts.write(Verdict.model_validate(values | changes), self.report / run_folder.VERDICT)
        folders: dict[manifest.Kind, list[Path]] = {
            "examples": [folder / "examples" / "sample-1"],
            "models": [self.model],
            "published model": [self.published],
        }
        manifest.write(folder, self.report, self.report.name, folders, source_digests())
        (folder / "latest").symlink_to(self.report.relative_to(folder))

    def _save(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir(parents=True)
        (path / "saved_model.pb").write_text("graph")
        return path


@pytest.fixture(autouse=True)
def _small_project(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project of one module, so that nobody's edits of this one count."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "first").mkdir()
    (folder / "first" / "__init__.py").touch()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(provenance, "OURS", ("first",))


def verify(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and what was printed."""
    code = cli.main(("verify", str(path)))
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def test_unchanged_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line per kind; a report's own folder may be named, too."""
    made = Root(tmp_path)
    for path in (tmp_path, made.report):
        code, printed = verify(path, capsys)
        assert code == 0
        assert printed.splitlines() == [
            "report: 2 files",
            "examples: 1 files",
            "models: 1 files",
            "published model: 1 files",
            "source: 1 files",
            f"{made.report}: unchanged since the run.",
        ]


def test_moved_root_is_still_unchanged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names in the manifest are relative."""
    Root(tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    assert verify(tmp_path / "there", capsys)[0] == 0


def test_changed_files_are_all_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what happened to them, and the remedy."""
    made = Root(tmp_path)
    (made.published / "saved_model.pb").write_text("grapj")
    (tmp_path / "examples" / "sample-1" / "saved_model.pb").unlink()
    code, printed = verify(tmp_path, capsys)
    assert code == 3
    assert printed.splitlines() == [
        f"Error: {made.report}: 2 differences since the run",
        "  - examples/sample-1/saved_model.pb: missing (examples)",
        "  - serving/17/saved_model.pb: changed (published model)",
        "Restore the files, or run the pipeline again.",
    ]


def test_version_that_no_run_has_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody has copied a model into serving/."""
    Root(tmp_path)
    (tmp_path / "serving" / "18").mkdir()
    code, printed = verify(tmp_path, capsys)
    assert (code, "serving/18: extra (no run of this root has published it)" in printed) == (3, True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcome": "refused"}, "serving/17: published, but the verdict is refused."),
        (
            {"models": {"candidate": ModelInfo(uri="/x/artifacts/Trainer/model/5", digest="sha256:0")}},
            "its candidate is sha256:0",
        ),
        ({"models": {"candidate": ModelInfo(uri="elsewhere", digest="sha256:0")}}, "the manifest's is absent"),
        ({"models": {}}, "the verdict's candidate is absent"),
        ({"provenance": Provenance(config_digest="0")}, "its configuration is sha256:0, config.json is sha256:"),
    ],
)
def test_verdict_about_something_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], message: str
) -> None:
    """Files that are all as they were written, but do not belong together."""
    Root(tmp_path, **changes)
    code, printed = verify(tmp_path, capsys)
    assert (code, message in printed) == (3, True), printed


def test_many_changes_are_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first twenty, and how many more."""
    made = Root(tmp_path)
    for number in range(30):
        (made.published / f"extra-{number:02}").touch()
    lines = verify(tmp_path, capsys)[1].splitlines()
    assert len(lines) == 23
    assert lines[-2] == "  - and 10 more"


def test_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped name, or a root without a report."""
    code, printed = verify(tmp_path / "nowhere", capsys)
    assert (code, "no such folder; name a run's root folder" in printed) == (3, True)
    code, printed = verify(tmp_path, capsys)
    assert (code, "manifest.json: cannot be read" in printed) == (3, True)


def test_manifest_of_a_run_is_read_by_programs(tmp_path: Path) -> None:
    """Its shape is stable."""
    made = Root(tmp_path)
    written = json.loads((made.report / run_folder.MANIFEST).read_text())
    assert list(written) == ["schema_version", "run", "folders", "digest"]
    assert list(written["folders"][0]) == ["kind", "path", "files"]
