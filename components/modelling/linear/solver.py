"""Fit a logistic regression on feature shards, shard by shard, so that memory does not grow with the rows.

In flow shards of features and one weight per row, out flows a `LinearModel`. The objective is that of scikit-learn's
LogisticRegression(C=c, solver="lbfgs"). The optimiser is the same too, but works on scaled parameters, and so comes nearer to the
minimum in fewer passes than scikit-learn does by default. Features and products with a shard are float32; sums over shards are
float64 and always run in the order of the shards, so that two fits are byte-identical.
"""

import logging
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import OptimizeResult, minimize
from scipy.special import expit

from components.modelling.linear.matrices import csr, runs
from data.text.feature_shards import BLOCKS, FeatureShard
from fairgate.errors import InputError

logger = logging.getLogger(__name__)

Shards = Callable[[], Iterator[FeatureShard]]  # one pass over the data
Array = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

BOTH = ("words", "characters")
TOLERANCE = 1e-4  # of the greatest component of the gradient of the mean loss, by the scaled parameters
MAX_ITERATIONS = 300
PRIOR_COUNTS = 4.0  # examples by which the counts of an n-gram are smoothed
PRIOR_FLOOR = 0.5  # of a weight whose n-gram says nothing of the label
POWER = -0.25
"""The scales of the parameters are the curvatures to that power: half the passes of no scales, and fewer than with −½."""
MAX_KEPT_BYTES = 1 << 29
"""Shards of at most that size together, about 250,000 comments, stay mapped during a fit, which saves a third of its time."""


