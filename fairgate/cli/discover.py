"""`fairgate discover`: find the slices on which a model is worst, that nobody has named. No pipeline, no TensorFlow.

In: files of predictions, and which column is what. Out: the confirmed slices in the terminal, and files of them.

    fairgate discover predictions.parquet --label toxic --score candidate=p --slices gender,race --bins age=5
    fairgate discover p.parquet --label toxic --score candidate=p --group gender=male,female --policy-out rules.yaml
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fairgate.cli.garbage import seldom_collected
from fairgate.cli.table_options import (
    Cluster,
    Files,
    Groups,
    Slices,
    Where,
    expression,
    named_columns,
    numbers,
    score_columns,
    slice_columns,
    split,
)
from fairgate.errors import InputError, os_reason
from fairgate.names import CANDIDATE

if TYPE_CHECKING:
    from rich.console import Console

    from fairgate.discovery.result import Discovery

JSON, MARKDOWN = "discovery.json", "discovery.md"


def discover(
    files: Files,
    label: Annotated[str, typer.Option(metavar="COLUMN", help="Column of the true label.", show_default=False)],
    score: Annotated[
        list[str],
        typer.Option(
            metavar="candidate=COLUMN",
            help="Column of the model's score in [0, 1], or of the probabilities of its classes, candidate='p_*'.",
            show_default=False,
        ),
    ],
    slices: Slices = None,
    group: Groups = None,
    bins: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=N", help="Numeric column, cut into N ranges with about equally many examples. Repeatable."),
    ] = None,
    metric: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Rate by which a slice is bad (default: false_positive_rate; accuracy of several classes).",
            show_default=False,
        ),
    ] = "",
    threshold: Annotated[str, typer.Option(metavar="NUMBER,…", help="Decision thresholds.")] = "0.5",
    worse: Annotated[
        Literal["higher", "lower"] | None, typer.Option(help="Bad side of a metric that has none by itself: positive_rate.")
    ] = None,
    depth: Annotated[int, typer.Option(metavar="N", help="Conditions of a slice, at most.")] = 3,
    min_examples: Annotated[
        int, typer.Option(metavar="N", help="Examples that a slice must have, of the label in question.")
    ] = 100,
    cluster: Cluster = None,
    positive: Annotated[
        str | None, typer.Option(metavar="VALUE", help="Value of the label that is positive (default: 1, true, yes, or ≥ 0.5).")
    ] = None,
    where: Where = None,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help=f"Folder for {JSON} and {MARKDOWN}.")] = None,
    policy_out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="YAML file of a policy with rules on the confirmed slices.")
    ] = None,
) -> int:
    """Find the worst slices that nobody has named.

    One half of the examples chooses among all conjunctions of groups, the other confirms. Exit code 0, whatever is found.
    """
    seldom_collected()
    from rich.console import Console

    from fairgate.judging.discovery import BinnedRoles, DiscoveryRequest, discover_files

    scores = score_columns(score)
    if list(scores) != [CANDIDATE]:
        raise InputError(f"--score {' --score '.join(score)}: one model is looked at; type --score {CANDIDATE}=COLUMN alone.")
    roles = BinnedRoles(
        label,
        scores,
        slice_columns(slices),
        named_columns("--group", group),
        cluster=cluster,
        positive=positive,
        where=expression(where),
        bins=_bins(bins or ()),
    )
    request = DiscoveryRequest(roles, metric, numbers("--threshold", threshold), worse, depth, min_examples)
    found = discover_files(files, request)
    console = Console()
    _print(console, found)
    _write(console, found, out, policy_out)
    return 0


def _bins(given: Sequence[str]) -> dict[str, int]:
    """Return column -> number of ranges of options COLUMN=N,COLUMN=N.

    Raises:
        InputError: an option is written otherwise.
    """
    found: dict[str, int] = {}
    for text in (part for each in given for part in split(each) or (each,)):
        name, _, number = text.rpartition("=")
        if not (name and number.isascii() and number.isdigit()):
            raise InputError(f"--bins {text}: write COLUMN=N, such as --bins age=5.")
        if name in found:
            raise InputError(f"--bins names {name!r} twice; name it once.")
        found[name] = int(number)
    return found


def _print(console: "Console", found: "Discovery") -> None:
    """Print the confirmed slices, and what was looked at."""
    from rich.table import Table
    from rich.text import Text

    from fairgate.discovery.words import HEADINGS, sentences_of, slice_words
    from fairgate.text import printable

    console.print()
    if found.confirmed:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in HEADINGS:
            numeric = heading not in ("slice", "compared with")
            table.add_column(heading, justify="right" if numeric else "left", overflow="fold", no_wrap=heading in ("n", "p"))
        for each in found.own:
            words = slice_words(each, len(found.thresholds) > 1)
            table.add_row(*(Text(printable(" ".join(cell.split()))) for cell in vars(words).values()))
        console.print(table)
        console.print()
    else:
        console.print("[bold]No slice was confirmed.[/]")
    for sentence in sentences_of(found):
        console.print(printable(sentence), markup=False, highlight=False)


def _write(console: "Console", found: "Discovery", out: Path | None, policy_out: Path | None) -> None:
    from fairgate.discovery.rules import policy_yaml
    from fairgate.discovery.words import markdown
    from fairgate.files import destination, replace_text

    texts: dict[Path, str] = {}
    if out is not None:
        texts = {out / JSON: found.model_dump_json(indent=1) + "\n", out / MARKDOWN: markdown(found)}
    rules = policy_yaml(found) if policy_out is not None else None
    if policy_out is not None and rules is None:
        console.print(f"No confirmed slice makes a rule, so {policy_out} is not written.", markup=False)
    elif policy_out is not None and rules is not None:
        texts[policy_out] = rules
        if ranges := [each.slice for each in found.own if each.ranges]:
            console.print(f"Not in {policy_out}, for a table has no column of their ranges: {', '.join(ranges)}.", markup=False)
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(destination(path), text)
        except OSError as error:
            raise InputError(f"{path} cannot be written ({os_reason(error)}); name another place.") from error
        console.print(f"Written: {path}", markup=False, soft_wrap=True)
    if policy_out in texts:
        console.print(
            f"These rows chose the slices of {policy_out}: judge new data by it, not these.", markup=False, soft_wrap=True
        )
