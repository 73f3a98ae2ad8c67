"""Fit a logistic regression on feature shards, shard by shard, so that memory does not grow with the rows.

In flow shards of features and one weight per row, out flows a `LinearModel`. The objective is that of scikit-learn's
LogisticRegression(C=c, solver="lbfgs"). The optimiser is the same too, but works on scaled parameters, and so comes nearer to the
minimum in fewer passes than scikit-learn does by default. Features and products with a shard are float32; sums over shards are
float64 and always run in the order of the shards, so that two fits are byte-identical.
"""

import logging
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
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
    """

    words: Array
    characters: Array
    vectors: Array
    bias: float

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
    """Where the weights lie in the vector that is optimised: the buckets that occur, then the vectors, then the bias.

    A bucket that no row has keeps the weight 0, so that a small data set does not pay for 2^19 parameters. A parameter times its
    scale is a weight: rare features get larger scales, which halves the passes that L-BFGS needs.

    Attributes:
        buckets: block -> int64[k], the buckets that occur, rising.
        vector_scale: factor on the vectors; the penalty acts on the weights of the scaled ones.
        scales: float64[p], of each parameter.
    """

    buckets: dict[str, npt.NDArray[np.int64]]
    vector_scale: float
    scales: Doubles

    def model(self, point: Doubles) -> LinearModel:
        """Return the model at a point."""
        scaled = self.scales * point
        weights = {block: np.zeros(0, np.float32) for block in BLOCKS}
        begin = 0
        for block, buckets in self.buckets.items():
            weights[block] = np.zeros(BLOCKS[block], np.float32)
            weights[block][buckets] = scaled[begin : begin + len(buckets)]
            begin += len(buckets)
        vectors = (self.vector_scale * scaled[begin:-1]).astype(np.float32)
        return LinearModel(weights["words"], weights["characters"], vectors, float(scaled[-1]))

    def point(self, model: LinearModel | None) -> Doubles:
        """Return the point of a model; all zeros without one."""
        if model is None:
            return np.zeros(len(self.scales))
        weights = {"words": model.words, "characters": model.characters}
        parts = [weights[block][buckets] for block, buckets in self.buckets.items()]
        return np.concatenate([*parts, model.vectors / np.float64(self.vector_scale or 1), [model.bias]]) / self.scales


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over rows, one per weight of a model: its gradient, or its squares.

    Attributes:
        blocks: block -> float64[width].
        vectors: float64[d].
        bias: float64[1].
    """

    blocks: dict[str, Doubles]
    vectors: Doubles
    bias: Doubles

    @classmethod
    def zeros(cls, blocks: Iterable[str], dimension: int) -> "_Sums":
        """Return sums over no row."""
        return cls({block: np.zeros(BLOCKS[block]) for block in blocks}, np.zeros(dimension), np.zeros(1))

    def add(self, shard: FeatureShard, rows: slice, factors: Array, power: int = 1) -> None:
        """Add the features of some rows, to a power and times a factor per row."""
        for block, total in self.blocks.items():
            total += csr(shard, block, rows, power).T @ factors
        if len(self.vectors):
            vectors = shard.vectors[rows]
            self.vectors[:] += factors @ (vectors if power == 1 else vectors**power)
        self.bias[:] += factors.sum(dtype=np.float64)

    def vector(self, parameters: dict[str, npt.NDArray[np.int64]], vector_factor: float) -> Doubles:
        """Return the sums in the order of the parameters."""
        parts = [self.blocks[block][buckets] for block, buckets in parameters.items()]
        return np.concatenate([*parts, vector_factor * self.vectors, self.bias])


@dataclass(frozen=True, eq=False)
class _Objective:
    """The mean weighted log loss plus ½‖w‖² / (c · total weight): scikit-learn's objective, divided by c · total weight."""

    shards: Shards
    weights: Array
    parameters: _Parameters
    penalty: float

    def __call__(self, point: Doubles) -> tuple[float, Doubles]:
        """Return the objective and its gradient, in one pass over the shards."""
        model = self.parameters.model(point)
        sums = _Sums.zeros(self.parameters.buckets, len(model.vectors))
        loss, total = 0.0, float(self.weights.sum(dtype=np.float64))
        for shard, weights in _weighted(self.shards, self.weights):
            for rows in runs(weights):
                here, residuals = _loss(model.logits(shard, rows), shard.labels[rows], weights[rows])
                loss += here
                sums.add(shard, rows, residuals)
        penalised = self.parameters.scales * point
        penalised[-1] = 0
        gradient = sums.vector(self.parameters.buckets, self.parameters.vector_scale) / total + self.penalty * penalised
        return loss / total + self.penalty / 2 * float(penalised @ penalised), self.parameters.scales * gradient


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
    start: LinearModel | None = None,
) -> LinearModel:
    """Fit a logistic regression with an L2 penalty; the bias is not penalised.

    Args:
        shards: the examples.
        weights: float32[n], of the loss of each row, in the order of the shards; a row of weight 0 is not seen.
        c: inverse strength of the penalty: the objective is c · Σ weight · log loss + ½‖w‖².
        blocks: of the sparse features, "words" and "characters".
        vector_scale: factor on the vectors of the text embedding; 0 leaves them out.
        start: a model of the same blocks to start from; it changes the time, and the result within the tolerance.

    Raises:
        InputError: of the rows with weight, none has label 0, or none has label 1.
    """
    shards = kept(shards)
    _check_labels(shards, weights)
    penalty = 1 / (c * float(weights.sum(dtype=np.float64)))
    parameters = _scaled_parameters(shards, weights, blocks, vector_scale, penalty)
    objective = _Objective(shards, weights, parameters, penalty)
    options = {"maxiter": MAX_ITERATIONS, "maxls": 50, "gtol": TOLERANCE, "ftol": 64 * np.finfo(float).eps}
    # A proxy, because scipy leaves a reference cycle, which would keep the shards mapped until the next garbage collection.
    solution = minimize(weakref.proxy(objective), parameters.point(start), method="L-BFGS-B", jac=True, options=options)
    logger.info("%d passes over %d rows, %d parameters", solution.nfev, len(weights), len(solution.x))
    if not solution.success:
        logger.warning("the fit stopped before it converged, after %d iterations: %s", solution.nit, solution.message)
    return parameters.model(solution.x)


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


def _scaled_parameters(
    shards: Shards, weights: Array, blocks: tuple[str, ...], vector_scale: float, penalty: float
) -> _Parameters:
    """Find the buckets that occur, and the scale of each parameter.

    The second derivative of the objective by a weight is at most a quarter of the mean weighted square of its feature, plus the
    penalty. Scales of that bound to the power −¼ took half the passes of no scales, and fewer than to the power −½.
    """
    dimension = next(shards()).vectors.shape[1]
    sums = _Sums.zeros(blocks, dimension if vector_scale else 0)
    for shard, here in _weighted(shards, weights):
        for rows in runs(here):
            sums.add(shard, rows, here[rows], power=2)
    buckets = {block: np.flatnonzero(squares) for block, squares in sums.blocks.items()}
    curvature = sums.vector(buckets, vector_scale**2) / sums.bias / 4 + penalty
    return _Parameters(buckets, vector_scale, curvature**-0.25)
