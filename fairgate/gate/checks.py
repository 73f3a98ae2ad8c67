"""Describe a check that the gate makes beside the rules of a policy."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """Something besides the metrics that must be in order: the exported model serves, the artifacts belong together.

    Attributes:
        name: "serving".
        ok: a candidate with a check that is not in order is refused.
        reason: a full sentence in either case.
    """

    name: str
    ok: bool
    reason: str
