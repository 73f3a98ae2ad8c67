"""Register our metric in TFMA: it puts the counts of every slice into the artifact, from which `reading` computes the rest.

It works on rows that `collapse` made; stock TFMA extractors leave nothing for it to count.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import apache_beam as beam
from tensorflow_model_analysis.metrics import metric_types, metric_util

from components.evaluation import keys
from fairgate.counting.counts import Counts, layout
from fairgate.counting.settings import CountSettings
from fairgate.counting.tally import example_count
from fairgate.counting.tally_bytes import encode
from fairgate.metrics.counted import Counted
from fairgate.metrics.scores import AUC, auc
from fairgate.names import OVERALL

MODULE = __name__
WRITTEN_EXTRACT = "fairgate_written"  # extract key: {model name: {metric name: value}}

Output = dict[metric_types.MetricKey, Any]


class CountedExamples(metric_types.Metric):
    """Writes per slice and model: the counts as bytes, and for readers of TFMA's own views a few numbers derived from them.

    Its configuration is a CountSettings, which thereby travels in the EvalConfig of the artifact.
    """

    def __init__(self, **settings: Any) -> None:
        """Take the fields of CountSettings, as JSON values."""
        super().__init__(metric_util.merge_per_key_computations(_computations), settings=settings)

    def get_config(self) -> dict[str, Any]:
        """Return the settings."""
        return dict(self.kwargs["settings"])


metric_types.register_metric(CountedExamples)


def written(counts: Counts, settings: CountSettings) -> dict[str, Any]:
    """Return what is written for one slice under one model: metric name -> value."""
    return {keys.COUNTS: encode(counts)} | _derived(counts, settings)


def _computations(
    settings: Mapping[str, Any], model_name: str = "", example_weighted: bool = False
) -> list[metric_types.MetricComputation]:
    del settings  # they were used where the rows were made
    key = metric_types.MetricKey(keys.COUNTS, model_name=model_name, example_weighted=example_weighted)
    preprocessor = _WrittenOfRow(name="fairgate_written")
    return [metric_types.MetricComputation(keys=[key], preprocessors=[preprocessor], combiner=_TakeWritten(key))]


class _WrittenOfRow(metric_types.Preprocessor):
    """Keeps what `collapse` attached to a row."""

    def process(self, element: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """Yield what the row holds for the artifact, if anything."""
        if WRITTEN_EXTRACT in element:
            yield {WRITTEN_EXTRACT: element[WRITTEN_EXTRACT]}


class _TakeWritten(beam.CombineFn):
    """Passes the one row with counts of a slice through. Two rows with counts would be a slice counted twice: an error."""

    def __init__(self, key: metric_types.MetricKey) -> None:
        self._key = key

    def create_accumulator(self) -> list[Mapping[str, Any]]:
        return []

    def add_input(self, accumulator: list[Mapping[str, Any]], element: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [*accumulator, element[WRITTEN_EXTRACT][self._key.model_name]]

    def merge_accumulators(self, accumulators: Iterable[list[Mapping[str, Any]]]) -> list[Mapping[str, Any]]:
        return [element for accumulator in accumulators for element in accumulator]

    def extract_output(self, accumulator: list[Mapping[str, Any]]) -> Output:
        if len(accumulator) != 1:
            raise ValueError(
                f"{keys.COUNTS}: {len(accumulator)} counted rows in a slice; run with components.evaluation.extractors."
            )
        return {self._key._replace(name=name): value for name, value in accumulator[0].items()}


def _derived(counts: Counts, settings: CountSettings) -> dict[str, Any]:
    fields = layout(settings).read(counts.totals)
    derived: dict[str, Any] = {
        keys.EXAMPLES: float(example_count(fields)),
        keys.INVALID_SCORES: float(fields["invalid"][0]),
    }
    if settings.kind == "binary":
        counted = Counted(OVERALL, counts, settings, {})
        derived[AUC.name] = auc(counted.positive, counted.negative).value
    return derived
