"""Progress of a local run: which step of how many, its time, its rows, and whether its result came from the cache.

TFX's launcher does not return whether it has used the cache; its log messages are the only sign. Only this module depends on
their wording.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

CACHED = "A cached execution %d is used."
REUSED = "Reusing existing artifact"  # by the Importer, which has no cache of its own


@dataclass(frozen=True)
class StepStart:
    """A step that has started.

    Attributes:
        step: node id of the step.
        counter: "9 of 15"; empty for work outside of the graph.
        rows: examples that the step reads; 0 where that is not known.
    """

    step: str
    counter: str = ""
    rows: int = 0


@dataclass(frozen=True)
class StepEnd:
    """A step that has ended successfully.

    Attributes:
        step: node id of the step.
        seconds: duration of the step.
        cached: whether its result came from the cache.
        warnings: warnings to show to the user.
        counter, rows: as in StepStart.
        notes: what else to show to the user.
    """

    step: str
    seconds: float
    cached: bool
    warnings: tuple[str, ...] = ()
    counter: str = ""
    rows: int = 0
    notes: tuple[str, ...] = ()


class StepLog(logging.Handler):
    """Follow the steps of a run, by `begin` and `end` and, as a handler of TFX's logger, their use of the cache.

    Args:
        on_start: called when a step starts.
        on_end: called when it has ended successfully; a failed step raises an exception instead.
    """

    def __init__(self, on_start: Callable[[StepStart], None], on_end: Callable[[StepEnd], None]) -> None:
        """Store both callbacks."""
        super().__init__(logging.INFO)
        self._on_start = on_start
        self._on_end = on_end
        self._since = 0.0
        self._cached = False
        self._rows: Mapping[str, int] = {}
        self._begun: dict[str, None] = {}
        self._current = StepStart("")

    def expect(self, rows: Mapping[str, int], before: Iterable[str] = ()) -> None:
        """Count the steps of a graph from here on.

        Args:
            rows: node id of every step -> examples that it reads; 0 where that is not known.
            before: the steps of it that were begun before, by whatever process.
        """
        self._rows, self._begun = rows, dict.fromkeys(before)

    def begin(self, step: str) -> None:
        """Record the start of a step."""
        self._since, self._cached = time.monotonic(), False
        counter = ""
        if step in self._rows:
            self._begun[step] = None
            counter = f"{len(self._begun)} of {len(self._rows)}"
        self._current = StepStart(step, counter, self._rows.get(step, 0))
        self._on_start(self._current)

    def end(self, step: str, warnings: tuple[str, ...] = (), notes: tuple[str, ...] = ()) -> None:
        """Record the successful end of the step that began last."""
        seconds, begun = time.monotonic() - self._since, self._current
        self._on_end(StepEnd(step, seconds, self._cached, warnings, begun.counter, begun.rows, notes))

    def emit(self, record: logging.LogRecord) -> None:
        """Recognise a TFX log record by its unformatted message."""
        if record.msg in (CACHED, REUSED):
            self._cached = True
