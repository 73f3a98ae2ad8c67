"""Configuration of one image classifier."""

import pytest

from components.tasks.images.model_config import ImageModelConfig


@pytest.mark.parametrize(("steps", "epochs"), [(None, 9), (0, 9), (1, 1), (10, 1), (11, 2), (50, 5)])
def test_steps_of_a_submitted_run_become_whole_epochs(steps: int | None, epochs: int) -> None:
    """Ten batches of ten images are one epoch of a hundred."""
    assert ImageModelConfig(batch_size=10, epochs=9).in_steps(steps, rows=100).epochs == epochs
