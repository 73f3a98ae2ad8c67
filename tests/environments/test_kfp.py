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
