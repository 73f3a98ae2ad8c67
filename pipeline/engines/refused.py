"""Runners of Beam that end without an error and with wrong numbers. Imports nothing heavy."""

import argparse
from collections.abc import Sequence

from fairgate.errors import InputError

# Runner -> what is known of it; seen with Beam 2.59 and 2.77.
_REFUSED = {
    "dask": "it loses what bundles write at their end and computes one branch of a graph alone (Beam 2.77), or groups keys in "
    "each process by itself (2.59)",
    "pyspark": "beam-pyspark-runner 0.0.3 does not start under Beam 2.59, and nobody has shown right numbers of it",
    "ray": "ray-beam 0.0.1 does not start under Beam 2.59, and nobody has shown right numbers of it",
}
DIRECT = ("direct", "bundlebaseddirect", "switchingdirect")


def runner_of(beam_args: Sequence[str]) -> str:
    """Return the runner that Beam options name, in lower case, without its package and the word "runner"; the last one counts."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=True)
    parser.add_argument("--runner", default="DirectRunner")
    named = str(parser.parse_known_args(list(beam_args))[0].runner)
    return named.rpartition(".")[2].lower().removesuffix("runner")


def is_direct(beam_args: Sequence[str]) -> bool:
    """Return whether Beam's pipelines run on this machine in processes of the run's own, so that no worker has to be asked."""
    return runner_of(beam_args) in DIRECT


def require_sound(beam_args: Sequence[str]) -> None:
    """Check that the runner is none of those that are silently wrong.

    Raises:
        InputError: it is one.
    """
    runner = runner_of(beam_args)
    if runner in _REFUSED:
        raise InputError(
            f"--runner={runner}: refused, for its numbers cannot be trusted: {_REFUSED[runner]}. "
            "Use --engine flink://HOST:8081, --engine spark://HOST:7077, or no runner at all."
        )
