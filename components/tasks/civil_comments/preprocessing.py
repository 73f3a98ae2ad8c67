"""Preprocessing of the toxicity task for TFX Transform: raw tf.Examples to text, label and the two example weights.

Both weightings are computed here, once, so that the baseline and the candidate read the same transformed examples.
"""

from typing import Any

import tensorflow as tf

from components.remedies.reweighting_tf import baseline_weights, candidate_weights
from components.tasks.civil_comments.features import LABEL_KEY, TEXT_KEY, WEIGHT_KEYS
from data.comments.names import LABEL, TEXT


def preprocessing_fn(inputs: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Compute `text` str[N, 1], `label` float32[N, 1] and one weight float32[N, 1] per recipe from raw features."""
    label = tf.cast(inputs[LABEL], tf.float32)
    return {
        TEXT_KEY: inputs[TEXT],
        LABEL_KEY: label,
        WEIGHT_KEYS["baseline"]: baseline_weights(label),
        WEIGHT_KEYS["remediated"]: candidate_weights(label, inputs["gender"]),
    }
