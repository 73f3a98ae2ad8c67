"""Make tables of predictions from small recipes: the same recipe and seed always make the same table.

In: strata (how many examples of which groups, how many of them positive) and a recipe of the scores per model. Out:
`Predictions`, arrays that `fairgate.predictions.evaluate_predictions` takes.

Numbers of examples are exact. Every example has an ease x: standard normal, the same for both models up to the correlation of
the recipe. Recipes turn ease and label into scores.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator
from scipy.special import expit, logit, ndtr, ndtri

from fairgate.names import spell

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Values = Annotated[tuple[str, ...], Field(min_length=1)]


class Stratum(BaseModel):
    """Examples that are alike in everything but their label.

    Attributes:
        rows: their number.
        positives: how many of them have label 1 (binary).
        labels: how many of them have each label, instead of `positives` (multi-class).
        weight: example weight of each.
        groups: slice feature -> the group, or the groups where an example has several.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    positives: int = 0
    labels: tuple[int, ...] = ()
    weight: float = 1.0
    groups: Mapping[str, Values] = {}

    @model_validator(mode="before")
    @classmethod
    def _group_alone(cls, written: dict[str, Any]) -> dict[str, Any]:
        """Read every key that is no field as a slice feature: {rows: 100, positives: 30, gender: male}."""
        known = {key: value for key, value in written.items() if key in cls.model_fields}
        groups = {key: (value,) if isinstance(value, str) else value for key, value in written.items() if key not in known}
        return {**known, "groups": {**groups, **known.get("groups", {})}}

    def names(self) -> set[str]:
        """Return the slices that hold the stratum, "gender:male", and every pair of them joined by " × "."""
        single = sorted((feature, value) for feature, values in self.groups.items() for value in values)
        pairs = ((one, two) for one in single for two in single if one < two)
        return {*(spell([one]) for one in single), *map(spell, pairs)}


