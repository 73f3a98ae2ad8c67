"""Compute every metric of an evaluation from its counts. Pure numpy.

In: `EvaluationCounts`, the counts of every slice under every model. Out: `Evaluation`, which the gate judges and the table lists.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from fairgate.counting.counts import Counts
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.joint import compared_pair
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceKey
from fairgate.counting.tally import example_count
from fairgate.errors import InputError
from fairgate.measurement import Buckets, Evaluation, MetricKey, Paired, Rate, Scalar, SliceMetrics
from fairgate.metrics import registry
from fairgate.metrics.counted import Counted, Rates, Scalars
from fairgate.metrics.paired import paired_rates
from fairgate.metrics.paired_auc import auc_covariances
from fairgate.metrics.registry import Metric
from fairgate.names import CANDIDATE, CLASS, OVERALL, REFERENCE

T = TypeVar("T")
SAME = 1e-4  # by how much rates and AUCs of one model on the same examples differ at most: two machines round differently
NOTHING_KNOWN: Mapping[str, Mapping[str, Scalar]] = {}
_AGAIN = "Evaluate both on the same examples: remove the two evaluations and run again."


def evaluate_counts(counts: EvaluationCounts) -> Evaluation:
    """Compute all metrics of all slices of all models."""
    of_models = {
        model: _counted(
            slices, counts.keys, counts.settings, {name: of_slice.models[model] for name, of_slice in counts.aucs.items()}
        )
        for model, slices in counts.counts.items()
    }
    overall = {model: slices[OVERALL] for model, slices in of_models.items()}
    pair = compared_pair(of_models)
    paired = {name: _paired(name, counts, [of_models[model][name] for model in pair]) for name in counts.joint} if pair else {}
    of_reference = pair is not None and pair[0] == REFERENCE
    return Evaluation(
        models={model: _metrics(slices, counts.settings) for model, slices in of_models.items()},
        omitted=counts.omitted,
        invalid_scores={model: _total(counted, "invalid") for model, counted in overall.items()},
        paired={} if of_reference else paired,
        paired_with_reference=paired if of_reference else {},
        out_of_range={model: _total(counted, "outside") for model, counted in overall.items()},
        score_ranges={model: (one.counts.least, one.counts.greatest) for model, one in overall.items() if one.examples},
        rows=max(example_count(counted.fields) for counted in overall.values()),
        distinct=counts.settings.distinct,
        clustered=counts.settings.clustered,
        unknown_groups=counts.unknown,
        expected={CLASS: counts.settings.classes} if counts.settings.kind == "multiclass" else {},
    )


def _paired(name: str, counts: EvaluationCounts, both: Sequence[Counted]) -> Paired:
    """Compare two models on a slice: the one that the candidate is compared with, and the candidate."""
    covariances: dict[MetricKey, float] = {}
    other, candidate = both
    if name in counts.aucs:
        covariances = {MetricKey(metric): covariance for metric, covariance in counts.aucs[name].covariances.items()}
    elif name in counts.ranks:
        covariances = auc_covariances(counts.ranks[name], counts.ranks.get(OVERALL), other, candidate)
    return Paired(paired_rates(counts.joint[name], other, candidate), covariances)


def with_reference(measured: Evaluation, beside: Evaluation) -> Evaluation:
    """Add the reference model, which was evaluated beside the candidate alone, to the evaluation of candidate and baseline.

    Args:
        measured: of the candidate, and of the baseline unless this is a first run.
        beside: of reference and candidate on the same examples; on which slices is up to it.

    Raises:
        InputError: there is no reference in `beside`, or the candidate was measured on other examples there, or otherwise.
    """
    if REFERENCE not in beside.models:
        raise InputError(f"The evaluation of the reference model holds {', '.join(beside.models)} and no {REFERENCE}. {_AGAIN}")
    if difference := _difference(measured.models.get(CANDIDATE, {}), beside.models.get(CANDIDATE, {})):
        raise InputError(f"The candidate was measured otherwise beside the reference model than before: {difference}. {_AGAIN}")

    def joined(of_measured: Mapping[str, T], of_beside: Mapping[str, T]) -> dict[str, T]:
        return {**of_measured, **{model: value for model, value in of_beside.items() if model == REFERENCE}}

    return replace(
        measured,
        models=joined(measured.models, beside.models),
        invalid_scores=joined(measured.invalid_scores, beside.invalid_scores),
        out_of_range=joined(measured.out_of_range, beside.out_of_range),
        score_ranges=joined(measured.score_ranges, beside.score_ranges),
        paired_with_reference=beside.paired_with_reference,
    )


def _difference(first: Mapping[str, SliceMetrics], second: Mapping[str, SliceMetrics]) -> str:
    """Return in what the measurements of one model on all examples differ, "n: 900 and 901"; "" if they agree."""
    if OVERALL not in first or OVERALL not in second:
        return f"it was not measured on {OVERALL} in both"
    own, other = first[OVERALL], second[OVERALL]
    for name in ("n", "n_positive", "n_negative"):
        if getattr(own, name) != getattr(other, name):
            return f"{name} {getattr(own, name)} and {getattr(other, name)}"
    for key in (*own.rates, *own.scalars):
        if key in other.rates or key in other.scalars:
            values = own.value(key), other.value(key)
            if not (math.isclose(*values, abs_tol=SAME, rel_tol=0) or all(map(math.isnan, values))):
                return f"{key} {values[0]:g} and {values[1]:g}"
    return ""


def slice_metrics(counts: Mapping[str, Counts], keys: Mapping[str, SliceKey], settings: CountSettings) -> dict[str, SliceMetrics]:
    """Compute all metrics of all slices of one model.

    Args:
        counts: slice name -> its counts; "overall" among them.
        keys: slice name -> what defines it; a slice of the label alone is a class.
        settings: how they were counted.
    """
    return _metrics(_counted(counts, keys, settings), settings)


def _counted(
    counts: Mapping[str, Counts],
    keys: Mapping[str, SliceKey],
    settings: CountSettings,
    known: Mapping[str, Mapping[str, Scalar]] = NOTHING_KNOWN,
) -> dict[str, Counted]:
    slices: dict[str, Counted] = {}
    for name, of_slice in counts.items():
        label = _label(keys.get(name, ()), settings)
        slices[name] = Counted(name, of_slice, settings, slices, label, known.get(name, {}))
    return slices


def _metrics(slices: Mapping[str, Counted], settings: CountSettings) -> dict[str, SliceMetrics]:
    metrics = [metric for metric in registry.known() if metric.compute is not None and metric.is_of(settings.kind)]
    at = {metric.name: [MetricKey(metric.name, threshold) for threshold in settings.thresholds] for metric in metrics}
    return {name: _slice(counted, metrics, at) for name, counted in slices.items()}


def _slice(counted: Counted, metrics: list[Metric], at: Mapping[str, list[MetricKey]]) -> SliceMetrics:
    """Compute the metrics of one slice; `at` holds the keys of a metric at every threshold."""
    rates: dict[MetricKey, Rate] = {}
    scalars: dict[MetricKey, Scalar] = {}
    for metric in metrics:
        if not _has(counted, metric):
            continue
        result = counted.of(metric)
        if isinstance(result, Rates):
            rates.update(zip(at[metric.name], _each(counted, result), strict=True))
        elif isinstance(result, Scalars):
            both = map(Scalar, result.values.tolist(), result.standard_errors.tolist())
            scalars.update(zip(at[metric.name], both, strict=True))
        elif isinstance(result, Rate):
            rates[MetricKey(metric.name)] = result
        else:
            scalars[MetricKey(metric.name)] = result
    negatives, positives = counted.fields["examples"] if counted.binary else (None, None)
    return SliceMetrics(
        n=counted.examples,
        n_positive=None if positives is None else round(float(positives)),
        n_negative=None if negatives is None else round(float(negatives)),
        rates=rates,
        scalars=scalars,
        design_effect=counted.design_effect,
        mean_weight=counted.mean_weight,
    )


def _each(counted: Counted, rates: Rates) -> Iterable[Rate]:
    """Yield the rate of every threshold."""
    squares = [None] * len(rates.trials) if rates.squares is None else map(tuple, rates.squares.T.tolist())
    buckets: Iterable[Buckets | None] = [None] * len(rates.trials)
    if rates.buckets is not None:
        buckets = map(counted.buckets, *rates.buckets)
    return map(Rate, rates.successes.tolist(), rates.trials.tolist(), squares, buckets)


def _has(counted: Counted, metric: Metric) -> bool:
    """Return whether the metric is measured on the slice, see `Metric.on` and `Metric.needs`."""
    if metric.on == "classes":
        return counted.binary or counted.label is not None
    on_slice = metric.on == "all" or (counted.name == OVERALL) == (metric.on == "overall")
    return on_slice and ("groups" not in metric.needs or bool(counted.groups))


def _label(key: SliceKey, settings: CountSettings) -> int | None:
    """Return the class whose examples are the slice, as an index; None for every other slice and every binary task."""
    if settings.kind == "binary" or len(key) != 1 or key[0][0] != settings.label_key:
        return None
    return int(key[0][1])


def _total(counted: Counted, field: str) -> int:
    return round(float(counted.fields[field][0]))
