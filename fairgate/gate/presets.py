"""Make the policies that a task offers by name: its default and the presets that a configuration may start from instead.

In: what a task judges by (slice features and a decision threshold, or the limits of an image task). Out: name -> policy. A task
keeps them in `Task.policies`; a configuration chooses one with `policy: {preset: NAME}` and may change any part of it. `MEANINGS`
says what each is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fairgate.errors import UnknownNameError
from fairgate.gate.policy import Policy
from fairgate.gate.rule import Worse
from fairgate.gate.rules import BeatsTrivialRule, GapRule, GuardRule, ImprovementRule, NotWorseRule, QualityRule, WorstSliceRule
from fairgate.names import OVERALL, whole_feature

AUTHOR = "the makers of fairgate, as a preset that nobody has fitted to this use"
DEFAULT = "default"
GENDER = "gender"
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        DEFAULT: "What the task is judged by when nothing is chosen.",
        "strict": "The default, and what keeps its limit without a proof leaves the outcome inconclusive.",
        "lenient": "The rules and the effects of fairgate 0.1: harm outside of the rules is reported and has no effect.",
        "exercise-gender": 'The gender rules of the course exercise on "Fairness Indicators".',
        "four-fifths": "Selection rates of each group against the best of its feature, 29 CFR 1607.4D; needs no labels.",
        "ll144": "The same rates without a pass mark, 6 RCNY 5-301: reported; nothing is judged, blessed or published.",
    }
)
FOUR_FIFTHS = 0.8
RATIO_LIMIT = 1.25
_WHY = {
    "false-positive-gap": "No group should be flagged wrongly much more often than others; 1.25 is four fifths inverted.",
    "gap-shrinks": "A remedy that leaves the gap as it was is not worth its cost.",
    "false-negative-guard": "Fewer false alarms must not be paid for with many more misses.",
    "false-positive-ceiling": "Equal error rates are no use if all of them are high.",
    "false-negative-ceiling": "Equal error rates are no use if all of them are high.",
    "bpsn-auc-guard": "Harmless examples of a group must not rank higher among others' harmful ones than before.",
    "auc-guard": "The order of all examples must stay about as good as it was.",
    "not-worse-than-reference": "What ranks worse than a simple model is not worth its cost.",
    "beats-trivial": "A model that has learnt nothing must not be published.",
    "four-fifths": "29 CFR 1607.4D: a selection rate below four fifths of the best group's is evidence of adverse impact.",
    "accuracy-floor": "The model is of use only above this accuracy.",
    "train-test-gap": "A model that does much better in training has learnt its examples by heart.",
    "worst-class-recall": "No class may be left behind for the sake of the mean.",
    "not-worse": "A candidate must not be a step back.",
    "class-recall-floor": "No class may be left behind for the sake of the mean.",
    "calibration-ceiling": "What the model says of its own confidence must be about right.",
    "class-recall-guard": "No class may pay for the gain of another.",
}
_LL144 = "Selection rates are reported as New York City asks for (6 RCNY 5-301), which sets no pass mark."
REFERENCE_MARGIN = 0.01  # of the AUC: what is worse than a simple model is not worth its cost


@dataclass(frozen=True)
class ImageLimits:
    """The limits of an image task.

    Attributes:
        accuracy: least test accuracy.
        worst_recall: least recall of any class.
        train_test_difference: greatest training accuracy minus test accuracy.
        calibration_error: greatest mean distance between confidence and accuracy.
        recall_margin: how much recall a class may lose against the baseline; None where its examples are too few to tell.
        min_examples: examples that a class must have to be judged; the digits' hold-out has fewer than 100 of each.
    """

    accuracy: float
    worst_recall: float
    train_test_difference: float
    calibration_error: float
    recall_margin: float | None = None
    min_examples: int = 100


def _said(policy: Policy, rationale: str) -> Policy:
    """Return the policy with the author of all presets, its rationale, and that of each rule."""
    rules = tuple(rule.model_copy(update={"rationale": _WHY.get(rule.id, "")}) for rule in policy.rules)
    return policy.model_copy(update={"author": AUTHOR, "rationale": rationale, "rules": rules})


def binary_fairness(features: tuple[str, ...], threshold: float = 0.5) -> Policy:
    """Return a policy for a binary classifier whose false positives harm: they are spread evenly, and little accuracy is lost.

    Args:
        features: slice features whose every value is a group, ("gender",).
        threshold: the decision threshold in use.
    """
    groups = groups_of(features)
    at = (threshold,)
    policy = Policy(
        rules=(
            GapRule(id="false-positive-gap", metric="false_positive_rate", thresholds=at, slices=groups, limit=RATIO_LIMIT),
            ImprovementRule(id="gap-shrinks", metric="false_positive_rate", thresholds=at, slices=groups),
            GuardRule(id="false-negative-guard", metric="false_negative_rate", thresholds=at, margin=0.10),
            GuardRule(id="auc-guard", metric="auc", margin=0.02),
            BeatsTrivialRule(id="beats-trivial", metric="auc", reference=0.5),
        ),
        uncovered_harm="report",
    )
    return _said(
        policy,
        "False positives harm, so the rules limit how unevenly groups may bear them, and how much else may be lost for it. The"
        " limits are conventional, not derived from this use.",
    )


def every_group(features: tuple[str, ...], threshold: float = 0.5) -> Policy:
    """Return the default policy of a binary classifier whose false positives harm.

    No group is accused falsely much more often than the rest, and no group pays for it: levelling down (more errors for all), a
    group that is given up (false negatives) and a model that ranks a group's comments worse are refused as well. The model is
    proven to be no worse than a simple reference model, where one was evaluated.

    Args:
        features: slice features whose every value is a group, ("gender", "race").
        threshold: the decision threshold in use.
    """
    groups = groups_of(features)
    at = (threshold,)
    false_positives, false_negatives = "false_positive_rate", "false_negative_rate"
    policy = Policy(
        rules=(
            GapRule(
                id="false-positive-gap",
                metric=false_positives,
                thresholds=at,
                slices=groups,
                against="rest",
                limit=RATIO_LIMIT,
            ),
            ImprovementRule(id="gap-shrinks", metric=false_positives, thresholds=at, slices=groups, small_enough=RATIO_LIMIT),
            GuardRule(id="false-negative-guard", metric=false_negatives, thresholds=at, slices=(OVERALL, *groups), margin=0.10),
            QualityRule(id="false-positive-ceiling", metric=false_positives, thresholds=at, max=0.35),
            QualityRule(id="false-negative-ceiling", metric=false_negatives, thresholds=at, max=0.35),
            GuardRule(id="bpsn-auc-guard", metric="bpsn_auc", slices=groups, margin=0.02),
            NotWorseRule(id="not-worse-than-reference", metric="auc", against="reference", margin=REFERENCE_MARGIN),
            BeatsTrivialRule(id="beats-trivial", metric="auc", reference=0.5),
        ),
        multiplicity="holm",
    )
    return _said(
        policy,
        "False positives harm, so the rules limit how much more often a group may be flagged wrongly than the rest, and guard the"
        " other errors of every group, so that none pays for it. The limits are conventional.",
    )


def four_fifths(features: tuple[str, ...], threshold: float | None = 0.5, worse: Worse = "lower") -> Policy:
    """Return a policy that compares each group's selection rate with the best of its feature (29 CFR 1607.4D).

    Args:
        features: slice features whose every value is a group.
        threshold: above which a score is positive; None compares scoring rates, the shares of scores above the median.
        worse: "lower" where a positive decision is wanted (a job, a loan), "higher" where it harms (a removed comment).
    """
    rule = GapRule(
        id="four-fifths",
        metric="scoring_rate" if threshold is None else "positive_rate",
        thresholds=() if threshold is None else (threshold,),
        slices=groups_of(features),
        against="best",
        limit=1 / FOUR_FIFTHS,
        worse=worse,
    )
    policy = Policy(rules=(rule,))
    return _said(policy, "Selection rates are compared as US employment guidelines do (29 CFR 1607.4D); labels are not needed.")


def ll144(features: tuple[str, ...], threshold: float | None = 0.5, worse: Worse = "lower") -> Policy:
    """Return a policy that reports the ratios of `four_fifths` and judges nothing: 6 RCNY 5-301 sets no pass mark.

    Its limit is that of `four_fifths`, for orientation.
    """
    compared = four_fifths(features, threshold, worse)
    rule = compared.rules[0].model_copy(update={"id": "impact-ratio", "rationale": "6 RCNY 5-301 asks for the ratio alone."})
    return compared.model_copy(update={"rules": (rule,), "reports_only": True, "rationale": _LL144})


def strict(policy: Policy) -> Policy:
    """Return the policy in which a value that keeps its limit, but not provably, leaves the outcome inconclusive."""
    rationale = f"{policy.rationale} A limit must be proven to be kept, so that luck blesses nothing.".lstrip()
    return policy.model_copy(update={"unproven": "inconclusive", "rationale": rationale})


def image_quality(accuracy: float, worst_recall: float, train_test_difference: float, min_examples: int = 100) -> Policy:
    """Return a policy for an image classifier: accurate, not over-fitted, no class left behind, no step back.

    Args:
        accuracy: least test accuracy.
        worst_recall: least recall of any class.
        train_test_difference: greatest training accuracy minus test accuracy.
        min_examples: examples that a class must have to be judged; the digits' hold-out has fewer than 100 of each.
    """
    policy = Policy(
        min_examples=min_examples,
        rules=(
            QualityRule(id="accuracy-floor", metric="accuracy", min=accuracy),
            QualityRule(id="train-test-gap", metric="train_test_accuracy_difference", max=train_test_difference),
            WorstSliceRule(id="worst-class-recall", metric="recall", slices=("class:*",), min=worst_recall),
            NotWorseRule(id="not-worse", metric="accuracy"),
            BeatsTrivialRule(id="beats-trivial", metric="accuracy", reference="trivial_accuracy"),
        ),
        uncovered_harm="report",
    )
    return _said(
        policy,
        "The rules ask for accuracy on new examples, and for a least recall of every class, so that none is left behind for the"
        " sake of the mean. Models of the task's own data can keep the limits.",
    )


def every_class(limits: ImageLimits) -> Policy:
    """Return the default policy of an image classifier: `image_quality`, honest confidence, and no class that pays for it."""
    start = image_quality(limits.accuracy, limits.worst_recall, limits.train_test_difference, limits.min_examples)
    classes = ("class:*",)
    rules = [
        *start.rules,
        QualityRule(id="class-recall-floor", metric="recall", slices=classes, min=limits.worst_recall),
        QualityRule(id="calibration-ceiling", metric="calibration_error", max=limits.calibration_error),
    ]
    if limits.recall_margin is not None:
        rules.append(GuardRule(id="class-recall-guard", metric="recall", slices=classes, margin=limits.recall_margin))
    changed = start.model_copy(update={"rules": tuple(rules), "multiplicity": "holm", "uncovered_harm": "inconclusive"})
    return _said(
        changed, f"{start.rationale} They also ask for honest confidence, and guard each class, so that none pays for another."
    )


def exercise_gender(_features: tuple[str, ...], threshold: float = 0.5) -> Policy:
    """Return `binary_fairness` of gender alone."""
    return binary_fairness((GENDER,), threshold)


# Of binary tasks whose positive decisions harm. A task without the feature gender leaves "exercise-gender" out.
BINARY: Mapping[str, Callable[[tuple[str, ...], float], Policy]] = MappingProxyType(
    {
        DEFAULT: every_group,
        "strict": lambda features, threshold: strict(every_group(features, threshold)),
        "lenient": binary_fairness,
        "exercise-gender": exercise_gender,
        "four-fifths": lambda features, threshold: four_fifths(features, threshold, "higher"),
        "ll144": lambda features, threshold: ll144(features, threshold, "higher"),
    }
)
IMAGES: Mapping[str, Callable[[ImageLimits], Policy]] = MappingProxyType(
    {
        DEFAULT: every_class,
        "strict": lambda limits: strict(every_class(limits)),
        "lenient": lambda limits: image_quality(
            limits.accuracy, limits.worst_recall, limits.train_test_difference, limits.min_examples
        ),
    }
)


def binary(features: tuple[str, ...], threshold: float = 0.5) -> Mapping[str, Policy]:
    """Return the presets of a binary task whose positive decisions harm, by name."""
    names = [name for name in BINARY if name != "exercise-gender" or GENDER in features]
    return {name: BINARY[name](features, threshold) for name in names}


def images(limits: ImageLimits) -> Mapping[str, Policy]:
    """Return the presets of an image task by name."""
    return {name: make(limits) for name, make in IMAGES.items()}


def of_default(policy: Policy) -> Mapping[str, Policy]:
    """Return the presets of a task that brings nothing but its default policy."""
    lenient = {"unproven": "pass", "unproven_violation": "inconclusive", "multiplicity": "none", "uncovered_harm": "report"}
    return {DEFAULT: policy, "strict": strict(policy), "lenient": policy.model_copy(update=lenient)}


def find(known: Mapping[str, Policy], name: str) -> Policy:
    """Return the preset of that name.

    Raises:
        UnknownNameError: there is none; the message lists the known ones.
    """
    if name not in known:
        raise UnknownNameError("policy preset", name, known, argument="policy")
    return known[name]


def groups_of(features: tuple[str, ...]) -> tuple[str, ...]:
    """Return the pattern that names every group of each feature, "gender:*"."""
    return tuple(map(whole_feature, features))