@dataclass(frozen=True, eq=False)
class LinearModel:
    """The weights of a logistic regression.

    Attributes:
        words: float32[WORD_BUCKETS].
        characters: float32[CHARACTER_BUCKETS]; empty for a model of words alone.
        vectors: float32[d], of the text embedding's vectors as they are in the shards; empty without one.
        bias: added to every logit.
        losses: the mean weighted loss, without its penalty, after each iteration of the fit.
    """

    words: Array
    characters: Array
    vectors: Array
    bias: float
    losses: tuple[float, ...] = ()

    def logits(self, shard: FeatureShard, rows: slice = slice(None)) -> Doubles:
        """Return the logits of some rows of a shard, float64."""
        logits = csr(shard, "words", rows) @ self.words + np.float64(self.bias)
        if len(self.characters):
            logits += csr(shard, "characters", rows) @ self.characters
        if len(self.vectors):
            logits += shard.vectors[rows] @ self.vectors
        return np.asarray(logits, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Parameters:
    """Turn the vector that is optimised into weights: those of the buckets that occur, then of the scaled vectors, then the bias.

    A bucket that no row has keeps the weight 0, so that a small data set does not pay for 2^19 parameters. Parameters are scaled,
    so that the objective curves about equally by each, which halves the passes that L-BFGS needs.

    Attributes:
        buckets: block -> int64[k], the buckets that occur, rising.
        priors: float64[sum of k]; the penalty acts on the weight of a bucket divided by its prior, 1 for a plain ridge.
        scales: float64[sum of k]; times a parameter it is the weight of a bucket.
        mixing: float64[d + 1, d + 1]; times the last parameters it is the weights of the vectors and the bias.
        vector_scale: factor on the vectors; the penalty acts on the weights of the scaled ones.
    """

    buckets: dict[str, npt.NDArray[np.int64]]
    priors: Doubles
    scales: Doubles
    mixing: Doubles
    vector_scale: float

    def weights(self, point: Doubles) -> Doubles:
        """Return the weights at a point."""
        sparse = len(self.scales)
        return np.concatenate([self.scales * point[:sparse], self.mixing @ point[sparse:]])

    def gradient(self, by_weights: Doubles) -> Doubles:
        """Return the derivatives by the parameters from those by the weights."""
        sparse = len(self.scales)
        return np.concatenate([self.scales * by_weights[:sparse], self.mixing.T @ by_weights[sparse:]])

    def point(self, model: LinearModel | None) -> Doubles:
        """Return the point of a model; all zeros without one."""
        if model is None:
            return np.zeros(len(self.scales) + len(self.mixing))
        blocks = {"words": model.words, "characters": model.characters}
        sparse: Doubles = np.concatenate([blocks[block][buckets] for block, buckets in self.buckets.items()], dtype=np.float64)
        dense: Doubles = np.append(model.vectors / np.float64(self.vector_scale or 1), model.bias)
        return np.concatenate([sparse / self.scales, np.linalg.solve(self.mixing, dense)])

    def model(self, point: Doubles) -> LinearModel:
        """Return the model at a point."""
        weights = self.weights(point)
        blocks = {block: np.zeros(0, np.float32) for block in BLOCKS}
        begin = 0
        for block, buckets in self.buckets.items():
            blocks[block] = np.zeros(BLOCKS[block], np.float32)
            blocks[block][buckets] = weights[begin : begin + len(buckets)]
            begin += len(buckets)
        vectors = (self.vector_scale * weights[begin:-1]).astype(np.float32)
        return LinearModel(blocks["words"], blocks["characters"], vectors, float(weights[-1]))


@dataclass(frozen=True, eq=False)
class _Objective:
    """The mean weighted log loss plus ½‖w/prior‖² / (c · total weight); with priors of 1 scikit-learn's objective, scaled."""

    shards: Shards
    weights: Array
    parameters: _Parameters
    penalty: float

    def __call__(self, point: Doubles) -> tuple[float, Doubles]:
        """Return the objective and its gradient, in one pass over the shards."""
        model = self.parameters.model(point)
        sums = {block: np.zeros(BLOCKS[block]) for block in self.parameters.buckets}
        vectors, bias, loss = np.zeros(len(model.vectors)), 0.0, 0.0
        for shard, weights in _weighted(self.shards, self.weights):
            for rows in runs(weights):
                here, residuals = _loss(model.logits(shard, rows), shard.labels[rows], weights[rows])
                loss += here
                bias += float(residuals.sum(dtype=np.float64))
                for block, gradient in sums.items():
                    gradient += csr(shard, block, rows).T @ residuals
                if len(vectors):
                    vectors += residuals @ shard.vectors[rows]
        parts = [sums[block][buckets] for block, buckets in self.parameters.buckets.items()]
        by_weights = np.concatenate([*parts, self.parameters.vector_scale * vectors, [bias]])
        total, (penalised, looseness) = float(self.weights.sum(dtype=np.float64)), self._penalised(point)
        value = loss / total + self.penalty / 2 * float(penalised @ penalised)
        return value, self.parameters.gradient(by_weights / total + self.penalty * penalised / looseness)

    def penalty_at(self, point: Doubles) -> float:
        """Return what the objective adds to the mean loss at a point."""
        penalised, _ = self._penalised(point)
        return self.penalty / 2 * float(penalised @ penalised)

    def _penalised(self, point: Doubles) -> tuple[Doubles, Doubles]:
        """Return the weights that the penalty acts on, divided by their priors, and the priors; the bias is not penalised."""
        penalised = self.parameters.weights(point)
        penalised[-1] = 0
        looseness = np.ones(len(penalised))
        looseness[: len(self.parameters.priors)] = self.parameters.priors
        return penalised / looseness, looseness


def _loss(logits: Doubles, labels: npt.NDArray[np.uint8], weights: Array) -> tuple[float, Array]:
    """Return the weighted log loss of some rows, and its derivative by each logit as float32."""
    loss = np.logaddexp(0, logits) - labels * logits
    return float(weights @ loss), (weights * (expit(logits) - labels)).astype(np.float32)


def _weighted(shards: Shards, weights: Array) -> Iterator[tuple[FeatureShard, Array]]:
    """Yield each shard with the weights of its rows.

    Raises:
        ValueError: there are more or fewer weights than rows.
    """
    begin = 0
    for shard in shards():
        begin, end = begin + len(shard.labels), begin
        if begin <= len(weights):
            yield shard, weights[end:begin]
    if begin != len(weights):
        raise ValueError(f"{len(weights)} weights for {begin} rows")


def fit(
    shards: Shards,
    weights: Array,
    *,
    c: float = 2.0,
    blocks: tuple[str, ...] = BOTH,
    vector_scale: float = 0.0,
    by_ratio: bool = False,
    start: LinearModel | None = None,
) -> LinearModel:
    """Fit a logistic regression with an L2 penalty; the bias is not penalised.

    Args:
        shards: the examples.
        weights: float32[n], of the loss of each row, in the order of the shards; a row of weight 0 is not seen.
        c: inverse strength of the penalty: the objective is c · Σ weight · log loss + ½‖w‖².
        blocks: of the sparse features, "words" and "characters".
        vector_scale: factor on the vectors of the text embedding; 0 leaves them out.
        by_ratio: penalise the weight of an n-gram less, the more often it occurs with one label than with the other; see
            `log_count_priors`.
        start: a model of the same blocks to start from; it changes the time, and the result within the tolerance.

    Raises:
        InputError: of the rows with weight, none has label 0, or none has label 1.
    """
    shards = kept(shards)
    _check_labels(shards, weights)
    penalty = 1 / (c * float(weights.sum(dtype=np.float64)))
    priors = _priors(shards, weights, blocks) if by_ratio else {block: np.ones(BLOCKS[block]) for block in blocks}
    parameters = _scaled_parameters(shards, weights, priors, vector_scale, penalty)
    objective = _Objective(shards, weights, parameters, penalty)
    options = {"maxiter": MAX_ITERATIONS, "maxls": 50, "gtol": TOLERANCE, "ftol": 64 * np.finfo(float).eps}
    losses: list[float] = []

    def note(intermediate_result: OptimizeResult) -> None:  # scipy passes the result by this name
        losses.append(float(intermediate_result.fun) - objective.penalty_at(intermediate_result.x))

    # A proxy, because scipy leaves a reference cycle, which would keep the shards mapped until the next garbage collection.
    solution = minimize(
        weakref.proxy(objective), parameters.point(start), method="L-BFGS-B", jac=True, options=options, callback=note
    )
    logger.info("%d passes over %d rows, %d parameters", solution.nfev, len(weights), len(solution.x))
    if not solution.success:
        logger.warning("the fit stopped before it converged, after %d iterations: %s", solution.nit, solution.message)
    return replace(parameters.model(solution.x), losses=tuple(losses))


def logits(model: LinearModel, shards: Shards) -> Doubles:
    """Return the logits of all rows, float64[n] in the order of the shards."""
    return np.concatenate([np.zeros(0), *(model.logits(shard) for shard in shards())])


def kept(shards: Shards) -> Shards:
    """Return the same shards: opened once, for all passes, if they are not larger than `MAX_KEPT_BYTES`."""
    opened, size = [], 0
    for shard in shards():
        size += (
            sum(block.values.nbytes + block.buckets.nbytes for block in (shard.words, shard.characters)) + shard.vectors.nbytes
        )
        if size > MAX_KEPT_BYTES:
            return shards
        opened.append(shard)
    return lambda: iter(opened)


def _check_labels(shards: Shards, weights: Array) -> None:
    """Raise InputError where no row with weight has label 0, or none has label 1."""
    counts = np.zeros(2, dtype=np.int64)
    for shard, here in _weighted(shards, weights):
        counts += np.bincount(shard.labels[here != 0], minlength=2)
    if not counts.all():
        raise InputError(
            f"training: none of the {counts.sum()} examples has label {counts.argmin()}, so there is nothing to tell apart. "
            "Give training files (--train FILES) with examples of both labels."
        )


def log_count_priors(positive: Doubles, negative: Doubles) -> Doubles:
    """Return how far each n-gram's weight may go: |r| + PRIOR_FLOOR, r the log of the ratio of its counts with both labels.

    That is the penalty of a logistic regression on features that are multiplied by r, as in NB-SVM (Wang and Manning 2012,
    https://aclanthology.org/P12-2018), whose floor is their interpolation. Counts are smoothed by PRIOR_COUNTS examples that are
    divided like all n-grams, so that r is 0 for one that does not occur, however rare a label is.

    Args:
        positive: float64[k], in how many examples of label 1 each n-gram occurs; at least one n-gram does.
        negative: the same of label 0.
    """
    share = positive.sum() / (positive.sum() + negative.sum())
    smoothed = (positive + PRIOR_COUNTS * share) / (negative + PRIOR_COUNTS * (1 - share))
    return np.asarray(np.abs(np.log(smoothed) - np.log(share / (1 - share))) + PRIOR_FLOOR)


def _priors(shards: Shards, weights: Array, blocks: tuple[str, ...]) -> dict[str, Doubles]:
    """Return the prior of each bucket, from the rows with weight; 1 in a block without an n-gram of either label."""
    counts = {block: np.zeros((2, BLOCKS[block])) for block in blocks}
    for shard, here in _weighted(shards, weights):
        for block, sums in counts.items():
            occurs = csr(shard, block, power=0)
            for label in (0, 1):
                sums[label] += occurs.T @ ((shard.labels == label) & (here != 0)).astype(np.float32)
    return {
        block: log_count_priors(sums[1], sums[0]) if sums.any(1).all() else np.ones(len(sums[0]))
        for block, sums in counts.items()
    }


def _scaled_parameters(
    shards: Shards, weights: Array, priors: dict[str, Doubles], vector_scale: float, penalty: float
) -> _Parameters:
    """Find the buckets that occur, and the scales of the parameters.

    The second derivative of the objective by a weight is at most a quarter of the mean weighted square of its feature, plus the
    penalty; between the weights of vectors and bias the mixed derivatives count too.
    """
    dimension = next(shards()).vectors.shape[1] if vector_scale else 0
    squares = {block: np.zeros(BLOCKS[block]) for block in priors}
    moments = np.zeros((dimension + 1, dimension + 1))
    for shard, here in _weighted(shards, weights):
        for rows in runs(here):
            for block, sums in squares.items():
                sums += csr(shard, block, rows, power=2).T @ here[rows]
            vectors = vector_scale * shard.vectors[rows, :dimension]
            dense = np.append(vectors, np.ones((len(vectors), 1)), axis=1)
            moments += dense.T @ (here[rows, np.newaxis] * dense)
    total = moments[-1, -1]
    buckets = {block: np.flatnonzero(sums) for block, sums in squares.items()}
    curvature = np.concatenate([squares[block][occurring] for block, occurring in buckets.items()]) / total
    values, axes = np.linalg.eigh(moments / total / 4 + penalty * np.eye(dimension + 1))
    mixing = axes * np.maximum(values, penalty) ** POWER
    of_buckets = np.concatenate([priors[block][occurring] for block, occurring in buckets.items()])
    return _Parameters(buckets, of_buckets, (curvature / 4 + penalty / of_buckets**2) ** POWER, mixing, vector_scale)
