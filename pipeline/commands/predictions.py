"""`fairgate predictions`: export the predictions that a run was judged by, for `fairgate evaluate` and any other tool.

In: the root of a finished run, blessed or not. Out: a folder with

    predictions.parquet   a row per example of the eval split; see `components.evaluation.predictions_table`
    policy.yaml           the run's own policy, without the rules that a table of predictions cannot be judged by
    evaluate.txt          the command that judges the table, and what it leaves out of the run's verdict

The folder appears whole or not at all. The models are asked again, so examples and models must be as the run left them.
"""

import os
import shlex
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairgate import manifest as manifests
from fairgate.cli.group import examples
from fairgate.counting.config import EvaluationConfig
from fairgate.counting.settings import CountSettings
from fairgate.errors import InputError, UnknownNameError, os_reason
from fairgate.files import removal, replace_text, replaced_folder
from fairgate.gate import policy_text
from fairgate.gate import verdict as verdicts
from fairgate.gate.measured import measured
from fairgate.gate.policy import Policy
from fairgate.gate.verdict import Verdict
from fairgate.metrics import registry
from fairgate.names import CANDIDATE, EVAL, LEAST_DISTINCT
from fairgate.run_files import parse_json, read_text, refuse
from fairgate.run_folder import CONFIGURATION, REPORTS, VERDICT, newest, require_folder, run_ids
from pipeline import tasks

if TYPE_CHECKING:
    import pyarrow as pa

    from components.tasks.base import Task

TABLE, POLICY, COMMAND = "predictions.parquet", "policy.yaml", "evaluate.txt"
ROWS = 1 << 16  # of a row group
OUT = Path("fairgate-predictions")
MAX_BYTES = 64 << 20  # of config.json

_NOT_IN_A_TABLE = {
    "counterfactual": "no texts with exchanged terms are in a table",
    "train": "no training examples are in a table",
}

EXAMPLES = examples(
    "fairgate predictions runs/civil-comments",
    "fairgate predictions runs/digits --out digits-predictions",
)


@dataclass(frozen=True)
class FinishedRun:
    """What is known of a finished run.

    Attributes:
        root: its root folder.
        report: the folder of its report.
        task: of the run.
        evaluation: how it was measured.
        policy: by which it was judged.
        verdict: the gate's.
        models: model -> folder of the SavedModel that was judged.
        examples: folder of the raw examples.
    """

    root: Path
    report: Path
    task: "Task"
    evaluation: EvaluationConfig
    policy: Policy
    verdict: Verdict
    models: Mapping[str, Path]
    examples: Path


def predictions(
    root: Annotated[
        Path, typer.Argument(metavar="ROOT", help="Root directory of a run, or the directory of one report.", show_default=False)
    ],
    run: Annotated[str | None, typer.Option(metavar="ID", help="Id of the run (default: the newest).")] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Output directory.")] = OUT,
) -> None:
    """Export the predictions that a run was judged by.

    Writes the scores of every model on the eval split as Parquet, the policy of the run, and the command that judges them again.
    A refused run has predictions too.
    """
    check_place(out)
    finished = find_run(root, run)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages that TensorFlow brings along
        text = export(finished, out)
    typer.echo(text, nl=False)


