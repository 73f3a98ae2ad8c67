"""Weights that balance the labels, and Platt scaling with them, so that a score of 0.5 means about equal error rates.

Platt scaling (Platt 1999) fits sigmoid(slope · logit + intercept) to the labels, on out-of-fold logits. With balanced weights its
0.5 lies where both labels would be equally likely if they were equally common, whatever the prevalence in the training data.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from components.modelling.linear.solver import Array, Doubles, LinearModel
from fairgate.errors import InputError

INVERSE_REGULARISATION = 1e6  # C of the two-parameter regression
MAX_STEPS = 200

Labels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class PlattScaling:
    """A calibration of logits.

    Attributes:
        slope, intercept: the calibrated logit is slope · logit + intercept.
        has_signal: whether greater logits go with label 1. Where they do not, the slope is 1, so that the ranking stays as it is,
            and only the intercept is fitted.
    """

    slope: float
    intercept: float
    has_signal: bool = True

    def __call__(self, logits: Doubles) -> Doubles:
        """Return calibrated logits, float64[n]."""
        return self.slope * logits + self.intercept


def balanced_weights(labels: Labels) -> Array:
    """Return .5/π for label 1 and .5/(1 − π) for label 0, float32[n]; π is the share of label 1.

    Raises:
        InputError: a label is absent.
    """
    prevalence = _prevalence(labels)
    return np.where(labels == 1, 0.5 / prevalence, 0.5 / (1 - prevalence)).astype(np.float32)


def prevalence_logit(labels: Labels) -> float:
    """Return log(π/(1 − π)): added to a logit calibrated with balanced weights, it gives the logit of the probability of label 1.

    Raises:
        InputError: a label is absent.
    """
    prevalence = _prevalence(labels)
    return float(np.log(prevalence / (1 - prevalence)))


def platt(logits: Doubles, labels: Labels) -> PlattScaling:
    """Fit Platt scaling with balanced weights: scikit-learn's LogisticRegression(C=1e6) on one feature.

    Args:
        logits: float64[n], finite; of models that have not seen the rows.
        labels: uint8[n], 0 or 1.

    Raises:
        InputError: a label is absent.
    """
    weights = balanced_weights(labels).astype(np.float64)
    slope, intercept = _newton(logits, labels, weights, free=np.array([True, True]))
    if slope > 0:
        return PlattScaling(slope, intercept)
    return PlattScaling(1.0, _newton(logits, labels, weights, free=np.array([False, True]))[1], has_signal=False)


def folded(model: LinearModel, slope: float, intercept: float) -> LinearModel:
    """Return the model whose logits are slope · logit + intercept."""
    factor = np.float32(slope)
    return replace(
        model,
        words=model.words * factor,
        characters=model.characters * factor,
        vectors=model.vectors * factor,
        bias=slope * model.bias + intercept,
    )


def _prevalence(labels: Labels) -> float:
    prevalence = float(np.mean(labels)) if len(labels) else 0.0
    if prevalence in (0, 1):
        raise InputError(
            f"training: none of the {len(labels)} examples has label {int(prevalence == 0)}, so the weights cannot be balanced. "
            "Give training files (--train FILES) with examples of both labels."
        )
    return prevalence


def _newton(logits: Doubles, labels: Labels, weights: Doubles, free: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Minimise C · Σ weight · log loss + ½ slope² by Newton's method with step halving, over the free parameters alone."""
    design = np.stack([logits, np.ones(len(logits))])
    penalty = np.array([1 / INVERSE_REGULARISATION, 0])
    point: Doubles = np.where(free, 0.0, [1.0, 0.0])

    def loss(at: Doubles) -> float:
        scores = at @ design
        return float(weights @ (np.logaddexp(0, scores) - labels * scores) + penalty @ at**2 / 2)

    value = loss(point)
    for _ in range(MAX_STEPS):
        chances = expit(point @ design)
        gradient = (design @ (weights * (chances - labels)) + penalty * point)[free]
        curvature = (design * (weights * chances * (1 - chances))) @ design.T + np.diag(penalty)
        step = np.zeros(2)
        step[free] = np.linalg.lstsq(curvature[np.ix_(free, free)], gradient, rcond=None)[0]
        while (moved := loss(point - step)) > value and np.abs(step).max() > 1e-12:
            step /= 2
        if moved >= value:
            break
        point, value = point - step, moved
    return float(point[0]), float(point[1])
