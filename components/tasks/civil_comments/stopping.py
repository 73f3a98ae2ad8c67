"""Early stopping: stop once the validation loss has clearly risen, not at a chance minimum.

In flow the validation losses of a Keras training; the training ends with the last weights that were about as good as the best.
"""

import math
from typing import Any

import keras


class StopWhenWorse(keras.callbacks.Callback):
    """Stop when the validation loss stays clearly above its best, and restore the last weights before that.

    The loss is flat over hundreds of batches, while the rates at a threshold still wander. `keras.callbacks.EarlyStopping`
    would take the lowest value, at another moment for the baseline than for the candidate, and compare the moments.

    Args:
        tolerance: how much above the best a loss may be and still count as good, as a share: 0.02 for 2 %.
        patience: epochs in a row with a worse loss after which training stops.
    """

    def __init__(self, tolerance: float, patience: int) -> None:
        """Store the limits."""
        super().__init__()
        self._tolerance = tolerance
        self._patience = patience
        self._best = math.inf
        self._worse = 0
        self._kept: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002  # Keras's signature
        """Compare `val_loss`; NaN counts as worse."""
        loss = float((logs or {})["val_loss"])
        self._best = min(self._best, loss)
        if loss <= self._best * (1 + self._tolerance):
            self._worse = 0
            self._kept = self.model.get_weights()
            return
        self._worse += 1
        self.model.stop_training = self._worse >= self._patience

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002  # Keras's signature
        """Restore the kept weights."""
        if self._kept:
            self.model.set_weights(self._kept)
