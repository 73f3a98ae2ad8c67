"""The metrics of a binary task from its counts. Pure numpy."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fairgate.counting.cells import Floats
from fairgate.counting.counts import Counts, layout
from fairgate.counting.settings import CountSettings
from fairgate.measurement import MetricKey, Rate, Scalar, SliceMetrics
from fairgate.metrics import bias, names
from fairgate.metrics.bias import Scores
from fairgate.names import OVERALL, PAIR


def slice_metrics(counts: Mapping[str, Counts], settings: CountSettings) -> dict[str, SliceMetrics]:
    """All metrics of all slices of one model.

    Args:
        counts: slice name -> its counts; "overall" among them.
        settings: of the evaluation.
    """
    scores = {name: bias.by_label(of_slice, settings) for name, of_slice in counts.items()}
    keys = decision_keys(settings)
    rates = {name: _rates(rate_table(of_slice, len(settings.thresholds)), keys) for name, of_slice in counts.items()}
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


@dataclass(frozen=True, eq=False)
class RateTable:
    """The counts behind every decision rate.

    Attributes:
        successes, trials: float64[8, T], by rate (in the order of names.DECISION_RATES) and threshold.
    """

    successes: Floats
    trials: Floats

    def values(self) -> Floats:
        """float64[8, T]: the rates; NaN where there are no trials."""
        with np.errstate(invalid="ignore"):
            return self.successes / self.trials


def rate_table(counts: Counts, thresholds: int) -> RateTable:
    """The rates of every threshold, exactly: a score that is greater than the threshold is a positive prediction."""
    by_interval = counts.series[0].counts(thresholds)
    accepted = by_interval[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]  # [label, at]: weight above threshold `at`
    rejected = by_interval.cumsum(axis=1)[:, :-1]
    (false_positive, true_positive), (true_negative, false_negative) = accepted, rejected
    negatives, positives = (np.full(thresholds, total) for total in by_interval.sum(axis=1))
    predicted, dismissed = accepted.sum(axis=0), rejected.sum(axis=0)
    table = {
        names.FALSE_POSITIVE_RATE: (false_positive, negatives),
        names.FALSE_NEGATIVE_RATE: (false_negative, positives),
        names.TRUE_POSITIVE_RATE: (true_positive, positives),
        names.TRUE_NEGATIVE_RATE: (true_negative, negatives),
        names.PRECISION: (true_positive, predicted),
        names.POSITIVE_RATE: (predicted, negatives + positives),
        names.FALSE_DISCOVERY_RATE: (false_positive, predicted),
        names.FALSE_OMISSION_RATE: (false_negative, dismissed),
    }
    successes, trials = zip(*(table[name] for name in names.DECISION_RATES), strict=True)
    return RateTable(np.stack(successes), np.stack(trials))


def decision_keys(settings: CountSettings) -> list[list[MetricKey]]:
    """The metrics of a RateTable, in its order."""
    return [[MetricKey(name, threshold) for threshold in settings.thresholds] for name in names.DECISION_RATES]


def design_effect(examples: float, weight: float, squares: float) -> float:
    """Kish's n·Σw² / (Σw)²: by how much unequal weights inflate a variance; 1 where nothing was counted."""
    return examples * squares / weight**2 if weight > 0 else 1.0


def _rates(table: RateTable, keys: list[list[MetricKey]]) -> dict[MetricKey, Rate]:
    pairs = zip(table.successes.ravel().tolist(), table.trials.ravel().tolist(), strict=True)
    return {key: Rate(*pair) for key, pair in zip(itertools.chain(*keys), pairs, strict=True)}


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
