"""The acceptance test accepts a backend that does what is asked of it: a played one, with a process for each container."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.kubeflow.backend.played_backend import PlayedBackend, firing
from tests.kubeflow.played_api import served

pytestmark = [pytest.mark.slow, pytest.mark.cluster]


def test_played_backend_is_accepted(tmp_path: Path) -> None:
    """Everything but the kill, which needs pods."""
    for name in ("volume", "buckets", "buckets/minio"):
        (tmp_path / name).mkdir()
    backend = PlayedBackend(folder=tmp_path / "buckets")
    command = [sys.executable, "-m", "pytest", "-m", "backend", "-v", "-rs", "-p", "no:cacheprovider"]
    with served(backend) as address, firing(backend):
        environment = {
            **os.environ,
            "no_proxy": "*",
            "KF_PIPELINES_ENDPOINT": address,
            "FAIRGATE_BACKEND_IMAGE": "example.org/fairgate:1",
            "FAIRGATE_BACKEND_VOLUME": str(tmp_path / "volume"),
            "FAIRGATE_BACKEND_SHARE": str(tmp_path / "volume"),
            "FAIRGATE_BACKEND_STORE": str(backend.folder / "minio"),
            "FAIRGATE_BACKEND_ROOT": "minio://bucket",
        }
        done = subprocess.run(
            [*command, "tests/kubeflow/backend/test_acceptance.py"],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    assert "FAIRGATE_BACKEND_KUBECONFIG is not set" in done.stdout
    assert " 1 skipped" in done.stdout
