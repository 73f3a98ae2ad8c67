"""The pytest plugin: a test that fails when a model may not be published.

    def test_model_may_be_published(fairgate_gate):
        fairgate_gate("predictions.parquet", label="toxic", scores="p_new", slices=["gender"], policy="policy.yaml")

pytest loads every plugin that is installed, so this module imports nothing that takes time until the fixture is used.
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fairgate.judging.judgement import Judgement

Gate = Callable[..., "Judgement"]


@pytest.fixture
def fairgate_gate() -> Gate:
    """Return a function that takes the arguments of `fairgate.evaluate`, and fails the test unless the model is blessed.

    It takes `allow` as well: the outcomes with which the test passes, ("blessed",); ("blessed", "inconclusive") lets a model
    through of which there are too few examples to tell, and ("blessed", "reported") takes a policy that sets no pass mark
    (ll144), which judges nothing. A mistake in the arguments is an error, whatever `allow` says.
    """
    return gate


def gate(table: Any = None, *, allow: Collection[str] | str = ("blessed",), **arguments: Any) -> "Judgement":
    """Judge predictions, and fail the test if the outcome is not allowed.

    Args:
        table: rows or files, as `fairgate.evaluate` takes them; None where there are arrays (`y_true`, `y_pred` and so on).
        allow: outcomes with which the test passes, or the only one.
        arguments: of `fairgate.evaluate`.

    Raises:
        InputError: the predictions or the policy cannot be judged, or `allow` names no outcome.
    """
    from fairgate.errors import UnknownNameError
    from fairgate.gate.outcome import EXIT_CODES, decisive
    from fairgate.judging.judgement import evaluate

    allow = (allow,) if isinstance(allow, str) else allow
    for outcome in allow:
        if outcome not in EXIT_CODES:
            raise UnknownNameError("outcome", outcome, EXIT_CODES)
    judged = evaluate(table, **arguments)
    if judged.verdict.outcome not in allow:
        reasons = "\n".join(f"  - {line.reason}" for line in decisive(judged.verdict.rules))
        if judged.verdict.outcome == "reported":
            reasons = (
                f"Such a policy lets every model through; write allow={(*allow, 'reported')!r} if the test is to pass by it."
            )
        pytest.fail(f"{judged.verdict.summary}\n{reasons}", pytrace=False)
    return judged
