"""Real clusters as processes on loopback: a Flink session cluster and a standalone Spark, with the settings of docs/engines/.

Their programs are the jars that Maven brings for Beam's job servers, so that Java and Maven are all that must be installed.
"""

import functools
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import yaml

from pipeline.engines import jars, job_server
from tests.engines.processes import Processes, free_port, processes, wait_until

PROJECT = Path(__file__).resolve().parents[2]
SETTINGS = PROJECT / "docs" / "engines"
HOST = "127.0.0.1"
START = 90.0  # seconds until all of a cluster must answer; ten are usual
_JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
_TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"


class FlinkHost(Protocol):
    """Where a task manager is started: this machine, or a host of tests/engines/hosts.py."""

    @property
    def address(self) -> str:
        """Address of its own."""
        ...

    @property
    def prefix(self) -> Sequence[str]:
        """What the command line starts with, for example to enter a namespace."""
        ...


@dataclass(frozen=True)
class Loopback:
    """This machine by its loopback."""

    address: str = HOST
    prefix: Sequence[str] = ()


@dataclass(frozen=True)
class Flink:
    """A session cluster: the role "jobmanager", and a "taskmanagerN" with one slot for each N from 1.

    Attributes:
        processes: of the cluster by their role.
        rest: port of the REST API.
        rpc: port by which task managers find the job manager.
        host: address of the job manager.
        managers: where the task managers are, in their order.
    """

    processes: Processes
    rest: int
    rpc: int
    host: str
    managers: Sequence["FlinkHost"]

    @property
    def address(self) -> str:
        """The address for --engine."""
        return f"flink://{self.host}:{self.rest}"

    def get(self, path: str) -> Any:
        """Return an answer of the REST API, for example of "/overview"."""
        return httpx.get(f"http://{self.host}:{self.rest}{path}", timeout=10).raise_for_status().json()

    def start_job_manager(self) -> None:
        """Start it, or start it again; jobs of an earlier one are forgotten."""
        heap = _settings()["jobmanager"]["memory"]["heap"]["size"]
        self._start("jobmanager", [job_server.java(), f"-Xmx{heap}"], _JOB_MANAGER, self._own_folder("jobmanager"))

    def start_task_manager(self, number: int) -> None:
        """Start the task manager of this number, or start it again."""
        memory = _settings()["taskmanager"]["memory"]
        heap = _megabytes(memory["framework"]["heap"]["size"], memory["task"]["heap"]["size"])
        off_heap = (memory["framework"]["off-heap"]["size"], memory["task"]["off-heap"]["size"], memory["network"]["max"])
        options = (f"-Xmx{heap}m", f"-XX:MaxDirectMemorySize={_megabytes(*off_heap)}m")
        host = self.managers[number - 1]
        role, dynamic = f"taskmanager{number}", {"taskmanager.host": host.address, "taskmanager.bind-host": host.address}
        # Flink's start script computes the cores; every other size stands in the file.
        dynamic |= {"taskmanager.resource-id": role, "taskmanager.cpu.cores": "1.0"}
        dynamic |= self._own_folder(role)
        self._start(role, [*host.prefix, job_server.java(), *options], _TASK_MANAGER, dynamic)

    def _own_folder(self, role: str) -> dict[str, str]:
        """Make the folder for what a process writes, the jars of its jobs above all, which it leaves there when it is killed."""
        folder = self.processes.folder / f"{role}.tmp"
        folder.mkdir(exist_ok=True)
        return {"io.tmp.dirs": str(folder)}

    def wait_for_slots(self, number: int) -> None:
        """Wait until the REST API shows so many free slots."""
        wait_until(lambda: self._free() >= number, START, f"{number} free slots of {self.address}")

    def _free(self) -> int:
        self.processes.check_alive()
        free: int = self.get("/overview")["slots-available"]
        return free

    def _start(self, role: str, java: Sequence[str], main: str, dynamic: Mapping[str, str]) -> None:
        addresses = {"jobmanager.rpc.address": self.host, "jobmanager.rpc.port": str(self.rpc), "rest.address": self.host}
        # The job manager stores what a job brings through its own loopback, whatever its address.
        bound = HOST if self.host == HOST else "0.0.0.0"  # noqa: S104  # the bridge of tests/engines/hosts.py and loopback
        addresses |= {"rest.port": str(self.rest), "jobmanager.bind-host": bound, "rest.bind-address": self.host}
        command = [*java, *job_server.OPENS, "-cp", jars.class_path("flink"), main]
        command += ["--configDir", str(self.processes.folder / "conf")]
        for name, value in {**addresses, **dynamic}.items():
            command += ["-D", f"{name}={value}"]
        self.processes.start(role, command)


