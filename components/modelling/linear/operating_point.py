"""The operating point: by how much the bias moves so that the decision threshold stays at a score of 0.5."""

import numpy as np
import numpy.typing as npt

from components.modelling.linear.solver import Doubles
from fairgate.errors import InputError
from fairgate.model_facts import OperatingPoint

BALANCED, MAX_F1 = "balanced", "max_f1"

Labels = npt.NDArray[np.uint8]


def choose_operating_point(choice: str | float, logits: Doubles, labels: Labels, chosen_on: str) -> tuple[float, OperatingPoint]:
    """Return the shift of the bias that an operating point asks for, and the operating point with its error rates.

    An example is positive where its shifted logit is greater than 0, its score greater than 0.5. Between two logits the threshold
    lies in their middle, so that rounding of the exported model changes no decision.

    Args:
        choice: "balanced" (shift 0: the logits are calibrated with balanced weights), "max_f1" (the greatest F1,
            by the greatest threshold that reaches it), or a false positive rate: not exceeded, and approached as far as possible.
        logits: float64[n], calibrated, of models that have not seen the rows.
        labels: uint8[n], 0 or 1.
        chosen_on: the rows, in words, "validation".

    Raises:
        InputError: a logit is NaN, or there is no row with the label that the choice needs.
    """
    if np.isnan(logits).any():
        raise InputError(f"{chosen_on}: the logit of row {int(np.isnan(logits).argmax())} is NaN. Train the model again.")
    positive = labels == 1
    if choice == BALANCED:
        name, threshold = BALANCED, 0.0
    elif choice == MAX_F1:
        _require(positive, 1, MAX_F1, chosen_on)
        name, threshold = MAX_F1, _threshold_of_greatest_f1(logits, positive)
    elif isinstance(choice, str):
        raise ValueError(f"no operating point {choice!r}; known: {BALANCED}, {MAX_F1}, or a false positive rate")
    else:
        name = f"target_fpr: {choice:g}"
        _require(~positive, 0, name, chosen_on)
        threshold = _threshold_of_rate(logits, ~positive, choice)
    called = logits > threshold
    rates = (
        float(called[~positive].mean()) if not positive.all() else None,
        float((~called)[positive].mean()) if positive.any() else None,
    )
    return 0.0 - threshold, OperatingPoint(
        name=name, chosen_on=chosen_on, rows=len(labels), false_positive_rate=rates[0], false_negative_rate=rates[1]
    )


def _require(rows: npt.NDArray[np.bool_], label: int, name: str, chosen_on: str) -> None:
    if not rows.any():
        raise InputError(
            f"{chosen_on}: none of the {len(rows)} examples has label {label}, so the operating point {name!r} cannot be chosen. "
            "Add --set training.operating_point=balanced, or give training files (--train FILES) with examples of both labels."
        )


def _threshold_of_rate(logits: Doubles, negative: npt.NDArray[np.bool_], rate: float) -> float:
    """Return the least threshold above which at most that share of the negatives lies."""
    falling = -np.sort(-logits[negative])
    allowed = int(np.floor(rate * len(falling) + 1e-9))
    return _above(logits, falling[allowed]) if allowed < len(falling) else _below(logits)


def _threshold_of_greatest_f1(logits: Doubles, positive: npt.NDArray[np.bool_]) -> float:
    """Return the greatest threshold of the greatest F1 = 2 TP / (positives + called)."""
    order = np.argsort(-logits, kind="stable")
    falling = logits[order]
    last = np.append(falling[1:] < falling[:-1], True)  # of the rows with one logit
    hits, called = np.cumsum(positive[order])[last], np.flatnonzero(last) + 1
    best = int(np.argmax(2 * hits / (positive.sum() + called)))
    lowest = float(falling[last][best])  # of the rows that are called positive
    rest = falling[falling < lowest]
    return _above(logits, float(rest[0])) if len(rest) else _below(logits)


def _above(logits: Doubles, value: float) -> float:
    """Return the middle between a logit and the next greater one; the logit itself where there is none."""
    greater = logits[logits > value]
    middle = (value + greater.min()) / 2 if len(greater) else value
    return float(middle if not len(greater) or middle < greater.min() else value)


def _below(logits: Doubles) -> float:
    """Return a threshold below all logits."""
    return float(logits.min()) - 1
