"""Count a table of predictions, batch by batch, into an evaluation.

In: batches and roles. Out: `CountedTable`. Whether rows are copies is seen in the same pass.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from fairgate.counting.cells import Predictions
from fairgate.counting.columns import checked_weights
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.freed import give_back
from fairgate.counting.joint import BUCKETS
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Flags, SliceKey
from fairgate.errors import InputError
from fairgate.judging import groups, values
from fairgate.judging.copies import Copies, Hashes, bits, hash_values, hashes, is_fine, mixed
from fairgate.judging.decisions import DecisionReader, positives, read_classes
from fairgate.judging.keys import cluster_names, content_keys
from fairgate.judging.labels import LabelReader
from fairgate.judging.roles import LABEL, Roles
from fairgate.measurement import Evaluation
from fairgate.metrics.registry import Need
from fairgate.names import PAIR, composed
from fairgate.prediction_counter import Crossed, PredictionCounter

MOST_SLICES = 1_000
LEAST_DISTINCT = 0.95  # below this share of distinct rows the intervals take copies into account


@dataclass(frozen=True)
class CountedTable:
    """What was counted of a table.

    Attributes:
        evaluation: every metric of every slice of every model.
        detail: the counts behind those of candidate and baseline.
        rows: of the table.
        lacking: what there was none of: "labels", or "scores" where there were decisions alone.
        empty_clusters: rows whose cell of the cluster is empty; all of them are one cluster.
    """

    evaluation: Evaluation
    detail: EvaluationCounts
    rows: int
    lacking: frozenset[Need] = frozenset()
    empty_clusters: int = 0


def count(
    batches: Iterable[tuple[int, pa.RecordBatch]],
    roles: Roles,
    settings: CountSettings,
    intersections: Sequence[Crossed] = (),
    cuts: Mapping[str, float] = MappingProxyType({}),
) -> CountedTable:
    """Count all batches.

    Args:
        batches: the number of the first row, and the columns of the roles; are iterated twice where --positive names a decision.
        roles: resolved.
        settings: with thresholds and patterns of slices.
        intersections: pairs of features whose combined values are slices too, and single such slices.
        cuts: model -> what its score is compared with; each score is then a decision, 1 above it and 0 else. Empty for none.

    Raises:
        InputError: a column cannot be read as what it is named for, or there are no rows.
    """
    counter = PredictionCounter(settings, list(roles.models), roles.features, intersections)
    readers = _Readers(roles, settings, positives(batches, roles) if settings.kind == "binary" else {})
    copies = Copies(keyed=roles.content is not None)
    rows = empty = 0
    listed = set[str]()
    for first_row, batch in batches:
        read = _Batch(batch, roles, settings, first_row, readers)
        clusters = contents = read.hashes if roles.content is None else content_keys(batch, roles.content)
        if roles.cluster is not None:
            names = cluster_names(batch, roles.cluster)
            clusters = hash_values(names)
            empty += names.null_count
        copies.add(contents, read.hashes_of_scores())
        scores = {model: _above(of_model, cuts[model]) if cuts else of_model for model, of_model in read.scores.items()}
        buckets = (clusters % np.uint64(BUCKETS)).astype(np.int64)
        counter.add_rows(read.labels, read.weights, buckets, scores, read.columns.__getitem__)
        if len(counter.slices) > MOST_SLICES:
            _refuse_slices(counter.slices)
        rows += batch.num_rows
        listed |= {name for name in roles.slices if pa.types.is_nested(batch.schema.field(name).type)}
    if not rows:
        raise InputError("The table has no rows, so nothing can be judged; give at least one prediction.")
    readers.finish()
    give_back(rows)
    distinct = copies.distinct()
    del copies  # its hashes are no longer needed
    clustered = roles.cluster is not None or (distinct is not None and distinct < LEAST_DISTINCT * rows)
    evaluation, detail = counter.evaluation(clustered, distinct), counter.counts(clustered, distinct)
    evaluation = replace(evaluation, single_valued=tuple(composed(name) for name in roles.slices if name not in listed))
    return CountedTable(evaluation, detail, rows, lacking(roles), empty)


def _refuse_slices(slices: Iterable[SliceKey]) -> None:
    """Refuse more slices than anybody reads: each is measured, judged and drawn.

    Raises:
        InputError: there are too many, those by label left aside; names the feature with the most values.
    """
    keys = [key for key in slices if key and key[0][0] != LABEL]
    if len(keys) > MOST_SLICES:
        names = Counter(tuple(name for name, _ in key) for key in keys)
        (widest, number) = names.most_common(1)[0]
        raise InputError(
            f"There are more than {MOST_SLICES:,} groups, {number:,} of them by {PAIR.join(widest)} so far, and each is judged; "
            "name columns of few values, such as the first two digits of a postcode. `fairgate discover` finds the worst of many."
        )


def lacking(roles: Roles) -> frozenset[Need]:
    """Return what a table has none of: "labels", or "scores" where it has decisions alone."""
    none: dict[Need, bool] = {"labels": roles.label is None, "scores": not roles.scores}
    return frozenset(need for need, absent in none.items() if absent)


def _above(scores: Predictions, cut: float) -> Predictions:
    return np.where(np.isfinite(scores), (scores > cut).astype(np.float64), np.nan)


class _Readers:
    """What reads the label, and decisions of two kinds, of all batches."""

    def __init__(self, roles: Roles, settings: CountSettings, of_decisions: Mapping[str, str | None]) -> None:
        named, classes = roles.label, settings.classes
        self.label = None if named is None else LabelReader(named, classes, roles.positive, numbered=roles.numbered)
        self.decisions = {name: DecisionReader(name, positive) for name, positive in of_decisions.items()}

    def finish(self) -> None:
        """Check what only all rows together show."""
        if self.label is not None:
            self.label.finish()
        for reader in self.decisions.values():
            reader.finish()


class _Batch:
    """The columns of a batch, read.

    Attributes:
        labels: int64[N].
        weights: float64[N]; 1 where there are none.
        columns: feature -> its list column of text, or flags.
        scores: model -> float64[N] or float64[N, C].
        hashes: uint64[N], of all of these.
    """

    def __init__(self, batch: pa.RecordBatch, roles: Roles, settings: CountSettings, first_row: int, readers: _Readers) -> None:
        def column(name: str) -> pa.Array:
            return batch.column(batch.schema.get_field_index(name))

        self.labels = np.zeros(batch.num_rows, np.int64)  # where there are none, nothing is said that rests on them
        if readers.label is not None and roles.label is not None:
            self.labels = readers.label.read(column(roles.label), first_row)
        self.weights = np.ones(batch.num_rows)
        if roles.weight is not None:
            self.weights = checked_weights(values.read_weights(column(roles.weight), roles.weight), roles.weight)
        self.columns: dict[str, pa.Array | Flags] = {
            composed(name): groups.read_feature(column(name), name) for name in roles.slices
        }
        for feature, names in roles.groups.items():
            self.columns[composed(feature)] = groups.read_groups([column(name) for name in names], names, first_row)
        self.scores: dict[str, Predictions] = {}
        for model, of_model in roles.scores.items():
            named = [of_model] if isinstance(of_model, str) else list(of_model)
            self.scores[model] = values.read_scores([column(name) for name in named], named, settings.thresholds, first_row)
        for model, name in roles.decisions.items():
            if settings.kind == "binary":
                self.scores[model] = readers.decisions[name].read(column(name), first_row)
            else:
                self.scores[model] = read_classes(column(name), name, settings.classes, first_row)
        self.hashes = hashes(self.labels, self.columns.values(), [*self.scores.values(), self.weights])
        if settings.kind != "binary":  # each class is a slice
            self.columns[LABEL] = values.singles(self.labels)

    def hashes_of_scores(self) -> Hashes:
        """Return a hash of the scores of every row; 0 where none has five or more significant digits."""
        fine = np.zeros(len(self.labels), bool)
        for scores in self.scores.values():
            (left,) = np.nonzero(~fine)
            fine[left] = is_fine((scores if scores.ndim == 1 else scores[:, 0])[left])
        return np.where(fine, mixed(bits(self.scores.values())), np.uint64(0))
