"""Check the workers of a run before anything else: their Python, packages, source, user, and what they see of the run's files.

In: the Beam options of the run, its root and its inputs. Out: the workers that answered, or an InputError with one sentence per
difference. A small Beam pipeline with the same options asks each worker.

Its answers come back as names of Beam's counters, for those are the one thing that every runner returns without a folder that it
shares with the run, and whether there is one is asked. Where it is shared, a worker also leaves its answer there as a file: that
shows a difference at once, and who has answered when the rest does not.
"""

import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fairgate.errors import InputError, os_reason
from fairgate.text import plural
from pipeline import faults
from pipeline.engines import answers, flink_rest
from pipeline.engines.address import EngineCluster
from pipeline.engines.answers import Answer, WorkerQuestion
from pipeline.engines.choice import WORKER_DEADLINE
from pipeline.engines.differences import differences
from pipeline.engines.environment import Environment
from pipeline.engines.rest import RestError

ELEMENTS = 256  # enough that each of some 40 workers takes one: they are spread at random
GRACE = 5.0  # seconds for the other workers' answers after one that differs
_POLL = 0.2
_CANCEL = 10.0  # seconds for the job server to take the order
_PREFIX = ".workers-"


@dataclass(frozen=True)
class WorkersSeen:
    """The workers that answered, without a difference.

    Attributes:
        hosts: their names, sorted.
        workers: number of processes.
        seconds: that the answers took, the start of the workers included.
    """

    hosts: tuple[str, ...]
    workers: int
    seconds: float


def check_workers(
    beam_args: Sequence[str],
    root: Path,
    inputs: Sequence[Path],
    *,
    deadline: float = WORKER_DEADLINE,
    cluster: EngineCluster | None = None,
) -> WorkersSeen:
    """Ask every worker that takes work, and compare its answers with this process.

    Args:
        beam_args: the Beam options of the run, all of them.
        root: the run's folder, which exists and is locked.
        inputs: files and folders that workers are to read.
        deadline: seconds after which the job is cancelled.
        cluster: gets the jobs; Flink is asked for the state of a job that does not end, and cancels it.

    Raises:
        InputError: a worker differs, none answers within the deadline, or the job fails.
    """
    started, environment = time.monotonic(), Environment.from_args(beam_args)
    with _shared_folder(root) as (folder, token):
        question = WorkerQuestion(str(folder), token, tuple(map(str, inputs)))
        own = answers.own_answer(question)
        job = _Job(beam_args, question)
        job.start()
        found = _wait(job, folder, started + deadline, lambda found: differences(found, own, root, environment))
        problems = differences(found, own, root, environment)
        state = _stopped(job, environment, cluster)
    if problems:
        raise InputError("\n".join(problems))
    if job.error is not None and not state:  # else it is that it was cancelled
        raise _failure(job.error, root) from job.error
    if state or not found:
        raise InputError(_silence(found, state, deadline, environment))
    hosts = {answer.host for answer in found}
    return WorkersSeen(tuple(sorted(hosts)), len(found), time.monotonic() - started)


