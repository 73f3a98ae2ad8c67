"""The job server beside a run, with a Java that only pretends."""

import os
from pathlib import Path

import pytest

from fairgate.errors import InputError
from pipeline.engines import jars, job_server
from pipeline.engines.address import EngineCluster

FLINK = EngineCluster("flink", "jobs", 8081)
SERVES = 'echo "INFO JobServerDriver - JobService started on localhost:4711"\nexec sleep 60\n'


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script in Java's place, which writes down its process and its arguments."""
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr(jars, "class_path", lambda kind: f"/jars/{kind}.jar")
    script = tmp_path / "bin" / "java"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\necho $$ >{tmp_path}/process\nprintf "%s\\n" "$@" >{tmp_path}/arguments\n{SERVES}')
    script.chmod(0o755)
    return script


def alive(process: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.usefixtures("java")
def test_server_is_there_while_the_block_lasts(tmp_path: Path) -> None:
    with job_server.serving(FLINK, tmp_path / "logs" / "server.log", 4040) as endpoint:
        process = int((tmp_path / "process").read_text())
        assert (endpoint, alive(process)) == ("127.0.0.1:4711", True)
    assert not alive(process)
    assert "started on localhost:4711" in (tmp_path / "logs" / "server.log").read_text()


@pytest.mark.parametrize(
    ("kind", "driver", "master"),
    [
        ("flink", "org.apache.beam.runners.flink.FlinkJobServerDriver", "--flink-master=jobs:1"),
        ("spark", "org.apache.beam.runners.spark.SparkJobServerDriver", "--spark-master-url=spark://jobs:1"),
    ],
)
@pytest.mark.usefixtures("java")
def test_each_kind_has_its_driver(tmp_path: Path, kind: str, driver: str, master: str) -> None:
    cluster = EngineCluster("flink" if kind == "flink" else "spark", "jobs", 1)
    with job_server.serving(cluster, tmp_path / "server.log", 4040):
        arguments = (tmp_path / "arguments").read_text().splitlines()
    assert {f"/jars/{kind}.jar", driver, master, "--job-host=127.0.0.1", "--job-port=0"} <= set(arguments)
    assert ("-Dspark.ui.port=4040" in arguments) == (kind == "spark")


def test_server_that_ends_at_once_is_told_with_its_error(java: Path, tmp_path: Path) -> None:
    java.write_text("#!/bin/sh\necho starting\necho 'java.lang.NoClassDefFoundError: org/slf4j/Logger'\nexit 4\n")
    with (
        pytest.raises(InputError, match=r"has ended with 4 \(java.lang.NoClassDefFoundError: org/slf4j/Logger\); its log is"),
        job_server.serving(FLINK, tmp_path / "server.log", 4040),
    ):
        pass


def test_server_that_does_not_serve_is_stopped(java: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java.write_text(f"#!/bin/sh\necho $$ >{tmp_path}/process\nexec sleep 60\n")
    monkeypatch.setattr(job_server, "SECONDS", 0.3)
    with (
        pytest.raises(InputError, match=r"does not serve after 0.3 s; its log is .*server.log"),
        job_server.serving(FLINK, tmp_path / "server.log", 4040),
    ):
        pass
    assert not alive(int((tmp_path / "process").read_text()))


def test_no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(InputError, match=r"bin/java \(JAVA_HOME\): not found, .* install Java 17"):
        job_server.java()
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"^java: not found"):
        job_server.java()
