"""Evaluate predictions that are held in arrays: of any model, without a pipeline.

In: labels, scores of one or two models, slices, weights. Out: `Evaluation`, as the pipeline's own.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fairgate.counting.columns import Columns
from fairgate.counting.counts import Counts, layout, observe
from fairgate.counting.detail import EvaluationCounts
from fairgate.counting.settings import CountSettings
from fairgate.counting.slices import SliceKey, SliceSpec, display_name, members
from fairgate.counting.tally import SliceTally, example_count
from fairgate.evaluation import evaluate_counts
from fairgate.measurement import Evaluation

LABEL, WEIGHT = "label", "weight"


def evaluate_predictions(
    labels: npt.ArrayLike,
    scores: Mapping[str, npt.ArrayLike],
    slices: Mapping[str, Sequence[str | Sequence[str]]] | None = None,
    *,
    thresholds: Sequence[float] = (0.5,),
    weights: npt.ArrayLike | None = None,
    classes: tuple[str, ...] = ("0", "1"),
    intersections: Sequence[tuple[str, str]] = (),
    min_intersection: int = 1,
) -> Evaluation:
    """Evaluate models on N examples.

    Args:
        labels: int[N]: 0 or 1, or 0 … C - 1 where there are more than two classes.
        scores: model ("candidate", "baseline") -> float[N], or float[N, C] probabilities of C > 2 classes.
        slices: feature -> the value of every example, or its values where an example may have several or none.
        thresholds: rising; a score above one is a positive decision.
        weights: float[N] example weights.
        classes: names of the classes.
        intersections: pairs of features whose combined values are slices too.
        min_intersection: combined slices with fewer examples are left out, and listed.

    Raises:
        InputError: labels, scores or weights that cannot be counted.
    """
    return evaluate_counts(
        count_predictions(
            labels,
            scores,
            slices or {},
            CountSettings(
                label_key=LABEL,
                classes=classes,
                kind="binary" if len(classes) == 2 else "multiclass",
                weight_key=None if weights is None else WEIGHT,
                thresholds=tuple(thresholds) if len(classes) == 2 else (),
                min_intersection=min_intersection,
            ),
            weights,
            intersections,
        )
    )


def count_predictions(
    labels: npt.ArrayLike,
    scores: Mapping[str, npt.ArrayLike],
    slices: Mapping[str, Sequence[str | Sequence[str]]],
    settings: CountSettings,
    weights: npt.ArrayLike | None = None,
    intersections: Sequence[tuple[str, str]] = (),
) -> EvaluationCounts:
    """Count the examples behind `evaluate_predictions`, whose arguments these are."""
    lists = {LABEL: [[value] for value in np.asarray(labels, np.float64).tolist()]}
    if weights is not None:
        lists[WEIGHT] = [[value] for value in np.asarray(weights, np.float64).tolist()]
    texts = {name: [[each] if isinstance(each, str) else list(each) for each in of_rows] for name, of_rows in slices.items()}
    arrays = [pa.array(column) for column in lists.values()]
    arrays += [pa.array(column, pa.list_(pa.string())) for column in texts.values()]
    batch = pa.RecordBatch.from_arrays(arrays, [*lists, *texts])
    columns = Columns([batch], [*lists, *texts])
    specs = [SliceSpec(), *(SliceSpec((name,)) for name in texts), *(SliceSpec((one, two)) for one, two in intersections)]
    specs += [SliceSpec((LABEL,))] if settings.kind == "multiclass" else []
    known, importance = columns.labels(settings), columns.weights(settings)
    observed = [observe(known, np.asarray(of_model), importance, settings) for of_model in scores.values()]
    tally = SliceTally(settings)
    tally.add(members(columns, specs, columns.rows), observed)
    keys: dict[str, SliceKey] = {}
    omitted: dict[str, int] = {}
    counts: dict[str, dict[str, Counts]] = {model: {} for model in scores}
    for key, of_models in tally.counts().items():
        name = display_name(key, LABEL, settings.classes if settings.kind == "multiclass" else ())
        size = example_count(layout(settings).read(of_models[0].totals))
        if len(key) > 1 and size < settings.min_intersection:
            omitted[name] = size
            continue
        keys[name] = key
        for model, of_model in zip(scores, of_models, strict=True):
            counts[model][name] = of_model
    return EvaluationCounts(settings, counts, keys, omitted)
