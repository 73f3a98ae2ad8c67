"""The FairnessGate step: bless the candidate or refuse it, and write the verdict.

In: the evaluation of both models, the models, raw examples for the serving check; where there is a reference model, that and its
evaluation beside the candidate. Out: `blessing` as Pusher reads it, and
`verdict`, a folder with `verdict.json`, `verdict.md` and `metrics.parquet`, also when the model is refused. The decision is
`fairgate.gate.decision.decide`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.artifacts import blessing as blessings
from components.artifacts import seals
from components.artifacts.examples import split_files
from components.artifacts.facts import read_rows
from components.artifacts.splits import split_folder, splits_in
from components.evaluation.data_facts import with_facts
from components.evaluation.reading import read_evaluation, same_models
from components.modelling import metadata
from components.modelling.packages import package_versions
from components.modelling.publishing import MODEL_DIGEST
from components.modelling.seal_check import check as seal_check
from components.modelling.seal_check import scored_otherwise
from components.modelling.serving_check import check as serving_check
from components.modelling.signature import MODEL_FOLDER
from components.steps.gate_settings import GateSettings
from data.plain_paths import real_name
from fairgate import counterfactual as counterfactual_file
from fairgate.errors import InputError
from fairgate.evaluation import with_reference
from fairgate.files import folder_digest
from fairgate.gate import markdown
from fairgate.gate import verdict as verdicts
from fairgate.gate.decision import decide
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Subject, Verdict
from fairgate.measurement import Evaluation
from fairgate.metrics.splits import with_train
from fairgate.model_facts import DEFAULT_THRESHOLD
from fairgate.names import BASELINE, CANDIDATE, EVAL, REFERENCE, TRAIN, VALIDATION
from fairgate.run_folder import METRICS, VERDICT, VERDICT_TEXT
from fairgate.table import write_table

Measurement = tuple[Any, Mapping[str, str]]  # an artifact, None where there is none, and the folders of the models that it is of


@component
def FairnessGate(  # noqa: N802  # a TFX component is named like a class
    evaluation: InputArtifact[standard_artifacts.ModelEvaluation],
    examples: InputArtifact[standard_artifacts.Examples],
    candidate: InputArtifact[standard_artifacts.Model],
    baseline: InputArtifact[standard_artifacts.Model],
    data_facts: InputArtifact[standard_artifacts.ModelEvaluation],
    blessing: OutputArtifact[standard_artifacts.ModelBlessing],
    verdict: OutputArtifact[standard_artifacts.ModelEvaluation],
    settings: Parameter[str],
    train_evaluation: InputArtifact[standard_artifacts.ModelEvaluation] = None,  # how TFX marks an optional input
    counterfactual: InputArtifact[standard_artifacts.ModelEvaluation] = None,
    reference: InputArtifact[standard_artifacts.Model] = None,
    reference_evaluation: InputArtifact[standard_artifacts.ModelEvaluation] = None,
    policy: Parameter[str] = "",
    source: Parameter[str] = "",
) -> None:
    """Decide over the candidate.

    Args:
        evaluation: TFMA's output for the eval split.
        examples: raw examples; a few are scored by the exported candidate in a fresh process.
        candidate: the trained model that is judged.
        baseline: the trained model that it is compared with.
        data_facts: what the DataGate counted.
        blessing: BLESSED or NOT_BLESSED, as Pusher understands it.
        verdict: receives the verdict's files.
        settings: GateSettings as JSON.
        train_evaluation: TFMA's output for the train split; without it there is no train/test accuracy difference.
        counterfactual: what the CounterfactualTest found; without it no rule on swapped terms can hold.
        reference: a simple trained model, which the candidate must be worth its cost against.
        reference_evaluation: TFMA's output for the eval split with the reference in the place of the baseline, see
            `eval_config.reference_config`; given together with `reference` or not at all.
        policy: Policy as JSON, given when the run was submitted; "" for the one of `settings`.
        source: the folder of the examples, given when the run was submitted; "" where `settings` names the source.

    Raises:
        InputError: an artifact is not what its step wrote, or a model is absent.
    """
    today = datetime.now(timezone.utc).date()
    given = GateSettings.model_validate_json(settings).submitted(policy, source, today)
    if (reference is None) != (reference_evaluation is None):
        raise InputError("The gate got a reference model or an evaluation of one; give both in the pipeline, or neither.")
    models = {BASELINE: _model(baseline.uri), CANDIDATE: _model(candidate.uri)}
    beside = {} if reference is None else {REFERENCE: _model(reference.uri), CANDIDATE: models[CANDIDATE]}
    evaluations = _present((evaluation, models), (train_evaluation, models), (reference_evaluation, beside))
    measurements = _present(*evaluations, (counterfactual, models))
    for artifact in (*(artifact for artifact, _ in measurements), data_facts):
        seals.sealed_folder(artifact)
    measured = _measured(evaluation, train_evaluation, reference_evaluation, data_facts)
    judged = {**models, **beside}
    checks = [
        same_models({artifact.uri: scored for artifact, scored in evaluations}),
        *(wrong for artifact, scored in measurements for wrong in scored_otherwise([artifact], scored)),
        *(seal_check(name, path) for name, path in judged.items()),
        serving_check(models[CANDIDATE], split_files(examples.uri, "eval")[0]),
    ]
    infos = _infos(given, judged)
    since = _since((evaluation, examples, candidate, baseline, data_facts, reference, reference_evaluation))
    about = _data(given, measured, data_facts.uri, examples.uri)
    subject = Subject(given.task, infos, about, _provenance(given, since))
    swapped = None if counterfactual is None else counterfactual_file.read(Path(counterfactual.uri, counterfactual_file.FILE))
    elsewhere = _elsewhere(read_rows(data_facts.uri))
    decision = decide(
        given.policy,
        measured,
        checks=checks,
        counterfactual=swapped,
        threshold=_threshold(infos[CANDIDATE]),
        waivers=given.waivers,
        elsewhere=elsewhere,
    )
    decided = verdicts.build(decision, measured, subject, given.confidence)
    _write(decided, measured, Path(verdict.uri))
    seals.seal(verdict)
    bless(blessing, candidate, decided)


def _present(*measurements: Measurement) -> list[Measurement]:
    """Return the measurements that there are."""
    return [measurement for measurement in measurements if measurement[0] is not None]


def _measured(evaluation: Any, train_evaluation: Any, reference_evaluation: Any, data_facts: Any) -> Evaluation:
    """Return everything that was measured on the examples: of the models, beside the reference, on the training rows."""
    measured = read_evaluation(evaluation.uri)
    if reference_evaluation is not None:
        measured = with_reference(measured, read_evaluation(reference_evaluation.uri))
    if train_evaluation is not None:
        measured = with_train(measured, read_evaluation(train_evaluation.uri))
    return with_facts(measured, data_facts.uri)


def _elsewhere(rows: Mapping[str, int]) -> float | None:
    """Return how many times the examples of the eval split the other splits hold; None where that was not counted."""
    return (rows[TRAIN] + rows.get(VALIDATION, 0)) / rows[EVAL] if rows.get(EVAL) and TRAIN in rows else None


def _model(uri: str) -> str:
    """Return the folder of the SavedModel in an artifact; one that is there but changed is refused with its reasons."""
    folder = Path(uri, MODEL_FOLDER)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; remove {uri} as well and run again, which trains the model again.")
    return str(folder)


def _infos(given: GateSettings, models: dict[str, str]) -> dict[str, ModelInfo]:
    """Return what is known of every model; a model that says nothing of itself has no operating point, remedy or notes."""
    infos = {}
    for name, path in models.items():
        info = ModelInfo(description=given.recipes.get(name, name), uri=str(real_name(Path(path))), digest=folder_digest(path))
        said = metadata.read(path)
        facts = {} if said is None else {key: getattr(said, key) for key in ("operating_point", "remedy", "notes")}
        infos[name] = info.model_copy(update=facts)
    return infos


def _threshold(candidate: ModelInfo) -> float:
    """Return the decision threshold that a policy without thresholds is judged at."""
    return DEFAULT_THRESHOLD if candidate.operating_point is None else candidate.operating_point.threshold


def _data(given: GateSettings, measured: Evaluation, facts_uri: str, examples_uri: str) -> DataInfo:
    digests = {split: folder_digest(split_folder(examples_uri, split)) for split in splits_in(examples_uri)}
    return DataInfo(
        source=given.source,
        rows=read_rows(facts_uri),
        generated=given.generated,
        digests=digests,
        tagged_features=measured.tagged_features,
    )


def _since(inputs: Iterable[Any]) -> datetime:
    """Return when the first of the artifacts was made, None among them; now, where the engine does not say."""
    made = [artifact.mlmd_artifact.create_time_since_epoch for artifact in inputs if artifact is not None]
    now = datetime.now(timezone.utc)
    return min((datetime.fromtimestamp(each / 1000, timezone.utc) for each in made if each), default=now)


def _provenance(given: GateSettings, since: datetime) -> Provenance:
    return Provenance(
        source_digest=given.source_digest,
        config_digest=given.config_digest,
        package_versions=package_versions(),
        seed=given.seed,
        started=since.isoformat(timespec="seconds"),
        finished=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )


def _write(decided: Verdict, measured: Evaluation, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_table(measured, folder / METRICS, decided.confidence)
    markdown.write(decided, folder / VERDICT_TEXT)
    verdicts.write(decided, folder / VERDICT)


def bless(blessing: Any, candidate: Any, decided: Verdict) -> None:
    """Write the blessing as TFX's own Evaluator does; the verdict is already written, so no blessing exists without one.

    Args:
        blessing: the artifact to describe; it gets the digest of the model that was judged, which the Pusher compares.
        candidate: the artifact of the model that was judged.
        decided: the verdict.
    """
    blessed = decided.outcome == "blessed"
    blessings.write(blessing.uri, blessed)
    blessing.set_int_custom_property(blessings.PROPERTY, int(blessed))
    blessing.set_string_custom_property("current_model", candidate.uri)
    blessing.set_int_custom_property("current_model_id", candidate.id)
    blessing.set_string_custom_property(MODEL_DIGEST, decided.models[CANDIDATE].digest)
    seals.seal(blessing)
