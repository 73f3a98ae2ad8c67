"""The whole gate on artifacts of files: models that say how they decide, and a reference model beside them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tfx.types import standard_artifacts

from components.artifacts import seals
from components.artifacts.facts import FACTS
from components.modelling import metadata
from components.modelling.metadata import ModelMetadata
from components.modelling.seal_check import record_scored
from components.modelling.sealing import seal
from components.steps import fairness_gate
from components.steps.fairness_gate import FairnessGate
from components.steps.gate_settings import GateSettings
from fairgate.errors import InputError
from fairgate.gate import verdict as verdicts
from fairgate.gate.checks import Check
from fairgate.gate.policy import Policy
from fairgate.gate.verdict import Verdict
from fairgate.measurement import Evaluation
from fairgate.model_facts import OperatingPoint, Remedy
from fairgate.predictions import evaluate_predictions
from fairgate.table import read_table

POLICY = Policy.model_validate(
    {"rules": [{"kind": "not_worse", "id": "reference", "metric": "auc", "against": "reference", "margin": 0.01}]}
)
SETTINGS = GateSettings(
    task="civil-comments",
    policy=POLICY,
    confidence=0.95,
    recipes={"baseline": "baseline", "candidate": "remediated"},
    source="somewhere",
    generated=False,
    seed=1,
    config_digest="c",
    source_digest="s",
)
POINT = OperatingPoint(name="target_fpr: 0.05", threshold=0.25, chosen_on="validation", rows=2000)
REMEDY = Remedy(name="identity weights", strength=2, sentence="Harmless comments on identities weigh twice as much.")
SAID = {
    "candidate": ModelMetadata(
        architecture="ngrams", recipe="remediated", operating_point=POINT, remedy=REMEDY, notes=("A note.",)
    ),
    "reference": ModelMetadata(architecture="ngrams", recipe="reference", operating_point=POINT),
}


def artifact(kind: type[Any], folder: Path, *, sealed: bool = False) -> Any:
    made = kind()
    made.uri = str(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if sealed:
        seals.seal(made)
    return made


class Run:
    """Artifacts of three models on 3,000 examples, and the gate on them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.models = {name: self.model(name) for name in ("baseline", "candidate", "reference")}
        random = np.random.default_rng(1)
        labels = random.integers(0, 2, 3000)
        ease = random.normal(size=3000)
        scores = {
            name: 1 / (1 + np.exp(1 - 2 * labels - ease - spread * random.normal(size=3000)))
            for name, spread in (("baseline", 0.4), ("candidate", 0.1), ("reference", 0.2))
        }
        one = {name: scores[name] for name in ("baseline", "candidate")}
        other = {name: scores[name] for name in ("reference", "candidate")}
        self.measured = {
            name: evaluate_predictions(labels, of_two, thresholds=(0.25, 0.5))
            for name, of_two in (("eval", one), ("beside", other))
        }
        self.artifacts = {
            "evaluation": self.evaluation("eval", "baseline"),
            "reference_evaluation": self.evaluation("beside", "reference"),
            "examples": artifact(standard_artifacts.Examples, root / "examples"),
            **self.models,
        }
        for split in ("train", "eval"):
            (root / "examples" / f"Split-{split}").mkdir()
            (root / "examples" / f"Split-{split}" / "part").write_text(split)
        facts = root / "facts"
        facts.mkdir()
        splits = {"train": {"rows": 9000, "distinct": 9000}, "eval": {"rows": 3000, "distinct": 3000}}
        known = {"splits": splits, "expected": {}, "absent_columns": [], "tagged_features": []}
        (facts / FACTS).write_text(json.dumps(known))
        self.artifacts["data_facts"] = artifact(standard_artifacts.ModelEvaluation, facts, sealed=True)

    def model(self, name: str) -> Any:
        folder = self.root / name / "Format-Serving"
        folder.mkdir(parents=True)
        (folder / "saved_model.pb").write_text(name)
        if name in SAID:
            metadata.write(folder, SAID[name])
        seal(folder)
        return artifact(standard_artifacts.Model, self.root / name)

    def evaluation(self, name: str, second: str) -> Any:
        scored = {each: str(self.root / each / "Format-Serving") for each in ("candidate", second)}
        folder = self.root / name
        folder.mkdir()
        (folder / "eval_config.json").write_text(json.dumps({"evalConfig": {}, "version": "0.47.1", "modelLocations": scored}))
        made = artifact(standard_artifacts.ModelEvaluation, folder, sealed=True)
        record_scored(made, scored)
        return made

    def read(self, uri: str) -> Evaluation:
        return self.measured[Path(uri).name]

    def judge(self, **changes: Any) -> Verdict:
        given = {**self.artifacts, **changes}
        blessing = artifact(standard_artifacts.ModelBlessing, self.root / "blessing")
        verdict = artifact(standard_artifacts.ModelEvaluation, self.root / "verdict")
        FairnessGate.test_call(**given, blessing=blessing, verdict=verdict, settings=SETTINGS.model_dump_json())
        return verdicts.read(self.root / "verdict" / "verdict.json")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Counts come from arrays instead of TFMA; no process serves the model."""
    made = Run(tmp_path)
    monkeypatch.setattr(fairness_gate, "read_evaluation", made.read)
    monkeypatch.setattr(fairness_gate, "serving_check", lambda *_: Check("serving", ok=True, reason="Served."))
    return made


def test_the_candidate_is_compared_with_the_reference_as_in_a_table(run: Run) -> None:
    """Paired on overall, to the last digit."""
    verdict = run.judge()
    line = next(line for line in verdict.rules if line.id == "reference")
    aucs = {name: each["overall"].value for name, each in run.measured["beside"].models.items()}
    assert (verdict.outcome, line.outcome, line.proven) == ("blessed", "passed", True)
    key = next(iter(run.measured["beside"].paired_with_reference["overall"].covariances))
    assert line.value == aucs["candidate"](key) - aucs["reference"](key)
    assert verdict.overall["auc"] == {
        "baseline": run.measured["eval"].models["baseline"]["overall"].value(key),
        "candidate": aucs["candidate"](key),
        "reference": aucs["reference"](key),
    }
    table = read_table(run.root / "verdict" / "metrics.parquet")
    assert set(table.loc[table["model"] == "reference", "slice"]) == {"overall"}


def test_every_model_says_how_it_decides(run: Run) -> None:
    models = run.judge().models
    assert {name: info.description for name, info in models.items()} == {
        "baseline": "baseline",
        "candidate": "remediated",
        "reference": "reference",
    }
    assert [(info.operating_point, info.remedy, info.notes) for info in models.values()] == [
        (None, None, ()),
        (POINT, REMEDY, ("A note.",)),
        (POINT, None, ()),
    ]


def test_a_policy_without_thresholds_is_judged_at_the_candidates(run: Run) -> None:
    """Of the two that were measured."""
    assert {line.threshold for line in run.judge().rules} == {None, 0.25}


def test_without_a_reference_the_rule_does_not_apply(run: Run) -> None:
    verdict = run.judge(reference=None, reference_evaluation=None)
    line = next(line for line in verdict.rules if line.id == "reference")
    assert (line.outcome, set(verdict.models), set(verdict.overall["auc"])) == (
        "not applicable",
        {"baseline", "candidate"},
        {"baseline", "candidate"},
    )


@pytest.mark.parametrize("absent", ["reference", "reference_evaluation"])
def test_half_a_reference_is_a_mistake(run: Run, absent: str) -> None:
    with pytest.raises(InputError, match="give both in the pipeline, or neither"):
        run.judge(**{absent: None})


def test_a_candidate_that_was_counted_otherwise_is_a_mistake(run: Run) -> None:
    slices = run.measured["eval"].models["candidate"]
    other = replace(slices["overall"], n_positive=(slices["overall"].n_positive or 0) + 1)
    run.measured["beside"] = replace(
        run.measured["beside"], models={**run.measured["beside"].models, "candidate": {"overall": other}}
    )
    with pytest.raises(InputError, match="The candidate was measured otherwise beside the reference model"):
        run.judge()


def test_an_evaluation_of_another_reference_refuses(run: Run) -> None:
    """Its folder is another one, and its digest."""
    another = run.model("another")
    verdict = run.judge(reference=another)
    reasons = [line.reason for line in verdict.rules if line.outcome == "failed"]
    assert verdict.outcome == "refused"
    assert any("as the reference, not" in reason for reason in reasons)
    assert any("was measured on the reference sha256:" in reason for reason in reasons)


def test_a_changed_reference_refuses(run: Run) -> None:
    (run.root / "reference" / "Format-Serving" / "saved_model.pb").write_text("changed")
    failed = [line.reason for line in run.judge().rules if line.outcome == "failed"]
    assert any("The reference is not the model that was trained" in reason for reason in failed)


def test_a_changed_evaluation_of_the_reference_is_a_mistake(run: Run) -> None:
    (run.root / "beside" / "more").write_text("changed")
    with pytest.raises(InputError, match="changed since the step wrote it"):
        run.judge()
