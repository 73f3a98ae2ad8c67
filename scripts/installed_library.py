"""Check an installation of the wheel from an empty folder: light, without the pipeline, and every command of the library at work.

In: the folder of a finished run, which is copied, and the Python that runs this file: that of the installation. Out: one line
with the versions and the time of the import, or an AssertionError. scripts/test_wheel.sh and tests/test_wheel.py run it.

    env/bin/python -I scripts/installed_library.py runs/digits
"""

import importlib.metadata
import importlib.util
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

# What the pipeline alone needs; as distributions, and as they are imported.
HEAVY = {"tensorflow", "keras", "tfx", "tfx-bsl", "apache-beam", "tensorflow-model-analysis", "ml-metadata", "kfp"}
HEAVY_MODULES = ("tensorflow", "keras", "tfx", "apache_beam", "tensorflow_model_analysis", "kfp")
POLICY = "rules:\n  - {kind: quality, id: floor, metric: accuracy, min: 0.5}\n"
IMPORT = "import time; start = time.perf_counter(); import fairgate; print(time.perf_counter() - start)"
LOAD = f"""
import sys, fairgate
results = fairgate.load(sys.argv[1])
heavy = [name for name in {HEAVY_MODULES} if name in sys.modules]
print(results.verdict.outcome, len(results.metrics), len(results._repr_html_()) > 1000, heavy)
"""


def run(folder: Path, *command: str, code: int = 0) -> tuple[str, str]:
    """Return standard output and standard error of a command that must end with the exit code."""
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(folder.parent), "PYTHONWARNINGS": "error"}  # the fonts' cache goes there
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)  # noqa: S603
    check(done.returncode == code, f"{command}: exit code {done.returncode} instead of {code}\n{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


def check(condition: bool, message: object) -> None:
    """Raise AssertionError if the condition does not hold."""
    if not condition:
        raise AssertionError(message)


def python(folder: Path, code: str, *arguments: str) -> str:
    """Return what Python code prints in a fresh process of this installation."""
    return run(folder, sys.executable, "-I", "-c", code, *arguments)[0]


def check_packages() -> None:
    """Raise AssertionError if a package of the pipeline is installed, whether ours or one of those that it needs."""
    distributions = {each.metadata["Name"].lower().replace("_", "-") for each in importlib.metadata.distributions()}
    check(not HEAVY & distributions, f"installed: {sorted(HEAVY & distributions)}")
    ours = [name for name in ("data", "components", "pipeline") if importlib.util.find_spec(name)]
    check(not ours, f"these packages can be imported: {ours}")


def check_commands(folder: Path, root: Path) -> None:
    """Raise AssertionError if a command does not answer as it should.

    Args:
        folder: an empty folder, in which the commands are run.
        root: a run's root folder; its page is drawn again.
    """
    fairgate = str(Path(sys.executable).parent / "fairgate")
    policy = folder / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    usage = run(folder, fairgate, "--help")[0]
    check(usage.startswith("Usage: fairgate") and "verify" in usage and "kubeflow" not in usage, usage)
    check(run(folder, sys.executable, "-m", "fairgate", "--help")[0] == usage, "python -m fairgate differs from fairgate")
    check("a policy of 1 rule" in run(folder, fairgate, "check", "policy.yaml")[0], "check policy.yaml")
    check("in order" in run(folder, fairgate, "check", str(root))[0], f"check {root}")
    page = Path(run(folder, fairgate, "report", str(root))[0].strip())
    check(page.read_text("utf-8").rstrip().endswith("</html>"), page)
    unchanged, _ = run(folder, fairgate, "verify", str(root))
    check("unchanged since the run" in unchanged and "source files were not compared" in unchanged, unchanged)
    _, refusal = run(folder, fairgate, "run", "digits", code=3)
    check(refusal.count("\n") == 1 and refusal.startswith("Error: `fairgate run` needs the pipeline"), refusal)
    policy.unlink()


def check_load(folder: Path, root: Path) -> None:
    """Raise AssertionError if Python code cannot load the run, or if that imports something heavy."""
    outcome, rows, drawn, heavy = python(folder, LOAD, str(root)).split(maxsplit=3)
    check(outcome in ("blessed", "refused", "inconclusive") and int(rows) > 0, (outcome, rows))
    check((drawn, heavy.strip()) == ("True", "[]"), (drawn, heavy))


def main() -> None:
    """Check this installation with a copy of the run that the command line names."""
    original = Path(sys.argv[1]).resolve(strict=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder, root = Path(temporary) / "empty", Path(temporary) / "run"
        folder.mkdir()
        shutil.copytree(original, root, symlinks=True)
        check_packages()
        check_commands(folder, root)
        check_load(folder, root)
        times = [float(python(folder, IMPORT)) for _ in range(5)]
        left = [path.name for path in folder.iterdir()]
        check(not left, f"left in the empty folder: {left}")
    version, milliseconds = importlib.metadata.version("fairgate"), 1000 * statistics.median(times)
    print(f"Python {platform.python_version()}: fairgate {version}, import {milliseconds:.0f} ms, all commands work")


if __name__ == "__main__":
    main()
