"""What an acceptance works with: the backend under test, its place on the volume, the command, and each task ready to run."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.tasks import pipeline_name
from tests.kubeflow.backend.artifact_store import ArtifactStore
from tests.kubeflow.backend.backend_api import BackendApi
from tests.kubeflow.backend.backend_settings import BackendSettings
from tests.kubeflow.backend.clean_up import Made

COMMENTS, DIGITS = "civil-comments", "digits"
OPTIONS: Mapping[str, Sequence[str]] = {COMMENTS: ("--set", "input.sample=true"), DIGITS: ()}
SMALL: Mapping[str, Sequence[str]] = {
    COMMENTS: (*OPTIONS[COMMENTS], "--set", "input.sample_train_rows=3000", "--set", "input.sample_eval_rows=2000"),
    DIGITS: ("--set", "training.baseline.epochs=4", "--set", "training.candidate.epochs=4"),
}
COMMAND_MINUTES = 5.0  # for a command that only calls the backend, or compiles


@dataclass
class Accepted:
    """The backend under test, what was laid on its volume, and what must be removed from it.

    Attributes:
        settings: where it is.
        api: its API.
        token: a word that makes the names of this acceptance its own.
        inside: its folder on the volume, as the containers see it.
        made: what must be removed at the end.
        say: shows a line of progress.
    """

    settings: BackendSettings
    api: BackendApi
    token: str
    inside: str
    made: Made
    say: Callable[[str], None]

    @property
    def experiment(self) -> str:
        """The id of the experiment that lists its runs."""
        return self.made.experiment

    @property
    def folder(self) -> Path:
        """Its folder on the volume, as this machine sees it."""
        return self.made.folder

    def store(self, task: str) -> ArtifactStore:
        """Return the artifacts of a task's runs."""
        return ArtifactStore(self.settings.store, self.settings.root, pipeline_name(task))

    def published(self, task: str) -> list[str]:
        """Return the published versions of a task's model."""
        return sorted(path.name for path in (self.folder / task / "serving").glob("[0-9]*"))

    def fairgate(self, *arguments: str) -> str:
        """Run `fairgate kubeflow`, which must end well, and return what it printed."""
        return run_command(["kubeflow", *arguments], COMMAND_MINUTES, codes=(0,))

    def submit(self, compiled: "Compiled", name: str, *parameters: str) -> str:
        """Start a run by `fairgate kubeflow submit` and return its id."""
        given = [word for parameter in parameters for word in ("-p", parameter)]
        names = ("--name", f"{name} {self.token}", "--experiment", experiment_name(self.token))
        printed = self.fairgate("submit", str(compiled.package), *self.namespace, *names, *given)
        run_id = found(r"Run (\S+):", printed)
        self.say(f"run {run_id} ({name}) is submitted")
        return run_id

    def succeed(self, run_id: str) -> str:
        """Wait until a run has ended well; return its id."""
        ended = self.api.wait(run_id, self.settings.minutes)
        assert ended.state == "SUCCEEDED", f"{ended.describe()}; the Kubeflow UI shows the logs of its steps"
        return run_id

    @property
    def namespace(self) -> tuple[str, ...]:
        """The option that names the user's namespace, if there is one."""
        return ("--namespace", self.settings.namespace) if self.settings.namespace else ()


@dataclass(frozen=True)
class Compiled:
    """A task compiled for the backend, with its examples on the volume and its local run.

    Attributes:
        package: the compiled pipeline.
        examples: the folder of its examples in the containers.
        local: the folder of the newest local report.
    """

    package: Path
    examples: str
    local: Path


def options(settings: BackendSettings) -> Mapping[str, Sequence[str]]:
    """Return the options of `fairgate run` for each task."""
    return SMALL if settings.small else OPTIONS


def found(pattern: str, text: str) -> str:
    """Return the first group of a pattern that must be in a text."""
    match = re.search(pattern, text)
    assert match, f"no {pattern} in {text!r}"
    return match[1]


def run_command(arguments: Sequence[str], minutes: float, codes: Sequence[int]) -> str:
    """Run `fairgate`, fail the test if it does not end with one of the exit codes in time, and return what it printed."""
    command = [str(Path(sys.executable).with_name("fairgate")), *arguments]
    words = " ".join(command)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=minutes * 60)
    except subprocess.TimeoutExpired as error:
        shown = "".join(part.decode(errors="replace") for part in (error.stdout, error.stderr) if part)
        pytest.fail(f"{words} has not ended within {minutes:g} minutes; it printed:\n{shown}", pytrace=False)
    if done.returncode not in codes:
        pytest.fail(f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout


def experiment_name(token: str) -> str:
    """Return the name of the experiment of an acceptance."""
    return f"fairgate acceptance {token}"


def prepare(accepted: Accepted, task: str, folder: Path) -> Compiled:
    """Run a task on this machine, unless it was, lay its examples on the volume, and compile it into the folder."""
    settings = accepted.settings
    how = options(settings)[task]
    root = (settings.local or folder) / task
    if not settings.local:
        accepted.say(f"fairgate run {task} on this machine")
        run_command(["run", task, *how, "--root", str(root)], settings.minutes, codes=(0, 1, 2))
    (examples,) = (root / "examples").iterdir()
    lay(accepted, examples, f"{task}/examples")
    serving = accepted.folder / task / "serving"
    serving.mkdir(parents=True)
    serving.chmod(0o777)  # the containers are user 10001
    package = folder / f"{task}-{accepted.token}.yaml"
    volume = ("--volume", settings.volume) if settings.volume else ()
    places = ("--image", settings.image, "--root", settings.root, *volume)
    inside = f"{accepted.inside}/{task}"
    accepted.fairgate("compile", task, *how, *places, "--serving", f"{inside}/serving", "-o", str(package))
    return Compiled(package, f"{inside}/examples", root / "latest")


def lay(accepted: Accepted, examples: Path, name: str) -> None:
    """Copy examples to the volume, readable for everyone."""
    target = accepted.folder / name
    shutil.copytree(examples, target)
    for path in (accepted.folder.parent, accepted.folder, target.parent, target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
