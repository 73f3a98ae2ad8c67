"""Keep the manifest of a run: the digests of all files that its verdict rests on, so that later changes are detected.

In: the folders of a finished run. Out: `manifest.json` in the run's report, and the changes since it was written. It detects
accidents and careless edits; it is not signed, so anyone who can write all files can write new digests too.
"""

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from fairgate.errors import InputError, os_reason
from fairgate.files import file_digest, file_digests, joint_digest, replace_text
from fairgate.gate.verdict import Verdict
from fairgate.gate.verdict import read as read_verdict
from fairgate.names import CANDIDATE
from fairgate.run_files import first_problem, inside, is_there, parse_json, read_text
from fairgate.run_folder import CONFIGURATION, MANIFEST, REPORTS, VERDICT

Kind = Literal["report", "examples", "models", "published model", "statistics", "source"]
Change = Literal["changed", "missing", "extra"]
_MAX_BYTES = 64 << 20
_NO_FILE = "no regular file"  # in place of a digest: a symbolic link, a FIFO, a device


def _below(name: str) -> str:
    """Refuse the name of a folder that is absolute, leads upwards, or is not written as `write` does."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.as_posix() != name or name == "." or set(name) & {"\\", "\0"}:
        raise ValueError(f"{name[:80]!r} is not the name of a folder below the root")
    return name


Below = Annotated[str, AfterValidator(_below)]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class Folder(BaseModel):
    """A folder and the digests of its files.

    Attributes:
        kind: the kind of content.
        path: relative to the run's root; for sources, relative to the folder of the installed packages.
        files: relative name -> "sha256:…".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    path: Below | Literal[""]
    files: dict[str, Digest]

    @property
    def digest(self) -> str:
        """Return the folder's digest, equal to `fairgate.files.folder_digest`."""
        return joint_digest(self.files)


class Redrawn(BaseModel):
    """How a file of the report was written again after the run.

    Attributes:
        command: that wrote it, as it is typed: "fairgate report --no-text".
        before: the digest of what the run itself wrote.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: str = Field(pattern=r"^fairgate report( --[a-z-]+)*$")
    before: Digest


class Manifest(BaseModel):
    """The content of manifest.json.

    Attributes:
        run: the run's id; "" where the report belongs to no root: that of a table of predictions.
        folders: the report first; the manifest itself is not among its files.
        redrawn: the files of the report that were written again on purpose and differ since from what the run wrote, by name;
            absent in the file where there are none.
        digest: digest of everything else in the manifest, so that a changed manifest is detected as well.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    run: Below | Literal[""]
    folders: tuple[Folder, ...]
    redrawn: dict[str, Redrawn] = {}
    digest: str = ""

    @model_validator(mode="after")
    def _starts_with_the_report(self) -> "Manifest":
        """Refuse a manifest that names no report first, or only a root in place of a folder."""
        own = f"{REPORTS}/{self.run}" if self.run else ""
        if not self.folders or (self.folders[0].kind, self.folders[0].path) != ("report", own):
            raise ValueError(f"the first folder is not the report {own}")
        if not self.run and len(self.folders) > 1:
            raise ValueError("a report without a run has other folders")
        if "/" in self.run or any(folder.kind != "source" and not folder.path for folder in self.folders[1:]):
            raise ValueError("the root itself stands in place of a folder")
        if not self.redrawn.keys() <= self.folders[0].files.keys():
            raise ValueError("a file of which the report has none was drawn again")
        return self

    @property
    def text(self) -> str:
        """Return the exact content of the file."""
        absent = None if self.redrawn else {"redrawn"}
        return json.dumps(self.model_dump(mode="json", exclude=absent), ensure_ascii=False, indent=1) + "\n"

    def sealed(self) -> "Manifest":
        """Return a copy that carries its own digest."""
        bare = self.model_copy(update={"digest": ""})
        return bare.model_copy(update={"digest": joint_digest({MANIFEST: bare.text})})


