"""Judge a table of predictions: the whole way from rows to a verdict and its report.

In: rows in memory (`evaluate`) or batches of files (`judge`), the roles of the columns, a policy. Out: `Judgement`, which holds
the same verdict, metrics and report as a run of the pipeline.
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from fairgate.counting.config import EvaluationConfig, LabelSpec
from fairgate.counting.settings import CountSettings
from fairgate.errors import InputError
from fairgate.files import file_digest
from fairgate.gate.decision import decide
from fairgate.gate.lint import lint
from fairgate.gate.measured import measured
from fairgate.gate.policy import Policy
from fairgate.gate.verdict import DataInfo, ModelInfo, Provenance, Subject, Verdict, build
from fairgate.judging.arrays import Arrays, named
from fairgate.judging.counting import CountedTable, lacking
from fairgate.judging.decisions import classes_of
from fairgate.judging.defaults import THRESHOLD, TableFacts, TablePreset, read_policy
from fairgate.judging.measuring import measure
from fairgate.judging.reading import ROWS, Batch, as_table, column_names, expand
from fairgate.judging.reading import batches as open_batches
from fairgate.judging.roles import LABEL, WEIGHT, Favourable, Roles
from fairgate.judging.where import Taken
from fairgate.names import CANDIDATE, EVAL
from fairgate.table import metric_table
from fairgate.text import printable

if TYPE_CHECKING:  # drawn when it is asked for
    import pandas as pd

    from fairgate.report.content import ReportContent

THRESHOLDS = (0.1, 0.3, 0.5, 0.7, 0.9)
_LONG = 80  # characters of a wrong argument
_SHOWN = 3  # files that the report names
NO_POLICY = "no policy was given, so conventional limits decide"


@dataclass(frozen=True)
class Request:
    """What is to be judged, and how.

    Attributes:
        roles: of the columns.
        policy: by which, or a preset; None for `defaults.TableFacts.default`.
        thresholds: at which binary scores are measured, beside those that the rules of the policy name.
        source: the table in words, for the report.
        digests: file -> "sha256:…".
        name: of the task, for the report.
    """

    roles: Roles
    policy: Policy | TablePreset | None = None
    thresholds: Sequence[float] = THRESHOLDS
    source: str = "a table in memory"
    digests: Mapping[str, str] = field(default_factory=dict)
    name: str = "predictions"


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
        found: pd.DataFrame = metric_table(self.counted.evaluation, self.policy.confidence).to_pandas()
        return found

    @cached_property
    def content(self) -> "ReportContent":
        """Return everything that the report shows."""
        from fairgate.judging.data_facts import data_summary
        from fairgate.report import tallies
        from fairgate.report.content import ReportContent

        detail, confidence, lacks = self.counted.detail, self.policy.confidence, self.counted.lacking
        return ReportContent(
            verdict=self.verdict,
            metrics=self.metrics,
            histograms=None if lacks else tallies.score_histograms(detail),
            confusion=tallies.confusion(detail) if detail.settings.kind == "multiclass" else None,
            roc=None if lacks else tallies.roc(detail),
            calibration=None if lacks else tallies.calibration(detail, confidence),
            paired_changes=self._paired_changes(),
            data_summary=data_summary(self.counted, self.request.digests),
        )

    def _paired_changes(self) -> "pd.DataFrame | None":
        """Return the intervals of what changes, of the metrics that were measured."""
        from fairgate.report import tallies

        changes = tallies.paired_changes(self.counted.evaluation, self.policy.confidence)
        measured = None if changes is None else changes[changes["metric"].isin(set(self.metrics["metric"]))]
        return None if measured is None or measured.empty else measured

    def report(self, folder: str | Path) -> Path:
        """Write verdict.json, verdict.md, metrics.parquet, report.html, config.json and manifest.json; return the page's path.

        Raises:
            InputError: the folder is there and holds something else.
        """
        from fairgate.judging.writing import write

        return write(self.content, self.configuration, Path(folder))

    @property
    def configuration(self) -> str:
        """Return the text of config.json: the policy, and what the columns are."""
        return configuration_of(self.request, self.policy)

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
        where: an expression that takes a part of the rows: "split == 'test' and age >= 18", see `fairgate.judging.where`.
        positive: the value of the label, and of a decision in words, that is positive, where that is not plain.
        favourable: the decision that is good for the person: false ones of the other kind are what harms. It chooses the default
            policy, and does nothing where a policy is given.
        policy: a policy, its keys, the path of a YAML file that holds them, or the name of a preset ("strict", "four-fifths",
            "ll144"); None for conventional limits.
        thresholds: at which binary scores are measured, beside those that the policy names.
        y_true: in the place of a table, as scikit-learn and fairlearn call it: N true labels; None where there are none.
        y_pred: N decisions or classes, or model -> those.
        y_score: N scores in [0, 1], or float[N, C] probabilities of C > 2 classes in the order of the sorted classes, or model ->
            those.
        sensitive_features: N values, or several such columns: a Series, a DataFrame, a dict or an array.
        sample_weight: N weights.
        baseline: the baseline's y_pred or y_score, whichever the candidate has.

    Raises:
        InputError: the table, a column or the policy cannot be judged; the message names it and the remedy.
    """
    arrays = Arrays(y_true, y_pred, y_score, sensitive_features, sample_weight, baseline)
    if arrays.given:
        _refuse_both(arrays, {"table": table, "label": label, "scores": scores, "decisions": decisions, "weight": weight})
        _refuse_both(arrays, {"slices": slices or None, "groups": groups, "cluster": cluster, "content": content})
        columns = named(arrays)
        asked_for: dict[str, Any] = {
            "where": where,
            "positive": positive,
            "favourable": favourable,
            "policy": policy,
            "thresholds": thresholds,
        }
        return evaluate(columns.table, **columns.roles, **asked_for)
    if table is None:
        raise InputError("Nothing is to be judged; give a table, a file of predictions, or y_true and y_pred or y_score.")
    roles = Roles(
        label=None if label is None else _column("label", label),
        scores={} if scores is None else _score_columns(scores),
        slices=_columns("slices", slices),
        groups={str(feature): _columns("groups", columns) for feature, columns in (groups or {}).items()},
        weight=None if weight is None else _column("weight", weight),
        cluster=None if cluster is None else _column("cluster", cluster),
        positive=None if positive is None else str(positive),
        favourable=favourable,
        decisions={} if decisions is None else _decision_columns(decisions),
        where=_expression(where),
        content=None if content is None else _column("content", content),
    )
    asked = Request(roles, _policy(policy), _thresholds(thresholds))
    if isinstance(table, str | Path):
        return judge_files([str(table)], asked)
    if isinstance(table, list | tuple) and table and all(isinstance(path, str | Path) for path in table):
        return judge_files(list(map(str, table)), asked)
    resolved = roles.resolved(column_names(table))
    batches = as_table(table, resolved.columns()).select(resolved.columns()).to_batches(max_chunksize=ROWS)
    return judge(list(_numbered(batches)), replace(asked, roles=resolved))


