"""Know what an evaluation will measure, before anything is trained: metrics, thresholds, slices.

In: a task's label, its evaluation configuration and the values of its slice features. Out: `Measured`, which the lint compares
with a policy. Which metrics there are, and where, follows from the registry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.metrics import registry
from fairgate.metrics.registry import Metric, Need
from fairgate.names import CLASS, OVERALL, PAIR, TRAIN, features_of, is_cut, place


@dataclass(frozen=True)
class Measured:
    """Everything that a rule may name.

    Attributes:
        task: the kind of the task.
        thresholds: the decision thresholds; empty for a multi-class task.
        features: slice feature -> its known values; empty when any value may occur.
        intersections: pairs of features whose combined values are slices.
        splits: the splits that are evaluated.
        counterfactual: what the counterfactual test measures, "swaps:gender:male"; empty when the run makes none.
        cut: the slices that a run has measured whose values are cut in their names, and so are not known.
        conjunctions: further slices that are measured, by name: of three values, or of two of one feature.
        of_table: whether a table of predictions is judged, whose slices are named by arguments and not in a configuration.
        lacking: what there is none of: "labels", or "scores" where there are decisions alone.
    """

    task: Literal["binary", "multiclass"]
    thresholds: tuple[float, ...] = ()
    features: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    intersections: tuple[tuple[str, str], ...] = ()
    splits: tuple[str, ...] = ("eval",)
    counterfactual: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    conjunctions: tuple[str, ...] = ()
    of_table: bool = False
    lacking: frozenset[Need] = frozenset()

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Return what the evaluation measures; the counterfactual test is apart."""
        return tuple(metric for metric in registry.known() if self._measures(metric))

    def metric(self, name: str) -> Metric | None:
        """Return the metric of that name if the evaluation measures it.

        Raises:
            UnknownNameError: no such metric is registered.
        """
        metric = registry.get(name)
        return metric if self._measures(metric) else None

    def at_thresholds(self, metric: Metric) -> bool:
        """Return whether the metric is measured at every decision threshold of this task."""
        return metric.at_thresholds and self.task == "binary"

    def on_overall(self, metric: Metric) -> bool:
        """Return whether the metric is measured on all examples."""
        return self._place(metric) in ("all", "overall")

    def measured_on(self, metric: Metric, slice_name: str) -> bool:
        """Return whether the metric is measured on the slice."""
        if slice_name == OVERALL:
            return self.on_overall(metric)
        place = self._place(metric)
        return place in ("all", "groups") or (place == "classes" and features_of(slice_name) == (CLASS,))

    def places(self, metric: Metric) -> list[str]:
        """Return where the metric is measured, for messages: "overall", "slices" or "class:*"."""
        sliced = {"all": ["slices"], "groups": ["slices"], "classes": [f"{CLASS}:*"], "overall": []}
        return [*([OVERALL] if self.on_overall(metric) else []), *sliced[self._place(metric)]]

    def slices(self) -> list[str]:
        """Return the names of all slices that are known, overall first."""
        single = {feature: [place(feature, value) for value in values] for feature, values in self.features.items()}
        pairs = (product(single.get(first, ()), single.get(second, ())) for first, second in map(sorted, self.intersections))
        names = [
            OVERALL,
            *(name for of_one in single.values() for name in of_one),
            *(PAIR.join(pair) for of_two in pairs for pair in of_two),
        ]
        return [*(name for name in names if not (self.cut and is_cut(name))), *self.cut, *self.conjunctions]

    def _place(self, metric: Metric) -> Literal["all", "overall", "groups", "classes"]:
        """Return `Metric.on` for this task: in a binary task every slice is one of the positive class."""
        return "all" if metric.on == "classes" and self.task == "binary" else metric.on

    def _measures(self, metric: Metric) -> bool:
        if not metric.is_of(self.task) or "counterfactual" in metric.needs or metric.needs & self.lacking:
            return False
        if "table" in metric.needs and not self.of_table:
            return False
        if "train" in metric.needs and TRAIN not in self.splits:
            return False
        return bool(self.features) or not (metric.on == "groups" or "groups" in metric.needs)


def measured(
    labels: LabelSpec,
    config: EvaluationConfig,
    slice_values: Mapping[str, tuple[str, ...]],
    counterfactual: Iterable[str] = (),
) -> Measured:
    """Return what the evaluation and the counterfactual test of a task will measure.

    Args:
        labels: of the task.
        config: of the evaluation.
        slice_values: slice feature -> the values that the schema allows.
        counterfactual: what the counterfactual test measures, "swaps:gender:male"; empty when there is none.
    """
    features = {feature: slice_values.get(feature, ()) for feature in config.slice_features}
    if labels.kind == "binary":
        return Measured("binary", config.thresholds, features, config.intersections, config.splits, tuple(counterfactual))
    features[CLASS] = labels.classes
    return Measured("multiclass", (), features, config.intersections, config.splits)
