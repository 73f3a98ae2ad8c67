"""Save and load everything that a report shows, as plain tables and facts beside the page.

Page, notebook and history read the same files.

A report's folder (one part of a run's `reports/<run id>/`):

    verdict.json      the verdict (fairgate.gate.verdict)
    metrics.parquet   model, slice, metric, threshold, value, low, high, n
    content/          the rest: one Parquet file per table, facts.json for what is no table; a part that is absent was not
    measured

Imports pandas where a DataFrame is asked for; TensorFlow never.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fairgate import parquet, table
from fairgate.discovery.result import Discovery
from fairgate.files import replace_file, replace_text
from fairgate.frame import Frame, Tabular, is_text
from fairgate.gate import verdict as verdicts
from fairgate.gate.verdict import Verdict
from fairgate.names import OVERALL
from fairgate.report.content_columns import COLUMNS
from fairgate.report.data_summary import DataSummary
from fairgate.report.held_table import HeldTable
from fairgate.run_files import first_problem, inside, is_there, read_json, refuse
from fairgate.run_folder import CONTENT, FACTS, METRICS, VERDICT
from fairgate.statements import CardStatements
from fairgate.text import printable
from fairgate.training_profile import TrainingProfile

if TYPE_CHECKING:
    import pandas as pd

    Table = HeldTable[pd.DataFrame]
    OptionalTable = HeldTable[pd.DataFrame | None]

_MOST_CHARTS = 60
TEXT_KIND = "text"  # kind of a statistics row whose values may hurt a reader


_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Anomaly:
    """A finding of the data validation.

    Attributes:
        feature: which column; "" for the data set as a whole.
        reason: short.
        detail: the sentence with the numbers.
    """

    __pydantic_config__ = _STRICT  # as a part of facts.json

    feature: str
    reason: str
    detail: str


@dataclass(frozen=True)
class ModelCard:
    """What the numbers do not say about the candidate.

    Attributes:
        title: name of the model.
        intended_use, limits, out_of_scope: sentences.
        data_sheet: property of the data -> answer.
        licence: of the model and of the data.
    """

    __pydantic_config__ = _STRICT  # as for an anomaly

    title: str
    intended_use: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    data_sheet: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    out_of_scope: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportContent:
    """All parts of a report. Whatever is None or empty has no section in the page.

    A table is given as a `Frame` or a DataFrame, and read as a DataFrame; `frame` returns it without importing pandas.

    Scores and rates are in [0, 1]; NaN is undefined. Images are PNG files as base64 text.

    Attributes:
        verdict: the gate's.
        metrics: columns of metrics.parquet.
        curves: model, step (int), epoch (float, absent in older runs), split, metric, value.
        statistics: split, feature, kind ("number", "category", "text", "bytes"), count, missing, mean, std, min, median,
            max, unique, top_values (text).
        anomalies: findings of the validation; the empty tuple says that there are none, None that nothing was validated.
        drift: feature, measure, between ("train → eval"), value, limit (NaN when none is set), drifted (bool).
        examples: as `examples.select` returns them: slices (list of str), label, baseline, candidate, wrong, sampled (bool),
            text or image, and predicted (the candidate's class) where there are several.
        points: all examples of the slices that the policy names, up to a number of each: slices (list of str, only those), label,
            baseline, candidate, wrong, as in examples; for notebooks, the page has no chart of them.
        histograms: model, slice, label ("right" and "wrong" where there are several classes), low, high (edges of the score
            bin), count, share (of all examples of this label in the slice).
        counterfactual: test ("swaps", "probes"), term, group, model, threshold, value (share of decisions that flip), low,
            high, score_shift, shift_low, shift_high, n.
        embedding_bias: group, term, other, n, distance, low, high, effect_size, p_value of the text embedding; unknown (words
            that it does not know; absent in older runs): the numbers are then NaN.
        sentences: set, text, model, score, unknown_words (share of the text's words; NaN where the model cannot tell) of whole
            sentences that differ in a word or two; they are the configuration's own, and no example's.
        edits: example (a number), reason, label, kind ("original", "swapped", "removed"), group, term, other, text, baseline,
            candidate (scores) of edited examples.
        word_shares: which words carried the score of the original: example (of edits), model, position (from 0; -1 for the rest),
            word, share (of the logit), exact (bool).
        nearest: example (of edits), text, label, baseline, candidate, distance, n: the nearest of n examples that the candidate
            decides otherwise.
        vocabulary: split, n, unknown, half, none; see `components.reporting.vocabulary`.
        class_grids: class -> picture of examples of it.
        pixels: low, high (edges of the intensity bin), count; zeros left out.
        pixel_statistics: of the training images: row, column, count (images), missing (images without all pixels), mean, std,
            min, max; where it is present, the pictures, `pixels`, `pixel_maxima` and `class_counts` are of them too.
        pixel_maxima: low, high (edges of the bin of the greatest value of a pixel over all images), count (of pixels).
        class_counts: label, code (what the model learns it as), count (training images).
        trainings: model, weights (their number), images (fitted), held_out (for early stopping), epochs (after which training
            ended), most_epochs.
        published_training: model, split ("train": running means of the last epoch, "eval"), metric ("accuracy", "loss"),
            value, of the published exercise that a run repeats.
        confusion: model, label, predicted, count, share (of the label's examples).
        coverage: model, rule, limit, coverage, accuracy, n, and abstained, how many for which reason.
        roc: model, slice, threshold (NaN between the decision thresholds), false_positive_rate, true_positive_rate,
            precision, n; see `tallies.roc`.
        calibration: model, slice, score, share, low, high, n; see `tallies.calibration`.
        paired_changes: slice, metric, threshold, low, high (of candidate - baseline), see `tallies.paired_changes`.
        published: results that a publication has for this model: model, slice, metric, threshold, value, source (words).
        leakage: sign ("splits", "feature"), kind and name of a feature, value, low, high, n; see `components.validation.leakage`.
        outsiders: input, decision, value (score or confidence), warnings (of `fairgate predict`; "" for none): what the candidate
            answers to inputs unlike its training data.
        profile: what inputs were like in training.
        card: the model card's words, the task's own.
        statements: what people say in the configuration; it stands above the card's words.
        data_summary: what was counted in the data.
        discovery: the slices that nobody named; None where none were sought.
        evaluation: folder of TFMA's own result; "" when it is not known.
    """

    verdict: Verdict
    metrics: "Table" = HeldTable()
    curves: "OptionalTable" = HeldTable(None)
    statistics: "OptionalTable" = HeldTable(None)
    anomalies: tuple[Anomaly, ...] | None = None
    drift: "OptionalTable" = HeldTable(None)
    examples: "OptionalTable" = HeldTable(None)
    points: "OptionalTable" = HeldTable(None)
    histograms: "OptionalTable" = HeldTable(None)
    counterfactual: "OptionalTable" = HeldTable(None)
    embedding_bias: "OptionalTable" = HeldTable(None)
    sentences: "OptionalTable" = HeldTable(None)
    edits: "OptionalTable" = HeldTable(None)
    word_shares: "OptionalTable" = HeldTable(None)
    nearest: "OptionalTable" = HeldTable(None)
    vocabulary: "OptionalTable" = HeldTable(None)
    class_grids: Mapping[str, str] = field(default_factory=dict)
    pixels: "OptionalTable" = HeldTable(None)
    pixel_statistics: "OptionalTable" = HeldTable(None)
    pixel_maxima: "OptionalTable" = HeldTable(None)
    class_counts: "OptionalTable" = HeldTable(None)
    trainings: "OptionalTable" = HeldTable(None)
    published_training: "OptionalTable" = HeldTable(None)
    confusion: "OptionalTable" = HeldTable(None)
    coverage: "OptionalTable" = HeldTable(None)
    roc: "OptionalTable" = HeldTable(None)
    calibration: "OptionalTable" = HeldTable(None)
    paired_changes: "OptionalTable" = HeldTable(None)
    published: "OptionalTable" = HeldTable(None)
    leakage: "OptionalTable" = HeldTable(None)
    outsiders: "OptionalTable" = HeldTable(None)
    profile: TrainingProfile | None = None
    card: ModelCard | None = None
    statements: CardStatements = field(default_factory=CardStatements)
    data_summary: DataSummary = field(default_factory=DataSummary)
    discovery: Discovery | None = None
    evaluation: str = ""

    def without_text(self) -> "ReportContent":
        """Return the same without a word of any example: no texts, no frequent values of text features."""
        examples, statistics = self.examples, self.statistics
        if examples is not None:
            examples = examples.drop(columns="text", errors="ignore")
        if statistics is not None and "top_values" in statistics:
            texts = statistics["kind"] == TEXT_KIND
            statistics = statistics.assign(top_values=statistics["top_values"].mask(texts, ""))
        leakage = self.leakage
        if leakage is not None:
            leakage = leakage.assign(name=leakage["name"].mask(leakage["kind"] == "word", ""))
        return self.with_parts(
            examples=examples, statistics=statistics, leakage=leakage, edits=None, word_shares=None, nearest=None
        )

    def printable(self) -> "ReportContent":
        """Return the same with control characters and lone surrogates in tables replaced, for what draws them."""
        frames = {name: frame for name in ("metrics", *_TABLES) if (frame := self.frame(name)) is not None}
        return self.with_parts(**{name: _printable(frame) for name, frame in frames.items()})

    def frame(self, name: str) -> Frame | None:
        """Return a table without making a DataFrame of it; None where it is absent."""
        held = HeldTable.held(self, name)
        return None if held is None else Frame.of(held)

    def with_parts(self, **parts: Any) -> "ReportContent":
        """Return the same with other parts, as `dataclasses.replace` does, without making a DataFrame of a table."""
        return replace(self, **{name: HeldTable.held(self, name) for name in ("metrics", *_TABLES)} | parts)

    def save(self, folder: Path) -> None:
        """Write all parts below `folder`, each to a temporary name that is then renamed."""
        inner = folder / CONTENT
        inner.mkdir(parents=True, exist_ok=True)
        verdicts.write(self.verdict, folder / VERDICT)
        for name, path in {"metrics": folder / METRICS, **{name: inner / f"{name}.parquet" for name in _TABLES}}.items():
            frame = self.frame(name)
            if frame is None:
                path.unlink(missing_ok=True)
            else:
                replace_file(path, partial(parquet.write, frame))
        replace_text(inner / FACTS, json.dumps(self._facts(), ensure_ascii=False, indent=1))

    def _facts(self) -> dict[str, Any]:
        anomalies = None if self.anomalies is None else [asdict(anomaly) for anomaly in self.anomalies]
        card = None if self.card is None else asdict(self.card)
        return {
            "anomalies": anomalies,
            "class_grids": dict(self.class_grids),
            "profile": None if self.profile is None else self.profile.model_dump(mode="json"),
            "card": card,
            "statements": self.statements.model_dump(mode="json", exclude_defaults=True),
            "data_summary": self.data_summary.model_dump(mode="json", exclude_defaults=True),
            "discovery": None if self.discovery is None else self.discovery.model_dump(mode="json"),
            "evaluation": self.evaluation,
        }


class _Facts(BaseModel):
    """The content of facts.json."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    anomalies: tuple[Anomaly, ...] | None = None
    class_grids: dict[str, Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]] = {}
    profile: TrainingProfile | None = None
    card: ModelCard | None = None
    statements: CardStatements = CardStatements()
    data_summary: DataSummary = DataSummary()
    discovery: Discovery | None = None
    evaluation: str = ""


_TABLES = [name for name, held in vars(ReportContent).items() if isinstance(held, HeldTable) and name != "metrics"]


def load(folder: Path) -> ReportContent:
    """Read a report's folder.

    Raises:
        InputError: the folder holds no report, or a part of it cannot be read.
    """
    verdict = verdicts.read(folder / VERDICT)
    inner = inside(folder, folder / CONTENT)
    tables = {name: _read_table(inner / f"{name}.parquet") for name in _TABLES if is_there(inner / f"{name}.parquet")}
    parts: dict[str, Any] = {**tables, **_read_facts(inner / FACTS)}
    return ReportContent(verdict=verdict, metrics=_read_metrics(folder / METRICS), **parts)


def load_profile(folder: Path) -> TrainingProfile | None:
    """Return what inputs were like in training, from a report's folder; None where an earlier version wrote it.

    Raises:
        InputError: facts.json cannot be read.
    """
    profile: TrainingProfile | None = _read_facts(inside(folder, folder / CONTENT) / FACTS).get("profile")
    return profile


def _read_metrics(path: Path) -> "pd.DataFrame":
    metrics = table.read_table(path)
    if not (metrics["slice"] == OVERALL).any() or (metrics["slice"] == "").any():
        refuse(path, f"no row is about the slice {OVERALL!r}, or one is about a slice without a name")
    _check_number(path, metrics)
    return metrics


def _read_table(path: Path) -> Frame:
    found = parquet.read_frame(path, *COLUMNS[path.stem])
    _check_number(path, found)
    return found


def _check_number(path: Path, found: Tabular) -> None:
    """Refuse a table of which a page would have a chart for each of thousands of models or curves."""
    for name in ("model", "split", *(["metric"] if path.stem == "curves" else [])):
        if name in found and (count := len(set(found[name]))) > _MOST_CHARTS:
            refuse(path, f"the column {name} has {count:,} different values, more than the {_MOST_CHARTS} that are drawn")


def _printable(frame: Frame) -> Frame:
    columns = {name: _printable_values(column.tolist()) for name, column in frame.columns.items() if is_text(column)}
    changed = {name: values for name, values in columns.items() if values is not None}
    return frame.assign(**changed) if changed else frame


def _printable_values(values: list[Any]) -> list[Any] | None:
    """Return the values as they may be drawn; None where they may be as they are."""
    lists = not set(map(type, values)) <= {str, type(None), float}
    texts = {value: printable(value) for value in {value for value in values if isinstance(value, str)}}  # few names, many rows
    if not lists and all(value == shown for value, shown in texts.items()):
        return None
    return [texts[value] if isinstance(value, str) else _printable_list(value) for value in values]


def _printable_list(value: Any) -> Any:
    return [printable(text) for text in value] if hasattr(value, "__iter__") else value


def _read_facts(path: Path) -> dict[str, Any]:
    if not is_there(path):
        return {}
    facts = read_json(path)
    try:
        found = _Facts.model_validate(facts)
    except ValidationError as error:
        refuse(path, first_problem(error))
    return {name: getattr(found, name) for name in _Facts.model_fields}
