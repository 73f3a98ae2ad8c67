"""TFX Trainer of the toxicity task's n-gram models: baseline, candidate and reference, all on the features of one step.

In: the shards of `TextFeatures`. Out: the servable model with its metadata, and its training curve in the model-run folder.
Nothing here is random.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tfx.components.trainer.fn_args_utils import FnArgs

from components.modelling.export import export
from components.modelling.ngram_classifier import Calibrated, NgramClassifier
from components.modelling.training import TrainerConfig, write_curves
from components.tasks.civil_comments.config import CommentsTraining
from components.tasks.civil_comments.embedding import TextEmbedding
from components.tasks.civil_comments.ngrams import NgramModel, train
from data.comments.names import TEXT
from data.text.feature_shards import BLOCKS, read_idf


def run_fn(fn_args: FnArgs) -> None:
    """Train one model and export it. `fn_args.custom_config` is a `TrainerConfig` as a mapping."""
    config = TrainerConfig.model_validate(fn_args.custom_config)
    training = CommentsTraining.model_validate(config.training)
    folder = feature_folder(fn_args.train_files)
    model = train(folder, training, config.recipe)
    write_curves(model.curves, fn_args.model_run_dir)
    export(classifier(folder, model, training.embedding), fn_args.serving_model_dir, model.metadata)


def feature_folder(patterns: Sequence[str]) -> Path:
    """Return the folder of the features whose split "train" has these file patterns."""
    (pattern,) = patterns
    return Path(pattern).parents[1]


def classifier(folder: Path, model: NgramModel, embedding: str) -> NgramClassifier:
    """Return a trained model as it is exported.

    Args:
        folder: of the features, which has the idf.
        model: trained on them.
        embedding: the handle of the text embedding that the model was trained with; "" or "auto" for none.
    """
    word_idf, character_idf = np.split(read_idf(folder), [BLOCKS["words"]])
    idf = {"words": word_idf, "characters": character_idf}
    calibrated = Calibrated(model.weights, idf, model.score_shift, model.probability_shift)
    return NgramClassifier(TEXT, calibrated, TextEmbedding(embedding) if len(model.weights.vectors) else None)
