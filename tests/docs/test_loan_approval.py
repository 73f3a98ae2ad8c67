"""A task that is installed beside fairgate runs through the whole graph: nothing in it knows the task."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.evaluation.reading import read_evaluation
from fairgate.gate.decision import decide
from fairgate.measurement import Evaluation
from fairgate.names import BASELINE, CANDIDATE
from pipeline import config as configuration
from pipeline import local, tasks
from pipeline.progress import StepLog

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "loan_approval"
TASK = "loan-approval"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The example's wheel, built and unpacked where Python looks, as an installer does it."""
    source = shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("source") / "loan_approval")
    build = "from setuptools.build_meta import build_wheel; build_wheel('dist')"
    subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, check=True)
    (wheel,) = (source / "dist").glob("*.whl")
    site = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(site)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the run."""
    return tmp_path_factory.mktemp("loans")


@pytest.fixture(scope="module")
def run(installed: None, root: Path) -> local.RunResult:  # noqa: ARG001  # the task must be there
    """The task with its defaults."""
    return local.run(configuration.load(TASK), root, (), StepLog(lambda _: None, lambda _: None))


def test_remediated_candidate_is_blessed_and_published(run: local.RunResult) -> None:
    """Generated, trained, judged and pushed."""
    assert run.verdict.outcome == "blessed"
    assert run.pushed is not None
    assert (run.pushed / "saved_model.pb").is_file()


def test_report_is_of_this_task(run: local.RunResult) -> None:
    """The page says what the data are, shows applications in words and the task's model card."""
    page = (run.report / "report.html").read_text(encoding="utf-8")
    assert all(
        words in page for words in ("generated loan applications (seed 1)", "years employed, part-time", "no model reads it")
    )


def test_group_that_is_too_small_decides_nothing(run: local.RunResult) -> None:
    """Fewer than 100 applicants of gender "other" repaid."""
    (outcome,) = (rule.outcome for rule in run.verdict.rules if (rule.slice, rule.kind) == ("gender:other", "gap"))
    assert outcome == "not enough data"


def test_baseline_would_be_refused(run: local.RunResult, root: Path) -> None:  # noqa: ARG001  # the run comes first
    """In the candidate's place, under the same policy, it fails for the women whom it turns down."""
    (folder,) = root.glob("artifacts/Evaluator/evaluation/*")
    baseline = read_evaluation(str(folder)).models[BASELINE]
    decision = decide(tasks.find(TASK).policy, Evaluation({BASELINE: baseline, CANDIDATE: baseline}))
    failed = {(found.id, found.slice) for found in decision.rules if found.outcome == "failed"}
    assert decision.outcome == "refused"
    assert ("turned-down-gap", "gender:female") in failed
