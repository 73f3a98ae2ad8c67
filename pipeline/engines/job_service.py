"""What a run asks of a job server of Beam, by its own API: the options it knows, the jobs of the run, and their end."""

import logging
from typing import Any

import grpc
from apache_beam.portability.api import beam_job_api_pb2, beam_job_api_pb2_grpc

from pipeline.engines.choice import no_job_server
from pipeline.engines.rest import SECONDS

logger = logging.getLogger(__name__)
_ENDED = tuple(
    getattr(beam_job_api_pb2.JobState, state) for state in ("DONE", "FAILED", "CANCELLED", "STOPPED", "DRAINED", "UPDATED")
)


class JobServerClient:
    """Asks a job server for the jobs of one run, and cancels them.

    Args:
        endpoint: "HOST:PORT".
        job: the names of the run's jobs begin so.
    """

    def __init__(self, endpoint: str, job: str = "") -> None:
        self.job = job
        self._endpoint = endpoint
        self._channel = grpc.insecure_channel(endpoint)
        self._service: Any = beam_job_api_pb2_grpc.JobServiceStub(self._channel)

    def __enter__(self) -> "JobServerClient":
        """Connect with the first call."""
        return self

    def __exit__(self, *raised: Any) -> None:
        """Close the connection."""
        self._channel.close()

    def option_names(self) -> tuple[str, ...]:
        """Return the names of the options that the server knows, without dashes.

        Raises:
            InputError: it does not answer; Beam itself would wait for it as long as for a job.
        """
        try:
            found = self._service.DescribePipelineOptions(beam_job_api_pb2.DescribePipelineOptionsRequest(), timeout=SECONDS)
        except grpc.RpcError as error:
            raise no_job_server(self._endpoint, error.code().name) from None
        return tuple(option.name for option in found.options)

    def unfinished(self) -> tuple[str, ...]:
        """Return the ids of the jobs that have not ended. Raises grpc.RpcError where the server does not answer."""
        found = self._service.GetJobs(beam_job_api_pb2.GetJobsRequest(), timeout=SECONDS).job_info
        return tuple(sorted(each.job_id for each in found if each.job_name.startswith(self.job) and each.state not in _ENDED))

    def cancel(self) -> None:
        """Cancel the jobs that have not ended, as far as the server answers."""
        try:
            for job in self.unfinished():
                self._service.Cancel(beam_job_api_pb2.CancelJobRequest(job_id=job), timeout=SECONDS)
        except grpc.RpcError as error:
            logger.warning("The job server does not cancel: %s", error)
