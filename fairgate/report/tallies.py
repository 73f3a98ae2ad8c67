"""Make the tables of a report that are read from the counts of the evaluation.

These are score histograms, ROC and calibration curves per slice, the intervals of changes, and the confusion matrix.
In: `EvaluationCounts`, or the `Evaluation` of them. Out: tables as `content.ReportContent` describes them. Imports neither pandas
nor TensorFlow.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from fairgate.counting import histograms
from fairgate.counting.cells import Floats
from fairgate.counting.counts import Counts
from fairgate.counting.detail import EvaluationCounts
from fairgate.frame import Frame
from fairgate.measurement import Evaluation, MetricKey
from fairgate.names import BASELINE, CANDIDATE, OVERALL, feature_of, is_pair
from fairgate.statistics import intervals
from fairgate.statistics.changes import ModelChange, change_intervals

BINS = 20
CALIBRATION_BINS = 10
CURVE_POINTS = 24  # of a ROC curve, beside those at the decision thresholds
MOST_CURVES = 9  # slices of a feature that have curves: more cannot be told apart
_ROC = ["model", "slice", "threshold", "false_positive_rate", "true_positive_rate", "precision", "n"]
_CALIBRATION = ["model", "slice", "score", "share", "low", "high", "n"]
RIGHT_OR_WRONG = ("wrong", "right")


def score_histograms(detail: EvaluationCounts, bins: int = BINS) -> Frame:
    """Count how each model's scores are spread, per slice and label.

    Args:
        detail: of the evaluation. Several classes have no one score: their confidence is counted, by whether they were right.
        bins: of equal width; a bin includes its upper edge.

    Returns:
        columns model, slice, label, low, high (edges of the bin), count, share (of this label's examples in the slice; 0
        where there are none).
    """
    labels = detail.settings.classes if detail.settings.kind == "binary" else RIGHT_OR_WRONG
    parts = [
        part.assign(model=model, slice=name)
        for model, slices in detail.counts.items()
        for name, counts in slices.items()
        for part in _histograms(counts, labels, bins)
    ]
    return Frame.stacked(parts, ["model", "slice", "label", "low", "high", "count", "share"])


def roc(detail: EvaluationCounts) -> Frame | None:
    """Trace the ROC and precision–recall curves of overall and of the largest slices of each feature.

    Args:
        detail: of the evaluation.

    Returns:
        columns model, slice, threshold (of the points at a decision threshold, else NaN), false_positive_rate,
        true_positive_rate, precision (NaN where nothing is called positive), n (effective examples of the rarer label), from
        "nothing is positive" to "everything is"; the points are exact, and straight lines join them. Slices without examples of
        both labels have none. None for a task of several classes, whose examples have no one score.
    """
    if detail.settings.kind != "binary":
        return None
    parts = [
        Frame(curve).assign(model=model, slice=name)
        for model, slices in detail.counts.items()
        for name in _drawn_slices(slices)
        if (curve := _roc(slices[name], detail.settings.thresholds))
    ]
    return Frame.stacked(parts, _ROC)


def calibration(detail: EvaluationCounts, confidence: float = 0.95, bins: int = CALIBRATION_BINS) -> Frame:
    """Compare scores with outcomes, in bins of the score, for overall and the largest slices of each feature.

    Args:
        detail: of the evaluation. With several classes the score is the confidence, the outcome whether the model was right.
        confidence: level of the intervals.
        bins: of equal width; one without examples has no row.

    Returns:
        columns model, slice, score (mean of the bin), share (of positive or of right examples), low, high (Wilson's interval;
        NaN where examples are clustered, which it does not know), n (effective examples).
    """
    parts = [
        _calibration(slices[name], bins, None if detail.settings.clustered else confidence).assign(model=model, slice=name)
        for model, slices in detail.counts.items()
        for name in _drawn_slices(slices)
    ]
    return Frame.stacked(parts, _CALIBRATION)


def paired_changes(evaluation: Evaluation, confidence: float = 0.95) -> Frame | None:
    """Compute the intervals of candidate - baseline on overall and on slices of single features, paired by example.

    Args:
        evaluation: of both models.
        confidence: level of the intervals.

    Returns:
        columns slice, metric, threshold (NaN for a metric without one), low, high; NaN where no interval is known. A metric whose
        trials depend on the model, such as precision, has the wider interval of two independent models. None where there are not
        both models.
    """
    if not {BASELINE, CANDIDATE} <= evaluation.models.keys():
        return None
    before, after = evaluation.models[BASELINE], evaluation.models[CANDIDATE]
    changed = [
        ModelChange(name, key, after[name], before[name])
        for name in after
        if name in before and not is_pair(name)
        for key in after[name].keys()  # noqa: SIM118  # a method of SliceMetrics
    ]
    low, high = change_intervals(changed, evaluation.paired, confidence)
    return Frame(
        {
            "slice": [each.slice for each in changed],
            "metric": [each.key.name for each in changed],
            "threshold": np.array([_threshold(each.key) for each in changed], np.float64),
            "low": low,
            "high": high,
        }
    )


def confusion(detail: EvaluationCounts) -> Frame:
    """Count what every class is called.

    Returns:
        columns model, label, predicted, count, share (of the label's examples; NaN where there are none), every pair of
        classes once per model.
    """
    classes = detail.settings.classes
    names = {"label": np.repeat(classes, len(classes)), "predicted": np.tile(classes, len(classes))}
    parts = []
    for model, slices in detail.counts.items():
        counts = histograms.confusion(slices[OVERALL], detail.settings)
        totals = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
        parts.append(Frame({**names, "count": counts.ravel(), "share": shares.ravel()}).assign(model=model))
    return Frame.stacked(parts, ["model", "label", "predicted", "count", "share"])


def _histograms(counts: Counts, labels: tuple[str, ...], bins: int) -> Iterator[Frame]:
    found = histograms.histogram(counts.series[0], bins)
    for label, weights in zip(labels, found.weights, strict=True):
        total = weights.sum()
        columns = {"low": found.edges[:-1], "high": found.edges[1:], "count": weights}
        yield Frame(columns).assign(label=label, share=weights / total if total > 0 else 0.0)


def _drawn_slices(slices: Mapping[str, Counts]) -> list[str]:
    """Return overall and the largest slices of each single feature, in their order."""
    weights = {name: float(counts.series[0].weights.sum()) for name, counts in slices.items() if not is_pair(name)}
    by_feature: dict[str, list[str]] = {}
    for name in sorted(weights, key=lambda name: -weights[name]):
        by_feature.setdefault(feature_of(name), []).append(name)
    kept = {name for names in by_feature.values() for name in names[:MOST_CURVES]}
    return [name for name in weights if name in kept]


def _roc(counts: Counts, thresholds: tuple[float, ...]) -> dict[str, Floats]:
    """Return the columns of a curve but model and slice; none without examples of both labels."""
    negative, positive = (counts.series[0].one_label(label) for label in (0, 1))
    labels = (negative, positive)
    if not (negative.keys.size and positive.keys.size):
        return {}
    keys, places = np.unique(np.concatenate([cells.keys for cells in labels]), return_inverse=True)
    parts = np.split(places.ravel(), [negative.keys.size])
    weights = np.stack([np.bincount(part, cells.weights, keys.size) for part, cells in zip(parts, labels, strict=True)])
    above = np.concatenate([np.zeros((2, 1)), weights[:, ::-1].cumsum(axis=1)], axis=1)  # from no example to all
    accepted = counts.series[0].counts(len(thresholds))[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    way = (above / above[:, -1:]).sum(axis=0)  # along the curve, from (0, 0) to (1, 1)
    at = np.unique(np.searchsorted(way, np.linspace(0, way[-1], CURVE_POINTS)).clip(max=way.size - 1))
    chosen = np.concatenate([above[:, at], accepted], axis=1)
    marks = np.concatenate([np.full(at.size, np.nan), thresholds])
    order = np.lexsort((chosen[0], chosen.sum(axis=0)))
    false, true = chosen[:, order]
    with np.errstate(invalid="ignore"):
        precision = true / (false + true)
    effective = min(float(cells.weights.sum()) ** 2 / float(cells.squared().sum()) for cells in labels)
    rates = {"false_positive_rate": false / above[0, -1], "true_positive_rate": true / above[1, -1]}
    return {"threshold": marks[order], **rates, "precision": precision, "n": np.full(order.size, effective)}


def _calibration(counts: Counts, bins: int, confidence: float | None) -> Frame:
    cells = counts.series[0]
    at = histograms.bins_of(cells.means(), bins)
    label = histograms.labels_of(cells)
    sums = (cells.weights, cells.weights * label, cells.sums, cells.squared())
    weight, positive, score, squares = (np.bincount(at, values, bins) for values in sums)
    there = weight > 0
    weight, positive, score, squares = weight[there], positive[there], score[there], squares[there]
    share, n = positive / weight, weight**2 / squares
    undefined = np.full(share.size, np.nan)
    low, high = (undefined, undefined) if confidence is None else intervals.wilson(share * n, n, confidence)
    return Frame({"score": score / weight, "share": share, "low": low, "high": high, "n": n})


def _threshold(key: MetricKey) -> float:
    return np.nan if key.threshold is None else key.threshold
