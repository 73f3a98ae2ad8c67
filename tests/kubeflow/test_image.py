"""Building the image: its base, what the builder is given, and with which engine."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

KUBEFLOW = Path(__file__).resolve().parents[2] / "kubeflow"
DIGEST = f"sha256:{'7' * 64}"
TAG = "docker.io/library/python:3.13-slim-trixie"
INDEX = "https://user:secret@index.example.org/simple"
# Answers as docker or podman does, and writes down what it was asked, and the secret files of a build.
# FAILS names a command that fails, WITHOUT_SETTINGS one that does without podman's settings.
ENGINE = f"""#!/bin/sh
if [ "$1" = --version ]; then echo "${{0##*/}} version 4"; exit; fi
echo "$*" >>"$ENGINE_LOG"
for word in "$@"; do
  case $word in id=*) cat "${{word#*src=}}" >>"$ENGINE_LOG.${{word%%,*}}" ;; esac
done
if [ "$1" = "$FAILS" ]; then echo "no $1 here" >&2; exit 1; fi
if [ "$1" = "$WITHOUT_SETTINGS" ] && [ -z "$CONTAINERS_CONF" ]; then echo "no $1 without settings" >&2; exit 1; fi
if [ "$1" = inspect ]; then echo "python@{DIGEST}"; fi
"""
SETTINGS = ("PIP_", "UV_", "SSL_", "REQUESTS_", "http_proxy", "https_proxy", "no_proxy", "CONTAINERS_CONF")


class Project:
    """A copy of the folder, and an engine that does nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "asked.txt"
        self.pin = folder / "kubeflow" / "base-image.txt"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
        self.environment |= {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "ENGINE_LOG": str(self.log), "TMPDIR": str(folder)}
        shutil.copytree(KUBEFLOW, folder / "kubeflow")

    def install(self, engine: str) -> None:
        """Make this program the engine, whatever the machine has."""
        program = self.folder / "bin" / engine
        program.parent.mkdir(exist_ok=True)
        program.write_text(ENGINE)
        program.chmod(0o755)
        self.environment["FAIRGATE_CONTAINER_ENGINE"] = engine

    def build(self, *arguments: str, **environment: str) -> list[str]:
        """Return what the engine was asked, in the order of its lines."""
        self.log.write_text("")
        command = [str(self.folder / "kubeflow" / "build.sh"), *arguments]
        done = subprocess.run(command, env=self.environment | environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return self.log.read_text().splitlines()

    def secret(self, name: str) -> str:
        """Return the file that a build got under this name."""
        return self.log.with_name(f"{self.log.name}.id={name}").read_text()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with docker."""
    made = Project(tmp_path)
    made.install("docker")
    return made


def test_first_build_pins_the_base(project: Project) -> None:
    """The digest of the tag is looked up, used and written down."""
    project.pin.write_text(f"{TAG}\n")
    asked = project.build("fairgate:1")[-1]
    assert asked.startswith(f"build --file kubeflow/Dockerfile --build-arg BASE={TAG}@{DIGEST} --tag fairgate:1 --secret")
    assert project.pin.read_text() == f"{TAG}@{DIGEST}\n"


def test_pinned_base_is_not_looked_up_again(project: Project) -> None:
    """Every later build starts from the very same base."""
    project.pin.write_text(f"{TAG}@{DIGEST}\n")
    assert [line.split()[0] for line in project.build("fairgate:1")] == ["info", "build"]


def test_another_base_is_used_and_not_pinned(project: Project) -> None:
    project.pin.write_text(f"{TAG}\n")
    assert "--build-arg BASE=registry/python:3.13 " in project.build("fairgate:1", "registry/python:3.13")[-1]
    assert project.pin.read_text() == f"{TAG}\n"


def test_base_that_cannot_be_pulled_names_the_remedy(project: Project) -> None:
    project.pin.write_text(f"{TAG}\n")
    command = [str(project.folder / "kubeflow" / "build.sh"), "fairgate:1"]
    done = subprocess.run(command, env=project.environment | {"FAILS": "pull"}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{TAG} cannot be pulled; name another base (make image BASE=…)" in done.stderr


def test_index_is_a_secret_and_no_argument(project: Project, tmp_path: Path) -> None:
    """Arguments stay in the history of an image, and an index may hold a password."""
    certificates = tmp_path / "ca.pem"
    certificates.write_text("certificate\n")
    asked = project.build(
        "fairgate:1", "base", PIP_INDEX_URL=INDEX, SSL_CERT_FILE=str(certificates), https_proxy="http://proxy:3128"
    )
    assert "secret@" not in "\n".join(asked)
    assert "--build-arg https_proxy=http://proxy:3128" in asked[-1]
    assert project.secret("certificates") == "certificate\n"
    assert project.secret("indexes").splitlines() == [
        f"export PIP_INDEX_URL={INDEX}",
        *(f"export {name}=/run/secrets/certificates" for name in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")),
    ]


def test_secrets_are_removed(project: Project) -> None:
    project.build("fairgate:1", "base", PIP_INDEX_URL=INDEX)
    assert not list(project.folder.glob("tmp.*"))


def test_podman_gets_the_options_that_docker_does_not_know(project: Project) -> None:
    """Without them the whole folder would be sent, and the health check be lost."""
    options = "--ignorefile kubeflow/Dockerfile.dockerignore --format docker"
    assert options not in project.build("fairgate:1", "base")[-1]
    project.install("podman")
    assert options in project.build("fairgate:1", "base")[-1]


@pytest.mark.parametrize(("fails", "starts"), [("", 1), ("run", 2)])
def test_podman_gets_its_settings_only_where_it_needs_them(project: Project, fails: str, starts: int) -> None:
    project.install("podman")
    asked = project.build("fairgate:1", "base", WITHOUT_SETTINGS=fails)
    assert sum(line.startswith("run ") for line in asked) == starts


def test_client_without_its_daemon_is_no_engine(project: Project) -> None:
    command = [str(project.folder / "kubeflow" / "build.sh"), "fairgate:1"]
    done = subprocess.run(command, env=project.environment | {"FAILS": "info"}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "neither docker nor podman answers" in done.stderr


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
