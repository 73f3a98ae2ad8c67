"""`fairgate verify`: check that all files a run's verdict rests on are unchanged. Never imports TensorFlow.

In: a run's root folder, or one report's folder. Out: one line per kind of files, or an InputError that names every file that
was changed, is missing, or is extra.
"""

import importlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairgate.cli import pipeline_commands
from fairgate.errors import InputError
from fairgate.run_files import is_there
from fairgate.run_folder import MANIFEST, REPORTS, SERVING, newest, require_folder, run_ids

if TYPE_CHECKING:
    from fairgate.manifest import Manifest


def verify(
    root: Annotated[
        Path, typer.Argument(metavar="ROOT", help="Root directory of a run, or the directory of one report.", show_default=False)
    ],
) -> None:
    """Check that no file of a run has changed since.

    Compares data, source, configuration, models, verdict and report, byte for byte.
    """
    from fairgate import manifest as manifests

    report = _report(root)
    manifest = manifests.read(report)
    base = _root_of(report, manifest)
    if base is None:
        manifests.require_unchanged(report)
        found = list(manifests.contradictions(manifest, report))
    else:
        found = list(_found_in_root(base, report, manifest))
    if found:
        raise InputError(manifests.described(report, found))
    for line in _counts(manifest, report_alone=base is None):
        typer.echo(line)
    if base is not None and not pipeline_commands.is_present():
        typer.echo("The pipeline is not installed here, so its source files were not compared.")
    for name, redrawn in manifest.redrawn.items():
        typer.echo(f"{name}: not what the run wrote; `{redrawn.command}` has drawn it again")
    aside = f", but for {', '.join(manifest.redrawn)}" if manifest.redrawn else ""
    typer.echo(f"{report}: unchanged since the run{aside}.")


def _root_of(report: Path, manifest: "Manifest") -> Path | None:
    """Return the root that a report lies in; None for the copy of a report alone, which has no root around it.

    Raises:
        InputError: it lies in a root under the name of another run.
    """
    if report.parent.name != REPORTS or not manifest.run:
        return None
    if report.name != manifest.run:
        raise InputError(
            f"{report}: holds the report of the run {manifest.run}; give it back that name, or run the pipeline again"
        )
    return report.parent.parent


def _found_in_root(base: Path, report: Path, manifest: "Manifest") -> Iterator[str]:
    """Yield everything in a root that is not as this run, or the run that published what is served, has left it."""
    from fairgate import manifest as manifests

    changed = manifests.differences(manifest, base, _source_digests())
    yield from (str(difference) for difference in changed)
    if not changed:
        yield from manifests.contradictions(manifest, report)
    yield from _served(base, manifest)


def _served(base: Path, manifest: "Manifest") -> Iterator[str]:
    """Yield what is wrong with the models that are served, whatever the outcome of the newest run.

    A version that is there must be as the run that published it wrote it, and that run's verdict must have blessed it. The newest
    one that any run has published must be there; older ones may have been removed.
    """
    from fairgate import manifest as manifests

    publishers: dict[str, Manifest] = {}
    for run in run_ids(base):
        if is_there(base / REPORTS / run / MANIFEST):
            other = manifests.read(base / REPORTS / run)
            publishers |= {folder.path: other for folder in other.folders if folder.kind == "published model"}
    present = {path.relative_to(base).as_posix() for path in (base / SERVING).glob("[!.]*")}
    newest_version = max(publishers, key=_version, default=None)
    for path in sorted(present | ({newest_version} if newest_version else set())):
        if path not in publishers:
            yield f"{path}: extra (no run of this root has published it)"
        elif publishers[path].run != manifest.run:
            yield from _as_published(base, publishers[path])


def _as_published(base: Path, manifest: "Manifest") -> Iterator[str]:
    """Yield how a published model, and the report of the run that published it, differ from that run's manifest."""
    from fairgate import manifest as manifests

    changed = manifests.differences(manifest, base, kinds=("published model", "report"))
    yield from (f"{difference}, of run {manifest.run}" for difference in changed)
    if not changed:
        yield from manifests.contradictions(manifest, base / REPORTS / manifest.run)


def _version(path: str) -> tuple[int, str]:
    """Return what versions are ordered by: the number that a server compares."""
    name = path.rpartition("/")[2]
    return (int(name) if name.isascii() and name.isdigit() else -1, name)


def _source_digests() -> Mapping[str, str] | None:
    """Return the digests of the pipeline's source files; None where no pipeline is installed."""
    if not pipeline_commands.is_present():
        return None
    digests: Mapping[str, str] = importlib.import_module(pipeline_commands.SOURCES).source_digests()
    return digests


def _report(root: Path) -> Path:
    """Return the report's own folder: the newest of a root, or the one that was named."""
    return newest(require_folder(root)).resolve()


def _counts(manifest: "Manifest", report_alone: bool) -> Iterator[str]:
    files: Counter[str] = Counter()
    for folder in manifest.folders:
        files[folder.kind] += len(folder.files)
    for kind, count in files.items():
        aside = report_alone and kind != "report"
        yield f"{kind}: {count} files" + (", not compared: this is the copy of a report, without its root" if aside else "")
