"""Export a trained model with its transform graph inside, under the one signature of `components.modelling.signature`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_transform.saved.saved_transform_io_v2 import SavedModelLoader

from components.modelling import metadata
from components.modelling.metadata import ModelMetadata
from components.modelling.sealing import seal
from components.modelling.signature import SIGNATURE


class Servable(tf.Module):
    """A model behind its transform graph.

    Args:
        transform_output: the output of TFX Transform.
        features: raw features that the model needs; all others, the label among them, may be absent at serving time.
        predict: transformed features -> float32[N, 1] or float32[N, C]. Everything it refers to must be reachable from `parts`.
        output: name of the output, SCORE or PROBABILITIES.
        parts: layers and modules to be saved with it.
    """

    def __init__(
        self,
        transform_output: tft.TFTransformOutput,
        features: tuple[str, ...],
        predict: Callable[[dict[str, tf.Tensor]], tf.Tensor],
        output: str,
        parts: tuple[Any, ...],
    ) -> None:
        """See the class."""
        super().__init__()
        # TFT's own layer does the same, but is a Keras 2 model, which an export would trace once more, whole, for seconds.
        self._transform = SavedModelLoader(transform_output.transform_savedmodel_dir)
        self._tables = vars(self._transform)  # what an attribute holds is saved with the module; the loader alone would not be
        raw = transform_output.raw_feature_spec()
        self._spec = {name: raw[name] for name in features}
        self._predict = predict
        self._output = output
        self._parts = list(parts)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """Map serialized raw tf.Examples str[N] to {output: float32[N, 1 or C]}."""
        raw = tf.io.parse_example(examples, self._spec)
        return {self._output: self._predict(self._transform.apply_transform_model(raw))}


def export(servable: Any, folder: str | Path, known: ModelMetadata | None = None) -> None:
    """Write the SavedModel with its one signature, and seal it for the gate.

    Args:
        servable: a tf.Module with the function `serve`, str[N] of raw tf.Examples -> {output: float32[N, …]}.
        folder: to write.
        known: what the model says of itself; None for nothing.
    """
    tf.saved_model.save(servable, str(folder), signatures={SIGNATURE: servable.serve})
    if known is not None:
        metadata.write(folder, known)
    seal(folder)
