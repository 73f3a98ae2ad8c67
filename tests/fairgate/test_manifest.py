"""The manifest: every byte of what a verdict rests on is covered."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fairgate import manifest as manifests
from fairgate import run_folder
from fairgate.errors import InputError
from fairgate.files import folder_digest
from fairgate.manifest import Change, Difference, Folder, Kind, Redrawn, differences, read, renew, write
from fairgate.run_folder import MANIFEST
from pipeline import provenance

RUN = "20260301T120000Z"
FILES = {
    "reports/{run}/report.html": "page",
    "reports/{run}/verdict.json": "{}",
    "examples/sample-1/train/a.tfrecord.gz": "records",
    "artifacts/Trainer/model/5/saved_model.pb": "graph",
    "serving/17/saved_model.pb": "graph",
    "source/first/step.py": "LIMIT = 1",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run with its manifest, and a project of one package."""
    monkeypatch.syspath_prepend(tmp_path / "source")
    monkeypatch.setattr(provenance, "OURS", ("first",))
    for name, content in {**FILES, "source/first/__init__.py": ""}.items():
        path = tmp_path / name.format(run=RUN)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    folders: dict[Kind, list[Path]] = {
        "examples": [tmp_path / "examples" / "sample-1"],
        "models": [tmp_path / "artifacts" / "Trainer" / "model" / "5"],
        "published model": [tmp_path / "serving" / "17"],
    }
    write(tmp_path, report_of(tmp_path), RUN, folders, provenance.source_digests())
    return tmp_path


def report_of(root: Path) -> Path:
    """The folder of the only report."""
    return root / "reports" / RUN


def test_nothing_differs_after_a_run(root: Path) -> None:
    """The manifest reads back, and lists every file but itself."""
    manifest = read(report_of(root))
    assert manifest.run == RUN
    assert differences(manifest, root, provenance.source_digests()) == []
    listed = {f"{folder.path}/{name}".lstrip("/") for folder in manifest.folders for name in folder.files}
    assert listed == {name.format(run=RUN).removeprefix("source/") for name in FILES} | {"first/__init__.py"}


def test_a_folder_of_the_manifest_has_the_digest_of_the_folder(root: Path) -> None:
    """As the gate took it of the model."""
    folders = {folder.path: folder for folder in read(report_of(root)).folders}
    assert folders["serving/17"].digest == folder_digest(root / "serving" / "17")


def flip(path: Path) -> None:
    """Changes one bit."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def add(path: Path) -> None:
    """Puts a file beside it."""
    path.with_name("more").touch()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("damage", "change"), [(flip, "changed"), (Path.unlink, "missing"), (add, "extra")], ids=["changed", "missing", "extra"]
)
def test_every_file_is_covered(root: Path, name: str, damage: Callable[[Path], None], change: str) -> None:
    """One bit, a file that is gone, a file too many: the file is named, and nothing else."""
    path = root / name.format(run=RUN)
    damage(path)
    (found,) = differences(read(report_of(root)), root, provenance.source_digests())
    place = path.with_name("more") if change == "extra" else path
    assert (root / found.path == place or root / "source" / found.path == place, found.change) == (True, change)
    assert str(found) == f"{found.path}: {change} ({found.kind})"


def test_folder_that_is_gone_is_every_one_of_its_files(root: Path) -> None:
    """As when somebody cleans up serving/."""
    (root / "serving" / "17" / "saved_model.pb").unlink()
    (root / "serving" / "17").rmdir()
    assert differences(read(report_of(root)), root, provenance.source_digests()) == [
        Difference("published model", "serving/17/saved_model.pb", "missing")
    ]


def test_every_byte_of_the_manifest_counts(root: Path) -> None:
    """Digests, names, spaces: each is noticed."""
    path = report_of(root) / MANIFEST
    written = path.read_bytes()
    for place in range(0, len(written), 7):
        path.write_bytes(written[:place] + bytes([written[place] ^ 1]) + written[place + 1 :])
        with pytest.raises(InputError, match=r"manifest\.json"):
            read(report_of(root))


def test_absent_manifest_is_named_with_its_remedy(root: Path) -> None:
    """A report of an interrupted run, or another folder."""
    (report_of(root) / MANIFEST).unlink()
    with pytest.raises(InputError, match=r"manifest\.json: cannot be read .* name the root of a run that has finished"):
        read(report_of(root))


def test_page_that_was_drawn_again_is_renewed(root: Path) -> None:
    """Only the named file; the manifest keeps what drew it, and what the run itself had drawn."""
    first = read(report_of(root)).folders[0].files["report.html"]
    for page, command in (("without text", "fairgate report --no-text"), ("by a newer version", "fairgate report")):
        (report_of(root) / "report.html").write_text(page)
        renew(report_of(root), ["report.html"], command)
        manifest = read(report_of(root))
        assert differences(manifest, root, provenance.source_digests()) == []
        assert manifest.redrawn == {"report.html": Redrawn(command=command, before=first)}


def test_page_that_became_the_first_one_again_is_not_noted(root: Path) -> None:
    """The manifest is then, byte for byte, the run's own."""
    page, written = report_of(root) / "report.html", (report_of(root) / MANIFEST).read_bytes()
    first = page.read_bytes()
    for content in (b"another page", first):
        page.write_bytes(content)
        renew(report_of(root), ["report.html"], "fairgate report")
    assert (report_of(root) / MANIFEST).read_bytes() == written


