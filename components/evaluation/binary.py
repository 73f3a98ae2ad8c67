"""The metrics of a binary task from its counts. Pure numpy."""

from collections.abc import Mapping

import numpy as np

from components.evaluation import bias, names
from components.evaluation.bias import Scores
from components.evaluation.counts import Counts, layout
from components.evaluation.measurement import OVERALL, PAIR, MetricKey, Rate, Scalar, SliceMetrics
from components.evaluation.settings import CountSettings


def slice_metrics(counts: Mapping[str, Counts], settings: CountSettings) -> dict[str, SliceMetrics]:
    """All metrics of all slices of one model.

    Args:
        counts: slice name -> its counts; "overall" among them.
        settings: of the evaluation.
    """
    scores = {name: bias.by_label(of_slice, settings) for name, of_slice in counts.items()}
    rates = {name: decision_rates(of_slice, settings) for name, of_slice in counts.items()}
    aucs = {name: bias.bias_aucs(scores[name], scores[OVERALL]) for name in counts if name != OVERALL}
    scalars = {name: _scalars(counts[name], scores[name]) for name in counts}
    for name, (subgroup, bpsn, bnsp) in aucs.items():
        scalars[name] |= {
            MetricKey(names.SUBGROUP_AUC): subgroup,
            MetricKey(names.BPSN_AUC): bpsn,
            MetricKey(names.BNSP_AUC): bnsp,
        }
    groups = [name for name in aucs if PAIR not in name]
    if groups:
        total = scalars[OVERALL][MetricKey(names.AUC)]
        scalars[OVERALL] |= {MetricKey(names.FINAL_SCORE): bias.final_score(total, [aucs[name] for name in groups])}
        scalars[OVERALL] |= _equality_differences(rates, groups)
    return {name: _slice(counts[name], rates[name], scalars[name], settings) for name in counts}


def decision_rates(counts: Counts, settings: CountSettings) -> dict[MetricKey, Rate]:
    """The rates of every threshold, exactly: a score that is greater than the threshold is a positive prediction."""
    by_interval = counts.series[0].counts(len(settings.thresholds))
    negatives, positives = by_interval.sum(axis=1)
    above = by_interval[:, ::-1].cumsum(axis=1)[:, ::-1]  # above[label, i]: weight in interval i and higher
    rates: dict[MetricKey, Rate] = {}
    for at, threshold in enumerate(settings.thresholds):
        false_positive, true_positive = (float(count) for count in above[:, at + 1])
        true_negative, false_negative = (float(count) for count in by_interval[:, : at + 1].sum(axis=1))
        predicted, rejected = true_positive + false_positive, true_negative + false_negative
        of_threshold = {
            names.FALSE_POSITIVE_RATE: Rate(false_positive, float(negatives)),
            names.FALSE_NEGATIVE_RATE: Rate(false_negative, float(positives)),
            names.TRUE_POSITIVE_RATE: Rate(true_positive, float(positives)),
            names.TRUE_NEGATIVE_RATE: Rate(true_negative, float(negatives)),
            names.PRECISION: Rate(true_positive, predicted),
            names.POSITIVE_RATE: Rate(predicted, float(negatives + positives)),
            names.FALSE_DISCOVERY_RATE: Rate(false_positive, predicted),
            names.FALSE_OMISSION_RATE: Rate(false_negative, rejected),
        }
        rates |= {MetricKey(name, threshold): rate for name, rate in of_threshold.items()}
    return rates


def design_effect(examples: float, weight: float, squares: float) -> float:
    """Kish's n·Σw² / (Σw)²: by how much unequal weights inflate a variance; 1 where nothing was counted."""
    return examples * squares / weight**2 if weight > 0 else 1.0


def _scalars(counts: Counts, scores: tuple[Scores, Scores]) -> dict[MetricKey, Scalar]:
    negative, positive = scores
    cells = counts.series[0]
    weight, squares = float(cells.weights.sum()), negative.squares + positive.squares
    effective = weight**2 / squares if squares > 0 else 0.0
    share = float(positive.cells.weights.sum()) / weight if weight > 0 else float("nan")
    return {
        MetricKey(names.AUC): bias.auc(positive, negative),
        MetricKey(names.CALIBRATION_ERROR): bias.calibration_error(cells, effective),
        MetricKey(names.MEAN_LABEL): bias.proportion(share, effective),
        MetricKey(names.MEAN_SCORE): bias.mean(cells, effective),
    }


def _equality_differences(rates: Mapping[str, Mapping[MetricKey, Rate]], groups: list[str]) -> dict[MetricKey, Scalar]:
    return {
        MetricKey(names.equality_difference(key.name), key.threshold): bias.equality_difference(
            rate, [rates[group][key] for group in groups]
        )
        for key, rate in rates[OVERALL].items()
        if key.name in (names.FALSE_POSITIVE_RATE, names.FALSE_NEGATIVE_RATE)
    }


def _slice(
    counts: Counts, rates: Mapping[MetricKey, Rate], scalars: Mapping[MetricKey, Scalar], settings: CountSettings
) -> SliceMetrics:
    fields = layout(settings).read(counts.totals)
    negatives, positives = (round(float(number)) for number in fields["examples"])
    weight = float(np.sum(counts.series[0].weights))
    examples = negatives + positives
    return SliceMetrics(
        n=examples,
        n_positive=positives,
        n_negative=negatives,
        rates=rates,
        scalars=scalars,
        design_effect=design_effect(examples, weight, float(fields["squares"].sum())),
        mean_weight=weight / examples if examples else 1.0,
    )
