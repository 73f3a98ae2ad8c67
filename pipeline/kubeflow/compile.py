"""Compile the graph for Kubeflow Pipelines v2; equal code and configuration give equal bytes.

In: a `RunConfig` and a `Target`. Out: a pipeline specification as YAML, which can be submitted as it is. TFX's
KubeflowV2DagRunner compiles the graph for Vertex AI alone, so `_portable` makes these changes, all in this module:

* containers run `pipeline.kubeflow.entry`, which gets the TFX types of the step's artifacts as an `Interface`;
* artifacts have the `system.*` types that every engine knows;
* files of our packages are named relative to their package, because the image has them elsewhere;
* VIEWS become separate outputs, which the Kubeflow UI shows;
* runtime parameters (PARAMETERS) get their defaults;
* a gate whose policy has waivers is never served from the engine's cache, which does not know that one has expired.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tfx.orchestration.data_types import RuntimeParameter
from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import KubeflowV2DagRunner, KubeflowV2DagRunnerConfig

import data
from components.artifacts.facts import counted
from components.steps.fairness_gate import FairnessGate
from components.steps.import_examples import ImportExamples
from fairgate.run_folder import PAGE, VERDICT_TEXT
from pipeline.config import RunConfig
from pipeline.graph import create_pipeline
from pipeline.kubeflow.entry import MODULE, PACKAGE, Interface
from pipeline.local import BEAM_ARGS
from pipeline.plan import PipelinePlan

COMMAND = ("python", "-m", MODULE)
INPUT_TYPES = "--json_serialized_inputs_spec_args"  # of TFX's entry point
PARAMETERS = ("examples", "policy", "train_args")
# TFX's types for which Kubeflow has types of its own; all others are plain artifacts there.
SYSTEM_TYPES = {"tfx.Examples": "system.Dataset", "tfx.Model": "system.Model", "tfx.PushedModel": "system.Model"}
GATE = FairnessGate.__name__  # id of its task
SYSTEM_ARTIFACT = "system.Artifact"
SCHEMA_VERSION = "0.0.1"


@dataclass(frozen=True)
class UiOutput:
    """An output that the Kubeflow UI shows: one file, displayed according to its type.

    Attributes:
        system_type: "system.HTML" or "system.Markdown".
        source: the file that is copied, "output/path in it".
    """

    system_type: str
    source: str


VIEWS: Mapping[str, Mapping[str, UiOutput]] = {
    "Reporter": {
        "page": UiOutput("system.HTML", f"report/{PAGE}"),
        "summary": UiOutput("system.Markdown", f"report/{VERDICT_TEXT}"),
    }
}


@dataclass(frozen=True)
class Target:
    """Where and with which image a compiled pipeline runs.

    Attributes:
        image: container image of every step.
        serving: folder that blessed models are pushed to, as a path in the containers.
        examples: folder with `Split-train/` and `Split-eval/`; None makes it a parameter of the submitted run.
        root: URI below which the engine stores artifacts; None for the engine's default.
        volume: "CLAIM:/path", a persistent volume claim and its mount path in every container.
        beam_args: Beam options of every step, in addition to those of a local run.
    """

    image: str
    serving: str
    examples: str | None = None
    root: str | None = None
    volume: str | None = None
    beam_args: tuple[str, ...] = ()


Json = dict[str, Any]


def compile_pipeline(config: RunConfig, target: Target) -> str:
    """Return the specification as YAML: one document, and a second one for Kubernetes if there is a volume."""
    plan = _plan(config, target)
    runner_config = KubeflowV2DagRunnerConfig(
        default_image=target.image, default_commands=list(COMMAND), use_pipeline_spec_2_1=True
    )
    compiled = KubeflowV2DagRunner(runner_config).run(create_pipeline(plan), write_out=False)
    spec = _portable(compiled["pipelineSpec"], plan.parameters)
    if config.policy.waivers:
        spec["root"]["dag"]["tasks"][GATE]["cachingOptions"] = {"enableCache": False}
    if target.root:
        spec["defaultPipelineRoot"] = target.root
    documents = [spec, _mounts(spec, target.volume)] if target.volume else [spec]
    return str(yaml.safe_dump_all(documents, sort_keys=True, allow_unicode=True, width=130))


def _plan(config: RunConfig, target: Target) -> PipelinePlan:
    defaults = {"examples": target.examples, "policy": config.policy.model_dump_json(), "train_args": '{"splits": ["train"]}'}
    parameters = {name: RuntimeParameter(name=name, ptype=str, default=defaults[name]) for name in PARAMETERS}
    return PipelinePlan(
        config=config,
        examples=ImportExamples(folder=parameters["examples"]),
        source="generated sample" if config.input.generated else "canonical examples",
        generated=config.input.generated,
        root=target.root or "",
        serving=target.serving,
        beam_args=BEAM_ARGS + target.beam_args,
        parameters=parameters,
        counted=counted(Path(target.examples) if target.examples else None),
        today=None,
    )


def _portable(spec: Json, parameters: Mapping[str, RuntimeParameter]) -> Json:
    """Change the specification in place, as this module's docstring lists it."""
    executors = spec["deploymentSpec"]["executors"]
    for name, component in spec["components"].items():
        container = executors[component["executorLabel"]]["container"]
        views = VIEWS.get(name, {})
        interface = Interface(
            inputs=_tfx_types(component.get("inputDefinitions", {})),
            outputs=_tfx_types(component.get("outputDefinitions", {})),
            views={output: view.source for output, view in views.items()},
        )
        arguments = _parameters_only(container["args"])
        container["args"] = ["--interface", interface.model_dump_json(exclude_defaults=True), *arguments]
        for definitions in (component.get("inputDefinitions", {}), component.get("outputDefinitions", {})):
            for artifact in definitions.get("artifacts", {}).values():
                artifact["artifactType"] = _system_type(SYSTEM_TYPES.get(_title(artifact), SYSTEM_ARTIFACT))
        for output, view in views.items():
            component["outputDefinitions"]["artifacts"][output] = {"artifactType": _system_type(view.system_type)}
    for constant in _constants(spec):
        constant["constant"] = _by_package(constant["constant"])
    for name, defined in spec["root"]["inputDefinitions"]["parameters"].items():
        if parameters[name].default is not None:
            defined["defaultValue"] = parameters[name].default
    return spec


