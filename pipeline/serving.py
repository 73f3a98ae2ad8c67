"""Tie the published models of a root to the reports of the runs that published them.

A version below `serving/` is accounted for when a report names it, with a blessed verdict on this very model. A run that is
killed between its push and its report leaves an orphan: a version that no report names. The next run removes it, see
`remove_orphans`, and `fairgate predict` takes none, see `check_accounted`. Imports neither TFX nor TensorFlow.
"""

import logging
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from components.modelling.publishing import versions
from data.folders import PARTIAL
from fairgate import manifest
from fairgate.errors import InputError
from fairgate.files import file_digest, folder_digest, removal
from fairgate.gate import verdict as verdicts
from fairgate.names import CANDIDATE
from fairgate.run_folder import MANIFEST, REPORTS, SERVING, VERDICT

logger = logging.getLogger(__name__)


def orphans(root: Path) -> list[Path]:
    """Return the published versions that no report of the root names, the oldest first."""
    left = {f"{SERVING}/{version}": version for version in versions(root / SERVING)}
    for report in _reports(root):
        if not left:
            break
        for path in published(report):
            left.pop(path, None)
    return [root / SERVING / str(version) for version in sorted(left.values())]


def remove_orphans(root: Path, unreported: Collection[str]) -> Iterator[str]:
    """Remove the versions that runs of this root published before they were stopped; yield what happened to each orphan.

    Args:
        root: the run's root folder, which must be locked.
        unreported: digests of the models that were blessed by runs that have no report. No other orphan is touched: it may be
            anybody's.
    """
    for version in orphans(root):
        if not version.is_symlink() and folder_digest(version) in unreported:
            hidden = version.with_name(f".{version.name}{PARTIAL}")  # gone at once, also where the removal is interrupted
            version.rename(hidden)
            shutil.rmtree(hidden)
            yield (
                f"{version}: removed; its run was stopped after it had published and before it had a report. The same command as "
                "then publishes the model again."
            )
        else:
            yield f"{version}: no report of this root names it; remove it if nobody needs it ({removal(version)})."


def check_accounted(version: Path) -> Path:
    """Return the report of the version's root that names it, whose verdict is blessed, on this very model.

    Args:
        version: a folder `serving/<version>` of a root.

    Raises:
        InputError: no report does; the message says what is wrong and what to do.
    """
    root = version.parent.parent
    problems = []
    for report in _reports(root):
        if f"{SERVING}/{version.name}" in published(report):
            problem = _problem(report, version)
            if problem is None:
                return report
            problems.append(problem)
    newest = problems[0] if problems else "no report of this root names it"
    raise InputError(
        f"{version}: {newest}, so no verdict stands behind this model. Remove it ({removal(version)}) and run the pipeline "
        "again, which publishes what was blessed; or name a SavedModel with --model FOLDER, which needs no verdict."
    )


def _problem(report: Path, version: Path) -> str | None:
    """Return why a report that names a version does not vouch for it; None if it does."""
    try:
        verdict = verdicts.read(report / VERDICT)
        recorded = manifest.read(report).folders[0].files.get(VERDICT)
    except InputError as error:
        return str(error).rstrip(".")
    if recorded != file_digest(report / VERDICT):
        return f"{report / VERDICT} was changed since its run"
    if verdict.outcome != "blessed":
        return f"the verdict of {report} is {verdict.outcome}"
    judged = verdict.models[CANDIDATE].digest if CANDIDATE in verdict.models else "no candidate"
    found = folder_digest(version)
    return None if found == judged else f"the model is {found}, {report} blessed {judged}"


def _reports(root: Path) -> list[Path]:
    """Return the reports that have a manifest, the newest first."""
    return sorted((path.parent for path in (root / REPORTS).glob(f"[!.]*/{MANIFEST}")), reverse=True)


def published(report: Path) -> Iterator[str]:
    """Yield the versions that a report names, "serving/<version>"; none where its manifest cannot be read."""
    try:
        folders = manifest.read(report).folders
    except InputError as error:
        logger.warning("%s", error)
        return
    yield from (folder.path for folder in folders if folder.kind == "published model")
