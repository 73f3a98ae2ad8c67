"""The DAG files of `fairgate airflow dag` in Airflow itself: read by it, and run by its scheduler."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from fairgate.cli import main as cli
from pipeline.airflow.dag import DagSchedule, Invocation, text
from tests.conftest import PROJECT
from tests.faults.harness import SMALL
from tests.needs import needs_environment

pytestmark = pytest.mark.slow

MINUTES = 60  # for the nights of one test; on two busy cores, one with a task per step took 14
STATES = (
    "SELECT r.id, r.state, t.task_id, t.state, t.try_number "
    "FROM dag_run r JOIN task_instance t ON t.dag_id = r.dag_id AND t.run_id = r.run_id ORDER BY r.id, t.task_id"
)

# Reads a DAG file in the way of Airflow's DAG processor; prints each task's needs, then what each exit code is turned into.
READ = """
import json, runpy, sys
known = runpy.run_path(sys.argv[1])
tasks = {task.task_id: sorted(task.upstream_task_ids) for task in known["dag"].tasks}
states = {}
for code in (0, 1, 2, 3, 70):
    try:
        known["call"](f"echo Error: no rows; exit {code}")
        states[code] = "success"
    except Exception as error:
        states[code] = f"{type(error).__name__}: {error}"
print(json.dumps([tasks, states]))
"""


@pytest.fixture(scope="module")
def python() -> Path:
    """Return the Python that has Airflow."""
    return needs_environment("airflow")


def test_airflow_reads_the_file_and_exit_codes_become_states(python: Path, tmp_path: Path) -> None:
    """The child sees nothing of Airflow's own Python."""
    call = Invocation(["/bin/sh", "-c"], tmp_path, tmp_path, ["digits"])
    file = tmp_path / "dag.py"
    file.write_text(text("digits", DagSchedule("0 3 * * *"), call, {"StatisticsGen": [], "Pusher": ["StatisticsGen"]}, "HOOK"))
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": ""}
    done = subprocess.run([python, "-c", READ, file], env=environment, capture_output=True, text=True, check=True)
    tasks, states = json.loads(done.stdout.splitlines()[-1])
    assert tasks == {
        "Prepare": [],
        "StatisticsGen": ["Prepare"],
        "Pusher": ["Prepare", "StatisticsGen"],
        "Verdict": ["Pusher", "StatisticsGen"],
    }
    assert states == {
        "0": "success",
        "1": "AirflowFailException: refused: Error: no rows",
        "2": "AirflowSkipException: Error: no rows",
        "3": "AirflowFailException: bad input or configuration: Error: no rows",
        "70": "RuntimeError: exit code 70; the log of this task has the details",
    }


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def webhook() -> Iterator[tuple[str, list[str]]]:
    """Take messages on this machine; yield the address, and the reasons of those that came."""
    reasons: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reasons.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["reason"])
            self.send_response(204)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", reasons
        finally:
            server.shutdown()


@dataclass
class StartedAirflow:
    """Airflow at work on a folder.

    Attributes:
        folder: with dags/, airflow.db and the logs.
        process: of scripts/airflow.sh.
    """

    folder: Path
    process: subprocess.Popen[bytes]

    def asked(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query; none while Airflow has not made its tables, or is writing."""
        try:
            with closing(sqlite3.connect(f"file:{self.folder}/airflow.db?mode=ro", uri=True)) as connection:
                return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []

    def nights(self, number: int) -> list[tuple[Any, ...]]:
        """Wait until so many runs have ended; return their state, and task, state and number of tries of all their tasks."""
        ends = time.monotonic() + MINUTES * 60
        while len(ended := self.asked("SELECT id FROM dag_run WHERE state IN ('success', 'failed') ORDER BY id")) < number:
            if self.process.poll() is not None:
                pytest.fail(f"Airflow has ended with {self.process.returncode}:\n{self.log()}", pytrace=False)
            if time.monotonic() > ends:
                seen = self.asked(STATES)
                pytest.fail(
                    f"{len(ended)} of {number} nights have ended in {MINUTES} minutes: {seen}\n{self.log()}", pytrace=False
                )
            time.sleep(2)
        return [tuple(states) for run, *states in self.asked(STATES) if (run,) in ended[:number]]

    def log(self) -> str:
        """Return what it printed."""
        return (self.folder / "out.log").read_text(errors="replace")


@contextmanager
def airflow(folder: Path, address: str) -> Iterator[StartedAirflow]:
    """Run Airflow on a folder with dags/ in it, with an address for alerts."""
    ours = {"AIRFLOW_FOLDER": str(folder), "AIRFLOW_PORT": str(free_port()), "FAIRGATE_WEBHOOK": address}
    environment = {**os.environ, **ours}
    script = PROJECT / "scripts" / "airflow.sh"
    with (folder / "out.log").open("w") as log:
        process = subprocess.Popen([script], env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield StartedAirflow(folder, process)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        with suppress(ProcessLookupError):  # whatever of the group is left
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def write_dag(folder: Path, *how: str) -> Path:
    """Write the DAG of the small digits, every two minutes, with files of its own; return the file of its policy."""
    (folder / "dags").mkdir()
    policy, config = folder / "policy.yaml", folder / "config.yaml"
    config.write_text(json.dumps(dict(SMALL)))
    policy.write_text(json.dumps(SMALL["policy"]))
    options = ("--config", str(config), "--policy", str(policy), "--root", str(folder / "root"))
    dag = ("airflow", "dag", "digits", *how, "--schedule", "*/2 * * * *")
    assert cli.main([*dag, "--retry-minutes", "0", "-o", str(folder / "dags" / "digits.py"), *options]) == 0
    return policy


on_demand = pytest.mark.skipif(os.environ.get("FAIRGATE_AIRFLOW") != "1", reason="minutes: FAIRGATE_AIRFLOW=1 runs it")


@on_demand
@pytest.mark.usefixtures("python")
def test_scheduler_runs_two_nights_and_one_is_refused(tmp_path: Path) -> None:
    """By its own clock; between the nights, the policy asks for more."""
    policy = write_dag(tmp_path, "--whole")
    with webhook() as (address, reasons), airflow(tmp_path, address) as started:
        assert [night[:3] for night in started.nights(1)] == [("success", "run", "success")]
        assert reasons == []
        policy.write_text(policy.read_text().replace("0.001", "0.999"))
        # The night that was under way while the policy changed may have read either.
        *_, last = started.nights(3)
    assert last == ("failed", "run", "failed", 1)  # and was not tried again
    assert reasons[-1].startswith("refused: REFUSED")


@on_demand
@pytest.mark.usefixtures("python")
def test_refused_night_of_one_task_per_step_fails_its_verdict_alone(tmp_path: Path) -> None:
    """The gate has done its work, so that its task succeeds; the DAG's run fails, and nothing is published."""
    policy = write_dag(tmp_path, "--nodes")
    policy.write_text(policy.read_text().replace("0.001", "0.999"))
    with webhook() as (address, reasons), airflow(tmp_path, address) as started:
        night = started.nights(1)
    states = {task: (state, tries) for _, task, state, tries in night}
    assert {run for run, *_ in night} == {"failed"}
    assert states.pop("Verdict") == ("failed", 1)  # and was not tried again
    assert {"Prepare", "FairnessGate", "Reporter", "Pusher"} <= states.keys()
    assert {state for state, _ in states.values()} == {"success"}
    assert len(reasons) == 1
    assert reasons[0].startswith("refused: REFUSED")
    assert not list((tmp_path / "root" / "serving").glob("*"))
