"""A run step by step ends as a run in one go; its steps may be killed, repeated, and run at the same time."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fairgate import manifest
from fairgate.cli import main as cli
from fairgate.errors import InputError
from fairgate.table import read_table
from pipeline import config as configuration
from pipeline import local, stepwise
from pipeline.engines.choice import EngineChoice
from pipeline.progress import StepEnd, StepLog
from tests.faults.harness import SMALL

pytestmark = pytest.mark.slow

REFUSED = {"rules": [{"id": "any", "kind": "quality", "metric": "accuracy", "min": 0.999}]}

# What also says something of the last blessed run; of metrics.parquet, it is the metadata.
COMPARING = {"verdict.md", "report.html", "metrics.parquet", "content/facts.json", "content/drift.parquet"}


class Steps:
    """A root whose runs are prepared and run by steps."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ended: list[StepEnd] = []
        self.log = StepLog(lambda _: None, self.ended.append)

    def prepare(self, **values: Any) -> tuple[str, ...]:
        """Prepare the smallest run of the digits, with these changes."""
        config = configuration.load("digits", configuration.Overrides(values={**SMALL, **values}))
        return stepwise.prepare(config, self.root, EngineChoice(), self.log)

    def run(self, *nodes: str) -> list[bool]:
        """Run steps; return whether each had something to do."""
        return [stepwise.step(self.root, node, self.log) for node in nodes]


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    """Return a root in which a run is prepared."""
    found = Steps(tmp_path_factory.mktemp("steps"))
    found.prepare()
    return found


@contextmanager
def held(lock: Path, kind: int) -> Iterator[None]:
    """Hold a lock as another process would."""
    with lock.open("a") as file:
        fcntl.flock(file, kind)
        yield


def test_step_whose_inputs_are_missing_names_them(steps: Steps) -> None:
    with pytest.raises(InputError) as caught:
        steps.run("ExampleValidator")
    assert str(caught.value) == (
        f"{steps.root}: ExampleValidator needs ImportSchema, StatisticsGen, not finished in the prepared run; "
        f"type `fairgate step {steps.root} ImportSchema` first."
    )
    with pytest.raises(InputError, match=r"the report needs ImportExamples, ImportSchema, .*, Pusher, not finished"):
        stepwise.collect(steps.root)


def test_killed_step_starts_again_without_what_it_left(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever kills it, TFX has no time to record it."""
    steps.run("ImportExamples")

    def die(_: str, target: Path) -> None:
        (target.parent / "half").touch()
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("components.steps.import_schema.shutil.copyfile", die)
        with pytest.raises(SystemExit):
            steps.run("ImportSchema")
    (left,) = steps.root.glob("artifacts/ImportSchema/schema/*/half")
    assert steps.run("ImportSchema") == [True]
    assert [path.name for path in left.parent.iterdir()] == ["schema.pbtxt"]
    assert steps.run("ImportSchema") == [False]


def test_steps_that_do_not_need_each_other_run_at_the_same_time(steps: Steps) -> None:
    """As another step does that holds the root's lock too; the same step twice, or another run, is refused."""
    with held(steps.root / ".lock", fcntl.LOCK_SH):
        steps.run("StatisticsGen")
    with (
        held(steps.root / "steps" / "ExampleValidator.lock", fcntl.LOCK_EX),
        pytest.raises(InputError, match="another process is running ExampleValidator; wait until it ends"),
    ):
        steps.run("ExampleValidator")
    with held(steps.root / ".lock", fcntl.LOCK_EX), pytest.raises(InputError, match="Another run is using"):
        steps.run("ExampleValidator")


def vouched(report: Path) -> tuple[Any, ...]:
    """Return what the manifest vouches for, except that the report is called otherwise and compares with another run."""
    of_report, *others = manifest.read(report).folders
    assert of_report.kind == "report"
    return others, {name: digest for name, digest in of_report.files.items() if name not in COMPARING}


def test_run_by_steps_ends_as_a_run_in_one_go(steps: Steps, capfd: pytest.CaptureFixture[str]) -> None:
    """Same verdict, numbers and manifest; the run in one go finds every step in the cache, so that both ask for the same."""
    nodes = steps.prepare()
    steps.run(*nodes)
    assert cli.main(["collect", str(steps.root)]) == 0
    assert "BLESSED" in capfd.readouterr().out
    report = (steps.root / "latest").resolve()
    assert stepwise.collect(steps.root).report == report  # again, as a scheduler may
    known: list[StepEnd] = []
    config = configuration.load("digits", configuration.Overrides(values=SMALL))
    whole = local.run(config, steps.root, (), StepLog(lambda _: None, known.append))
    assert [step.step for step in known if not step.cached] == ["Prepare"]
    assert [step.step for step in known] == ["Prepare", *nodes]
    assert {path.name for path in whole.report.iterdir()} == {path.name for path in report.iterdir()}
    assert json.loads((whole.report / "verdict.json").read_text()) == json.loads((report / "verdict.json").read_text())
    assert read_table(whole.report / "metrics.parquet").equals(read_table(report / "metrics.parquet"))
    assert (whole.report / "config.json").read_bytes() == (report / "config.json").read_bytes()
    assert vouched(whole.report) == vouched(report)


def test_refused_model_ends_its_steps_well_and_collecting_with_the_verdict_s_code(
    steps: Steps, capfd: pytest.CaptureFixture[str]
) -> None:
    nodes = steps.prepare(policy=REFUSED)
    steps.ended.clear()
    steps.run(*nodes)
    assert [step.counter for step in steps.ended] == [f"{number} of {len(nodes)}" for number in range(1, len(nodes) + 1)]
    assert cli.main(["collect", str(steps.root)]) == 1
    assert "Model:  not published\n" in capfd.readouterr().out
