"""The manifest: every byte of what a verdict rests on is covered."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fairgate import run_folder
from fairgate.errors import InputError
from fairgate.files import folder_digest
from fairgate.manifest import Difference, Kind, differences, read, renew, write
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
        with pytest.raises(InputError, match=r"manifest\.json: changed"):
            read(report_of(root))


def test_absent_manifest_is_named_with_its_remedy(root: Path) -> None:
    """A report of an interrupted run, or another folder."""
    (report_of(root) / MANIFEST).unlink()
    with pytest.raises(InputError, match=r"manifest\.json: cannot be read .* name the root of a run that has finished"):
        read(report_of(root))


def test_page_that_was_drawn_again_is_renewed(root: Path) -> None:
    """Only the named file; everything else must still be as it was."""
    (report_of(root) / "report.html").write_text("another page")
    (report_of(root) / "verdict.json").write_text("[]")
    renew(report_of(root), ["report.html"])
    assert [found.path for found in differences(read(report_of(root)), root, provenance.source_digests())] == [
        f"reports/{RUN}/verdict.json"
    ]


def test_report_without_a_manifest_is_not_given_one(root: Path) -> None:
    """What was not vouched for at its end cannot be vouched for later."""
    (report_of(root) / MANIFEST).unlink()
    renew(report_of(root), ["report.html"])
    assert not (report_of(root) / MANIFEST).exists()


def test_seal_depends_on_everything(root: Path) -> None:
    """Another run's name is another digest."""
    manifest = read(report_of(root))
    assert manifest.model_copy(update={"run": "other"}).sealed().digest != manifest.digest
    assert manifest.sealed() == manifest
    assert run_folder.MANIFEST not in manifest.folders[0].files
