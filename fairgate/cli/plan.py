"""`fairgate plan`: say how many more examples a verdict needs, or how many a rule will need before there are any data.

In: a run's root folder, or assumed rates. Out: a list of slices and labels with the examples that they lack, or one number.

    fairgate plan runs/civil-comments                                       what the newest verdict needs
    fairgate plan --rate .19 --limit .22                                    one rate against a limit
    fairgate plan --rate .30 --against .27 --ratio 1.25 --share .05         a slice against all examples
    fairgate plan --rate .30 --against .27 --ratio 1.25 --rest 9500         the same, where only the slice grows
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from fairgate.errors import InputError
from fairgate.gate.needed import POWER, about

_EXAMPLE = "fairgate plan --rate .19 --limit .22"
_START = 1000.0  # trials at which the search for their number starts; it ends wherever it starts
_AT_LIMIT = 1e-9


@dataclass(frozen=True)
class Assumed:
    """What is assumed before there are data: a rate, and what it is held to.

    Attributes:
        rate: the true rate of the slice.
        limit: of the rate; None where it is compared.
        against: the rate of all examples; None where the rate itself is limited.
        ratio, difference: the limit of the rate over, or minus, that of all examples; one of the two where it is compared.
        share: the slice's share of all trials, which stays.
        rest: trials outside of the slice, which stay; one of the two where it is compared.
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
    power: float = POWER
    confidence: float = 0.95

    def __post_init__(self) -> None:
        """Raise InputError for what is no question, with the remedy."""
        _between_0_and_1(self, "rate", "limit", "against", "share", "confidence")
        if not 0.5 <= self.power < 1:
            raise InputError(f"--power {self.power:g} is not between .5 and 1; the usual one is --power .8.")
        if (self.limit is None) == (self.against is None):
            raise InputError(f"--rate needs --limit or --against, and not both, for example {_EXAMPLE}.")
        if self.against is None:
            unused = [name for name in ("ratio", "difference", "share", "rest") if getattr(self, name) is not None]
            if unused:
                raise InputError(f"--{unused[0]} compares with all examples; add --against RATE, or leave it out.")
            return
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

    @property
    def bound(self) -> float:
        """Return the limit, of whichever kind; NaN where there is none."""
        return next((limit for limit in (self.limit, self.ratio, self.difference) if limit is not None), math.nan)


def plan(
    root: Annotated[
        Path | None, typer.Argument(metavar="ROOT", help="Root directory of a run, or the directory of one report.")
    ] = None,
    rate: Annotated[float | None, typer.Option(metavar="RATE", help="Assumed rate, where there are no data yet.")] = None,
    limit: Annotated[float | None, typer.Option(metavar="RATE", help="Limit of the rate.")] = None,
    against: Annotated[float | None, typer.Option(metavar="RATE", help="Rate of all examples, compared with --rate.")] = None,
    ratio: Annotated[float | None, typer.Option(metavar="LIMIT", help="Limit of --rate divided by --against.")] = None,
    difference: Annotated[float | None, typer.Option(metavar="LIMIT", help="Limit of --rate minus --against.")] = None,
    share: Annotated[float | None, typer.Option(metavar="SHARE", help="Share of the slice; all examples grow.")] = None,
    rest: Annotated[int | None, typer.Option(metavar="N", help="Examples outside of the slice; only the slice grows.")] = None,
    power: Annotated[float | None, typer.Option(metavar="P", help="Probability of a decision (default: 0.8).")] = None,
    confidence: Annotated[float | None, typer.Option(metavar="LEVEL", help="Level of the interval (default: 0.95).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how many more examples decide what a verdict leaves open, or how many a rule needs before there are data."""
    numbers = {"limit": limit, "against": against, "ratio": ratio, "difference": difference, "share": share, "rest": rest}
    numbers |= {"power": power, "confidence": confidence}
    given = {name: number for name, number in numbers.items() if number is not None}
    if root is not None:
        extra = ["rate"] if rate is not None else list(given)
        if extra:
            raise InputError(f"--{extra[0]} asks before there are data, but {root} is a run; leave one of the two out.")
        typer.echo(from_verdict(root, as_json))
        return
    if rate is None:
        raise InputError(f"Name a run's root folder, or give assumed rates: {_EXAMPLE}.")
    typer.echo(from_rates(Assumed(rate, **given), as_json))  # type: ignore[arg-type]  # only --rest is an integer


def from_verdict(root: Path, as_json: bool = False) -> str:
    """Return the shopping list of a run's newest verdict, for people or as JSON.

    Raises:
        InputError: there is no verdict, or it was written before verdicts said what they need.
    """
    from fairgate.cli.shopping_list import shopping_list, text
    from fairgate.gate import verdict as verdicts
    from fairgate.run_folder import VERDICT, newest

    path = newest(root) / VERDICT
    try:
        shopping = shopping_list(verdicts.read(path))
    except InputError as error:
        message = str(error)
        raise InputError(message if str(path) in message else f"{path}: {message}") from error
    if as_json:
        return json.dumps({"verdict": str(path), **shopping.model_dump(mode="json")}, ensure_ascii=False, indent=1)
    return text(shopping, str(root))


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

    if assumed.against is None:
        trials, estimate = 1.0, sample_size.plain_rate(assumed.rate, 1.0)
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
    if assumed.against is not None:
        ratio = assumed.ratio is not None
        value = assumed.rate / assumed.against if ratio else assumed.rate - assumed.against
        compared = f"{assumed.rate:g} {'/' if ratio else '−'} {assumed.against:g} = {value:.3g}"
        what = f"the {'ratio' if ratio else 'difference'} {compared}"
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


def _between_0_and_1(assumed: Assumed, *names: str) -> None:
    for name in names:
        number = getattr(assumed, name)
        if number is not None and not 0 < number < 1:
            raise InputError(f"--{name} {number:g} is not between 0 and 1; write a share such as --{name} .25, not a percentage.")
