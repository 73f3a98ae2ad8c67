"""Check that the measurements can be believed, before any rule counts. No policy can switch this off.

In: an evaluation. Out: `Check`s that are not in order: scores that are NaN or no probabilities, models that were measured on
different examples, values that no metric can take, weights that are no weights, labels of one class, copies of examples.
"""

import math
from collections.abc import Iterator

from fairgate.counterfactual import CounterfactualResults
from fairgate.errors import UnknownNameError
from fairgate.gate import sentences
from fairgate.gate.checks import Check
from fairgate.measurement import Evaluation, MetricKey, SliceMetrics
from fairgate.metrics import registry
from fairgate.names import BASELINE, CANDIDATE, LEAST_DISTINCT, OVERALL

_FEW = 100  # examples, below which a group is seldom judged
_NOISE = 1e-6  # relative: sums of weights are not exact
_MOST_LISTED = 3


def checks(evaluation: Evaluation) -> Iterator[Check]:
    """Yield every check of an evaluation that is not in order."""
    for model, invalid in sorted(evaluation.invalid_scores.items()):
        if invalid:
            what = f"{sentences.plural(invalid, 'score')} that {'is' if invalid == 1 else 'are'} NaN or infinite"
            reason = f"The {model} gave {what}; every example needs an answer."
            yield Check("invalid-scores", ok=False, reason=reason)
    yield from _scores_in_range(evaluation)
    yield from _same_examples(evaluation)
    yield from _possible(evaluation)


def of_swaps(results: CounterfactualResults | None) -> Iterator[Check]:
    """Yield checks of the counterfactual test that are not in order."""
    for model, invalid in sorted(results.invalid_scores.items()) if results else ():
        if invalid:
            what = f"{sentences.count(invalid)} scores of the counterfactual test that are NaN or infinite"
            yield Check("invalid-scores", ok=False, reason=f"The {model} gave {what}; every text needs an answer.")


def copies(evaluation: Evaluation) -> str:
    """Return a sentence on examples that are copies of others; empty where there are few or that was not counted."""
    rows, distinct = evaluation.rows, evaluation.distinct
    if rows is None or distinct is None or not rows or distinct >= LEAST_DISTINCT * rows:
        return ""
    counted = f"Only {sentences.count(distinct)} of the {sentences.count(rows)} examples are distinct"
    if evaluation.clustered:
        return f"{counted}; the intervals take that into account."
    return f"{counted}, so every interval is too narrow; remove the copies."


def _scores_in_range(evaluation: Evaluation) -> Iterator[Check]:
    for model, outside in sorted(evaluation.out_of_range.items()):
        if not outside:
            continue
        low, high = evaluation.score_ranges.get(model, (math.nan, math.nan))
        remedy = "give probabilities"
        if low < 0:
            remedy = "they look like logits: apply the sigmoid"
        elif 1 < high <= 100:
            remedy = "they look like percentages: divide them by 100"
        span = "" if math.isnan(low) else f" (from {sentences.number(low)} to {sentences.number(high)})"
        reason = f"The {model} gave {sentences.plural(outside, 'score')} outside 0 to 1{span}; {remedy}."
        yield Check("scores-in-range", ok=False, reason=reason)


def _same_examples(evaluation: Evaluation) -> Iterator[Check]:
    """Yield models that were not measured, or not on the candidate's examples, overall or on a slice."""
    measured = [model for model in (CANDIDATE, BASELINE) if model in evaluation.models]
    for model in sorted({CANDIDATE, *measured}):
        if OVERALL not in evaluation.models.get(model, {}):
            yield Check("measured", ok=False, reason=f"The {model} was not measured on {OVERALL}.")
    candidate, baseline = (evaluation.models.get(model, {}) for model in (CANDIDATE, BASELINE))
    for name in [OVERALL, *sorted(candidate.keys() & baseline.keys() - {OVERALL})]:
        own, other = candidate.get(name), baseline.get(name)
        if own and other and _sizes(own) != _sizes(other):
            counts = f"{sentences.count(own.n)} and {sentences.count(other.n)} of {name}"
            if own.n == other.n:
                counts += (
                    f", {sentences.count(own.n_positive or 0)} and {sentences.count(other.n_positive or 0)} of them positive"
                )
            reason = f"Candidate and baseline were measured on different examples ({counts}); they cannot be compared."
            yield Check("same-examples", ok=False, reason=reason)
            return


def _sizes(metrics: SliceMetrics) -> tuple[int, int | None, int | None]:
    return metrics.n, metrics.n_positive, metrics.n_negative


def _possible(evaluation: Evaluation) -> Iterator[Check]:
    """Yield one check that names the first of the values that no metric, count or weight can have."""
    problems = [
        f"{model}, {problem}"
        for model, slices in sorted(evaluation.models.items())
        for name, metrics in slices.items()
        for problem in _impossible(name, metrics)
    ]
    if problems:
        listed = "; ".join(problems[:_MOST_LISTED])
        more = f"; and {len(problems) - _MOST_LISTED} more" if len(problems) > _MOST_LISTED else ""
        reason = f"The evaluation holds values that cannot be: {listed}{more}. Check scores and weights, and evaluate again."
        yield Check("possible-values", ok=False, reason=reason)


def _impossible(name: str, metrics: SliceMetrics) -> Iterator[str]:
    both = (metrics.n_positive or 0) + (metrics.n_negative or 0)
    if metrics.n < 0 or (metrics.n_positive is not None and metrics.n_negative is not None and both != metrics.n):
        yield f"{name}: {metrics.n} examples, {metrics.n_positive} of them positive and {metrics.n_negative} negative"
    weightless = metrics.mean_weight == 0 and not any(rate.trials for rate in metrics.rates.values())
    if weightless and 0 < metrics.n < _FEW and name != OVERALL:
        return  # so few that weigh nothing hide no group
    if metrics.n > 0 and not (0 < metrics.mean_weight < math.inf):
        yield f"{name}: a mean example weight of {metrics.mean_weight:g}"
    elif metrics.n > 0 and not (0 < metrics.design_effect < math.inf):
        yield f"{name}: a design effect of {metrics.design_effect:g}"
    for key, rate in metrics.rates.items():
        noise = _NOISE * abs(rate.trials)
        if not (-noise <= rate.successes <= rate.trials + noise and rate.trials < math.inf):
            yield f"{_of(key, name)} of {rate.successes:g} in {rate.trials:g}"
        elif rate.trials <= 0 and (labelled := _labelled(metrics, key)):
            yield f"{_of(key, name)} without weight, although it has {labelled} examples"
    for key, scalar in metrics.scalars.items():
        least, most = _bounds(key)
        if not math.isnan(scalar.value) and not least - _NOISE <= scalar.value <= most + _NOISE:
            yield f"{_of(key, name)} of {scalar.value:g}"
        elif scalar.standard_error < 0:
            yield f"{_of(key, name)} with a standard error of {scalar.standard_error:g}"


def _labelled(metrics: SliceMetrics, key: MetricKey) -> int:
    """Return how many examples a rate of one label rests on; 0 for other rates."""
    of_positives = key.name in ("false_negative_rate", "true_positive_rate")
    of_negatives = key.name in ("false_positive_rate", "true_negative_rate")
    return (metrics.n_positive or 0) * of_positives + (metrics.n_negative or 0) * of_negatives


def _bounds(key: MetricKey) -> tuple[float, float]:
    try:
        return registry.get(key.name).bounds
    except UnknownNameError:
        return -math.inf, math.inf


def _of(key: MetricKey, name: str) -> str:
    return f"{key} on {name}"
