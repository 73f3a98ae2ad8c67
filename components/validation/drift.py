"""How far the data and the decisions of a run lie from those of the last blessed one. It informs, and decides nothing.

In: statistics and verdicts of both runs. Out: `Distance`s, the rows of `ReportContent.drift`, and Markdown. TFDV is imported
where it is needed, for `DriftLimits` is read with the configuration.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from components.artifacts.splits import splits_in
from fairgate.measurement import exact
from fairgate.names import CANDIDATE
from fairgate.quantities import Real

if TYPE_CHECKING:
    from fairgate.gate.verdict import Verdict

GAPS = (
    "ratio",
    "difference",
    "ratio_to_rest",
    "difference_to_rest",
    "ratio_to_best",
    "difference_to_best",
)  # what a rule measures between groups
RATE = "positive_rate"
_MOST_LISTED = 20


class DriftLimits(BaseModel):
    """From where on a distance to the last blessed run is called a drift.

    Splits of a few hundred rows differ by less than the defaults through chance alone.

    Attributes:
        l_infinity: of a category: the largest change in the share of one of its values.
        jensen_shannon: of a number: the divergence of the histograms, from 0 to 1.
        positive_rate: of the candidate's positive rate on a slice, at the thresholds that the policy looks at.
        gap: of what a gap rule of the policy compares, a difference or a ratio as the rule says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    l_infinity: Real = Field(default=0.05, ge=0, le=1)
    jensen_shannon: Real = Field(default=0.05, ge=0, le=1)
    positive_rate: Real = Field(default=0.05, ge=0, le=1)
    gap: Real = Field(default=0.1, ge=0, le=1000)


@dataclass(frozen=True)
class Distance:
    """Between two runs. The attributes are the columns of `ReportContent.drift`.

    Attributes:
        feature: the feature, or the slice.
        measure: what was compared, in words.
        between: which runs.
        value: the distance, 0 or more; NaN where it is one of kind: a feature that is gone.
        limit: NaN where there is none.
        drifted: whether the value lies beyond the limit.
    """

    feature: str
    measure: str
    between: str
    value: float
    limit: float
    drifted: bool


def of_data(before: Path, after: Path, text_features: Sequence[str], limits: DriftLimits, between: str) -> Iterator[Distance]:
    """Measure the distances of every feature of each split with TFDV's comparators; report added, removed and retyped features.

    A split that only one of the runs has is left out: validation comes and goes with the number of rows.

    Args:
        before: artifact of StatisticsGen.
        after: the same of the other run.
        text_features: features whose values are almost all distinct; only their presence is compared.
        limits: for the distances.
        between: in words.
    """
    import tensorflow_data_validation as tfdv

    for split in filter(splits_in(before).__contains__, splits_in(after)):
        one, two = (tfdv.load_stats_binary(str(folder / f"Split-{split}" / "FeatureStats.pb")) for folder in (before, after))
        yield from of_statistics(one, two, text_features, limits, f"{between} ({split})")


def of_statistics(before: Any, after: Any, text_features: Sequence[str], limits: DriftLimits, between: str) -> Iterator[Distance]:
    """Measure the distances between two DatasetFeatureStatisticsList of TFDV."""
    import tensorflow_data_validation as tfdv

    old, new = (_features(statistics) for statistics in (before, after))
    yield from _changes_of_schema(old, new, between)
    comparable = {
        name: feature
        for name, feature in old.items()
        if name in new and new[name].type == feature.type and feature.path.step[-1] not in text_features
    }
    found = tfdv.validate_statistics(after, _asking(comparable, limits), previous_statistics=before)
    yield from _measured(found, between)


def _features(statistics: Any) -> dict[str, Any]:
    return {".".join(feature.path.step): feature for feature in statistics.datasets[0].features}


def _changes_of_schema(old: Mapping[str, Any], new: Mapping[str, Any], between: str) -> Iterator[Distance]:
    nan = math.nan
    for name in sorted({*old, *new}):
        if name not in new:
            yield Distance(name, "gone", between, nan, nan, drifted=True)
        elif name not in old:
            yield Distance(name, "new", between, nan, nan, drifted=True)
        elif old[name].type != new[name].type:
            yield Distance(name, "of another type", between, nan, nan, drifted=True)


