"""Judge a table of predictions: the whole way from rows to a verdict and its report.

In: rows in memory (`evaluate`) or batches of files (`judge`), the roles of the columns, a policy. Out: `Judgement`, which holds
the same verdict, metrics and report as a run of the pipeline.
"""

import hashlib
import importlib.metadata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from fairgate.asked import by_arrays
from fairgate.counting.slices import SliceSpec
from fairgate.errors import InputError
from fairgate.files import file_digest
from fairgate.frame import Frame
from fairgate.gate.decision import decide
from fairgate.gate.outcome import decisive
from fairgate.gate.policy import Policy
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Subject, Verdict, build
from fairgate.gate.waivers import in_force
from fairgate.judging.arguments import (
    auc_kind,
    column_list,
    column_name,
    decision_columns,
    expression,
    group_columns,
    policy_of,
    refuse_both,
    score_columns,
    threshold_list,
)
from fairgate.judging.arrays import Arrays, named
from fairgate.judging.auc_notes import auc_notes
from fairgate.judging.class_names import class_names, with_columns_of
from fairgate.judging.counting import CountedTable
from fairgate.judging.decisions import classes_of
from fairgate.judging.defaults import THRESHOLD
from fairgate.judging.measuring import measure
from fairgate.judging.memory import files_of, rows_of
from fairgate.judging.reading import Batch, expand
from fairgate.judging.reading import batches as open_batches
from fairgate.judging.request import THRESHOLDS, AucKind, Request, check_policy, chosen_policy, configuration_of, count_settings
from fairgate.judging.roles import Favourable, Roles
from fairgate.judging.where import Taken
from fairgate.names import EVAL, features_of, pairs_of
from fairgate.prediction_counter import Crossed
from fairgate.table import metric_frame
from fairgate.text import printable

if TYPE_CHECKING:  # drawn when it is asked for
    import pandas as pd

    from fairgate.report.content import ReportContent

_SHOWN = 3  # files that the report names
_MOST_REASONS = 6  # that the terminal prints too
NO_POLICY = "no policy was given, so conventional limits decide"


@dataclass(frozen=True)
class Judgement:
    """The verdict on a table of predictions, and everything that it rests on. It shows itself in a notebook.

    Attributes:
        verdict: the gate's; `verdict.outcome`, `verdict.summary`, `verdict.rules`.
        policy: by which it was judged.
        counted: the counts and the evaluation.
        request: what was asked for.
    """

    verdict: Verdict
    policy: Policy
    counted: CountedTable
    request: Request

    @cached_property
    def metrics(self) -> "pd.DataFrame":
        """Return every metric: columns model, slice, metric, threshold, value, low, high, n; NaN where undefined."""
        return self.content.metrics

    @cached_property
    def content(self) -> "ReportContent":
        """Return everything that the report shows."""
        from fairgate.judging.data_facts import data_summary
        from fairgate.report import tallies
        from fairgate.report.content import ReportContent

        detail, confidence, lacks = self.counted.detail, self.policy.confidence, self.counted.lacking
        metrics = metric_frame(self.counted.evaluation, confidence)
        return ReportContent(
            verdict=self.verdict,
            metrics=metrics,
            histograms=None if lacks else tallies.score_histograms(detail),
            confusion=tallies.confusion(detail) if detail.settings.kind == "multiclass" else None,
            roc=None if lacks else tallies.roc(detail),
            calibration=None if lacks else tallies.calibration(detail, confidence),
            paired_changes=self._paired_changes(metrics.distinct("metric")),
            data_summary=data_summary(self.counted, self.request.digests, self.request.roles.cluster),
        )

    def _paired_changes(self, measured: Collection[str]) -> "Frame | None":
        """Return the intervals of what changes, of the metrics that were measured."""
        from fairgate.report import tallies

        changes = tallies.paired_changes(self.counted.evaluation, self.policy.confidence)
        if changes is None:
            return None
        kept = changes.where(np.isin(changes["metric"], list(measured)))
        return kept if len(kept) else None

    def report(self, folder: str | Path) -> Path:
        """Write verdict.json, verdict.md, metrics.parquet, report.html, config.json and manifest.json; return the page's path.

        Args:
            folder: is made; an earlier report in its place is replaced.

        Raises:
            InputError: the folder is there and holds something else.
        """
        from fairgate.judging.writing import write

        return write(self.content, self.configuration, Path(folder))

    @property
    def configuration(self) -> str:
        """Return the text of config.json: the policy, and what the columns are."""
        return configuration_of(self.request, self.policy)

    def __repr__(self) -> str:
        """Return the outcome, the headline and the reasons, as the terminal prints them: a few lines, whatever is held."""
        verdict = self.verdict
        reasons = [line.reason for line in decisive(verdict.rules)] if verdict.outcome in ("refused", "inconclusive") else []
        lines = [f"{verdict.outcome.upper()}  {_line(verdict.summary)}"]
        lines += [f"  • {_line(reason)}" for reason in reasons[:_MOST_REASONS]]
        if len(reasons) > _MOST_REASONS:
            lines.append(f"  … and {len(reasons) - _MOST_REASONS:,} more, in verdict.rules.")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from fairgate.report.notebook import summary

        return summary(self.request.name, self.content)


