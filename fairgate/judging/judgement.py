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
from fairgate.judging.counting import CountedTable, count
from fairgate.judging.defaults import THRESHOLD, default_policy
from fairgate.judging.reading import ROWS, Batch, as_table, column_names, expand
from fairgate.judging.reading import batches as open_batches
from fairgate.judging.roles import LABEL, WEIGHT, Favourable, Roles
from fairgate.names import CANDIDATE, EVAL
from fairgate.table import metric_frame
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
        policy: by which; None for `defaults.default_policy`.
        thresholds: at which binary scores are measured, beside those that the rules of the policy name.
        source: the table in words, for the report.
        digests: file -> "sha256:…".
        name: of the task, for the report.
    """

    roles: Roles
    policy: Policy | None = None
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
        return self.content.metrics

    @cached_property
    def content(self) -> "ReportContent":
        """Return everything that the report shows."""
        from fairgate.judging.data_facts import data_summary
        from fairgate.report import tallies
        from fairgate.report.content import ReportContent

        detail, confidence = self.counted.detail, self.policy.confidence
        return ReportContent(
            verdict=self.verdict,
            metrics=metric_frame(self.counted.evaluation, confidence),
            histograms=tallies.score_histograms(detail),
            confusion=tallies.confusion(detail) if detail.settings.kind == "multiclass" else None,
            roc=tallies.roc(detail),
            calibration=tallies.calibration(detail, confidence),
            paired_changes=tallies.paired_changes(self.counted.evaluation, confidence),
            data_summary=data_summary(self.counted, self.request.digests),
        )

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
    table: Any,
    *,
    label: str,
    scores: Mapping[str, str | Sequence[str]] | Sequence[str] | str,
    slices: Sequence[str] = (),
    groups: Mapping[str, Sequence[str]] | None = None,
    weight: str | None = None,
    cluster: str | None = None,
    positive: str | None = None,
    favourable: Favourable = "negative",
    policy: Policy | Mapping[str, Any] | str | Path | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
) -> Judgement:
    """Judge the predictions of any model.

    Args:
        table: N rows: of Arrow, pandas or Polars, or a dict of arrays; or a file of predictions, or several, as paths or globs.
        label: column of the true label: 0 and 1, true and false, a fraction of raters (from .5 on positive), or names of classes.
        scores: model ("candidate", "baseline", "reference") -> column of its score in [0, 1], or the columns of the
            probabilities of three or more classes (a pattern, "p_*"); or the columns of the candidate alone. A missing score is
            invalid: it counts against the model.
        slices: columns of which every value is a group; a column of lists where an example may be in several.
        groups: feature -> columns of which each says who belongs to one of its groups: {"gender": ["male", "female"]}.
        weight: column of example weights.
        cluster: column that is equal for examples that are not independent, such as those of one user.
        positive: the value of the label that is positive, where that is not plain.
        favourable: the decision that is good for the person: false ones of the other kind are what harms. It chooses the default
            policy, and does nothing where a policy is given.
        policy: a policy, its keys, or the path of a YAML file that holds them; None for conventional limits (`default_policy`).
        thresholds: at which binary scores are measured, beside those that the policy names.

    Raises:
        InputError: the table, a column or the policy cannot be judged; the message names it and the remedy.
    """
    roles = Roles(
        _column("label", label),
        _score_columns(scores),
        _columns("slices", slices),
        {str(feature): _columns("groups", columns) for feature, columns in (groups or {}).items()},
        None if weight is None else _column("weight", weight),
        None if cluster is None else _column("cluster", cluster),
        None if positive is None else str(positive),
        favourable,
    )
    asked = Request(roles, _policy(policy), _thresholds(thresholds))
    if isinstance(table, str | Path):
        return judge_files([str(table)], asked)
    if isinstance(table, list | tuple) and table and all(isinstance(path, str | Path) for path in table):
        return judge_files(list(map(str, table)), asked)
    resolved = roles.resolved(column_names(table))
    batches = as_table(table, resolved.columns()).select(resolved.columns()).to_batches(max_chunksize=ROWS)
    return judge(_numbered(batches), replace(asked, roles=resolved))


def _score_columns(scores: Any) -> dict[str, str | tuple[str, ...]]:
    """Return model -> its columns; what names no model is the candidate's."""
    of_models = scores if isinstance(scores, Mapping) else {CANDIDATE: scores}
    single = {model: columns for model, columns in of_models.items() if isinstance(columns, str | int)}
    return {str(model): str(columns) if model in single else _columns("scores", columns) for model, columns in of_models.items()}


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

    def counted() -> Iterator[Batch]:
        for first_row, batch in batches:
            yield first_row, batch
            seen(first_row - 1 + batch.num_rows)

    return judge(counted(), replace(request, roles=resolved, source=source, digests=digests))


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
    classes = roles.classes()
    policy = request.policy or default_policy(roles.features, classes, roles.favourable)
    settings = _settings(request, policy, classes)
    _check(policy, roles, settings)
    counted = count(batches, roles, settings)
    decision = decide(policy, counted.evaluation, threshold=THRESHOLD)
    if request.policy is None:
        decision = replace(decision, summary=f"{decision.summary.rstrip('.')}; {NO_POLICY}.")
    about = DataInfo(source=request.source, rows={EVAL: counted.rows}, digests=dict(request.digests))
    models = {model: ModelInfo(description=f"column {_named(columns)}") for model, columns in roles.scores.items()}
    text = configuration_of(request, policy)
    provenance = Provenance(
        config_digest=hashlib.sha256(text.encode()).hexdigest(),
        package_versions={name: importlib.metadata.version(name) for name in ("fairgate", "numpy", "pyarrow")},
        started=started,
        finished=_now(),
    )
    verdict = build(decision, counted.evaluation, Subject(request.name, models, about, provenance), policy.confidence)
    return Judgement(verdict, policy, counted, request)


def configuration_of(request: Request, policy: Policy) -> str:
    """Return the text of config.json."""
    roles = request.roles
    held = {"columns": asdict(roles), "thresholds": list(request.thresholds), "policy": policy.model_dump(mode="json")}
    return json.dumps(held, ensure_ascii=False, indent=1) + "\n"


def _settings(request: Request, policy: Policy, classes: tuple[str, ...]) -> CountSettings:
    named = {each for rule in policy.rules for each in rule.thresholds}
    thresholds = tuple(sorted({*map(float, request.thresholds), *named}))
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


def _check(policy: Policy, roles: Roles, settings: CountSettings) -> None:
    """Refuse a policy that names what is not measured, before anything is counted."""
    binary = settings.kind == "binary"
    config = EvaluationConfig(thresholds=settings.thresholds, slice_features=tuple(roles.features))
    labels = LabelSpec(roles.label, settings.classes, "binary" if binary else "multiclass")
    problems = lint(policy, replace(measured(labels, config, {}), of_table=True))
    if problems:
        raise InputError("\n".join(map(str, problems)))


def _policy(given: Policy | Mapping[str, Any] | str | Path | None) -> Policy | None:
    if given is None or isinstance(given, Policy):
        return given
    if isinstance(given, Mapping):
        return Policy.parse(json.dumps(given), "policy")
    if isinstance(given, str | Path):
        return Policy.from_yaml(given)
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
