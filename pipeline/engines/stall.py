"""Notice a cluster that makes no progress, and end the wait for it."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

PERIOD = 5.0  # seconds from look to look
GRACE = 30.0  # seconds in which a cancelled job must have ended
_END = signal.SIGUSR1  # ends system calls too; an interrupt is ignored by what a shell has put in the background
logger = logging.getLogger(__name__)


class StalledError(BaseException):
    """Ends the main thread's wait for a cluster; no `except Exception` of a client catches it."""


@contextmanager
def endable() -> Iterator[None]:
    """Let a watch end the wait of the main thread, which calls this, while the block lasts."""

    def end(*_: object) -> None:
        raise StalledError

    before = signal.signal(_END, end)
    try:
        yield
    finally:
        signal.signal(_END, before)


@dataclass(frozen=True)
class JobState:
    """How far a job has come.

    Attributes:
        measure: numbers that grow while it works, the most important first.
        words: its state, for people.
    """

    measure: tuple[int, ...]
    words: str


@dataclass(frozen=True)
class EngineState:
    """What one look at an engine has found.

    Attributes:
        jobs: ids of this run's jobs that have not ended, as the job server knows them.
        state: how far the cluster has come with them; None where it does not say.
    """

    jobs: tuple[str, ...]
    state: JobState | None


class StallWatch(threading.Thread):
    """Looks at the engine every few seconds, and cancels a job that makes no progress.

    Progress is a job that begins or ends, or a measure of the cluster that exceeds all before: a job that is restarted again
    and again counts its tasks and records anew, and makes none.

    Args:
        look: observes the engine; what it raises counts as a look that has found nothing new.
        cancel: cancels the jobs of this run.
        minutes: without progress until a job is cancelled.
        period: seconds from look to look.
    """

    def __init__(
        self, look: Callable[[], EngineState], cancel: Callable[[], None], minutes: float, period: float = PERIOD
    ) -> None:
        super().__init__(daemon=True, name="stall-watch")
        self._look, self._cancel, self._minutes, self._period = look, cancel, minutes, period
        self._stopped, self._ending = threading.Event(), threading.Lock()
        self._jobs: Sequence[str] = ()
        self._best: tuple[int, ...] = ()
        self._words = "the cluster says nothing of it"
        self._since = time.monotonic()
        self.stalled = ""

    def stop(self) -> None:
        """Look no more, and end no wait."""
        with self._ending:
            self._stopped.set()

    def run(self) -> None:
        """Look until the run ends or stalls; then cancel, and end the wait of the main thread if that does not."""
        while not self._stopped.wait(self._period):
            if self._is_stalled():
                self.stalled = f"no progress for {self._minutes:g} minutes: {self._words}"
                logger.error("%s", self.stalled)
                self._cancel()
                self._stopped.wait(GRACE)
                with self._ending:
                    if not self._stopped.is_set():
                        signal.pthread_kill(threading.main_thread().ident or 0, _END)
                return

    def _is_stalled(self) -> bool:
        now = time.monotonic()
        try:
            found = self._look()
        except Exception as error:  # whatever a client raises whose server is gone
            logger.warning("The engine does not answer: %s", error)
            self._words = f"the engine does not answer ({error or type(error).__name__})"
            return now - self._since > self._minutes * 60
        measure = found.state.measure if found.state else ()
        if found.state:
            self._words = found.state.words
        if found.jobs != self._jobs or not found.jobs:
            self._jobs, self._best, self._since = found.jobs, measure, now
        elif measure > self._best:
            self._best, self._since = measure, now
        return now - self._since > self._minutes * 60
