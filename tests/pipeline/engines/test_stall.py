"""A cluster without progress is noticed, and the wait for it ends."""

import threading
from collections.abc import Callable

import pytest

from pipeline.engines import stall
from pipeline.engines.stall import EngineState, JobState, StalledError, StallWatch, endable

AT_WORK = EngineState(("job",), JobState((1, 1), "1 of 2 tasks finished"))


def looks(*states: EngineState) -> Callable[[], EngineState]:
    """Return what finds these states one after the other, and the last one for ever."""
    left = list(states)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


class Clock:
    """Time that passes a minute at each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Return a minute more than before."""
        self.now += 60
        return self.now


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[bool]]:
    """Return what lets a watch look several times, a minute apart, and tells at which looks it finds the job stalled."""
    monkeypatch.setattr(stall, "time", Clock())

    def watch(look: Callable[[], EngineState], times: int, minutes: float = 2.5) -> list[bool]:
        found = StallWatch(look, lambda: None, minutes)
        return [found._is_stalled() for _ in range(times)]

    return watch


def test_job_without_progress_stalls_after_the_minutes(watched: Callable[..., list[bool]]) -> None:
    assert watched(looks(AT_WORK), 5) == [False, False, False, True, True]


def test_every_new_best_counts_as_progress(watched: Callable[..., list[bool]]) -> None:
    growing = [EngineState(("job",), JobState((1, number), "")) for number in range(6)]
    assert watched(looks(*growing), 8) == [False] * 8


def test_job_that_restarts_and_comes_as_far_as_before_makes_none(watched: Callable[..., list[bool]]) -> None:
    restarts = [EngineState(("job",), JobState(measure, "")) for measure in ((0, 9), (0, 2), (0, 9), (0, 1), (0, 9))]
    assert watched(looks(*restarts), 5) == [False, False, False, True, True]


def test_next_job_begins_anew(watched: Callable[..., list[bool]]) -> None:
    jobs = [EngineState((name,), JobState((0, 0), "")) for name in "aabbcc"]
    assert watched(looks(*jobs), 7) == [False] * 7


def test_nothing_at_work_never_stalls(watched: Callable[..., list[bool]]) -> None:
    """The run trains, or reads."""
    assert watched(looks(EngineState((), None)), 9) == [False] * 9


def test_first_failed_look_after_a_long_rest_is_no_stall(watched: Callable[..., list[bool]]) -> None:
    states: list[EngineState] = [EngineState((), None)] * 6

    def look() -> EngineState:
        if states:
            return states.pop()
        raise ConnectionError("nobody there")

    assert watched(look, 9) == [False] * 8 + [True]


def test_engine_that_stops_answering_stalls(watched: Callable[..., list[bool]]) -> None:
    left = [AT_WORK]

    def look() -> EngineState:
        if left:
            return left.pop()
        raise ConnectionError("nobody there")

    assert watched(look, 5) == [False, False, False, True, True]


def test_stalled_job_is_cancelled_and_told() -> None:
    cancelled = threading.Event()
    watch = StallWatch(looks(AT_WORK), cancelled.set, minutes=1e-6, period=0.001)
    watch.start()
    assert cancelled.wait(10)
    watch.stop()
    watch.join()
    assert watch.stalled == "no progress for 1e-06 minutes: 1 of 2 tasks finished"


def wait_for_ever(watch: StallWatch) -> None:
    """Wait in a system call, as a client does whose server is stuck."""
    with endable():
        watch.start()
        threading.Event().wait(60)


def test_wait_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stall, "GRACE", 0.001)
    watch = StallWatch(looks(AT_WORK), lambda: None, minutes=1e-6, period=0.001)
    with pytest.raises(StalledError):
        wait_for_ever(watch)
    watch.stop()


def test_run_that_has_ended_is_left_alone() -> None:
    """Its signal would end the process."""
    watch = StallWatch(looks(AT_WORK), lambda: watch.stop(), minutes=1e-6, period=0.001)
    watch.start()
    watch.join(10)
    assert (watch.is_alive(), watch.stalled) == (False, "no progress for 1e-06 minutes: 1 of 2 tasks finished")
