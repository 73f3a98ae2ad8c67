"""The Reporter step: write everything that people look at, from the artifacts of the run.

In: verdict, evaluation, statistics, anomalies, what the DataGate counted, examples, both models and their training curves. Out:
`report`, a folder with `report.html`, `verdict.json`, `verdict.md`, `metrics.parquet`, `content/`, data sheet and model card. The
report of a run that was not blessed leaves out what cannot be made, and says so; for a blessed run the step fails, and the Pusher
after it publishes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from pkgutil import resolve_name

import pandas as pd
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.artifacts import seals
from components.evaluation.reading import read_counts
from components.modelling.seal_check import sealed_model
from components.modelling.signature import loading_once
from components.reporting import tables
from components.reporting.discovery import asked_by, discovered
from components.reporting.edits import EditSettings, edit_tables
from components.reporting.gathering import Part, gather, write_reasons
from components.reporting.points import slice_points
from components.reporting.summary import data_summary
from components.reporting.vocabulary import vocabulary
from components.steps.report_settings import ReportSettings
from components.validation import leakage
from fairgate.counting.detail import EvaluationCounts
from fairgate.evaluation import evaluate_counts
from fairgate.gate import verdict as verdicts
from fairgate.gate.outcome import PolicyFacts
from fairgate.names import BASELINE, CANDIDATE, SPLITS, TRAIN
from fairgate.report import tallies, write
from fairgate.report.content import ReportContent
from fairgate.report.rows import thresholds_of
from fairgate.run_folder import METRICS, VERDICT
from fairgate.table import read_table


@component
def Reporter(  # noqa: N802  # a TFX component is named like a class
    verdict: InputArtifact[standard_artifacts.ModelEvaluation],
    evaluation: InputArtifact[standard_artifacts.ModelEvaluation],
    statistics: InputArtifact[standard_artifacts.ExampleStatistics],
    anomalies: InputArtifact[standard_artifacts.ExampleAnomalies],
    data_facts: InputArtifact[standard_artifacts.ModelEvaluation],
    examples: InputArtifact[standard_artifacts.Examples],
    candidate: InputArtifact[standard_artifacts.Model],
    baseline: InputArtifact[standard_artifacts.Model],
    candidate_run: InputArtifact[standard_artifacts.ModelRun],
    baseline_run: InputArtifact[standard_artifacts.ModelRun],
    report: OutputArtifact[standard_artifacts.ModelEvaluation],
    settings: Parameter[str],
    counterfactual: InputArtifact[standard_artifacts.ModelEvaluation] = None,  # how TFX marks an optional input
) -> None:
    """Gather and write the report.

    Args:
        verdict: the gate's folder.
        evaluation: TFMA's output for the eval split.
        statistics: of all splits.
        anomalies: of the data validation.
        data_facts: what the DataGate counted.
        examples: raw examples.
        candidate: the model that was judged.
        baseline: the model that it was compared with.
        candidate_run: what the candidate's trainer left beside it.
        baseline_run: what the baseline's trainer left beside it.
        report: receives the files.
        settings: ReportSettings as JSON.
        counterfactual: what the CounterfactualTest found, where there was one.

    Raises:
        InputError: the verdict is not what the gate wrote; for a blessed run also any other artifact that was changed.
    """
    given = ReportSettings.model_validate_json(settings)
    decided = seals.sealed_folder(verdict)
    written = verdicts.read(decided / VERDICT)
    blessed = written.outcome == "blessed"

    @cache
    def models() -> dict[str, str]:
        return {BASELINE: str(sealed_model(baseline.uri)), CANDIDATE: str(sealed_model(candidate.uri))}

    @cache
    def counts() -> EvaluationCounts:
        return read_counts(seals.sealed_folder(evaluation))

    @cache
    def scored() -> pd.DataFrame:
        return tables.scored_examples(examples.uri, models(), given.labels, given.slice_features, task.show)

    @cache
    def samples() -> dict[str, list[leakage.Example]]:
        return {split: leakage.sample(examples.uri, split, written.data.rows.get(split, 0)) for split in SPLITS}

    task = resolve_name(given.parts)
    texts = given.text_features
    parts: dict[str, Part] = {
        "the training curves": lambda: {"curves": tables.curves({BASELINE: baseline_run.uri, CANDIDATE: candidate_run.uri})},
        "the statistics": lambda: {"statistics": tables.statistics(statistics.uri, texts)},
        "the anomalies": lambda: {"anomalies": tables.anomalies(anomalies.uri)},
        "the counts of the data": lambda: {
            "data_summary": data_summary(str(seals.sealed_folder(data_facts)), examples.uri, given.labels)
        },
        "the drift": lambda: {"drift": tables.drift(statistics.uri, texts)},
        "the points of the slices": lambda: {
            "points": slice_points(examples.uri, models(), given.labels, given.slice_features, _named_slices(written.policy))
        },
        "the slices that nobody named": lambda: {
            "discovery": discovered(
                examples.uri, models(), given.labels, given.slice_features, asked_by(written.rules, given.labels)
            )
        },
        "the examples": lambda: {"examples": scored()},
        "the histograms": lambda: {"histograms": tallies.score_histograms(counts())},
        "the curves of the slices": lambda: {
            "roc": tallies.roc(counts()),
            "calibration": tallies.calibration(counts(), written.confidence),
        },
        "the changes": lambda: {"paired_changes": tallies.paired_changes(evaluate_counts(counts()), written.confidence)},
        "the signs of leakage": lambda: {"leakage": tables.leakage_signs(samples(), given.labels, texts)},
        "the task's own part": lambda: task.add(counts(), examples.uri, models()),
    }
    if task.outsiders is not None:
        parts["the inputs unlike training"] = lambda: task.outsiders(samples()[TRAIN], models()[CANDIDATE])
    if counterfactual is not None:
        parts["the counterfactual test"] = lambda: tables.counterfactual_tables(str(seals.sealed_folder(counterfactual)))
    if given.published and (published := task.published):
        rows = written.data.rows if given.published == "by rows" else None
        parts["the published results"] = lambda: {"published": published(rows)}
    metrics = read_table(decided / METRICS)
    parts |= _of_words(given, thresholds_of(metrics), scored, models, examples.uri)
    with loading_once():
        gathered, missing = gather(parts, complete=blessed)
    content = ReportContent(verdict=written, metrics=metrics, evaluation=evaluation.uri, statements=given.statements, **gathered)
    folder = Path(report.uri)
    if blessed:
        write.write_report(content, folder, text=given.with_text)
    else:
        write_reasons(content, folder, given.with_text, missing)
    seals.seal(report)


def _named_slices(policy: PolicyFacts | None) -> list[str]:
    return sorted({name for rule in policy.rules for name in rule.slices}) if policy else []


def _of_words(
    given: ReportSettings,
    thresholds: Sequence[float],
    scored: Callable[[], pd.DataFrame],
    models: Callable[[], Mapping[str, str]],
    examples_uri: str,
) -> dict[str, Part]:
    """Return the parts about the words of texts; those that show examples are left out where the report may not."""
    plan = given.terms
    if plan is None:
        return {}
    threshold = min(thresholds, key=lambda value: abs(value - 0.5), default=0.5)  # with which the page opens
    settings = EditSettings(plan, given.labels.classes[0], threshold)
    parts: dict[str, Part] = {
        "the unknown words": lambda: {"vocabulary": vocabulary(examples_uri, models()[CANDIDATE], plan.text_feature)},
    }
    if given.with_text:
        parts["the edited examples"] = lambda: edit_tables(scored(), models(), settings)
    return parts
