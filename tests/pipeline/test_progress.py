"""Progress of a run, and what TFX's log records say of the cache."""

import logging
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.progress import CACHED, REUSED, StepEnd, StepLog, StepStart


class Seen:
    """What a StepLog has reported."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.started: list[StepStart] = []
        self.ended: list[StepEnd] = []
        self.log = StepLog(self.started.append, self.ended.append)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """A StepLog whose clock moves on by a second at each look."""
    ticks = iter(range(100))
    monkeypatch.setattr("pipeline.progress.time.monotonic", lambda: float(next(ticks)))
    return Seen()


@pytest.fixture
def logger(seen: Seen) -> Iterator[logging.Logger]:
    """A logger that the StepLog handles."""
    found = logging.getLogger("test_progress")
    found.setLevel(logging.INFO)
    found.addHandler(seen.log)
    yield found
    found.removeHandler(seen.log)


def test_step_is_followed_from_start_to_end(seen: Seen) -> None:
    """One start, one end with its time."""
    seen.log.begin("Transform")
    assert (seen.started, seen.ended) == ([StepStart("Transform")], [])
    seen.log.end("Transform")
    assert seen.ended == [StepEnd("Transform", 1.0, cached=False)]


@pytest.mark.parametrize("words", [(CACHED, 17), (REUSED,)], ids=["cached", "reused"])
def test_cached_step_says_so_and_the_next_one_does_not(seen: Seen, logger: logging.Logger, words: tuple[Any, ...]) -> None:
    """The mark belongs to one step."""
    seen.log.begin("Transform")
    logger.info(*words)
    seen.log.end("Transform")
    seen.log.begin("Trainer")
    seen.log.end("Trainer")
    assert [(step.step, step.cached) for step in seen.ended] == [("Transform", True), ("Trainer", False)]


@pytest.mark.parametrize("message", ["A cached execution 17 is used.", "anything", "100 %"])
def test_other_messages_are_passed_over(seen: Seen, logger: logging.Logger, message: str) -> None:
    """Only TFX's own unformatted messages count."""
    seen.log.begin("Transform")
    logger.info(message)
    seen.log.end("Transform")
    assert [step.cached for step in seen.ended] == [False]


def test_steps_of_a_graph_are_counted_with_their_rows(seen: Seen) -> None:
    """From the moment that the graph is known; a step that runs again keeps its number."""
    seen.log.begin("Prepare")
    seen.log.end("Prepare")
    seen.log.expect({"Transform": 60_000, "Pusher": 0})
    for step in ("Transform", "Pusher", "Pusher"):
        seen.log.begin(step)
        seen.log.end(step)
    assert [(step.step, step.counter, step.rows) for step in seen.started] == [
        ("Prepare", "", 0),
        ("Transform", "1 of 2", 60_000),
        ("Pusher", "2 of 2", 0),
        ("Pusher", "2 of 2", 0),
    ]
    assert [(step.counter, step.rows) for step in seen.ended] == [(step.counter, step.rows) for step in seen.started]


def test_step_of_a_process_of_its_own_has_its_number(seen: Seen) -> None:
    seen.log.expect({"Transform": 60_000, "Pusher": 0}, before=["Transform"])
    seen.log.begin("Pusher")
    assert seen.started == [StepStart("Pusher", "2 of 2")]


def test_step_outside_of_tfx(seen: Seen) -> None:
    """Preparation is a step with warnings."""
    seen.log.begin("Prepare")
    seen.log.end("Prepare", warnings=("one column is absent",))
    assert seen.started == [StepStart("Prepare")]
    assert seen.ended == [StepEnd("Prepare", 1.0, cached=False, warnings=("one column is absent",))]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("orchestration/portable/launcher.py", CACHED),
        ("dsl/components/common/importer.py", REUSED),
    ],
)
def test_tfx_still_logs_these_words(file: str, message: str) -> None:
    """An upgrade of TFX that rewords them would hide what came from the cache."""
    source = Path(sysconfig.get_path("purelib"), "tfx", file).read_text()
    assert f"'{message}'" in source
