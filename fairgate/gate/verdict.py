"""Write and read the verdict: `verdict.json`, version 3. Versions 1 and 2 stay readable, see `verdict_schema_1`.

In: a decision, the evaluation behind it, and what is known of models, data and run. Out: a frozen value that reads back equal.

Numbers that are NaN or infinite are null in JSON and None here: undefined as a value, unbounded as the end of an interval.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeGuard

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticSerializationError

from fairgate.errors import InputError
from fairgate.files import replace_text
from fairgate.gate.changes import changes
from fairgate.gate.impact import ImpactTable
from fairgate.gate.outcome import Decision, Interval, NotJudged, Number, Outcome, PolicyFacts, RuleLine
from fairgate.gate.waivers import Waiver
from fairgate.measurement import Evaluation, MetricKey
from fairgate.metrics.words import metric_words
from fairgate.model_facts import OperatingPoint, Remedy
from fairgate.names import BASELINE, CANDIDATE, EVAL, OVERALL, REFERENCE
from fairgate.run_files import first_problem, read_json
from fairgate.table import MetricRow, metric_rows

SCHEMA_VERSION = 3


class VerdictPart(BaseModel):
    """A frozen part of verdict.json; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelInfo(VerdictPart):
    """Which model was judged.

    Attributes:
        description: in words: recipe, architecture.
        uri: where it lay when it was judged.
        digest: of its files, "sha256:…"; empty when unknown.
        operating_point, remedy: see their classes; null where the model does not say.
        notes: sentences for people, such as what took the place of a published part.
    """

    description: str = ""
    uri: str = ""
    digest: str = ""
    operating_point: OperatingPoint | None = None
    remedy: Remedy | None = None
    notes: tuple[str, ...] = ()


class DataInfo(VerdictPart):
    """Which data the models saw.

    Attributes:
        source: in words; every report says it.
        rows: split -> rows.
        generated: whether the examples are synthetic.
        digests: what was hashed (split or file) -> "sha256:…".
        tagged_features: slice features whose values are tagged by word, not by people.
        where: the expression that took a part of the rows; "" for all of them.
        left_out: rows that it left out.
    """

    source: str
    rows: dict[str, int] = {}
    generated: bool = False
    digests: dict[str, str] = {}
    tagged_features: tuple[str, ...] = ()
    where: str = ""
    left_out: int = 0


class Provenance(VerdictPart):
    """What made the verdict.

    Attributes:
        source_digest: of the code; `config_digest`: of the configuration.
        package_versions: distribution -> version.
        seed: of the run.
        started: when the first artifact was made that the verdict rests on; an earlier run's, where it came from the cache.
        finished: when it was decided. Both ISO 8601 with zone.
    """

    source_digest: str = ""
    config_digest: str = ""
    package_versions: dict[str, str] = {}
    seed: int | None = None
    started: str = ""
    finished: str = ""


class SliceLine(BaseModel):
    """One slice of one model at one threshold; the metrics are keys of their own: "false_positive_rate": 0.28.

    Attributes:
        threshold: null in the line that holds the metrics without a threshold.
        n, n_positive, n_negative: examples; the latter null for multi-class tasks.
        interval: metric -> its interval.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Number] = Field(init=False)

    slice: str
    model: str
    threshold: Number
    n: int = Field(ge=0)
    n_positive: int | None
    n_negative: int | None
    interval: dict[str, Interval]

    @property
    def metrics(self) -> dict[str, float | None]:
        """Return metric -> value."""
        return dict(self.__pydantic_extra__)

    def trials_of(self, metric: str) -> int:
        """Return the examples that a metric rests on: the negatives for a false positive rate, all for a task of many classes."""
        of_label = {"negative": self.n_negative, "positive": self.n_positive, "": None}[metric_words(metric).trials]
        return self.n if of_label is None else of_label


class ChangeLine(VerdictPart):
    """What the candidate changes on one slice at one threshold, in examples.

    Attributes:
        threshold: None for a multi-class task.
        n: examples of the slice.
        fixed: wrong by the baseline, right by the candidate.
        broken: right by the baseline, wrong by the candidate.
    """

    slice: str
    threshold: Number
    n: int
    fixed: int
    broken: int


class Verdict(VerdictPart):
    """Everything that a reader needs to understand the decision; the whole of verdict.json.

    Attributes:
        schema_version: of the file; rises when its keys change their meaning.
        task: what was judged, "civil-comments".
        outcome: "blessed", "refused", "inconclusive" or "reported".
        summary: the outcome and what led to it, in a sentence.
        models: model -> where it comes from.
        rules: a line per rule, slice and threshold, the checks first.
        slices: their examples, with the main metrics of every model.
        data: where the examples come from.
        provenance: versions, digests and times.
        overall: metric, with its threshold as "false_positive_rate@0.5" -> model -> value, on all examples.
        confidence: level of the intervals.
        omitted: slices that were left out for being small -> their examples.
        invalid_scores: model -> scores that were NaN or infinite.
        not_judged: slices that no rule judges and that stand out, the proven ones first.
        absent_groups: slices that the task knows, whose column is there, and of which there was no example.
        absent_columns: slices that the task knows and for which the data have no column.
        unknown_groups: slice feature -> examples that have no value of it.
        rows, distinct: examples, and how many of them differ; null where that was not counted.
        changes: what the candidate fixes and breaks; empty without a baseline.
        waivers: those of the policy that were in force.
        policy: who wrote the policy and why, and its rules in short words; empty where an earlier version wrote the verdict.
        impact: selection rates by category, where a rule compares them with the best one.
    """

    schema_version: Literal[3] = 3
    task: str
    outcome: Outcome
    summary: str
    models: dict[str, ModelInfo]
    overall: dict[str, dict[str, Number]]
    rules: tuple[RuleLine, ...]
    slices: tuple[SliceLine, ...]
    omitted: dict[str, int]
    invalid_scores: dict[str, int]
    confidence: float = Field(gt=0, lt=1)
    data: DataInfo
    provenance: Provenance
    not_judged: tuple[NotJudged, ...] = ()
    absent_groups: tuple[str, ...] = ()
    absent_columns: tuple[str, ...] = ()
    unknown_groups: dict[str, int] = {}
    rows: int | None = None
    distinct: int | None = None
    changes: tuple[ChangeLine, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    policy: PolicyFacts = PolicyFacts()
    impact: tuple[ImpactTable, ...] = ()

    @property
    def of_table(self) -> bool:
        """Return whether a table of predictions was judged: no model's files, no training, no features and no configuration."""
        return set(self.data.rows) == {EVAL} and bool(self.models) and not any(info.digest for info in self.models.values())


