"""Evaluations made by hand."""

import math
from collections.abc import Callable

import pytest

from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics

Counts = tuple[float, float]
MakeSlice = Callable[..., SliceMetrics]


@pytest.fixture(scope="session")
def of() -> MakeSlice:
    """Makes a slice from its counts at threshold 0.5 and its AUC, each of them optional."""

    def make(
        fpr: Counts | None = None,
        fnr: Counts | None = None,
        auc: float | None = None,
        error: float = math.nan,
        n: int | None = None,
    ) -> SliceMetrics:
        named = {"false_positive_rate": fpr, "false_negative_rate": fnr}
        rates = {MetricKey(name, 0.5): Rate(*counts) for name, counts in named.items() if counts is not None}
        scalars = {} if auc is None else {MetricKey("auc"): Scalar(auc, error)}
        examples = sum(rate.trials for rate in rates.values())
        return SliceMetrics(n=round(examples) if n is None else n, rates=rates, scalars=scalars)

    return make


@pytest.fixture(scope="session")
def practicum(of: MakeSlice) -> Evaluation:
    """The published reference of Google's fairness practicum at threshold 0.5: a baseline with a gap, a candidate without."""
    return Evaluation(
        {
            "baseline": {
                "overall": of(fpr=(4480, 16_000), fnr=(1080, 4000), auc=0.88, error=0.003),
                "gender:male": of(fpr=(510, 1000), fnr=(32, 250), auc=0.8, error=0.02),
                "gender:female": of(fpr=(564, 1200), fnr=(45, 300), auc=0.8, error=0.02),
                "gender:other_gender": of(fpr=(8, 16), fnr=(1, 4), auc=0.8, error=0.1),
            },
            "candidate": {
                "overall": of(fpr=(3680, 16_000), fnr=(1360, 4000), auc=0.87, error=0.003),
                "gender:male": of(fpr=(280, 1000), fnr=(82, 250), auc=0.8, error=0.02),
                "gender:female": of(fpr=(288, 1200), fnr=(114, 300), auc=0.8, error=0.02),
                "gender:other_gender": of(fpr=(8, 16), fnr=(1, 4), auc=0.8, error=0.1),
            },
        }
    )
