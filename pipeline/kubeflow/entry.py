"""The entry point of every container of a compiled pipeline: run one step, on Kubeflow Pipelines v2 or on Vertex AI.

`python -m pipeline.kubeflow.entry` takes the arguments of TFX's own entry point, and calls it. TFX's was made for Vertex AI;
this module handles the differences of Kubeflow's driver and launcher, before and after the call:

* an input has no type, an output a `system.*` type: the TFX types are in `--interface`, written by the compiler;
* the launcher stores the files of `minio://bucket/…` at `/minio/bucket/…`, and uploads a step's outputs from there;
* an artifact of examples may name a folder of a volume instead of holding the examples;
* an output that the Kubeflow UI shows is one file, not a folder: it is copied from the step's report.

In: the executor input, as JSON on the command line. Out: artifacts, and the executor output in the file that the input names.
"""

import argparse
import json
import logging
import os
import shutil
import sys
import traceback
from collections.abc import Mapping, Sequence
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from components.artifacts.imported import resolved
from fairgate.cli.exit_codes import CRASHED, INPUT_ERROR
from fairgate.errors import InputError
from pipeline import faults

MODULE = "pipeline.kubeflow.entry"
MOUNTS = "FAIRGATE_MOUNTS"  # names the folder of minio/, s3/ and gcs/, if it is not the launcher's, /
FOLDERS = {"minio": "minio", "s3": "s3", "gs": "gcs"}
ADVICE = faults.Advice(
    space="Give the pod, or the volume, more",
    kept="finished steps come from the cache when the pipeline is submitted again",
    files="Restore them under this path, or check that the volume that holds them is mounted there in every container (--volume)",
)
PACKAGE = "package:"  # prefix of the path of a file in one of our packages, relative to the package

Json = dict[str, Any]


class Interface(BaseModel):
    """What TFX must know of a step and only the compiler knows.

    Attributes:
        inputs, outputs: artifact -> its TFX type, as in "tfx.Examples".
        views: output that the Kubeflow UI shows -> the file that is copied to it, "output/path in it".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    inputs: dict[str, str] = {}
    outputs: dict[str, str] = {}
    views: dict[str, str] = {}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step and return the exit code: 0, 3 with one line for what a user can fix, 70 with the traceback of a crash."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.environ["_KFP_RUNTIME"] = "true"  # makes `import kfp` skip compiler and client, which no step needs
    given, beam_args = _parser().parse_known_args(arguments)
    interface = Interface.model_validate_json(given.interface)
    asked = json.loads(given.json_serialized_invocation_args)
    mounts = Path(os.environ.get(MOUNTS, "/"))
    try:
        _run(asked, interface, mounts, given, beam_args)
    except Exception as error:
        explained = faults.explain(error, Path(local_path(asked["outputs"]["outputFile"], mounts)).parent, ADVICE)
        if explained is None:
            traceback.print_exc()
            return CRASHED
        sys.stderr.write(f"Error: {explained}\n")
        return INPUT_ERROR
    return 0


def _run(asked: Json, interface: Interface, mounts: Path, given: argparse.Namespace, beam_args: Sequence[str]) -> None:
    step = localized(asked, interface, mounts)
    output = Path(step["outputs"]["outputFile"])
    _execute(step, given, beam_args)
    _copy_views(asked, step, interface, mounts)
    answer = restored(json.loads(output.read_text(encoding="utf-8")), asked)
    output.write_text(json.dumps(answer, indent=1, sort_keys=True), encoding="utf-8")


def local_path(uri: str, mounts: Path) -> str:
    """Return the path of an object-store file in the container; any other URI or path is unchanged."""
    scheme, separator, rest = uri.partition("://")
    return str(mounts / FOLDERS[scheme] / rest) if separator and scheme in FOLDERS else uri


def localized(asked: Json, interface: Interface, mounts: Path) -> Json:
    """Return the executor input for TFX: with TFX's types, paths of this container, and only outputs that TFX knows."""
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
    """Return the executor output with the URIs that the engine asked for instead of paths in the container."""
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
    """Return the path in this container of a file that is named by its package."""
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
