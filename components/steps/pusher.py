"""The Pusher step: TFX's Pusher with an executor that publishes a model whole or not at all.

In: the candidate and the gate's blessing, which carries the digest of what was judged. Out: `serving/<version>/` and TFX's
PushedModel, as TFX's Pusher makes them. How a version appears is `components.modelling.publishing.publish`.
"""

import time
from pathlib import Path
from typing import Any

from tfx.components.pusher import component, executor
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.proto import pusher_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, proto_utils

from components.artifacts import blessing as blessings
from components.artifacts.seals import CONTENT_DIGEST
from components.modelling.publishing import MODEL_DIGEST, publish


class Executor(executor.Executor):
    """Publishes to a file system; an address such as gs://… has no renaming, so TFX's own way is taken, the graph file last."""

    def Do(  # noqa: N802  # TFX's name
        self, input_dict: dict[str, list[Any]], output_dict: dict[str, list[Any]], exec_properties: dict[str, Any]
    ) -> None:
        """Publish the model of `input_dict` when its blessing allows it, and describe it in `output_dict`.

        Raises:
            InputError: the blessing is not what the gate wrote, or as `publish`.
        """
        blessing = artifact_utils.get_single_instance(input_dict[standard_component_specs.MODEL_BLESSING_KEY])
        said = bool(blessing.get_int_custom_property(blessings.PROPERTY))
        blessings.read(blessing.uri, blessing.get_string_custom_property(CONTENT_DIGEST), said)
        serving = _base_directory(exec_properties)
        if "://" in serving or not self.CheckBlessing(input_dict):
            super().Do(input_dict, output_dict, exec_properties)
            return
        self._log_startup(input_dict, output_dict, exec_properties)
        pushed = artifact_utils.get_single_instance(output_dict[standard_component_specs.PUSHED_MODEL_KEY])
        digest = blessing.get_string_custom_property(MODEL_DIGEST)
        version = publish(Path(self.GetModelPath(input_dict)), digest, Path(serving), time.time())
        io_utils.copy_dir(str(version), pushed.uri)
        self._MarkPushed(pushed, pushed_destination=str(version), pushed_version=version.name)


class Pusher(component.Pusher):
    """TFX's component, executed as above."""

    EXECUTOR_SPEC = ExecutorClassSpec(Executor)


def _base_directory(exec_properties: dict[str, Any]) -> str:
    destination = pusher_pb2.PushDestination()
    proto_utils.json_to_proto(exec_properties[standard_component_specs.PUSH_DESTINATION_KEY], destination)
    return str(destination.filesystem.base_directory)
