"""What a pipeline is built from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone

import ml_metadata
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration.data_types import RuntimeParameter

from pipeline.config import RunConfig


def _today() -> date:
    return datetime.now(timezone.utc).date()


@dataclass(frozen=True)
class PipelinePlan:
    """Everything that is needed to build one pipeline.

    Attributes:
        config: the configuration of the run.
        examples: the step whose output `examples` are the canonical examples.
        source: description of where the examples come from.
        generated: whether they are synthetic.
        root: folder for the artifacts.
        serving: folder that blessed models are pushed to.
        beam_args: Beam options of every step.
        metadata: connection to ML Metadata; None if the engine has its own.
        parameters: runtime parameters by name, set when a run is submitted: the folder `examples`, the `policy` and the
            `train_args` of the Trainers that train on what Transform wrote. Everything else is set by the other attributes.
        counted: split -> (examples, distinct examples), where they were counted before the graph is built.
        rows: split -> examples, as far as that is known before the graph is built; for those who wait.
        today: the day of the run in UTC, which decides what waivers are an input of the gate; None where the graph runs later
            than it is built: the gate then gets all waivers and decides itself.
    """

    config: RunConfig
    examples: BaseNode
    source: str
    generated: bool
    root: str
    serving: str
    beam_args: tuple[str, ...]
    metadata: ml_metadata.proto.ConnectionConfig | None = None
    parameters: Mapping[str, RuntimeParameter] = field(default_factory=dict)
    counted: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    today: date | None = field(default_factory=_today)
