"""Example weights of the two civil-comments models, as a table and its plain reference computation.

The remediation is *reweighting*: non-toxic comments that mention a gender identity weigh more in the candidate's loss, because
toxic comments mention these identities too often for the model to learn that they are harmless. In flow labels and the `gender`
feature, out flow weights. `components.remedies.reweighting_tf` computes the same inside Transform; this module imports neither
TensorFlow nor TFX.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

BACKGROUND_WEIGHT = 0.1
"""Weight of a non-toxic comment; a toxic one weighs 1 more, which makes up for toxic comments being rare."""

NON_TOXIC_WEIGHTS: Mapping[str, float] = MappingProxyType({"transgender": 0.4, "female": 0.5, "male": 0.7})
"""Candidate's weight of a non-toxic comment that mentions the identity. Of several mentioned identities the later entry wins."""


def baseline_weights(labels: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Compute the example weights of the model without remediation.

    Args:
        labels: float[N], 1.0 toxic, 0.0 not.

    Returns:
        float32[N], label + 0.1.
    """
    return np.asarray(labels, dtype=np.float32) + np.float32(BACKGROUND_WEIGHT)


def candidate_weights(labels: npt.ArrayLike, genders: Sequence[Collection[str]]) -> npt.NDArray[np.float32]:
    """Compute the baseline's weights, where non-toxic comments take the weight of the gender that they mention.

    Args:
        labels: float[N], 1.0 toxic, 0.0 not.
        genders: for each of the N comments the gender identities it mentions, in any order.

    Returns:
        float32[N].

    Raises:
        ValueError: when there are not as many genders as labels.
    """
    weights = baseline_weights(labels)
    if len(weights) != len(genders):
        raise ValueError(f"{len(weights)} labels, but genders of {len(genders)} comments")
    for row in np.flatnonzero(np.asarray(labels) < 0.5):
        mentioned = genders[row]
        for identity, weight in NON_TOXIC_WEIGHTS.items():
            if identity in mentioned:
                weights[row] = weight
    return weights
