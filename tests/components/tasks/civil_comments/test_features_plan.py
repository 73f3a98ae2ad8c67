"""Which models train on n-gram features, with which configuration, and which features."""

import pytest

from components.modelling.feature_settings import FeatureSettings
from components.tasks.base import FeaturePlan, TaskModel
from components.tasks.civil_comments import ngrams_trainer
from components.tasks.civil_comments.config import CommentsTraining, TargetRate
from components.tasks.civil_comments.features_plan import plan_features, ratio_limit
from components.tasks.civil_comments.task import TASK
from data.comments.names import IDENTITIES
from fairgate.gate.policy import Policy
from fairgate.gate.rules import GapRule

CHOSEN = CommentsTraining(
    inverse_regularisation=3.0,
    operating_point=TargetRate(target_fpr=0.1),
    strength=4.0,
    embedding="/an/embedding",
    steps=7,
    hidden=(3,),
    notes=("A note.",),
)
REFERENCE = CommentsTraining(inverse_regularisation=3.0, operating_point=TargetRate(target_fpr=0.1))


def policy(*rules: GapRule) -> Policy:
    return TASK.policy.model_copy(update={"rules": rules})


def gap(limit: float, metric: str = "false_positive_rate", measure: str = "ratio") -> GapRule:
    return GapRule.model_validate({"id": "gap", "metric": metric, "measure": measure, "slices": ("gender:*",), "limit": limit})


def plan(training: TaskModel) -> FeaturePlan:
    return plan_features(training, policy(gap(1.5)))


def test_all_n_gram_models_train_on_features() -> None:
    made = plan(CHOSEN)
    baseline = REFERENCE.model_copy(update={"embedding": "/an/embedding", "notes": ("A note.",)})
    assert made.trainings == {
        "reference": REFERENCE,
        "baseline": baseline,
        "remediated": baseline.model_copy(update={"strength": 4.0, "ratio_limit": 1.5}),
    }
    assert made.run_fn is ngrams_trainer.run_fn


def test_beside_the_network_the_reference_alone_trains_on_features() -> None:
    made = plan(CHOSEN.model_copy(update={"model": "dnn"}))
    assert made.trainings == {"reference": REFERENCE}
    assert FeatureSettings.model_validate_json(made.settings).embedding == ""


@pytest.mark.parametrize("embedding", ["auto", "", "/an/embedding"])
def test_features_have_the_identities_and_the_vectors_of_a_named_embedding(embedding: str) -> None:
    named = embedding == "/an/embedding"
    assert FeatureSettings.model_validate_json(
        plan(CHOSEN.model_copy(update={"embedding": embedding})).settings
    ) == FeatureSettings(
        text="comment_text",
        label="toxicity",
        groups=dict(IDENTITIES),
        embedding=embedding if named else "",
        embedder="components.tasks.civil_comments.embedding.TextEmbedding" if named else "",
    )


@pytest.mark.parametrize(
    ("rules", "limit"),
    [
        ((), 1.75),
        ((gap(1.5), gap(1.25), gap(2.0)), 1.25),
        ((gap(1.5), gap(0.1, measure="difference")), 1.5),
        ((gap(1.5), gap(1.1, "false_negative_rate")), 1.5),
        ((gap(1.0),), 1.0),
        ((gap(0.0), gap(5000.0)), 5000.0),
        ((gap(1e9),), 1e6),
    ],
)
def test_the_remedy_keeps_the_strictest_ratio_of_false_positive_rates(rules: tuple[GapRule, ...], limit: float) -> None:
    assert ratio_limit(policy(*rules), 1.75) == limit
    remediated = plan_features(CommentsTraining(ratio_limit=1.75), policy(*rules)).trainings["remediated"]
    assert CommentsTraining.model_validate(remediated.model_dump(mode="json")).ratio_limit == limit


def test_the_default_policy_has_a_ratio_to_keep() -> None:
    assert ratio_limit(TASK.policy, 99.0) == 1.25


def test_the_training_of_another_task_is_refused() -> None:
    with pytest.raises(TypeError, match="not of this task: TaskModel"):
        plan(TaskModel())