def find_run(root: Path, run: str | None = None) -> FinishedRun:
    """Return a finished run whose examples, models and report are as it left them.

    Args:
        root: a run's root folder, or the folder of one report.
        run: id of the run; None for the newest.

    Raises:
        InputError: there is no such run, or one of its files was changed or removed.
    """
    report = _report(require_folder(root), run).resolve()
    manifest = manifests.read(report)
    base = report.parent.parent
    if not manifest.run or report.parent.name != REPORTS or report.name != manifest.run:
        raise InputError(f"{report}: no report below the root of a run, so it has no examples and models; name the root.")
    changed = manifests.differences(manifest, base, kinds={"report", "examples", "models"})
    if found := [str(each) for each in changed] or list(manifests.contradictions(manifest, report)):
        raise InputError(manifests.described(report, found))
    verdict = verdicts.read(report / VERDICT)
    of_digest = {folder.digest: base / folder.path for folder in manifest.folders if folder.kind == "models"}
    (data_folder,) = [base / folder.path for folder in manifest.folders if folder.kind == "examples"]
    configuration = report / CONFIGURATION
    written = parse_json(configuration, read_text(configuration, MAX_BYTES))
    if not isinstance(written, dict) or not isinstance(written.get("task"), str):
        refuse(configuration, "it is not the configuration of a run, which names a task")
    return FinishedRun(
        base,
        report,
        tasks.find(written["task"]),
        EvaluationConfig.model_validate(written["evaluation"]),
        Policy.from_yaml(configuration),
        verdict,
        {name: of_digest[model.digest] for name, model in verdict.models.items()},
        data_folder,
    )


def _report(root: Path, run: str | None) -> Path:
    if run is None:
        return newest(root)
    ids = run_ids(root)
    if run not in ids:
        raise UnknownNameError("run", run, ids)
    return root / REPORTS / run


def export(run: FinishedRun, out: Path) -> str:
    """Score the run's examples and write the folder; return the text of evaluate.txt.

    Raises:
        InputError: see `check_place`; or a model cannot be loaded.
    """
    policy, left_out = judgeable(run)
    text = _text(run, policy, left_out, out)
    place = check_place(out)
    try:
        with replaced_folder(place) as draft:
            _write_table(run, draft / TABLE)
            replace_text(draft / POLICY, policy_text.as_yaml(policy))
            replace_text(draft / COMMAND, text)
    except OSError as error:
        raise InputError(f"{out} cannot be written ({os_reason(error)}); name another folder with --out.") from error
    return text


def check_place(out: Path) -> Path:
    """Return where the folder is written: what a link leads to. An earlier export is replaced.

    Raises:
        InputError: something else is there.
    """
    place = Path(os.path.realpath(out))
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise InputError(f"{out} is no folder; name one with --out.")
    if Path.cwd().is_relative_to(place):
        raise InputError(f"{out} is the folder that you are in, which cannot be replaced; name one in it with --out.")
    others = sorted(path.name for path in place.iterdir() if path.name not in (TABLE, POLICY, COMMAND)) if place.exists() else []
    if others:
        raise InputError(
            f"{out} holds {others[0]}, which is not of an earlier export; name another folder with --out, "
            f"or remove it ({removal(place / others[0])})."
        )
    return place


def judgeable(run: FinishedRun) -> tuple[Policy, dict[str, str]]:
    """Return the run's policy without the rules that `fairgate evaluate` cannot judge, and why: id of the rule -> reason."""
    asked = run.evaluation.model_copy(update={"intersections": (), "splits": (EVAL,)})
    known = replace(measured(run.task.labels, asked, {}), of_table=True)
    problems: dict[str, str] = {}
    for rule in run.policy.rules:
        absent = [words for need, words in _NOT_IN_A_TABLE.items() if need in registry.get(rule.metric).needs]
        for message in (*absent, *rule.lint(known)):
            problems.setdefault(rule.id, message.partition("; ")[0].rstrip("."))
    rules = tuple(rule for rule in run.policy.rules if rule.id not in problems)
    waivers = tuple(waiver for waiver in run.policy.waivers if waiver.rule not in problems)
    return run.policy.model_copy(update={"rules": rules, "waivers": waivers}), problems


def settings_of(run: FinishedRun) -> CountSettings:
    """Return how the run counted its examples; clustered where less than 95 % of them are distinct."""
    from components.artifacts.facts import counted

    rows, distinct = counted(run.examples).get(EVAL, (None, None))
    return replace(
        CountSettings.of(run.task.labels, run.evaluation),
        content_keys=run.task.text_features,
        distinct=distinct,
        clustered=rows is not None and distinct is not None and distinct < LEAST_DISTINCT * rows,
    )


