"""When training stops, and with which weights."""

import math

import numpy as np
import numpy.typing as npt
import pytest

keras = pytest.importorskip("keras")

from components.tasks.civil_comments.stopping import StopWhenWorse  # noqa: E402  # after Keras was found

Counted = npt.NDArray[np.int_]


class Weights:
    """Stands for a model whose only weight is the number of the epoch."""

    def __init__(self) -> None:
        self.epoch = 0
        self.stop_training = False

    def get_weights(self) -> list[Counted]:
        return [np.array(self.epoch)]

    def set_weights(self, weights: list[Counted]) -> None:
        self.epoch = int(weights[0])


@pytest.mark.parametrize(
    ("losses", "epochs", "kept"),
    [
        ([3.0, 2.0, 1.0, 0.9], 4, 4),  # still falling
        ([3.0, 1.0, 1.05, 1.09, 1.01], 5, 5),  # flat: the last, not the lowest
        ([3.0, 1.0, 1.2, 1.05, 1.2], 5, 4),  # one bad epoch at the end
        ([3.0, 1.0, 1.2, 1.3, 1.0], 4, 2),  # clearly worse, twice in a row: stopped
        ([3.0, 1.0, 0.5, 1.0, 0.4], 5, 5),  # the best moves the limit
        ([3.0, math.nan, math.nan, 1.0], 3, 1),  # training broke down
    ],
)
def test_training_keeps_the_last_weights_that_were_not_clearly_worse(losses: list[float], epochs: int, kept: int) -> None:
    """Within a tenth of the best a loss counts as good; two worse ones in a row end it."""
    model, stopping = Weights(), StopWhenWorse(tolerance=0.1, patience=2)
    stopping.set_model(model)
    for loss in losses:
        model.epoch += 1
        stopping.on_epoch_end(model.epoch, {"val_loss": loss})
        if model.stop_training:
            break
    assert model.epoch == epochs
    stopping.on_train_end()
    assert model.epoch == kept


def test_it_works_in_a_real_training() -> None:
    """A learning rate that breaks the fit after the first epochs is undone."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
    x, y = np.array([[1.0], [1.0]]), np.array([[1.0], [1.0]])
    validation = (x, np.array([[0.0], [0.0]]))  # every step away from zero is worse here
    stopping = StopWhenWorse(tolerance=0.1, patience=2)
    history = model.fit(x, y, epochs=20, validation_data=validation, callbacks=[stopping], verbose=0).history
    losses = history["val_loss"]
    assert len(losses) < 20
    assert model.evaluate(*validation, verbose=0) <= min(losses) * 1.1
