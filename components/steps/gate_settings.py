"""What the graph hands to the FairnessGate beside the artifacts: one value, carried as JSON in an execution property."""

import hashlib
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from fairgate.errors import InputError
from fairgate.gate.policy import Policy
from fairgate.gate.waivers import Waiver, in_force

# Only a gate that is compiled with waivers runs each time; the engine's cache knows no day, and would keep a waiver for ever.
COMPILE_WAIVERS = "Compile the pipeline with a policy that has waivers: its gate then never comes from the cache."


class GateSettings(BaseModel):
    """The part of a run that the gate needs.

    Attributes:
        task: the task's name.
        policy: by which it decides.
        waivers: of the policy, those that were in force when the graph was built, so that TFX's cache does not answer for a run
            after one has expired; all of them where the graph is built before it is submitted.
        confidence: level of the intervals of slices in the verdict.
        recipes: model -> the recipe it was trained by, in words; one that is absent is called by the name of the model.
        source: where the data come from, in words.
        generated: whether the data are synthetic.
        seed: of the run.
        config_digest: of the whole configuration.
        source_digest: of the gate's source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    policy: Policy
    waivers: tuple[Waiver, ...] = ()
    confidence: float
    recipes: dict[str, str]
    source: str
    generated: bool
    seed: int
    config_digest: str
    source_digest: str

    def submitted(self, policy: str, source: str, today: date) -> "GateSettings":
        """Return the settings of a run that was given a policy and a folder of examples when it was submitted.

        Args:
            policy: Policy as JSON or YAML; "" for this one.
            source: the folder; "" for this source.
            today: the day of the run in UTC; the waivers of the result are in force on it.

        Raises:
            InputError: the policy is none, or has waivers where the compiled policy had none.
        """
        changes: dict[str, Any] = {"source": f"{self.source} in {source}"} if source else {}
        waivers = self.waivers
        if policy and (chosen := _parse(policy)) != self.policy:
            if chosen.waivers and not self.policy.waivers:
                raise InputError(f"The parameter policy has a waiver ({chosen.waivers[0]}). {COMPILE_WAIVERS}")
            digest = hashlib.sha256(f"{self.config_digest}{chosen.model_dump_json()}".encode()).hexdigest()
            changes |= {"policy": chosen, "config_digest": digest}
            waivers = chosen.waivers
        return self.model_copy(update=changes | {"waivers": in_force(waivers, today)})


def _parse(policy: str) -> Policy:
    try:
        return Policy.parse(policy, "the parameter policy")
    except InputError as error:
        raise InputError(f"The parameter policy is no policy as JSON or YAML. {error}") from error
