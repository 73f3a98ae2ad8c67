"""The corpus of situations: a table of predictions and a policy, and what the gate must answer.

`situations/*.yaml` holds one family per file, `tables.yaml` and `policies.yaml` what several situations share. In: these files.
Out: `Situation`s, and `judge`, which makes the table, evaluates it and lets the gate decide.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from fairgate.errors import InputError
from fairgate.gate.checks import Check
from fairgate.gate.decision import decide
from fairgate.gate.lint import lint
from fairgate.gate.measured import Measured
from fairgate.gate.policy import Policy
from fairgate.gate.waivers import in_force
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.predictions import evaluate_predictions
from tests.situations.recipes import Predictions, Recipe, Stratum, make

FOLDER = Path(__file__).parent
SHARED = ("tables", "policies", "open")  # open: answers that are known to be wrong, and why

Answer = Literal["blessed", "refused", "inconclusive", "reported", "error"]


class Edit(BaseModel):
    """A number of an evaluation that is replaced, to play a measurement that cannot be.

    Attributes:
        model, slice: where.
        metric: a rate or a scalar of it, at `threshold`, gets the `value` or the rate's `counts` (successes, trials).
        field: or a field of `SliceMetrics`, "n", gets the `value`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    slice: str = "overall"
    metric: str | None = None
    threshold: float | None = None
    field: str | None = None
    value: int | float | None = None
    counts: tuple[float, float] | None = None


class Situation(BaseModel):
    """One situation.

    Attributes:
        name: unique in the corpus.
        what: the situation in a sentence, for readers.
        table: the name of a table in tables.yaml, or strata.
        scores: model -> recipe.
        seed, correlation: of the table, see `recipes.make`.
        thresholds: at which decisions are measured; or how many of them, spread evenly between 0 and 1.
        classes: names of the classes, where there are more than two.
        intersections: pairs of features.
        flip_labels: 0 and 1 are exchanged.
        exchange: the scores of baseline and candidate are exchanged.
        repeat: every example so many times.
        clustered: copies of one example are known to belong together, as the pipeline knows it.
        edits: numbers of the evaluation that are replaced.
        facts: fields of `Evaluation` that are replaced: rows, distinct, absent_columns ….
        checks: made elsewhere, beside the evaluation.
        policy: the name of a policy in policies.yaml, or the policy.
        linted: the policy is linted first, as a run does before anything is trained; a problem is an "error".
        day: on which it is judged, for its waivers.
        outcome: what the gate must answer; any of several where all are right. "error" is a policy or a table that is refused
            before anything is judged (exit code 3).
        says: what the verdict must contain.
        luck: of how many of 200 seeds the outcome is the same, where it depends on chance.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    what: str
    table: str | tuple[Stratum, ...]
    scores: Mapping[str, Recipe]
    seed: int = 1
    correlation: float = 0.9
    thresholds: tuple[float, ...] | int = (0.5,)
    classes: tuple[str, ...] = ("0", "1")
    intersections: tuple[tuple[str, str], ...] = ()
    flip_labels: bool = False
    exchange: bool = False
    repeat: int = 1
    clustered: bool = False
    edits: tuple[Edit, ...] = ()
    facts: Mapping[str, Any] = {}
    checks: tuple[Mapping[str, Any], ...] = ()
    policy: str | Mapping[str, Any]
    linted: bool = False
    day: date = date(2026, 12, 1)
    outcome: Answer | tuple[Answer, ...]
    says: str
    luck: str = ""

    @property
    def outcomes(self) -> tuple[Answer, ...]:
        """Return the answers that are right."""
        return (self.outcome,) if isinstance(self.outcome, str) else self.outcome

    @property
    def sound(self) -> bool:
        """Return whether the situation must be blessed."""
        return self.outcomes == ("blessed",)


@dataclass(frozen=True)
class Answered:
    """What the gate answered.

    Attributes:
        outcome: of the decision, or "error".
        headline: its summary, or the message of the error.
        sentences: everything else that the verdict says, one entry per line, and the groups without examples.
    """

    outcome: Answer
    headline: str
    sentences: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return all of it."""
        return "\n".join([self.headline, *self.sentences])


def families() -> dict[str, list[Situation]]:
    """Return the situations of the corpus by family, in the order of their files."""
    files = sorted(path for path in FOLDER.glob("*.yaml") if path.stem not in SHARED)
    return {
        path.stem: [Situation.model_validate(each) for each in yaml.safe_load(path.read_text(encoding="utf-8"))] for path in files
    }


