"""Compute every metric of an evaluation from its counts. Pure numpy.

In: `EvaluationCounts`, the counts of every slice under every model. Out: `Evaluation`, which the gate judges and the table lists.
"""

from collections.abc import Mapping

from fairgate.counting.counts import Counts, layout
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceKey
from fairgate.measurement import Evaluation, MetricKey, Rate, Scalar, SliceMetrics
from fairgate.metrics import registry
from fairgate.metrics.counted import Counted, Rates, Scalars
from fairgate.metrics.registry import Metric
from fairgate.names import OVERALL


def evaluate_counts(counts: EvaluationCounts) -> Evaluation:
    """Compute all metrics of all slices of all models."""
    return Evaluation(
        models={model: slice_metrics(slices, counts.keys, counts.settings) for model, slices in counts.counts.items()},
        omitted=counts.omitted,
        invalid_scores={model: _invalid(slices[OVERALL], counts.settings) for model, slices in counts.counts.items()},
    )


def slice_metrics(counts: Mapping[str, Counts], keys: Mapping[str, SliceKey], settings: CountSettings) -> dict[str, SliceMetrics]:
    """Compute all metrics of all slices of one model.

    Args:
        counts: slice name -> its counts; "overall" among them.
        keys: slice name -> what defines it; a slice of the label alone is a class.
        settings: how they were counted.
    """
    slices: dict[str, Counted] = {}
    for name, of_slice in counts.items():
        slices[name] = Counted(name, of_slice, settings, slices, _label(keys.get(name, ()), settings))
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
            rates.update(zip(at[metric.name], map(Rate, result.successes.tolist(), result.trials.tolist()), strict=True))
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


def _invalid(counts: Counts, settings: CountSettings) -> int:
    return round(float(layout(settings).read(counts.totals)["invalid"][0]))
