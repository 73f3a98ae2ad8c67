"""Read the written policy: what a candidate must keep to be published. `fairgate.gate.decision` judges by it.

In: the `policy` part of a configuration, a YAML file, or a preset. Out: frozen values. Imports no third-party package but
pydantic and PyYAML.

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

import reprlib
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, ValidationError, model_validator

from fairgate.errors import InputError
from fairgate.gate import rules as _kinds  # noqa: F401  # registers them
from fairgate.gate.rule import Effect, Rule, Share, parse_rule
from fairgate.gate.waivers import Waiver

UncoveredHarm = Literal["report", "inconclusive", "refuse"]


class Policy(BaseModel):
    """Everything by which a candidate is judged.

    Attributes:
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
        if self.waivers and not self.allow_waivers:
            raise ValueError(f"allow_waivers is false, but there is a waiver ({self.waivers[0]}); remove it")
        rules = {rule.id: rule for rule in self.rules}
        for waiver in self.waivers:
            rule = rules.get(waiver.rule)
            if rule is None:
                raise ValueError(f"there is no rule {waiver.rule!r} to waive; the rules are {', '.join(rules) or 'none'}")
            if rule.reports_worst and not all(waiver.covers(rule.id, pattern) for pattern in rule.slices):
                raise ValueError(
                    f"the rule {rule.id!r} reports only the worst of its slices, so a waiver of {waiver.slice!r} would also hide "
                    f"the next; waive all of them, {', '.join(map(repr, rule.slices))}"
                )
        return self

    @classmethod
    def from_yaml(cls, path: str | Path) -> "Policy":
        """Read a policy from a YAML file that holds the fields of this class, at its top or under the key `policy`.

        Raises:
            InputError: the file cannot be read or is not a policy; names the file, and every wrong key with its value.
        """
        try:
            written = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"Cannot read the policy {path}: {error}.") from error
        except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date that does not exist
            raise InputError(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from error
        if not isinstance(written, dict):
            raise InputError(f"{path} must hold keys and values at its top, such as `rules:`, not {type(written).__name__}.")
        try:
            return cls.model_validate(written.get("policy", written))
        except ValidationError as error:
            problems = [
                f"{'.'.join(map(str, each['loc']))}: {each['msg']} (got {reprlib.repr(each['input'])})" for each in error.errors()
            ]
            raise InputError(f"Policy error in {path}: {'; '.join(problems)}.") from error