@contextmanager
def _shared_folder(root: Path) -> Iterator[tuple[Path, str]]:
    """Make a folder in the root as a step does, with a token in it; yield both, and remove it.

    Its name has never been used, so that no network file system remembers that it was not there.
    """
    token = secrets.token_hex(16)
    folder = root / f"{_PREFIX}{token[:8]}"
    for left in root.glob(f"{_PREFIX}*"):  # by runs that were killed; this one holds the root
        shutil.rmtree(left, ignore_errors=True)
    try:
        folder.mkdir()
        (folder / answers.TOKEN).write_text(token, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{root}: cannot be written ({os_reason(error)}); name another folder with --root FOLDER.") from error
    try:
        yield folder, token
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Job(threading.Thread):
    """The small pipeline, in a thread that nobody has to wait for.

    Attributes:
        error: what ended it; None while it runs, and if it ended well.
    """

    def __init__(self, beam_args: Sequence[str], question: WorkerQuestion) -> None:
        super().__init__(daemon=True, name="check of the workers")
        self.error: Exception | None = None
        self._beam_args, self._question = list(beam_args), question
        self._result: Any = None
        self._counters: list[str] = []
        self._given_up = False

    def run(self) -> None:
        """Submit the pipeline and wait for its end."""
        try:
            self._result = _submit(self._beam_args, self._question)
            if self._given_up:
                self._result.cancel()
            self._result.wait_until_finish()
            self._counters = _counters(self._result)
        except Exception as error:
            self.error = error

    def answers(self) -> dict[str, Answer]:
        """Return the answers in the counters, by process; none before the job has ended well."""
        found = [Answer.from_json(name) for name in self._counters]
        return {answer.process: answer for answer in found}

    def cancel(self) -> str:
        """Cancel the job; return the state that it was in, as far as the job server answers in time."""
        self._given_up = True
        if self._result is None:
            return "Beam's job server has not taken the job"
        states: list[str] = []
        order = threading.Thread(target=self._cancel, args=(states,), daemon=True)  # a job server that hangs must not hold us
        order.start()
        order.join(_CANCEL)
        return f"Beam's job was {states[0]}" if states else "Beam's job server does not answer"

    def _cancel(self, states: list[str]) -> None:
        with suppress(Exception):
            states.append(str(self._result.state))
            self._result.cancel()


def _submit(beam_args: Sequence[str], question: WorkerQuestion) -> Any:
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions

    root = beam.Pipeline(options=PipelineOptions(list(beam_args)))
    _ = (
        root
        | "Number elements" >> beam.Create(range(ELEMENTS))
        | "Spread elements" >> beam.Reshuffle()
        | "Ask worker" >> beam.FlatMap(answers.ask, question).with_output_types(int)
    )
    return root.run()


def _counters(result: Any) -> list[str]:
    from apache_beam.metrics import MetricsFilter

    found = result.metrics().query(MetricsFilter().with_namespace(answers.NAMESPACE))["counters"]
    return [counter.key.metric.name for counter in found]


def _wait(job: _Job, folder: Path, until: float, differ: Callable[[Sequence[Answer]], object]) -> Sequence[Answer]:
    """Wait for the job's end, the deadline, or a little longer than for an answer that differs; return one answer per process."""
    arrived: dict[str, Answer] = {}
    hurried = False
    while job.is_alive() and time.monotonic() < until:
        job.join(_POLL)
        arrived.update(_left(folder))
        if not hurried and differ(list(arrived.values())):
            hurried, until = True, min(until, time.monotonic() + GRACE)
    counted = {process: _readable(answer, folder) for process, answer in job.answers().items()}
    return list({**arrived, **counted}.values())


def _left(folder: Path) -> dict[str, Answer]:
    """Return the answers that workers have left in the folder, by process."""
    found = {}
    for path in folder.glob("[!.]*"):
        if path.name != answers.TOKEN:
            with suppress(OSError):  # another user's file: its counter says the same
                found[path.name] = Answer.from_json(path.read_text(encoding="utf-8"))
    return found


def _readable(answer: Answer, folder: Path) -> Answer:
    """Return the answer, with the fault that its file has for this process."""
    if answer.root == answers.SEEN:
        try:
            (folder / answer.process).read_bytes()
        except OSError as error:
            return replace(answer, root=f"files are written that this run cannot read ({os_reason(error)})")
    return answer


def _stopped(job: _Job, environment: Environment, cluster: EngineCluster | None) -> str:
    """Cancel a job that has not ended; return what is known of its state, empty if it has ended.

    Raises:
        InputError: Flink does not answer any more.
    """
    if not job.is_alive():
        return ""
    words = ""
    if cluster is not None and cluster.kind == "flink" and environment.job_name:
        try:
            found = flink_rest.job_state(cluster, environment.job_name)
        except RestError as error:
            job.cancel()
            raise InputError(
                f"{cluster}: the job manager does not answer any more ({error}); start it again. The same command goes on then."
            ) from None
        words = found.words if found else "Flink has not got the job"
    cancelled = job.cancel()
    if cluster is not None and cluster.kind == "flink" and environment.job_name:
        flink_rest.cancel(cluster, environment.job_name)  # Beam's job server forgets a batch job and leaves it to the cluster
    return words or cancelled


def _failure(error: Exception, root: Path) -> InputError:
    return faults.explain(error, root) or InputError(f"the workers could not do a small piece of work: {error}")


def _silence(found: Sequence[Answer], state: str, deadline: float, environment: Environment) -> str:
    """Return what is known of a job that has not ended, or that nobody has answered in."""
    hosts = ", ".join(sorted({answer.host for answer in found}))
    who = f"{plural(len(found), 'worker')} ({hosts}) answered, but not all" if found else "no worker has answered"
    if not state:
        return f"{who}, though the job has ended: this runner returns no counters, and so cannot be checked; use --engine."
    longer = "or the workers start slowly: allow more seconds with --worker-deadline SECONDS"
    return f"{who} within {deadline:g} s; {state}. Likely causes: {environment.causes_of_silence()}; {longer}."
