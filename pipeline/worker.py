"""`fairgate-worker`: the command of Beam's PROCESS environment, what Beam's Go program `boot` is for containers.

A cluster's task manager or executor starts it beside itself, with an id and the address of its provision service, and kills it
when it ends. It asks that service for the options of the pipeline, and becomes Beam's own worker, in the Python that has
fairgate. `docs/engines.md` has the options of a run that name it.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence

from fairgate.errors import InputError

BEAM_WORKER = "apache_beam.runners.worker.sdk_worker_main"
SECONDS = 60  # until the runner must have answered


def main(arguments: Sequence[str]) -> None:
    """Become Beam's worker; does not return.

    Raises:
        InputError: no runner has started this process, or it does not answer.
    """
    parser = argparse.ArgumentParser(prog="fairgate-worker", description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--id", default="", help="names the worker")
    parser.add_argument("--provision_endpoint", default="", help="address of the runner's provision service")
    given, _ = parser.parse_known_args(arguments)
    if not (given.id and given.provision_endpoint):
        raise InputError(
            "fairgate-worker is started by a Beam runner, with --id and --provision_endpoint: name its path in "
            '--environment_config={"command": "PATH"}, with --environment_type=PROCESS.'
        )
    environment = {**os.environ, **provided(given.id, given.provision_endpoint)}
    os.execve(sys.executable, [sys.executable, "-m", BEAM_WORKER], environment)  # noqa: S606  # no shell is wanted


def provided(worker: str, endpoint: str, seconds: float = SECONDS) -> Mapping[str, str]:
    """Return what Beam's worker reads from its environment, as the runner provides it.

    Args:
        worker: names the worker.
        endpoint: "HOST:PORT" of the provision service.
        seconds: time limit for its answer.

    Raises:
        InputError: it does not answer.
    """
    import grpc
    from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc
    from apache_beam.runners.worker.worker_id_interceptor import WorkerIdInterceptor
    from google.protobuf import json_format, text_format

    with grpc.insecure_channel(endpoint) as channel:
        service = beam_provision_api_pb2_grpc.ProvisionServiceStub(grpc.intercept_channel(channel, WorkerIdInterceptor(worker)))
        try:
            info = service.GetProvisionInfo(beam_provision_api_pb2.GetProvisionInfoRequest(), timeout=seconds).info
        except grpc.RpcError as error:
            raise InputError(
                f"worker {worker}: the runner at {endpoint} does not answer within {seconds:g} s ({error.code().name})."
            ) from None
    return {
        "WORKER_ID": worker,
        "PIPELINE_OPTIONS": json_format.MessageToJson(info.pipeline_options),
        "LOGGING_API_SERVICE_DESCRIPTOR": text_format.MessageToString(info.logging_endpoint),
        "CONTROL_API_SERVICE_DESCRIPTOR": text_format.MessageToString(info.control_endpoint),
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
        "SEMI_PERSISTENT_DIRECTORY": tempfile.gettempdir(),
    }
