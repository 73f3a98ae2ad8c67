"""`fairgate evaluate`: judge the predictions of any model. No pipeline, no TensorFlow.

In: files of predictions, and which column is what. Out: the verdict in the terminal, a folder with the report, and the exit code.

    fairgate evaluate predictions.parquet --label toxic --score candidate=p_new --score baseline=p_old --slices gender,race
    fairgate evaluate 'part-*.csv' --label default --positive bad --score candidate=p --group sex=female,male --policy policy.yaml
    fairgate evaluate pictures.parquet --label kind --score 'candidate=p_*'
    fairgate evaluate hiring.csv --decision candidate=hired --slices sex,race --policy four-fifths
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fairgate.cli.check import JUnitInconclusive, JUnitPath
from fairgate.cli.exit_codes import OUTCOMES
from fairgate.cli.garbage import seldom_collected
from fairgate.cli.table_options import (
    Cluster,
    Files,
    Groups,
    Slices,
    Where,
    decision_columns,
    expression,
    named_columns,
    numbers,
    score_columns,
    slice_columns,
)
from fairgate.errors import InputError

if TYPE_CHECKING:
    from fairgate.gate.junit import JUnitFile
    from fairgate.gate.next_steps import NextStep
    from fairgate.judging.judgement import Judgement
    from fairgate.judging.request import Request

OUT = Path("fairgate-report")


def evaluate(
    files: Files,
    label: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Column of the true label; without it rates of selection alone can be judged."),
    ] = None,
    score: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL=COLUMN",
            help="Column of a model's score in [0, 1], or of the probabilities of its classes, candidate='p_*'. The model is "
            "candidate, baseline or reference. Repeatable.",
        ),
    ] = None,
    decision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL=COLUMN",
            help="Column of a model's decision, yes or no, or of the class that it predicts, for a score. Repeatable.",
        ),
    ] = None,
    slices: Slices = None,
    group: Groups = None,
    weight: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of example weights.")] = None,
    cluster: Cluster = None,
    where: Where = None,
    content: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Column of a key of the example's content, equal where rows are copies of one."),
    ] = None,
    positive: Annotated[
        str | None,
        typer.Option(metavar="VALUE", help="Value of label and decision that is positive (default: 1, true, yes, or ≥ 0.5)."),
    ] = None,
    favourable: Annotated[
        Literal["positive", "negative"],
        typer.Option(help="Decision that is good for the person; it chooses the policy where none is given."),
    ] = "negative",
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|PRESET",
            help="Policy, at the top of a YAML file or under its key `policy`; or strict, four-fifths, ll144.",
        ),
    ] = None,
    thresholds: Annotated[
        str, typer.Option(metavar="NUMBER,…", help="Decision thresholds, beside those that the policy names.")
    ] = "0.1,0.3,0.5,0.7,0.9",
    auc: Annotated[
        Literal["exact", "cells"] | None,
        typer.Option(help="AUC of all scores in order, or of tables of scores (default: exact up to 4,000,000 rows)."),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder of the report.")] = OUT,
    junit: JUnitPath = None,
    junit_inconclusive: JUnitInconclusive = "failure",
) -> int:
    """Judge the predictions of any model, and report why.

    A verdict, its reasons and a report, with the exit codes of `fairgate run`.
    """
    seldom_collected()
    from rich.console import Console

    from fairgate.cli.summary import print_next_steps, print_verdict
    from fairgate.gate.next_steps import next_steps
    from fairgate.hidden import hidden
    from fairgate.judging.data_facts import clusters_said
    from fairgate.judging.defaults import read_policy
    from fairgate.judging.request import Request
    from fairgate.judging.roles import Roles
    from fairgate.judging.writing import check_place
    from fairgate.text import printable

    place = check_place(out)
    if junit is not None and junit.absolute().resolve().is_relative_to(place):
        raise InputError(f"--junit {junit} lies in the folder of the report, which is replaced; name a file beside {out}.")
    file = None if junit is None else _prepared(junit, junit_inconclusive)
    roles = Roles(
        label=label,
        scores=score_columns(score),
        slices=slice_columns(slices),
        groups=named_columns("--group", group),
        weight=weight,
        cluster=cluster,
        positive=positive,
        favourable=favourable,
        decisions=decision_columns(decision),
        where=expression(where),
        content=content,
    )
    with hidden("pandas"):  # files hold nothing that Arrow would have to recognise by it
        judged = _judge(
            files, Request(roles, None if policy is None else read_policy(policy), numbers("--thresholds", thresholds), auc=auc)
        )
        page = judged.report(out)
    if file is not None:
        file.write(judged.verdict)
    console = Console()
    print_verdict(console, judged.verdict)
    if said := clusters_said(cluster, judged.counted.empty_clusters):
        console.print(said, markup=False, soft_wrap=True, style="dim")
    console.print(f"Report: {printable(str(page))}", markup=False, soft_wrap=True)
    print_next_steps(console, [*next_steps(judged.verdict, str(out), str(out)), *_assumed(judged.request)])
    return OUTCOMES[judged.verdict.outcome]


def _prepared(junit: Path, inconclusive: Literal["failure", "skipped"]) -> "JUnitFile":
    from fairgate.gate.junit import JUnitFile

    file = JUnitFile(junit, inconclusive)
    file.prepare()
    return file


def _assumed(request: "Request") -> "Iterator[NextStep]":
    """Yield what was assumed of decisions without labels that came without a policy."""
    from fairgate.gate.next_steps import NextStep

    if request.policy is None and request.roles.label is None and request.roles.favourable == "negative":
        text = "A positive decision was taken to harm. Where it is wanted (a job, a loan), type it:"
        yield NextStep(text, ("fairgate evaluate … --favourable positive",))


def _judge(files: Sequence[str], request: "Request") -> "Judgement":
    """Judge the files, and show how many rows were read where somebody looks on."""
    from rich.console import Console

    from fairgate.judging.judgement import judge_files

    console = Console(stderr=True)
    if not console.is_terminal:
        return judge_files(files, request)
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.completed:,} rows"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        shown = progress.add_task("", total=None)
        return judge_files(files, request, lambda rows: progress.update(shown, completed=rows))
