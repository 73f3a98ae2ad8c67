"""Evaluate predictions that are held in arrays: of any model, without a pipeline.

In: labels, scores of one to three models, slices, weights. Out: `Evaluation`, as the pipeline's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fairgate import prediction_arguments as arguments
from fairgate.counting.cells import Ints
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
        thresholds: rising, between 0 and 1; a score above one is a positive decision.
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

    def evaluated(models: Mapping[str, npt.ArrayLike], settings: CountSettings) -> Evaluation:
        return evaluate_counts(count_predictions(known, models, values, settings, importance, intersections, clusters))

    if not {CANDIDATE, REFERENCE} <= set(answers):
        return evaluated(answers, settings)
    others = {model: of_model for model, of_model in answers.items() if model != REFERENCE}
    beside = {model: answers[model] for model in (REFERENCE, CANDIDATE)}
    ranked = replace(settings, auc_slices=(OVERALL, *auc_slices))
    return with_reference(evaluated(others, settings), evaluated(beside, ranked))


def count_predictions(
    labels: npt.ArrayLike,
    scores: Mapping[str, npt.ArrayLike],
    slices: Mapping[str, Sequence[str | Sequence[str] | None]],
    settings: CountSettings,
    weights: npt.ArrayLike | None = None,
    intersections: Sequence[tuple[str, str]] = (),
    clusters: Sequence[object] | None = None,
) -> EvaluationCounts:
    """Count the examples behind `evaluate_predictions`, whose arguments these are."""
    arrays = {LABEL: _singles(np.asarray(labels, np.float64))}
    if not len(arrays[LABEL]):
        raise InputError("labels is empty, so nothing can be evaluated; give at least one example.")
    if weights is not None:
        arrays[WEIGHT] = _singles(np.asarray(weights, np.float64))
    for name in (LABEL, WEIGHT, *([CLASS] if settings.kind == "multiclass" else [])):
        if name in slices:
            raise InputError(f"slices has a feature {name!r}, a name that is taken here; give the feature another name.")
    arrays |= {name: _values(of_rows) for name, of_rows in slices.items()}
    batch = pa.RecordBatch.from_arrays(list(arrays.values()), list(arrays))
    specs = [SliceSpec(), *(SliceSpec((name,)) for name in slices), *(SliceSpec(pair) for pair in intersections)]
    specs += [SliceSpec((LABEL,))] if settings.kind == "multiclass" else []
    buckets = _buckets(clusters, batch.num_rows)
    answers = [np.asarray(of_model) for of_model in scores.values()]
    order = list(scores)
    pair = compared_pair(order)
    tally = SliceTally(settings, pair and (order.index(pair[0]), order.index(pair[1])))
    for at in range(0, batch.num_rows, COUNTED_ROWS):
        columns = Columns([batch.slice(at, COUNTED_ROWS)], arrays)
        rows = slice(at, at + columns.rows)
        known, importance = columns.labels(settings), columns.weights(settings)
        observed = [observe(known, of_model[rows], importance, settings, buckets[rows]) for of_model in answers]
        tally.add(members(columns, specs, columns.rows), observed)
    return _named(tally.counts(), order, settings, pair is not None)


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


def _buckets(clusters: Sequence[object] | None, rows: int) -> Ints:
    """Return int64[rows]: the bucket of every row, equal where its cluster is equal; without clusters spread evenly."""
    if clusters is None:
        return (np.arange(rows, dtype=np.int64) * GOLDEN % 2**32 * BUCKETS) >> 32
    if len(clusters) != rows:
        raise InputError(f"clusters has {len(clusters)} values for {rows} examples; give one for every example.")
    return np.array([bucket_of(str(value).encode()) for value in clusters], np.int64)


def _named(counted: SliceCounts, models: Sequence[str], settings: CountSettings, paired: bool) -> EvaluationCounts:
    """Return the counts by the names of models and slices, without the intersections that are too small."""
    names = {key: slice_name_of(key, LABEL, settings.classes if settings.kind == "multiclass" else ()) for key in counted}
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
        unknown={feature: rows for feature, rows in unknown.items() if feature != LABEL},
    )
