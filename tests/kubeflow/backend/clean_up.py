"""Stops and removes what an acceptance made: its schedules and runs, the pipeline, artifacts, and files on the volume.

Nothing is left quietly: each function returns a sentence for everything that could not be removed.
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.kubeflow.backend.artifact_store import ArtifactStore
from tests.kubeflow.backend.backend_api import ENDED, BackendApi, BackendError

SHARED_STEPS = ("ImportSchema",)  # the cache of later runs may name what it wrote


@dataclass
class Made:
    """What an acceptance made.

    Attributes:
        experiment: id of the experiment that lists its runs.
        folder: its folder on the volume, as this machine sees it.
        stores: where its runs keep artifacts.
        pipelines: ids of each pipeline and its version.
    """

    experiment: str
    folder: Path
    stores: list[ArtifactStore] = field(default_factory=list)
    pipelines: list[tuple[str, str]] = field(default_factory=list)


def stop(api: BackendApi, made: Made) -> list[str]:
    """Delete the schedules, and end the runs that are under way."""
    left = []
    try:
        for schedule_id in api.schedules(made.experiment):
            left += _tried(f"schedule {schedule_id}", api.delete, f"/recurringruns/{schedule_id}")
        runs = api.runs(made.experiment)
    except BackendError as error:
        return [*left, f"Schedules and runs of experiment {made.experiment} may go on: {error}"]
    for run in runs:
        if run.state not in ENDED:
            with suppress(BackendError):  # that of a deleted schedule has ended, whatever its state
                api.end(run.run_id)
    return left


def remove(api: BackendApi, made: Made) -> list[str]:
    """Remove runs, artifacts, pipelines, the experiment, and the folder on the volume."""
    try:
        run_ids = [run.run_id for run in api.runs(made.experiment)]
    except BackendError as error:
        return [f"Experiment {made.experiment} with its runs, and {made.folder}, are left: {error}"]
    left = []
    for run_id in run_ids:
        left += _tried(f"run {run_id}", api.delete, f"/runs/{run_id}")
        for store in made.stores:
            left += _tried(f"what run {run_id} stored", store.remove, run_id, SHARED_STEPS)
    for pipeline_id, version_id in made.pipelines:
        left += _tried(f"version {version_id}", api.delete, f"/pipelines/{pipeline_id}/versions/{version_id}")
        left += _tried(f"pipeline {pipeline_id}", api.delete, f"/pipelines/{pipeline_id}")
    left += _tried(f"experiment {made.experiment}", api.delete, f"/experiments/{made.experiment}")
    return left + _remove_folder(made.folder)


def _remove_folder(folder: Path) -> list[str]:
    """Remove what this user may remove: user 10001 of the image owns what the steps wrote."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()  # unless another acceptance uses it
    if not folder.exists():
        return []
    files = sum(path.is_file() for path in folder.rglob("*"))
    return [f"{files} files of the image's user are left on the volume: as root, `rm -r {folder}`."]


def _tried(what: str, call: Callable[..., None], *arguments: object) -> list[str]:
    try:
        call(*arguments)
    except (BackendError, OSError) as error:
        return [f"Left: {what}: {error}"]
    return []