@dataclass(frozen=True)
class Subject:
    """What a decision is about, beside its numbers.

    Attributes:
        task: name of the task.
        models: "baseline", "candidate", "reference" -> which model that is.
    """

    task: str
    models: Mapping[str, ModelInfo]
    data_info: DataInfo
    provenance: Provenance


def build(decision: Decision, evaluation: Evaluation, subject: Subject, confidence: float = 0.95) -> Verdict:
    """Return the verdict of a decision.

    Args:
        decision: what the gate answered.
        evaluation: what it judged.
        subject: which models, data and run these were.
        confidence: level of the intervals of slices; the policy's.
    """
    return Verdict(
        task=subject.task,
        outcome=decision.outcome,
        summary=decision.summary,
        models=dict(subject.models),
        overall=_overall(evaluation),
        rules=decision.rules,
        slices=tuple(_slice_lines(evaluation, confidence)),
        omitted=dict(evaluation.omitted),
        invalid_scores=dict(evaluation.invalid_scores),
        confidence=confidence,
        data=subject.data_info,
        provenance=subject.provenance,
        not_judged=decision.not_judged,
        absent_groups=decision.absent_groups,
        absent_columns=evaluation.absent_columns,
        unknown_groups=dict(evaluation.unknown_groups),
        rows=evaluation.rows,
        distinct=evaluation.distinct,
        changes=tuple(ChangeLine(**asdict(change)) for change in changes(evaluation)),
        waivers=decision.waivers,
        policy=decision.policy,
        impact=decision.impact,
    )


def write(verdict: Verdict, path: Path) -> None:
    """Write verdict.json: to a temporary name, then renamed, so that no reader ever finds half of it."""
    try:
        text = verdict.model_dump_json(indent=1)
    except PydanticSerializationError:  # a name that is no UTF-8; this way takes five times as long
        text = json.dumps(verdict.model_dump(mode="json"), ensure_ascii=False, indent=1, allow_nan=False)
    replace_text(path, text + "\n")


def read(path: Path) -> Verdict:
    """Read verdict.json, of this version or an earlier one. What version 2 does not say is empty.

    Raises:
        InputError: the file is absent, or not a verdict of these versions; see `run_files.read_json`.
    """
    from fairgate.gate.verdict_schema_1 import from_schema_1  # here, for it makes a verdict of this module

    written = read_json(path)
    try:
        if _is_schema(written, 1):
            return from_schema_1(written)
        present = {**written, "schema_version": SCHEMA_VERSION} if _is_schema(written, 2) else written
        return Verdict.model_validate_json(json.dumps(present), strict=True)  # text is no number, and true is not 1
    except ValidationError as error:
        raise InputError(
            f"{path} is not a verdict of version 1 to {SCHEMA_VERSION}: {first_problem(error)}. Run the pipeline again."
        ) from error


def _is_schema(written: object, version: int) -> TypeGuard[dict[str, Any]]:
    return isinstance(written, dict) and written.get("schema_version") == version


def _overall(evaluation: Evaluation) -> dict[str, dict[str, Number]]:
    table: dict[str, dict[str, Number]] = {}
    for model in (BASELINE, CANDIDATE, REFERENCE):
        metrics = evaluation.models.get(model, {}).get(OVERALL)
        for key in sorted(metrics.keys(), key=_in_order) if metrics else ():
            table.setdefault(str(key), {})[model] = metrics.value(key) if metrics else None
    return table


def _in_order(key: MetricKey) -> tuple[str, float]:
    return key.name, -1.0 if key.threshold is None else key.threshold


def _slice_lines(evaluation: Evaluation, confidence: float) -> Iterable[SliceLine]:
    lines: dict[tuple[str, str, float | None], list[MetricRow]] = {}
    for row in metric_rows(evaluation, confidence):
        threshold = None if math.isnan(row.threshold) else row.threshold
        lines.setdefault((row.model, row.slice, threshold), []).append(row)
    for (model, slice_name, threshold), rows in lines.items():
        counts = evaluation.models[model][slice_name]
        yield SliceLine(
            slice=slice_name,
            model=model,
            threshold=threshold,
            n=counts.n,
            n_positive=counts.n_positive,
            n_negative=counts.n_negative,
            interval={row.metric: (row.low, row.high) for row in rows if not math.isnan(row.low)},
            **{row.metric: row.value for row in rows},
        )
