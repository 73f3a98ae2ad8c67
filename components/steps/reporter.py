"""The Reporter step: write everything that people look at, from the artifacts of the run.

In: verdict, evaluation, statistics, anomalies, examples, both models and their training curves. Out: `report`, a folder with
`report.html`, `verdict.json`, `verdict.md`, `metrics.parquet` and `content/`.
"""

from pathlib import Path
from pkgutil import resolve_name

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.evaluation.reading import read_counts
from components.modelling.signature import MODEL_FOLDER
from components.reporting import tables
from components.steps.report_settings import ReportSettings
from fairgate.gate import verdict as verdicts
from fairgate.names import BASELINE, CANDIDATE
from fairgate.report import tallies, write
from fairgate.report.content import ReportContent
from fairgate.run_folder import METRICS, VERDICT
from fairgate.table import read_table


@component
def Reporter(  # noqa: N802  # a TFX component is named like a class
    verdict: InputArtifact[standard_artifacts.ModelEvaluation],
    evaluation: InputArtifact[standard_artifacts.ModelEvaluation],
    statistics: InputArtifact[standard_artifacts.ExampleStatistics],
    anomalies: InputArtifact[standard_artifacts.ExampleAnomalies],
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
        statistics: of both splits.
        anomalies: of the data validation.
        examples: raw examples.
        candidate: the model that was judged.
        baseline: the model that it was compared with.
        candidate_run: what the candidate's trainer left beside it.
        baseline_run: what the baseline's trainer left beside it.
        report: receives the files.
        settings: ReportSettings as JSON.
        counterfactual: what the CounterfactualTest found, where there was one.
    """
    given = ReportSettings.model_validate_json(settings)
    models = {BASELINE: str(Path(baseline.uri, MODEL_FOLDER)), CANDIDATE: str(Path(candidate.uri, MODEL_FOLDER))}
    parts = resolve_name(given.parts)
    detail = read_counts(evaluation.uri)
    content = ReportContent(
        verdict=verdicts.read(Path(verdict.uri, VERDICT)),
        metrics=read_table(Path(verdict.uri, METRICS)),
        curves=tables.curves({BASELINE: baseline_run.uri, CANDIDATE: candidate_run.uri}),
        statistics=tables.statistics(statistics.uri, given.text_features),
        anomalies=tables.anomalies(anomalies.uri),
        drift=tables.drift(statistics.uri, given.text_features),
        examples=tables.scored_examples(examples.uri, models, given.labels, given.slice_features, parts.show),
        **({} if counterfactual is None else tables.counterfactual_tables(counterfactual.uri)),
        histograms=tallies.score_histograms(detail),
        evaluation=evaluation.uri,
        **parts.add(detail, examples.uri, models),
    )
    write.write_report(content, Path(report.uri), text=given.with_text)
