"""Name the one signature that every exported model has, and load it.

`serving_default(examples: str[N])` takes serialized *raw* tf.Examples, so that a server needs no preprocessing of its own. It
answers `score` float32[N, 1] (binary tasks) or `probabilities` float32[N, C]. Beside `score` a model may answer `probability`
float32[N, 1], calibrated to the real share of positives: for people, while decisions are made by the score. Only loading imports
TensorFlow.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

SIGNATURE = "serving_default"
SCORE = "score"
PROBABILITY = "probability"
PROBABILITIES = "probabilities"
MODEL_FOLDER = "Format-Serving"  # where TFX expects a SavedModel in the artifact of a trained model

Answers = npt.NDArray[np.floating[Any]]
Value = TypeVar("Value")


def deciding(outputs: Mapping[str, Value]) -> Value:
    """Return the output of a signature that decisions are made by: `score`, or else the only one.

    Raises:
        ValueError: there are several and no score.
    """
    if SCORE in outputs:
        return outputs[SCORE]
    if len(outputs) != 1:
        raise ValueError(f"the model answers {', '.join(sorted(outputs)) or 'nothing'}; give it one output, or one named {SCORE}")
    return next(iter(outputs.values()))


class Served:
    """A loaded SavedModel as a function from serialized raw tf.Examples to answers.

    Attributes:
        saved: the model as TensorFlow restored it, with what it holds beside the signature.
    """

    def __init__(self, model: str | Path) -> None:
        """Load the model.

        Args:
            model: folder of the SavedModel.

        Raises:
            KeyError: the model lacks the signature.
            OSError, ValueError, tf.errors.OpError: the folder holds no SavedModel that can be loaded.
        """
        import tensorflow as tf

        self.saved = tf.saved_model.load(str(model))  # the signature alone does not keep the model's variables alive
        self._signature = self.saved.signatures[SIGNATURE]

    def __call__(self, examples: Any) -> Answers:
        """Answer N examples, given as a sequence of bytes or a tensor str[N]: float32[N, 1 or C]."""
        return deciding(self.outputs(examples))

    def outputs(self, examples: Any) -> dict[str, Answers]:
        """Answer N examples by every output of the signature."""
        import tensorflow as tf

        found = self._signature(examples=tf.convert_to_tensor(examples, tf.string))
        return {name: np.asarray(values.numpy()) for name, values in found.items()}


_kept: ContextVar[dict[Path, Served] | None] = ContextVar("kept", default=None)


@contextmanager
def loading_once() -> Iterator[None]:
    """Keep the models that `served` loads until the block ends, for a step that asks the same models several times."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def served(model: str | Path) -> Served:
    """Load a model, or return it as loaded before in the same block of `loading_once`; arguments and errors of `Served`."""
    kept, folder = _kept.get(), Path(model).resolve()
    if kept is None:
        return Served(model)
    if folder not in kept:
        kept[folder] = Served(model)
    return kept[folder]