@contextmanager
def flink(folder: Path, managers: int = 2) -> Iterator[Flink]:
    """Start a Flink session cluster on loopback with so many task managers; it is ready, and ends with the block.

    Args:
        folder: receives the logs, a copy of docs/engines/flink.yaml, and all that the cluster writes.
        managers: number of task managers, of one slot each.

    Raises:
        NotReadyError: it does not start; the message has the log's end.
    """
    with flink_on(folder, HOST, [Loopback()] * managers) as cluster:
        yield cluster


@contextmanager
def flink_on(folder: Path, address: str, hosts: Sequence["FlinkHost"]) -> Iterator[Flink]:
    """Start a Flink session cluster with the job manager at an address of this machine, and a task manager on each host.

    Args:
        folder: as of `flink`; every host sees it.
        address: by which the hosts reach this machine.
        hosts: where the task managers are started.

    Raises:
        NotReadyError: it does not start; the message has the log's end.
    """
    with processes(folder) as group:
        conf = folder / "conf"
        conf.mkdir(exist_ok=True)
        shutil.copy(SETTINGS / "flink.yaml", conf / "config.yaml")
        cluster = Flink(group, rest=free_port(), rpc=free_port(), host=address, managers=tuple(hosts))
        cluster.start_job_manager()
        for number in range(1, len(hosts) + 1):
            cluster.start_task_manager(number)
        cluster.wait_for_slots(len(hosts))
        yield cluster


@dataclass(frozen=True)
class Spark:
    """A standalone cluster: the role "master", and a "workerN" with one core for each N from 1.

    Attributes:
        processes: of the cluster by their role.
        port: of the master.
        web: port of the master's web pages, which has the cluster's state at /json/.
        workers: number of each worker -> port of its web pages.
    """

    processes: Processes
    port: int
    web: int
    workers: Mapping[int, int]

    @property
    def address(self) -> str:
        """The address for --engine."""
        return f"spark://{HOST}:{self.port}"

    def get(self, port: int) -> Any:
        """Return the state that the master or a worker shows at its port."""
        return httpx.get(f"http://{HOST}:{port}/json/", timeout=10).raise_for_status().json()

    def start_master(self) -> None:
        """Start the master."""
        self._start("master", _MASTER, ("--port", str(self.port), "--webui-port", str(self.web)))

    def start_worker(self, number: int) -> None:
        """Start the worker of this number, or start it again."""
        role = f"worker{number}"
        places = ("--webui-port", str(self.workers[number]), "--work-dir", str(self.processes.folder / f"{role}.work"))
        self._start(role, _WORKER, (*places, self.address))

    def wait_for_cores(self, number: int) -> None:
        """Wait until the master shows so many cores of workers that are alive."""
        wait_until(lambda: self._cores() >= number, START, f"{number} cores of {self.address}")

    def _cores(self) -> int:
        self.processes.check_alive()
        return sum(worker["cores"] for worker in self.get(self.web)["workers"] if worker["state"] == "ALIVE")

    def _start(self, role: str, main: str, arguments: Sequence[str]) -> None:
        home = self.processes.folder / "home"
        environment = {**_shell_settings(SETTINGS / "spark-env.sh"), "SPARK_HOME": str(home), "SPARK_LOCAL_IP": HOST}
        command = [job_server.java(), "-Xmx512m", *job_server.OPENS, "-cp", f"{home / 'jars'}/*", main]
        self.processes.start(role, [*command, "--host", HOST, *arguments], environment)


@contextmanager
def spark(folder: Path, workers: int = 2) -> Iterator[Spark]:
    """Start a standalone Spark with so many workers of one core each; it is ready, and ends with the block.

    Args:
        folder: receives the logs, the installation made of links to the jars, and all that the cluster writes.
        workers: number of workers.

    Raises:
        NotReadyError: it does not start; the message has the log's end.
    """
    with processes(folder) as group:
        _install(folder / "home")
        cluster = Spark(group, free_port(), free_port(), {number: free_port() for number in range(1, workers + 1)})
        cluster.start_master()
        for number in cluster.workers:
            cluster.start_worker(number)
        cluster.wait_for_cores(workers)
        yield cluster


def _install(home: Path) -> None:
    """Make what the start of executors looks for in SPARK_HOME: jars/, and the file RELEASE."""
    (home / "jars").mkdir(parents=True, exist_ok=True)
    (home / "RELEASE").touch()
    for jar in map(Path, jars.class_path("spark").split(os.pathsep)):
        link = home / "jars" / jar.name
        if not link.exists():
            link.symlink_to(jar)


@functools.cache
def _settings() -> Any:
    return yaml.safe_load((SETTINGS / "flink.yaml").read_text())


def _megabytes(*sizes: str) -> int:
    return sum(int(size.removesuffix("m")) for size in sizes)


def _shell_settings(file: Path) -> dict[str, str]:
    lines = (line.strip() for line in file.read_text().splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
