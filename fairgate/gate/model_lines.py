"""Say of every model of a verdict how it decides: its numbers on all examples, its operating point, its remedy, its notes.

In: a `Verdict`. Out: one `ModelLine` for each model, the same for terminal, Markdown and page; none where no model says anything
of itself and none is a reference, so that there is nothing to add to the comparison of baseline and candidate.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairgate.measurement import MetricKey
from fairgate.metrics.rates import FALSE_NEGATIVE_RATE, FALSE_POSITIVE_RATE
from fairgate.metrics.scores import AUC
from fairgate.model_facts import DEFAULT_THRESHOLD
from fairgate.names import BASELINE, CANDIDATE, REFERENCE

if TYPE_CHECKING:  # only named
    from fairgate.gate.verdict import ModelInfo, Verdict


@dataclass(frozen=True)
class ModelLine:
    """How one model decides.

    Attributes:
        name: "baseline", "candidate" or "reference".
        threshold: at which it decides; the usual one where it does not say.
        auc, false_positive_rate, false_negative_rate: on all evaluated examples, the rates at the threshold; None where they were
            not measured.
        operating_point: what it aims at and what chose it, in words; "" where it does not say.
        aim: the former alone.
        remedy: what was done against unintended bias; "" for nothing.
    """

    name: str
    threshold: float
    auc: float | None
    false_positive_rate: float | None
    false_negative_rate: float | None
    operating_point: str
    aim: str
    remedy: str


def model_lines(verdict: "Verdict") -> list[ModelLine]:
    """Return the line of every model: baseline, candidate, reference."""
    said = any(info.operating_point or info.remedy or info.notes for info in verdict.models.values())
    if not said and REFERENCE not in verdict.models:
        return []
    known = [name for name in (BASELINE, CANDIDATE, REFERENCE) if name in verdict.models]
    return [_line(name, verdict.models[name], verdict.overall) for name in known]


def notes(verdict: "Verdict") -> list[str]:
    """Return what the models say beside that, each sentence once; one that not all of them say begins with who does."""
    saying: dict[str, list[str]] = {}
    for name, info in verdict.models.items():
        for note in info.notes:
            saying.setdefault(note, []).append(name)
    everybody = len(verdict.models)
    return [note if len(names) == everybody else f"{' and '.join(names).capitalize()}: {note}" for note, names in saying.items()]


def remedies(lines: list[ModelLine]) -> Iterator[str]:
    """Yield what was done against unintended bias, model by model."""
    yield from (f"{line.name.capitalize()}: {line.remedy}" for line in lines if line.remedy)


def _line(name: str, info: "ModelInfo", overall: Mapping[str, Mapping[str, float | None]]) -> ModelLine:
    point = info.operating_point
    threshold = DEFAULT_THRESHOLD if point is None else point.threshold

    def value(metric: str, at: float | None) -> float | None:
        return overall.get(str(MetricKey(metric, at)), {}).get(name)

    return ModelLine(
        name=name,
        threshold=threshold,
        auc=value(AUC.name, None),
        false_positive_rate=value(FALSE_POSITIVE_RATE.name, threshold),
        false_negative_rate=value(FALSE_NEGATIVE_RATE.name, threshold),
        operating_point="" if point is None else point.words,
        aim="" if point is None else point.aim,
        remedy="" if info.remedy is None else info.remedy.sentence,
    )
