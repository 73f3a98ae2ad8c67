"""Out-of-fold logits: every row is scored by a model that has not seen its text."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from components.modelling.linear.solver import BOTH, Array, Doubles, LinearModel, Shards, fit, kept
from fairgate.errors import InputError

FOLDS = 5


def fold_of(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    """Return the fold of each text fingerprint, uint8[n]: equal texts share a fold.

    The fingerprints are mixed first (the finaliser of SplitMix64), so that folds stay of equal size where the same fingerprints
    have chosen the split.
    """
    mixed = np.array(keys, dtype=np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    return (mixed % np.uint64(FOLDS)).astype(np.uint8)


def fold_models(
    shards: Shards,
    weights: Array,
    *,
    c: float = 2.0,
    blocks: tuple[str, ...] = BOTH,
    vector_scale: float = 0.0,
    by_ratio: bool = False,
    starts: Sequence[LinearModel] | None = None,
) -> tuple[LinearModel, ...]:
    """Fit one model per fold on the rows outside it.

    Args:
        shards: the examples.
        weights: float32[n], as for `fit`.
        c: as for `fit`.
        blocks: as for `fit`.
        vector_scale: as for `fit`.
        by_ratio: as for `fit`.
        starts: models of the same folds to start from, fitted with other weights; none of them has seen the rows of its fold.

    Raises:
        InputError: outside a fold, no row has label 0, or none has label 1.
    """
    shards = kept(shards)
    labels = np.concatenate([np.zeros(0, np.uint8), *(np.array(shard.labels) for shard in shards())])
    folds = np.concatenate([np.zeros(0, np.uint8), *(fold_of(shard.keys) for shard in shards())])
    for label in (0, 1):
        holders = np.unique(folds[(labels == label) & (weights != 0)])
        if len(holders) < 2:
            raise InputError(
                f"training: the examples with label {label} are too few texts for {FOLDS}-fold out-of-fold scores: all "
                f"{np.sum(labels == label)} lie in one fold. Give training files (--train FILES) with more texts of that label."
            )
    train = partial(fit, shards, c=c, blocks=blocks, vector_scale=vector_scale, by_ratio=by_ratio)
    return tuple(
        train(np.where(folds == fold, np.float32(0), weights).astype(np.float32), start=starts[fold] if starts else None)
        for fold in range(FOLDS)
    )


def held_out_logits(models: Sequence[LinearModel], shards: Shards) -> Doubles:
    """Score each row by the model of its fold, float64[n] in the order of the shards."""
    parts = [np.zeros(0)]
    for shard in shards():
        folds, logits = fold_of(shard.keys), np.zeros(len(shard.labels))
        for fold, model in enumerate(models):
            logits[folds == fold] = model.logits(shard)[folds == fold]
        parts.append(logits)
    return np.concatenate(parts)


def out_of_fold(
    shards: Shards,
    weights: Array,
    *,
    c: float = 2.0,
    blocks: tuple[str, ...] = BOTH,
    vector_scale: float = 0.0,
    by_ratio: bool = False,
) -> Doubles:
    """Fit one model per fold and score each row by the one that has not seen it.

    Arguments, result and errors are those of `fold_models` and `held_out_logits`.
    """
    return held_out_logits(fold_models(shards, weights, c=c, blocks=blocks, vector_scale=vector_scale, by_ratio=by_ratio), shards)
