"""What an evaluation will produce, known before anything is trained: metrics, thresholds, slices.

Imports no third-party package but pydantic.

In: a task's label, its evaluation configuration and the values of its slice features. Out: `Produced`, which the lint compares
with a policy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.metrics import names
from fairgate.names import CLASS, OVERALL, PAIR, TRAIN


@dataclass(frozen=True)
class ProducedMetric:
    """A metric and where it is measured.

    Attributes:
        thresholded: measured at every decision threshold.
        overall: measured on all examples.
        features: slice features on whose slices it is measured; None for all of them and their intersections.
    """

    name: str
    thresholded: bool = False
    overall: bool = True
    features: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Produced:
    """Everything that a rule may name.

    Attributes:
        metrics: what is measured.
        thresholds: the decision thresholds.
        features: slice feature -> its known values; empty when any value may occur.
        intersections: pairs of features whose combined values are slices.
        splits: the splits that are evaluated.
        counterfactual: what the counterfactual test measures, "swaps:gender:male"; empty when the run makes none.
    """

    metrics: tuple[ProducedMetric, ...]
    thresholds: tuple[float, ...] = ()
    features: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    intersections: tuple[tuple[str, str], ...] = ()
    splits: tuple[str, ...] = ("eval",)
    counterfactual: tuple[str, ...] = ()

    def slices(self) -> list[str]:
        """The names of all slices that are known, overall first."""
        single = {feature: [f"{feature}:{value}" for value in values] for feature, values in self.features.items()}
        pairs = (product(single.get(first, ()), single.get(second, ())) for first, second in map(sorted, self.intersections))
        return [
            OVERALL,
            *(name for of_one in single.values() for name in of_one),
            *(PAIR.join(pair) for of_two in pairs for pair in of_two),
        ]

    def metric(self, name: str) -> ProducedMetric | None:
        """The metric of that name, if it is measured."""
        return next((metric for metric in self.metrics if metric.name == name), None)


def produced(
    labels: LabelSpec,
    config: EvaluationConfig,
    slice_values: Mapping[str, tuple[str, ...]],
    counterfactual: Iterable[str] = (),
) -> Produced:
    """What the evaluation and the counterfactual test of a task will produce.

    Args:
        labels: of the task.
        config: of the evaluation.
        slice_values: slice feature -> the values that the schema allows.
        counterfactual: what the counterfactual test measures, "swaps:gender:male"; empty when there is none.
    """
    features = {feature: slice_values.get(feature, ()) for feature in config.slice_features}
    if labels.kind == "binary":
        metrics = _binary(bool(features))
        return Produced(metrics, config.thresholds, features, config.intersections, config.splits, tuple(counterfactual))
    features[CLASS] = labels.classes
    return Produced(_multiclass(TRAIN in config.splits), (), features, config.intersections, config.splits)


def _binary(sliced: bool) -> tuple[ProducedMetric, ...]:
    rates = [ProducedMetric(name, thresholded=True) for name in names.DECISION_RATES]
    scalars = [ProducedMetric(name) for name in (names.AUC, names.CALIBRATION_ERROR, names.MEAN_LABEL, names.MEAN_SCORE)]
    bias = [ProducedMetric(name, overall=False) for name in (names.SUBGROUP_AUC, names.BPSN_AUC, names.BNSP_AUC)]
    whole = [ProducedMetric(names.FINAL_SCORE, features=())] + [
        ProducedMetric(names.equality_difference(rate), thresholded=True, features=())
        for rate in (names.FALSE_POSITIVE_RATE, names.FALSE_NEGATIVE_RATE)
    ]
    return (*rates, *scalars, *bias, *whole) if sliced else (*rates, *scalars)


def _multiclass(with_train: bool) -> tuple[ProducedMetric, ...]:
    everywhere = [ProducedMetric(name) for name in (names.ACCURACY, names.LOSS, names.CALIBRATION_ERROR)]
    classes = [ProducedMetric(name, overall=False, features=(CLASS,)) for name in (names.RECALL, names.PRECISION)]
    whole = [names.TRIVIAL_ACCURACY, *([names.TRAIN_TEST_GAP] if with_train else [])]
    return (*everywhere, *classes, *(ProducedMetric(name, features=()) for name in whole))
