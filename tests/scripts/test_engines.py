"""scripts/engines.sh: the step of continuous integration that starts a cluster, and how it is left out."""

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "engines.sh"


def test_engines_are_left_out_on_request_and_it_is_said() -> None:
    done = subprocess.run([SCRIPT], env={**os.environ, "FAIRGATE_ENGINES": "0"}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "engines: left out, because FAIRGATE_ENGINES=0\n")