@dataclass(frozen=True)
class Difference:
    """A file that differs from the manifest.

    Attributes:
        kind: the kind of its folder.
        path: path of the file, relative like its folder's.
        change: whether it was changed, is missing, or is extra.
    """

    kind: Kind
    path: str
    change: Change

    def __str__(self) -> str:
        return f"{self.path}: {self.change} ({self.kind})"


def write(
    root: Path, report: Path, run: str, folders: Mapping[Kind, Iterable[Path]], sources: Mapping[str, str] | None = None
) -> None:
    """Write the manifest into a report that is otherwise complete.

    Args:
        root: the run's root folder.
        report: the folder of the report, possibly under a temporary name.
        run: the run's id, which becomes the folder's name.
        folders: folders by kind, each below the root.
        sources: name -> digest of each source file of the pipeline that ran; None if no pipeline made the run.
    """
    found = [Folder(kind="report", path=f"{report.parent.name}/{run}", files=_without_manifest(file_digests(report)))]
    for kind, paths in folders.items():
        found += [Folder(kind=kind, path=str(path.relative_to(root)), files=file_digests(path)) for path in paths]
    if sources is not None:
        found.append(Folder(kind="source", path="", files=dict(sources)))
    replace_text(report / MANIFEST, Manifest(run=run, folders=tuple(found)).sealed().text)


def write_alone(report: Path) -> None:
    """Write the manifest into a complete report that belongs to no run's root."""
    own = Folder(kind="report", path="", files=_without_manifest(file_digests(report)))
    replace_text(report / MANIFEST, Manifest(run="", folders=(own,)).sealed().text)


def read(report: Path) -> Manifest:
    """Return the manifest of a report.

    Raises:
        InputError: the manifest is missing or was changed.
    """
    path = report / MANIFEST
    if not is_there(path):
        remedy = "name the root of a run that has finished, or run the pipeline again"
        raise InputError(f"{path}: cannot be read (No such file or directory); {remedy}")
    written = read_text(path, _MAX_BYTES)
    try:
        manifest = Manifest.model_validate(parse_json(path, written))
    except ValidationError as error:
        problem = first_problem(error)
        raise InputError(
            f"{path}: changed: no manifest of version 1 ({problem}); restore the file, or run the pipeline again"
        ) from None
    if manifest.sealed().text != written:
        raise InputError(f"{path}: changed since the run wrote it; restore the file, or run the pipeline again")
    return manifest


def renew(report: Path, names: Collection[str], command: str) -> None:
    """Update the digests of report files that were rewritten on purpose, and note by what. Does nothing without a manifest.

    Args:
        report: the folder of the report.
        names: of the files.
        command: that rewrote them, as it is typed.

    Raises:
        InputError: as `read` and `require_unchanged`: nothing is sealed that was not checked.
    """
    if not is_there(report / MANIFEST):
        return
    manifest = require_unchanged(report, names)
    own, *others = manifest.folders
    redrawn = dict(manifest.redrawn)
    fresh = {name: file_digest(report / name) for name in names}
    for name in fresh.keys() & own.files.keys():
        before = redrawn[name].before if name in redrawn else own.files[name]
        redrawn[name] = Redrawn(command=command, before=before)
        if fresh[name] == before:
            del redrawn[name]
    own = own.model_copy(update={"files": dict(sorted({**own.files, **fresh}.items()))})
    renewed = manifest.model_copy(update={"folders": (own, *others), "redrawn": dict(sorted(redrawn.items()))})
    replace_text(report / MANIFEST, renewed.sealed().text)


def require_unchanged(report: Path, rewritten: Collection[str] = ()) -> Manifest:
    """Return the manifest of a report whose files are all as the run wrote them.

    Args:
        report: the folder of a report with a manifest.
        rewritten: names of files that may differ, since they are drawn from the others.

    Raises:
        InputError: as `read`, or a file was changed, is missing, or is extra; names each, and the remedy.
    """
    manifest = read(report)
    own = manifest.folders[0]
    aside = {f"{own.path}/{name}".lstrip("/") for name in rewritten}
    found = [difference for difference in _differences(own, _present(report)) if difference.path not in aside]
    if found:
        raise InputError(described(report, [str(difference) for difference in found]))
    return manifest


