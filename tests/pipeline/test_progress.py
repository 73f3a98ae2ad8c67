"""Progress from TFX's log records."""

import logging
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.progress import CACHED, FINISHED, REUSED, STARTED, StepEnd, StepLog, StepStart


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


def test_step_is_followed_from_start_to_end(seen: Seen, logger: logging.Logger) -> None:
    """One start, one end with its time."""
    logger.info(STARTED, "Transform")
    assert (seen.started, seen.ended) == ([StepStart("Transform")], [])
    logger.info(FINISHED, "Transform")
    assert seen.ended == [StepEnd("Transform", 1.0, cached=False)]


@pytest.mark.parametrize("words", [(CACHED, 17), (REUSED,)], ids=["cached", "reused"])
def test_cached_step_says_so_and_the_next_one_does_not(seen: Seen, logger: logging.Logger, words: tuple[Any, ...]) -> None:
    """The mark belongs to one step."""
    logger.info(STARTED, "Transform")
    logger.info(*words)
    logger.info(FINISHED, "Transform")
    logger.info(STARTED, "Trainer")
    logger.info(FINISHED, "Trainer")
    assert [(step.step, step.cached) for step in seen.ended] == [("Transform", True), ("Trainer", False)]


@pytest.mark.parametrize("message", ["Component Transform is running.", "anything", "100 %"])
def test_other_messages_are_passed_over(seen: Seen, logger: logging.Logger, message: str) -> None:
    """Only TFX's own unformatted messages count."""
    logger.info(message)
    assert (seen.started, seen.ended) == ([], [])


def test_steps_of_a_graph_are_counted_with_their_rows(seen: Seen, logger: logging.Logger) -> None:
    """From the moment that the graph is known; a step that TFX runs again keeps its number."""
    seen.log.begin("Prepare")
    seen.log.end("Prepare")
    seen.log.expect({"Transform": 60_000, "Pusher": 0})
    for step in ("Transform", "Pusher", "Pusher"):
        logger.info(STARTED, step)
        logger.info(FINISHED, step)
    assert [(step.step, step.counter, step.rows) for step in seen.started] == [
        ("Prepare", "", 0),
        ("Transform", "1 of 2", 60_000),
        ("Pusher", "2 of 2", 0),
        ("Pusher", "2 of 2", 0),
    ]
    assert [(step.counter, step.rows) for step in seen.ended] == [(step.counter, step.rows) for step in seen.started]


def test_step_outside_of_tfx(seen: Seen) -> None:
    """Preparation is a step with warnings."""
    seen.log.begin("Prepare")
    seen.log.end("Prepare", warnings=("one column is absent",))
    assert seen.started == [StepStart("Prepare")]
    assert seen.ended == [StepEnd("Prepare", 1.0, cached=False, warnings=("one column is absent",))]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("orchestration/local/local_dag_runner.py", STARTED),
        ("orchestration/local/local_dag_runner.py", FINISHED),
        ("orchestration/portable/launcher.py", CACHED),
        ("dsl/components/common/importer.py", REUSED),
    ],
)
def test_tfx_still_logs_these_words(file: str, message: str) -> None:
    """An upgrade of TFX that rewords them would silence the progress."""
    source = Path(sysconfig.get_path("purelib"), "tfx", file).read_text()
    assert f"'{message}'" in source
