"""Define what every rule of a policy has, and find the kind of a rule by its name.

In: a rule as it is written in YAML or JSON. Out: a frozen value of its kind. A kind is a subclass of `Rule` in a module of
`fairgate.gate.rules`, which holds its fields, its measurement and its lint; the subclass registers itself.

Imports no third-party package but pydantic.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

from fairgate.gate import mistakes
from fairgate.gate.outcome import RuleMeasure
from fairgate.measurement import MetricKey
from fairgate.metrics import registry
from fairgate.names import OVERALL, features_of, literal

if TYPE_CHECKING:  # they import this module
    from fairgate.gate.evidence import Evidence
    from fairgate.gate.finding import Finding, Unjudged
    from fairgate.gate.measured import Measured

Effect = Literal["pass", "inconclusive", "refuse"]
Measure = Literal["ratio", "difference"]
Worse = Literal["higher", "lower"]
Share = Annotated[float, Field(gt=0.5, lt=1)]

KINDS: dict[str, "type[Rule]"] = {}  # by name, in the order in which fairgate.gate.rules imports them


def _number(value: float) -> float:
    if math.isnan(value):
        raise ValueError("NaN is no limit: nothing can be compared with it")
    return value


Limit = Annotated[float, AfterValidator(_number)]
_LONGEST = 1000  # characters of a pattern: messages and verdicts show it whole


def _pattern(written: str) -> str:
    """Return a pattern with long values as slices are named; refuse one that is too long to be shown."""
    spelled = literal(written)
    if len(spelled) > _LONGEST:
        raise ValueError(f"a pattern has {_LONGEST:,} characters at most; write the beginning of the value, and a star")
    return spelled


Pattern = Annotated[str, AfterValidator(_pattern)]


class Rule(BaseModel, ABC):
    """What every rule has.

    Class attributes, for a kind to set:
        includes_overall: a pattern such as "*" also names the slice "overall".

    Attributes:
        id: names the rule in verdicts and messages; unique within the policy.
        metric: name of a metric, as in metrics.parquet.
        thresholds: the decision thresholds at which it is judged; empty for metrics that have none.
        slices: names of slices, or patterns with `*`; "gender:*" is every single gender, "gender:* × race:*" every pair. A star
            sees the first 120 characters of a value; a whole value may be longer.
        worse: in which direction the metric gets worse; absent where the metric's own direction is known. A metric without one
            (a positive rate, a mean score) is limited in both by gaps and their improvement; kinds that ask whether it became
            worse, or is better than trivial, need it.
        min_examples, confidence, unproven, unproven_violation: as in Policy, for this rule alone.
        rationale: why the rule and its limit, for the reader of the verdict.
        kind: which of the kinds of rules it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    includes_overall: ClassVar[bool] = True

    id: str = Field(min_length=1, max_length=200)
    metric: str = Field(min_length=1)
    thresholds: tuple[float, ...] = ()
    slices: tuple[Pattern, ...] = (OVERALL,)
    worse: Worse | None = None
    min_examples: int | None = Field(default=None, ge=1)
    confidence: Share | None = None
    unproven: Effect | None = None
    unproven_violation: Effect | None = None
    rationale: str = ""
    kind: str

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Register the kind. A subclass without a default for `kind` is a base of several kinds."""
        kind = cls.model_fields["kind"].default
        if not isinstance(kind, str):
            return
        if kind in KINDS:
            raise ValueError(f"the kind of rule {kind!r} is registered twice: {KINDS[kind].__name__}, {cls.__name__}")
        KINDS[kind] = cls

    def metric_keys(self) -> list[MetricKey]:
        """Return the metric at each threshold, or alone."""
        return [MetricKey(self.metric, threshold) for threshold in self.thresholds] or [MetricKey(self.metric)]

    @property
    def needs_baseline(self) -> bool:
        """Return whether the rule compares the candidate with the baseline."""
        return False

    @property
    def needs_reference(self) -> bool:
        """Return whether the rule compares the candidate with a reference model."""
        return False

    @property
    def explained_by(self) -> str | None:
        """Return the feature within whose values the rule compares slices; None where it compares them over all examples."""
        return None

    @property
    def crossed_features(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of features whose combined values the rule names; each pair in the order of the alphabet, once."""
        named = {features for features in map(features_of, self.slices) if len(set(features)) == len(features) == 2}
        return tuple(sorted((first, second) for first, second in named))

    @property
    def words(self) -> str:
        """Return the rule in short words: "False positive rate at 0.5: at most 1.25 times the rest"."""
        at = f" at {' and '.join(f'{threshold:g}' for threshold in self.thresholds)}" if self.thresholds else ""
        label = f"{registry.get(self.metric).label}{at}"
        return f"{label}: {self.limit_words}" if self.limit_words else label

    @property
    def limit_words(self) -> str:
        """Return the limit in short words, "at most 0.35"; empty for a kind that does not say it."""
        return ""

    @property
    def measures(self) -> RuleMeasure:
        """Return what the rule compares with its limit."""
        return "value"

    @property
    def reports_worst(self) -> bool:
        """Return whether the rule reports only the worst of its slices, and not each."""
        return False

    @property
    def more_slices_are_stricter(self) -> bool:
        """Return whether a candidate that keeps the rule on more slices also keeps it on fewer."""
        return True

    def is_as_strict(self, key: str, other: "Rule") -> bool | None:  # noqa: ARG002  # kinds with limits use both
        """Return whether a limit is at least as strict as the other rule's; a policy that extends another may change it only so.

        Args:
            key: name of a field that may differ.
            other: rule of the same kind and metric.

        Returns:
            None for a field that is no limit; kinds answer for the limits that they have.
        """
        return None

    @abstractmethod
    def apply(self, evidence: "Evidence") -> "Iterator[Finding | Unjudged]":
        """Measure the rule: yield one `Finding` per slice and threshold, or an `Unjudged` where there was nothing to measure."""

    def lint(self, measured: "Measured") -> Iterator[str]:
        """Yield what is wrong with the rule, each with its remedy, given what the evaluation will measure."""
        yield from mistakes.in_metric(self, measured)
        yield from mistakes.in_slices(self, measured)
        yield from mistakes.in_evidence(self.min_examples, self.confidence)
        if mistakes.metric_of(self, measured) is not None:
            yield from mistakes.in_direction(self)
            yield from self.lint_limits()

    def lint_limits(self) -> Iterator[str]:
        """Yield what is wrong with the limits of a rule whose metric is measured."""
        yield from ()

    def on_each_slice(self) -> "Rule | None":
        """Return a rule that holds any slice alone to this rule's limit; None where the limit is not one of single slices."""
        return None

    def limits(self) -> tuple[float | None, float | None]:
        """Return the floor and the ceiling that the rule sets to its metric on each slice, if any; two rules may contradict."""
        return None, None


