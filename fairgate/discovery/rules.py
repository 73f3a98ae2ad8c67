"""Write confirmed slices as the rules of a policy, which `fairgate evaluate --policy` judges by."""

from fairgate.discovery.result import Discovery
from fairgate.gate import policy_text
from fairgate.gate.policy import Policy
from fairgate.gate.presets import RATIO_LIMIT
from fairgate.gate.rules import GapRule
from fairgate.metrics import registry

_WHY = "Confirmed as worse than the rest by a discovery; the limit is a convention, not of this use."
_RATIONALE = (
    "Slices that nobody had named, found by fairgate discover. The rows that chose them make them look worse than they are: "
    "judge new data."
)


def policy_of(found: Discovery) -> Policy | None:
    """Return a policy with a gap rule for each threshold, which limits each confirmed slice against the rest.

    Left out are slices by ranges of numbers, for which a table has no column, and echoes of another confirmed slice. None where
    no slice is left.
    """
    side = found.worse if registry.get(found.metric).worse is None else None
    rules = []
    for threshold in found.thresholds:
        names = [each.slice for each in found.own if not each.ranges and each.threshold == (threshold or None)]
        if names:
            of_threshold = f"-at-{threshold:g}" if len(found.thresholds) > 1 else ""
            rules.append(
                GapRule(
                    id=f"discovered-{found.metric.replace('_', '-')}{of_threshold}",
                    metric=found.metric,
                    thresholds=(threshold,) if threshold else (),
                    slices=tuple(names),
                    against="rest",
                    limit=RATIO_LIMIT,
                    worse=side,
                    rationale=_WHY,
                )
            )
    if not rules:
        return None
    return Policy(rationale=_RATIONALE, rules=tuple(rules), multiplicity="holm")


def policy_yaml(found: Discovery) -> str | None:
    """Return that policy as YAML; None where there is none."""
    policy = policy_of(found)
    return None if policy is None else policy_text.as_yaml(policy)
