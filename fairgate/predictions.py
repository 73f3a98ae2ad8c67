"""Evaluate predictions that are held in arrays: of any model, without a pipeline.

In: labels, scores of one to three models, slices, weights. Out: `Evaluation`, as the pipeline's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fairgate import prediction_arguments as arguments
from fairgate.counting.cells import Ints, Predictions
from fairgate.counting.columns import Columns
from fairgate.counting.counts import layout, observe
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.joint import BUCKETS, bucket_of, compared_pair
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceSpec, members, slice_name_of
from fairgate.counting.tally import SliceCounts, SliceTally, example_count
from fairgate.errors import InputError
from fairgate.evaluation import evaluate_counts, with_reference
from fairgate.measurement import Evaluation
from fairgate.names import CANDIDATE, CLASS, OVERALL, REFERENCE

LABEL, WEIGHT = "labels", "weights"  # as the arguments are called
COUNTED_ROWS = 1 << 16  # that are sliced and counted at once
GOLDEN = 2_654_435_769  # 2^32 / golden ratio: its multiples lie evenly, whatever the order of the rows


def evaluate_predictions(
    labels: npt.ArrayLike,
    scores: Mapping[str, npt.ArrayLike],
    slices: Mapping[str, Sequence[str | Sequence[str] | None]] | None = None,
    *,
    thresholds: Sequence[float] = (0.5,),
    weights: npt.ArrayLike | None = None,
    classes: tuple[str, ...] = ("0", "1"),
    intersections: Sequence[tuple[str, str]] = (),
    min_intersection: int = 1,
    clusters: Sequence[object] | None = None,
    auc_slices: Sequence[str] = (),
) -> Evaluation:
    """Evaluate models on N examples.

    Args:
        labels: int[N]: 0 or 1, or 0 … C - 1 where there are more than two classes.
        scores: model ("candidate", "baseline", "reference") -> float[N], or float[N, C] probabilities of C > 2 classes.
        slices: feature -> the value of every example, or its values where an example may have several; None or NaN for none.
        thresholds: rising; a score above one is a positive decision.
        weights: float[N] example weights.
        classes: names of the classes.
        intersections: pairs of features whose combined values are slices too.
        min_intersection: combined slices with fewer examples are left out, and listed.
        clusters: a value of every example, the same for examples that are not independent: of one user, thread or document.
        auc_slices: patterns of the slices whose AUCs of baseline and candidate are compared; of reference and candidate always
            those of all examples.

    Raises:
        InputError: an argument that cannot be counted, see `prediction_arguments`; a feature called "labels", "weights" or, of
            more than two classes, "class".
    """
    known = arguments.label_array(labels, classes)
    answers = arguments.score_arrays(scores, len(known), len(classes))
    importance = None if weights is None else arguments.weight_array(weights, len(known))
    values = arguments.slice_values(slices, len(known))
    arguments.check_intersections(intersections, values, min_intersection)
    if clusters is not None:
        arguments.check_clusters(clusters, len(known))
    settings = CountSettings(
        label_key=LABEL,
        classes=classes,
        kind="binary" if len(classes) == 2 else "multiclass",
        weight_key=None if weights is None else WEIGHT,
        thresholds=arguments.rising_thresholds(thresholds) if len(classes) == 2 else (),
        min_intersection=min_intersection,
        clustered=clusters is not None,
        auc_slices=arguments.patterns(auc_slices),
    )

    spreads = buckets_of(clusters, len(known))
    batch = _batch(known, values, importance, settings)
    counter = PredictionCounter(settings, list(answers), list(values), intersections)
    counter.add(batch, {model: np.asarray(of_model) for model, of_model in answers.items()}, spreads)
    return counter.evaluation()


def count_predictions(
    labels: npt.ArrayLike,
    scores: Mapping[str, npt.ArrayLike],
    slices: Mapping[str, Sequence[str | Sequence[str] | None]],
    settings: CountSettings,
    weights: npt.ArrayLike | None = None,
    intersections: Sequence[tuple[str, str]] = (),
    clusters: Sequence[object] | None = None,
) -> EvaluationCounts:
    """Count the examples behind `evaluate_predictions`, whose arguments these are; of two or three models in one table."""
    counter = _Counter(settings, list(scores), list(slices), intersections)
    spreads = buckets_of(clusters, len(np.asarray(labels)))
    batch = _batch(labels, slices, weights, settings)
    for at in range(0, batch.num_rows, COUNTED_ROWS):
        part = slice(at, at + COUNTED_ROWS)
        answers = {model: np.asarray(of_model)[part] for model, of_model in scores.items()}
        counter.add(batch.slice(at, COUNTED_ROWS), answers, spreads[part])
    return counter.counts()


class PredictionCounter:
    """Counts batches of predictions of one to three models, in memory that does not grow with their number. Not thread-safe."""

    def __init__(
        self,
        settings: CountSettings,
        models: Sequence[str],
        features: Sequence[str],
        intersections: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Start empty.

        Args:
            settings: how to count; the batches have its columns.
            models: names of the models, "candidate" among them.
            features: names of the slice features.
            intersections: pairs of features whose combined values are slices too.

        Raises:
            InputError: a feature has the name of another column.
        """
        _check_names(features, settings)
        self._own = [model for model in models if model != REFERENCE or CANDIDATE not in models]
        self._beside = [] if self._own == list(models) else [REFERENCE, CANDIDATE]
        self._counter = _Counter(settings, self._own, features, intersections)
        ranked = replace(settings, auc_slices=(OVERALL, *settings.auc_slices))
        self._reference = _Counter(ranked, self._beside, features, intersections) if self._beside else None

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
            answers = {model: of_model[rows] for model, of_model in scores.items()}
            for counter in filter(None, (self._counter, self._reference)):
                counter.add(part, answers, buckets[rows])

    def counts(self, clustered: bool | None = None, distinct: int | None = None) -> EvaluationCounts:
        """Return the counts of the candidate, and of the baseline beside it.

        Args:
            clustered: whether the intervals take the buckets into account; None for what the settings say.
            distinct: how many examples differ; None where that was not counted.
        """
        return _settled(self._counter.counts(), clustered, distinct)

    def evaluation(self, counts: EvaluationCounts | None = None) -> Evaluation:
        """Return every metric of everything added so far.

        Args:
            counts: what `counts` returned; None to count now, as the settings say.
        """
        known = self.counts() if counts is None else counts
        measured = evaluate_counts(known)
        if self._reference is None:
            return measured
        beside = _settled(self._reference.counts(), known.settings.clustered, known.settings.distinct)
        return with_reference(measured, evaluate_counts(beside))


