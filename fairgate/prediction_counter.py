"""Count predictions batch by batch into an evaluation: of up to some million rows exactly, of more in bounded memory.

In: Arrow batches of labels, weights and features, and arrays of scores. Out: `EvaluationCounts` and `Evaluation`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from fairgate.counting.cells import Floats, Ints, Predictions
from fairgate.counting.columns import Columns
from fairgate.counting.counts import layout, observe
from fairgate.counting.detail import EvaluationCounts, SliceAucs
from fairgate.counting.held import Held, HeldRows, Rowwise
from fairgate.counting.joint import compared_pair
from fairgate.counting.order import ScoreOrder, order_scores
from fairgate.counting.ranks import RANK_CELLS
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import Flags, SliceKey, SliceSpec, members, slice_name_of
from fairgate.counting.tally import SliceCounts, SliceTally, example_count
from fairgate.counting.threads import at_once
from fairgate.counting.whole import counts_of, decisions_of, scores_of
from fairgate.errors import InputError
from fairgate.evaluation import evaluate_counts, with_reference
from fairgate.measurement import Evaluation
from fairgate.metrics.exact_auc import RankedModels
from fairgate.names import CANDIDATE, CLASS, OVERALL, REFERENCE, matching

WEIGHT = "weights"
COUNTED_ROWS = 1 << 16  # that are sliced and counted at once
EXACT_ROWS = 4_000_000  # of a binary task are held, unless it is asked for otherwise
MANY_ROWS = 1 << 31  # more than can be numbered
LONG_BINS = 2048  # of the scores of long tables: 2^15 cells; twice as many made an AUC's greatest error .00014 instead of .00015
FEW_RANK_CELLS = 1 << 14  # of long tables, so that their joint counts need little memory
PAIRS_PER_ROW = 8  # pairs of row and slice that are held at most, for each of these rows

Crossed = tuple[str, str] | SliceSpec


class PredictionCounter:
    """Counts batches of predictions of one to three models. Not thread-safe.

    Up to `EXACT_ROWS` rows of a binary task are held in a few bytes each, counted at once, and their AUCs computed from all
    scores in order. Beyond, and for more classes, memory does not grow with the number of rows: AUCs come from tables of scores.
    """

    def __init__(
        self,
        settings: CountSettings,
        models: Sequence[str],
        features: Sequence[str],
        intersections: Sequence[Crossed] = (),
    ) -> None:
        """Start empty.

        Args:
            settings: how to count; the batches have its columns.
            models: names of the models, "candidate" among them.
            features: names of the slice features.
            intersections: pairs of features whose combined values are slices too, and single such slices.

        Raises:
            InputError: a feature has the name of another column.
        """
        check_names(features, settings)
        self._settings, self._models = settings, list(models)
        self._specs = specs_of(settings, features, intersections)
        own = [model for model in models if model != REFERENCE or CANDIDATE not in models]
        self._tables = [own] if own == list(models) else [own, [REFERENCE, CANDIDATE]]
        self._most = EXACT_ROWS if settings.exact_auc is None else MANY_ROWS if settings.exact_auc else 0
        held = settings.kind == "binary" and self._most > 0
        self._held = HeldRows(models, settings.thresholds) if held else None
        self._done: list[EvaluationCounts] | None = None
        finer = [replace(self._of_table(at), score_bins=LONG_BINS) for at in range(len(self._tables))]
        self._tallies = [ModelTable(own, table, FEW_RANK_CELLS) for own, table in zip(finer, self._tables, strict=True)]

    def add(self, batch: pa.RecordBatch, scores: Mapping[str, Predictions], buckets: Ints) -> None:
        """Add examples.

        Args:
            batch: list columns: the label, the weight if there is one, and every feature; the names are those of the settings.
            scores: model -> float[N] scores, or float[N, C] probabilities; NaN is an invalid score.
            buckets: int64[N], see `buckets_of`.

        Raises:
            InputError: labels, scores or weights that cannot be counted.
        """
        for at in range(0, batch.num_rows, COUNTED_ROWS):
            part, rows = batch.slice(at, COUNTED_ROWS), slice(at, at + COUNTED_ROWS)
            columns = Columns([part], part.schema.names)
            known, importance = columns.labels(self._settings), columns.weights(self._settings)
            self.add_rows(known, importance, buckets[rows], {model: of[rows] for model, of in scores.items()}, columns)

    def add_rows(
        self,
        labels: Ints,
        weights: Floats,
        buckets: Ints,
        scores: Mapping[str, Predictions],
        columns: Callable[[str], pa.Array | Flags],
    ) -> None:
        """Add examples whose labels int64[N] and weights float64[N] are checked; `columns` returns those of the features."""
        rows = Rowwise(labels, weights, buckets, scores, members(columns, self._specs, len(labels)))
        if self._held is None:
            self._tally(rows)
            return
        self._held.add(rows)
        if self._held.rows > self._most or self._held.pairs > PAIRS_PER_ROW * self._most:
            held, self._held = self._held, None
            for batch in held.batches():
                self._tally(batch)

    @property
    def slices(self) -> Collection[SliceKey]:
        """Return the keys of the slices of everything that was added so far."""
        return self._tallies[0].slices if self._held is None else self._held.slices

    def counts(self, clustered: bool | None = None, distinct: int | None = None) -> EvaluationCounts:
        """Return the counts of the candidate, and of the baseline beside it; nothing can be added any more.

        Args:
            clustered: whether the intervals take the buckets into account; None for what the settings say.
            distinct: how many examples differ; None where that was not counted.
        """
        return _settled(self._counted()[0], clustered, distinct)

    def evaluation(self, clustered: bool | None = None, distinct: int | None = None) -> Evaluation:
        """Return every metric of everything that was added; see `counts`."""
        own, *beside = (evaluate_counts(_settled(counts, clustered, distinct)) for counts in self._counted())
        return with_reference(own, beside[0]) if beside else own

    def _counted(self) -> list[EvaluationCounts]:
        """Return the counts of every table of models, counted once."""
        if self._done is None:
            if self._held is None or not self._held.rows:
                self._done = [tally.counts() for tally in self._tallies]
            else:
                tables = [(self._of_table(at), table) for at, table in enumerate(self._tables)]
                self._done, self._held = _count_exactly(self._held.joined(), tables), None
        return self._done

    def _tally(self, rows: Rowwise) -> None:
        for tally in self._tallies:
            tally.add(rows)

    def _of_table(self, at: int) -> CountSettings:
        """Return the settings of a table; beside the reference the AUCs of all examples are compared whatever the policy."""
        return replace(self._settings, auc_slices=(OVERALL, *self._settings.auc_slices)) if at else self._settings


def specs_of(settings: CountSettings, features: Sequence[str], intersections: Sequence[Crossed]) -> list[SliceSpec]:
    """Return the slices of an evaluation: all rows, every feature, the intersections, and the classes if there are several."""
    crossed = [each if isinstance(each, SliceSpec) else SliceSpec(each) for each in intersections]
    specs = [SliceSpec(), *(SliceSpec((name,)) for name in features), *crossed]
    return [*specs, SliceSpec((settings.label_key,))] if settings.kind == "multiclass" else specs


class ModelTable:
    """Counts batches of one table of models, in memory that does not grow with their number."""

    def __init__(self, settings: CountSettings, models: Sequence[str], rank_cells: int = RANK_CELLS) -> None:
        """Start empty; of two models that are compared there are joint counts too. See `SliceTally` for `rank_cells`."""
        self._settings, self._models = settings, models
        self._pair = compared_pair(self._models)
        places = None if self._pair is None else (self._models.index(self._pair[0]), self._models.index(self._pair[1]))
        self._tally = SliceTally(settings, places, rank_cells)

    def add(self, rows: Rowwise) -> None:
        """Add a batch."""
        observed = [
            observe(rows.labels, rows.scores[model], rows.weights, self._settings, rows.buckets) for model in self._models
        ]
        self._tally.add(rows.membership, observed)

    @property
    def slices(self) -> Collection[SliceKey]:
        """Return the keys of the slices so far."""
        return self._tally.slices

    def counts(self) -> EvaluationCounts:
        """Return the counts by the names of models and slices."""
        return _named(self._tally.counts(), self._models, self._settings, self._pair is not None)


def check_names(features: Iterable[str], settings: CountSettings) -> None:
    """Refuse features that have the name of another column.

    Raises:
        InputError: see there.
    """
    taken = {settings.label_key, settings.weight_key or WEIGHT, *([CLASS] if settings.kind == "multiclass" else [])}
    if wrong := [name for name in features if name in taken]:
        raise InputError(f"slices has a feature {wrong[0]!r}, a name that is taken here; give the feature another name.")


def _count_exactly(held: Held, tables: Sequence[tuple[CountSettings, list[str]]]) -> list[EvaluationCounts]:
    """Count held rows: one table of models after the other, each model's scores sorted once."""
    settings = tables[0][0]
    models = list(dict.fromkeys(model for _, table in tables for model in table))
    compared = [list(compared_pair(table) or table) for _, table in tables]
    decisions = [decisions_of(held, each, own.thresholds) for each, (own, _) in zip(compared, tables, strict=True)]
    complete = all(np.isfinite(of_model).all() for of_model in held.scores.values())
    sorted_scores = at_once(lambda model: scores_of(held, model, settings, last=complete), models, len(held.labels))
    orders = {model: order for model, (order, _) in zip(models, sorted_scores, strict=True)}
    scores = {model: of_slices for model, (_, of_slices) in zip(models, sorted_scores, strict=True)}
    counted = []
    for each, decided, (own, table) in zip(compared, decisions, tables, strict=True):
        counts = counts_of(decided, [scores[model] for model in each], held.unknown, own)
        named = _named(counts, each, own, compared_pair(table) is not None)
        counted.append(replace(named, aucs=_aucs(held, {model: orders[model] for model in each}, named)))
    return counted


