"""List every chart that a report or a history can draw."""

from collections.abc import Callable, Mapping
from functools import partial

from fairgate.report.specs import (
    changes,
    counterfactual,
    gaps,
    history,
    images,
    indicators,
    intersections,
    models,
    scores,
    slice_curves,
    training,
    training_images,
)
from fairgate.report.specs.marks import Layered

# Name of the file in assets/charts -> what makes the chart.
CHARTS: Mapping[str, Callable[[], Layered]] = {
    "overall": models.overall,
    "indicators": indicators.indicators,
    "thresholds": indicators.thresholds,
    "gaps": gaps.gaps,
    "changes": changes.changes,
    "scatter": scores.scatter,
    "histogram": scores.histogram,
    "roc": partial(slice_curves.curve, "roc"),
    "precision_recall": partial(slice_curves.curve, "precision_recall"),
    "calibration": partial(slice_curves.calibration, several=False),
    "confidence": partial(slice_curves.calibration, several=True),
    "intersections": intersections.intersections,
    "flips": counterfactual.flips,
    "swaps": partial(counterfactual.shifts, "swaps"),
    "probes": partial(counterfactual.shifts, "probes"),
    "training": training.curves,
    "pixels": partial(images.pixels, "pixels", "intensity (zeros left out)"),
    "pixel_maxima": partial(images.pixels, "pixel_maxima", "maximum of a pixel"),
    "pixel_means": training_images.pixel_means,
    "confusion": images.confusion,
    "coverage": images.coverage,
    "history_values": history.values,
    "history_gaps": history.gaps,
}
