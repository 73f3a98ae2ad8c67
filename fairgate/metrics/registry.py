"""Register metrics in one place: what each is called, what it means, where it is measured and how it is computed.

Everything else asks here: the gate for the direction and the bounds, the report for the label, the table for the names of
comparisons, the lint for what a task measures. The modules beside this one register their metrics when the package is imported;
a new metric is one `register` call, in a module that `fairgate/metrics/__init__.py` imports. Imports no third-party package.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from fairgate.errors import UnknownNameError

if TYPE_CHECKING:
    from fairgate.metrics.counted import Counted, Result

Better = Literal["higher", "lower", "neither"]
Need = Literal["groups", "train", "counterfactual", "labels", "scores", "table"]
How = Literal["difference_to_overall", "ratio_to_overall", "difference_to_rest", "ratio_to_rest"]

COMPARISONS: tuple[How, ...] = get_args(How)
_FORMER_COMPARISONS: dict[str, How] = {"_gap": "difference_to_rest", "_ratio": "ratio_to_rest"}


@dataclass(frozen=True)
class Metric:
    """A metric, declared once.

    Attributes:
        name: as policies and tables write it.
        label: the name in sentence case, for readers.
        meaning: one sentence.
        better: the direction in which it improves; "neither" where a change is no merit by itself.
        bounds: the least and the greatest value it can take.
        task: the kind of task that has it.
        on: the slices that have it. "all": every slice. "overall": all examples only. "groups": every slice but overall.
            "classes": the slices of a class, "class:Shirt", of a multi-class task; every slice of a binary task, where the
            positive class is meant.
        at_thresholds: measured at every decision threshold; a multi-class task has no thresholds.
        needs: what must be there beside the examples. "groups": slices other than overall. "train": the training split.
            "counterfactual": the counterfactual test. "labels": true labels. "scores": scores, and not decisions alone. "table":
            a table of predictions, of which every score can be ranked exactly.
        trials: the label of the examples that the metric rests on; empty where it rests on both.
        compute: from the counts of one slice; None for metrics that are measured elsewhere.
        formerly: names in files that older versions wrote.
    """

    name: str
    label: str
    meaning: str
    better: Better
    bounds: tuple[float, float] = (0.0, 1.0)
    task: Literal["binary", "multiclass", "any"] = "any"
    on: Literal["all", "overall", "groups", "classes"] = "all"
    at_thresholds: bool = False
    needs: frozenset[Need] = frozenset()
    trials: Literal["negative", "positive", ""] = ""
    compute: "Callable[[Counted], Result] | None" = None
    formerly: tuple[str, ...] = ()

    @property
    def worse(self) -> Literal["higher", "lower"] | None:
        """Return the direction in which the metric gets worse; None where neither is worse."""
        return None if self.better == "neither" else "higher" if self.better == "lower" else "lower"

    def is_of(self, task: str) -> bool:
        """Return whether tasks of this kind, "binary" or "multiclass", have the metric."""
        return self.task in ("any", task)


_METRICS: dict[str, Metric] = {}
_FORMERLY: dict[str, str] = {}


def register(metric: Metric) -> Metric:
    """Add a metric to the registry and return it.

    Raises:
        ValueError: a metric of that name, present or former, is registered already.
    """
    for name in (metric.name, *metric.formerly):
        if name in _METRICS or name in _FORMERLY:
            raise ValueError(f"Two metrics are called {name!r}; give each its own name.")
    _METRICS[metric.name] = metric
    _FORMERLY.update(dict.fromkeys(metric.formerly, metric.name))
    return metric


def known() -> tuple[Metric, ...]:
    """Return all metrics, in the order in which readers look for them."""
    return tuple(_METRICS.values())


def get(name: str) -> Metric:
    """Return the metric of that name.

    Raises:
        UnknownNameError: there is none; the message names the new name of a renamed metric, or the nearest known name.
    """
    if name not in _METRICS:
        raise UnknownNameError("metric", name, _METRICS, _FORMERLY.get(name))
    return _METRICS[name]


def get_written(name: str) -> Metric:
    """Return the metric that a file means by the name; former names and comparisons are understood as well.

    "false_positive_rate_gap" of an old table, for example, is `compared(…, "difference_to_rest")`.

    Raises:
        UnknownNameError: there is none.
    """
    base, how = split_compared(name)
    metric = get(_FORMERLY.get(base, base))
    return metric if how is None else compared(metric, how)


def compared(metric: Metric, how: How) -> Metric:
    """Return the comparison of a metric of a slice with overall or with the rest, the examples outside of the slice.

    This is the only place that makes the names of comparisons, such as "false_positive_rate_difference_to_rest".
    """
    measure, _, other = how.partition("_to_")
    least, most = metric.bounds
    reference = "all examples" if other == "overall" else "the examples outside of the slice"
    verb = "minus" if measure == "difference" else "divided by"
    return replace(
        metric,
        name=f"{metric.name}_{how}",
        label=f"{metric.label}, {how.replace('_', ' ')}",
        meaning=f"{metric.label} of the slice {verb} that of {reference}.",
        bounds=(least - most, most - least) if measure == "difference" else (0.0, math.inf),
        on="groups",
        compute=None,
        formerly=(),
    )


def split_compared(name: str) -> tuple[str, How | None]:
    """Return the name of the metric and the kind of comparison that a written name means; None for the metric itself.

    The suffixes "_gap" and "_ratio" are those of old tables; they count only where a registered metric stands before them.
    """
    if name in _METRICS or name in _FORMERLY:
        return name, None
    suffixes: dict[str, How] = {f"_{how}": how for how in COMPARISONS}
    for suffix, how in {**suffixes, **_FORMER_COMPARISONS}.items():
        base = name.removesuffix(suffix)
        if base != name and (base in _METRICS or base in _FORMERLY):
            return base, how
    return name, None
