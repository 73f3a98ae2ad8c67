"""Refuse Beam options that nobody reads: Beam drops a name that it does not know, with a line in its log.

In: the options of `--beam-arg`, and the names that a job server knows beside Beam's Python. Out: nothing, or an InputError with
the nearest name that there is. Imports Beam.
"""

import argparse
from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches

from apache_beam.options.pipeline_options import PipelineOptions

from fairgate.errors import InputError
from pipeline.engines.refused import DIRECT, runner_of

_IN_PYTHON = (*DIRECT, "dataflow")  # runners whose options are all known to Beam's Python
_EMBEDDED = "embed"  # a job endpoint: Beam's own job service, in this process


def job_endpoint(beam_args: Sequence[str]) -> str:
    """Return the address of the job server that Beam options name, as "HOST:PORT"; empty where they name none."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--job_endpoint", default="")
    named = str(parser.parse_known_args(list(beam_args))[0].job_endpoint)
    return "" if named == _EMBEDDED else named


def require_known_offline(beam_args: Sequence[str]) -> None:
    """Check the options of a runner that needs no job server; those of others pass. Raises InputError as `require_known`."""
    if runner_of(beam_args) in _IN_PYTHON:
        require_known(beam_args)


def require_known(beam_args: Sequence[str], served: Iterable[str] = ()) -> None:
    """Check that somebody reads each option, and that its value can be read.

    Args:
        beam_args: Beam options, as typed.
        served: names of the options that the job server knows, without dashes.

    Raises:
        InputError: an option has no such name, or not such a value.
    """
    unread: list[str] = []

    def read(parser: argparse.ArgumentParser) -> None:
        for name in served:
            with suppress(argparse.ArgumentError):  # Python knows it too
                parser.add_argument(f"--{name}", nargs="?")
        parser.exit_on_error = False  # else it ends the process, with 2
        try:
            unread.extend(parser.parse_known_args(list(beam_args))[1])
        except argparse.ArgumentError as error:
            raise InputError(f"--beam-arg: {error}; correct the value, or leave the option out.") from None

    known = PipelineOptions([]).get_all_options(add_extra_args_fn=read)
    if unread:
        raise InputError(_remedied(unread, known))


def _remedied(unread: Sequence[str], known: Iterable[str]) -> str:
    option = next((word for word in unread if word.startswith("-")), "")
    if not option:
        return f"--beam-arg={unread[0]}: an option of Beam begins with two dashes, as in --beam-arg=--direct_num_workers=2."
    name, equals, value = option.partition("=")
    near = get_close_matches(name.lstrip("-"), list(known), 1)
    remedy = f"type --beam-arg=--{near[0]}{equals}{value}" if near else "correct its name, or leave it out"
    return f"--beam-arg={option}: Beam and its job server have no option {name}, and would ignore it; {remedy}."
