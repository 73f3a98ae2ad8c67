"""A compiled graph: TFX's intermediate representation with the name of one run in it, and the launch of its nodes.

In: a graph. Out: ML Metadata and artifacts, node by node. One process may launch all nodes, or each node has a process of its
own: the representation is JSON, and what one node hands to another goes through ML Metadata.
"""

import fcntl
import shutil
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from ml_metadata.metadata_store import MetadataStore
from ml_metadata.proto import Execution
from ml_metadata.proto.metadata_store_pb2 import Value
from tfx.dsl.compiler.compiler import Compiler
from tfx.dsl.compiler.constants import NODE_CONTEXT_TYPE_NAME, PIPELINE_RUN_CONTEXT_TYPE_NAME, PIPELINE_RUN_ID_PARAMETER_NAME
from tfx.orchestration.local.runner_utils import (
    extract_custom_driver_spec,
    extract_executor_spec,
    extract_local_deployment_config,
)
from tfx.orchestration.metadata import Metadata
from tfx.orchestration.pipeline import Pipeline
from tfx.orchestration.portable.beam_executor_operator import BeamExecutorOperator
from tfx.orchestration.portable.launcher import Launcher
from tfx.orchestration.portable.runtime_parameter_utils import substitute_runtime_parameter
from tfx.proto.orchestration import pipeline_pb2
from tfx.proto.orchestration.executable_spec_pb2 import BeamExecutableSpec
from tfx.proto.orchestration.placeholder_pb2 import PlaceholderExpression

_FINISHED = (Execution.COMPLETE, Execution.CACHED)


class TurnMetadata(Metadata):
    """ML Metadata that processes use by turns: SQLite refuses a second writer, and TFX does not ask again.

    Args:
        config: the connection.
        lock: file that the process locks while it is connected.
    """

    def __init__(self, config: Any, lock: Path) -> None:
        super().__init__(config)
        self._lock = lock
        self._turns: list[ExitStack] = []

    def __enter__(self) -> "TurnMetadata":
        """Wait for the turn, and connect; within a turn of this process's own, connect at once."""
        with ExitStack() as turn:
            if not self._turns:
                fcntl.flock(turn.enter_context(self._lock.open("a")), fcntl.LOCK_EX)
            super().__enter__()
            self._turns.append(turn.pop_all())
        return self

    def __exit__(self, *raised: Any) -> None:
        """Disconnect, and let the next process in."""
        with self._turns.pop():
            super().__exit__(*raised)


class EngineOperator(BeamExecutorOperator):
    """Runs a Beam step with options that are no part of the graph, and so of no cache key.

    Args:
        beam_args: appended to those of the graph.
        executor_spec: how TFX starts the step.
        platform_config: what TFX knows of the platform.
    """

    def __init__(self, beam_args: Sequence[str], executor_spec: Any, platform_config: Any = None) -> None:
        super().__init__(executor_spec, platform_config)
        constants = [PlaceholderExpression(value=Value(string_value=argument)) for argument in beam_args]
        self.beam_pipeline_args.extend(constants)


@dataclass(frozen=True)
class CompiledGraph:
    """A graph for one run.

    Attributes:
        representation: TFX's `pipeline_pb2.Pipeline`.
    """

    representation: Any

    @classmethod
    def from_pipeline(cls, graph: Pipeline, run: str) -> "CompiledGraph":
        """Compile a graph.

        Args:
            graph: the steps.
            run: names the run in ML Metadata; no other run has this name.
        """
        representation = Compiler().compile(graph)
        with warnings.catch_warnings():
            # TFX reads `label` of protobuf's fields, which newer versions call deprecated and blame on the caller.
            warnings.simplefilter("ignore", DeprecationWarning)
            substitute_runtime_parameter(representation, {PIPELINE_RUN_ID_PARAMETER_NAME: run})
        return cls(representation)

    @classmethod
    def from_json(cls, written: Any) -> "CompiledGraph":
        """Return the graph that `to_json` has returned."""
        return cls(json_format.ParseDict(written, pipeline_pb2.Pipeline()))

    def to_json(self) -> Any:
        """Return the graph as JSON values."""
        return json_format.MessageToDict(self.representation, preserving_proto_field_name=True)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The ids of all nodes; each comes after those that it needs."""
        return tuple(node.pipeline_node.node_info.id for node in self.representation.nodes)

    def upstream(self, node: str) -> Sequence[str]:
        """Return the nodes that a node needs, in the order of `nodes`."""
        needed = set(self._node(node).upstream_nodes)
        return [name for name in self.nodes if name in needed]

    @property
    def connection(self) -> Any:
        """The connection to ML Metadata."""
        configured = extract_local_deployment_config(self.representation).metadata_connection_config
        return getattr(configured, configured.WhichOneof("connection_config"))

    def launch(self, node: str, metadata: Metadata, beam_args: Sequence[str] = ()) -> None:
        """Run one node, or take its result from the cache. Raises whatever the step raises.

        Args:
            node: its id.
            metadata: connection to ML Metadata.
            beam_args: Beam options beside those of the graph. They say where the work is done, which changes no result: what one
                engine has made is in the cache for all others.
        """
        deployment = extract_local_deployment_config(self.representation)
        Launcher(
            pipeline_node=self._node(node),
            mlmd_connection=metadata,
            pipeline_info=self.representation.pipeline_info,
            pipeline_runtime_spec=self.representation.runtime_spec,
            executor_spec=extract_executor_spec(deployment, node),
            custom_driver_spec=extract_custom_driver_spec(deployment, node),
            custom_executor_operators={BeamExecutableSpec: partial(EngineOperator, beam_args)},
        ).launch()

    def uses_beam(self, node: str) -> bool:
        """Return whether a node is a Beam step."""
        deployment = extract_local_deployment_config(self.representation)
        return isinstance(extract_executor_spec(deployment, node), BeamExecutableSpec)

    def finished(self, store: MetadataStore) -> frozenset[str]:
        """Return the nodes that have finished in this run, those from the cache included."""
        return frozenset(
            node for node in self.nodes if any(each.last_known_state in _FINISHED for each in self._tries(node, store))
        )

    def remove_unfinished(self, node: str, store: MetadataStore, artifacts: Path) -> None:
        """Remove what a try of this node has left behind that was killed: TFX writes the next one into the same folders."""
        for unfinished in self._tries(node, store):
            for folder in (artifacts / node).glob(f"*/{unfinished.id}"):
                shutil.rmtree(folder)

    def _node(self, node: str) -> Any:
        return next(each.pipeline_node for each in self.representation.nodes if each.pipeline_node.node_info.id == node)

    def _tries(self, node: str, store: MetadataStore) -> list[Execution]:
        """Return the executions of a node in this run."""
        found = [
            store.get_context_by_type_and_name(context.type.name, context.name.field_value.string_value)
            for context in self._node(node).contexts.contexts
            if context.type.name in (PIPELINE_RUN_CONTEXT_TYPE_NAME, NODE_CONTEXT_TYPE_NAME)
        ]
        if not all(found):
            return []
        run, of_node = ({each.id: each for each in store.get_executions_by_context(context.id)} for context in found)
        return [each for number, each in run.items() if number in of_node]
