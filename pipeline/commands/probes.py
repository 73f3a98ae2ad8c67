"""Probes that Beam and Keras work on this machine. `python -m pipeline.commands.probes beam|keras` prints one line, or fails.

A pipeline of one element, and a regression with one neuron on y = 2x - 1, which must then predict 19 at x = 10.
"""

import os
import sys

TOLERANCE = 0.1
_INPUTS = (-1.0, 0.0, 1.0, 2.0, 3.0, 4.0)
_LEARNING_RATE = 0.1  # of at most 0.17, beyond which gradient descent on these inputs diverges
_EPOCHS = 200  # the slowest direction shrinks by a tenth in each


def beam() -> str:
    """Run a one-element pipeline the way a run does; fail if the result is wrong."""
    import apache_beam
    from apache_beam.testing.util import assert_that, equal_to

    with apache_beam.Pipeline(argv=["--runner=DirectRunner", "--direct_running_mode=in_memory"]) as root:
        sums = root | "Create" >> apache_beam.Create([20]) | "Add" >> apache_beam.Map(lambda number: number + 1)
        assert_that(sums, equal_to([21]))
    return f"DirectRunner of Beam {apache_beam.__version__} ran a pipeline"


def keras() -> str:
    """Train one neuron on y = 2x - 1.

    Raises:
        RuntimeError: it does not predict 19 at x = 10.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras as library
    import numpy as np

    library.utils.set_random_seed(1)
    x = np.array(_INPUTS, np.float32)[:, None]
    neuron = library.Sequential([library.Input((1,)), library.layers.Dense(1)])
    neuron.compile(optimizer=library.optimizers.SGD(_LEARNING_RATE), loss="mean_squared_error")
    neuron.fit(x, 2 * x - 1, epochs=_EPOCHS, verbose=0)
    answer = float(neuron.predict(np.array([[10.0]], np.float32), verbose=0)[0, 0])
    if not abs(answer - 19) <= TOLERANCE:
        raise RuntimeError(f"one neuron trained on y = 2x - 1 predicts {answer:.3f} at x = 10, not 19")
    return f"one neuron trained on y = 2x - 1 predicts {answer:.3f} at x = 10 (Keras {library.__version__})"


PROBES = {"beam": beam, "keras": keras}

if __name__ == "__main__":
    sys.stdout.write(PROBES[sys.argv[1]]() + "\n")