def _tfx_types(definitions: Json) -> dict[str, str]:
    return {key: _title(artifact) for key, artifact in sorted(definitions.get("artifacts", {}).items())}


def _title(artifact: Json) -> str:
    return str(yaml.safe_load(artifact["artifactType"]["instanceSchema"])["title"])


def _system_type(title: str) -> Json:
    return {"schemaTitle": title, "schemaVersion": SCHEMA_VERSION}


def _parameters_only(arguments: list[str]) -> list[str]:
    """Return the arguments without the artifact types, which the interface holds."""
    types = arguments.index(INPUT_TYPES) + 1
    parameters = {"parameters": json.loads(arguments[types]).get("parameters", {})}
    return [*arguments[:types], json.dumps(parameters, sort_keys=True), *arguments[types + 1 :]]


def _constants(spec: Json) -> Iterator[Json]:
    for task in spec["root"]["dag"]["tasks"].values():
        for value in task.get("inputs", {}).get("parameters", {}).values():
            if "runtimeValue" in value:
                yield value["runtimeValue"]


def _by_package(value: Any) -> Any:
    """Return the path of one of our files relative to its package, the same on every machine."""
    folder = f"{Path(data.__path__[0])}/"
    if not isinstance(value, str) or not value.startswith(folder):
        return value
    return f"{PACKAGE}{data.__name__}/{value.removeprefix(folder)}"


def _mounts(spec: Json, volume: str) -> Json:
    """Return the Kubernetes settings beside the specification: the volume, mounted in every container."""
    claim, _, path = volume.partition(":")
    mount = {"pvcMount": [{"constant": claim, "mountPath": path}]}
    executors = {name: deepcopy(mount) for name in spec["deploymentSpec"]["executors"]}  # one value would become YAML aliases
    return {"platforms": {"kubernetes": {"deploymentSpec": {"executors": executors}}}}