def evaluate(
    table: Any = None,
    *,
    label: str | None = None,
    scores: Mapping[str, str | Sequence[str]] | Sequence[str] | str | None = None,
    decisions: Mapping[str, str] | str | None = None,
    slices: Sequence[str] = (),
    groups: Mapping[str, Sequence[str]] | None = None,
    weight: str | None = None,
    cluster: str | None = None,
    content: str | None = None,
    where: str | None = None,
    positive: str | None = None,
    favourable: Favourable = "negative",
    policy: Policy | Mapping[str, Any] | str | Path | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
    y_true: Any = None,
    y_pred: Any = None,
    y_score: Any = None,
    sensitive_features: Any = None,
    sample_weight: Any = None,
    baseline: Any = None,
    auc: AucKind | None = None,
) -> Judgement:
    """Judge the predictions of any model.

    Args:
        table: N rows: of Arrow, pandas or Polars, or a dict of arrays; or a file of predictions, or several, as paths or globs.
        label: column of the true label: 0 and 1, true and false, a fraction of raters (from .5 on positive), or names of classes;
            None where there is none: rules on the rate of selection can be judged then, and nothing that rests on labels.
        scores: model ("candidate", "baseline", "reference") -> column of its score in [0, 1], or the columns of the
            probabilities of three or more classes (a pattern, "p_*"); or the columns of the candidate alone. A missing score is
            invalid: it counts against the model.
        decisions: in the place of scores: model -> column of its decision, yes or no, or the class that it predicts; or the
            column of the candidate alone.
        slices: columns of which every value is a group; a column of lists where an example may be in several.
        groups: feature -> columns of which each says who belongs to one of its groups: {"gender": ["male", "female"]}.
        weight: column of example weights.
        cluster: column that is equal for examples that are not independent, such as those of one user.
        content: column of a key of every example's content, text or a whole number, equal where rows are copies of one example.
            Where fewer than 95 % of the keys are distinct, the intervals take the design effect. None finds copies from the rows.
        where: an expression that takes a part of the rows: "split == 'test' and age >= 18", see `fairgate.judging.expressions`.
        positive: the value of label and decision that is positive, where that is not plain; no other one is. Decisions that do
            not hold it may be plain flags: 1, true or yes where they are positive.
        favourable: the decision that is good for the person: false ones of the other kind are what harms. It chooses the default
            policy, and does nothing where a policy is given.
        policy: a policy, its keys, the path of a YAML file that holds them, or the name of a preset ("strict", "four-fifths",
            "ll144"); None for conventional limits.
        thresholds: at which binary scores are measured, beside those that the policy names.
        y_true: in the place of a table, as scikit-learn and fairlearn call it: N true labels; None where there are none.
            Arguments of pandas must have equal indexes; all others are joined by position.
        y_pred: N decisions or classes, or model -> those.
        y_score: N scores in [0, 1], or float[N, C] probabilities of C > 2 classes in the order of the sorted classes, or a
            DataFrame whose columns have the names of the classes, or model -> those.
        sensitive_features: N values, or several such columns: a Series, a DataFrame, a dict or an array. A value may be a list of
            the groups that a row belongs to.
        sample_weight: N weights.
        baseline: the baseline's y_pred or y_score, whichever the candidate has.
        auc: "exact" for AUCs from all scores in order, whose memory grows with the rows; "cells" for those of tables of at most
            32,768 different scores, with their greatest error in the notes of the models; None for exact ones of up to four
            million rows.

    Raises:
        InputError: the table, a column or the policy cannot be judged; the message names it and the remedy.
    """
    arrays = Arrays(y_true, y_pred, y_score, sensitive_features, sample_weight, baseline)
    if arrays.given:
        refuse_both(arrays, {"table": table, "label": label, "scores": scores, "decisions": decisions, "weight": weight})
        refuse_both(arrays, {"slices": slices or None, "groups": groups, "cluster": cluster, "content": content})
        columns = named(arrays)
        asked_for: dict[str, Any] = {
            "where": where,
            "positive": positive,
            "favourable": favourable,
            "policy": policy,
            "thresholds": thresholds,
            "auc": auc,
        }
        with by_arrays():
            return evaluate(columns.table, **columns.roles, **asked_for)
    if table is None:
        raise InputError("Nothing is to be judged; give a table, a file of predictions, or y_true and y_pred or y_score.")
    roles = Roles(
        label=None if label is None else column_name("label", label),
        scores={} if scores is None else score_columns(scores),
        slices=column_list("slices", slices),
        groups=group_columns(groups),
        weight=None if weight is None else column_name("weight", weight),
        cluster=None if cluster is None else column_name("cluster", cluster),
        positive=None if positive is None else str(positive),
        favourable=favourable,
        decisions={} if decisions is None else decision_columns(decisions),
        where=expression(where),
        content=None if content is None else column_name("content", content),
    )
    asked = Request(roles, policy_of(policy), threshold_list(thresholds), auc=auc_kind(auc))
    if files := files_of(table):
        return judge_files(files, asked)
    resolved, batches = rows_of(table, roles)
    return judge(batches, replace(asked, roles=resolved))