def floor_is_as_strict(floor: float | None, other: float | None) -> bool:
    """Return whether a value that keeps the first floor keeps the other; None is no floor."""
    return other is None or (floor is not None and floor >= other)


def ceiling_is_as_strict(ceiling: float | None, other: float | None) -> bool:
    """Return whether a value that keeps the first ceiling keeps the other; None is no ceiling."""
    return other is None or (ceiling is not None and ceiling <= other)


def worse_direction(rule: Rule) -> Worse | None:
    """Return the direction in which the rule's metric gets worse; None where neither is, so that both are limited.

    Raises:
        UnknownNameError: no such metric is registered.
    """
    return rule.worse or registry.get(rule.metric).worse


def parse_rule(written: object, info: ValidationInfo) -> Rule:
    """Return the rule that a mapping describes; a rule is returned as it is.

    Args:
        written: the rule.
        info: of pydantic: what is read as JSON, as all files are, is read strictly.

    Raises:
        pydantic.ValidationError: an unknown kind, key or value; it holds the path of the key.
        ValueError: it is no mapping.
    """
    if isinstance(written, Rule):
        return written
    if not isinstance(written, Mapping):
        raise ValueError("a rule is written as keys and values, such as {kind: quality, id: auc-floor, metric: auc, min: 0.8}")
    kind = written.get("kind")
    if isinstance(kind, str) and kind in KINDS:
        if info.mode == "json":
            return KINDS[kind].model_validate(_with_tuples(written), strict=True)
        return KINDS[kind].model_validate(written)
    known = ", ".join(KINDS)
    problem = "there is no kind of rule of this name; choose from" if "kind" in written else "the rule has no kind; choose from"
    error = PydanticCustomError("unknown_kind", "{problem} {known}", {"problem": problem, "known": known})
    raise ValidationError.from_exception_data("Rule", [InitErrorDetails(type=error, loc=("kind",), input=kind)])


def _with_tuples(written: object) -> object:
    """Return a value of JSON with tuples for lists, which is what rules hold.

    Read strictly, pydantic takes a list for a tuple from JSON alone, and no longer behind a validator that a kind runs first.
    """
    if isinstance(written, Mapping):
        return {key: _with_tuples(value) for key, value in written.items()}
    return tuple(map(_with_tuples, written)) if isinstance(written, list) else written
