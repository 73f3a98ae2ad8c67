"""Build the configuration of the evaluation for TFMA: models, slices, metrics.

The counting settings are passed in the configuration of our metric, CountedExamples.
The protos come from `tensorflow_model_analysis.proto.config_pb2`, which both stacks have.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from google.protobuf import wrappers_pb2
from tensorflow_model_analysis.proto import config_pb2

from components.evaluation import tfma_metrics
from components.evaluation.keys import refuse_equal_names
from components.modelling.signature import SIGNATURE
from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.counting.settings import CountSettings
from fairgate.metrics.classes import ACCURACY
from fairgate.names import BASELINE, CANDIDATE, LEAST_DISTINCT, OVERALL, REFERENCE

if TYPE_CHECKING:
    pass

EXTRACTORS = "components.evaluation.extractors"  # the Evaluator's module_path


def eval_config(
    labels: LabelSpec,
    config: EvaluationConfig,
    source_digest: str = "",
    models: Sequence[str] = (CANDIDATE, BASELINE),
    *,
    content_keys: Sequence[str] = (),
    auc_slices: Sequence[str] = (),
    rows: int | None = None,
    distinct: int | None = None,
) -> config_pb2.EvalConfig:
    """Return TFMA's configuration of an evaluation.

    Args:
        labels: the task's label.
        config: thresholds, slices and resolution.
        source_digest: of EXTRACTORS and what they import; TFX caches the Evaluator by this configuration and nothing else.
        models: "candidate", and what takes the place of the baseline, where there is one.
        content_keys: the features that make up an example's content; see `CountSettings`.
        auc_slices: patterns of the slices whose AUCs are compared with the baseline's; see `Policy.auc_slices`.
        rows: examples of the split, where that is known.
        distinct: how many of them differ; where less than 95 % do, examples are taken as clustered.

    Raises:
        InputError: thresholds to which Fairness Indicators would give the same name, or too many thresholds to count.
    """
    settings = replace(
        CountSettings.of(labels, config),
        source_digest=source_digest,
        content_keys=tuple(content_keys),
        auc_slices=tuple(auc_slices),
        distinct=distinct,
        clustered=rows is not None and distinct is not None and distinct < LEAST_DISTINCT * rows,
    )
    weights = config_pb2.ExampleWeightOptions(weighted=True)
    return config_pb2.EvalConfig(
        model_specs=[_model_spec(name, labels) for name in models],
        slicing_specs=_slicing_specs(labels, config),
        metrics_specs=[config_pb2.MetricsSpec(metrics=_metrics(labels, settings), example_weights=weights)],
        options=config_pb2.Options(include_default_metrics=wrappers_pb2.BoolValue(value=False)),
    )


def reference_config(
    labels: LabelSpec,
    config: EvaluationConfig,
    source_digest: str = "",
    *,
    content_keys: Sequence[str] = (),
    rows: int | None = None,
    distinct: int | None = None,
) -> config_pb2.EvalConfig:
    """Return TFMA's configuration of an evaluation of the candidate beside the reference model, on all examples alone.

    It is an evaluation of its own because TFX's Evaluator takes two models at most; the reference is its "baseline model".

    Args:
        labels: as of `eval_config`. All are those of the evaluation of candidate and baseline, so that both count alike.
        config: its slices are left out.
        source_digest: as of `eval_config`.
        content_keys: likewise.
        rows: likewise.
        distinct: likewise.
    """
    return eval_config(
        labels,
        config.model_copy(update={"slice_features": (), "intersections": ()}),
        source_digest,
        (CANDIDATE, REFERENCE),
        content_keys=content_keys,
        auc_slices=(OVERALL,),
        rows=rows,
        distinct=distinct,
    )


def _model_spec(name: str, labels: LabelSpec) -> config_pb2.ModelSpec:
    return config_pb2.ModelSpec(
        name=name,
        is_baseline=name in (BASELINE, REFERENCE),
        signature_name=SIGNATURE,
        model_type="tf_generic",
        label_key=labels.key,
        example_weight_key=labels.weight_key or "",
    )


def _slicing_specs(labels: LabelSpec, config: EvaluationConfig) -> list[config_pb2.SlicingSpec]:
    features = [(), *((name,) for name in config.slice_features), *config.intersections]
    if labels.kind == "multiclass":
        features.insert(1, (labels.key,))
    return [config_pb2.SlicingSpec(feature_keys=list(keys)) for keys in features]


def _metrics(labels: LabelSpec, settings: CountSettings) -> list[config_pb2.MetricConfig]:
    refuse_equal_names(settings.thresholds)
    counted = _metric(tfma_metrics.CountedExamples.__name__, settings.to_json(), tfma_metrics.MODULE)
    shared = [_metric("ExampleCount"), counted]
    if labels.kind == "multiclass":
        return [*shared, _metric("SparseCategoricalAccuracy", {"name": ACCURACY.name}), _metric("MultiClassConfusionMatrixPlot")]
    indicators = _metric(
        "FairnessIndicators", {"thresholds": list(settings.thresholds)}, "fairness_indicators.fairness_indicators_metrics"
    )
    return [*shared, indicators, _metric("Calibration")]


def _metric(class_name: str, settings: dict[str, Any] | None = None, module: str = "") -> config_pb2.MetricConfig:
    return config_pb2.MetricConfig(class_name=class_name, module=module, config=json.dumps(settings) if settings else "")