def _aucs(held: Held, orders: Mapping[str, ScoreOrder], counts: EvaluationCounts) -> dict[str, SliceAucs]:
    """Return the AUCs of all slices, with the covariances of the compared models where the settings ask for them."""
    alone = [RankedModels({model: order}, held.labels, held.weights) for model, order in orders.items()]
    both = _ranked_together(held, orders)
    same_rows = all(order.complete for order in orders.values())

    def of_slice(name: str) -> SliceAucs:
        key = counts.keys[name]
        covered = any(not key or matching(pattern, [name]) for pattern in counts.settings.auc_slices)

        def of(ranked: RankedModels) -> SliceAucs:
            return ranked.aucs(*held.lesser(key)) if key else ranked.overall()

        together = of(both) if both is not None and covered else None
        if together is None or not same_rows:
            of_models = [of(ranked).models for ranked in alone]
            covariances = {} if together is None else together.covariances
            together = SliceAucs({model: own for each in of_models for model, own in each.items()}, covariances)
        return together

    return dict(zip(counts.keys, at_once(of_slice, counts.keys, len(held.labels)), strict=True))


def _ranked_together(held: Held, orders: Mapping[str, ScoreOrder]) -> RankedModels | None:
    """Return two models on the rows that both answered; None for one model."""
    if len(orders) < 2:
        return None
    if all(order.complete for order in orders.values()):
        return RankedModels(orders, held.labels, held.weights)
    valid = np.logical_and.reduce([order.places >= 0 for order in orders.values()])
    common = {model: np.where(valid, held.scores[model], np.nan) for model in orders}
    ordered = {model: order_scores(scores, held.labels)[0] for model, scores in common.items()}
    return RankedModels(ordered, held.labels, held.weights)


