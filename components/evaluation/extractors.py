"""Make counts of examples before TFMA looks at them: the hook of the TFX Evaluator, its `module_path`.

Instead of TFMA's chain (features, labels, weights, predictions, unbatch, slice keys), which handles every example in Python, one
step reads the Arrow batches and scores them with all models, and one merges the counts and hands TFMA a row per slice. The last
step has the name of TFMA's slice key extractor, because the metrics evaluator is attached behind that name.
"""

import json
from collections.abc import Mapping
from typing import Any

import apache_beam as beam
from tensorflow_model_analysis.api import types
from tensorflow_model_analysis.extractors import extractor, slice_key_extractor
from tensorflow_model_analysis.proto import config_pb2
from tensorflow_model_analysis.slicer import slicer_lib
from tensorflow_model_analysis.utils import model_util

from components.evaluation import collapse, rows
from components.evaluation.tfma_metrics import CountedExamples
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceSpec
from fairgate.errors import InputError

# Metrics that need nothing finer than the counts between decision thresholds.
COARSE_METRICS = {
    "FairnessIndicators",
    "ExampleCount",
    "WeightedExampleCount",
    "ConfusionMatrixAtThresholds",
    "MeanLabel",
    "MeanPrediction",
    "Calibration",
}


def custom_extractors(
    eval_shared_model: Any, eval_config: config_pb2.EvalConfig, tensor_adapter_config: Any = None
) -> list[extractor.Extractor]:
    """Return the extractors that count; the TFX Evaluator calls this.

    Args:
        eval_shared_model: one shared model or a list of two.
        eval_config: made by `components.evaluation.eval_config`; the configuration of its metric CountedExamples holds the
            settings.
        tensor_adapter_config: not needed; the Arrow columns are read as they are.

    Raises:
        InputError: an EvalConfig without CountedExamples, or with slices in SQL.
    """
    del tensor_adapter_config
    models = {model.model_name: model for model in model_util.verify_and_update_eval_shared_models(eval_shared_model)}
    plan = plan_of(eval_config, tuple(models))
    loaders = {name: model.model_loader for name, model in models.items()}
    return [
        extractor.Extractor(stage_name="ScoreAndCount", ptransform=_ScoreAndCount(plan, loaders)),
        extractor.Extractor(stage_name=slice_key_extractor.SLICE_KEY_EXTRACTOR_STAGE_NAME, ptransform=_MergeAndSlice(plan)),
    ]


def settings_of(eval_config: config_pb2.EvalConfig) -> CountSettings:
    """Return the settings that the EvalConfig holds.

    Raises:
        InputError: there are none.
    """
    for spec in eval_config.metrics_specs:
        for metric in spec.metrics:
            if metric.class_name == CountedExamples.__name__:
                return CountSettings.from_json(json.loads(metric.config))
    raise InputError(
        f"The EvalConfig lacks the metric {CountedExamples.__name__}; make it with components.evaluation.eval_config."
    )


def plan_of(eval_config: config_pb2.EvalConfig, models: tuple[str, ...]) -> collapse.CollapsePlan:
    """Return what the EvalConfig asks the collapse to do."""
    metrics = {metric.class_name for spec in eval_config.metrics_specs for metric in spec.metrics} - {CountedExamples.__name__}
    specs = {name: model_util.get_model_spec(eval_config, name) for name in models}
    return collapse.CollapsePlan(
        settings=settings_of(eval_config),
        specs=slice_specs(eval_config),
        models=models,
        signatures={name: spec.signature_name for name, spec in specs.items()},
        outputs={name: spec.prediction_key for name, spec in specs.items()},
        cells=rows.COARSE_CELLS if metrics <= COARSE_METRICS else rows.FINE_CELLS,
    )


def slice_specs(eval_config: config_pb2.EvalConfig) -> tuple[SliceSpec, ...]:
    """Return the slicing specs, all examples ("overall") always among them.

    Values that look like numbers are numbers, as in TFMA.

    Raises:
        InputError: a spec in SQL.
    """
    specs = [SliceSpec()]
    for spec in eval_config.slicing_specs:
        if spec.slice_keys_sql:
            raise InputError(f"Slices in SQL cannot be counted: {spec.slice_keys_sql!r}. Name features or values instead.")
        values = tuple(sorted((name, slicer_lib._to_type(value)) for name, value in spec.feature_values.items()))
        specs.append(SliceSpec(tuple(sorted(spec.feature_keys)), values))
    return tuple(dict.fromkeys(specs))


class _ScoreAndCount(beam.PTransform):
    """Record batches -> counts per bundle."""

    def __init__(self, plan: collapse.CollapsePlan, loaders: Mapping[str, Any]) -> None:
        super().__init__()
        self._plan, self._loaders = plan, loaders

    def expand(self, extracts: beam.PCollection) -> beam.PCollection:
        return extracts | "Score" >> beam.ParDo(collapse.ScoreAndCount(self._plan, self._loaders))


class _MergeAndSlice(beam.PTransform):
    """Counts per bundle -> rows of extracts, one or more per slice."""

    def __init__(self, plan: collapse.CollapsePlan) -> None:
        super().__init__()
        self._plan = plan

    def expand(self, counts: beam.PCollection) -> beam.PCollection:
        return (
            counts
            | "Merge" >> beam.CombineGlobally(collapse.MergeCounts(self._plan.settings))
            | "MakeRows" >> beam.FlatMap(collapse.slice_rows, self._plan).with_output_types(types.Extracts)
        )