def judge_files(files: Sequence[str], request: Request, seen: Callable[[int], None] = lambda _: None) -> Judgement:
    """Judge files of predictions; what they are called and their digests stand in the verdict.

    Args:
        files: paths or globs.
        request: with roles as the user wrote them.
        seen: is called with the number of rows that have been read.

    Raises:
        InputError: as `evaluate`.
    """
    paths = expand(files)
    resolved, batches = open_batches(paths, request.roles)
    source = ", ".join(printable(str(path)) for path in paths[:_SHOWN]) + (
        f" and {len(paths) - _SHOWN} more files" if len(paths) > _SHOWN else ""
    )
    digests = {printable(str(path)): file_digest(path) for path in paths}

    rows = 0 if resolved.where else batches.rows
    return judge(_Watched(batches, seen), replace(request, roles=resolved, source=source, digests=digests, rows=rows))


class _Watched:
    """Batches that say how many rows were read. Can be iterated more than once."""

    def __init__(self, batches: Iterable[Batch], seen: Callable[[int], None]) -> None:
        self._batches, self._seen = batches, seen

    def __iter__(self) -> Iterator[Batch]:
        for first_row, batch in self._batches:
            yield first_row, batch
            self._seen(first_row - 1 + batch.num_rows)


def judge(batches: Iterable[tuple[int, pa.RecordBatch]], request: Request) -> Judgement:
    """Count the batches of a table and decide.

    Args:
        batches: the number of the first row, from 1, and the columns of the roles.
        request: with resolved roles.

    Raises:
        InputError: as `evaluate`.
    """
    started = _now()
    roles = request.roles
    taken = Taken(batches, roles.where)
    classes = classes_of(taken, roles) if roles.decisions else class_names(taken, roles)
    roles = with_columns_of(roles, classes)
    request = replace(request, roles=roles)
    policy = chosen_policy(request, classes)
    settings = count_settings(request, policy, classes)
    pairs = tuple(pair for pair in policy.crossed_features if set(pair) <= set(roles.features))
    single = tuple(name for name in policy.conjunctions if set(features_of(name)) <= set(roles.features))
    check_policy(policy, roles, settings, pairs, single)
    crossed: tuple[Crossed, ...] = (*pairs, *(SliceSpec(values=pairs_of(name)) for name in single))
    counted = measure(taken, roles, settings, crossed, [rule.metric for rule in policy.rules])
    waivers = in_force(policy.waivers, datetime.now(timezone.utc).date())
    decision = decide(policy, counted.evaluation, threshold=THRESHOLD, waivers=waivers)
    if request.policy is None:
        decision = replace(decision, summary=f"{decision.summary.rstrip('.')}; {NO_POLICY}.")
    about = DataInfo(
        source=request.source,
        rows={EVAL: counted.rows},
        digests=dict(request.digests),
        where=roles.where,
        left_out=taken.left_out,
    )
    models = {
        model: ModelInfo(description=f"column {_named(columns)}", notes=auc_notes(counted.detail, model))
        for model, columns in roles.models.items()
    }
    text = configuration_of(request, policy)
    provenance = Provenance(
        config_digest=hashlib.sha256(text.encode()).hexdigest(),
        package_versions={name: importlib.metadata.version(name) for name in ("fairgate", "numpy", "pyarrow")},
        started=started,
        finished=_now(),
    )
    verdict = build(decision, counted.evaluation, Subject(request.name, models, about, provenance), policy.confidence)
    return Judgement(verdict, policy, counted, request)


def _line(text: str) -> str:
    return printable(" ".join(text.split()))


def _named(columns: str | Sequence[str]) -> str:
    return columns if isinstance(columns, str) else ", ".join(columns)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
