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
from fairgate.run_folder import MANIFEST, REPORTS, SERVING, newest

if TYPE_CHECKING:
    from fairgate.manifest import Manifest

_SHOWN = 20


def verify(
    root: Annotated[
        Path, typer.Argument(metavar="ROOT", help="Root directory of a run, or the directory of one report.", show_default=False)
    ],
) -> None:
    """Check that data, source, configuration, models, verdict and report are unchanged since the run, byte for byte."""
    from fairgate import manifest as manifests

    report = _report(root)
    base = report.parent.parent
    manifest = manifests.read(report)
    sources = _source_digests()
    found = [str(difference) for difference in manifests.differences(manifest, base, sources)]
    found += manifests.contradictions(manifest, report) if not found else ()
    found += _unknown_versions(base)
    if found:
        raise InputError(_described(report, found))
    for line in _counts(manifest):
        typer.echo(line)
    if sources is None:
        typer.echo("The pipeline is not installed here, so its source files were not compared.")
    typer.echo(f"{report}: unchanged since the run.")


def _source_digests() -> Mapping[str, str] | None:
    """Return the digests of the pipeline's source files; None where no pipeline is installed."""
    if not pipeline_commands.is_present():
        return None
    digests: Mapping[str, str] = importlib.import_module(pipeline_commands.SOURCES).source_digests()
    return digests


def _report(root: Path) -> Path:
    """Return the report's own folder: the newest of a root, or the one that was named."""
    if not root.is_dir():
        raise InputError(f"{root}: no such folder; name a run's root folder, or the folder of one report")
    return newest(root).resolve()


def _unknown_versions(root: Path) -> Iterator[str]:
    """Yield published models that no run of this root has published."""
    from fairgate import manifest as manifests

    known = {
        folder.path
        for path in (root / REPORTS).glob(f"[!.]*/{MANIFEST}")
        for folder in manifests.read(path.parent).folders
        if folder.kind == "published model"
    }
    for path in sorted((root / SERVING).glob("[!.]*")):
        if path.relative_to(root).as_posix() not in known:
            yield f"{path.relative_to(root)}: extra (no run of this root has published it)"


def _counts(manifest: "Manifest") -> Iterator[str]:
    files: Counter[str] = Counter()
    for folder in manifest.folders:
        files[folder.kind] += len(folder.files)
    yield from (f"{kind}: {count} files" for kind, count in files.items())


def _described(report: Path, found: list[str]) -> str:
    lines = [f"{report}: {len(found)} {'differences' if len(found) > 1 else 'difference'} since the run"]
    lines += [f"  - {each}" for each in found[:_SHOWN]]
    lines += [f"  - and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return "\n".join([*lines, "Restore the files, or run the pipeline again."])
