"""What is common to the configurations of all tasks."""

import pytest
from pydantic import ValidationError

from components.tasks.base import TaskModel


class Training(TaskModel):
    """An example."""

    steps: int = 1


def test_configuration_is_frozen() -> None:
    """What a run says it did is what it did."""
    with pytest.raises(ValidationError, match="frozen"):
        Training().steps = 2  # type: ignore[misc]  # the mistake that is tested


def test_unknown_key_is_an_error() -> None:
    """A mistyped key must not be passed over in silence."""
    with pytest.raises(ValidationError, match="step"):
        Training.model_validate({"step": 2})


def test_a_configuration_lacks_nothing_by_default() -> None:
    """A task that needs files says so itself."""
    assert Training().missing_inputs() == []
