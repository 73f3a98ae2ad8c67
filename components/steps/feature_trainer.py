"""The Trainer of models that train on features: TFX's Trainer, which first compares the features with their seal.

In: the `features` of `components.steps.text_features`. Out: TFX's `model` and `model_run`. The executor is named in the compiled
graph, so the containers of a cluster run it too.
"""

from typing import Any

from tfx.components.trainer import component, executor
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types import standard_component_specs

from components.artifacts import seals


class CheckingExecutor(executor.GenericExecutor):
    """Trains on features that are those that were computed."""

    def Do(  # noqa: N802  # TFX's name
        self, input_dict: dict[str, list[Any]], output_dict: dict[str, list[Any]], exec_properties: dict[str, Any]
    ) -> None:
        """Train the model of `output_dict` on the features of `input_dict`.

        Raises:
            InputError: the features were changed since their step wrote them.
        """
        for features in input_dict[standard_component_specs.EXAMPLES_KEY]:
            seals.sealed_folder(features)
        super().Do(input_dict, output_dict, exec_properties)


class FeatureTrainer(component.Trainer):
    """TFX's component, executed as above."""

    EXECUTOR_SPEC = ExecutorClassSpec(CheckingExecutor)
