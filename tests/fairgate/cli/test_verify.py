"""`fairgate verify`: exit code 0 for what a run left, 3 and every name for what is otherwise."""

import hashlib
import json
import shutil
from collections.abc import Callable
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

    def __init__(self, folder: Path, outcome: str = "blessed", day: int = 1, publishes: bool = True, **changes: Any) -> None:
        """Writes everything; `changes` are laid over the verdict. Each day has its own run, model and version."""
        self.folder = folder
        self.model = self._save(f"artifacts/Trainer/model/{4 + day}")
        self.published = self._save(f"serving/{16 + day}") if publishes else None
        self._save(f"examples/sample-{day}")
        self.report = folder / "reports" / f"2026030{day}T120000Z"
        self.report.mkdir(parents=True)
        (self.report / run_folder.CONFIGURATION).write_text(CONFIG)
        values: dict[str, Any] = {"task": "digits", "outcome": outcome, "summary": "One sentence.", "overall": {}}
        values |= {"rules": (), "slices": ()}
        values |= {"omitted": {}, "invalid_scores": {}, "confidence": 0.95, "data": DataInfo(source="files")}
        values |= {"models": {"candidate": ModelInfo(uri=str(self.model), digest=folder_digest(self.model))}}
        values |= {"provenance": Provenance(config_digest=hashlib.sha256(CONFIG.encode()).hexdigest())}
        verdicts.write(Verdict.model_validate(values | changes), self.report / run_folder.VERDICT)
        folders: dict[manifest.Kind, list[Path]] = {
            "examples": [folder / "examples" / f"sample-{day}"],
            "models": [self.model],
            "published model": [self.published] if self.published else [],
        }
        manifest.write(folder, self.report, self.report.name, folders, source_digests())
        (folder / "latest").unlink(missing_ok=True)
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
    (tmp_path / "serving" / "17" / "saved_model.pb").write_text("grapj")
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
    Root(tmp_path)
    for number in range(30):
        (tmp_path / "serving" / "17" / f"extra-{number:02}").touch()
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


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda root: (root / "serving/17/saved_model.pb").write_text("grapj"), "serving/17/saved_model.pb: changed"),
        (lambda root: shutil.rmtree(root / "serving/17"), "serving/17/saved_model.pb: missing"),
        (lambda root: (root / "serving/17/more").touch(), "serving/17/more: extra"),
        (lambda root: (root / "reports/20260301T120000Z/verdict.json").write_text("{}"), "verdict.json: changed"),
    ],
)
def test_the_served_model_is_checked_after_a_refused_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: Callable[[Path], object], message: str
) -> None:
    """It is an earlier run's, whose manifest knows its files, and whose verdict has blessed it."""
    Root(tmp_path)
    Root(tmp_path, "refused", day=2, publishes=False)
    assert verify(tmp_path, capsys)[0] == 0
    damage(tmp_path)
    code, printed = verify(tmp_path, capsys)
    assert (code, message in printed, "of run 20260301T120000Z" in printed) == (3, True, True), printed


def test_the_served_model_s_run_must_have_blessed_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where it is not the newest run."""
    Root(tmp_path, "inconclusive")
    Root(tmp_path, "refused", day=2, publishes=False)
    code, printed = verify(tmp_path, capsys)
    assert (code, "serving/17: published, but the verdict is inconclusive." in printed) == (3, True)


def test_an_older_version_may_be_removed_but_not_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that goes back to it must find what was judged."""
    Root(tmp_path)
    Root(tmp_path, day=2)
    assert verify(tmp_path, capsys)[0] == 0
    (tmp_path / "serving/17/saved_model.pb").write_text("grapj")
    assert verify(tmp_path, capsys)[0] == 3
    shutil.rmtree(tmp_path / "serving/17")
    assert verify(tmp_path, capsys)[0] == 0


def test_latest_that_leads_out_of_the_root_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report of another root would be called unchanged."""
    Root(tmp_path / "other")
    made = Root(tmp_path / "root")
    (tmp_path / "root" / "latest").unlink()
    (tmp_path / "root" / "latest").symlink_to(tmp_path / "other" / "reports" / made.report.name)
    code, printed = verify(tmp_path / "root", capsys)
    assert (code, f"{tmp_path / 'root' / 'latest'} leads to {tmp_path / 'other'}" in printed) == (3, True), printed


def test_copy_of_a_report_is_compared_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says that data and models were not."""
    made = Root(tmp_path / "root")
    shutil.copytree(made.report, tmp_path / "mailed")
    code, printed = verify(tmp_path / "mailed", capsys)
    assert code == 0
    assert printed.splitlines()[:2] == [
        "report: 2 files",
        "examples: 1 files, not compared: this is the copy of a report, without its root",
    ]
    (tmp_path / "mailed" / "config.json").write_text("{}")
    code, printed = verify(tmp_path / "mailed", capsys)
    assert (code, "config.json: changed (report)" in printed) == (3, True)


def test_report_under_the_name_of_another_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A blessed run's report in the place of the newest."""
    made = Root(tmp_path)
    made.report.rename(made.report.with_name("20260305T120000Z"))
    (tmp_path / "latest").unlink()
    code, printed = verify(tmp_path, capsys)
    assert (code, "holds the report of the run 20260301T120000Z" in printed) == (3, True)


def test_page_that_was_drawn_again_is_not_called_unchanged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, with what drew it."""
    made = Root(tmp_path, outcome="refused", publishes=False)
    (made.report / "report.html").write_text("with text")
    manifest.write(tmp_path, made.report, made.report.name, {"models": [made.model]}, source_digests())
    (made.report / "report.html").write_text("without text")
    manifest.renew(made.report, ["report.html"], "fairgate report --no-text")
    code, printed = verify(made.report, capsys)
    assert code == 0
    assert printed.splitlines()[-2:] == [
        "report.html: not what the run wrote; `fairgate report --no-text` has drawn it again",
        f"{made.report}: unchanged since the run, but for report.html.",
    ]
