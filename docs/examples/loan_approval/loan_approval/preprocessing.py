"""Preprocessing for TFX Transform: numbers on one scale, and an example weight per recipe.

The remediation is reweighting: women who repaid weigh more, so that part-time work counts less against them. The gender decides
weights alone; no model reads it.
"""

from collections.abc import Mapping

import tensorflow as tf
import tensorflow_transform as tft

from loan_approval.applications import GENDER, NUMBERS, REPAID

APPLICANT = "applicant"  # float32[N, 4], mean 0, standard deviation 1
LABEL = "label"  # float32[N, 1]
WEIGHT_KEYS = {"baseline": "weight_baseline", "remediated": "weight_remediated"}  # float32[N, 1] each

FEMALE_WEIGHTS = (0.5, 1.4)  # of those who defaulted, and of those who repaid
OTHER_WEIGHTS = (1.0, 0.6)


def preprocessing_fn(inputs: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Compute the applicant's numbers, the label and the weights from raw features."""
    label = inputs[REPAID]
    repaid = label > 0.5
    female = tf.where(repaid, FEMALE_WEIGHTS[1], FEMALE_WEIGHTS[0])
    other = tf.where(repaid, OTHER_WEIGHTS[1], OTHER_WEIGHTS[0])
    return {
        APPLICANT: tf.concat([tft.scale_to_z_score(inputs[name]) for name in NUMBERS], axis=1),
        LABEL: label,
        WEIGHT_KEYS["baseline"]: tf.ones_like(label),
        WEIGHT_KEYS["remediated"]: tf.where(tf.equal(inputs[GENDER], "female"), female, other),
    }
