"""The compiled pipelines run container by container, as in a cluster, and end as the local runs do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fairgate.gate import verdict as verdicts
from fairgate.gate.verdict import Verdict
from pipeline import config as configuration
from pipeline import local
from pipeline.config import RunConfig
from pipeline.kubeflow.compile import Target, compile_pipeline
from pipeline.progress import StepLog
from tests.kubeflow.harness import Cluster, Dialect, Outcome

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

BLESSES = {"rules": [{"id": "useful", "kind": "beats_trivial", "metric": "auc"}]}
REFUSES = {"rules": [{"id": "perfect", "kind": "quality", "metric": "auc", "min": 0.9999}]}
COMMENTS: Mapping[str, Any] = {
    "input": {"sample": True, "sample_train_rows": 3000, "sample_eval_rows": 2000},
    "policy": BLESSES,
}
# Those of a set do not wait for each other.
STEPS = (
    {"ImportExamples", "ImportSchema"},
    {"StatisticsGen"},
    {"ExampleValidator"},
    {"DataGate"},
    {"TextFeatures"},
    {"TrainerBaseline", "TrainerCandidate", "TrainerReference"},
    {"Evaluator", "EvaluatorReference", "CounterfactualTest"},
    {"FairnessGate"},
    {"Reporter"},
    {"Pusher"},
)
TWO_PROCESSES = ("--direct_running_mode=multi_processing", "--direct_num_workers=2")
DIGITS: Mapping[str, Any] = {
    "training": {"baseline": {"epochs": 6}, "candidate": {"epochs": 6}},
    "policy": {"rules": [{"id": "accurate", "kind": "quality", "metric": "accuracy", "min": 0.3}]},
}


@dataclass(frozen=True)
class Local:
    """A run on this machine, and what a cluster needs of it.

    Attributes:
        config: of the run; n-gram models need nothing that only the local runner resolves.
        examples: the converted examples.
        verdict: the gate's.
    """

    config: RunConfig
    examples: Path
    verdict: Verdict


def run_locally(task: str, values: Mapping[str, Any], root: Path, beam_args: tuple[str, ...] = ()) -> Local:
    """Runs the task on this machine, by default in one process."""
    config = configuration.load(task, configuration.Overrides(values=values))
    result = local.run(config, root, beam_args, StepLog(lambda _: None, lambda _: None))
    (examples,) = (root / "examples").iterdir()
    return Local(config, examples, result.verdict)


def make_cluster(found: Local, folder: Path, dialect: Dialect) -> Cluster:
    """A cluster that can run the same configuration."""
    compiled = folder / "pipeline.yaml"
    target = Target("example.org/fairgate:1", str(folder / "serving"), root=f"minio://{folder.name}")
    compiled.write_text(compile_pipeline(found.config, target), encoding="utf-8")
    return Cluster(folder, compiled, dialect)


def verdict_of(cluster: Cluster, outcome: Outcome) -> Verdict:
    """What the gate wrote into the bucket."""
    return verdicts.read(cluster.file(outcome.artifacts["FairnessGate", "verdict"]["uri"]) / "verdict.json")


def assert_same(found: Verdict, expected: Verdict) -> None:
    """The same outcome for the same reasons, and every number of every slice to 1e-9."""
    assert found.outcome == expected.outcome
    assert [(rule.id, rule.outcome) for rule in found.rules] == [(rule.id, rule.outcome) for rule in expected.rules]
    assert found.data.rows == expected.data.rows
    assert len(found.slices) == len(expected.slices)
    for line, other in zip(found.slices, expected.slices, strict=True):
        assert (line.slice, line.model, line.threshold, line.n) == (other.slice, other.model, other.threshold, other.n)
        assert line.metrics == pytest.approx(other.metrics, abs=1e-9, nan_ok=True)


def serving(cluster: Cluster) -> list[Path]:
    """The published versions."""
    return sorted(cluster.file("serving").glob("*"))


@pytest.fixture(scope="module")
def comments(tmp_path_factory: pytest.TempPathFactory) -> Local:
    """A small sample, on this machine."""
    return run_locally("civil-comments", COMMENTS, tmp_path_factory.mktemp("comments"))


@pytest.fixture(scope="module")
def plain(comments: Local, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Kubeflow Pipelines v2."""
    return make_cluster(comments, tmp_path_factory.mktemp("plain"), "plain")


@dataclass(frozen=True)
class Refused:
    """A run with a policy that asks for the impossible, killed while the candidate was trained; the same run again."""

    killed: Outcome
    again: Outcome
    published: list[Path]


