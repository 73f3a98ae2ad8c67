"""What each container of a compiled pipeline runs: one step of the graph, on Kubeflow Pipelines v2 or on Vertex AI.

`python -m pipeline.kubeflow.entry` takes the arguments of TFX's own entry point, and calls it. That one was made for Vertex AI;
Kubeflow's driver and launcher differ in what is evened out here, before the call and after it:

* an input comes without a type, an output with a `system.*` one: the TFX types are in `--interface`, where the compiler put them;
* the launcher has put the files of `minio://bucket/…` at `/minio/bucket/…`, and uploads from there what a step leaves;
* an artifact of examples may name a folder of a volume, where they lie, instead of holding them;
* an output that the Kubeflow UI shows is one file, not a folder: it is copied out of the step's report.

In: the executor input, as JSON on the command line. Out: artifacts, and the executor output in the file that the input names.
"""

import argparse
import json
import logging
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from components.artifacts.imported import resolved
from fairgate.errors import InputError

MODULE = "pipeline.kubeflow.entry"
MOUNTS = "FAIRGATE_MOUNTS"  # names the folder in which minio/, s3/ and gcs/ lie, where it is not the launcher's, /
FOLDERS = {"minio": "minio", "s3": "s3", "gs": "gcs"}
PACKAGE = "package:"  # begins the path of a file inside one of our packages, wherever that is installed
INPUT_ERROR = 3

Json = dict[str, Any]


class Interface(BaseModel):
    """What TFX must know of a step, and only the compiler knew.

    Attributes:
        inputs, outputs: artifact -> its TFX type, as in "tfx.Examples".
        views: output that the Kubeflow UI shows -> the file of which it is a copy, "output/path in it".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    inputs: dict[str, str] = {}
    outputs: dict[str, str] = {}
    views: dict[str, str] = {}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step and return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.environ["_KFP_RUNTIME"] = "true"  # with it `import kfp` leaves out compiler and client, which no step needs
    given, beam_args = _parser().parse_known_args(arguments)
    interface = Interface.model_validate_json(given.interface)
    asked = json.loads(given.json_serialized_invocation_args)
    step = localized(asked, interface, Path(os.environ.get(MOUNTS, "/")))
    output = Path(step["outputs"]["outputFile"])
    try:
        _execute(step, given, beam_args)
        _copy_views(asked, step, interface, Path(os.environ.get(MOUNTS, "/")))
    except InputError as error:
        sys.stderr.write(f"Error: {error}\n")
        return INPUT_ERROR
    answer = restored(json.loads(output.read_text(encoding="utf-8")), asked)
    output.write_text(json.dumps(answer, indent=1, sort_keys=True), encoding="utf-8")
    return 0


def local_path(uri: str, mounts: Path) -> str:
    """Where a file of an object store lies in the container; any other URI or path stays as it is."""
    scheme, separator, rest = uri.partition("://")
    return str(mounts / FOLDERS[scheme] / rest) if separator and scheme in FOLDERS else uri


def localized(asked: Json, interface: Interface, mounts: Path) -> Json:
    """Return the executor input as TFX can take it: TFX's types, paths of this container, no output that TFX does not know."""
    step = deepcopy(asked)
    for kind, types in (("inputs", interface.inputs), ("outputs", interface.outputs)):
        part = step.setdefault(kind, {})
        part["artifacts"] = {key: value for key, value in part.get("artifacts", {}).items() if key in types}
        for key, listed in part["artifacts"].items():
            for artifact in listed.get("artifacts", []):
                artifact["type"] = {"schemaTitle": types[key]}
                uri = local_path(artifact["uri"], mounts)
                artifact["uri"] = resolved(uri) if kind == "inputs" else uri
    step["outputs"]["outputFile"] = local_path(step["outputs"]["outputFile"], mounts)
    values = step["inputs"].get("parameterValues", {})
    step["inputs"]["parameterValues"] = {key: _resolved(value) for key, value in values.items()}
    return step


def restored(output: Json, asked: Json) -> Json:
    """The executor output with the URIs that the engine had asked for, in place of paths in the container."""
    output = deepcopy(output)
    for key, listed in output.get("artifacts", {}).items():
        for artifact, wanted in zip(listed["artifacts"], asked["outputs"]["artifacts"][key]["artifacts"], strict=True):
            artifact["uri"] = wanted["uri"]
    return output


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--executor_class_path", default="", help="module and class of the step's executor")
    parser.add_argument("--json_serialized_invocation_args", required=True, help="the executor input")
    parser.add_argument("--json_serialized_inputs_spec_args", default="", help="types of the parameters")
    parser.add_argument("--interface", required=True, help="an Interface, as JSON; everything else goes to Beam")
    return parser


def _resolved(value: Any) -> Any:
    """The path in this container of a file that is named by its package."""
    if not isinstance(value, str) or not value.startswith(PACKAGE):
        return value
    package, _, inner = value.removeprefix(PACKAGE).partition("/")
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise InputError(f"{value}: the image has no package {package}; build it with `make image`.")
    return str(Path(found.submodule_search_locations[0]) / inner)


def _execute(step: Json, given: argparse.Namespace, beam_args: Sequence[str]) -> None:
    from tfx.orchestration.kubeflow.v2.container import kubeflow_v2_run_executor

    namespace = argparse.Namespace(**{**vars(given), "json_serialized_invocation_args": json.dumps(step)})
    kubeflow_v2_run_executor.main((namespace, list(beam_args)))


def _copy_views(asked: Json, step: Json, interface: Interface, mounts: Path) -> None:
    for view, source in interface.views.items():
        output, _, file = source.partition("/")
        target = Path(local_path(_uri(asked, view), mounts))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(_uri(step, output), file), target)


def _uri(step: Mapping[str, Any], output: str) -> str:
    return str(step["outputs"]["artifacts"][output]["artifacts"][0]["uri"])


if __name__ == "__main__":
    sys.exit(main())
