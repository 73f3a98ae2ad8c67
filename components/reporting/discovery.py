"""Discover slices that nobody named among the examples of the eval split.

In: raw examples, the candidate, the verdict. Out: `Discovery`, which the report holds.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from components.reporting.tables import scored_batches
from fairgate.counting.config import LabelSpec
from fairgate.discovery.events import ACCURACY, RATES, HarmfulRate, question
from fairgate.discovery.gather import ExampleBatch, ExampleGatherer, hash_of
from fairgate.discovery.result import Discovery
from fairgate.discovery.rows import Condition, Hashes
from fairgate.gate.outcome import RuleLine
from fairgate.names import CANDIDATE, CLASS, LEAST_DISTINCT, pairs_of

MOST_ROWS = 200_000  # of the eval split, the first; scoring more would take longer than the rest of the report
CONTENT = "content"  # what examples of one cluster have in common
USUAL = ("false_positive_rate", 0.5)


def asked_by(rules: Iterable[RuleLine], labels: LabelSpec) -> HarmfulRate:
    """Return what makes a slice bad: the first rate that a rule judges, at its threshold; accuracy of several classes."""
    if labels.kind != "binary":
        return question(ACCURACY, (), len(labels.classes))
    judged = [(rule.metric, rule.threshold) for rule in rules if rule.metric in RATES and rule.threshold is not None]
    metric, threshold = next(((metric, at) for metric, at in judged if metric != "positive_rate"), USUAL)
    return question(metric, (threshold,), 2)


def discovered(
    uri: str, models: Mapping[str, str], labels: LabelSpec, slice_features: Sequence[str], asked: HarmfulRate
) -> Discovery | None:
    """Discover slices in the first `MOST_ROWS` examples of the eval split.

    Args:
        uri: artifact of raw examples.
        models: name -> folder of the SavedModel; the candidate is asked.
        labels: of the task.
        slice_features: whose values are combined.
        asked: what makes a slice bad.

    Returns:
        None where there is nothing to slice by.
    """
    if not slice_features:
        return None
    gatherer, keys, rows = ExampleGatherer(asked), list[Hashes](), 0
    for serialized, scored in scored_batches(uri, {CANDIDATE: models[CANDIDATE]}, labels, slice_features):
        contents = np.array([hash_of(example) for example in serialized], np.uint64)
        gatherer.add(example_batch(scored, labels, contents))
        keys.append(contents)
        rows += len(serialized)
        if rows >= MOST_ROWS:
            break
    copied = rows > 0 and np.unique(np.concatenate(keys)).size < LEAST_DISTINCT * rows
    return gatherer.discovery(CONTENT if copied else "")


def example_batch(scored: pd.DataFrame, labels: LabelSpec, contents: Hashes) -> ExampleBatch:
    """Return scored examples as a discovery takes them.

    Args:
        scored: as `tables.scored_batches` yields them.
        labels: of the task.
        contents: a hash of each, equal for copies.
    """
    members: dict[Condition, list[int]] = {}
    for row, names in enumerate(scored["slices"]):
        for feature, value in (pair for name in names for pair in pairs_of(name) if pair[0] != CLASS):
            members.setdefault(Condition(feature, value), []).append(row)
    if labels.kind == "binary":
        label = (scored["label"] == labels.classes[1]).to_numpy(bool)
    else:
        label = (scored["label"] == scored["predicted"]).to_numpy(bool)
    scores = scored[CANDIDATE].to_numpy(np.float64)
    return ExampleBatch(label, scores, {name: np.unique(rows) for name, rows in members.items()}, clusters=contents)