@pytest.mark.parametrize(
    ("name", "command"),
    [("absent.html", "fairgate report"), ("report.html", "rm -r /"), ("report.html", "fairgate report\x1b[0m")],
)
def test_note_of_a_page_that_no_command_has_drawn_is_refused(root: Path, name: str, command: str) -> None:
    """A manifest may be written by somebody else; what it says is printed."""
    made = Redrawn.model_construct(command=command, before="sha256:" + "0" * 64)
    hostile = read(report_of(root)).model_copy(update={"redrawn": {name: made}}).sealed()
    (report_of(root) / MANIFEST).write_text(hostile.text)
    with pytest.raises(InputError, match="no manifest of version 1"):
        read(report_of(root))


@pytest.mark.parametrize("name", ["verdict.json", "extra", "inner/report.html"])
def test_nothing_is_sealed_again_beside_a_file_that_was_changed(root: Path, name: str) -> None:
    """What the page was drawn from was not checked otherwise."""
    before = (report_of(root) / MANIFEST).read_bytes()
    (report_of(root) / name).parent.mkdir(exist_ok=True)
    (report_of(root) / name).write_text("[]")
    with pytest.raises(InputError, match=rf"reports/{RUN}/{name}: (changed|extra) \(report\)\nRestore the files"):
        renew(report_of(root), ["report.html"], "fairgate report --no-text")
    assert (report_of(root) / MANIFEST).read_bytes() == before


@pytest.mark.parametrize(
    "place", ["/etc", "..", "../other", "serving/../../other", ".", "serving/", "./serving", "serving//17", "a\\b", "a\0b", ""]
)
def test_folder_outside_of_the_root_is_refused(root: Path, place: str) -> None:
    """Before anything of it is read, and also where the manifest carries the right digest."""
    manifest = read(report_of(root))
    outside = Folder.model_construct(kind="models", path=place, files={})
    hostile = manifest.model_copy(update={"folders": (*manifest.folders, outside)}).sealed()
    (report_of(root) / MANIFEST).write_text(hostile.text)
    with pytest.raises(InputError, match=r"manifest\.json: changed: no manifest of version 1 \("):
        read(report_of(root))


def test_link_that_leads_out_of_the_root_is_refused(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder of the manifest that somebody replaced."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.move(root / "serving" / "17", elsewhere / "17")
    (root / "serving" / "17").symlink_to(elsewhere / "17")
    with pytest.raises(InputError, match=r"serving/17 leads to .*elsewhere.*, outside of .* Remove the link"):
        differences(read(report_of(root)), root)


@pytest.mark.parametrize("kind", ["link", "linked folder", "fifo"])
def test_what_is_no_file_is_a_difference(root: Path, kind: str) -> None:
    """It is named, and not opened: a FIFO would wait for ever."""
    path = root / "serving" / "17" / "saved_model.pb"
    if kind == "fifo":
        path.unlink()
        os.mkfifo(path)
    elif kind == "link":
        path.rename(root / "moved")
        path.symlink_to(root / "moved")
    else:
        path.with_name("more").symlink_to(root / "examples")
    change: Change = "extra" if kind == "linked folder" else "changed"
    name = "more" if kind == "linked folder" else "saved_model.pb"
    assert differences(read(report_of(root)), root) == [Difference("published model", f"serving/17/{name}", change)]


def test_file_that_cannot_be_read_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the system says."""

    def denied(_: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(manifests, "file_digest", denied)
    with pytest.raises(InputError, match=r"report\.html cannot be read \(Permission denied\); make it readable"):
        differences(read(report_of(root)), root)


@pytest.mark.parametrize("changes", [{"folders": ()}, {"run": "20260302T120000Z"}, {"run": "a/b"}])
def test_manifest_that_does_not_start_with_its_report_is_refused(root: Path, changes: dict[str, object]) -> None:
    """Sealed as it may be."""
    hostile = read(report_of(root)).model_copy(update=changes).sealed()
    (report_of(root) / MANIFEST).write_text(hostile.text)
    with pytest.raises(InputError, match="the first folder is not the report"):
        read(report_of(root))


def test_report_without_a_manifest_is_not_given_one(root: Path) -> None:
    """What was not vouched for at its end cannot be vouched for later."""
    (report_of(root) / MANIFEST).unlink()
    renew(report_of(root), ["report.html"], "fairgate report --no-text")
    assert not (report_of(root) / MANIFEST).exists()


def test_seal_depends_on_everything(root: Path) -> None:
    """Another run's name is another digest."""
    manifest = read(report_of(root))
    assert manifest.model_copy(update={"run": "other"}).sealed().digest != manifest.digest
    assert manifest.sealed() == manifest
    assert run_folder.MANIFEST not in manifest.folders[0].files


def test_a_report_that_belongs_to_no_root_has_no_other_folders() -> None:
    """What it would compare lies nowhere that is known."""
    own = Folder(kind="report", path="", files={})
    assert manifests.Manifest(run="", folders=(own,)).run == ""
    with pytest.raises(ValueError, match="a report without a run has other folders"):
        manifests.Manifest(run="", folders=(own, Folder(kind="models", path="artifacts", files={})))
