"""The evaluator of MLflow with a stand-in for MLflow; tests/environments/test_mlflow.py has a real server."""

import importlib
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import fairgate
from fairgate.errors import InputError, UnknownNameError
from fairgate.judging.judgement import Judgement

ROWS = 400
RULE = {"id": "floor", "kind": "quality", "metric": "auc", "min": 0.6}
POLICY = {"min_examples": 10, "rules": [RULE]}


@dataclass
class Client:
    """Records what is logged."""

    metrics: list[int] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    aliases: dict[str, tuple[str, str]] = field(default_factory=dict)

    def log_batch(self, run_id: str, metrics: list[Any]) -> None:
        assert run_id == "run"
        self.metrics.append(len(metrics))

    def set_tag(self, run_id: str, name: str, value: str) -> None:
        assert run_id == "run"
        self.tags[name] = value

    def log_artifacts(self, run_id: str, folder: str, place: str) -> None:
        assert (run_id, place) == ("run", "fairgate")
        self.files = {path.name for path in Path(folder).iterdir()}

    def set_registered_model_alias(self, name: str, alias: str, version: str) -> None:
        self.aliases[name] = (alias, version)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Of a stand-in for MLflow, which the evaluator imports."""
    made = Client()
    parts: dict[str, dict[str, Any]] = {
        "mlflow": {},
        "mlflow.models": {},
        "mlflow.models.evaluation": {},
        "mlflow.models.evaluation.base": {"EvaluationResult": SimpleNamespace, "ModelEvaluator": object},
        "mlflow.tracking": {"MlflowClient": lambda: made},
        "mlflow.entities": {"Metric": lambda *values: values},
    }
    for name, content in parts.items():
        module = ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)
    yield made
    sys.modules.pop("fairgate.integrations.mlflow_evaluator", None)  # it derives from the stand-in


@pytest.fixture
def dataset() -> SimpleNamespace:
    """As MLflow hands it over."""
    draw = np.random.default_rng(1)
    label = np.arange(ROWS) % 2
    score = np.clip(0.3 + 0.4 * label + 0.5 * (draw.random(ROWS) - 0.5), 0, 1)
    features = pd.DataFrame({"group": np.where(draw.random(ROWS) < 0.5, "a × b", "c"), "old": score * 0.9, "other": 1 - score})
    return SimpleNamespace(features_data=features, labels_data=label, predictions_data=score)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No report is drawn, which takes seconds."""
    monkeypatch.setattr(Judgement, "report", lambda _, folder: folder.mkdir())


def evaluator() -> Any:
    """Return one, made while the stand-in is there."""
    return importlib.import_module("fairgate.integrations.mlflow_evaluator").GateEvaluator()


def judged(dataset: SimpleNamespace, model: Any = None, **config: Any) -> Any:
    return evaluator().evaluate(
        model_type="classifier", dataset=dataset, run_id="run", evaluator_config={"policy": POLICY, **config}, model=model
    )


def test_a_blessed_version_gets_the_alias_and_the_run_everything(client: Client, dataset: SimpleNamespace) -> None:
    result = judged(dataset, slices=["group"], registered_model="toxicity", version=3, scores={"baseline": "old"}, _internal=1)
    assert client.aliases == {"toxicity": ("champion", "3")}
    assert client.tags["fairgate.outcome"] == "blessed"
    assert {"report.html", "verdict.json", "metrics.parquet"} <= client.files
    assert (result.metrics["fairgate/blessed"], result.metrics["fairgate/rules"], result.metrics["fairgate/failed"]) == (1, 1, 0)
    assert result.metrics["fairgate/auc/overall"] > 0.9
    assert "fairgate/auc/group:c" in result.metrics
    assert "fairgate/auc/group:a __ b" in result.metrics  # \× and its sign are none that MLflow allows
    assert "fairgate/false_positive_rate at 0.5/overall" in result.metrics
    assert "fairgate/false_positive_rate at 0.5/group:c" not in result.metrics  # no rule names it
    assert sum(client.metrics) == len(result.metrics)


@pytest.mark.usefixtures("undrawn")
def test_a_refused_version_leaves_the_alias_where_it_is(client: Client, dataset: SimpleNamespace) -> None:
    model = SimpleNamespace(predict=lambda features: features["other"].to_numpy())
    result = judged(dataset, model, registered_model="toxicity", version=4, alias="live")
    assert client.aliases == {}
    assert client.tags["fairgate.outcome"] == "refused"
    assert (result.metrics["fairgate/blessed"], result.metrics["fairgate/failed"]) == (0, 1)


