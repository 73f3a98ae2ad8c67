"""The evaluator `fairgate` of MLflow: logs the verdict of a model to a run, and moves its alias when it is blessed.

    result = mlflow.models.evaluate(
        data=table,
        targets="toxic",
        predictions="p_new",
        model_type="classifier",
        evaluators="fairgate",
        evaluator_config={"slices": ["gender"], "policy": "policy.yaml", "registered_model": "toxicity", "version": 3},
    )

MLflow finds it by the entry point `mlflow.model_evaluator` where both are installed: `pip install 'fairgate[mlflow]'`. It loads
every evaluator that is installed, so this module imports nothing else until it is asked.
"""

import json
import math
import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow.models.evaluation.base import EvaluationResult, ModelEvaluator

from fairgate.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from fairgate.judging.judgement import Judgement

NAME = "fairgate"  # of the evaluator, of the folder of its artifacts, and the beginning of its metrics
ALIAS = "champion"
TARGET, PREDICTION = "mlflow target", "mlflow prediction"  # columns that stand beside the features
REGISTRY = ("registered_model", "version", "alias")
ARGUMENTS = (
    "scores",
    "decisions",
    "slices",
    "groups",
    "weight",
    "cluster",
    "content",
    "where",
    "positive",
    "favourable",
    "policy",
    "thresholds",
    "auc",
)  # of `fairgate.evaluate`
_BATCH = 1000  # metrics that a server takes at once
_OUTSIDE = re.compile(r"[^\w\-. /]" if os.name == "nt" else r"[^\w\-. :/]", re.ASCII)  # what no name of a metric may hold


class GateEvaluator(ModelEvaluator):
    """Judges the predictions of a classifier by a policy."""

    @classmethod
    def can_evaluate(cls, *, model_type: str | None, evaluator_config: Mapping[str, Any] | None, **_: Any) -> bool:
        """Return whether it is asked: where no evaluator is named, MLflow hands one configuration to all that are installed."""
        return model_type in (None, "classifier") and not {*ARGUMENTS, *REGISTRY}.isdisjoint(evaluator_config or {})

    def evaluate(
        self,
        *,
        dataset: Any,
        run_id: str,
        evaluator_config: Mapping[str, Any],
        model: Any = None,
        **_: Any,
    ) -> EvaluationResult:
        """Judge predictions; log metrics, verdict and report to the run; move the alias of a blessed version.

        Args:
            dataset: of N rows, with `targets`; the columns beside them are groups, weights and scores of other models.
            run_id: of the MLflow run.
            evaluator_config: arguments of `fairgate.evaluate`. `scores` names other models ({"baseline": "p_old"}), or the
                candidate's probabilities of several classes, {"candidate": "p_*"}. `decisions` says that the predictions are
                decisions or classes, and names those of other models; {} where there are none.
                With `registered_model` and `version`, the alias `alias` (default "champion") is moved to this version if it is
                blessed, and left where it is if not.
            model: to be asked; None where the dataset holds predictions.

        Returns:
            "fairgate/blessed" (1 or 0), the number of rules and those that failed, and the candidate's metrics, each
            "fairgate/METRIC at THRESHOLD/SLICE"; signs that MLflow does not allow are underscores; undefined values are left out.

        Raises:
            InputError: the configuration or the predictions cannot be judged.
        """
        from mlflow.tracking import MlflowClient

        config = _checked(evaluator_config)
        judged = _judge(dataset, model, {name: value for name, value in config.items() if name not in REGISTRY})
        client = MlflowClient()
        metrics = dict(_metrics(judged))
        _log(client, run_id, judged, metrics)
        if judged.verdict.outcome == "blessed" and "registered_model" in config:
            client.set_registered_model_alias(config["registered_model"], config.get("alias", ALIAS), str(config["version"]))
        return EvaluationResult(metrics=metrics, artifacts={}, run_id=run_id)


