"""Whatever the policy and the metrics: verdict, text, exit code, blessing and what is published say the same."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from tfx.types import standard_artifacts

from components.artifacts.blessing import BLESSED, NOT_BLESSED
from components.steps.fairness_gate import bless
from components.steps.pusher import Executor
from fairgate.gate import markdown
from fairgate.gate.checks import Check
from fairgate.gate.decision import decide
from fairgate.gate.outcome import EXIT_CODES
from fairgate.gate.policy import Policy
from fairgate.measurement import Evaluation
from tests.fairgate.gate.test_properties import STEADY, checks, evaluations, policies, verdict_of


@pytest.mark.no_cover
@pytest.mark.slow
@settings(STEADY, max_examples=200)
@given(policies, evaluations(), checks)
def test_everything_that_tells_the_outcome_agrees(policy: Policy, evaluation: Evaluation, made: list[Check]) -> None:
    """In 200 combinations; the Pusher reads the blessing with TFX's own code. In more of them, the library's own test."""
    decision = decide(policy, evaluation, checks=made)
    written = verdict_of(decision, evaluation)
    blessing, candidate = standard_artifacts.ModelBlessing(), standard_artifacts.Model()
    with tempfile.TemporaryDirectory() as folder:
        blessing.uri = folder
        bless(blessing, candidate, written)
        files = [path.name for path in Path(folder).iterdir()]
        pushes = Executor().CheckBlessing({"model_blessing": [blessing]})
    blessed = decision.outcome == "blessed"
    assert (EXIT_CODES[decision.outcome] == 0, pushes, files) == (blessed, blessed, [BLESSED if blessed else NOT_BLESSED])
    assert (written.outcome, bool(blessing.get_int_custom_property("blessed"))) == (decision.outcome, blessed)
    assert f"{decision.outcome.capitalize()}: civil-comments" in markdown.render(written).splitlines()[0]
