"""Execute a compiled pipeline with Kubeflow's own local engine, every step in a container of its image.

`python run.py PIPELINE --root FOLDER --volume VOLUME:/path --set NAME=VALUE`, in the environment of this folder and beside
docker, or an engine that speaks its interface (DOCKER_HOST). Containers see two folders: FOLDER, where the engine keeps
artifacts, and the volume, which stands for the claim that a cluster mounts.
Prints kfp's log and the log of each step; ends with 1 and the step's name when one fails.
"""

import argparse
import sys

from docker.types import Mount
from kfp import components, local


def main() -> int:
    """Run it and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pipeline", help="what `fairgate kubeflow compile` wrote")
    parser.add_argument("--root", required=True, help="folder of the artifacts")
    parser.add_argument("--volume", required=True, help="VOLUME:/path of the engine")
    parser.add_argument("--set", action="append", default=[], help="NAME=VALUE, a parameter of the run")
    given = parser.parse_args()
    name, _, path = given.volume.partition(":")
    runner = local.DockerRunner(mounts=[Mount(path, name, type="volume")])
    local.init(runner, pipeline_root=given.root)
    compiled = components.load_component_from_file(given.pipeline)
    try:
        compiled(**dict(item.split("=", 1) for item in given.set))
    except RuntimeError as error:  # a step that failed, by name
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
