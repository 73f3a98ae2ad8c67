"""An n-gram classifier as a SavedModel: raw tf.Examples in, scores out, without a Transform graph.

In: the weights of a fitted `LinearModel`, already calibrated. Out: the signature of `components.modelling.signature` with two
outputs: `score` float32[N, 1], whose decision threshold is 0.5, and `probability` float32[N, 1], calibrated to the prevalence of
the training data.

Beside its signature the SavedModel has the function `explain`, which divides the logit among the tokens of a text.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.modelling.linear.solver import LinearModel
from components.modelling.ngram_shares import block_shares, known_tokens
from components.modelling.signature import PROBABILITY, SCORE
from data.text.feature_shards import BLOCKS
from data.text.ngrams import HashedNgrams, tokenize, truncate


@dataclass(frozen=True, eq=False)
class Calibrated:
    """A linear model and how its logits become answers.

    Attributes:
        model: calibrated with balanced classes.
        idf: block -> float32[buckets].
        score_shift: added to the logit for the score; 0 for the balanced operating point.
        probability_shift: added to the logit for the probability, log(π / (1 - π)) of the training data's prevalence π.
    """

    model: LinearModel
    idf: dict[str, npt.NDArray[np.float32]]
    score_shift: float
    probability_shift: float


class NgramClassifier(tf.Module):
    """A servable n-gram classifier.

    Args:
        text: name of the text feature of raw tf.Examples; one without it counts as empty.
        calibrated: the weights.
        embedding: str[N] -> float32[N, d], for a model with vectors; saved with the model.
    """

    def __init__(self, text: str, calibrated: Calibrated, embedding: Any = None) -> None:
        """See the class."""
        super().__init__()
        weights = {"words": calibrated.model.words, "characters": calibrated.model.characters}
        self._grams = HashedNgrams()
        self._spec = {text: tf.io.FixedLenFeature([], tf.string, "")}
        self._text = text
        self._blocks = [name for name in BLOCKS if weights[name].size]
        self._idf = {name: tf.Variable(calibrated.idf[name], trainable=False, name=f"idf_{name}") for name in self._blocks}
        self._weights = {name: tf.Variable(weights[name], trainable=False, name=f"weights_{name}") for name in self._blocks}
        self._bias = tf.Variable(np.float32(calibrated.model.bias), trainable=False, name="bias")
        self._shifts = {SCORE: calibrated.score_shift, PROBABILITY: calibrated.probability_shift}
        self._embedding = embedding
        self._vectors = tf.Variable(calibrated.model.vectors[:, np.newaxis], trainable=False, name="weights_vectors")

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """Map serialized raw tf.Examples str[N] to {"score", "probability"}: float32[N, 1] each."""
        logits = self._logits(tf.io.parse_example(examples, self._spec)[self._text])
        return {name: tf.sigmoid(logits + shift)[:, tf.newaxis] for name, shift in self._shifts.items()}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="texts")])
    def explain(self, texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """Divide the logit of the score of texts str[N] among their T tokens.

        A 2-gram counts half for each of its tokens, a character n-gram for the token that it is cut from.

        Returns:
            tokens: str[T].
            rows: int64[T], the text of each token.
            shares: float64[T], of the logit.
            known: bool[T], whether the training split has the token (or another one in the bucket of its hash).
            rest: float64[N], the share of no token: bias, operating point, text embedding. The shares of a text's tokens and its
                rest sum to the logit of its score.
        """
        tokens = tokenize(truncate(texts)[0])
        shares = tf.zeros_like(tokens.flat_values, tf.float64)
        for name in self._blocks:
            shares += block_shares(name, tokens, self._idf[name], self._weights[name])
        rest = tf.fill([tf.size(texts)], tf.cast(self._bias, tf.float64) + self._shifts[SCORE])
        if self._embedding is not None:
            vectors = tf.math.l2_normalize(self._embedding(texts), axis=1)
            rest += tf.cast(tf.squeeze(tf.matmul(vectors, self._vectors), axis=1), tf.float64)
        known = known_tokens(tokens, self._idf["words"])
        return {"tokens": tokens.flat_values, "rows": tokens.value_rowids(), "shares": shares, "known": known, "rest": rest}

    def _logits(self, texts: tf.Tensor) -> tf.Tensor:
        """Return float32[N]."""
        rows = tf.size(texts, out_type=tf.int64)
        logits = tf.fill([rows], self._bias)
        grams = self._grams(texts)
        for name in self._blocks:
            block = getattr(grams, name)
            values = (1 + tf.math.log(block.counts)) * tf.gather(self._idf[name], block.buckets)
            squares = tf.math.unsorted_segment_sum(values * values, block.rows, rows)
            products = tf.math.unsorted_segment_sum(values * tf.gather(self._weights[name], block.buckets), block.rows, rows)
            logits += tf.math.divide_no_nan(products, tf.sqrt(squares))
        if self._embedding is not None:
            vectors = tf.math.l2_normalize(self._embedding(texts), axis=1)
            logits += tf.squeeze(tf.matmul(vectors, self._vectors), axis=1)
        return logits
