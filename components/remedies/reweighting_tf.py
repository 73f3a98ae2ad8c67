"""The example weights of `components.remedies.reweighting` as TensorFlow operations on a whole batch, for a TFT preprocessing_fn.

In flow label float32[N,1] and gender as a sparse or ragged tensor of strings, out flow weights float32[N,1]. No op runs once per
row.
"""

import tensorflow as tf

from components.remedies.reweighting import BACKGROUND_WEIGHT, NON_TOXIC_WEIGHTS


def baseline_weights(label: tf.Tensor) -> tf.Tensor:
    """Compute the weights of the model without remediation: label + 0.1, float32[N,1] from float32[N,1]."""
    return tf.cast(label, tf.float32) + BACKGROUND_WEIGHT


def candidate_weights(label: tf.Tensor, gender: tf.SparseTensor | tf.RaggedTensor) -> tf.Tensor:
    """Compute the weights of the remediated model.

    Args:
        label: float32[N,1], 1.0 toxic, 0.0 not.
        gender: string[N, k], the gender identities that each comment mentions; k varies, and may be 0.

    Returns:
        float32[N,1]; rows agree with `components.remedies.reweighting.candidate_weights`.
    """
    rows = gender.indices[:, 0] if isinstance(gender, tf.SparseTensor) else gender.value_rowids()
    weights = baseline_weights(label)
    non_toxic = tf.less(label, 0.5)
    for identity, weight in NON_TOXIC_WEIGHTS.items():
        here = tf.cast(tf.equal(gender.values, identity), tf.float32)
        mentioned = tf.math.unsorted_segment_sum(here, rows, tf.shape(label, out_type=tf.int64)[0])[:, tf.newaxis] > 0
        weights = tf.where(tf.logical_and(non_toxic, mentioned), weight, weights)
    return weights
