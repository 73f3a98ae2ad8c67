"""Building the image: the base is pinned by its digest, and only what the Dockerfile copies is sent."""

import shutil
import subprocess
from pathlib import Path

import pytest

KUBEFLOW = Path(__file__).resolve().parents[2] / "kubeflow"
DIGEST = f"sha256:{'7' * 64}"
# Answers as docker does, and writes down what it was asked.
DOCKER = f"""#!/bin/sh
echo "$*" >>"$DOCKER_LOG"
if [ "$1" = inspect ]; then echo "python@{DIGEST}"; fi
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder, and a docker that does nothing."""
    shutil.copytree(KUBEFLOW, tmp_path / "kubeflow")
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{docker.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_LOG", str(tmp_path / "asked.txt"))
    return tmp_path


def build(project: Path) -> list[str]:
    """What docker was asked."""
    (project / "asked.txt").write_text("")
    subprocess.run([str(project / "kubeflow" / "build.sh"), "fairgate:1"], check=True, capture_output=True)
    return (project / "asked.txt").read_text().splitlines()


def test_first_build_pins_the_base(project: Path) -> None:
    """The digest of the tag is looked up, used and written down."""
    pin = project / "kubeflow" / "base-image.txt"
    pin.write_text("python:3.13-slim-trixie\n")
    assert build(project)[-1] == (
        f"build --file kubeflow/Dockerfile --build-arg BASE=python:3.13-slim-trixie@{DIGEST} --tag fairgate:1 ."
    )
    assert pin.read_text() == f"python:3.13-slim-trixie@{DIGEST}\n"


def test_pinned_base_is_not_looked_up_again(project: Path) -> None:
    """Every later build starts from the very same base."""
    (project / "kubeflow" / "base-image.txt").write_text(f"python:3.13-slim-trixie@{DIGEST}\n")
    assert [line.split()[0] for line in build(project)] == ["build"]


def test_what_is_copied_is_sent() -> None:
    """The builder sees no other file, so a path that only one of the two names would break or bloat the image."""
    lines = (KUBEFLOW / "Dockerfile").read_text().splitlines()
    copied = {name for line in lines if line.startswith("COPY ") and "--from" not in line for name in line.split()[1:-1]}
    ignored = (KUBEFLOW / "Dockerfile.dockerignore").read_text().splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert all((KUBEFLOW.parent / name).exists() for name in copied)


def test_image_is_not_root_and_has_a_health_check() -> None:
    """The user is a number, as Kubernetes wants it to prove that it is not root."""
    text = (KUBEFLOW / "Dockerfile").read_text()
    assert text.rindex("USER 10001") > text.rindex("FROM ")
    assert 'CMD ["fairgate", "doctor"]' in text
