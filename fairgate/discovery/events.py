"""Say which rows a rate rests on, and in which of them it counts against the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from fairgate.asked import option, typed
from fairgate.errors import InputError, UnknownNameError
from fairgate.metrics import registry

Bools = npt.NDArray[np.bool_]
Side = Literal["higher", "lower"]


Rows = Literal["all", "positive", "negative", "called positive", "called negative"]


@dataclass(frozen=True)
class RateRows:
    """A rate as rows.

    Attributes:
        trials: the rows that it rests on.
        successes: those that it counts among these.
    """

    trials: Rows
    successes: Rows

    @property
    def by_decision(self) -> bool:
        """Return whether the rows that it rests on differ by threshold."""
        return self.trials.startswith("called")


RATES: Mapping[str, RateRows] = MappingProxyType(
    {
        "false_positive_rate": RateRows("negative", "called positive"),
        "false_negative_rate": RateRows("positive", "called negative"),
        "true_positive_rate": RateRows("positive", "called positive"),
        "true_negative_rate": RateRows("negative", "called negative"),
        "positive_rate": RateRows("all", "called positive"),
        "precision": RateRows("called positive", "positive"),
        "false_discovery_rate": RateRows("called positive", "negative"),
        "false_omission_rate": RateRows("called negative", "positive"),
    }
)
ACCURACY = "accuracy"  # of several classes; there, a row's "label" is whether the model gets it right


@dataclass(frozen=True)
class HarmfulRate:
    """What makes a slice bad.

    Attributes:
        metric: a name of `RATES`, or "accuracy" of several classes.
        worse: the side on which the metric is bad.
        thresholds: at which scores become decisions; a single 0.0, which means nothing, for "accuracy".
    """

    metric: str
    worse: Side
    thresholds: tuple[float, ...]

    def trials(self, label: Bools, decisions: Bools) -> Bools:
        """Return bool[N], the rows that the metric rests on; of several thresholds these are the same.

        Args:
            label: bool[N], whether the label is positive (whether the model is right, for "accuracy").
            decisions: bool[T, N].
        """
        return _those(RATES[self.metric].trials if self.metric in RATES else "all", label, decisions[0])

    def events(self, label: Bools, decisions: Bools) -> Bools:
        """Return bool[T, N], where the metric counts against the model; see `trials`."""
        if self.metric == ACCURACY:
            return ~label[None]
        successes = np.stack([_those(RATES[self.metric].successes, label, decision) for decision in decisions])
        return successes if self.worse == "higher" else ~successes

    def value(self, rate: float) -> float:
        """Return the metric where events have this rate."""
        return rate if self.worse == "higher" else 1 - rate


def _those(rows: Rows, label: Bools, decision: Bools) -> Bools:
    if rows == "all":
        return np.ones_like(label)
    flags = decision if rows.startswith("called") else label
    return flags if rows.endswith("positive") else ~flags


def question(metric: str, thresholds: tuple[float, ...], classes: int, worse: Side | None = None) -> HarmfulRate:
    """Return what is asked.

    Args:
        metric: name of a rate.
        thresholds: rising, each between 0 and 1; ignored where there are several classes.
        classes: number of them.
        worse: the side on which the metric is bad, for one that has none by itself.

    Raises:
        InputError: no rate of this task, a side that contradicts it or that is missing, thresholds that make no sense.
    """
    known = [*RATES] if classes == 2 else [ACCURACY]
    if metric not in known:
        raise UnknownNameError("metric to discover slices by", metric, known, argument="metric")
    own = registry.get(metric).worse
    if own is not None and worse not in (None, own):
        raise InputError(f"{typed('worse', worse)}: {metric} gets worse when {own}; leave {option('worse')} out.")
    side = own or worse
    if side is None:
        raise InputError(
            f"{metric} has no side that is bad by itself; type {typed('worse', 'higher')} or {typed('worse', 'lower')}."
        )
    if classes > 2:
        return HarmfulRate(metric, side, (0.0,))
    if wrong := [each for each in thresholds if not 0 < each < 1]:
        raise InputError(f"{typed('cuts', [wrong[0]])} is not between 0 and 1; a score above it is a positive decision.")
    if len(thresholds) != 1 and RATES[metric].by_decision:
        raise InputError(f"{metric} rests on other rows at each threshold; type one, such as {typed('cuts', [0.5])}.")
    if not thresholds:
        raise InputError(f"{metric} depends on a threshold; type {typed('cuts', [0.5])}, or others.")
    return HarmfulRate(metric, side, thresholds)
