"""How the workers of a run are started, by its Beam options, and what to type so that they are like it. Imports nothing heavy."""

import argparse
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """Beam's environment of a run.

    Attributes:
        kind: PROCESS, EXTERNAL, DOCKER, LOOPBACK, or empty where the options say nothing.
        config: what belongs to it: a command, an address, an image.
        job_name: the names of the run's jobs begin so; empty where the job server names them.
    """

    kind: str
    config: str
    job_name: str = ""

    @classmethod
    def from_args(cls, beam_args: Sequence[str]) -> "Environment":
        """Return the environment that Beam options name; the last one counts."""
        parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        parser.add_argument("--environment_type", default="")
        parser.add_argument("--environment_config", default="")
        parser.add_argument("--job_name", default="")
        given, _ = parser.parse_known_args(list(beam_args))
        return cls(given.environment_type.upper(), given.environment_config, given.job_name)

    def same_python(self) -> str:
        """Return what starts workers with the Python of this run."""
        folder = Path(sys.executable).parent
        if self.kind == "PROCESS":
            command = f'{{"command": "{folder / "fairgate-worker"}"}}'
            return f"start it with --beam-arg='--environment_config={command}', a path that its host must have"
        if self.kind == "EXTERNAL":
            port = self.config.rpartition(":")[2] or "50000"
            pool = f"python -m apache_beam.runners.worker.worker_pool_main --service_port={port}"
            return f"its pool starts the first `python` on its PATH: start the pool with `PATH={folder}:$PATH {pool}`"
        return "build its image from this checkout, with this run's version of Python"

    def causes_of_silence(self) -> str:
        """Return why no worker may have answered, the likely causes first."""
        no_slot = "the cluster has no free slot (another run may hold them all)"
        if self.kind == "PROCESS":
            command = f"--environment_config={self.config}"
            own = f"not Python {platform.python_version()} with this run's Beam"  # Flink then logs Beam's refusal, and waits
            return f"{no_slot}; {command} names a command that a host does not have, that ends at once there, or that is {own}"
        if self.kind == "EXTERNAL":
            return f"no pool serves at {self.config}, as the cluster's hosts see it; {self.same_python()}; {no_slot}"
        return f"{no_slot}; its image does not start"