def _refuse_both(arrays: Arrays, others: Mapping[str, Any]) -> None:
    """Refuse arrays beside the words for a table."""
    if both := [name for name, value in others.items() if value is not None]:
        raise InputError(f"{both[0]} belongs to a table, and there are arrays ({', '.join(arrays.given)}); give one of both.")


def _score_columns(scores: Any) -> dict[str, str | tuple[str, ...]]:
    """Return model -> its columns; what names no model is the candidate's."""
    of_models = scores if isinstance(scores, Mapping) else {CANDIDATE: scores}
    single = {model: columns for model, columns in of_models.items() if isinstance(columns, str | int)}
    return {str(model): str(columns) if model in single else _columns("scores", columns) for model, columns in of_models.items()}


def _decision_columns(decisions: Any) -> dict[str, str]:
    """Return model -> its column; what names no model is the candidate's."""
    of_models = decisions if isinstance(decisions, Mapping) else {CANDIDATE: decisions}
    return {str(model): _column("decisions", name) for model, name in of_models.items()}


def _expression(where: Any) -> str:
    if where is not None and not (isinstance(where, str) and where.strip()):
        raise InputError(f"where is {str(where)[:_LONG]!r}; give an expression as text, such as \"split == 'test'\".")
    return where or ""


def _columns(argument: str, names: Any) -> tuple[str, ...]:
    if names is None:
        return ()
    if isinstance(names, str):
        return (names,)
    if isinstance(names, Iterable):
        return tuple(_column(argument, name) for name in names)
    raise InputError(f"{argument} is {names!r}; give names of columns, such as [{argument!r}].")


def _column(argument: str, name: Any) -> str:
    if isinstance(name, str | int):  # pandas numbers columns without names
        return str(name)
    raise InputError(f"{argument} names {str(name)[:_LONG]!r}, which is no name of a column; give it as text.")


