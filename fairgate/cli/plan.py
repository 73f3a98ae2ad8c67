"""`fairgate plan`: say how many more examples a verdict needs, or how many a rule will need before there are any data.

In: a run's root folder, or assumed rates. Out: a list of slices and labels with the examples that they lack, or one number.

    fairgate plan runs/civil-comments                                       what the newest verdict needs
    fairgate plan --rate .19 --limit .22                                    one rate against a limit
    fairgate plan --rate .30 --against .27 --ratio 1.25 --share .05         a slice against all examples
    fairgate plan --rate .30 --against .27 --ratio 1.25 --rest 9500         the same, where only the slice grows
    fairgate plan --rate .22 --baseline .14 --margin .1                     the candidate against the baseline, same examples
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from fairgate.cli.plan_rates import EXAMPLE, Assumed, from_rates
from fairgate.errors import InputError


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
    baseline: Annotated[float | None, typer.Option(metavar="RATE", help="Rate of the baseline on the same examples.")] = None,
    margin: Annotated[float | None, typer.Option(metavar="LIMIT", help="Limit of --rate minus --baseline.")] = None,
    both: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Share where both models err (default: as if they erred independently).")
    ] = None,
    power: Annotated[float | None, typer.Option(metavar="P", help="Probability of a decision (default: 0.8).")] = None,
    confidence: Annotated[float | None, typer.Option(metavar="LEVEL", help="Level of the interval (default: 0.95).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how many more examples decide what is open.

    Of a run's newest verdict, or of a rule for which there are no data yet.
    """
    numbers = {"limit": limit, "against": against, "ratio": ratio, "difference": difference, "share": share, "rest": rest}
    numbers |= {"baseline": baseline, "margin": margin, "both": both, "power": power, "confidence": confidence}
    given = {name: number for name, number in numbers.items() if number is not None}
    if root is not None:
        extra = ["rate"] if rate is not None else list(given)
        if extra:
            raise InputError(f"--{extra[0]} asks before there are data, but {root} is a run; leave one of the two out.")
        typer.echo(from_verdict(root, as_json))
        return
    if rate is None:
        raise InputError(f"Name a run's root folder, or give assumed rates: {EXAMPLE}.")
    typer.echo(from_rates(Assumed(rate, **given), as_json))  # type: ignore[arg-type]  # only --rest is an integer


def from_verdict(root: Path, as_json: bool = False) -> str:
    """Return the shopping list of a run's newest verdict, for people or as JSON.

    Raises:
        InputError: there is no verdict, or it was written before verdicts said what they need.
    """
    from fairgate.cli.shopping_list import shopping_list, text
    from fairgate.gate import verdict as verdicts
    from fairgate.run_folder import VERDICT, newest, require_folder

    path = newest(require_folder(root)) / VERDICT
    try:
        shopping = shopping_list(verdicts.read(path))
    except InputError as error:
        message = str(error)
        raise InputError(message if str(path) in message else f"{path}: {message}") from error
    if as_json:
        return json.dumps({"verdict": str(path), **shopping.model_dump(mode="json")}, ensure_ascii=False, indent=1)
    return text(shopping, str(root))
