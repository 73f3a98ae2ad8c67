"""Run the graph on this machine: SQLite metadata, Beam's DirectRunner, one process.

In: a `RunConfig` and a root folder. Out: a `RunResult`; below the root `metadata.sqlite`, `artifacts/`, `serving/<version>/`
(only when blessed), `reports/<run id>/` and the link `latest` to the newest report.
"""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import absl.logging
import ml_metadata
from ml_metadata import metadata_store
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.metadata import sqlite_metadata_connection_config

from components.modelling.publishing import publish
from components.steps.import_examples import registered
from components.tasks.base import Preparation, TaskCode
from data.folders import PARTIAL, remove_partial
from fairgate import manifest, run_folder
from fairgate.errors import InputError
from fairgate.gate import verdict as verdicts
from fairgate.gate.verdict import Verdict
from fairgate.names import CANDIDATE
from pipeline import continuity, faults, provenance, tasks
from pipeline.config import RunConfig
from pipeline.graph import PipelinePlan, create_pipeline
from pipeline.progress import StepLog

BEAM_ARGS = (
    "--runner=DirectRunner",
    "--direct_running_mode=in_memory",  # newer Beam may delegate local work to a runner that it downloads
    "--direct_num_workers=1",  # more processes were slower at these sizes
    "--sdk_container_image=none",  # without an image TFX packs itself into an archive for remote workers in every step
)
TFX_LOGGER = "absl"
RUN_ID = "%Y%m%dT%H%M%SZ"  # UTC

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunResult:
    """The results of a finished run.

    Attributes:
        run_id: names the run in metadata and reports.
        verdict: the gate's verdict.
        report: folder of the report.
        pushed: folder of the published model; None if it was not blessed.
    """

    run_id: str
    verdict: Verdict
    report: Path
    pushed: Path | None


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Lock the root for one run. Raises InputError if another run holds the lock or the root is not writable."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = (root / ".lock").open("w")
    except OSError as error:
        raise InputError(f"{root} cannot be written ({error.strerror}); name another folder with --root.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"Another run is using {root}. Wait until it ends, or name another folder with --root.") from error
        yield


def run(config: RunConfig, root: Path, beam_args: tuple[str, ...], steps: StepLog) -> RunResult:
    """Prepare the examples, run every step and collect the report.

    Args:
        config: the configuration of the run.
        root: folder of the run; created if missing, and locked during the run.
        beam_args: appended to BEAM_ARGS.
        steps: receives the progress.

    Raises:
        InputError: unusable data, a root that another run holds, or a fault of the machine that the user can fix.
    """
    root = root.resolve()
    with locked(root):
        try:
            return _run(config, root, beam_args, steps)
        except Exception as error:
            if explained := faults.explain(error, root):
                raise explained from error
            raise


def _run(config: RunConfig, root: Path, beam_args: tuple[str, ...], steps: StepLog) -> RunResult:
    faults.check_metadata(root / run_folder.METADATA)
    _remove_partial(root)
    steps.begin("Prepare")
    code = tasks.find(config.task).code()
    prepared = code.prepare(preparation(config, root, code, beam_args))
    steps.end("Prepare", warnings=prepared.warnings)
    config = config.model_copy(update={"training": prepared.training})
    metadata = sqlite_metadata_connection_config(str(root / run_folder.METADATA))
    plan = PipelinePlan(
        config=config,
        examples=registered(prepared.examples),
        source=prepared.source,
        generated=prepared.generated,
        root=str(root / run_folder.ARTIFACTS),
        serving=str(root / run_folder.SERVING),
        beam_args=BEAM_ARGS + beam_args,
        metadata=metadata,
    )
    _run_graph(plan, steps)
    return _collect(plan, root, free_moment(root / run_folder.REPORTS, datetime.now(timezone.utc)))


def preparation(config: RunConfig, root: Path, code: TaskCode, beam_args: tuple[str, ...]) -> Preparation:
    """Return what the task's `prepare` is asked for, with the digest of its source."""
    source = provenance.source_digest(code.prepare.__module__)
    return Preparation(config.input, config.training, root, source, config.seed, BEAM_ARGS + beam_args)


def _run_graph(plan: PipelinePlan, steps: StepLog) -> None:
    tfx_logger = logging.getLogger(TFX_LOGGER)
    absl.logging.set_verbosity(
        absl.logging.INFO
    )  # by absl's own call: TensorFlow restores that value, not the logger's level, after a save
    tfx_logger.addHandler(steps)
    try:
        LocalDagRunner().run(create_pipeline(plan))
    finally:
        tfx_logger.removeHandler(steps)


def _remove_partial(root: Path) -> None:
    """Remove unfinished folders of killed runs."""
    for kind in (run_folder.EXAMPLES, run_folder.EMBEDDINGS, run_folder.SERVING, run_folder.REPORTS):
        remove_partial(root / kind)


def free_moment(reports: Path, now: datetime) -> datetime:
    """Return the first moment from `now` on whose run folder is free, in steps of a second.

    A run is named after the second in which it ends, and one that comes from the cache ends within a second of the one before it.
    """
    while (reports / now.strftime(RUN_ID)).exists():
        now += timedelta(seconds=1)
    return now


def _collect(plan: PipelinePlan, root: Path, now: datetime) -> RunResult:
    store = metadata_store.MetadataStore(plan.metadata)
    run = max(store.get_contexts_by_type("pipeline_run"), key=lambda context: context.create_time_since_epoch)
    outputs = _outputs(store, run.id)
    run_id = now.strftime(RUN_ID)
    report = root / run_folder.REPORTS / run_id
    partial = report.with_name(f".{run_id}{PARTIAL}")
    for source in (outputs["verdict"], outputs["report"]):
        shutil.copytree(source.uri, partial, dirs_exist_ok=True)
    (partial / run_folder.CONFIGURATION).write_text(plan.config.model_dump_json(), encoding="utf-8")
    verdict = verdicts.read(partial / run_folder.VERDICT)
    pushed = published_version(outputs["pushed_model"], verdict, Path(plan.serving), now)
    statistics = Path(outputs["statistics"].uri)
    text_features = tasks.find(plan.config.task).text_features
    continuity.compare(continuity.Run(root, partial, statistics, text_features, plan.config.report_text), plan.config.drift)
    folders: dict[manifest.Kind, list[Path]] = {
        "examples": [Path(outputs["examples"].uri)],
        "models": [Path(model.uri) for model in verdict.models.values()],
        "published model": [pushed] if pushed else [],
        "statistics": [statistics],
    }
    manifest.write(root, partial, run_id, folders, provenance.source_digests())
    partial.rename(report)
    _link(root / run_folder.LATEST, report)
    return RunResult(run_id, verdict, report, pushed)


def published_version(model: ml_metadata.proto.Artifact, verdict: Verdict, serving: Path, now: datetime) -> Path | None:
    """Return the published version, None if the candidate was not blessed.

    A version from the cache that was removed since, or that a later run has superseded, is published again from the step's copy:
    the newest version is always the one that the newest blessed run has judged.
    """
    if not model.custom_properties["pushed_destination"].string_value:
        return None
    return publish(Path(model.uri), verdict.models[CANDIDATE].digest, serving, now.timestamp())


def _outputs(store: metadata_store.MetadataStore, context: int) -> dict[str, ml_metadata.proto.Artifact]:
    """Return the artifact of every output name of one run, those from the cache included."""
    found = {}
    artifacts = {artifact.id: artifact for artifact in store.get_artifacts_by_context(context)}
    executions = [execution.id for execution in store.get_executions_by_context(context)]
    for event in store.get_events_by_execution_ids(executions):
        if (
            event.type in (ml_metadata.proto.Event.OUTPUT, ml_metadata.proto.Event.DECLARED_OUTPUT)
            and event.artifact_id in artifacts
        ):
            found[event.path.steps[0].key] = artifacts[event.artifact_id]
    return found


def _link(link: Path, target: Path) -> None:
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(target, link.parent))
    fresh.replace(link)