def _asking(features: Mapping[str, Any], limits: DriftLimits) -> Any:
    """Return a schema with TFDV's comparators for these features, so that TFDV measures their drift."""
    from tensorflow_metadata.proto.v0 import schema_pb2

    schema = schema_pb2.Schema()
    for name, feature in features.items():
        if feature.HasField("num_stats"):
            asked = schema.feature.add(name=name, type=schema_pb2.FLOAT if feature.type == feature.FLOAT else schema_pb2.INT)
            asked.drift_comparator.jensen_shannon_divergence.threshold = limits.jensen_shannon
        elif feature.HasField("string_stats"):
            asked = schema.feature.add(name=name, type=schema_pb2.BYTES)
            asked.drift_comparator.infinity_norm.threshold = limits.l_infinity
    return schema


def _measured(found: Any, between: str) -> Iterator[Distance]:
    from tensorflow_metadata.proto.v0 import anomalies_pb2

    kinds = anomalies_pb2.DriftSkewInfo.Measurement
    names = {kinds.L_INFTY: "L-infinity", kinds.JENSEN_SHANNON_DIVERGENCE: "Jensen-Shannon"}
    for info in found.drift_skew_info:
        for item in info.drift_measurements:
            feature = ".".join(info.path.step)
            yield Distance(feature, names[item.type], between, item.value, item.threshold, item.value > item.threshold)


def of_decisions(before: "Verdict", after: "Verdict", limits: DriftLimits, between: str) -> Iterator[Distance]:
    """Measure what changed in the candidate's decisions: positive rates of slices, and what the gap rules compare.

    Slices and rules that only one of the verdicts has are left out.
    """
    thresholds = {rule.threshold for rule in after.rules if rule.threshold is not None}
    old, new = (_rates(verdict, thresholds) for verdict in (before, after))
    for (name, threshold), value in new.items():
        yield from _moved(
            name, f"positive rate at {exact(threshold)}", between, (old.get((name, threshold)), value), limits.positive_rate
        )
    old, new = (_gaps(verdict) for verdict in (before, after))
    for (name, rule), value in new.items():
        yield from _moved(name, f"gap of the rule {rule}", between, (old.get((name, rule)), value), limits.gap)


def _rates(verdict: "Verdict", thresholds: set[float]) -> dict[tuple[str, Any], float | None]:
    return {
        (line.slice, line.threshold): line.metrics.get(RATE)
        for line in verdict.slices
        if line.model == CANDIDATE and line.threshold in thresholds
    }


def _gaps(verdict: "Verdict") -> dict[tuple[str, Any], float | None]:
    return {
        (rule.slice, rule.id if rule.threshold is None else f"{rule.id} at {exact(rule.threshold)}"): rule.value
        for rule in verdict.rules
        if rule.measure in GAPS
    }


def _moved(name: str, measure: str, between: str, values: tuple[float | None, float | None], limit: float) -> Iterator[Distance]:
    old, new = values
    if old is not None and new is not None:
        moved = abs(new - old)
        yield Distance(name, f"{measure} ({old:.3f} → {new:.3f})", between, moved, limit, moved > limit)


def markdown(distances: Sequence[Distance], since: str) -> str:
    """Write a section of verdict.md: list what drifted and count the rest.

    Args:
        distances: all of them.
        since: which run they are measured from, or why there is none; a sentence.
    """
    from fairgate.text import escaped

    drifted = [distance for distance in distances if distance.drifted]
    lines = ["## Since the last blessed run", "", escaped(since)]
    if distances:
        lines[-1] += f" {len(drifted)} of {len(distances)} distances lie beyond their limits. No rule looks at them."
    if drifted:
        lines += ["", "| what | between | measure | distance | limit |", "|---|---|---|---|---|"]
    for one in drifted[:_MOST_LISTED]:
        numbers = [f"{number:.3f}" if not math.isnan(number) else "–" for number in (one.value, one.limit)]
        lines.append("| " + " | ".join([*map(escaped, (one.feature, one.between, one.measure)), *numbers]) + " |")
    if len(drifted) > _MOST_LISTED:
        lines += ["", f"… and {len(drifted) - _MOST_LISTED} more; the report lists all."]
    return "\n".join([*lines, ""])
