"""Run the graph on this machine: SQLite metadata, Beam's DirectRunner, one process.

In: a `RunConfig` and a root folder. Out: a `RunResult`; below the root `metadata.sqlite`, `artifacts/`, `serving/<version>/`
(only when blessed), `reports/<run id>/` and the link `latest` to the newest report.
"""

import logging
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import absl.logging
import ml_metadata
from ml_metadata import metadata_store
from tfx.dsl.compiler.constants import PIPELINE_RUN_CONTEXT_TYPE_NAME
from tfx.orchestration.metadata import Metadata, sqlite_metadata_connection_config

from components.artifacts import blessing as blessings
from components.artifacts.facts import conversion_of, counted
from components.modelling.publishing import MODEL_DIGEST, publish
from components.steps.import_examples import registered
from components.tasks.base import Preparation, TaskCode
from data.folders import PARTIAL, copy_folder, remove_partial
from data.plain_paths import PlainName, kept_name
from fairgate import manifest, run_folder
from fairgate.errors import InputError
from fairgate.files import folder_digest, removal
from fairgate.gate import verdict as verdicts
from fairgate.gate.verdict import Verdict
from fairgate.names import CANDIDATE
from fairgate.text import plural
from pipeline import agreement, continuity, faults, provenance, serving, tasks
from pipeline.compiled import CompiledGraph
from pipeline.config import RunConfig
from pipeline.engines import workers
from pipeline.engines.choice import HERE, EngineChoice
from pipeline.engines.refused import is_direct
from pipeline.few_examples import few_examples
from pipeline.graph import create_pipeline, rows_read
from pipeline.plan import PipelinePlan
from pipeline.progress import StepLog
from pipeline.roots import locked

BEAM_ARGS = (
    "--runner=DirectRunner",
    "--direct_running_mode=in_memory",  # newer Beam may delegate local work to a runner that it downloads
    "--direct_num_workers=1",  # more processes were slower at these sizes
    "--sdk_container_image=none",  # without an image TFX packs itself into an archive for remote workers in every step
)
REPORTED = "report"  # the property of a run in ML Metadata that names its report; absent while it has none
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


def run(config: RunConfig, root: Path, beam_args: tuple[str, ...], steps: StepLog, choice: EngineChoice = HERE) -> RunResult:
    """Prepare the examples, run every step and collect the report.

    Args:
        config: the configuration of the run.
        root: folder of the run; created if missing, and locked during the run.
        beam_args: appended to BEAM_ARGS; they change no result and are no part of the cache's keys.
        steps: receives the progress.
        choice: where the work of the Beam steps is done; `beam_args` are made of it.

    Raises:
        InputError: unusable data, a root that another run holds, or a fault of the machine that the user can fix.
    """
    with held(root) as named:
        plan = prepare(config, named, beam_args, steps, choice)
        name, graph = uuid.uuid4().hex, create_pipeline(plan)
        compiled = CompiledGraph.from_pipeline(graph, name)
        steps.expect(rows_read(graph, plan.rows))
        with followed(steps):
            for node in compiled.nodes:
                steps.begin(node)
                compiled.launch(node, Metadata(compiled.connection), beam_args)
                steps.end(node)
        return collect(plan.config, named, name)


@contextmanager
def held(root: Path, is_shared: bool = False) -> Iterator[PlainName]:
    """Lock the root, explain the faults of what is done meanwhile, and yield the root with its plain name.

    Args:
        root: folder of the run; created if missing.
        is_shared: whether steps of the same run may work in it at the same time.

    Raises:
        InputError: the root is in use, or a fault of the machine that the user can fix.
    """
    root = root.resolve()
    with locked(root, is_shared):
        named = kept_name(root)
        if named.path != root:
            logger.info("In this log, and in the metadata, %s is called %s.", root, named.path)
        try:
            yield named
        except Exception as error:
            explained = faults.explain(error, root)
            if explained is None or (explained is error and named.words(str(error)) == str(error)):
                raise
            kind = faults.ClusterFaultError if isinstance(explained, faults.ClusterFaultError) else InputError
            raise kind(named.words(str(explained))) from error


