"""The class path of a job server, with a Maven that only pretends."""

import os
import stat
from pathlib import Path

import pytest

from fairgate.errors import InputError
from pipeline.engines import jars


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script in Maven's place; return where it writes what it was asked for. It answers with two jars that exist."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.defpath}")
    asked, script = tmp_path / "asked", tmp_path / "mvn"
    for jar in ("a.jar", "b.jar"):
        (tmp_path / jar).touch()
    script.write_text(
        f"""#!/bin/sh
echo "$@" >>{asked}
for argument; do
  case $argument in -Dmdep.outputFile=*) printf {tmp_path}/a.jar:{tmp_path}/b.jar >"${{argument#*=}}" ;; esac
done
"""
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return asked


def test_maven_is_asked_once_for_each_kind(maven: Path) -> None:
    expected = f"{maven.with_name('a.jar')}:{maven.with_name('b.jar')}"
    assert [jars.class_path(kind) for kind in ("flink", "flink", "spark", "spark")] == [expected] * 4
    first, second = maven.read_text().splitlines()
    assert f"-f {jars.POM} -P flink dependency:build-classpath" in first
    assert "-P spark" in second


def test_jar_that_is_gone_is_brought_again(maven: Path) -> None:
    jars.class_path("flink")
    maven.with_name("a.jar").unlink()
    jars.class_path("flink")
    assert len(maven.read_text().splitlines()) == 2


def test_failure_of_maven_is_told_with_its_first_line(maven: Path, tmp_path: Path) -> None:
    maven.with_name("mvn").write_text("#!/bin/sh\necho '[ERROR] Unknown host repo.maven.apache.org'\nexit 1\n")
    with pytest.raises(InputError, match=r"has failed \(\[ERROR\] Unknown host .*--job-endpoint HOST:PORT"):
        jars.class_path("spark")
    assert list((tmp_path / "cache" / "fairgate" / "engines").iterdir()) == []


def test_maven_that_does_not_end_is_told(maven: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "SECONDS", 0.01)
    maven.with_name("mvn").write_text("#!/bin/sh\nexec sleep 10\n")
    with pytest.raises(InputError, match=r"has not ended within 0.01 s; type it yourself"):
        jars.class_path("flink")


def test_no_maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"mvn: not found, .* install Maven, or start a job server yourself"):
        jars.class_path("flink")


def test_table_of_versions_is_read_from_the_pom() -> None:
    versions = jars.versions()
    assert (versions["beam.version"], versions["flink.line"], versions["spark.version"]) == ("2.62.0", "1.19", "3.5.1")
