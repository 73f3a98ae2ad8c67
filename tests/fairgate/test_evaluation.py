import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fairgate.counting.counts import Counts, observe
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Membership
from fairgate.counting.tally import SliceTally
from fairgate.errors import InputError
from fairgate.evaluation import evaluate_counts, slice_metrics, with_reference
from fairgate.measurement import Evaluation, MetricKey, Paired, Rate, Scalar, SliceMetrics

SETTINGS = CountSettings("toxicity", ("ok", "toxic"), "binary", thresholds=(0.5, 0.75))


def counted(labels: list[int], scores: list[float], weights: list[float] | None = None) -> Counts:
    """The counts of a few examples."""
    rows: npt.NDArray[Any] = np.arange(len(labels))
    tally = SliceTally(SETTINGS)
    weight = np.ones(len(labels)) if weights is None else np.array(weights)
    observed = observe(np.array(labels), np.array(scores, np.float32), weight, SETTINGS)
    tally.add(Membership({(): rows}), [observed])
    return tally.counts()[()].models[0]


LABELS, SCORES = [0, 0, 0, 0, 1, 1, 1], [0.1, 0.5, 0.6, 0.8, 0.5, 0.7, 0.9]


@pytest.mark.parametrize(
    ("metric", "at_half", "at_three_quarters"),
    [
        ("false_positive_rate", Rate(2, 4, (2, 2)), Rate(1, 4, (1, 3))),
        ("true_negative_rate", Rate(2, 4, (2, 2)), Rate(3, 4, (3, 1))),
        ("true_positive_rate", Rate(2, 3, (2, 1)), Rate(1, 3, (1, 2))),
        ("false_negative_rate", Rate(1, 3, (1, 2)), Rate(2, 3, (2, 1))),
        ("precision", Rate(2, 4, (2, 2)), Rate(1, 2, (1, 1))),
        ("false_discovery_rate", Rate(2, 4, (2, 2)), Rate(1, 2, (1, 1))),
        ("positive_rate", Rate(4, 7, (4, 3)), Rate(2, 7, (2, 5))),
        ("false_omission_rate", Rate(1, 3, (1, 2)), Rate(2, 5, (2, 3))),
    ],
)
def test_rates_are_counts(metric: str, at_half: Rate, at_three_quarters: Rate) -> None:
    """Two examples score exactly 0.5, which is not above 0.5. Where every example weighs 1, squares are counts too."""
    rates = slice_metrics({"overall": counted(LABELS, SCORES)}, {}, SETTINGS)["overall"].rates
    assert rates[MetricKey(metric, 0.5)] == at_half
    assert rates[MetricKey(metric, 0.75)] == at_three_quarters


def test_weights_count() -> None:
    """Rates count weights, n counts examples, and the design effect says what unequal weights cost."""
    metrics = slice_metrics({"overall": counted([0, 0, 1], [0.9, 0.1, 0.9], [3.0, 1.0, 2.0])}, {}, SETTINGS)["overall"]
    assert metrics.rates[MetricKey("false_positive_rate", 0.5)] == Rate(3, 4, (9, 1))
    assert (metrics.n, metrics.n_negative, metrics.n_positive) == (3, 2, 1)
    assert metrics.mean_weight == 2
    assert metrics.design_effect == pytest.approx(3 * 14 / 36)


@pytest.mark.parametrize("scale", [1.0, 0.05])
def test_errors_are_those_of_weighted_means(scale: float) -> None:
    """√Σw²(x - mean)² / Σw; it does not matter in what unit the weights are."""
    counts = counted([0, 0, 1], [0.9, 0.1, 0.9], [3.0 * scale, scale, 2.0 * scale])
    metrics = slice_metrics({"overall": counts}, {}, SETTINGS)["overall"]
    label, score = (metrics.scalars[MetricKey(name)] for name in ("mean_label", "mean_score"))
    mean = 4.6 / 6
    spread = (13 * (0.9 - mean) ** 2 + (0.1 - mean) ** 2) / 36
    assert (label.value, score.value) == pytest.approx((1 / 3, mean))
    assert label.standard_error == pytest.approx(((4 * 4 + 10 * 1) / 9 / 36) ** 0.5)
    assert score.standard_error == pytest.approx(spread**0.5)
    assert metrics.design_effect == pytest.approx(3 * 14 / 36)
    assert metrics.mean_weight == pytest.approx(2 * scale)


def test_every_scalar_has_its_name() -> None:
    """Four on every slice; bias AUCs on groups; the Jigsaw score and the equality differences on all examples."""
    metrics = slice_metrics({"overall": counted(LABELS, SCORES), "gender:male": counted([0, 1], [0.8, 0.5])}, {}, SETTINGS)
    of_all = {"auc", "calibration_error", "mean_label", "mean_score"}
    differences = {
        f"false_{side}_rate_equality_difference@{threshold}" for side in ("positive", "negative") for threshold in (0.5, 0.75)
    }
    assert {str(key) for key in metrics["overall"].scalars} == of_all | differences | {"jigsaw_score"}
    assert {str(key) for key in metrics["gender:male"].scalars} == of_all | {"subgroup_auc", "bpsn_auc", "bnsp_auc"}