def _checked(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration without MLflow's own keys.

    Raises:
        InputError: a key is unknown, or a registered model comes without a version or the other way round.
    """
    given = {name: value for name, value in config.items() if not name.startswith("_")}
    for name in given:
        if name not in (*ARGUMENTS, *REGISTRY):
            raise UnknownNameError("key of evaluator_config", name, (*ARGUMENTS, *REGISTRY))
    if ("registered_model" in given) != ("version" in given) or ("alias" in given and "registered_model" not in given):
        raise InputError(
            'evaluator_config names a registered model only in part; give "registered_model" and "version" together, or neither.'
        )
    return given


def _judge(dataset: Any, model: Any, config: dict[str, Any]) -> "Judgement":
    from fairgate.judging.arguments import decision_columns, score_columns
    from fairgate.judging.judgement import evaluate

    features = dataset.features_data
    if not hasattr(features, "assign"):
        raise InputError("The dataset has no names of columns; give mlflow.models.evaluate a DataFrame as `data`.")
    if dataset.labels_data is None:
        raise InputError('The dataset has no labels; name their column: mlflow.models.evaluate(…, targets="COLUMN").')
    columns = {TARGET: dataset.labels_data}
    are_scores = "decisions" not in config
    if not are_scores and config.get("scores"):
        raise InputError("evaluator_config has scores and decisions; give one of both, for all models.")
    given = config.pop("scores", None) if are_scores else config.pop("decisions")
    models: dict[str, Any] = {} if given is None else {**(score_columns if are_scores else decision_columns)(given)}
    if "candidate" not in models:
        columns[PREDICTION] = dataset.predictions_data if model is None else model.predict(features)
        if columns[PREDICTION] is None or len(getattr(columns[PREDICTION], "shape", (0,))) != 1:
            raise InputError(
                'There is no single score for each row; name its column: mlflow.models.evaluate(…, predictions="COLUMN"), or '
                'those of the classes: evaluator_config={"scores": {"candidate": "p_*"}}.'
            )
        models["candidate"] = PREDICTION
    config["scores" if are_scores else "decisions"] = models
    return evaluate(features.assign(**columns), label=TARGET, **config)


def _metrics(judged: "Judgement") -> Iterator[tuple[str, float]]:
    """Yield the name and the value of each metric: the outcome, all of overall, and on slices those that a rule names."""
    from fairgate.gate.outcome import CHECK

    verdict = judged.verdict
    yield f"{NAME}/blessed", float(verdict.outcome == "blessed")
    yield f"{NAME}/rules", float(len(judged.policy.rules))
    yield f"{NAME}/failed", float(len({line.id for line in verdict.rules if line.outcome == "failed" and line.kind != CHECK}))
    ruled = {rule.metric for rule in judged.policy.rules}
    table = judged.metrics
    for row in table[table["model"] == "candidate"].to_dict("records"):
        if not math.isnan(row["value"]) and (row["slice"] == "overall" or row["metric"] in ruled):
            at = "" if math.isnan(row["threshold"]) else f" at {row['threshold']:g}"
            yield _OUTSIDE.sub("_", f"{NAME}/{row['metric']}{at}/{row['slice']}"), float(row["value"])


def _log(client: Any, run_id: str, judged: "Judgement", metrics: Mapping[str, float]) -> None:
    """Log metrics, the outcome as tags, and the whole report as artifacts."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    logged = [Metric(name, value, now, 0) for name, value in metrics.items()]
    for start in range(0, len(logged), _BATCH):
        client.log_batch(run_id, metrics=logged[start : start + _BATCH])
    client.set_tag(run_id, f"{NAME}.outcome", judged.verdict.outcome)
    client.set_tag(run_id, f"{NAME}.summary", judged.verdict.summary)
    client.set_tag(run_id, f"{NAME}.policy", json.dumps([rule.id for rule in judged.policy.rules]))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, NAME)
        judged.report(report)
        client.log_artifacts(run_id, str(report), NAME)