@pytest.fixture(scope="module")
def refused(plain: Cluster, comments: Local) -> Refused:
    """In a cluster where nothing has been published yet."""
    parameters = {"examples": str(comments.examples), "policy": json.dumps(REFUSES)}
    return Refused(plain.run(parameters, kill=["TrainerCandidate"]), plain.run(parameters), serving(plain))


@pytest.fixture(scope="module")
def blessed(plain: Cluster, comments: Local, refused: Refused) -> Outcome:  # noqa: ARG001  # its steps are cached
    """A run with the policy that was compiled in."""
    return plain.run({"examples": str(comments.examples)})


def test_killed_step_stops_what_depends_on_it(refused: Refused) -> None:
    """What does not depend on it is finished."""
    assert refused.killed.failed == {"TrainerCandidate"}
    assert refused.killed.skipped == {
        *("Evaluator", "EvaluatorReference", "CounterfactualTest"),
        *("FairnessGate", "Pusher", "Reporter"),
    }


def test_run_after_a_kill_goes_on_where_it_stopped(refused: Refused) -> None:
    """Everything that was finished comes from the cache."""
    assert refused.again.cached == refused.killed.ran
    assert refused.again.ran == refused.killed.failed | refused.killed.skipped


def test_any_step_may_be_killed(comments: Local, tmp_path: Path) -> None:
    """Run after run is killed one step further on; the last is left alone, does what is left, and publishes once."""
    cluster, parameters = make_cluster(comments, tmp_path, "plain"), {"examples": str(comments.examples)}
    done: set[str] = set()
    missed: set[str] = set()
    for steps in STEPS:
        outcome = cluster.run(parameters, kill=steps)
        assert (outcome.failed, outcome.ran, outcome.cached) == (steps, missed, done)
        done, missed = done | missed, steps
    outcome = cluster.run(parameters)
    assert (outcome.failed, outcome.ran, outcome.cached) == (set(), missed, done)
    assert_same(verdict_of(cluster, outcome), comments.verdict)
    assert len(serving(cluster)) == 1


def test_refused_model_is_not_pushed(plain: Cluster, refused: Refused) -> None:
    """Pusher runs, since no engine looks into the blessing for it, and publishes nothing."""
    assert verdict_of(plain, refused.again).outcome == "refused"
    assert refused.again.artifacts["Pusher", "pushed_model"]["metadata"]["pushed"] == 0
    assert refused.published == []


def test_policy_is_chosen_at_submission(blessed: Outcome) -> None:
    """With another policy only the gate and what follows run."""
    assert blessed.ran == {"FairnessGate", "Pusher", "Reporter"}


def test_plain_run_ends_as_the_local_run(plain: Cluster, blessed: Outcome, comments: Local) -> None:
    """On Kubeflow Pipelines v2."""
    assert_same(verdict_of(plain, blessed), comments.verdict)
    assert verdict_of(plain, blessed).data.source == f"generated sample in {comments.examples}"


def test_run_in_several_processes_ends_as_the_local_run(comments: Local, tmp_path: Path) -> None:
    """Beam's steps on two worker processes."""
    several = run_locally("civil-comments", COMMENTS, tmp_path, TWO_PROCESSES)
    assert_same(several.verdict, comments.verdict)


def test_same_run_again_publishes_nothing_twice(plain: Cluster, blessed: Outcome, comments: Local) -> None:
    """Everything is cached; the one version came from the one run that was blessed."""
    again = plain.run({"examples": str(comments.examples)})
    assert again.cached == blessed.ran | blessed.cached
    (version,) = serving(plain)
    assert (version / "saved_model.pb").is_file()


def test_report_is_shown_by_the_engine(plain: Cluster, blessed: Outcome) -> None:
    """The outputs are files of the types that Kubeflow shows, copied from the report."""
    report = plain.file(blessed.artifacts["Reporter", "report"]["uri"])
    for output, name, title in (("page", "report.html", "system.HTML"), ("summary", "verdict.md", "system.Markdown")):
        artifact = blessed.artifacts["Reporter", output]
        assert artifact["type"]["schemaTitle"] == title
        assert plain.file(artifact["uri"]).read_bytes() == (report / name).read_bytes()


def test_vertex_run_ends_as_the_local_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """On Vertex AI, which calls the driver; the task with two evaluated splits."""
    found = run_locally("digits", DIGITS, tmp_path_factory.mktemp("digits"))
    cluster = make_cluster(found, tmp_path_factory.mktemp("vertex"), "vertex")
    outcome = cluster.run({"examples": str(found.examples)})
    assert not outcome.failed
    assert_same(verdict_of(cluster, outcome), found.verdict)
    assert len(serving(cluster)) == 1
