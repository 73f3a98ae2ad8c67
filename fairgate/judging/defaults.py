"""Choose the policy of a table: a preset by name, or, of one that came without, what its groups and labels suggest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import MappingProxyType

from fairgate.asked import typed
from fairgate.errors import InputError, UnknownNameError
from fairgate.gate import presets
from fairgate.gate.policy import Policy
from fairgate.gate.rule import Rule, Worse
from fairgate.gate.rules import BeatsTrivialRule, GapRule, GuardRule, NotWorseRule, QualityRule
from fairgate.judging.roles import Favourable
from fairgate.metrics import registry
from fairgate.names import OVERALL, PAIR, whole_feature

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


STRICT, FOUR_FIFTHS, LL144 = "strict", "four-fifths", "ll144"
PRESETS = (STRICT, FOUR_FIFTHS, LL144)  # that a table may be judged by


@dataclass(frozen=True)
class TablePreset:
    """A policy that is made when the table is known.

    Attributes:
        name: one of `PRESETS`.
    """

    name: str

    def policy(self, subject: "TableFacts") -> Policy:
        """Return the policy for a table.

        Raises:
            InputError: there are no groups to compare, or several classes.
        """
        if self.name == STRICT:
            return presets.strict(subject.default())
        if not subject.features:
            raise InputError(
                f"The policy {self.name} compares groups, and none are named; type {typed('slices', ['COLUMN', 'COLUMN'])}."
            )
        if len(subject.classes) > 2:
            raise InputError(f"The policy {self.name} compares selection rates, and there are several classes; name a decision.")
        features = tuple(subject.features)
        if self.name == FOUR_FIFTHS:
            return presets.four_fifths(features, subject.threshold, "lower")
        policy = presets.ll144(features, None if subject.scored else subject.threshold, "lower")
        pairs = [PAIR.join(map(whole_feature, pair)) for pair in combinations(features, 2)]
        rules = tuple(rule.model_copy(update={"slices": (*rule.slices, *pairs)}) for rule in policy.rules)
        return policy.model_copy(update={"rules": rules})


@dataclass(frozen=True)
class TableFacts:
    """What is known of a table before it is counted.

    Attributes:
        features: slice features.
        classes: of the label.
        favourable: the decision that is good for the person.
        threshold: at which a score is a decision.
        labelled: whether there are labels.
        scored: whether there are scores, and not decisions alone.
    """

    features: Sequence[str]
    classes: Sequence[str]
    favourable: Favourable = "negative"
    threshold: float = THRESHOLD
    labelled: bool = True
    scored: bool = True

    def default(self) -> Policy:
        """Return the policy for predictions without one."""
        if not self.labelled:
            return _of_selection(self)
        policy = default_policy(self.features, self.classes, self.favourable)
        if self.scored:
            return policy
        return policy.model_copy(update={"rules": tuple(rule for rule in policy.rules if not _needs_scores(rule))})


def find_preset(name: str) -> TablePreset:
    """Return the preset of that name.

    Raises:
        UnknownNameError: there is none, and no such file either.
    """
    if name not in PRESETS:
        raise UnknownNameError("policy file, or preset", name, PRESETS, argument="policy")
    return TablePreset(name)


def read_policy(given: str | Path) -> Policy | TablePreset:
    """Return the policy of a file, or the preset that a word without a dot or a slash names if there is no such file.

    Raises:
        InputError: there is neither, or the file holds no policy.
    """
    text = str(given)
    if isinstance(given, str) and not Path(text).exists() and not set("./\\") & set(text):
        return find_preset(text)
    return Policy.from_yaml(given)


def _needs_scores(rule: Rule) -> bool:
    return "scores" in registry.get(rule.metric).needs


def _of_selection(subject: TableFacts) -> Policy:
    """Return the policy of decisions without labels: no group is selected much less often, or accused much more, than another."""
    if not subject.features:
        raise InputError(
            "Without labels there are selection rates of groups to compare, and no group is named; type "
            f"{typed('slices', ['COLUMN'])}, or give labels with {typed('label', 'COLUMN')}."
        )
    worse: Worse = "lower" if subject.favourable == "positive" else "higher"
    policy = presets.four_fifths(tuple(subject.features), subject.threshold, worse)
    what = "A positive decision is wanted" if worse == "lower" else "A positive decision harms"
    why = f"{what}: no group's rate is beyond four fifths of that of the best. A conventional limit, not of this use."
    return policy.model_copy(update={"author": _AUTHOR, "rationale": why})


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
