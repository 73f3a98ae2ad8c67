"""Train one n-gram model of the toxicity task: strength of the remedy, fit, calibration, operating point. No TFX, no TensorFlow.

In: the folder of features, the training configuration, the recipe. Out: `NgramModel`, ready to be exported.

    baseline      balanced weights
    remediated    the same, harmless comments that mention an identity raised by a strength
    reference     balanced weights, words alone

All choices rest on scores of rows that the scoring model has not seen: out-of-fold scores of train, or the split "validation".
"""

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from components.modelling.linear.calibration import PlattScaling, balanced_weights, folded, platt, prevalence_logit
from components.modelling.linear.folds import fold_models, held_out_logits
from components.modelling.linear.operating_point import choose_operating_point
from components.modelling.linear.rows import Rows, read_rows
from components.modelling.linear.solver import BOTH, Doubles, LinearModel, Shards, fit, logits
from components.modelling.metadata import ModelMetadata
from components.modelling.training import Point
from components.remedies.identity_weights import STRENGTHS, ChosenStrength, choose_strength, raised_weights
from components.tasks.base import Recipe
from components.tasks.civil_comments.config import CommentsTraining, TargetRate
from data.text.feature_shards import FeatureIndex, read_columns, read_shards
from data.text.ngrams import MAX_BYTES
from fairgate.errors import InputError
from fairgate.files import removal
from fairgate.model_facts import OperatingPoint
from fairgate.names import TRAIN, VALIDATION

logger = logging.getLogger(__name__)

OUT_OF_FOLD = "out-of-fold scores of train"
VECTOR_SCALES = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, eq=False)
class NgramModel:
    """A trained model.

    Attributes:
        weights: calibrated with balanced classes, so that equal error rates lie at the logit 0.
        score_shift: of the logit, from the operating point; 0 for the balanced one.
        probability_shift: of the logit, to the prevalence of train.
        metadata: what the model says of itself.
        curves: the loss after each iteration of the fit.
    """

    weights: LinearModel
    score_shift: float
    probability_shift: float
    metadata: ModelMetadata
    curves: tuple[Point, ...] = ()


@dataclass(frozen=True, eq=False)
class _Training:
    """What the steps of one training share."""

    folder: Path
    options: CommentsTraining
    recipe: Recipe
    index: FeatureIndex

    @property
    def shards(self) -> Shards:
        """Return what reads the training split."""
        return partial(read_shards, self.folder, TRAIN)

    @property
    def validation(self) -> Shards | None:
        """Return what reads the split "validation"; None without one."""
        return partial(read_shards, self.folder, VALIDATION) if self.index.rows.get(VALIDATION) else None

    def solved_by(self, vector_scale: float) -> dict[str, Any]:
        """Return the arguments of every fit."""
        plain = self.recipe == "reference"
        blocks = ("words",) if plain else BOTH
        return {
            "c": self.options.inverse_regularisation,
            "blocks": blocks,
            "vector_scale": vector_scale,
            "by_ratio": not plain,
        }


def train(folder: Path, options: CommentsTraining, recipe: Recipe) -> NgramModel:
    """Train one model.

    Args:
        folder: of the features, as `data.text.feature_shards` describes it.
        options: the configuration; `embedding` is that of the features.
        recipe: which model.

    Raises:
        InputError: a label is absent, or has too few texts, or the shards are not those of the index.
    """
    given = _Training(folder, options, recipe, FeatureIndex.read(folder))
    _check_rows(given)
    solved_by = given.solved_by(_vector_scale(given))
    rows = read_rows(given.shards)
    chosen = _strength(given, solved_by)
    strength = chosen.strength if chosen else 1.0
    weights = raised_weights(rows, strength)
    out_of_fold = chosen.logits if chosen else held_out_logits(fold_models(given.shards, weights, **solved_by), given.shards)
    scaling = platt(out_of_fold, rows.labels)
    model = folded(fit(given.shards, weights, **solved_by), scaling.slope, scaling.intercept)
    shift, point = _operating_point(given, model, scaling(out_of_fold), rows)
    metadata = ModelMetadata(
        architecture="ngrams",
        recipe=recipe,
        operating_point=point,
        remedy=chosen.remedy if chosen else None,
        notes=(*options.notes, *_notes(given, scaling)),
    )
    curves = tuple(Point(step, TRAIN, "loss", loss) for step, loss in enumerate(model.losses, start=1))
    return NgramModel(model, shift, prevalence_logit(rows.labels), metadata, curves)


