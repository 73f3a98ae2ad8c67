"""A job server of Beam beside the run: a Java process that hands the run's Beam pipelines to a cluster, and ends with the run."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fairgate.errors import InputError
from pipeline.engines import jars
from pipeline.engines.address import EngineCluster

SECONDS = 120  # until it must serve; five are usual
_DRIVERS = {
    "flink": ("org.apache.beam.runners.flink.FlinkJobServerDriver", "--flink-master={host}:{port}"),
    "spark": ("org.apache.beam.runners.spark.SparkJobServerDriver", "--spark-master-url=spark://{host}:{port}"),
}
# What both read of the JDK's own classes, which Java has locked away since version 17.
_OPENED = (
    *("lang", "lang.invoke", "lang.reflect", "io", "math", "net", "nio", "text", "time", "util"),
    *("util.concurrent", "util.concurrent.atomic", "util.concurrent.locks"),
)
OPENS = (
    *(f"--add-opens=java.base/java.{package}=ALL-UNNAMED" for package in _OPENED),
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("jdk.internal.ref", "sun.nio.ch", "sun.nio.cs")),
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("sun.security.action", "sun.util.calendar")),
    "--add-exports=java.base/sun.net.util=ALL-UNNAMED",
)
_SERVES = re.compile(r"JobService started on (\S+:\d+)")


def java() -> str:
    """Return the path of Java.

    Raises:
        InputError: there is none.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if found is None:
        where = f"{home}/bin/java (JAVA_HOME)" if home else "java"
        raise InputError(
            f"{where}: not found, and Beam's job server is a Java program; install Java 17, or start a job server elsewhere and "
            "name it with --job-endpoint HOST:PORT."
        )
    return found


@contextmanager
def serving(cluster: EngineCluster, log: Path, ui_port: int) -> Iterator[str]:
    """Start a job server for a cluster, yield its address as "HOST:PORT", and stop it.

    It listens on this machine alone, on ports that are free, and ends with this process, however that ends.

    Args:
        cluster: gets the jobs.
        log: file for all that the server prints; what it keeps of the jobs meanwhile lies in a folder beside it.
        ui_port: port of this machine on which Spark's driver, which the server then is, tells of its progress.

    Raises:
        InputError: it does not start.
    """
    folder = log.with_suffix(".artifacts")
    command = [*_dying_with_us(), java(), "-Xmx1g", *OPENS, *_properties(cluster, ui_port), "-cp", jars.class_path(cluster.kind)]
    driver, master = _DRIVERS[cluster.kind]
    command += [driver, master.format(host=cluster.host, port=cluster.port), "--job-host=127.0.0.1", "--job-port=0"]
    command += ["--artifact-port=0", "--expansion-port=0", f"--artifacts-dir={folder}"]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as written:
        server = subprocess.Popen(  # noqa: S603  # our own job server
            command, stdout=written, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
        )
    try:
        yield _endpoint(server, log)
    finally:
        _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _properties(cluster: EngineCluster, ui_port: int) -> Sequence[str]:
    """Return what Spark's driver must know beside its command line."""
    if cluster.kind == "flink":
        return ()
    options = "-Dspark.executor.extraJavaOptions=" + " ".join(OPENS)
    return (options, f"-Dspark.ui.port={ui_port}", "-Dlog4j2.level=INFO")  # without a file of its own, log4j writes errors alone


def _dying_with_us() -> Sequence[str]:
    """Return what stops the process when this one is killed, where the system has it."""
    found = shutil.which("setpriv")
    return (found, "--pdeathsig", "TERM") if found else ()


def _endpoint(server: "subprocess.Popen[bytes]", log: Path) -> str:
    """Return where the server listens, as soon as it says so."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        said = log.read_text(encoding="utf-8", errors="replace")
        if found := _SERVES.search(said):
            return found[1].replace("localhost", "127.0.0.1")
        if server.poll() is not None:
            last = next((line for line in said.splitlines() if "Exception" in line or "Error" in line), said.strip()[-200:])
            raise InputError(f"Beam's job server has ended with {server.returncode} ({last.strip()}); its log is {log}.")
        time.sleep(0.1)
    raise InputError(f"Beam's job server does not serve after {SECONDS} s; its log is {log}.")


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """Stop the server: politely, then at once."""
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
