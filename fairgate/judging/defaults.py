"""Choose the policy of a table that came without one: what its favourable decision, its groups and its labels suggest."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from fairgate.gate import presets
from fairgate.gate.policy import Policy
from fairgate.gate.rule import Rule
from fairgate.gate.rules import BeatsTrivialRule, GapRule, GuardRule, NotWorseRule, QualityRule
from fairgate.judging.roles import Favourable
from fairgate.names import OVERALL

THRESHOLD = 0.5
MARGIN = 0.05  # of the recall of a class and the accuracy of a group: what the candidate may lose against the baseline
LEAST_RECALL = 0.05  # a class that is found less often is not found
_AUTHOR = "the makers of fairgate, for predictions that came without a policy"
_MIRRORED = MappingProxyType(
    {
        "false_positive_rate": "false_negative_rate",
        "false_negative_rate": "false_positive_rate",
        "bpsn_auc": "bnsp_auc",
    }
)
_NAMES = MappingProxyType({"false-positive": "false-negative", "false-negative": "false-positive", "bpsn": "bnsp"})


def default_policy(features: Sequence[str], classes: Sequence[str], favourable: Favourable) -> Policy:
    """Return the policy for predictions without one.

    Args:
        features: slice features.
        classes: of the label.
        favourable: the decision that is good for the person. Where it is the positive one (a loan), the error that harms is the
            false negative, and the policy is that of a harmful positive decision with both errors exchanged.
    """
    if len(classes) > 2:
        return _of_classes(features)
    policy = presets.every_group(tuple(features), THRESHOLD)
    rules = [rule for rule in policy.rules if features or OVERALL in rule.slices]
    if not features:
        rules = [rule.model_copy(update={"slices": (OVERALL,)}) for rule in rules]
    if favourable == "positive":
        rules = [_mirrored(rule, _MIRRORED, _NAMES) for rule in rules]
    harm = "False negatives" if favourable == "positive" else "False positives"
    why = (
        f"{harm} harm: no group gets them much more often than the rest, or pays for that. Conventional limits, not of this use."
    )
    return policy.model_copy(update={"rules": tuple(rules), "author": _AUTHOR, "rationale": why})


def _mirrored(rule: Rule, metrics: Mapping[str, str], names: Mapping[str, str]) -> Rule:
    """Return the rule with false positives and false negatives exchanged, in its id too."""
    exchanged = next((rule.id.replace(name, other) for name, other in names.items() if name in rule.id), rule.id)
    return rule.model_copy(update={"metric": metrics.get(rule.metric, rule.metric), "id": exchanged, "rationale": ""})


def _of_classes(features: Sequence[str]) -> Policy:
    groups = presets.groups_of(tuple(features))
    rules: list[Rule] = [
        NotWorseRule(id="not-worse", metric="accuracy"),
        BeatsTrivialRule(id="beats-trivial", metric="accuracy", reference="trivial_accuracy"),
        QualityRule(id="class-recall-floor", metric="recall", slices=("class:*",), min=LEAST_RECALL),
        GuardRule(id="class-recall-guard", metric="recall", slices=("class:*",), margin=MARGIN),
    ]
    if groups:
        gap = {"metric": "accuracy", "slices": groups, "against": "rest", "limit": presets.RATIO_LIMIT, "worse": "lower"}
        rules += [
            GapRule(id="accuracy-gap", **gap),
            GuardRule(id="accuracy-guard", metric="accuracy", slices=groups, margin=MARGIN),
        ]
    why = "The model is better than the most frequent class and no step back; no class and no group is left far behind."
    return Policy(author=_AUTHOR, rationale=why, rules=tuple(rules), multiplicity="holm")
