"""Say how examples are counted.

One value, carried inside the TFMA EvalConfig, so that the extractor, the metric and the reader agree on it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.errors import InputError

MAX_THRESHOLDS = 500
CELLS_PER_BIN = 16  # AUC and calibration come from cells this much finer than the drawn histogram


@dataclass(frozen=True)
class CountSettings:
    """What the collapse of examples to counts has to know.

    Attributes:
        label_key, kind, weight_key: see LabelSpec.
        classes: names of the label's values.
        thresholds: rising decision thresholds; empty for multi-class tasks.
        score_bins: bins of the drawn score histogram.
        min_intersection: slices of two or more features with fewer examples are left out.
        content_keys: features that make up an example's content; none: the whole serialized example. A hash of it puts the
            example into one of the buckets.
        clustered: whether examples are duplicated or come in clusters; every rate then has its counts by bucket.
        distinct: how many different examples there are; None where that was not counted.
        auc_slices: patterns of the slices for which the two models' ranks are counted together, for the covariance of their AUCs.
        exact_auc: whether AUCs come from all scores in order, where rows are counted by `prediction_counter`; None for as long as
            the table is not too long.
        source_digest: of the code that counts, so that other code does not take these counts for its own; "" if none caches them.
    """

    label_key: str
    classes: tuple[str, ...]
    kind: str
    weight_key: str | None = None
    thresholds: tuple[float, ...] = ()
    score_bins: int = 1000
    min_intersection: int = 1
    content_keys: tuple[str, ...] = ()
    clustered: bool = False
    distinct: int | None = None
    auc_slices: tuple[str, ...] = ()
    source_digest: str = ""
    exact_auc: bool | None = None

    def __post_init__(self) -> None:
        """Refuse more thresholds than the decision intervals of a cell can be numbered, and classes that cannot be told apart.

        Raises:
            InputError: too many of them, or two classes of one name.
        """
        twice = [name for name, times in Counter(self.classes).items() if times > 1]
        if twice:
            raise InputError(f"{twice[0]!r} is the name of two classes; give every class a name of its own.")
        if len(self.thresholds) > MAX_THRESHOLDS:
            raise InputError(
                f"evaluation.thresholds has {len(self.thresholds)} values; at most {MAX_THRESHOLDS} can be evaluated at once."
            )

    @property
    def cells(self) -> int:
        """Return the most cells that the scores of one slice may take."""
        return CELLS_PER_BIN * self.score_bins

    @classmethod
    def of(cls, labels: LabelSpec, config: EvaluationConfig) -> "CountSettings":
        """Return the settings of a task's evaluation.

        Raises:
            InputError: more thresholds than can be counted.
        """
        thresholds = config.thresholds if labels.kind == "binary" else ()
        return cls(
            label_key=labels.key,
            classes=labels.classes,
            kind=labels.kind,
            weight_key=labels.weight_key,
            thresholds=thresholds,
            score_bins=config.score_bins,
            min_intersection=config.min_intersection,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values; `from_json` reads them."""
        return {name: value for name, value in asdict(self).items() if name != "exact_auc" or value is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "CountSettings":
        """Read settings that `to_json` wrote."""
        known = dict(values)
        for name in ("classes", "content_keys", "auc_slices"):
            known[name] = tuple(known.get(name, ()))
        known["thresholds"] = tuple(float(threshold) for threshold in known["thresholds"])
        return cls(**known)
