"""Evaluate predictions that are held in arrays: of any model, without a pipeline.

In: labels, scores of one to three models, slices, weights. Out: `Evaluation`, as the pipeline's own.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fairgate import prediction_arguments as arguments
from fairgate.counting.cells import Ints
from fairgate.counting.columns import Columns
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.held import Rowwise
from fairgate.counting.joint import BUCKETS, bucket_of
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import members
from fairgate.measurement import Evaluation
from fairgate.prediction_counter import COUNTED_ROWS, WEIGHT, ModelTable, check_names, specs_of
from fairgate.prediction_counter import PredictionCounter as PredictionCounter

LABEL = "labels"  # as the argument is called
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
    table = ModelTable(settings, list(scores))
    specs = specs_of(settings, list(slices), intersections)
    spreads = buckets_of(clusters, len(np.asarray(labels)))
    whole = _batch(labels, slices, weights, settings)
    for at in range(0, whole.num_rows, COUNTED_ROWS):
        batch, part = whole.slice(at, COUNTED_ROWS), slice(at, at + COUNTED_ROWS)
        columns = Columns([batch], batch.schema.names)
        answers = {model: np.asarray(of_model)[part] for model, of_model in scores.items()}
        known = columns.labels(settings), columns.weights(settings)
        table.add(Rowwise(*known, spreads[part], answers, members(columns, specs, columns.rows)))
    return table.counts()


def _batch(
    labels: npt.ArrayLike,
    slices: Mapping[str, Sequence[str | Sequence[str] | None]],
    weights: npt.ArrayLike | None,
    settings: CountSettings,
) -> pa.RecordBatch:
    """Return arrays as the list columns that are counted."""
    check_names(slices, settings)
    arrays = {LABEL: _singles(np.asarray(labels, np.float64))}
    if weights is not None:
        arrays[WEIGHT] = _singles(np.asarray(weights, np.float64))
    arrays |= {name: _values(of_rows) for name, of_rows in slices.items()}
    return pa.RecordBatch.from_arrays(list(arrays.values()), list(arrays))


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
