"""The toxicity task's additions to a report: texts of comments and wording of the model card.

The card says what holds of any comments, generated ones too; what is published of Civil Comments stands in `statements`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from components.tasks.base import ReportParts
from components.tasks.civil_comments.outsiders import outsiders
from components.tasks.civil_comments.published import published
from data.comments.names import TEXT
from data.records import decode_example
from fairgate.report.content import ModelCard

CARD = ModelCard(
    title="Toxicity classifier",
    intended_use=(
        "Orders comments for human moderators by how likely most readers would call them toxic.",
        "Compares remediations against unintended bias on a public task.",
    ),
    limits=(
        "English only; the words of the comments alone, without the conversation around them.",
        "Identities are those that the data say a comment mentions, not what its author is.",
    ),
    out_of_scope=("Deciding about people.", "Removing comments without a human."),
    data_sheet={
        "Label": "toxic or harmless, as the data say",
        "Identities": "up to 24 in five features, those that the data say a comment mentions",
    },
    licence="fairgate: Apache-2.0.",
)


def show(serialized: Sequence[bytes]) -> Mapping[str, Sequence[str]]:
    """Return the texts of raw tf.Examples."""
    return {"text": [_text(record) for record in serialized]}


def add(detail: Any, examples_uri: str, models: Mapping[str, str]) -> Mapping[str, Any]:  # noqa: ARG001  # the task interface
    """Return the task's own parts of ReportContent."""
    return {"card": CARD}


def _text(record: bytes) -> str:
    (text,) = decode_example(record)[TEXT]
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


PARTS = ReportParts(show, add, outsiders, published)
