"""Test how the time of a step is divided among its phases, on answers of Flink's REST API cut down to what is read."""

from typing import Any

import pytest

from benchmarks.flink_phases import Phases, phases


def _job(start: int, *vertices: tuple[int, int, int]) -> dict[str, Any]:
    shown = [{"start-time": begun, "end-time": ended, "metrics": {"write-bytes": size}} for begun, ended, size in vertices]
    return {"start-time": start, "vertices": shown}


def test_phases_add_up_to_the_step() -> None:
    jobs = [_job(2_000, (5_000, 9_000, 70), (3_500, 8_000, 30)), _job(10_000, (10_250, 12_000, 1))]
    found = phases(1.0, 15.0, jobs)
    assert found == Phases(submission=1.0, scheduling=1.75, work=7.25, rest=4.0, stages=3, exchanged=101)
    assert found.submission + found.scheduling + found.work + found.rest == pytest.approx(14.0)


def test_a_step_without_jobs_has_no_phases() -> None:
    assert phases(1.0, 2.0, []) is None


def test_a_job_that_ends_after_its_step_counts_as_long_as_the_step_lasts() -> None:
    found = phases(1.0, 5.0, [_job(2_000, (3_000, 6_000, 0))])
    assert found == Phases(submission=1.0, scheduling=1.0, work=2.0, rest=0.0, stages=1, exchanged=0)
