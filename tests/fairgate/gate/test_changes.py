"""Decisions that the candidate fixes and breaks."""

import numpy as np

from fairgate.gate.changes import Change, changes
from fairgate.predictions import evaluate_predictions


def test_errors_of_both_labels_are_counted() -> None:
    """Counted by hand: two fixes and one break overall, of which g:a has a fix and the break."""
    labels = [1, 1, 0, 0, 0, 1]
    baseline = [0.4, 0.6, 0.6, 0.4, 0.4, 0.2]
    candidate = [0.6, 0.6, 0.4, 0.4, 0.6, 0.2]
    groups = ["a", "a", "b", "b", "a", "b"]
    evaluation = evaluate_predictions(labels, {"baseline": baseline, "candidate": candidate}, {"g": groups})
    assert set(changes(evaluation)) == {Change("overall", 0.5, 6, 2, 1), Change("g:a", 0.5, 3, 1, 1), Change("g:b", 0.5, 3, 1, 0)}


def test_classes() -> None:
    names = np.eye(3)
    evaluation = evaluate_predictions(
        [0, 1, 2, 2], {"baseline": names[[0, 0, 2, 2]], "candidate": names[[0, 1, 2, 0]]}, classes=("x", "y", "z")
    )
    assert next(iter(changes(evaluation))) == Change("overall", None, 4, 1, 1)


def test_none_without_a_baseline() -> None:
    assert list(changes(evaluate_predictions([0, 1], {"candidate": [0.2, 0.8]}))) == []