def _check_rows(given: _Training) -> None:
    """Check that no shard was lost and no label changed since the features were written."""
    for split, rows in given.index.rows.items():
        labels = read_columns(given.folder, split).labels
        found, written = (len(labels), int(labels.sum())), (rows, given.index.positives[split])
        if found != written:
            raise InputError(
                f"{given.folder}: split {split} has {found[0]:,} rows, {found[1]:,} of them toxic; written were {written[0]:,} "
                f"and {written[1]:,}. Remove the folder ({removal(given.folder)}) and run again, which writes it again."
            )


def _strength(given: _Training, solved_by: dict[str, Any]) -> ChosenStrength | None:
    """Return the strength of the candidate's remedy, with the out-of-fold logits that chose it; None for the other models."""
    if given.recipe != "remediated":
        return None
    wanted = given.options.strength
    strengths = STRENGTHS if wanted == "auto" else (wanted,)
    return choose_strength(
        given.shards,
        given.index.groups,
        given.options.ratio_limit,
        strengths=strengths,
        operating_point=_choice(given.options),
        **solved_by,
    )


def _operating_point(given: _Training, model: LinearModel, out_of_fold: Doubles, rows: Rows) -> tuple[float, OperatingPoint]:
    """Return the shift of the operating point, chosen on the split "validation", or without one on calibrated logits of train."""
    choice = _choice(given.options)
    if given.validation is None:
        return choose_operating_point(choice, out_of_fold, rows.labels, OUT_OF_FOLD)
    return choose_operating_point(choice, logits(model, given.validation), read_rows(given.validation).labels, VALIDATION)


def _choice(options: CommentsTraining) -> str | float:
    """Return the operating point as `choose_operating_point` takes it."""
    wanted = options.operating_point
    return wanted.target_fpr if isinstance(wanted, TargetRate) else wanted


def _vector_scale(given: _Training) -> float:
    """Return the factor of the embedding's vectors with the greatest AUC on unseen rows; 0 without vectors."""
    if not given.index.dimension or given.recipe == "reference":
        return 0.0
    aucs = {scale: _auc_with(given, scale) for scale in VECTOR_SCALES}
    logger.info("AUC by scale of the vectors: %s", aucs)
    return max(aucs, key=aucs.__getitem__)


def _auc_with(given: _Training, scale: float) -> float:
    rows = read_rows(given.shards)
    weights, solved_by = balanced_weights(rows.labels), given.solved_by(scale)
    if given.validation is None:
        return auc(held_out_logits(fold_models(given.shards, weights, **solved_by), given.shards), rows.labels)
    fitted = fit(given.shards, weights, **solved_by)
    return auc(logits(fitted, given.validation), read_rows(given.validation).labels)


def auc(scores: Doubles, labels: npt.NDArray[np.uint8]) -> float:
    """Return the probability that a positive outscores a negative, ties counting half; NaN for one label."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return math.nan
    ranks = float(rankdata(scores)[labels == 1].sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def _notes(given: _Training, scaling: PlattScaling) -> Iterator[str]:
    if cut := sum(given.index.truncated.values()):
        yield f"{cut:,} texts were cut after {MAX_BYTES:,} bytes."
    if not scaling.has_signal:
        yield "Out of fold the scores do not rise with the label: the words do not tell toxic comments from others."
