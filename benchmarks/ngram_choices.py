"""Measure two choices of the n-gram model: priors by log-count ratio, and the scale of word vectors beside the n-grams.

    .venv/bin/python -m benchmarks.ngram_choices FILES… --vectors GLOVE.txt [--seeds 2]

In: CSV files with Civil Comments' columns. Out: a line of JSON for each file and seed, with the AUC on the held-out quarter of
the baseline without priors (plain ridge) and with them, and per scale the AUC out of fold in train, which chooses, and on the
held-out quarter, which judges. Scale 0 leaves the vectors out.
"""

import argparse
import json
import logging
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.text_models import HeldComments, answers, extract
from components.modelling.linear.calibration import balanced_weights
from components.modelling.linear.folds import fold_models, held_out_logits
from components.modelling.linear.rows import read_rows
from components.modelling.linear.solver import LinearModel, fit
from components.modelling.metadata import ModelMetadata
from components.tasks.civil_comments.ngrams import NgramModel, auc
from components.tasks.civil_comments.ngrams_trainer import classifier
from data.comments.conversion import ConversionOptions, Sources, convert
from data.text import text_embedding
from data.text.feature_shards import read_shards
from fairgate.names import TRAIN

SCALES = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0)


def measure(file: Path, seed: int, vectors: Path) -> dict[str, Any]:
    """Fit the baseline of one split by each choice."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        convert(Sources((str(file),)), folder / "examples", options=ConversionOptions(seed=seed))
        held_out = HeldComments.read(folder / "examples", "eval")
        embedding = str(text_embedding.build_from_vectors(vectors, folder / "vectors"))
        features = folder / "features"
        extract(folder / "examples", features, embedding)
        shards = partial(read_shards, features, TRAIN)
        rows = read_rows(shards)
        weights = balanced_weights(rows.labels)

        def held_out_auc(model: LinearModel) -> float:
            whole = NgramModel(model, 0.0, 0.0, ModelMetadata(architecture="ngrams", recipe="baseline"))
            scores = answers(classifier(features, whole, embedding), held_out.serialized)
            return auc(scores, held_out.labels.astype("uint8"))

        by_scale = {}
        for scale in SCALES:
            fitted = fold_models(shards, weights, vector_scale=scale, by_ratio=True)
            out_of_fold = auc(held_out_logits(fitted, shards), rows.labels)
            by_scale[scale] = (out_of_fold, held_out_auc(fit(shards, weights, vector_scale=scale, by_ratio=True)))
        plain = held_out_auc(fit(shards, weights))
    return {"file": file.name, "seed": seed, "plain": plain, "priors": by_scale[0.0][1], "scales": by_scale}


def main() -> None:
    """Measure and write the lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    for file in given.files:
        for seed in range(1, given.seeds + 1):
            print(json.dumps(measure(file, seed, given.vectors)), flush=True)


if __name__ == "__main__":
    main()
