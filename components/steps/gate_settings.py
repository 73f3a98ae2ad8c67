"""What the graph hands to the FairnessGate beside the artifacts: one value, carried as JSON in an execution property."""

import hashlib
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from fairgate.errors import InputError
from fairgate.gate.policy import Policy


class GateSettings(BaseModel):
    """The part of a run that the gate needs.

    Attributes:
        task: the task's name.
        policy: by which it decides.
        confidence: level of the intervals of slices in the verdict.
        recipes: model -> the recipe it was trained by, in words.
        source: where the data come from, in words.
        generated: whether the data are synthetic.
        seed: of the run.
        config_digest: of the whole configuration.
        source_digest: of the gate's source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    policy: Policy
    confidence: float
    recipes: dict[str, str]
    source: str
    generated: bool
    seed: int
    config_digest: str
    source_digest: str

    def submitted(self, policy: str, source: str) -> "GateSettings":
        """Return the settings of a run that was given a policy and a folder of examples when it was submitted.

        Args:
            policy: Policy as JSON; "" for this one.
            source: the folder; "" for this source.

        Raises:
            InputError: the policy is none.
        """
        changes: dict[str, Any] = {"source": f"{self.source} in {source}"} if source else {}
        if policy and (chosen := _parse(policy)) != self.policy:
            digest = hashlib.sha256(f"{self.config_digest}{chosen.model_dump_json()}".encode()).hexdigest()
            changes |= {"policy": chosen, "config_digest": digest}
        return self.model_copy(update=changes)


def _parse(policy: str) -> Policy:
    try:
        return Policy.model_validate_json(policy)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise InputError(f"The parameter policy is no policy as JSON ({problems}).") from error
