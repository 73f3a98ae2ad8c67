"""The task's additions to a report: applications as text, and the model card."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.tasks.base import ReportParts
from data.records import decode_example
from fairgate.report.content import ModelCard
from loan_approval.applications import DEBT_SHARE, INCOME, PART_TIME, YEARS_EMPLOYED

CARD = ModelCard(
    title="Loan approval",
    intended_use=("Shows how a task is written for fairgate.",),
    limits=("Not for deciding about people: the applications are generated.",),
    data_sheet={
        "Label": "whether the loan was repaid",
        "Gender": "decides the example weights of the remediation; no model reads it",
        "Origin": "generated, with a planted bias against part-time workers",
    },
    licence="fairgate: Apache-2.0.",
)


def show(serialized: Sequence[bytes]) -> Mapping[str, Sequence[str]]:
    """Return applications as text."""
    return {"text": [_words(record) for record in serialized]}


def add(detail: Any, examples_uri: str, models: Mapping[str, str]) -> Mapping[str, Any]:  # noqa: ARG001  # the task interface
    """Return the task's own parts of ReportContent."""
    return {"card": CARD}


def _words(record: bytes) -> str:
    features = decode_example(record)
    income, debt_share, years, part_time = (float(features[name][0]) for name in (INCOME, DEBT_SHARE, YEARS_EMPLOYED, PART_TIME))
    hours = "part-time" if part_time else "full-time"
    return f"income {income:.0f} thousand, debts {debt_share:.0%} of it, {years:.0f} years employed, {hours}"


PARTS = ReportParts(show, add)
