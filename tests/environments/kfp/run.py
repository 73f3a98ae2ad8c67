"""Execute a compiled pipeline with Kubeflow's own local engine, every step in a container of its image.

`python run.py PIPELINE --root FOLDER --volume VOLUME:/path --set NAME=VALUE`, in the environment of this folder and beside
docker, or an engine that speaks its interface (DOCKER_HOST). Containers see two folders: FOLDER, where the engine keeps
artifacts, and the volume, which stands for the claim that a cluster mounts.
Prints kfp's log and the log of each step. The exit code is that of `fairgate run`: 0 blessed, 1 refused, 2 inconclusive, or the
code of the container that failed.
"""

import argparse
import functools
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docker
from docker import DockerClient
from docker.types import Mount
from kfp import components, local
from kfp.local import docker_task_handler

EXIT_CODES = {"blessed": 0, "refused": 1, "inconclusive": 2}
SECONDS = 600  # for an answer of the engine, which may take a minute on a busy machine
FAILED = 70  # a failure outside of the containers
VERDICT = "*/*/verdict/verdict.json"  # below the root: pipeline and time, gate, output

_codes: list[int] = []  # of the containers that have ended, in their order


def run_container(client: DockerClient, image: str, command: list[str], volumes: Mapping[str, Any], **options: Any) -> int:
    """Run a container to its end, print its log and return its exit code.

    Takes the place of kfp's own function, which lets the engine remove the container before it asks for the code, and takes
    a container that is gone for one that succeeded.
    """
    container = client.containers.run(image, command, detach=True, volumes=volumes, **options)
    try:
        for line in container.logs(stream=True):
            print(line.decode(errors="replace"), end="")
        _codes.append(int(container.wait()["StatusCode"]))
    finally:
        container.remove(force=True)
    return _codes[-1]


def verdict_of(root: Path) -> Path:
    """Return the verdict that was written last."""
    return max(root.glob(VERDICT), key=lambda path: path.stat().st_mtime)


def main() -> int:
    """Run it and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pipeline", help="what `fairgate kubeflow compile` wrote")
    parser.add_argument("--root", required=True, help="folder of the artifacts")
    parser.add_argument("--volume", required=True, help="VOLUME:/path of the engine")
    parser.add_argument("--set", action="append", default=[], help="NAME=VALUE, a parameter of the run")
    given = parser.parse_args()
    name, _, path = given.volume.partition(":")
    docker.from_env = functools.partial(docker.from_env, timeout=SECONDS)
    docker_task_handler.run_docker_container = run_container
    runner = local.DockerRunner(mounts=[Mount(path, name, type="volume")])
    local.init(runner, pipeline_root=given.root)
    compiled = components.load_component_from_file(given.pipeline)
    try:
        compiled(**dict(item.split("=", 1) for item in given.set))
    except RuntimeError as error:  # a step that failed, by name
        code = _codes[-1] if _codes and _codes[-1] else FAILED
        sys.stderr.write(f"Error: {error} Exit code {code}.\n")
        return code
    verdict = verdict_of(Path(given.root))
    outcome = json.loads(verdict.read_text(encoding="utf-8"))["outcome"]
    print(f"Verdict: {outcome}, in {verdict}")
    return EXIT_CODES[outcome]


if __name__ == "__main__":
    sys.exit(main())
