"""The whole graph of the default model on a small generated sample: steps, reference, metadata, predictions, cache."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.modelling import metadata
from data.records import decode_example, read_records
from fairgate.cli import main as cli
from fairgate.gate.outcome import RuleLine
from fairgate.names import BASELINE, CANDIDATE, REFERENCE
from pipeline import config as configuration
from pipeline import local
from pipeline.local import RunResult
from pipeline.progress import StepEnd, StepLog
from tests.one_verdict import check_one_verdict

pytestmark = pytest.mark.slow

COMPARED = {"id": "reference", "kind": "not_worse", "metric": "auc", "against": "reference", "margin": 0.1}
USEFUL = {"id": "useful", "kind": "beats_trivial", "metric": "auc"}
SAMPLE: Mapping[str, Any] = {
    "input": {"sample": True, "sample_train_rows": 8000, "sample_eval_rows": 4000},
    "training": {"strength": 2},
    "policy": {"rules": [COMPARED, USEFUL]},
}
STEPS = {
    *("ImportExamples", "StatisticsGen", "ImportSchema", "ExampleValidator", "DataGate", "TextFeatures"),
    *("TrainerBaseline", "TrainerCandidate", "TrainerReference", "Evaluator", "EvaluatorReference", "CounterfactualTest"),
    *("FairnessGate", "Reporter", "Pusher"),
}


def run(root: Path) -> tuple[RunResult, list[StepEnd]]:
    """Run the sample; return the steps too."""
    steps: list[StepEnd] = []
    config = configuration.load("civil-comments", configuration.Overrides(values=SAMPLE))
    return local.run(config, root, (), StepLog(lambda _: None, steps.append)), steps


def worked(steps: list[StepEnd]) -> set[str]:
    """Return the steps of the graph that did not come from the cache."""
    return {step.step for step in steps if not step.cached} - {"Prepare"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of all runs."""
    return tmp_path_factory.mktemp("ngrams")


@pytest.fixture(scope="module")
def first(root: Path) -> tuple[RunResult, list[StepEnd]]:
    """Run it for the first time."""
    return run(root)


@pytest.fixture(scope="module")
def published(first: tuple[RunResult, list[StepEnd]]) -> Path:
    """Return the published candidate."""
    assert first[0].pushed is not None
    return first[0].pushed


def test_graph_has_features_and_a_reference_and_no_transform(first: tuple[RunResult, list[StepEnd]]) -> None:
    assert worked(first[1]) == STEPS


def test_reference_is_measured_and_the_candidate_compared_with_it(first: tuple[RunResult, list[StepEnd]]) -> None:
    """On all examples and nowhere else: the rates of groups are those of baseline and candidate."""
    verdict = first[0].verdict
    aucs = {name: verdict.overall["auc"][name] or math.nan for name in (BASELINE, CANDIDATE, REFERENCE)}
    rule = line(first[0], "reference")
    assert (verdict.outcome, rule.outcome, rule.n) == ("blessed", "passed", 4000)
    assert rule.value == pytest.approx(aucs[CANDIDATE] - aucs[REFERENCE], abs=1e-9)
    assert min(aucs.values()) > 0.8
    assert {of_slice.slice for of_slice in verdict.slices if of_slice.model == REFERENCE} <= {"overall"}


def line(result: RunResult, rule_id: str) -> RuleLine:
    """Return the line of a rule that looks at one number."""
    (found,) = (each for each in result.verdict.rules if each.id == rule_id)
    return found


def test_model_says_how_it_decides_and_what_was_done(first: tuple[RunResult, list[StepEnd]], published: Path) -> None:
    """In `model.json`, and the same in the verdict; baseline and reference have no remedy."""
    said, models = metadata.read(published), first[0].verdict.models
    assert said is not None
    assert (said.architecture, said.recipe) == ("ngrams", "remediated")
    assert said.operating_point is not None
    point = said.operating_point
    assert (point.name, point.threshold, point.chosen_on, point.rows) == ("balanced", 0.5, "out-of-fold scores of train", 8000)
    assert point.false_positive_rate == pytest.approx(point.false_negative_rate, abs=0.03)
    assert said.remedy is not None
    assert (said.remedy.name, said.remedy.strength) == ("identity weights", 2.0)
    assert (models[CANDIDATE].operating_point, models[CANDIDATE].remedy) == (point, said.remedy)
    assert [models[name].remedy for name in (BASELINE, REFERENCE)] == [None, None]


def test_prediction_has_score_probability_and_operating_point(
    root: Path,
    published: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The score's odds are those of balanced classes, the probability's those of the comments: they differ by the prevalence."""
    point = metadata.read(published)
    assert (
        cli.main(["predict", "civil-comments", "You are an idiot.", "Thank you very much.", "--root", str(root), "--json"]) == 0
    )
    answers = [json.loads(answer) for answer in capsys.readouterr().out.splitlines()]
    assert [answer["decision"] for answer in answers] == ["toxic", "non-toxic"]
    assert point is not None
    assert point.operating_point is not None
    prevalence = odds(share_of_toxic(root))
    for answer in answers:
        assert (answer["threshold"], answer["operating_point"]) == (0.5, point.operating_point.words)
        assert (answer["score"] > 0.5) == (answer["decision"] == "toxic")
        assert odds(answer["probability"]) == pytest.approx(odds(answer["score"]) * prevalence, rel=1e-4)


def odds(share: float) -> float:
    """Return p / (1 - p)."""
    return share / (1 - share)


def share_of_toxic(root: Path) -> float:
    """Return the share of toxic comments in the split train."""
    labels = [
        float(decode_example(record)["toxicity"][0]) > 0
        for file in root.glob("examples/*/Split-train/*")
        for record in read_records(file)
    ]
    return sum(labels) / len(labels)


def test_exported_predictions_give_the_same_verdict(root: Path, first: tuple[RunResult, list[StepEnd]], tmp_path: Path) -> None:
    """By the command, in Python and in a test, with every count, rate and interval of the run."""
    scores = {model: f"score_{model}" for model in (BASELINE, CANDIDATE, REFERENCE)}
    slices = ["gender", "sexual_orientation", "religion", "race", "disability"]
    check_one_verdict(root, first[0].run_id, tmp_path / "out", scores=scores, slices=slices)


def test_second_run_comes_from_the_cache(root: Path, first: tuple[RunResult, list[StepEnd]]) -> None:
    """Nothing works again, nothing is published twice, the verdict is the same."""
    again, steps = run(root)
    assert (worked(steps), again.verdict, again.pushed) == (set(), first[0].verdict, first[0].pushed)