def _thresholds(given: Any) -> tuple[float, ...]:
    try:
        return () if given is None else tuple(map(float, [given] if isinstance(given, int | float) else given))
    except (TypeError, ValueError):
        raise InputError(f"thresholds is {str(given)[:_LONG]!r}; give numbers between 0 and 1, such as [0.3, 0.5].") from None


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

    return judge(_Watched(batches, seen), replace(request, roles=resolved, source=source, digests=digests))


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
    classes = classes_of(taken, roles) if roles.decisions else roles.classes()
    policy = _chosen(request, classes)
    settings = _settings(request, policy, classes)
    pairs = tuple(pair for pair in policy.crossed_features if set(pair) <= set(roles.features))
    _check(policy, roles, settings, pairs)
    counted = measure(taken, roles, settings, pairs, [rule.metric for rule in policy.rules])
    decision = decide(policy, counted.evaluation, threshold=THRESHOLD)
    if request.policy is None:
        decision = replace(decision, summary=f"{decision.summary.rstrip('.')}; {NO_POLICY}.")
    about = DataInfo(
        source=request.source,
        rows={EVAL: counted.rows},
        digests=dict(request.digests),
        where=roles.where,
        left_out=taken.left_out,
    )
    models = {model: ModelInfo(description=f"column {_named(columns)}") for model, columns in roles.models.items()}
    text = configuration_of(request, policy)
    provenance = Provenance(
        config_digest=hashlib.sha256(text.encode()).hexdigest(),
        package_versions={name: importlib.metadata.version(name) for name in ("fairgate", "numpy", "pyarrow")},
        started=started,
        finished=_now(),
    )
    verdict = build(decision, counted.evaluation, Subject(request.name, models, about, provenance), policy.confidence)
    return Judgement(verdict, policy, counted, request)


def _chosen(request: Request, classes: tuple[str, ...]) -> Policy:
    """Return the policy that is given, that of the preset, or the default of such a table."""
    if isinstance(request.policy, Policy):
        return request.policy
    roles = request.roles
    subject = TableFacts(
        features=roles.features,
        classes=classes,
        favourable=roles.favourable,
        threshold=float(request.thresholds[0]) if len(request.thresholds) == 1 and not roles.decisions else THRESHOLD,
        labelled=roles.label is not None,
        scored=bool(roles.scores),
    )
    return subject.default() if request.policy is None else request.policy.policy(subject)


def configuration_of(request: Request, policy: Policy) -> str:
    """Return the text of config.json."""
    roles = request.roles
    held = {"columns": asdict(roles), "thresholds": list(request.thresholds), "policy": policy.model_dump(mode="json")}
    return json.dumps(held, ensure_ascii=False, indent=1) + "\n"


def _settings(request: Request, policy: Policy, classes: tuple[str, ...]) -> CountSettings:
    named = {each for rule in policy.rules for each in rule.thresholds}
    thresholds = (THRESHOLD,) if request.roles.decisions else tuple(sorted({*map(float, request.thresholds), *named}))
    if wrong := [each for each in thresholds if not 0 < each < 1]:
        raise InputError(f"The threshold {wrong[0]:g} is not between 0 and 1; a score above it is a positive decision.")
    return CountSettings(
        label_key=LABEL,
        classes=classes,
        kind="binary" if len(classes) == 2 else "multiclass",
        weight_key=None if request.roles.weight is None else WEIGHT,
        thresholds=thresholds if len(classes) == 2 else (),
        auc_slices=policy.auc_slices,
    )


def _check(policy: Policy, roles: Roles, settings: CountSettings, pairs: Sequence[tuple[str, str]]) -> None:
    """Refuse a policy that names what is not measured, before anything is counted."""
    binary = settings.kind == "binary"
    config = EvaluationConfig(thresholds=settings.thresholds, slice_features=tuple(roles.features), intersections=tuple(pairs))
    labels = LabelSpec(LABEL, settings.classes, "binary" if binary else "multiclass")
    problems = lint(policy, replace(measured(labels, config, {}), of_table=True, lacking=lacking(roles)))
    if problems:
        raise InputError("\n".join(map(str, problems)))


def _policy(given: Policy | Mapping[str, Any] | str | Path | None) -> Policy | TablePreset | None:
    if given is None or isinstance(given, Policy):
        return given
    if isinstance(given, Mapping):
        return Policy.parse(json.dumps(given), "policy")
    if isinstance(given, str | Path):
        return read_policy(given)
    raise InputError(f"policy is {str(given)[:_LONG]!r}; give a Policy, its keys as a dict, or the path of a YAML file.")


def _numbered(batches: Sequence[pa.RecordBatch]) -> Iterable[tuple[int, pa.RecordBatch]]:
    row = 1
    for batch in batches:
        yield row, batch
        row += batch.num_rows


def _named(columns: str | Sequence[str]) -> str:
    return columns if isinstance(columns, str) else ", ".join(columns)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
