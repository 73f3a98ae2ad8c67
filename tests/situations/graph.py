"""Situations through the whole graph: the command `fairgate run` on the table of a situation, with models that answer its scores.

In: a situation and a root folder. Out: what the command left behind, and the decision that the gate takes on the same table.

The tasks lie in `installed/`, as an installer would leave them: they are found by their entry points once that folder is on
Python's path. The graph always has a baseline; where a situation has none, the candidate is compared with itself.
"""

import dataclasses
import io
from collections.abc import Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from data.conversion_report import is_clustered
from fairgate import run_folder
from fairgate.cli import main as cli
from fairgate.counting.settings import CountSettings
from fairgate.evaluation import evaluate_counts
from fairgate.files import file_digest
from fairgate.gate import verdict as verdicts
from fairgate.gate.decision import decide
from fairgate.gate.outcome import Decision
from fairgate.gate.policy import Policy
from fairgate.gate.verdict import Verdict
from fairgate.gate.waivers import in_force
from fairgate.measurement import Evaluation
from fairgate.names import BASELINE, CANDIDATE
from fairgate.prediction_counter import WEIGHT
from fairgate.predictions import LABEL, count_predictions
from tests.situations import corpus
from tests.situations.corpus import Situation
from tests.situations.recipes import Predictions

SITE = corpus.FOLDER / "installed"
# Of every family but "measurement", whose numbers no evaluation gives; tests of the seals damage artifacts instead.
JUDGED = (
    *("constant-high", "inverted", "constant-low-on-one-slice", "random-on-one-slice", "all-positive-on-toxic-data"),
    *("tiny", "three-hundred-a-hundred-times-and-known", "percent", "logits", "missing-scores", "weights-that-hide-a-group"),
    *("least-examples-just-above-a-harmed-group", "waiver-past-its-date", "waiver-does-not-cover-a-useless-model"),
    *("levelling-down", "harm-in-an-intersection", "harm-that-no-rule-covers", "loss-that-only-pairing-shows"),
    *("published-remedy", "class-never-predicted", "majority-class-alone", "class-left-behind"),
    *("remedied", "perfect-on-a-first-run", "identical-models", "rare-label", "mild-weights", "examples-of-several-groups"),
    *("every-example-twice", "waiver-in-force", "uncovered-harm-is-named", "five-thresholds", "intersections", "sound-pictures"),
)
# These end before there is a verdict; what the message must contain.
STOPPED = {
    "policy-that-matches-nothing": "sex:*",
    "limit-beyond-measure": "the rule could not refuse anything",
    "more-thresholds-than-can-be-counted": "at most 500 can be evaluated at once",
    "only-negatives": "class 1 has 0 of 6000 rows",
    "negative-weights": "weights must be finite and not negative",
}
QUICK = ("remedied", "inverted", "least-examples-just-above-a-harmed-group")  # of one table, for every run of the tests


@dataclass(frozen=True)
class Played:
    """What a run left behind.

    Attributes:
        code: the exit code of the command.
        message: what it wrote to standard error.
        verdict: of its report; None where it left none.
        text: verdict.md; "" where there is none.
        published: versions below `serving/` that were not there before.
    """

    code: int
    message: str
    verdict: Verdict | None
    text: str
    published: tuple[str, ...]


def play(situation: Situation, root: Path) -> Played:
    """Run the graph on a situation, in a root that other situations may have used."""
    before = _reports(root), _versions(root)
    arguments = ("run", _task(situation), "--config", str(_written(situation, root.with_name("given"))), "--root", str(root))
    with redirect_stderr(io.StringIO()) as written:
        code = cli.main(arguments)
    published = tuple(sorted(_versions(root) - before[1]))
    if not (fresh := _reports(root) - before[0]):
        return Played(code, written.getvalue(), None, "", published)
    (report,) = (root / run_folder.REPORTS / name for name in fresh)
    text = (report / run_folder.VERDICT_TEXT).read_text(encoding="utf-8")
    return Played(code, written.getvalue(), verdicts.read(report / run_folder.VERDICT), text, published)


