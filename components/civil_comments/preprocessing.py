"""TFX Transform for the toxicity task: raw tf.Examples in, text, label and the two example weights out.

Both weightings are computed here, once, so that the baseline and the candidate read the very same transformed examples.
"""

from typing import Any

import tensorflow as tf

from components.civil_comments.features import LABEL_KEY, TEXT_KEY, WEIGHT_KEYS
from components.reweighting import BASELINE_WEIGHTS, REMEDIATED_WEIGHTS
from components.reweighting_tf import example_weights
from data.civil_comments import LABEL, TEXT


def preprocessing_fn(inputs: dict[str, Any]) -> dict[str, tf.Tensor]:
    """Raw features -> `text` str[N, 1], `label` float32[N, 1] and one weight float32[N, 1] per recipe."""
    label = tf.cast(inputs[LABEL], tf.float32)
    gender = inputs["gender"]
    return {
        TEXT_KEY: inputs[TEXT],
        LABEL_KEY: label,
        WEIGHT_KEYS["baseline"]: example_weights(label, gender, BASELINE_WEIGHTS),
        WEIGHT_KEYS["remediated"]: example_weights(label, gender, REMEDIATED_WEIGHTS),
    }
