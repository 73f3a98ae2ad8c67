"""Read the written policy: what a candidate must keep to be published. `fairgate.gate.decision` judges by it.

In: the `policy` part of a configuration, a YAML file, or a preset. Out: frozen values. Imports no third-party package but
pydantic.

How a rule is judged. Every rule measures a value with its interval on each slice and threshold that it names, and compares both
with a limit:

    the interval lies within the limit           the rule passes
    the value keeps the limit, its interval      passes, unless `unproven` asks for more
      reaches beyond it
    the value breaks the limit, its interval     not enough to refuse: inconclusive, unless `unproven_violation` says otherwise
      reaches back within it
    the interval lies beyond the limit           the rule fails, the candidate is refused
    fewer than `min_examples`                    "not enough data": never decides alone, but a rule in which no slice has
                                                 enough data leaves the outcome inconclusive
    value undefined, slice or metric absent      inconclusive: never blessed

A metric without an interval (no standard error is known) is judged by its value alone. A limit that is exactly met is kept.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from fairgate import yaml_files
from fairgate.gate import rules as _kinds  # noqa: F401  # registers them
from fairgate.gate.rule import Effect, Rule, Share, parse_rule
from fairgate.gate.waivers import Waiver
from fairgate.names import features_of, is_cut, is_pair, is_pattern
from fairgate.strict import validate

PAIRED_AUCS = ("auc", "subgroup_auc", "bpsn_auc", "bnsp_auc")  # the metrics whose two models are compared by their ranks

UncoveredHarm = Literal["report", "inconclusive", "refuse"]


class Policy(BaseModel):
    """Everything by which a candidate is judged.

    Attributes:
        author: the person or body that answers for the policy, shown in the verdict.
        rationale: why the policy asks for what it asks for, shown in the verdict.
        rules: all of them must hold. A policy without rules never blesses.
        min_examples: trials that a rate (examples that another metric) of a slice must rest on to be judged; negatives for a
            false positive rate. Effective ones where examples are weighted or clustered; of a rate whose examples have unequal
            weights at least 150, below which its interval does not cover what it promises.
        confidence: level of every interval, two-sided.
        unproven: what follows when a value keeps its limit but the interval reaches beyond it.
        unproven_violation: what follows when a value breaks its limit but the interval reaches back within it.
        multiplicity: "holm" refuses only what Holm's correction over all comparisons of the policy still proves, so that a
            candidate which keeps every limit is refused with a probability of at most 1 - confidence, however many slices there
            are. "none" takes each interval as it is shown. Blessing needs every rule at once, so it needs no correction.
        without_baseline: what rules against the baseline do when the evaluation has none (a first run): "skip" leaves the
            decision to the other rules, "inconclusive" blesses nothing.
        uncovered_harm: what follows when a metric of the policy is proven to break, on a slice that no rule covers, the limit
            that the policy sets for it elsewhere. "report" lists it under *not judged* and changes no outcome.
        waivers: rules that are excused on a slice until a day; see `fairgate.gate.waivers`. Checks are never waived.
        allow_waivers: whether this policy, and every policy that extends it, may have waivers.
        reports_only: the policy sets no pass mark: every rule is measured and reported, and the outcome says so.
        allow_never_predicted: a multi-class candidate may leave a class without a single prediction; otherwise it is refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    author: str = ""
    rationale: str = ""
    rules: tuple[Annotated[SerializeAsAny[Rule], BeforeValidator(parse_rule)], ...] = ()
    min_examples: int = Field(default=100, ge=1)
    confidence: Share = 0.95
    unproven: Effect = "pass"
    unproven_violation: Effect = "inconclusive"
    multiplicity: Literal["none", "holm"] = "none"
    without_baseline: Literal["skip", "inconclusive"] = "skip"
    uncovered_harm: UncoveredHarm = "inconclusive"
    waivers: tuple[Waiver, ...] = ()
    allow_waivers: bool = True
    reports_only: bool = False
    allow_never_predicted: bool = False

    @model_validator(mode="after")
    def _sound_waivers(self) -> "Policy":
        """Refuse waivers that are not allowed, name no rule, or would excuse more than they say."""
        problems = [
            InitErrorDetails(type=PydanticCustomError("waiver", "{problem}", {"problem": problem}), loc=keys, input=value)
            for keys, value, problem in self._waiver_problems()
        ]
        if problems:
            raise ValidationError.from_exception_data("Policy", problems)
        return self

    def _waiver_problems(self) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
        """Yield key, value and problem."""
        if self.waivers and not self.allow_waivers:
            yield ("waivers",), str(self.waivers[0]), "allow_waivers is false, so the policy may have no waivers; remove them"
        rules = {rule.id: rule for rule in self.rules}
        for number, waiver in enumerate(self.waivers):
            rule = rules.get(waiver.rule)
            if rule is None:
                known = ", ".join(rules) or "none"
                yield ("waivers", number, "rule"), waiver.rule, f"there is no rule of this id to waive; the rules are {known}"
            elif rule.reports_worst and not all(waiver.covers(rule.id, pattern) for pattern in rule.slices):
                yield (
                    ("waivers", number, "slice"),
                    waiver.slice,
                    f"the rule {rule.id!r} reports only the worst of its slices, so a waiver of one would also hide the next; "
                    f"waive all of them, {', '.join(map(repr, rule.slices))}",
                )

    @property
    def auc_slices(self) -> tuple[str, ...]:
        """Return the patterns of the slices on which a rule compares an AUC with the baseline's, which must be counted for it."""
        rules = [rule for rule in self.rules if rule.needs_baseline and rule.metric in PAIRED_AUCS]
        return tuple(sorted({pattern for rule in rules for pattern in rule.slices}))

    @property
    def crossed_features(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of features whose combined values the rules name or compare within, sorted."""
        return tuple(sorted({pair for rule in self.rules for pair in rule.crossed_features}))

    @property
    def conjunctions(self) -> tuple[str, ...]:
        """Return the slices that rules name in full and no pair of features has: of three values, or of two of one feature."""
        named = {name for rule in self.rules for name in rule.slices if is_pair(name) and not (is_pattern(name) or is_cut(name))}
        return tuple(sorted(name for name in named if len(features_of(name)) > 2 or len(set(features_of(name))) == 1))

    @property
    def explaining_features(self) -> frozenset[str]:
        """Return the features that rules compare within and of which no rule judges a slice: they explain gaps."""
        judged = {feature for rule in self.rules for pattern in rule.slices for feature in features_of(pattern)}
        return frozenset({rule.explained_by for rule in self.rules if rule.explained_by is not None} - judged)

    @classmethod
    def from_yaml(cls, path: str | Path) -> "Policy":
        """Read a policy from a YAML file that holds the fields of this class, at its top or under the key `policy`.

        The key `extends` names the file of a policy that this one may only make stricter, see `fairgate.gate.inheritance`.

        Args:
            path: of the file.

        Raises:
            InputError: the file cannot be read or is not a policy; names the file, and every wrong key with line and value.
        """
        from fairgate.gate.inheritance import read  # it imports this module

        return read(Path(path))

    @classmethod
    def parse(cls, text: str, name: str) -> "Policy":
        """Read a policy from text in YAML or JSON, as strictly as from a file; it extends no other.

        Args:
            text: the fields of this class.
            name: of the source, for messages.

        Raises:
            InputError: as `from_yaml`.
        """
        document = yaml_files.parse(text, name)
        return validate(cls, document.mapping, [document], "Policy error")