def described(report: Path, found: Sequence[str], shown: int = 20) -> str:
    """Return the message about the differences of a report: the first of them, how many there are, and the remedy."""
    lines = [f"{report}: {len(found)} {'differences' if len(found) > 1 else 'difference'} since the run"]
    lines += [f"  - {each}" for each in found[:shown]]
    lines += [f"  - and {len(found) - shown} more"] if len(found) > shown else []
    return "\n".join([*lines, "Restore the files, or run the pipeline again."])


def differences(
    manifest: Manifest,
    root: Path,
    sources: Mapping[str, str] | None = None,
    kinds: Collection[Kind] | None = None,
) -> list[Difference]:
    """Return every file that differs from the manifest, folder by folder.

    Args:
        manifest: the manifest of a report.
        root: the run's root folder.
        sources: name -> digest of each source file of the pipeline here; None if there is no pipeline to compare with.
        kinds: the kinds of folders to compare; None means all.

    Raises:
        InputError: a folder of the manifest leads out of the root.
    """
    compared = [
        folder
        for folder in manifest.folders
        if (folder.kind != "source" or sources is not None) and (kinds is None or folder.kind in kinds)
    ]
    return [found for folder in compared for found in _differences(folder, _now(folder, root, sources or {}))]


def contradictions(manifest: Manifest, report: Path) -> Iterator[str]:
    """Yield a sentence for each model or configuration on which the manifest and the verdict beside it disagree.

    Raises:
        InputError: the verdict is missing.
    """
    verdict = read_verdict(report / VERDICT)
    of = {folder.path: folder.digest for folder in manifest.folders}
    for name, model in verdict.models.items():
        found = [digest for path, digest in of.items() if path and Path(model.uri).as_posix().endswith(f"/{path}")]
        if found != [model.digest] and (found or model.digest):  # neither where predictions were judged, of unknown models
            yield f"{VERDICT}: its {name} is {model.digest}, the manifest's is {', '.join(found) or 'absent'}."
    yield from _published_otherwise(manifest, verdict)
    configured = manifest.folders[0].files.get(CONFIGURATION, "absent")
    if configured != f"sha256:{verdict.provenance.config_digest}":
        yield f"{VERDICT}: its configuration is sha256:{verdict.provenance.config_digest}, {CONFIGURATION} is {configured}."


def _published_otherwise(manifest: Manifest, verdict: Verdict) -> Iterator[str]:
    published = [folder for folder in manifest.folders if folder.kind == "published model"]
    if published and verdict.outcome != "blessed":
        yield f"{published[0].path}: published, but the verdict is {verdict.outcome}."
    judged = verdict.models[CANDIDATE].digest if CANDIDATE in verdict.models else "absent"
    for folder in published:
        if folder.digest != judged:
            yield f"{folder.path}: published as {folder.digest}, the verdict's candidate is {judged}."


def _now(folder: Folder, root: Path, sources: Mapping[str, str]) -> Mapping[str, str]:
    if folder.kind == "source":
        return sources
    return _present(inside(root, root / folder.path))


def _present(folder: Path) -> dict[str, str]:
    """Return the digest of every file below a folder; what is no regular file has none, and is not opened."""
    found: dict[str, str] = {}
    for base, folders, files in os.walk(folder):
        for name in (*files, *folders):
            path = Path(base, name)
            if path.is_symlink() or (name in files and not path.is_file()):
                found[path.relative_to(folder).as_posix()] = _NO_FILE
            elif name in files:
                found[path.relative_to(folder).as_posix()] = _digest(path)
    return _without_manifest(dict(sorted(found.items())))


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({os_reason(error)}); make it readable, or run the pipeline again") from error


def _differences(folder: Folder, now: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted({*folder.files, *now}):
        if folder.files.get(name) != now.get(name):
            change: Change = "missing" if name not in now else "extra" if name not in folder.files else "changed"
            yield Difference(folder.kind, f"{folder.path}/{name}".lstrip("/"), change)


def _without_manifest(files: Mapping[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in files.items() if name != MANIFEST}