def test_scalars_of_overall_and_of_groups() -> None:
    """Bias AUCs belong to groups, the Jigsaw score and equality differences to the overall slice; pairs are no groups."""
    counts = {"overall": counted(LABELS, SCORES), "gender:male": counted([0, 1], [0.8, 0.5])}
    pair = {"gender:male × race:black": counted([0, 1], [0.8, 0.5])}
    metrics = slice_metrics(counts | pair, {}, SETTINGS)
    assert metrics["gender:male"].value(MetricKey("subgroup_auc")) == 0
    assert metrics["gender:male"].value(MetricKey("bpsn_auc")) == 0.5  # 0.7 and 0.9 against 0.8
    assert metrics["overall"].value(MetricKey("false_positive_rate_equality_difference", 0.5)) == pytest.approx(0.5)
    alone = slice_metrics(counts, {}, SETTINGS)["overall"].value(MetricKey("false_negative_rate_equality_difference", 0.5))
    assert metrics["overall"].value(MetricKey("false_negative_rate_equality_difference", 0.5)) == alone


def test_a_rate_without_trials_has_no_value() -> None:
    """Without positives there is no false negative rate, at any threshold."""
    metrics = slice_metrics({"overall": counted([0, 0, 0, 0], [0.1, 0.5, 0.6, 0.8])}, {}, SETTINGS)["overall"]
    assert [metrics.value(MetricKey("false_positive_rate", threshold)) for threshold in (0.5, 0.75)] == [0.5, 0.25]
    assert np.isnan([metrics.value(MetricKey("false_negative_rate", threshold)) for threshold in (0.5, 0.75)]).all()


def test_without_groups_nothing_is_summed_over_them() -> None:
    """Neither the Jigsaw score nor the equality differences."""
    metrics = slice_metrics({"overall": counted(LABELS, SCORES)}, {}, SETTINGS)["overall"]
    assert {key.name for key in metrics.scalars} == {"auc", "calibration_error", "mean_label", "mean_score"}


def test_an_evaluation_says_what_was_left_out_and_what_was_invalid() -> None:
    """Per model the scores that were NaN; per slice the examples of those that were too small."""
    counts = {"candidate": {"overall": counted([0, 1, 1], [0.1, float("nan"), 0.9])}}
    evaluation = evaluate_counts(EvaluationCounts(SETTINGS, counts, {}, {"gender:male × race:black": 3}))
    assert (evaluation.invalid_scores, evaluation.omitted) == ({"candidate": 1}, {"gender:male × race:black": 3})
    assert evaluation.models["candidate"]["overall"].n == 2


def test_a_slice_of_nothing_is_undefined() -> None:
    """All its scores were invalid: NaN everywhere, and no exception."""
    metrics = slice_metrics({"overall": counted([0, 1], [float("nan")] * 2)}, {}, SETTINGS)["overall"]
    assert (metrics.n, metrics.mean_weight, metrics.design_effect) == (0, 1, 1)
    assert all(np.isnan(metrics.value(key)) for key in metrics.keys())  # noqa: SIM118 - not a mapping


def of_model(auc: float = 0.8, n: int = 10, n_positive: int = 4, false_positives: float = 1) -> dict[str, SliceMetrics]:
    rates = {MetricKey("false_positive_rate", 0.5): Rate(false_positives, 6)}
    return {"overall": SliceMetrics(n, n_positive, n - n_positive, rates, {MetricKey("auc"): Scalar(auc, 0.01)})}


def test_a_reference_is_added_to_the_other_models() -> None:
    paired = {"overall": Paired()}
    measured = Evaluation(
        {"candidate": of_model(0.8), "baseline": of_model(0.7)},
        invalid_scores={"candidate": 0, "baseline": 1},
        out_of_range={"candidate": 0, "baseline": 0},
        score_ranges={"candidate": (0.0, 1.0), "baseline": (0.1, 0.9)},
        rows=10,
    )
    beside = Evaluation(
        {"candidate": of_model(0.80001), "reference": of_model(0.6)},
        invalid_scores={"candidate": 5, "reference": 2},
        out_of_range={"candidate": 5, "reference": 3},
        score_ranges={"candidate": (0.5, 0.5), "reference": (0.2, 0.8)},
        paired_with_reference=paired,
    )
    found = with_reference(measured, beside)
    assert found.models == {"candidate": of_model(0.8), "baseline": of_model(0.7), "reference": of_model(0.6)}
    assert found.invalid_scores == {"candidate": 0, "baseline": 1, "reference": 2}
    assert found.out_of_range == {"candidate": 0, "baseline": 0, "reference": 3}
    assert found.score_ranges == {"candidate": (0.0, 1.0), "baseline": (0.1, 0.9), "reference": (0.2, 0.8)}
    assert (found.paired, found.paired_with_reference, found.rows) == ({}, paired, 10)


@pytest.mark.parametrize(
    ("models", "reason"),
    [
        ({"candidate": of_model()}, "holds candidate and no reference"),
        ({"candidate": {}, "reference": of_model()}, "not measured on overall in both"),
        ({"candidate": of_model(n=11), "reference": of_model()}, "n 10 and 11"),
        ({"candidate": of_model(n_positive=5), "reference": of_model()}, "n_positive 4 and 5"),
        ({"candidate": of_model(0.81), "reference": of_model()}, "auc 0.8 and 0.81"),
        ({"candidate": of_model(math.nan), "reference": of_model()}, "auc 0.8 and nan"),
        ({"candidate": of_model(false_positives=2), "reference": of_model()}, "false_positive_rate@0.5 0.166667 and 0.333333"),
    ],
)
def test_a_reference_beside_another_candidate_is_an_error(models: dict[str, dict[str, SliceMetrics]], reason: str) -> None:
    with pytest.raises(InputError, match=reason) as raised:
        with_reference(Evaluation({"candidate": of_model()}), Evaluation(models))
    assert "remove the two evaluations and run again" in str(raised.value)


def test_undefined_numbers_of_the_candidate_agree() -> None:
    models = {"candidate": of_model(math.nan), "reference": of_model()}
    assert set(with_reference(Evaluation({"candidate": of_model(math.nan)}), Evaluation(models)).models) == set(models)