class Recipe(BaseModel):
    """How a model's scores are made. One of the first group says how; the others change what was made, in this order.

    Attributes:
        auc: scores of a model with this AUC (two normal distributions of equal variance, Φ(d / √2) = AUC), calibrated for the
            share of positives of the stratum.
        balanced: calibrated for equally many positives and negatives instead, as a model trained with balancing weights is.
        fpr, fnr: exactly these shares of the negatives and positives are decided wrongly at threshold 0.5, the hardest first.
        at: the threshold of fpr and fnr.
        constant: this score for everybody.
        random: uniform scores that know nothing.
        perfect: scores above 0.9 of the positives, below 0.1 of the negatives.
        rate: the share of positives of the stratum, for everybody: calibrated, and of no use.
        accuracy: this share of every class is predicted rightly; the others are spread over the other classes (multi-class).
        class_accuracy: the same, class by class; a class with 0 is never predicted.
        always: this class for everybody (multi-class).
        invert: 1 - score.
        lift: (1 + score) / 2: everybody above 0.5.
        lower: score / 2: nobody above 0.5.
        logits: the log-odds of the score.
        times: the score times this, 100 for percent.
        digits: rounded to so many decimals.
        missing: this share of the scores is NaN.
        where: slice -> other recipe, for the examples of the slice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    auc: float | None = None
    balanced: bool = False
    fpr: float | None = None
    fnr: float | None = None
    at: float = 0.5
    constant: float | None = None
    random: Literal[True] | None = None
    perfect: Literal[True] | None = None
    rate: Literal[True] | None = None
    accuracy: float | None = None
    class_accuracy: tuple[float, ...] | None = None
    always: int | None = None
    invert: bool = False
    lift: bool = False
    lower: bool = False
    logits: bool = False
    times: float = 1.0
    digits: int | None = None
    missing: float = 0.0
    where: Mapping[str, "Recipe"] = {}

    @model_validator(mode="after")
    def _one_way(self) -> "Recipe":
        ways = ("auc", "fpr", "constant", "random", "perfect", "rate", "accuracy", "class_accuracy", "always")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) != 1 or (self.fpr is None) != (self.fnr is None):
            raise ValueError(f"a recipe needs exactly one of {', '.join(ways)} (fpr together with fnr), not {given}")
        return self

    def of(self, stratum: Stratum) -> "Recipe":
        """Return the recipe for a stratum: the last of `where` that names it, else this one."""
        named = [recipe for name, recipe in self.where.items() if name in stratum.names()]
        return named[-1] if named else self


@dataclass(frozen=True, eq=False)
class Predictions:
    """A table of predictions.

    Attributes:
        labels: int64[N].
        scores: model -> float64[N], or float64[N, C] where there are more than two classes.
        slices: feature -> the groups of every example.
        weights: float64[N]; None where all are 1.
        ids: int64[N], equal for copies of one example.
    """

    labels: Ints
    scores: Mapping[str, Floats]
    slices: Mapping[str, Sequence[tuple[str, ...]]]
    weights: Floats | None
    ids: Ints

    def repeated(self, times: int) -> "Predictions":
        """Return the table with every example so many times."""
        again = np.tile(np.arange(len(self.labels)), times)
        return Predictions(
            self.labels[again],
            {model: scores[again] for model, scores in self.scores.items()},
            {feature: [groups[row] for row in again] for feature, groups in self.slices.items()},
            None if self.weights is None else self.weights[again],
            self.ids[again],
        )


def make(strata: Sequence[Stratum], recipes: Mapping[str, Recipe], seed: int = 1, correlation: float = 0.9) -> Predictions:
    """Make a table.

    Args:
        strata: the examples.
        recipes: model -> how it scores.
        seed: of everything random.
        correlation: of the ease of an example for one model with that for another.
    """
    features = list(dict.fromkeys(chain.from_iterable(stratum.groups for stratum in strata)))
    sizes = [stratum.rows for stratum in strata]
    labels = [_labels(stratum) for stratum in strata]
    shared = np.split(np.random.default_rng(seed).standard_normal(sum(sizes)), np.cumsum(sizes)[:-1])
    scores = {}
    for number, (model, recipe) in enumerate(recipes.items()):
        random = np.random.default_rng([seed, 1 + number])  # a 0 at the end would change nothing: the shared stream again
        parts = []
        for stratum, of_stratum, ease in zip(strata, labels, shared, strict=True):
            own = correlation * ease + np.sqrt(1 - correlation**2) * random.standard_normal(stratum.rows)
            parts.append(score(recipe.of(stratum), of_stratum, own, random))
        scores[model] = np.concatenate(parts)
    weights = np.repeat([stratum.weight for stratum in strata], sizes)
    return Predictions(
        np.concatenate(labels),
        scores,
        {feature: [stratum.groups.get(feature, ()) for stratum in strata for _ in range(stratum.rows)] for feature in features},
        None if (weights == 1).all() else weights,
        np.arange(sum(sizes)),
    )


def score(recipe: Recipe, labels: Ints, ease: Floats, random: np.random.Generator) -> Floats:
    """Return the scores of one stratum.

    Args:
        recipe: how they are made.
        labels: int64[N].
        ease: float64[N], standard normal.
        random: for what is random besides the ease.
    """
    if recipe.accuracy is not None or recipe.class_accuracy is not None or recipe.always is not None:
        return _probabilities(recipe, labels, ease, random)
    made = _made(recipe, labels, ease, random)
    made = 1 - made if recipe.invert else made
    made = (1 + made) / 2 if recipe.lift else made
    made = made / 2 if recipe.lower else made
    made = logit(made) if recipe.logits else made
    made = made * recipe.times
    made = made if recipe.digits is None else np.round(made, recipe.digits)
    made[: round(recipe.missing * len(made))] = np.nan
    return made


def _made(recipe: Recipe, labels: Ints, ease: Floats, random: np.random.Generator) -> Floats:
    positive, share = labels == 1, float(np.mean(labels))
    if recipe.auc is not None:
        distance = np.sqrt(2) * ndtri(recipe.auc)
        odds = 0.0 if recipe.balanced else float(logit(share))
        return np.asarray(expit(distance * (distance * positive + ease) - distance**2 / 2 + odds), np.float64)
    if recipe.fpr is not None and recipe.fnr is not None:
        made = np.empty(len(labels))
        made[~positive] = _split(ease[~positive], recipe.fpr, recipe.at)
        made[positive] = _split(ease[positive], 1 - recipe.fnr, recipe.at)
        return made
    if recipe.constant is not None:
        return np.full(len(labels), recipe.constant)
    if recipe.perfect is not None:
        return np.asarray(0.9 * positive + 0.1 * ndtr(ease), np.float64)
    return random.random(len(labels)) if recipe.random else np.full(len(labels), share)


def _split(ease: Floats, above: float, at: float) -> Floats:
    """Return scores in the order of the ease, exactly the share `above` of them above the threshold `at`."""
    order = np.argsort(np.argsort(ease))
    number = len(ease) - round(above * len(ease))
    high = order >= number
    below, over = (order + 0.5) / max(number, 1), (order - number + 0.5) / max(len(ease) - number, 1)
    return np.where(high, at + (1 - at) * over, at * below)


def _probabilities(recipe: Recipe, labels: Ints, ease: Floats, random: np.random.Generator) -> Floats:
    """Return float64[N, C]: the predicted class gets a probability above one half, more of it where the ease is high."""
    classes = 3
    predicted = labels.copy() if recipe.always is None else np.full(len(labels), recipe.always)
    right = recipe.class_accuracy or (recipe.accuracy if recipe.accuracy is not None else 1.0,) * classes
    if recipe.always is None:
        for number in range(classes):
            rows = np.flatnonzero(labels == number)
            wrong = rows[np.argsort(ease[rows])[: round((1 - right[number]) * len(rows))]]
            others = [other for other in range(classes) if other != number and right[other] > 0]
            predicted[wrong] = random.choice(others, len(wrong))
    top = 0.55 + 0.4 * ndtr(ease)
    made = np.repeat(((1 - top) / (classes - 1))[:, None], classes, axis=1)
    made[np.arange(len(labels)), predicted] = top
    return made


def _labels(stratum: Stratum) -> Ints:
    counts = stratum.labels or (stratum.rows - stratum.positives, stratum.positives)
    if sum(counts) != stratum.rows or min(counts) < 0:
        raise ValueError(f"the labels {counts} are not {stratum.rows} examples")
    return np.repeat(np.arange(len(counts)), counts)
