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


def test_played_backend_is_accepted(tmp_path: Path) -> None:
    """With the kill of a step at work."""
    for name in ("volume", "buckets", "buckets/minio"):
        (tmp_path / name).mkdir()
    backend = PlayedBackend(folder=tmp_path / "buckets")
    command = [sys.executable, "-m", "pytest", "-m", "backend", "-v", "-rs", "-p", "no:cacheprovider"]
    kubeconfig = tmp_path / "kubeconfig"
    with served(backend) as address, firing(backend):
        kubeconfig.write_text(json.dumps(credentials(address)))
        environment = {
            **os.environ,
            "no_proxy": "*",
            "KF_PIPELINES_ENDPOINT": address,
            "FAIRGATE_BACKEND_IMAGE": "example.org/fairgate:1",
            "FAIRGATE_BACKEND_VOLUME": str(tmp_path / "volume"),
            "FAIRGATE_BACKEND_SHARE": str(tmp_path / "volume"),
            "FAIRGATE_BACKEND_STORE": str(backend.folder / "minio"),
            "FAIRGATE_BACKEND_KUBECONFIG": str(kubeconfig),
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
    assert "skipped" not in done.stdout
