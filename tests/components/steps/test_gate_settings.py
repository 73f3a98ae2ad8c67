"""What a submitted run changes in the gate's settings."""

from datetime import date, timedelta

import pytest

from components.steps.gate_settings import GateSettings
from fairgate.errors import InputError
from fairgate.gate.policy import Policy

TODAY = date(2026, 11, 27)
WAIVER = {"rule": "useful", "slice": "overall", "who": "A. Smith", "why": "new labels in December", "until": "2026-11-27"}
RULE = {"id": "useful", "kind": "beats_trivial", "metric": "auc"}


@pytest.fixture
def settings() -> GateSettings:
    """As they were compiled in."""
    return GateSettings(
        task="civil-comments",
        policy=Policy.model_validate({"rules": [RULE]}),
        confidence=0.95,
        recipes={"baseline": "baseline", "candidate": "remediated"},
        source="canonical examples",
        generated=False,
        seed=1,
        config_digest="0" * 64,
        source_digest="0" * 16,
    )


def test_run_on_this_machine_changes_nothing(settings: GateSettings) -> None:
    """It has no submission."""
    assert settings.submitted("", "", TODAY) == settings


def test_same_policy_is_the_same_configuration(settings: GateSettings) -> None:
    """Whoever submits the default has configured nothing else."""
    assert settings.submitted(settings.policy.model_dump_json(), "", TODAY) == settings


def test_other_policy_is_another_configuration(settings: GateSettings) -> None:
    """It decides, and the digest of the configuration tells it apart."""
    other = Policy.model_validate({"rules": [RULE], "min_examples": 7})
    found = settings.submitted(other.model_dump_json(), "", TODAY)
    assert found.policy == other
    assert found.config_digest != settings.config_digest
    assert len(found.config_digest) == 64


def test_source_tells_the_folder(settings: GateSettings) -> None:
    """The examples were named when the run was submitted."""
    assert settings.submitted("", "/mnt/fairgate/examples", TODAY).source == "canonical examples in /mnt/fairgate/examples"


@pytest.mark.parametrize("policy", ["{", '{"rules": 3}', '{"no_such_key": 1}'])
def test_policy_that_is_none_is_an_input_error(settings: GateSettings, policy: str) -> None:
    """The message names the parameter."""
    with pytest.raises(InputError, match="The parameter policy is no policy as JSON or YAML"):
        settings.submitted(policy, "", TODAY)


def waived(settings: GateSettings) -> GateSettings:
    """As they were compiled in with a policy that has a waiver."""
    policy = Policy.model_validate({"rules": [RULE], "waivers": [WAIVER]})
    return settings.model_copy(update={"policy": policy, "waivers": policy.waivers})


def test_waiver_is_in_force_until_the_end_of_its_last_day(settings: GateSettings) -> None:
    given = waived(settings)
    assert given.submitted("", "", TODAY).waivers == given.policy.waivers
    assert given.submitted("", "", TODAY + timedelta(days=1)).waivers == ()


def test_waivers_of_a_submitted_policy_replace_the_compiled_ones(settings: GateSettings) -> None:
    other = Policy.model_validate({"rules": [RULE], "waivers": [WAIVER | {"who": "B. Jones"}]})
    assert waived(settings).submitted(other.model_dump_json(), "", TODAY).waivers == other.waivers


def test_submitted_policy_without_waivers_has_none_in_force(settings: GateSettings) -> None:
    assert waived(settings).submitted(settings.policy.model_dump_json(), "", TODAY).waivers == ()


def test_waivers_need_a_gate_that_is_compiled_with_waivers(settings: GateSettings) -> None:
    """The cluster's cache would keep them for ever."""
    with pytest.raises(InputError, match=r"The parameter policy has a waiver \(useful on overall, .*Compile the pipeline with"):
        settings.submitted(waived(settings).policy.model_dump_json(), "", TODAY)
