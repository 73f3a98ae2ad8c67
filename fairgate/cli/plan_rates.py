"""Compute how many examples a rule needs before there are data, from assumed rates.

In: `Assumed`, which refuses what is no question. Out: the number, as a sentence or as JSON. Imports numpy only to compute.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from fairgate.errors import InputError
from fairgate.gate.needed import POWER, about

if TYPE_CHECKING:
    from fairgate.statistics.comparison import Estimate

EXAMPLE = "fairgate plan --rate .19 --limit .22"
_START = 1000.0  # trials at which the search for their number starts; it ends wherever it starts
_AT_LIMIT = 1e-9
# What the rate is held to -> the options that belong to it alone.
_BELONGING: Mapping[str, Sequence[str]] = {
    "limit": (),
    "against": ("ratio", "difference", "share", "rest"),
    "baseline": ("margin", "both"),
}


@dataclass(frozen=True)
class Assumed:
    """What is assumed before there are data: a rate, and what it is held to.

    Attributes:
        rate: the true rate, of a slice where it is compared with all examples, of the candidate where with the baseline.
        limit: of the rate; None where it is compared.
        against: the rate of all examples.
        ratio, difference: the limit of the rate over, or minus, that of all examples; one of the two.
        share: the slice's share of all trials, which stays.
        rest: trials outside of the slice, which stay; one of the two.
        baseline: the baseline's rate on the same examples.
        margin: the limit of the rate minus the baseline's.
        both: share of the trials in which both models succeed (or err); None for models that err independently, which takes the
            most examples as a rule.
        power: probability with which the interval is to lie clear of the limit.
        confidence: level of the interval.
    """

    rate: float
    limit: float | None = None
    against: float | None = None
    ratio: float | None = None
    difference: float | None = None
    share: float | None = None
    rest: int | None = None
    baseline: float | None = None
    margin: float | None = None
    both: float | None = None
    power: float = POWER
    confidence: float = 0.95

    def __post_init__(self) -> None:
        """Raise InputError for what is no question, with the remedy."""
        self._require_shares("rate", "limit", "against", "share", "baseline", "confidence")
        if not 0.5 <= self.power < 1:
            raise InputError(f"--power {self.power:g} is not between .5 and 1; the usual one is --power .8.")
        given = [name for name in _BELONGING if getattr(self, name) is not None]
        if len(given) != 1:
            raise InputError(f"--rate needs one of --limit, --against and --baseline, for example {EXAMPLE}.")
        for owner, names in _BELONGING.items():
            unused = [name for name in names if owner != given[0] and getattr(self, name) is not None]
            if unused:
                raise InputError(f"--{unused[0]} belongs to --{owner}; add --{owner} RATE, or leave it out.")
        if self.against is not None:
            self._require_comparison()
        if self.baseline is not None:
            self._require_change(self.baseline)

    def _require_comparison(self) -> None:
        if (self.ratio is None) == (self.difference is None):
            raise InputError("--against needs --ratio or --difference, and not both, for example --ratio 1.25.")
        if (self.share is None) == (self.rest is None):
            raise InputError("--against needs --share or --rest, and not both, for example --share .05.")
        if self.ratio is not None and not 0 < self.ratio < math.inf:
            raise InputError(f"--ratio {self.ratio:g} is not above 0; a usual limit is --ratio 1.25.")
        if self.difference is not None and not -1 < self.difference < 1:
            raise InputError(f"--difference {self.difference:g} is not between -1 and 1; a usual limit is --difference .1.")
        if self.rest is not None and self.rest < 1:
            raise InputError(f"--rest {self.rest} is no number of examples; give at least --rest 1.")

    def _require_change(self, baseline: float) -> None:
        if self.margin is None:
            raise InputError("--baseline needs --margin, for example --margin .1.")
        if not -1 < self.margin < 1:
            raise InputError(f"--margin {self.margin:g} is not between -1 and 1; a usual one is --margin .1.")
        least, most = max(0.0, self.rate + baseline - 1), min(self.rate, baseline)
        if self.both is not None and not least <= self.both <= most:
            raise InputError(f"--both {self.both:g} is not possible at these rates; give a share from {least:.3g} to {most:.3g}.")

    def _require_shares(self, *names: str) -> None:
        for name in names:
            number = getattr(self, name)
            if number is not None and not 0 < number < 1:
                raise InputError(
                    f"--{name} {number:g} is not between 0 and 1; write a share such as --{name} .25, not a percentage."
                )

    @property
    def bound(self) -> float:
        """Return the limit, of whichever kind; NaN where there is none."""
        return next((limit for limit in (self.limit, self.ratio, self.difference, self.margin) if limit is not None), math.nan)


def from_rates(assumed: Assumed, as_json: bool = False) -> str:
    """Return how many examples decide, for people or as JSON.

    Raises:
        InputError: the rate lies at the limit, or the rates cannot belong together.
    """
    examples = _examples(assumed)
    if as_json:
        known = {name: number for name, number in asdict(assumed).items() if number is not None}
        return json.dumps({"examples": examples, **known}, indent=1)
    return _sentence(assumed, examples)


def _examples(assumed: Assumed) -> int | None:
    """Return how many examples of the slice decide; None where no number does."""
    from fairgate.statistics import sample_size

    trials = _START
    if assumed.baseline is not None:
        estimate = _change(assumed, assumed.baseline)
    elif assumed.against is None:
        estimate = sample_size.plain_rate(assumed.rate, trials)
    else:
        trials, rest = _first_trials(assumed)
        measure: Literal["ratio", "difference"] = "difference" if assumed.ratio is None else "ratio"
        grows = assumed.share is not None
        estimate = sample_size.part_of_whole(assumed.rate, assumed.against, trials, rest, measure, grows)
        if math.isnan(estimate.value):
            raise InputError(_impossible(assumed, trials, rest))
    if abs(estimate.value - assumed.bound) <= _AT_LIMIT:
        raise InputError(f"No number of examples decides: the value {estimate.value:g} is the limit; move one of the two.")
    factor = sample_size.growth(estimate, [assumed.bound], assumed.confidence, assumed.power)
    return max(1, math.ceil(factor * trials - _AT_LIMIT)) if math.isfinite(factor) else None


def _change(assumed: Assumed, baseline: float) -> "Estimate":
    from fairgate.measurement import PairedRate
    from fairgate.statistics import paired

    both = assumed.rate * baseline if assumed.both is None else assumed.both
    shares = both, baseline - both, assumed.rate - both, 1 - assumed.rate - baseline + both
    counts = shares[0] * _START, shares[1] * _START, shares[2] * _START, max(shares[3], 0.0) * _START
    return paired.difference(PairedRate(counts, counts, counts))


def _first_trials(assumed: Assumed) -> tuple[float, float]:
    """Return trials of the slice and of the rest at which the search starts."""
    if assumed.share is not None:
        return _START, _START / assumed.share - _START
    rest = float(assumed.rest or 1)
    return rest / _START, rest


def _impossible(assumed: Assumed, trials: float, rest: float) -> str:
    against = assumed.against or 0.0
    outside = (against * (trials + rest) - assumed.rate * trials) / rest
    return (
        f"A slice at {assumed.rate:g} that is {trials / (trials + rest):.3g} of all examples, and all examples at {against:g}, "
        f"leave the others at {outside:.3g}, which is no rate; lower the share, or bring --against nearer to --rate."
    )


def _sentence(assumed: Assumed, examples: int | None) -> str:
    value, what = assumed.rate, f"a rate of {assumed.rate:.10g}"
    other = assumed.baseline if assumed.against is None else assumed.against
    if other is not None:
        value = assumed.rate / other if assumed.ratio is not None else assumed.rate - other
        compared = f"{assumed.rate:g} {'−' if assumed.ratio is None else '/'} {other:g} = {value:.3g}"
        kind = "change" if assumed.against is None else "difference" if assumed.ratio is None else "ratio"
        what = f"the {kind} {compared}"
    side = f"{'below' if value < assumed.bound else 'above'} the limit {assumed.bound:.10g}"
    if examples is None:
        alone, remedy = (" of the slice alone", "more of the rest is needed too") if assumed.rest else ("", "it lies too near")
        return f"No number of examples{alone} decides whether {what} lies {side}; {remedy}."
    whose = "" if assumed.against is None else " of the slice"
    interval = f"the {assumed.confidence * 100:g} % interval of {what} lies wholly {side}"
    return (
        f"About {about(examples):,} examples{whose}: with so many, {interval} with a probability of {assumed.power * 100:g} %.\n"
        "Only examples that the rate rests on count: negatives for a false positive rate, positives for a false negative rate."
    )
