"""Test that the intervals of many changes are those of each."""

import numpy as np
import pytest

from fairgate.measurement import Evaluation
from fairgate.predictions import evaluate_predictions
from fairgate.statistics.changes import ModelChange, change_intervals
from fairgate.statistics.paired import change

ROWS = 400


def _evaluation(kind: str) -> Evaluation:
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 2, ROWS)
    baseline, other = np.clip(0.3 * labels + rng.random((2, ROWS)) * 0.7, 0, 1)
    candidate = np.where(rng.random(ROWS) < 0.5, baseline, other)
    groups = np.array(["a", "b", "tiny", "negative"])[np.minimum(rng.integers(0, 130, ROWS) // 50, 2)]
    groups[labels == 0] = np.where(groups[labels == 0] == "b", "negative", groups[labels == 0])
    return evaluate_predictions(
        labels,
        {"baseline": baseline, "candidate": candidate},
        {"group": groups.tolist()},
        thresholds=(0.01, 0.4, 0.6, 0.99),
        weights=rng.integers(0, 5, ROWS) if kind == "weighted" else np.zeros(ROWS) if kind == "without weight" else None,
        clusters=(np.arange(ROWS) // 4).tolist() if kind == "clustered" else None,
        auc_slices=("*",),
    )


@pytest.mark.parametrize("kind", ["plain", "weighted", "without weight", "clustered"])
@pytest.mark.parametrize("paired", [True, False])
def test_every_interval_is_that_of_the_change_alone(kind: str, paired: bool) -> None:
    """Whatever the weights, also where a rate is 0 or has no trials, and without joint counts."""
    evaluation = _evaluation(kind)
    before, after = evaluation.models["baseline"], evaluation.models["candidate"]
    changes = [ModelChange(name, key, after[name], before[name]) for name in after for key in after[name].keys()]  # noqa: SIM118
    joint = evaluation.paired if paired else {}
    low, high = change_intervals(changes, joint, 0.9)
    alone = [change(each.candidate, each.baseline, each.key, joint.get(each.slice)).interval(0.9) for each in changes]
    np.testing.assert_allclose(np.array([low, high]).T, alone, rtol=0, atol=1e-12)
    assert len(changes) > 100
    assert np.isfinite(low).any() or kind == "without weight"
