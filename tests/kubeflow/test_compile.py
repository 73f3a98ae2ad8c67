"""The compiled specification: golden files, Kubeflow's own schema, what may not be in it.

`make golden` rewrites the golden files. Both stacks share them: what differs between stacks and between versions of our source
is replaced by a word in <>.
"""

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairgate.gate.waivers import Waiver
from pipeline import config as configuration
from pipeline.kubeflow.compile import VIEWS, Target, compile_pipeline

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"
TASKS = ("civil-comments", "fashion-mnist", "digits")
NETWORK = ("training.model=dnn", "training.embedding=/mnt/fairgate/embedding")
TRAINERS = ("TrainerBaseline", "TrainerCandidate", "TrainerReference")
TARGET = Target(
    "example.org/fairgate:1", "/mnt/fairgate/serving", root="minio://fairgate/artifacts", volume="fairgate:/mnt/fairgate"
)
VOLATILE = {
    r'"_slice_sqls": null, ': "",  # an option of older TFDV, which has it among the options of StatisticsGen
    r"^tfx-[0-9.]+$": "tfx-<version>",  # sdkVersion
    # These change with the source of a step, and with any default; one of them stands in JSON that is a value of JSON.
    r'(\\?"(?:source|config)_digest\\?": ?\\?")[0-9a-f]+': r"\1<digest>",
    r"^sha256:[0-9a-f]{64}$": "<digest>",  # of a schema
    r"^[0-9a-f]{16}$": "<digest>",  # the first, as a parameter of its own
}

Json = dict[str, Any]


def compiled(task: str, settings: tuple[str, ...] = ()) -> str:
    """A task's specification."""
    return compile_pipeline(configuration.load(task, configuration.Overrides(settings=settings)), TARGET)


first_compiled = cache(compiled)


@pytest.fixture(params=TASKS)
def task(request: pytest.FixtureRequest) -> str:
    """Each task."""
    return str(request.param)


@pytest.fixture
def text(task: str) -> str:
    """Its specification as YAML; compiled once for all tests."""
    return first_compiled(task)


@pytest.fixture
def spec(text: str) -> Json:
    """Its specification, without the part for Kubernetes."""
    found: Json = next(yaml.safe_load_all(text))
    return found


def stable(value: Any) -> Any:
    """A specification without what may differ."""
    if isinstance(value, dict):
        return {key: stable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [stable(inner) for inner in value]
    if isinstance(value, str):
        for pattern, word in VOLATILE.items():
            value = re.sub(pattern, word, value)
    return value


def strings(value: Any) -> Iterator[str]:
    """Every string of a specification."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def test_specification_is_the_golden_one(task: str, text: str) -> None:
    """A change of the graph shows up in a review."""
    found = yaml.safe_dump_all(map(stable, yaml.safe_load_all(text)), sort_keys=True, allow_unicode=True, width=130)
    golden = GOLDEN / f"{task}.yaml"
    if os.environ.get("FAIRGATE_GOLDEN") == "write":
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


def test_same_bytes_when_nothing_changed(task: str, text: str) -> None:
    """So that a diff of two compiled pipelines shows what changed."""
    assert compiled(task) == text


def test_specification_holds_to_kubeflow_s_schema(spec: Json) -> None:
    """Every key and type is one of the protobuf message that the engine reads."""
    from google.protobuf import json_format
    from kfp.pipeline_spec import pipeline_spec_pb2

    parsed = json_format.ParseDict(spec, pipeline_spec_pb2.PipelineSpec())
    assert json_format.MessageToDict(parsed) == spec


def test_kubeflow_s_own_loader_reads_it(task: str, text: str, spec: Json) -> None:
    """With the parameters that are left open, and the volume; n-gram models have no number of batches to choose."""
    from kfp import components as kfp_components

    loaded = kfp_components.load_component_from_text(text)
    batches = () if task == "civil-comments" else ("train_args",)
    assert set(loaded.component_spec.inputs or {}) == {"examples", "policy", *batches}
    assert loaded.pipeline_spec.pipeline_info.name == spec["pipelineInfo"]["name"]
    assert set(loaded.platform_spec.platforms) == {"kubernetes"}


def test_parameters_have_defaults_but_the_examples(spec: Json) -> None:
    """Whoever submits a run must say where the examples are."""
    defined = spec["root"]["inputDefinitions"]["parameters"]
    assert {name for name, parameter in defined.items() if "defaultValue" not in parameter} == {"examples"}
    assert json.loads(defined["policy"]["defaultValue"])["rules"]


def test_networks_train_on_what_transform_wrote_and_their_reference_on_n_grams() -> None:
    found = next(yaml.safe_load_all(compiled("civil-comments", NETWORK)))
    steps = found["root"]["dag"]["tasks"]
    read = {name: steps[name]["inputs"]["artifacts"]["examples"]["taskOutputArtifact"]["producerTask"] for name in TRAINERS}
    assert read == {"TrainerBaseline": "Transform", "TrainerCandidate": "Transform", "TrainerReference": "TextFeatures"}
    chosen = {name: "componentInputParameter" in steps[name]["inputs"]["parameters"]["train_args"] for name in TRAINERS}
    assert chosen == {"TrainerBaseline": True, "TrainerCandidate": True, "TrainerReference": False}


def test_gate_with_waivers_decides_itself_and_is_never_cached(text: str) -> None:
    """The specification may run long after a waiver has expired, and the engine's cache knows no day."""
    config = configuration.load("digits")
    waiver = Waiver.model_validate(
        {"rule": config.policy.rules[0].id, "slice": "overall", "who": "a", "why": "b", "until": "2000-01-01"}
    )
    waived = config.model_copy(update={"policy": config.policy.model_copy(update={"waivers": (waiver,)})})
    for cached, specification in ((True, text), (False, compile_pipeline(waived, TARGET))):
        tasks = next(yaml.safe_load_all(specification))["root"]["dag"]["tasks"]
        assert {name for name, task in tasks.items() if not task["cachingOptions"]["enableCache"]} == (
            set() if cached else {"FairnessGate"}
        )
        settings = json.loads(tasks["FairnessGate"]["inputs"]["parameters"]["settings"]["runtimeValue"]["constant"])
        assert len(settings["waivers"]) == (0 if cached else 1)


def test_no_path_of_this_machine_is_in_it(text: str) -> None:
    """The containers have other folders."""
    assert [found for found in strings(list(yaml.safe_load_all(text))) if str(PROJECT) in found] == []


def test_every_container_runs_our_entry_point_in_the_image(spec: Json) -> None:
    """No step has a driver of its own, which only Vertex AI would call."""
    containers = [executor["container"] for executor in spec["deploymentSpec"]["executors"].values()]
    assert {container["image"] for container in containers} == {TARGET.image}
    assert {tuple(container["command"]) for container in containers} == {("python", "-m", "pipeline.kubeflow.entry")}
    assert [container for container in containers if "lifecycle" in container] == []


def test_views_have_the_types_that_kubeflow_shows(spec: Json) -> None:
    """A page and a text."""
    outputs = spec["components"]["Reporter"]["outputDefinitions"]["artifacts"]
    found = {name: outputs[name]["artifactType"]["schemaTitle"] for name in VIEWS["Reporter"]}
    assert found == {"page": "system.HTML", "summary": "system.Markdown"}