@pytest.mark.usefixtures("undrawn")
def test_without_a_registered_model_no_alias_is_touched(client: Client, dataset: SimpleNamespace) -> None:
    assert judged(dataset, scores={"candidate": "old"}).metrics["fairgate/blessed"] == 1
    assert client.aliases == {}


def test_it_evaluates_classifiers_that_it_was_configured_for(client: Client) -> None:  # noqa: ARG001  # the stand-in
    asked = {"slices": ["group"]}
    answers = [
        evaluator().can_evaluate(model_type=kind, evaluator_config=config)
        for kind, config in (
            ("classifier", asked),
            (None, asked),
            ("regressor", asked),
            ("classifier", {"pos_label": 1}),  # of MLflow's own evaluator
            ("classifier", None),
        )
    ]
    assert answers == [True, True, False, False, False]


@pytest.mark.parametrize(
    "config", [{"registered_model": "toxicity"}, {"version": 3}, {"alias": "live"}], ids=lambda config: next(iter(config))
)
def test_a_version_is_named_whole_or_not_at_all(client: Client, dataset: SimpleNamespace, config: dict[str, Any]) -> None:
    with pytest.raises(InputError, match='"registered_model" and "version" together'):
        judged(dataset, **config)
    assert client.files == set()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features_data": np.zeros((ROWS, 2))}, "give mlflow.models.evaluate a DataFrame"),
        ({"labels_data": None}, 'targets="COLUMN"'),
        ({"predictions_data": None}, 'predictions="COLUMN"'),
        ({"predictions_data": np.zeros((ROWS, 3))}, 'predictions="COLUMN"'),
    ],
)
def test_what_a_dataset_lacks_is_named_as_it_is_typed(
    client: Client,  # noqa: ARG001  # the stand-in
    dataset: SimpleNamespace,
    changes: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(InputError) as refused:
        judged(SimpleNamespace(**{**vars(dataset), **changes}))
    assert message in str(refused.value)


def test_an_unknown_key_names_the_nearest(client: Client, dataset: SimpleNamespace) -> None:  # noqa: ARG001  # the stand-in
    with pytest.raises(UnknownNameError, match="slices"):
        judged(dataset, slice=["group"])


@pytest.mark.usefixtures("client")
def test_every_argument_of_a_table_reaches_evaluate() -> None:
    """Those of arrays, the table and the label are MLflow's own."""
    module = importlib.import_module("fairgate.integrations.mlflow_evaluator")
    arrays = {"y_true", "y_pred", "y_score", "sensitive_features", "sample_weight", "baseline"}
    assert set(module.ARGUMENTS) == {*inspect.signature(fairgate.evaluate).parameters} - arrays - {"table", "label"}


@pytest.mark.usefixtures("undrawn", "client")
def test_a_part_of_the_rows_is_judged(dataset: SimpleNamespace) -> None:
    everything = judged(dataset)
    only_c = judged(dataset, where="group == 'c'", auc="cells")
    inside = dataset.features_data["group"].to_numpy() == "c"
    expected = (dataset.predictions_data > 0.5)[inside].mean()
    assert only_c.metrics["fairgate/positive_rate at 0.5/overall"] == pytest.approx(expected)
    assert everything.metrics["fairgate/positive_rate at 0.5/overall"] != pytest.approx(expected)


@pytest.mark.usefixtures("undrawn", "client")
@pytest.mark.parametrize("others", [{}, None, {"baseline": "was"}])
def test_predictions_may_be_decisions(dataset: SimpleNamespace, others: Any) -> None:
    """Words that no score is."""
    dataset.predictions_data = np.where(dataset.predictions_data > 0.5, "yes", "no")
    dataset.features_data["was"] = "no"
    found = judged(dataset, decisions=others, policy="strict" if others else None, thresholds=None).metrics
    assert found["fairgate/positive_rate at 0.5/overall"] == pytest.approx((dataset.predictions_data == "yes").mean())


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"scores": {"baseline": "old"}, "decisions": {}}, "scores and decisions; give one of both"),
        ({"scores": 1.5}, "scores is 1.5; give names of columns"),
        ({"scores": {"baseline": "older"}}, "there is no column 'older'"),
        ({"where": "group = 'c'"}, "where is no expression"),
        ({"auc": "fast"}, "kind of AUC"),
    ],
)
def test_a_wrong_argument_has_one_clear_message(
    client: Client, dataset: SimpleNamespace, config: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        judged(dataset, **config)
    assert client.tags == {}
