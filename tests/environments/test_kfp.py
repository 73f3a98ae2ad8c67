"""The compiled pipelines in a kfp that is newer than TFX's: its loader takes them, whichever stack compiled them."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.needs import needs_environment

pytestmark = pytest.mark.slow

# The parameters of each file, and which of them must be given.
READ = """
import json, sys
from kfp import components
loaded = {path: components.load_component_from_file(path).component_spec.inputs for path in sys.argv[1:]}
print(json.dumps([{name: value.optional for name, value in inputs.items()} for inputs in loaded.values()]))
"""

# What becomes of a pipeline whose container ends with 3, where a container that was removed can no longer be asked.
FAIL = """
import json, sys, types
import run
from kfp import components, local
from kfp.local import docker_task_handler

class Container:
    removed = False
    def logs(self, stream): return [b"Error: no rows\\n"]
    def wait(self): return {} if self.removed else {"StatusCode": 3}
    def remove(self, force): self.removed = True

client = types.SimpleNamespace(containers=types.SimpleNamespace(run=lambda *names, **options: Container()))

def execute(**parameters):
    if docker_task_handler.run_docker_container(client=client, image="i", command=["c"], volumes={}):
        raise RuntimeError("Task failed.")

components.load_component_from_file = lambda file: execute
sys.argv = ["run.py", "p.yaml", "--root", sys.argv[1], "--volume", "v:/mnt", "--set", "examples=x"]
sys.exit(run.main())
"""


@pytest.fixture(scope="module")
def python() -> Path:
    """Return the Python that has kfp."""
    return needs_environment("kfp")


def test_golden_files_load(python: Path) -> None:
    golden = sorted((PROJECT / "tests" / "kubeflow" / "golden").glob("*.yaml"))
    done = subprocess.run([python, "-W", "ignore", "-c", READ, *golden], capture_output=True, text=True, check=True)
    read = dict(zip([file.stem for file in golden], json.loads(done.stdout), strict=True))
    assert read == {
        "civil-comments": {"examples": False, "policy": True},
        "digits": {"examples": False, "policy": True, "train_args": True},
        "fashion-mnist": {"examples": False, "policy": True, "train_args": True},
    }


def test_exit_code_is_that_of_the_container_that_failed(python: Path, tmp_path: Path) -> None:
    folder = PROJECT / "tests" / "environments" / "kfp"
    done = subprocess.run([python, "-W", "ignore", "-c", FAIL, tmp_path], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "Error: Task failed. Exit code 3.\n")
    assert "Error: no rows" in done.stdout
