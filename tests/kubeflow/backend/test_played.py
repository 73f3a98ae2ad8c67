"""The acceptance test accepts a backend that does what is asked of it: a played one, with a process for each container."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.kubeflow.backend.played_backend import PlayedBackend, firing
from tests.kubeflow.played_api import served

MINUTES = 75  # of the whole acceptance; a quarter of an hour of it are schedules of every minute
pytestmark = [pytest.mark.slow, pytest.mark.cluster]


def credentials(address: str) -> dict[str, Any]:
    """A kubeconfig for a server without a key."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "played", "cluster": {"server": address}}],
        "users": [{"name": "nobody", "user": {}}],
        "contexts": [{"name": "played", "context": {"cluster": "played", "user": "nobody"}}],
        "current-context": "played",
    }


def accept(backend: PlayedBackend, address: str, folder: Path) -> str:
    """Run the acceptance on the played backend, kill it after MINUTES, and return what it printed."""
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(json.dumps(credentials(address)))
    settings = {
        "KF_PIPELINES_ENDPOINT": address,
        "FAIRGATE_BACKEND_IMAGE": "example.org/fairgate:1",
        "FAIRGATE_BACKEND_VOLUME": str(folder / "volume"),
        "FAIRGATE_BACKEND_SHARE": str(folder / "volume"),
        "FAIRGATE_BACKEND_STORE": str(backend.folder / "minio"),
        "FAIRGATE_BACKEND_KUBECONFIG": str(kubeconfig),
        "FAIRGATE_BACKEND_ROOT": "minio://bucket",
        "FAIRGATE_BACKEND_SMALL": "1",
    }
    command = [sys.executable, "-u", "-m", "pytest", "-m", "backend", "-v", "-rs", "-p", "no:cacheprovider", "--durations=0"]
    log = folder / "acceptance.log"  # to be followed with `tail -f`
    with (
        log.open("wb") as handle,
        subprocess.Popen(
            [*command, "tests/kubeflow/backend/test_acceptance.py"],
            cwd=PROJECT,
            env={**os.environ, "no_proxy": "*", **settings},
            stdout=handle,
            stderr=handle,
        ) as process,
    ):
        try:
            code = process.wait(MINUTES * 60)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
    printed = log.read_text(errors="replace")
    assert code == 0, f"the acceptance ended with {code}, or was killed after {MINUTES} minutes:\n{printed}"
    return printed


def test_played_backend_is_accepted(tmp_path: Path) -> None:
    """With the kill of a step at work; at the end nothing is left but what the cache of later runs may name."""
    for name in ("volume", "buckets", "buckets/minio", "buckets/minio/bucket"):
        (tmp_path / name).mkdir()
    backend = PlayedBackend(folder=tmp_path / "buckets")
    with served(backend) as address, firing(backend):
        printed = accept(backend, address, tmp_path)
        assert "skipped" not in printed
        assert backend.left == {"runs": 0, "schedules": 0, "pipelines": 0}
        assert list((tmp_path / "volume").iterdir()) == []
        stored = [path for path in (backend.folder / "minio" / "bucket").glob("*/*/*") if any(path.rglob("*"))]
        assert {path.name for path in stored} == {"ImportSchema"}