def prepare(
    config: RunConfig, named: PlainName, beam_args: tuple[str, ...], steps: StepLog, choice: EngineChoice = HERE
) -> PipelinePlan:
    """Tidy up after stopped runs, prepare the examples, and return the plan of the graph that reads them.

    Args:
        config: the configuration of the run; that of the plan has everything resolved that needed the data.
        named: the root, locked.
        beam_args: appended to BEAM_ARGS.
        steps: receives the progress.
        choice: where the work of the Beam steps is done; `beam_args` are made of it.

    Raises:
        InputError: unusable data, or workers that are not as this process is.
    """
    root = named.path
    faults.check_metadata(root / run_folder.METADATA)
    _remove_partial(root)
    metadata = sqlite_metadata_connection_config(str(root / run_folder.METADATA))
    if not is_direct(beam_args):
        _check_workers(config, root, beam_args, steps, choice)
    steps.begin("Prepare")
    removed = _remove_orphans(root, metadata)
    code = tasks.find(config.task).code()
    prepared = code.prepare(preparation(config, root, code, beam_args))
    report = conversion_of(prepared.examples)
    few = few_examples(config, report) if report else ()
    known = counted(prepared.examples)
    steps.end("Prepare", warnings=tuple(map(named.words, (*removed, *prepared.warnings, *few))), notes=prepared.notes)
    return PipelinePlan(
        config=config.model_copy(update={"training": prepared.training}),
        examples=registered(prepared.examples),
        source=prepared.source,
        generated=prepared.generated,
        root=str(root / run_folder.ARTIFACTS),
        serving=str(root / run_folder.SERVING),
        beam_args=BEAM_ARGS,
        metadata=metadata,
        counted=known,
        rows={**prepared.rows, **{split: rows for split, (rows, _) in known.items()}},
    )


def _check_workers(config: RunConfig, root: Path, beam_args: tuple[str, ...], steps: StepLog, choice: EngineChoice) -> None:
    """Check the workers as a step of its own, which names its deadline while it waits."""
    cluster, deadline = choice.cluster, choice.worker_deadline
    logger.info("The workers must answer within %g s (--worker-deadline).", deadline)
    steps.begin(f"Workers, which must answer within {deadline:g} s")
    seen = workers.check_workers(BEAM_ARGS + beam_args, root, config.input.files_read(), deadline=deadline, cluster=cluster)
    of = f" of {cluster}" if cluster else ""
    steps.end("Workers", notes=(f"{plural(seen.workers, 'worker')}{of} on {', '.join(seen.hosts)}",))


def preparation(config: RunConfig, root: Path, code: TaskCode, beam_args: tuple[str, ...]) -> Preparation:
    """Return what the task's `prepare` is asked for, with the digest of its source."""
    source = provenance.source_digest(code.prepare.__module__)
    return Preparation(config.input, config.training, root, source, config.seed, BEAM_ARGS + beam_args)


@contextmanager
def followed(steps: StepLog) -> Iterator[None]:
    """Let the progress see what TFX logs of its cache."""
    tfx_logger = logging.getLogger(TFX_LOGGER)
    absl.logging.set_verbosity(
        absl.logging.INFO
    )  # by absl's own call: TensorFlow restores that value, not the logger's level, after a save
    tfx_logger.addHandler(steps)
    try:
        yield
    finally:
        tfx_logger.removeHandler(steps)


def _remove_partial(root: Path) -> None:
    """Remove unfinished folders of killed runs."""
    for kind in (run_folder.EXAMPLES, run_folder.EMBEDDINGS, run_folder.SERVING, run_folder.REPORTS):
        remove_partial(root / kind)


def _remove_orphans(root: Path, metadata: Any) -> tuple[str, ...]:
    """Remove what stopped runs have published without a report; return a sentence for each orphan."""
    if not serving.orphans(root):
        return ()
    known = (root / run_folder.METADATA).exists()
    unreported = unreported_digests(metadata_store.MetadataStore(metadata)) if known else set()
    return tuple(serving.remove_orphans(root, unreported))


def unreported_digests(store: metadata_store.MetadataStore) -> set[str]:
    """Return the digests of the models that were blessed by runs that have no report."""
    runs = [run for run in store.get_contexts_by_type(PIPELINE_RUN_CONTEXT_TYPE_NAME) if REPORTED not in run.custom_properties]
    artifacts = [artifact for run in runs for artifact in store.get_artifacts_by_context(run.id)]
    blessed = (each.custom_properties for each in artifacts if blessings.PROPERTY in each.custom_properties)
    return {each[MODEL_DIGEST].string_value for each in blessed if each[blessings.PROPERTY].int_value and MODEL_DIGEST in each}


def free_moment(reports: Path, now: datetime) -> datetime:
    """Return a moment to name the run after: now, or a second after the newest run's where that is not later.

    A run is named after the second in which it ends. One that comes from the cache ends within a second of the one before it, and
    the clock may have been set back: the order of the names is the order of the runs all the same.
    """
    newest = max((moment for path in reports.glob("[!.]*") if (moment := _moment(path.name))), default=None)
    if newest is None or now.strftime(RUN_ID) > newest.strftime(RUN_ID):
        return now
    if now < newest - timedelta(minutes=1):
        logger.warning("The clock is behind the newest run, %s; this run is named as the next after it.", newest.strftime(RUN_ID))
    return newest + timedelta(seconds=1)


