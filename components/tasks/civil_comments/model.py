"""The toxicity classifier: a frozen text embedding and a small trained dense head.

In: texts str[N]. Out: scores float32[N, 1]. The two halves are separate on purpose: the frozen embedding is computed once per
text, the head trains on float32[N, d] arrays, and the exported model combines both.
"""

from collections.abc import Sequence

import keras
import numpy as np

from components.modelling.training import MEAN_LOSS


def build_classifier(dimension: int, hidden: Sequence[int], learning_rate: float, seed: int) -> keras.Model:
    """Return the head, compiled for training with example weights.

    The loss is the weighted binary cross-entropy summed over the batch, as in the published reference, not averaged:
    its gradients outweigh Adagrad's initial accumulator, so training gets somewhere in few steps at a low learning rate.

    Args:
        dimension: width d of the text embedding.
        hidden: as for `head`.
        learning_rate: of Adagrad.
        seed: as for `head`.
    """
    model = head(dimension, hidden, seed)
    loss = keras.losses.BinaryCrossentropy(reduction="sum")
    mean_loss = keras.metrics.BinaryCrossentropy(name=MEAN_LOSS)  # of unweighted examples, for the curves
    model.compile(optimizer=keras.optimizers.Adagrad(learning_rate), loss=loss, metrics=[mean_loss])
    return model


def head(dimension: int, hidden: Sequence[int], seed: int) -> keras.Model:
    """Return the trained half, not compiled: dense layers with relu, then one sigmoid unit.

    Args:
        dimension: width d of the text embedding.
        hidden: widths of the dense layers, first to last; none makes it a logistic regression.
        seed: of the initial weights; each layer draws from a stream of its own.

    Returns:
        A model float32[N, d] -> float32[N, 1], the probability of being toxic.
    """
    streams = np.random.SeedSequence(seed).generate_state(len(hidden) + 1)
    initial = [keras.initializers.GlorotUniform(seed=int(stream)) for stream in streams]
    layers = [
        keras.layers.Dense(width, "relu", kernel_initializer=start, name=f"hidden_{position}")
        for position, (width, start) in enumerate(zip(hidden, initial, strict=False))
    ]
    score = keras.layers.Dense(1, "sigmoid", kernel_initializer=initial[-1], name="score")
    return keras.Sequential([keras.Input((dimension,), dtype="float32"), *layers, score], name="head")