def _settled(counts: EvaluationCounts, clustered: bool | None, distinct: int | None) -> EvaluationCounts:
    """Return the counts with what is known only after the last example."""
    settings = replace(counts.settings, distinct=distinct)
    return replace(counts, settings=settings if clustered is None else replace(settings, clustered=clustered))


def _named(counted: SliceCounts, models: Sequence[str], settings: CountSettings, paired: bool) -> EvaluationCounts:
    """Return the counts by the names of models and slices, without the intersections that are too small.

    The order of the slices is that of an evaluation in a run, whichever came first in the table.
    """
    names = {
        key: slice_name_of(key, settings.label_key, settings.classes if settings.kind == "multiclass" else ()) for key in counted
    }
    counted = {key: counted[key] for key in sorted(counted, key=lambda key: (len(key), names[key]))}
    sizes = {key: example_count(layout(settings).read(of_slice.models[0].totals)) for key, of_slice in counted.items()}
    omitted = {names[key]: size for key, size in sizes.items() if len(key) > 1 and size < settings.min_intersection}
    kept = {names[key]: of_slice for key, of_slice in counted.items() if names[key] not in omitted}
    unknown = kept[OVERALL].unknown if OVERALL in kept else {}
    return EvaluationCounts(
        settings=settings,
        counts={model: {name: of_slice.models[at] for name, of_slice in kept.items()} for at, model in enumerate(models)},
        keys={names[key]: key for key in counted if names[key] in kept},
        omitted=omitted,
        joint={name: of_slice.joint for name, of_slice in kept.items()} if paired else {},
        ranks={name: of_slice.ranks for name, of_slice in kept.items() if of_slice.ranks.cells.keys.size},
        unknown={feature: rows for feature, rows in unknown.items() if feature != settings.label_key},
    )
