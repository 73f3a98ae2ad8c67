"""Which models of the toxicity task train on n-gram features, and with which configuration. Imports no TensorFlow until used."""

from components.modelling.feature_settings import FeatureSettings
from components.tasks.base import FeaturePlan, Recipe, TaskModel
from components.tasks.civil_comments.config import MAX_RATIO, CommentsTraining
from data.comments.names import IDENTITIES, LABEL, TEXT
from fairgate.gate.policy import Policy
from fairgate.gate.rules import GapRule

FALSE_POSITIVES = "false_positive_rate"
EMBEDDER = "components.tasks.civil_comments.embedding.TextEmbedding"
UNCHANGED = CommentsTraining()


def plan_features(training: TaskModel, policy: Policy) -> FeaturePlan:
    """Return what trains on n-grams: the reference model always, the judged models where they are n-gram models.

    Each configuration holds what that model depends on and the defaults of everything else, so that the cache trains it again
    for no other reason.

    Args:
        training: CommentsTraining, its embedding resolved.
        policy: that judges the candidate; the strength of the remedy is chosen to keep its ratio.

    Raises:
        TypeError: the training is another task's.
    """
    from components.tasks.civil_comments import ngrams_trainer

    if not isinstance(training, CommentsTraining):
        raise TypeError(f"not of this task: {type(training).__name__}")
    regularised = UNCHANGED.model_copy(
        update={"inverse_regularisation": training.inverse_regularisation, "operating_point": training.operating_point}
    )
    trainings: dict[Recipe, TaskModel] = {"reference": regularised}
    embedding = ""
    if training.model == "ngrams":
        embedding = training.embedding if training.embeds_text else ""
        baseline = regularised.model_copy(update={"embedding": embedding, "notes": training.notes})
        remedied = {"strength": training.strength, "ratio_limit": ratio_limit(policy, training.ratio_limit)}
        trainings |= {"baseline": baseline, "remediated": baseline.model_copy(update=remedied)}
    settings = FeatureSettings(
        text=TEXT, label=LABEL, groups=dict(IDENTITIES), embedding=embedding, embedder=EMBEDDER if embedding else ""
    )
    return FeaturePlan(settings.model_dump_json(), ngrams_trainer.run_fn, trainings)


def ratio_limit(policy: Policy, default: float) -> float:
    """Return the strictest limit of a ratio of false positive rates in the policy; `default` where it has none."""
    rules = [rule for rule in policy.rules if isinstance(rule, GapRule) and rule.metric == FALSE_POSITIVES]
    strictest = min((rule.limit for rule in rules if rule.measure == "ratio" and rule.limit > 0), default=default)
    return min(strictest, MAX_RATIO)
