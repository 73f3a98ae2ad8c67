"""`fairgate data embedding-bias`: measure the bias of a text embedding towards identity terms, before any training.

In: a text embedding str[N] -> float[N, d]. Out: a table with every pair of terms of a group, and the same as JSON.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from components.counterfactual.plan import CounterfactualPlan
from components.tasks.base import Embed, Task
from fairgate.counterfactual import EmbeddingBias, TermPair
from fairgate.errors import InputError, os_reason
from pipeline import tasks

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 120  # columns, if the output is not a terminal
LEGEND = """Effect size: how much nearer the first term lies to pleasant than to unpleasant sentences, against the second term, in
standard deviations. p: two-sided, by permutation, not corrected for the number of pairs. No finding is no proof of no bias."""


def embedding_bias(
    handle: Annotated[
        str,
        typer.Argument(metavar="HANDLE_OR_FOLDER", help="TF-Hub handle, or the directory of a SavedModel.", show_default=False),
    ],
    task: Annotated[
        str, typer.Option(metavar="TASK", help="Task whose identity terms and sentences are used.")
    ] = "civil-comments",
    to: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write the results as JSON.")] = None,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Random seed of the permutation test.", min=0)] = 1,
) -> None:
    """Measure the bias of a text embedding.

    How it distinguishes identity terms: distances, and closeness to pleasant sentences.
    """
    chosen = tasks.find(task)
    plan, embedder = _examined(chosen, handle)
    found = _examine(handle, plan, embedder, EmbeddingBias(embedding=handle, confidence=chosen.evaluation.confidence, seed=seed))
    if to is not None:
        _write(found, to)
    _show(found)


def as_table(found: EmbeddingBias) -> "Table":
    """Return a table with one row per pair of terms."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("group", "terms"):
        table.add_column(name)
    for name in ("cosine distance", f"{found.confidence * 100:g} % interval", "effect size", "p"):
        table.add_column(name, justify="right")
    for cells in _rows(found.pairs):
        table.add_row(*cells)
    return table


def _rows(pairs: Iterable[TermPair]) -> Iterable[tuple[str, ...]]:
    for pair in pairs:
        if pair.unknown:
            yield pair.group, f"{pair.term} – {pair.other}", f"not measured: {', '.join(pair.unknown)} unknown", "–", "–", "–"
            continue
        ends = "–" if pair.low is None or pair.high is None else f"{pair.low:.3f}–{pair.high:.3f}"
        effect = "–" if pair.effect_size is None else f"{pair.effect_size:+.2f}"
        yield pair.group, f"{pair.term} – {pair.other}", f"{pair.distance:.3f}", ends, effect, f"{pair.p_value:.4f}"


def _examined(task: Task, handle: str) -> tuple[CounterfactualPlan, Embed]:
    if task.counterfactual is None or task.embedder is None:
        known = [name for name, other in tasks.TASKS.items() if other.counterfactual and other.embedder]
        raise InputError(f"{task.name} has no text embedding to examine; choose from {', '.join(known)}.")
    if task.check_inputs is not None:  # before TensorFlow is imported
        task.check_inputs(task.input(), task.training.model_validate({"embedding": handle}))
    from pipeline.terminal import quiet

    with quiet(Path(os.devnull)):
        return task.counterfactual, task.embedder()


def _examine(handle: str, plan: CounterfactualPlan, embed: Embed, about: EmbeddingBias) -> EmbeddingBias:
    """Measure all pairs of terms and return the completed result; TensorFlow's output is discarded."""
    from components.counterfactual import association
    from pipeline.terminal import Steps, quiet

    with quiet(Path(os.devnull)) as console:
        steps = Steps(console)
        steps.start("Loading the text embedding")
        try:
            pairs = association.examine(plan, lambda texts: embed({"embedding": handle}, texts), about.confidence, about.seed)
        finally:
            steps.stop()
    return about.model_copy(update={"pairs": tuple(pairs)})


def _write(found: EmbeddingBias, path: Path) -> None:
    from fairgate.files import destination, replace_text

    try:
        replace_text(destination(path), found.model_dump_json(indent=1) + "\n")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({os_reason(error)}); name another file with --json FILE.") from None


def _show(found: EmbeddingBias) -> None:
    from rich.console import Console

    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, emoji=False, width=WIDTH)
    console.print(as_table(found))
    console.print(LEGEND)
