"""SIGKILL at random moments, spread over all steps: `make faults KILLS=30`. The next run finishes and publishes exactly once."""

import os
import random
import time
from pathlib import Path

import pytest

from tests.faults.harness import COLLECT, STEPS, check_finished, check_left, finish, start

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("FAIRGATE_KILLS", "30"))
SEED = int(os.environ.get("FAIRGATE_KILLS_SEED", "1"))
# Steps of more than a second, and how many seconds of them a kill may wait; machines differ, and the others are over in a blink.
LONG = {"Prepare": 3.0, "StatisticsGen": 6.0, "Transform": 8.0, "TrainerBaseline": 6.0}
LONG |= {"TrainerCandidate": 6.0, "Evaluator": 6.0, "FairnessGate": 8.0, "Reporter": 6.0}
SHORT = 0.3


def test_killed_runs_are_finished_by_the_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Step by step, each killed in its midst; after the last step a run is left alone, and the next round trains other models."""
    chance = random.Random(SEED)  # noqa: S311  # moments, not secrets
    root, places = tmp_path / "root", (*STEPS, COLLECT)
    for number in range(KILLS):
        round_, place = number // len(places) + 1, places[number % len(places)]
        child = start(root, tmp_path / "log", seed=round_)
        child.wait_for(place)
        delay = chance.uniform(0, LONG.get(place, SHORT))
        time.sleep(delay)
        child.kill()
        code = child.end()
        with capsys.disabled():
            print(
                f"\nkill {number + 1}: round {round_}, {delay:.2f} s into {place}, exit {code}, last seen {child.message}", end=""
            )
        check_left(root)
        if place == places[-1] or number == KILLS - 1:
            finish(root, tmp_path / "log", seed=round_)
            check_finished(root, versions=round_)