def situations() -> list[Situation]:
    """Return all situations."""
    return [situation for of_family in families().values() for situation in of_family]


@cache
def shared(kind: str) -> dict[str, Any]:
    """Return the shared tables or policies by name, or the reasons of situations that are open."""
    found: dict[str, Any] | None = yaml.safe_load((FOLDER / f"{kind}.yaml").read_text(encoding="utf-8"))
    return found or {}


def strata(situation: Situation) -> Sequence[Stratum]:
    """Return the strata of a situation's table."""
    if not isinstance(situation.table, str):
        return situation.table
    return [Stratum.model_validate(each) for each in shared("tables")[situation.table]]


def predictions(situation: Situation, seed: int | None = None) -> Predictions:
    """Make the table of a situation, with another seed if one is given."""
    table = make(strata(situation), situation.scores, situation.seed if seed is None else seed, situation.correlation)
    if situation.flip_labels:
        table = dataclasses.replace(table, labels=1 - table.labels)
    if situation.exchange:
        one, two = table.scores
        table = dataclasses.replace(table, scores={one: table.scores[two], two: table.scores[one]})
    return table.repeated(situation.repeat) if situation.repeat > 1 else table


def evaluate(situation: Situation, table: Predictions) -> Evaluation:
    """Evaluate a table, and replace what the situation replaces.

    Raises:
        InputError: the table cannot be counted.
    """
    evaluation = evaluate_predictions(
        table.labels,
        table.scores,
        table.slices,
        thresholds=thresholds_of(situation),
        weights=table.weights,
        classes=situation.classes,
        intersections=situation.intersections,
        clusters=table.ids.tolist() if situation.clustered else None,
        auc_slices=("*",) if "baseline" in table.scores else (),
    )
    facts: dict[str, Any] = dict(situation.facts)
    if situation.repeat > 1:
        facts = {"rows": len(table.labels), "distinct": len(np.unique(table.ids)), **facts}
    models = {model: dict(slices) for model, slices in evaluation.models.items()}
    for edit in situation.edits:
        models[edit.model][edit.slice] = edited(models[edit.model][edit.slice], edit)
    return dataclasses.replace(evaluation, models=models, **facts)


def edited(metrics: SliceMetrics, edit: Edit) -> SliceMetrics:
    """Return the metrics of a slice with one number replaced."""
    if edit.field is not None:
        replaced: dict[str, Any] = {edit.field: edit.value}
        return dataclasses.replace(metrics, **replaced)
    key = MetricKey(edit.metric or "", edit.threshold)
    if edit.counts is not None:
        return dataclasses.replace(metrics, rates={**metrics.rates, key: Rate(*edit.counts)})
    assert edit.value is not None
    return dataclasses.replace(metrics, scalars={**metrics.scalars, key: Scalar(edit.value, metrics.scalars[key].standard_error)})


def policy_of(situation: Situation) -> Policy:
    """Return the policy of a situation.

    Raises:
        ValidationError: it is no policy.
    """
    written = shared("policies")[situation.policy] if isinstance(situation.policy, str) else situation.policy
    return Policy.model_validate(written)


def measured_of(situation: Situation) -> Measured:
    """Return what a lint knows of a situation: the thresholds and the groups."""
    groups: dict[str, tuple[str, ...]] = {}
    for stratum in strata(situation):
        for feature, values in stratum.groups.items():
            groups[feature] = tuple(dict.fromkeys([*groups.get(feature, ()), *values]))
    return Measured("binary", thresholds_of(situation), groups, situation.intersections)


def thresholds_of(situation: Situation) -> tuple[float, ...]:
    """Return the decision thresholds of a situation."""
    given = situation.thresholds
    return tuple((place + 1) / (given + 1) for place in range(given)) if isinstance(given, int) else given


def judge(situation: Situation, seed: int | None = None) -> Answered:
    """Make the table of a situation, evaluate it, and let the gate decide."""
    try:
        policy = policy_of(situation)
        if situation.linted and (problems := lint(policy, measured_of(situation))):
            return Answered("error", str(problems[0]), tuple(map(str, problems[1:])))
        evaluation = evaluate(situation, predictions(situation, seed))
        checks = [Check(**each) for each in situation.checks]
        decision = decide(policy, evaluation, checks=checks, waivers=in_force(policy.waivers, situation.day))
    except (InputError, ValidationError) as error:
        return Answered("error", str(error))
    reasons = [line.reason for line in decision.rules] + [line.reason for line in decision.not_judged]
    return Answered(decision.outcome, decision.summary, (*reasons, *decision.absent_groups))