class _Counter:
    """Counts batches of one table of models."""

    def __init__(
        self, settings: CountSettings, models: Sequence[str], features: Sequence[str], intersections: Sequence[tuple[str, str]]
    ) -> None:
        self._settings, self._models = settings, list(models)
        self._specs = [SliceSpec(), *(SliceSpec((name,)) for name in features), *(SliceSpec(pair) for pair in intersections)]
        self._specs += [SliceSpec((settings.label_key,))] if settings.kind == "multiclass" else []
        self._pair = compared_pair(self._models)
        places = None if self._pair is None else (self._models.index(self._pair[0]), self._models.index(self._pair[1]))
        self._tally = SliceTally(settings, places)

    def add(self, batch: pa.RecordBatch, scores: Mapping[str, Predictions], buckets: Ints) -> None:
        columns = Columns([batch], batch.schema.names)
        known, importance = columns.labels(self._settings), columns.weights(self._settings)
        observed = [observe(known, scores[model], importance, self._settings, buckets) for model in self._models]
        self._tally.add(members(columns, self._specs, columns.rows), observed)

    def counts(self) -> EvaluationCounts:
        return _named(self._tally.counts(), self._models, self._settings, self._pair is not None)


def _settled(counts: EvaluationCounts, clustered: bool | None, distinct: int | None) -> EvaluationCounts:
    """Return the counts with what is known only after the last example."""
    settings = replace(counts.settings, distinct=distinct)
    return replace(counts, settings=settings if clustered is None else replace(settings, clustered=clustered))


def _batch(
    labels: npt.ArrayLike,
    slices: Mapping[str, Sequence[str | Sequence[str] | None]],
    weights: npt.ArrayLike | None,
    settings: CountSettings,
) -> pa.RecordBatch:
    """Return arrays as the list columns that are counted."""
    _check_names(slices, settings)
    arrays = {LABEL: _singles(np.asarray(labels, np.float64))}
    if weights is not None:
        arrays[WEIGHT] = _singles(np.asarray(weights, np.float64))
    arrays |= {name: _values(of_rows) for name, of_rows in slices.items()}
    return pa.RecordBatch.from_arrays(list(arrays.values()), list(arrays))


def _check_names(features: Iterable[str], settings: CountSettings) -> None:
    taken = {settings.label_key, settings.weight_key or WEIGHT, *([CLASS] if settings.kind == "multiclass" else [])}
    if wrong := [name for name in features if name in taken]:
        raise InputError(f"slices has a feature {wrong[0]!r}, a name that is taken here; give the feature another name.")


def _singles(values: npt.NDArray[np.float64]) -> pa.Array:
    """Return a list column with one value in every row."""
    return pa.ListArray.from_arrays(np.arange(len(values) + 1, dtype=np.int32), pa.array(values))


def _values(of_rows: Sequence[str | Sequence[str] | None]) -> pa.Array:
    """Return the list column of a feature."""
    single = [isinstance(each, str) for each in of_rows]
    if all(single):
        return pa.ListArray.from_arrays(np.arange(len(of_rows) + 1, dtype=np.int32), pa.array(of_rows, pa.string()))
    if any(single):
        of_rows = [[each] if isinstance(each, str) else each for each in of_rows]
    return pa.array(of_rows, pa.list_(pa.string()))


def buckets_of(clusters: Sequence[object] | None, rows: int) -> Ints:
    """Return int64[rows]: the bucket of every row, equal where its cluster is equal; without clusters spread evenly."""
    if clusters is None:
        return (np.arange(rows, dtype=np.int64) * GOLDEN % 2**32 * BUCKETS) >> 32
    return np.array([bucket_of(str(value).encode()) for value in clusters], np.int64)


def _named(counted: SliceCounts, models: Sequence[str], settings: CountSettings, paired: bool) -> EvaluationCounts:
    """Return the counts by the names of models and slices, without the intersections that are too small."""
    names = {
        key: slice_name_of(key, settings.label_key, settings.classes if settings.kind == "multiclass" else ()) for key in counted
    }
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
        ranks={name: of_slice.ranks for name, of_slice in kept.items() if of_slice.ranks.keys.size},
        unknown={feature: rows for feature, rows in unknown.items() if feature != settings.label_key},
    )
