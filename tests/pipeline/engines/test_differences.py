"""A worker that differs from the run: one sentence per difference, which names the host, both values and the remedy."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines.answers import MISSING, PACKAGES, Answer
from pipeline.engines.differences import differences
from pipeline.engines.environment import Environment

ROOT = Path("/share/run")
OWN = Answer(
    process="a",
    host="driver",
    user=1000,
    python="3.10.13",
    packages=dict.fromkeys(PACKAGES, "1.0"),
    source="sha256:aa",
    root="",
    inputs={"/share/train.csv": "12ab"},
)
PROCESS = Environment("PROCESS", '{"command": "/opt/fairgate-worker"}')


def sentences(*found: Answer) -> list[str]:
    """What is said of workers that answer so."""
    return differences(found, OWN, ROOT, PROCESS)


def test_worker_like_the_run_is_not_mentioned() -> None:
    assert sentences(replace(OWN, host="b"), replace(OWN, user=1001)) == []


@pytest.mark.parametrize(
    ("changed", "start"),
    [
        ({"python": "3.11.7"}, "Python 3.11.7, this run has 3.10.13; start it with --beam-arg='--environment_config="),
        ({"packages": {**OWN.packages, "numpy": "2.0"}}, "numpy 2.0, this run has 1.0; bring this run's checkout"),
        ({"packages": {**OWN.packages, "tfx": ""}}, "no tfx, this run has 1.0; bring this run's checkout"),
        ({"source": "sha256:bb"}, "another source of fairgate, sha256:bb…; this run has sha256:aa…; bring this run's checkout"),
        ({"source": "ImportError: no grimp"}, "ImportError: no grimp; bring this run's checkout"),
        ({"root": MISSING}, "/share/run: not seen there, or another folder of that name is; name one with --root FOLDER"),
        (
            {"root": "cannot be written (Permission denied)"},
            "/share/run: cannot be written (Permission denied) by its user, 1000;",
        ),
        ({"inputs": {"/share/train.csv": MISSING}}, "/share/train.csv: not seen there; name a copy"),
        ({"inputs": {"/share/train.csv": "34cd"}}, "/share/train.csv: something else is seen there under this name"),
        ({"inputs": {"/share/train.csv": "cannot be read (x)"}}, "/share/train.csv: cannot be read (x) by its user, 1000; start"),
    ],
)
def test_each_difference_is_a_sentence(changed: dict[str, Any], start: str) -> None:
    (said,) = sentences(replace(OWN, host="b", **changed), OWN)
    assert said.startswith(f"worker on b: {start}")


def test_hosts_that_differ_alike_share_a_sentence() -> None:
    other = replace(OWN, root=MISSING)
    (said,) = sentences(replace(other, host="c"), replace(other, host="b"), replace(other, host="b", process="d"))
    assert said.startswith("workers on b, c: /share/run: not seen there")


@pytest.mark.parametrize(
    ("given", "python", "silence"),
    [
        (
            ["--environment_type=PROCESS", '--environment_config={"command": "x"}'],
            'start it with --beam-arg=\'--environment_config={"command": "',
            '--environment_config={"command": "x"} names a command that a host does not have, that ends at once there, or',
        ),
        (
            ["--environment_type=external", "--environment_config=localhost:51000"],
            "-m apache_beam.runners.worker.worker_pool_main --service_port=51000`",
            "no pool serves at localhost:51000",
        ),
        ([], "build its image from this checkout", "its image does not start"),
    ],
)
def test_remedies_are_those_of_the_environment(given: list[str], python: str, silence: str) -> None:
    environment = Environment.from_args([*given, "--job_name=fairgate-1", "--runner=PortableRunner"])
    assert environment.job_name == "fairgate-1"
    assert python in environment.same_python()
    assert silence in environment.causes_of_silence()
    assert "the cluster has no free slot" in environment.causes_of_silence()