def _write_table(run: FinishedRun, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    try:
        for part in _row_groups(run):
            table = pa.Table.from_batches(part)
            writer = writer or pq.ParquetWriter(file, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def _row_groups(run: FinishedRun) -> "Iterator[list[pa.RecordBatch]]":
    from components.evaluation.predictions_table import scored_table
    from data.plain_paths import plain

    with plain(run.root) as root:
        models = {name: root / folder.relative_to(run.root) for name, folder in run.models.items()}
        uri = root / run.examples.relative_to(run.root)
        part: list[pa.RecordBatch] = []
        for batch in scored_table(uri, models, settings_of(run), run.evaluation.slice_features):
            part.append(batch)
            if sum(each.num_rows for each in part) >= ROWS:
                yield part
                part = []
        if part:
            yield part


def command(run: FinishedRun, policy: Policy, out: Path) -> str:
    """Return the command that judges the exported table as the run was judged."""
    from components.evaluation.predictions_table import CONTENT, LABEL, WEIGHT, score_columns

    settings, classes = settings_of(run), run.task.labels.classes
    parts = ["fairgate", "evaluate", str(out / TABLE), "--label", LABEL]
    for model in run.models:
        column = score_columns(model, classes)[0] if len(classes) == 2 else f"p_{model}_*"
        parts += ["--score", f"{model}={column}"]
    if run.evaluation.slice_features:
        parts += ["--slices", ",".join(run.evaluation.slice_features)]
    if settings.weight_key is not None:
        parts += ["--weight", WEIGHT]
    parts += ["--content", CONTENT]
    if settings.thresholds:
        parts += ["--thresholds", ",".join(map(repr, settings.thresholds))]
    if policy.rules:
        parts += ["--policy", str(out / POLICY)]
    parts += ["--out", f"{out}-report"]  # beside the folder: in it, a later export would find it and stop
    return shlex.join(parts)


def _text(run: FinishedRun, policy: Policy, left_out: Mapping[str, str], out: Path) -> str:
    """Return the command, and what its verdict cannot rest on that the run's rests on, as comments of a shell."""
    notes = [f"The run {run.report.name} is {run.verdict.outcome}. This judges its predictions again:"]
    after = list(_differences(run, policy, left_out))
    lines = [*(f"# {note}" for note in notes), command(run, policy, out), *(f"# {note}" for note in after)]
    return "\n".join(lines) + "\n"


def _differences(run: FinishedRun, policy: Policy, left_out: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence on each thing that may give another verdict than the run's."""
    for rule, reason in left_out.items():
        lines = [line.outcome for line in run.verdict.rules if line.id == rule]
        yield f"Left out: the rule {rule}, {_in_the_run(lines)} in the run, for {reason}."
    if not policy.rules:
        yield "No rule of the policy can be judged by a table; conventional limits decide instead."
    if policy.waivers:
        yield "The policy has waivers, which `fairgate evaluate` does not apply: what they excuse is refused."
    if run.evaluation.intersections:
        yield "The run measured intersections of two features, which are left out."
    if run.evaluation.confidence != policy.confidence:
        yield (
            f"Intervals of metrics.parquet are at {policy.confidence:g}, the policy's confidence; those of the run at "
            f"{run.evaluation.confidence:g}."
        )
    point = run.verdict.models[CANDIDATE].operating_point if CANDIDATE in run.verdict.models else None
    named = any(rule.thresholds for rule in policy.rules)
    if point is not None and not named and point.threshold != 0.5:
        yield f"The policy names no threshold: the run asked whether the model decides at {point.threshold:g}, this asks at 0.5."


def _in_the_run(outcomes: Sequence[str]) -> str:
    """Return how a rule was judged in the run: "2 passed, 1 failed"."""
    counts = {outcome: outcomes.count(outcome) for outcome in dict.fromkeys(outcomes)}
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "not judged"