def _moment(run_id: str) -> datetime | None:
    """Return the moment that a run is named after; None where the name is not a run's."""
    try:
        return datetime.strptime(run_id, RUN_ID).replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def collect(config: RunConfig, named: PlainName, name: str) -> RunResult:
    """Write the report of a run whose nodes have all finished; return what it has for results.

    A run that has a report already keeps it.

    Args:
        config: that of the plan.
        named: the root, locked.
        name: names the run in ML Metadata.

    Raises:
        InputError: a judged model was changed since.
    """
    root = named.path
    store = metadata_store.MetadataStore(sqlite_metadata_connection_config(str(root / run_folder.METADATA)))
    run = store.get_context_by_type_and_name(PIPELINE_RUN_CONTEXT_TYPE_NAME, name)
    if REPORTED in run.custom_properties:
        return _reported(named, run.custom_properties[REPORTED].string_value)
    outputs = _outputs(store, run.id)
    verdict = agreement.agreed_verdict(outputs)
    models = {name: _below(root, Path(model.uri)) for name, model in verdict.models.items()}
    _require_judged(models, verdict)
    now = free_moment(root / run_folder.REPORTS, datetime.now(timezone.utc))
    run_id = now.strftime(RUN_ID)
    report = root / run_folder.REPORTS / run_id
    partial = report.with_name(f".{run_id}{PARTIAL}")
    partial.parent.mkdir(exist_ok=True)
    copy_folder(Path(outputs["report"].uri), partial)
    for file in (run_folder.VERDICT, run_folder.METRICS):  # the gate's own
        shutil.copyfile(Path(outputs["verdict"].uri, file), partial / file)
    (partial / run_folder.CONFIGURATION).write_text(config.model_dump_json(), encoding="utf-8")
    pushed = published_version(outputs["pushed_model"], verdict, root / run_folder.SERVING, now)
    statistics = Path(outputs["statistics"].uri)
    text_features = tasks.find(config.task).text_features
    continuity.compare(continuity.Run(root, partial, statistics, text_features, config.report_text), config.drift)
    folders: dict[manifest.Kind, Sequence[Path]] = {
        "examples": [Path(outputs["examples"].uri)],
        "models": list(models.values()),
        "published model": [pushed] if pushed else [],
        "statistics": [statistics],
    }
    manifest.write(root, partial, run_id, folders, provenance.source_digests())
    partial.rename(report)
    _link(root / run_folder.LATEST, report)
    run.custom_properties[REPORTED].string_value = run_id
    store.put_contexts([run])
    return RunResult(run_id, verdict, named.place(report), pushed and named.place(pushed))


def _reported(named: PlainName, run_id: str) -> RunResult:
    """Return what a run has for results whose report was written before."""
    report = named.real / run_folder.REPORTS / run_id
    published = [named.real / version for version in serving.published(report)]
    return RunResult(run_id, verdicts.read(report / run_folder.VERDICT), report, published[0] if published else None)


def _below(root: Path, path: Path) -> Path:
    """Return a path below the root's real name as one below the name by which libraries know it."""
    real = root.resolve()
    return root / path.relative_to(real) if path.is_relative_to(real) else path


def _require_judged(models: Mapping[str, Path], verdict: Verdict) -> None:
    """Check that every model is the one that the verdict is on, also where the verdict comes from the cache.

    Raises:
        InputError: a model was changed since, or is absent.
    """
    for name, folder in models.items():
        found = folder_digest(folder) if folder.is_dir() else "absent"
        if found != verdict.models[name].digest:
            remedy = f"restore its files, or remove it ({removal(folder.parent)}) and run again, which trains it again"
            raise InputError(
                f"{folder}: the {name} is not the model that was judged: {found} instead of {verdict.models[name].digest}. "
                f"To go on, {remedy}."
            )


def published_version(model: ml_metadata.proto.Artifact, verdict: Verdict, folder: Path, now: datetime) -> Path | None:
    """Return the published version, None if the candidate was not blessed.

    A version from the cache that was removed since, or that a later run has superseded, is published again from the step's copy:
    the newest version is always the one that the newest blessed run has judged.
    """
    if not model.custom_properties[agreement.PUSHED].string_value:
        return None
    return publish(Path(model.uri), verdict.models[CANDIDATE].digest, folder, now.timestamp())


def _outputs(store: metadata_store.MetadataStore, context: int) -> dict[str, ml_metadata.proto.Artifact]:
    """Return the artifact of every output name of one run, those from the cache included.

    Args:
        store: ML Metadata.
        context: id of the run there; what other runs made, and when, plays no part.
    """
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