def decided(situation: Situation) -> Decision:
    """Return what the gate decides on the table of a situation, with what the graph knows of its examples."""
    table, policy = _table(situation), Policy.model_validate(_policy(situation))
    evaluation = dataclasses.replace(_evaluated(situation, table), expected=_known(table))
    return decide(policy, evaluation, waivers=in_force(policy.waivers, _today()))


def _evaluated(situation: Situation, table: Predictions) -> Evaluation:
    """Evaluate a table as `evaluate_predictions` does, and with the number of distinct examples, which a conversion counts."""
    binary, distinct = len(situation.classes) == 2, len(np.unique(table.ids))
    settings = CountSettings(
        label_key=LABEL,
        classes=situation.classes,
        kind="binary" if binary else "multiclass",
        weight_key=None if table.weights is None else WEIGHT,
        thresholds=corpus.thresholds_of(situation) if binary else (),
        clustered=is_clustered(len(table.ids), distinct),
        distinct=distinct,
        auc_slices=("*",),
    )
    pairs, clusters = situation.intersections, table.ids.tolist()
    return evaluate_counts(count_predictions(table.labels, table.scores, table.slices, settings, table.weights, pairs, clusters))


def _today() -> date:
    return datetime.now(timezone.utc).date()


def _reports(root: Path) -> set[str]:
    return {path.name for path in (root / run_folder.REPORTS).glob("[!.]*")}


def _versions(root: Path) -> set[str]:
    return {path.name for path in (root / run_folder.SERVING).glob("[!.]*")}


def _task(situation: Situation) -> str:
    return "scripted" if len(situation.classes) == 2 else "scripted-classes"


def _table(situation: Situation) -> Predictions:
    table = corpus.predictions(situation)
    return dataclasses.replace(table, scores={BASELINE: table.scores[CANDIDATE], **table.scores})


def _known(table: Predictions) -> Mapping[str, tuple[str, ...]]:
    """Return the groups that the task knows of each feature."""
    from scripted.table import GROUPS  # SITE is on the path only where a run is played

    return {feature: GROUPS[feature] for feature in table.slices}


def _policy(situation: Situation) -> dict[str, Any]:
    """Return the policy as it is written, its waivers as far from today as they are from the situation's day."""
    written = corpus.shared("policies")[situation.policy] if isinstance(situation.policy, str) else dict(situation.policy)
    moved = _today() - situation.day
    waivers = [
        {**waiver, "until": (date.fromisoformat(waiver["until"]) + moved).isoformat()} for waiver in written.get("waivers", ())
    ]
    return {**written, "waivers": waivers} if waivers else written


def _written(situation: Situation, folder: Path) -> Path:
    """Write table, scores and configuration of a situation; return the configuration."""
    from scripted.table import Table

    folder.mkdir(exist_ok=True)
    table = _table(situation)
    weights = np.ones(len(table.ids)) if table.weights is None else table.weights
    path = folder / f"{situation.name}.json"
    groups = {feature: [list(of_row) for of_row in rows] for feature, rows in table.slices.items()}
    Table(table.ids.tolist(), table.labels.tolist(), weights.tolist(), groups).write(path)
    _, first = np.unique(table.ids, return_index=True)
    written = {
        "input": {"table": str(path), "classes": len(situation.classes)},
        "training": {
            "baseline": _scores(table.scores[BASELINE][first], folder),
            "remediated": _scores(table.scores[CANDIDATE][first], folder),
        },
        "evaluation": {
            "thresholds": list(corpus.thresholds_of(situation)),
            "slice_features": list(table.slices),
            "intersections": [list(pair) for pair in situation.intersections],
        },
        "policy": _policy(situation),
    }
    config = folder / f"{situation.name}.yaml"
    config.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    return config


def _scores(scores: Any, folder: Path) -> str:
    """Write the scores of a model into a file that is named by its content."""
    fresh = folder / "scores.npy"
    np.save(fresh, scores)
    return str(fresh.rename(folder / f"{file_digest(fresh).partition(':')[2]}.npy"))
