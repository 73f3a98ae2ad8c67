"""Compute every metric of an evaluation from its counts. Pure numpy.

In: `EvaluationCounts`, the counts of every slice under every model. Out: `Evaluation`, which the gate judges and the table lists.
"""

from collections.abc import Iterable, Mapping

from fairgate.counting.counts import Counts
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceKey
from fairgate.counting.tally import example_count
from fairgate.measurement import Buckets, Evaluation, MetricKey, Paired, Rate, Scalar, SliceMetrics
from fairgate.metrics import registry
from fairgate.metrics.counted import Counted, Rates, Scalars
from fairgate.metrics.paired import paired_rates
from fairgate.metrics.paired_auc import auc_covariances
from fairgate.metrics.registry import Metric
from fairgate.names import BASELINE, CANDIDATE, OVERALL


def evaluate_counts(counts: EvaluationCounts) -> Evaluation:
    """Compute all metrics of all slices of all models."""
    of_models = {model: _counted(slices, counts.keys, counts.settings) for model, slices in counts.counts.items()}
    overall = {model: slices[OVERALL] for model, slices in of_models.items()}
    return Evaluation(
        models={model: _metrics(slices, counts.settings) for model, slices in of_models.items()},
        omitted=counts.omitted,
        invalid_scores={model: _total(counted, "invalid") for model, counted in overall.items()},
        paired={name: _paired(name, counts, of_models) for name in counts.joint},
        out_of_range={model: _total(counted, "outside") for model, counted in overall.items()},
        score_ranges={model: (one.counts.least, one.counts.greatest) for model, one in overall.items() if one.examples},
        rows=max(example_count(counted.fields) for counted in overall.values()),
        distinct=counts.settings.distinct,
        clustered=counts.settings.clustered,
        unknown_groups=counts.unknown,
    )


def _paired(name: str, counts: EvaluationCounts, of_models: Mapping[str, Mapping[str, Counted]]) -> Paired:
    both = of_models[BASELINE][name], of_models[CANDIDATE][name]
    covariances: dict[MetricKey, float] = {}
    if name in counts.ranks:
        covariances = auc_covariances(counts.ranks[name], counts.ranks.get(OVERALL), *both)
    return Paired(paired_rates(counts.joint[name], *both), covariances)


def slice_metrics(counts: Mapping[str, Counts], keys: Mapping[str, SliceKey], settings: CountSettings) -> dict[str, SliceMetrics]:
    """Compute all metrics of all slices of one model.

    Args:
        counts: slice name -> its counts; "overall" among them.
        keys: slice name -> what defines it; a slice of the label alone is a class.
        settings: how they were counted.
    """
    return _metrics(_counted(counts, keys, settings), settings)


def _counted(counts: Mapping[str, Counts], keys: Mapping[str, SliceKey], settings: CountSettings) -> dict[str, Counted]:
    slices: dict[str, Counted] = {}
    for name, of_slice in counts.items():
        slices[name] = Counted(name, of_slice, settings, slices, _label(keys.get(name, ()), settings))
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
