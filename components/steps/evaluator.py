"""The Evaluator step: TFX's Evaluator, which checks the seals of the models before and seals the evaluation after it has run.

In: examples and both models. Out: TFX's `evaluation`, with the digest of its files in its metadata, see
`components.artifacts.seals`. The executor is named in the compiled graph, so the containers of a cluster run it too.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format
from tensorflow_model_analysis.proto import config_pb2
from tfx.components.evaluator import component, executor
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.types import standard_component_specs

from components.artifacts import seals
from components.modelling.seal_check import record_scored, sealed_model
from fairgate.names import BASELINE, CANDIDATE


class SealingExecutor(executor.Executor):
    """Evaluates models that are those that were trained."""

    def Do(  # noqa: N802  # TFX's name
        self, input_dict: dict[str, list[Any]], output_dict: dict[str, list[Any]], exec_properties: dict[str, Any]
    ) -> None:
        """Evaluate the models of `input_dict`, and seal the evaluation of `output_dict`.

        Raises:
            InputError: a model is not the one that was trained.
        """
        keys = {
            CANDIDATE: standard_component_specs.MODEL_KEY,
            _second_model(exec_properties): standard_component_specs.BASELINE_MODEL_KEY,
        }
        models = {name: sealed_model(model.uri) for name, key in keys.items() for model in input_dict.get(key, ())}
        super().Do(input_dict, output_dict, exec_properties)
        for evaluation in output_dict[standard_component_specs.EVALUATION_KEY]:
            record_scored(evaluation, models)
            seals.seal(evaluation)


def _second_model(exec_properties: Mapping[str, Any]) -> str:
    """Return the name of what TFX calls the baseline model, as the EvalConfig does: "baseline", or "reference"."""
    written = exec_properties.get(standard_component_specs.EVAL_CONFIG_KEY)
    config = json_format.Parse(written, config_pb2.EvalConfig(), ignore_unknown_fields=True) if written else None
    names = [spec.name for spec in config.model_specs if spec.is_baseline] if config else []
    return names[0] if names else BASELINE


class Evaluator(component.Evaluator):
    """TFX's component, executed as above."""

    EXECUTOR_SPEC = BeamExecutorSpec(SealingExecutor)
